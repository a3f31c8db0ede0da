//! A change of App 2's authentication settings: one type, from which every written form of it is made. Which change
//! fixes which code is data (`changes` in `assets/knowledge/findings/`).

use serde_json::{Map, Value as Json};

use super::finding::{ChangeTemplate, ChangeValue};
use super::shell::shell_word;
use crate::case::assume::Assumption;
use crate::case::ids::{is_guid, values_in};
use crate::case::secret::REDACTED;
use crate::case::text::is_deceptive;

/// A setting that fixes change, by its name in `--assume`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    name: &'static str,
    /// Where it is in `authsettingsV2`. An app setting is not in it.
    path: Option<&'static [&'static str]>,
    /// Whether `--assume` can change it.
    is_assumable: bool,
}

/// Source: "Microsoft.Web sites/config 'authsettingsV2'" (template reference).
const MEMBERS: [Member; 12] = {
    const fn member(name: &'static str, path: &'static [&'static str]) -> Member {
        Member { name, path: Some(path), is_assumable: true }
    }
    [
        member("enabled", &["properties", "platform", "enabled"]),
        Member {
            name: "requireAuthentication",
            path: Some(&["properties", "globalValidation", "requireAuthentication"]),
            is_assumable: false,
        },
        Member {
            name: "microsoftProvider",
            path: Some(&["properties", "identityProviders", "azureActiveDirectory", "enabled"]),
            is_assumable: false,
        },
        Member {
            name: "staticWebAppsProvider",
            path: Some(&["properties", "identityProviders", "azureStaticWebApps", "enabled"]),
            is_assumable: false,
        },
        member("unauthenticatedClientAction", &["properties", "globalValidation", "unauthenticatedClientAction"]),
        member("issuer", &["properties", "identityProviders", "azureActiveDirectory", "registration", "openIdIssuer"]),
        member("clientId", &["properties", "identityProviders", "azureActiveDirectory", "registration", "clientId"]),
        member(
            "allowedAudiences",
            &["properties", "identityProviders", "azureActiveDirectory", "validation", "allowedAudiences"],
        ),
        member(
            "allowedApplications",
            &[
                "properties",
                "identityProviders",
                "azureActiveDirectory",
                "validation",
                "defaultAuthorizationPolicy",
                "allowedApplications",
            ],
        ),
        member(
            "allowedClientApplications",
            &[
                "properties",
                "identityProviders",
                "azureActiveDirectory",
                "validation",
                "jwtClaimChecks",
                "allowedClientApplications",
            ],
        ),
        member(
            "allowedIdentities",
            &[
                "properties",
                "identityProviders",
                "azureActiveDirectory",
                "validation",
                "defaultAuthorizationPolicy",
                "allowedPrincipals",
                "identities",
            ],
        ),
        Member { name: "allowedTenants", path: None, is_assumable: true },
    ]
};

impl Member {
    /// The member with this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        MEMBERS.into_iter().find(|member| member.name == name)
    }
}

/// What becomes of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Operation {
    /// A list has this entry, too.
    Add(String),
    /// It has this value.
    Set(Json),
}

/// A change of one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsChange {
    member: Member,
    operation: Operation,
}

impl SettingsChange {
    /// The change of a template. `value` gives the placeholders' values; `None` where one is not known.
    #[must_use]
    pub fn of(template: &ChangeTemplate, value: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let (name, adds) = match template {
            ChangeTemplate { add: Some(name), set: None, .. } => (name, true),
            ChangeTemplate { add: None, set: Some(name), .. } => (name, false),
            _ => return None,
        };
        let operation = match &template.to {
            ChangeValue::Placeholder { value: placeholder } if adds => Operation::Add(value(placeholder)?),
            ChangeValue::Placeholder { value: placeholder } => Operation::Set(value(placeholder)?.into()),
            ChangeValue::Flag { to } => Operation::Set((*to).into()),
            ChangeValue::Text { to } => Operation::Set(to.as_str().into()),
        };
        Some(Self { member: Member::of_name(name)?, operation })
    }

    /// The same change of another setting; `None` where it isn't of this one.
    #[must_use]
    pub fn instead(self, name: &str, other: &str) -> Option<Self> {
        let member = Member::of_name(other).filter(|_| self.member.name == name)?;
        Some(Self { member, ..self })
    }

    /// As `--assume` takes it: `allowedAudiences+=api://…`. `None` where it cannot be assumed, also because its value,
    /// which
    /// may be from the wire, is none that the setting can have.
    #[must_use]
    pub fn assumption(&self) -> Option<String> {
        let text = match &self.operation {
            Operation::Add(value) => format!("{}+={value}", self.member.name),
            Operation::Set(Json::String(value)) => format!("{}={value}", self.member.name),
            Operation::Set(value) => format!("{}={value}", self.member.name),
        };
        (self.member.is_assumable && Assumption::parse(&text).is_ok()).then_some(text)
    }

    /// Whether the setting is in the object of `authsettingsV2`, and not an app setting.
    #[must_use]
    pub const fn is_in_settings(&self) -> bool {
        self.member.path.is_some()
    }

    /// As a filter of `jq` for the object of `authsettingsV2`. `None` for what is not in it.
    #[must_use]
    pub fn jq(&self) -> Option<String> {
        let path: String = self.member.path?.iter().map(|name| format!(".{name}")).collect();
        Some(match &self.operation {
            Operation::Add(value) => format!("{path} |= ((. // []) + [{}] | unique)", Json::from(value.as_str())),
            Operation::Set(value) => format!("{path} = {value}"),
        })
    }

    /// The same for these settings: empty entries of a list go, and several values in one entry, or in a text instead
    /// of a list, become entries of their own, as in [`apply`](Self::apply).
    #[must_use]
    pub fn jq_of(&self, settings: &Json) -> Option<String> {
        let mut settings = settings.clone();
        let stored = place(&mut settings, self.member.path?).map(|stored| stored.clone());
        let list = stored.as_ref().and_then(Json::as_array);
        let is_joint = |entry: &Json| entry.as_str().is_some_and(|text| values_in(text) != [text]);
        let is_text = stored.as_ref().is_some_and(Json::is_string) && matches!(self.operation, Operation::Add(_));
        if is_text || list.is_some_and(|list| list.iter().any(is_joint)) {
            self.apply(&mut settings)?;
            let path: String = self.member.path?.iter().map(|name| format!(".{name}")).collect();
            return Some(format!("{path} = {}", place(&mut settings, self.member.path?)?));
        }
        let has_blanks = list.is_some_and(|list| list.iter().any(is_blank));
        let filter = self.jq()?;
        Some(if has_blanks && matches!(self.operation, Operation::Add(_)) {
            filter.replacen("(. // [])", "map(select((. // \"\") | test(\"[^ ]\")))", 1)
        } else {
            filter
        })
    }

    /// Makes the change in the object of `authsettingsV2`, whatever case its names are written in. `None` where the
    /// setting is
    /// not in it, or something else is in its place.
    #[must_use]
    pub fn apply(&self, settings: &mut Json) -> Option<()> {
        let place = place(settings, self.member.path?)?;
        match &self.operation {
            Operation::Set(value) => *place = value.clone(),
            Operation::Add(value) => {
                if place.is_null() {
                    *place = Json::Array(Vec::new());
                }
                // The Azure CLI stores a list without quotation marks as a text. What isn't known is no entry.
                if let Some(text) = place.as_str().filter(|text| !(text.contains('(') || text.contains(REDACTED))) {
                    *place = Json::Array(vec![text.trim().trim_matches(['[', ']']).into()]);
                }
                let list = place.as_array_mut()?;
                // An empty entry allows nobody.
                list.retain(|entry| !is_blank(entry));
                let values = |entry: Json| match entry.as_str().map(values_in) {
                    Some(values) => values.into_iter().map(Json::from).collect(),
                    None => vec![entry],
                };
                *list = std::mem::take(list).into_iter().flat_map(values).collect();
                let has = list.iter().filter_map(Json::as_str).any(|entry| is_same(entry, value));
                if !has {
                    list.push(value.as_str().into());
                }
            }
        }
        Some(())
    }
}

/// Settings with these changes; `None` where something else is in the place of one.
#[must_use]
pub fn with_changes(settings: &Json, changes: &[SettingsChange]) -> Option<Json> {
    let mut edited = settings.clone();
    changes.iter().all(|change| change.apply(&mut edited).is_some()).then_some(edited)
}

/// Filters of `jq`, one after another, as a word of a shell: where there are any, and nothing in them deceives.
#[must_use]
pub fn jq_word(filters: impl Iterator<Item = Option<String>>) -> Option<String> {
    let filter = filters.collect::<Option<Vec<String>>>()?.join(" | ");
    (!filter.is_empty() && !filter.chars().any(is_deceptive)).then(|| shell_word(&filter))
}

/// A list with one more entry, unless it has it already. Several values in one entry become entries of their own, as in
/// [`SettingsChange::apply`].
#[must_use]
pub fn with_entry(list: &[String], entry: String) -> Vec<String> {
    let mut list: Vec<String> = list.iter().flat_map(|entry| values_in(entry)).map(str::to_owned).collect();
    list.retain(|entry| !entry.trim().is_empty());
    if !list.iter().any(|known| *known == entry || is_guid(known) && known.eq_ignore_ascii_case(&entry)) {
        list.push(entry);
    }
    list
}

/// Whether an entry of a list is empty.
fn is_blank(entry: &Json) -> bool {
    entry.is_null() || entry.as_str().is_some_and(|text| text.trim().is_empty())
}

/// IDs are the same in either case; an audience is compared as it is.
fn is_same(entry: &str, value: &str) -> bool {
    entry == value || is_guid(value) && entry.eq_ignore_ascii_case(value)
}

/// The member at a path; absent objects on the way are made.
fn place<'a>(json: &'a mut Json, path: &[&str]) -> Option<&'a mut Json> {
    let Some((name, rest)) = path.split_first() else {
        return Some(json);
    };
    if json.is_null() {
        *json = Json::Object(Map::new());
    }
    let object = json.as_object_mut()?;
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned().unwrap_or_else(|| (*name).to_owned());
    place(object.entry(key).or_insert(Json::Null), rest)
}

/// The filter of `jq` that moves one setting to its place: a list's entries and an object's members join those that are
/// there.
#[must_use]
pub fn jq_move(stored: &Json, place: &str, home: &str) -> Option<String> {
    // The letters of other names would be read as an operator.
    if place.contains('-') {
        return None;
    }
    let value = whole(place).split('.').skip(1).try_fold(stored, |value, name| value.get(name))?;
    let (from, to) = (whole(place), whole(home));
    Some(match value {
        Json::Array(_) => format!("{to} = (({to} // []) + {from} | unique) | del({from})"),
        Json::Object(_) => format!("{to} = (({to} // {{}}) * {from}) | del({from})"),
        _ => format!("{to} = ({to} // {from}) | del({from})"),
    })
}

/// The path of `jq` for a path of a finding.
fn whole(path: &str) -> String {
    let within = path.starts_with("azureActiveDirectory.");
    let providers = if within { "identityProviders." } else { "" };
    format!(".properties.{providers}{path}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::case::code::Code;
    use crate::knowledge;

    const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    fn change(template: &str) -> SettingsChange {
        let template: ChangeTemplate = toml::from_str(template).unwrap();
        SettingsChange::of(&template, |name| (name == "id").then(|| ID.to_owned())).unwrap()
    }

    #[test]
    fn a_change_is_the_same_in_every_form() {
        let add = change("add = 'allowedApplications'\nvalue = 'id'");
        assert_eq!(add.assumption().unwrap(), format!("allowedApplications+={ID}"));
        assert_eq!(
            add.jq().unwrap(),
            format!(
                ".properties.identityProviders.azureActiveDirectory.validation.defaultAuthorizationPolicy\
                 .allowedApplications |= ((. // []) + [\"{ID}\"] | unique)"
            )
        );
        let mut settings = json!({"Properties": {"identityProviders": {"azureActiveDirectory": {"validation": null}}}});
        add.apply(&mut settings).unwrap();
        add.apply(&mut settings).unwrap();
        assert_eq!(
            settings,
            json!({"Properties": {"identityProviders": {"azureActiveDirectory": {"validation": {
                "defaultAuthorizationPolicy": {"allowedApplications": [ID]}
            }}}}})
        );
        let set = change("set = 'enabled'\nto = true");
        assert_eq!(set.assumption().unwrap(), "enabled=true");
        assert_eq!(set.jq().unwrap(), ".properties.platform.enabled = true");
        let elsewhere = change("add = 'allowedTenants'\nvalue = 'id'");
        assert!(elsewhere.jq().is_none() && elsewhere.apply(&mut json!({})).is_none());
        assert_eq!(elsewhere.assumption().unwrap(), format!("allowedTenants+={ID}"));
        let unassumable = change("set = 'requireAuthentication'\nto = true");
        assert!(unassumable.assumption().is_none());
    }

    #[test]
    fn what_stands_in_the_place_of_a_list_is_left_alone() {
        let add = change("add = 'allowedAudiences'\nvalue = 'id'");
        for text in [json!("@Microsoft.KeyVault(…)"), json!({"a": 1}), json!(3)] {
            let mut settings = json!({"properties": {"identityProviders": {"azureActiveDirectory": {
                "validation": {"allowedAudiences": text}
            }}}});
            assert!(add.apply(&mut settings).is_none(), "{settings}");
        }
        assert!(add.apply(&mut json!([])).is_none());
    }

    #[test]
    fn every_change_of_the_knowledge_base_is_one() {
        let mut count = 0;
        for code in Code::ALL {
            for template in &knowledge::finding(*code).unwrap().changes {
                assert!(
                    SettingsChange::of(template, |_| Some(ID.to_owned())).is_some(),
                    "{}: {template:?}",
                    code.name()
                );
                count += 1;
            }
        }
        assert!(count > 10, "{count}");
    }
}
