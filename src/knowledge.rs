//! Typed access to the embedded knowledge base, `assets/knowledge/`.
//!
//! The files are parsed once, on first use. Their entries are written for a newcomer: what happens in Azure, how it is
//! distinguished from similar findings, how to fix it. Fixes are templates: [`template`] says how their placeholders
//! work, and `report::fixes` fills them with a case's values. A [`Found`] is one of its findings in a case.
//!
//! What a single answer is, by the marks of the knowledge base, is read here as well ([`responder`], `token_reply`);
//! what answers say side by side is `evidence`.

// Numbers from outside may be anything: bound them, or saturate.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation))]
#![cfg_attr(not(test), deny(clippy::cast_possible_wrap, clippy::cast_sign_loss))]

mod covered;
mod difference;
mod echo;
mod engine;
mod entra_refusal;
mod evidence_line;
mod explain;
mod finding;
mod found;
pub mod front_end;
mod inside;
pub mod known;
mod log_line;
mod logic_apps;
mod logs;
mod lookup;
mod marks;
mod placeholders;
mod refusal_words;
pub mod responder;
mod responders;
mod say;
mod sentences;
mod settings_change;
mod shared;
mod shell;
mod sign_ins;
mod snippets;
pub mod spoken;
pub mod subject;
mod tables;
pub mod template;
pub(crate) mod token_reply;
mod weight;
mod words;

pub use crate::case::error_text::{EndpointSays, ErrorText, Peer, Variant, Weight};
pub use covered::{Covered, Row, covered};
pub use difference::{Difference, Rule};
pub use echo::{
    echoed_action, echoed_issuer, echoed_resource, echoed_subscription_tenant, echoed_tenants, echoed_times,
    scope_in_echo,
};
pub use engine::Text;
pub use entra_refusal::{EntraRefusal, is_unknown_tenant};
pub use evidence_line::{EvidenceLine, Origin};
pub use explain::{
    Entry, Explained, Group, Unknown, about, explain, explained, has_entry, list, named_in, nearest_name,
};
pub use finding::{
    ChangeTemplate, ChangeValue, Delay, DisprovedBy, FindingEntry, FixTemplate, GENERAL, Means, Owner, Sentences,
};
pub use found::{Found, says};
pub use log_line::Says;
pub use logs::{LogEntry, LogQuery};
pub use lookup::{
    as_app_1, claim, confirmation, entra_error, find_target, finding, first_party_app, implied, in_settings_file,
    lists_of, of_failure, of_logic_apps, owner, powershell_settings, refusal, restart_target, role, sentence, status,
    status_of, step, terraform, tool, weight, well_known_api,
};
pub use marks::{has_mark, mark_in, marks, named_by, service_of_issuer};
pub use refusal_words::{
    is_about_permissions, is_about_the_token, is_of_a_validator, may_be_about_permissions, named_role,
    names_a_scope_alone, names_another_rule, names_the_hosts_issuer,
};
pub use responders::{
    AnswerMark, GatewaySays, KnownResponder, ResponderKind, marks_in, proxy_in, responders, server_in_header,
};
pub use sentences::{endpoint_says, endpoint_says_in, points_to, tells_of_no_way_to_entra};
pub use settings_change::{SettingsChange, jq_move, jq_word, with_changes, with_entry};
pub use shared::{credential, of_clock, setting};
pub use shell::{Command, Shell, app_options, as_started, commands_in, shell_option, shell_word};
pub use sign_ins::{asks_for_sign_in, has_sign_in_form, is_login_page, reads_like_sign_in};
pub use tables::{ClaimEntry, EntraError, Platform, Role, StatusEntry, StepAction, StepEntry};
pub use weight::{Confidence, RuleVerdict, Severity, StepStatus};
pub use words::{Place, Said, Value, Values, Words, phrase};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::code::Code;

    #[test]
    fn lookups_accept_what_people_paste() {
        assert_eq!(entra_error("AADSTS500011").map(|entry| entry.number.as_str()), Some("500011"));
        assert_eq!(entra_error("aadsts500011").map(|entry| entry.finding), Some(Code::ResourceNotRegistered));
        assert!(entra_error("500011").is_some());
        assert!(entra_error("AADSTS").is_none());
        assert!(entra_error("ÄÄÄÄ500011").is_none());
        assert_eq!(claim("appid").and_then(|entry| entry.counterpart.as_deref()), Some("azp"));
        assert_eq!(first_party_app("04B07795-8DDB-461A-BBEE-02F9E1BF7B46"), Some("Azure CLI"));
        assert!(status("idx10214").is_some());
        assert!(status("401.83").is_some());
        assert!(role("website contributor").is_some());
        assert!(well_known_api("https://management.azure.com/").is_some());
    }
}
