//! How a step is set up, filled with the values of the case. What the case doesn't have is named: `<App 2 client ID>`.

use crate::case::Case;
use crate::case::credential;
use crate::case::shown::drawn::without_any;
use crate::case::step::StepId;
use crate::case::text::{is_deceptive, visible};
use crate::evidence::target;
use crate::knowledge::{self, Owner, Platform, StepAction, Value, template};

use super::fixes::{self, Fix};
use super::{Report, words};

/// The ways to set up a step, on the platform where it is known.
#[must_use]
pub fn ways(report: Option<&Report>, step: StepId) -> Vec<Fix> {
    let case = report.map(Report::observed);
    let entry = knowledge::step(step);
    let platform = case.and_then(|case| platform_of(case, entry.owner));
    let fits = |action: &&StepAction| match (action.platform, platform) {
        (Some(wanted), Some(platform)) => wanted == platform,
        (None, _) | (_, None) => true,
    };
    // Without a way for the platform, those for others say at least what is to be done.
    let mut actions: Vec<&StepAction> = entry.actions.iter().filter(fits).collect();
    let mut is_known = platform.is_some();
    if actions.is_empty() {
        (actions, is_known) = (entry.actions.iter().collect(), false);
    }
    actions.into_iter().map(|action| way(case, action, is_known)).collect()
}

fn way(case: Option<&Case>, action: &StepAction, is_known: bool) -> Fix {
    let lookup = |name: &str| value(case?, name);
    let mut text = template::partly_filled(&action.text, &lookup);
    if let Some(platform) = action.platform.filter(|_| !is_known) {
        let mark = if words::is_verbatim(&action.via) { "# " } else { "" };
        text = format!("{mark}{}:\n{text}", platform.name());
    }
    Fix {
        via: action.via.clone(),
        text,
        caution: action.caution.as_ref().map(|caution| template::partly_filled(caution, &lookup)),
    }
}

/// A value of the case, as it may be shown.
fn value(case: &Case, name: &str) -> Option<Value> {
    let clean = |text: String| {
        // One with characters that deceive is never filled in.
        let is_plain = !text.chars().any(is_deceptive);
        is_plain.then(|| visible(&without_any(case, &text)))
    };
    Some(match fixes::value(case, name)? {
        Value::Text(text) => Value::Text(clean(text)?),
        Value::Arguments(arguments) => Value::Arguments(clean(arguments)?),
        Value::List(items) => Value::List(items.into_iter().map(clean).collect::<Option<_>>()?),
        Value::Said(_) | Value::Yes => return None,
    })
}

/// The platform of the app that the step's owner has; `None` where it isn't known.
fn platform_of(case: &Case, owner: Owner) -> Option<Platform> {
    let host = match owner {
        Owner::App1 => credential::host(case.environment.as_ref()?)?,
        _ => &target::kind(case).data().platform,
    };
    // Functions and Logic Apps have few ways of their own beside those of App Service.
    Platform::named(host).filter(|platform| !matches!(platform, Platform::Functions | Platform::LogicApps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_case_has_is_filled_in_and_what_it_has_not_is_named() {
        let text = include_str!("../../tests/it/saved/caller-not-in-allowed-applications-slot.json");
        let report = Report::of(serde_json::from_str(text).unwrap());
        let caller = report.token().and_then(|token| token.object_id()).unwrap();
        let of = |report: Option<&Report>, step| -> String {
            let ways = ways(report, step).into_iter();
            ways.map(|way| way.text).collect::<Vec<_>>().join("\n")
        };
        let filled = of(Some(&report), StepId::Authorization);
        assert!(filled.contains(caller.as_str()) && !filled.contains("<App 1 object ID>"), "{filled}");
        let unfilled = of(None, StepId::Authorization);
        assert!(unfilled.contains("<App 1 object ID>") && !unfilled.contains(caller.as_str()), "{unfilled}");
        // On a known platform, only its own ways are listed.
        assert!(of(Some(&report), StepId::Identity).contains("az webapp identity assign"));
        assert!(!of(Some(&report), StepId::Identity).contains("az vm identity assign"));
        assert!(of(None, StepId::Identity).contains("az vm identity assign"));
    }
}
