use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::case::Case;
use crate::case::credential::{CredentialSource, Platform};
use crate::case::environment::{Environment, Place, Variable, VariableValue};
use crate::case::inputs::Inputs;
use crate::case::secret::Secret;
use crate::case::token::{AcquiredToken, DecodedToken};

/// The moment of the run.
const NOW: i64 = 1_767_225_600;

fn case() -> Case {
    Case::new(Inputs::default(), chrono::DateTime::from_timestamp(NOW, 0).unwrap())
}

fn of_claims(claims: &Value) -> Shown {
    let mut case = case();
    case.token = Some(AcquiredToken {
        source: CredentialSource::ManagedIdentity(Platform::AppService),
        resource: None,
        response: Vec::new(),
        decoded: DecodedToken {
            header: vec![("alg".to_owned(), "RS256".into())],
            claims: claims.as_object().unwrap().clone().into_iter().collect(),
            ..DecodedToken::default()
        },
        signature: None,
    });
    shown(&case, StepId::Claims)
}

fn shown(case: &Case, id: StepId) -> Shown {
    of(&Evidence::of(case), &[], &StepReport::new(id))
}

#[test]
fn the_table_makes_values_readable() {
    let groups: Vec<String> = (0..200).map(|number| format!("g{number}")).collect();
    let claims = json!({"aud": "https://management.azure.com", "groups": groups, "cnf": {"a": [1]},
        "exp": 1_767_312_000.5, "iat": NOW - 60, "appidacr": "2", "name": "\u{1b}[31m",
        "xms_mirid": "/subscriptions/s/resourcegroups/g/providers/Microsoft.Web/sites/app1"});
    let shown = of_claims(&claims);
    let table = &shown.tables[0];
    assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
    let of = |name: &str| table.rows.iter().find(|row| row[0].raw() == name).unwrap()[1].clone();
    let value = |name: &str| of(name).raw();
    assert_eq!(value("aud"), "https://management.azure.com (Azure Resource Manager)");
    assert_eq!(value("exp"), "2026-01-02T00:00:00Z (in 1 day) [1767312000.5]");
    assert_eq!(value("iat"), format!("2025-12-31T23:59:00Z (1 min ago) [{}]", NOW - 60));
    assert!(value("groups").starts_with("200 entries: g0, g1"));
    let Words::Said(identity) = of("xms_mirid") else { panic!("{table:?}") };
    assert_eq!(identity.key, "claims.identity");
    for (name, value) in [("name", "app1"), ("kind", "Microsoft.Web/sites"), ("group", "g"), ("subscription", "s")] {
        assert_eq!(identity.values.get(name), Some(&value.into()));
    }
    assert_eq!(of("appidacr").key(), Some("claims.certificate"));
    assert_eq!(value("cnf"), "{\"a\":[1]}");
    assert_eq!(value("name"), "\\x1b[31m");
}

#[test]
fn secrets_among_the_variables_are_not_shown() {
    let value = VariableValue::Hidden(Secret::new("hunter2hunter2".to_owned()));
    let secret = Variable { name: "AZURE_CLIENT_SECRET".to_owned(), value, place: Place::Process };
    let mut case = case();
    case.environment = Some(Environment { variables: vec![secret], ..Environment::default() });
    let shown = shown(&case, StepId::Identity);
    assert!(!format!("{shown:?}").contains("hunter2"), "{shown:?}");
    let mut variables = shown.tables[0].rows.iter();
    assert!(variables.any(|row| row[..2] == ["AZURE_CLIENT_SECRET".into(), "(set, not shown)".into()]));
}

proptest! {
    #[test]
    fn arbitrary_claims_have_a_cell_for_every_column(
        name in "aud|iss|exp|nbf|iat|appid|roles|groups|scp|nonce|ver|xms_mirid|idtyp|[a-z]{1,4}",
        value in prop_oneof![
            Just(json!(null)), any::<i64>().prop_map(Value::from), any::<f64>().prop_map(Value::from),
            "\\PC{0,30}".prop_map(Value::from), Just(json!([1, "a", null])), Just(json!({"a": {}})),
            Just(serde_json::from_str("1e400").unwrap()), Just(json!(i64::MAX)), Just(json!(i64::MIN)),
        ],
    ) {
        let shown = of_claims(&json!({ (name): value }));
        prop_assert!(shown.tables.iter().all(|table| table.rows.iter().all(|row| row.len() == table.columns.len())));
    }
}
