//! The fixes of a finding, filled with the case's values: the knowledge base has the words, and the diagnosis says what
//! a fix changes.

mod edited;
mod of_caller;
mod of_target;
mod values;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::case::code::Code;
use crate::case::environment::Environment;
use crate::case::secret::REDACTED;
use crate::diagnosis::{Change, Remedy, RootCause};
use crate::evidence::target;
use crate::knowledge::{self, Command, Delay, FixTemplate, Found, Value, commands_in, template};

pub use edited::{edited_settings, has_whole_settings};

/// A way to fix the cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// The tool: `portal`, `az`, `bicep`, `terraform`, `code` or `other`.
    pub via: String,
    /// What to do, with the case's values filled in; may have several lines.
    pub text: String,
    /// A trap of this way.
    pub caution: Option<String>,
}

impl Fix {
    /// The commands in it, for programs that offer to run or copy them.
    pub fn commands(&self) -> Vec<Command> {
        commands_in(&self.via, &self.text)
    }
}

/// When a fix shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TakesEffect {
    /// What it waits for.
    pub after: Delay,
    /// The moment at the latest, where it is known: when the platform's cached token expires.
    pub at: Option<DateTime<Utc>>,
}

/// The fixes of a finding, filled with the case's values. Lines whose values are not known are left out, and so are
/// fixes that lose what they are about. `clean` makes a value safe to show.
pub fn fill(case: &Case, finding: &Found, change: &Change, clean: &dyn Fn(&str) -> String) -> Vec<Fix> {
    let values = Remedy::of(case, finding);
    // The right identity may be allowed already.
    let code = if values.is_about_another_identity() { Code::UnexpectedIdentityUsed } else { finding.code };
    let Some(entry) = knowledge::finding(code).filter(|_| *change != Change::Nothing) else {
        return Vec::new();
    };
    let kind = target::kind(case);
    let fill = |template: &FixTemplate| filled(template, &values, clean);
    if let Change::Restart(_) = change {
        // The client ID is accepted as the audience, whatever runs.
        let by_audience = entry.fixes.iter().filter(|fix| fix.via == "code" && code == Code::AudienceNotAllowed);
        return knowledge::restart_target().iter().chain(by_audience).filter_map(fill).collect();
    }
    if values.is_about_a_tool() {
        return knowledge::as_app_1().and_then(fill).into_iter().collect();
    }
    let host = case.caller_host().unwrap_or("unknown");
    // The way of a kind of app for which the usual provider has no block replaces the block of web apps.
    let other_terraform = if values.is_logic_app() { knowledge::of_logic_apps() } else { knowledge::terraform(kind) };
    let in_file = target::config_file(case).is_some() && values.get("settings_edit").is_some();
    let fits: Vec<&FixTemplate> = entry
        .fixes
        .iter()
        .filter(|template| template.fits(kind, host))
        .filter(|template| !template.unless.iter().any(|name| values.get(name).is_some()))
        .filter(|template| !values.is_claim_check() || template.via == "az" || template.is_for_claim_checks())
        .filter(|template| !values.is_configured_api() || template.uses("configured_api_id"))
        .filter(|template| !in_file || !template.is_in_azure())
        .collect();
    let of_kind = |template: &&FixTemplate| {
        let fix = fill(template)?;
        let other = other_terraform.as_ref().filter(|_| template.is_of_web_apps());
        other.map_or(Some(fix), fill)
    };
    let by_file = knowledge::in_settings_file().filter(|_| in_file).and_then(|fix| fill(&fix));
    let mut fixes: Vec<Fix> = by_file.into_iter().chain(fits.iter().filter_map(of_kind)).collect();
    // Whoever has no Azure CLI, or reads this on Windows, writes the settings with PowerShell.
    if let Some(place) = fixes.iter().position(|fix| fix.via == "az")
        && fits.iter().any(|template| template.via == "az" && template.uses("settings_edit"))
        && values.get("settings_edit").is_some()
        && let Some(fix) = knowledge::powershell_settings().and_then(fill)
    {
        fixes.insert(place + 1, fix);
    }
    // What is done to App 1's resource doesn't replace what App 2's owner has to change.
    let mut az = fits.iter().filter(|template| template.via == "az" && !template.asks_for("caller_args"));
    let wanted_az = az.clone().any(|template| template.needs_resource_id());
    if wanted_az && values.get("target_resource_id").is_none() && !az.any(|template| fill(template).is_some()) {
        fixes.extend(fill(&knowledge::find_target(kind)));
    }
    // What is done with the same tool is together, below one heading; on Windows, PowerShell's is first.
    let order: Vec<String> = fixes.iter().map(|fix| fix.via.clone()).collect();
    let is_windows = case.environment.as_ref().is_some_and(Environment::is_windows);
    let place = |fix: &Fix| order.iter().position(|via| *via == fix.via);
    crate::sort::by_key(&mut fixes, |fix| (is_windows && fix.via != "powershell", place(fix)));
    fixes
}

/// When the fix of the root cause shows.
pub fn takes_effect(case: &Case, RootCause { found, change, .. }: &RootCause) -> Option<TakesEffect> {
    if let Change::Restart(_) = change {
        return Some(TakesEffect { after: Delay::RestartOfApp2, at: None });
    }
    let entry = knowledge::finding(found.code)?;
    let restarts = !entry.changes.is_empty() && target::kind(case).data().restarts;
    let after = entry.takes_effect.or(restarts.then_some(Delay::RestartOfApp2))?;
    // Only App Service's apps have a group of az that restarts them.
    let is_shown = after != Delay::RestartOfApp1 || value(case, "caller_az").is_some();
    let at = (after == Delay::NextToken).then(|| case.token.as_ref()?.cached_until(case.started_at)).flatten();
    is_shown.then_some(TakesEffect { after, at })
}

/// The case's value for a placeholder, whatever was found.
pub fn value(case: &Case, name: &str) -> Option<Value> {
    Remedy { case, finding: None }.get(name)
}

/// The change of App 2's settings that would fix a finding, as `--assume` takes it (`allowedAudiences+=api://…`).
/// `None` where no setting fixes it, or the value is not known.
pub fn what_if(case: &Case, finding: &Found) -> Option<String> {
    Remedy::of(case, finding).changes().first()?.assumption()
}

fn filled(template: &FixTemplate, values: &Remedy<'_>, clean: &dyn Fn(&str) -> String) -> Option<Fix> {
    let lookup = |name: &str| {
        Some(match values.get(name)? {
            Value::Text(text) => Value::Text(clean(&text)),
            // A list without one of its entries, or a command without one of its words, would destroy something.
            Value::List(items) if items.iter().any(|it| clean(it) != *it || it.contains(REDACTED)) => return None,
            Value::Arguments(arguments) if clean(&arguments) != arguments => return None,
            value => value,
        })
    };
    Some(Fix {
        via: template.via.clone(),
        text: template::fill(template, &lookup)?,
        caution: template.caution.as_ref().and_then(|caution| template::fill_caution(caution, &lookup)),
    })
}

#[cfg(test)]
mod tests;
