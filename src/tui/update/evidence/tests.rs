//! Keys and pasted texts in the views of the evidence.

use chrono::DateTime;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::case::Case;
use crate::knowledge::phrase;
use crate::report::{Report, Verdict};
use crate::tui::look::Looks;
use crate::tui::model::Model;
use crate::tui::model::choices::Part;
use crate::tui::model::place::{Over, View};
use crate::tui::page::item::{Item, Row};
use crate::tui::svg;
use crate::tui::tests::{key, opened, press, report};

use crate::tui::update::{Effect, Message, update};

fn paste(model: &mut Model, text: &str) {
    let (effects, _) = update(model, Message::Paste(text.to_owned()));
    assert!(effects.is_empty(), "nothing is done with {text} unasked");
}

/// Header, claims (`aud`: `api://other`), and a signature.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6Im90aGVyIn0.eyJhdWQiOiJhcGk6Ly9vdGhlciIsImFwcGlkIjoieCJ9.U0lHTkFUVVJF";

#[test]
fn a_pasted_token_is_shown_when_asked_and_never_as_it_was_pasted() {
    let mut model = opened((80, 24));
    paste(&mut model, &format!("Authorization: Bearer {TOKEN}\n"));
    assert!(matches!(model.place.over, Some(Over::Offer(_))));
    // Any other key only takes the offer away.
    assert!(press(&mut model, "q").is_empty());
    assert!(model.place.over.is_none() && model.pasted.is_empty());
    assert_eq!(*model.place.view(), View::Cause);
    paste(&mut model, TOKEN);
    press(&mut model, "\r");
    assert_eq!(*model.place.view(), View::Token);
    let beside = model.page.items.iter().find(|item| item.id == "claim/aud/pasted").unwrap();
    assert_eq!(beside.copy.as_deref(), Some("api://other"));
    // What is the same isn't shown twice, and what is missing is.
    assert!(model.page.items.iter().any(|item| item.id == "claim/tid/pasted"));
    let all = format!("{model:?}");
    for part in TOKEN.split('.') {
        assert!(!all.contains(part), "{part} is kept");
    }
    assert!(model.target.changes().is_empty());
    assert_eq!(model.target.observed, Some(report()), "what was observed stays as it is");
}

/// Settings that allow the caller of the case, and expect another audience.
const SETTINGS: &str = r#"{"properties": {"platform": {"enabled": true}, "identityProviders":
    {"azureActiveDirectory": {"enabled": true, "registration": {"clientId": "11111111-2222-4333-8444-555555555555"},
    "validation": {"defaultAuthorizationPolicy":
    {"allowedApplications": ["f0abd25d-7421-4531-90b3-d7e904d2d151"]}}}}}}"#;

#[test]
fn pasted_settings_are_compared_with_the_token_and_are_no_observation() {
    let mut model = opened((80, 24));
    press(&mut model, "p");
    let mark = |model: &Model, id: &str| {
        let item = model.page.items.iter().find(|item| item.id == id).unwrap();
        item.plain().chars().take_while(|letter| !letter.is_ascii()).collect::<String>()
    };
    assert_eq!(mark(&model, "rule/allowedApplications"), "✗");
    paste(&mut model, SETTINGS);
    press(&mut model, "\r");
    assert_eq!(*model.place.view(), View::Policy);
    assert_eq!(mark(&model, "rule/allowedApplications"), "◇✓");
    assert_eq!(mark(&model, "rule/audience"), "◇✗");
    assert_eq!(model.item().unwrap().id, "rule/audience", "what isn't met is selected, and is whole below");
    assert!(model.detail.items.iter().any(|item| item.copy.as_deref().is_some_and(|value| value.contains("11111111"))));
    // Nothing of it is observed, supposed, or saved.
    assert_eq!(model.target.observed, Some(report()));
    assert!(model.target.supposed.is_none() && model.exit_code() == 1);
    press(&mut model, " ");
    assert!(model.target.supposed.is_none() && model.log.toast.is_some(), "they have no change to evaluate");
    press(&mut model, "\x1b");
    assert_eq!(mark(&model, "rule/allowedApplications"), "✗");
    assert_eq!(model.item().unwrap().id, "rule/allowedApplications", "what decides is selected again");
    assert!(model.pasted.is_empty());
}

#[test]
fn a_pasted_token_has_a_comparison_of_its_own_until_it_is_removed() {
    let mut model = opened((80, 40));
    paste(&mut model, TOKEN);
    press(&mut model, "\r");
    let text = |model: &Model, id: &str| model.page.items.iter().find(|item| item.id == id).map(Item::plain);
    // It isn't one of Microsoft Entra ID's, and its signature isn't checked here.
    let audience = text(&model, "claim/aud/pasted").unwrap();
    assert!(audience.starts_with('◇') && audience.contains("✗ token-not-from-entra"), "{audience}");
    let signature = text(&model, "pasted/signature").unwrap();
    assert!(signature.starts_with('◇') && signature.contains("not checked"), "{signature}");
    let observed = text(&model, "claim/aud").unwrap();
    assert!(observed.starts_with('✓'), "{observed}");
    press(&mut model, "\x1b");
    assert!(model.pasted.is_empty() && text(&model, "claim/aud/pasted").is_none());
}

#[test]
fn a_pasted_token_is_shown_where_nothing_was_checked() {
    let mut model = Model::new(String::new(), Looks::new(true, false), (80, 24));
    paste(&mut model, TOKEN);
    press(&mut model, "\r");
    assert!(model.page.items.iter().any(|item| item.id == "claim/aud"));
    press(&mut model, "h");
    assert!(model.page.items.iter().any(|item| item.id == "header/kid"));
    press(&mut model, "v");
    let json = model.page.items.iter().find(|item| item.id == "raw/claims").unwrap();
    assert!(json.copy.as_deref().unwrap().contains("\"aud\": \"api://other\""));
    assert!(!svg::text(&model).contains("U0lHTkFUVVJF"));
}

#[test]
fn what_is_pasted_is_offered_only_where_something_can_be_done() {
    let caller = "f0abd25d-7421-4531-90b3-d7e904d2d151";
    for (text, view) in [
        ("AADSTS500011: The resource principal named api://x was not found.", Some("explain")),
        ("JWT validation failed: IDX10214: Audience validation failed.\n401.83 Unauthorized", Some("explain")),
        ("https://vault.azure.net", Some("explain")),
        (caller, Some("who")),
        ("/subscriptions/a/resourceGroups/b/providers/Microsoft.Web/sites/app2", Some("who")),
        ("https://app2.azurewebsites.net/api", None),
        ("A=b\nC=d", None),
        ("ls -l\nq\n", None),
    ] {
        let mut model = opened((80, 24));
        paste(&mut model, text);
        let is_offered = matches!(model.place.over, Some(Over::Offer(_)));
        assert_eq!(is_offered, view.is_some(), "{text}");
        assert_eq!(model.log.toast.is_some(), view.is_none(), "{text}");
        press(&mut model, "\r");
        let shown = match model.place.view() {
            View::Explain(_) => Some("explain"),
            View::Who(_) => Some("who"),
            _ => None,
        };
        // What is explained is named, and leads on.
        if let Some(number) = text.strip_prefix("AADSTS").and(text.split(':').next()) {
            let shown = svg::text(&model);
            assert!(shown.contains(number) && !shown.contains("explain CODE"), "{shown}");
            let opens = |item: &&Item| item.id.ends_with("/resource-not-registered");
            assert!(model.page.items.iter().find(opens).unwrap().opens.is_some());
        }
        if view.is_some() {
            assert_eq!(shown, view, "{text}");
            assert!(!model.page.items.is_empty());
        }
    }
    // Who is this? The case says so, and where it occurs.
    let mut model = opened((80, 24));
    paste(&mut model, caller);
    press(&mut model, "\r");
    let ids: Vec<&str> = model.page.items.iter().map(|item| item.id.as_str()).collect();
    assert!(ids.contains(&"name") && ids.contains(&"in/appid"), "{ids:?}");
    press(&mut model, "\x1b");
    assert_eq!(*model.place.view(), View::Cause);
}

#[test]
fn space_tries_the_change_of_a_rule_and_takes_it_back() {
    let mut model = opened((80, 24));
    press(&mut model, "p");
    assert_eq!(model.item().unwrap().id, "rule/allowedApplications");
    press(&mut model, " ");
    assert_eq!(model.target.shown().unwrap().verdict(), Verdict::WouldPass);
    assert_eq!(*model.place.view(), View::Policy);
    assert_eq!(model.exit_code(), 1);
    press(&mut model, " ");
    assert!(model.target.supposed.is_none());
    press(&mut model, " u");
    assert!(model.target.supposed.is_none());
    // A rule that is met has no change, and says so.
    press(&mut model, "g ");
    assert!(model.target.supposed.is_none() && model.log.toast.is_some());
}

#[test]
fn requests_are_filtered_ordered_and_opened() {
    let requests = |model: &Model| -> Vec<String> {
        let ids = model.page.all().map(|item| item.id.clone());
        ids.filter(|id| id.starts_with("request/")).collect()
    };
    let mut model = opened((80, 24));
    press(&mut model, "x");
    // It begins at the request that decides.
    assert_eq!(model.place.cursor().item.as_deref(), Some("request/9"));
    let all = requests(&model);
    assert_eq!(all.len(), report().case().exchanges.len());
    press(&mut model, "/403\r");
    assert_eq!(requests(&model), ["request/9", "request/10"]);
    press(&mut model, "/");
    for _ in 0..3 {
        update(&mut model, Message::Key(KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE)));
    }
    press(&mut model, "\r");
    assert_eq!(requests(&model), all);
    press(&mut model, "OO");
    let first = requests(&model);
    assert_ne!(first, all);
    assert_eq!(first.len(), all.len());
    press(&mut model, "O8xf");
    assert_eq!(requests(&model), ["request/9", "request/10"]);
    // The selected one is below, and Enter opens it.
    assert!(!model.detail.items.is_empty());
    press(&mut model, "g\r");
    assert_eq!(*model.place.view(), View::Request(9));
    let [Effect::Copy(command)] = &press(&mut model, "y")[..] else {
        panic!("a command");
    };
    assert!(command.starts_with("curl -sS -i -H \"Authorization: Bearer $TOKEN\""), "{command}");
    press(&mut model, "\x1b");
    assert_eq!(*model.place.view(), View::Requests);
}

/// A case with many requests and a large body.
fn large() -> Model {
    let mut case: Case = report().observed().clone();
    let first = case.exchanges.first().unwrap().clone();
    let items: Vec<String> = (0..60_000).map(|number| format!("{{\"id\":{number}}}")).collect();
    for id in 100..600 {
        let mut exchange = first.clone();
        exchange.id = id;
        exchange.started_ms = u64::from(id);
        if let crate::case::exchange::Outcome::Answer(answer) = &mut exchange.outcome
            && id % 50 == 0
        {
            answer.body = format!("[{}]", items.join(","));
        }
        case.exchanges.push(exchange);
    }
    let title = "https://app2/".to_owned();
    let mut model = Model::saved(title, Looks::new(true, false), (200, 50), Report::of(case).into());
    update(&mut model, Message::Tick(DateTime::UNIX_EPOCH));
    model
}

#[test]
fn a_key_makes_the_page_of_many_requests_once() {
    let mut model = large();
    press(&mut model, "x");
    let page = std::sync::Arc::clone(&model.page);
    press(&mut model, "jjjjGgjj");
    assert!(std::sync::Arc::ptr_eq(&page, &model.page), "the page is the same");
    // A long body is folded, and unfolded when asked.
    press(&mut model, "/GET\r");
    model.place.open(View::Request(100));
    press(&mut model, "gG");
    assert_eq!(model.item().unwrap().id, "fold");
    let folded = model.page.len();
    press(&mut model, "\r");
    assert!(model.page.len() > folded);
    press(&mut model, "\x1bth");
    assert_eq!(model.place.choices.part, Part::Header);
}

#[test]
fn the_selected_rule_is_whole_below_the_others_and_stays_in_sight() {
    for size in [(80, 24), (100, 30), (120, 40)] {
        let mut model = opened(size);
        press(&mut model, "pg");
        for _ in 0..12 {
            let rows = svg::text(&model);
            let path = model.detail.items.iter().find(|item| item.id == "path");
            let end = path.and_then(|item| item.copy.as_ref()?.rsplit('.').next().map(str::to_owned));
            assert!(end.is_none_or(|end| rows.contains(&end)), "{size:?}: the setting is cut in\n{rows}");
            let last = model.detail.items.last().map(|item| item.plain()).unwrap_or_default();
            let last = last.rsplit([' ', '.']).next().unwrap_or_default();
            assert!(rows.contains(last), "{size:?}: {last} is cut in\n{rows}");
            assert!(rows.contains(model.looks.cursor()), "{rows}");
            press(&mut model, "j");
        }
    }
}

#[test]
fn the_values_of_a_pasted_line_are_shown_beside_the_tokens() {
    let mut model = opened((100, 40));
    let own = model.target.shown().unwrap().token().unwrap().list("aud").join(", ");
    for (audience, is_same) in [("api://other", false), (own.as_str(), true)] {
        let line = format!(
            "IDX10214: Audience validation failed. Audiences: '{audience}'. Did not match: \
             validationParameters.ValidAudience: 'null' or validationParameters.ValidAudiences: 'api://b, api://c'."
        );
        update(&mut model, Message::Paste(line));
        key(&mut model, KeyCode::Enter);
        let shown: Vec<String> = model.page.items.iter().map(Item::plain).collect();
        let shown = shown.join("\n");
        let beside = phrase("views.beside-line").with("claim", "aud").with("value", own.as_str()).when("same", is_same);
        for said in [audience, "api://b, api://c", &beside.text()] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        press(&mut model, "\x1b");
    }
    // Of another text there is nothing to show.
    update(&mut model, Message::Paste("AADSTS500011: The resource principal named 'api://x' was not found".to_owned()));
    key(&mut model, KeyCode::Enter);
    assert!(!svg::text(&model).contains(&phrase("section.line").text()));
}

#[test]
fn a_rule_that_a_change_in_thought_brings_is_marked_as_supposed() {
    let mut model = opened((80, 24));
    let id = model.target.observed.as_ref().and_then(|report| report.token()?.text("oid").map(str::to_owned));
    model.target.suppose(&format!("allowedIdentities+={}", id.unwrap())).unwrap();
    press(&mut model, "p");
    let shown = model.page.items.iter().find(|item| item.id == "rule/service principal required").unwrap();
    let Row::Cells(cells) = &shown.row else { panic!("{shown:?}") };
    assert_eq!(cells.mark.0, model.looks.supposed());
}
