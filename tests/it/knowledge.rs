//! The knowledge base as a whole: complete, and every printed command, body and block well-formed.

use chrono::DateTime;
use easyauth_doctor::case::Case;
use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::inputs::Inputs;
use easyauth_doctor::case::step::StepId;
use easyauth_doctor::case::target_kind::TargetKind;
use easyauth_doctor::diagnosis;
use easyauth_doctor::knowledge::Found;
use easyauth_doctor::knowledge::{self, FixTemplate, GENERAL, Shell, StepAction, Value, template};
use template::PLACEHOLDERS;

use crate::helpers::words::words;

const GUID: &str = "11111111-2222-3333-4444-555555555555";

/// A value for every placeholder, of its kind.
fn sample(name: &str) -> Option<Value> {
    assert!(PLACEHOLDERS.iter().any(|(known, _)| *known == name), "{name}");
    Some(match name {
        "target_args" | "caller_args" => Value::Arguments("--name \"app\" --resource-group \"group\"".to_owned()),
        "run_options" => Value::Arguments(" --identity \"system\"".to_owned()),
        "target_az" | "caller_az" => Value::Arguments("webapp".to_owned()),
        "container_app" | "logic_app" | "caller_job" | "target_windows" | "caller_windows" | "reader_lacks"
        | "caller_slot" => return None,
        "applications_path" => Value::Text(".properties.x".to_owned()),
        "allowed_tenants_union" => Value::Text(format!("{GUID},{GUID}")),
        "identifier_uris_union" => Value::Arguments(format!("\"api://{GUID}\" \"api://app2\"")),
        list if list.starts_with("allowed_") || ["claim_checks_union", "excluded_paths_left"].contains(&list) => {
            Value::List(vec![GUID.to_owned(), "api://it's $HOME".to_owned()])
        }
        "settings_url" | "site_url" => Value::Text("https://management.azure.com/x?api-version=1".to_owned()),
        "target_resource_id" => Value::Text("/subscriptions/s/x".to_owned()),
        id if id.ends_with("_id") => Value::Text(GUID.to_owned()),
        _ => Value::Text("it's the (value) of x?".to_owned()),
    })
}

fn fix_of(action: &StepAction) -> FixTemplate {
    FixTemplate {
        on: Vec::new(),
        via: action.via.clone(),
        target: None,
        needs: Vec::new(),
        unless: Vec::new(),
        text: action.text.clone(),
        caution: action.caution.clone(),
    }
}

fn templates() -> Vec<(String, FixTemplate)> {
    let findings = Code::ALL
        .iter()
        .filter_map(|code| knowledge::finding(*code))
        .flat_map(|entry| entry.fixes.iter().map(|fix| (entry.title.clone(), fix.clone())));
    let steps = StepId::ALL
        .into_iter()
        .map(knowledge::step)
        .flat_map(|entry| entry.actions.iter().map(|action| (entry.title.clone(), fix_of(action))));
    let of_kind = |kind: &TargetKind| [Some(knowledge::find_target(*kind)), knowledge::terraform(*kind)];
    let of_all = TargetKind::ALL
        .iter()
        .flat_map(of_kind)
        .flatten()
        .chain(knowledge::restart_target().iter().cloned())
        .map(|fix| ("any finding".to_owned(), fix));
    findings.chain(steps).chain(of_all).collect()
}

#[test]
fn every_code_and_step_has_words_and_a_fix() {
    for code in Code::ALL {
        let entry = knowledge::finding(*code).unwrap_or_else(|| panic!("{code} has no entry"));
        assert!(!entry.title.is_empty() && !entry.title.ends_with('.'), "{code}: title");
        assert!(entry.meaning.len() > 60, "{code}: meaning");
        let confirm = entry.confirm.get(GENERAL).unwrap();
        assert!(confirm.source().len() > 40, "{code}: confirm");
        assert!(!entry.fixes.is_empty(), "{code}: fixes");
        let finding = Found::error(*code, "x");
        let cause = diagnosis::cause(&Case::new(Inputs::default(), DateTime::UNIX_EPOCH), code.step(), &finding);
        assert_eq!(entry.owner_with(&cause.found.values), entry.owner, "{code}: owner");
    }
    for step in StepId::ALL {
        let entry = knowledge::step(step);
        let id = step.id();
        assert!(!entry.title.is_empty() && !entry.title.ends_with('.'), "{id}: title");
        assert!(entry.question.ends_with('?'), "{id}: question");
        assert!(entry.what.ends_with('.') && !entry.what.contains(". "), "{id}: what is one sentence");
        assert!(!entry.why.is_empty() && !entry.checked.is_empty() && !entry.actions.is_empty(), "{id}");
    }
}

#[test]
fn every_fix_uses_a_known_tool_and_documented_placeholders() {
    for (title, fix) in templates() {
        let tools = ["portal", "az", "powershell", "bicep", "terraform", "kubernetes", "code", "other"];
        assert!(tools.contains(&fix.via.as_str()), "{title}: {}", fix.via);
        for text in [Some(&fix.text), fix.caution.as_ref()].into_iter().flatten() {
            assert!(text.is_sound(), "{title}: {text:?} does not parse");
            for name in text.names().iter().chain(&fix.needs) {
                let known = PLACEHOLDERS.iter().any(|(known, _)| known == name);
                assert!(known, "{title}: {name} is not documented");
            }
        }
    }
}

/// Without a filter, a value could end the command and begin another.
#[test]
fn every_value_in_a_command_is_quoted_for_its_place() {
    let mut seen = 0;
    for (title, fix) in templates() {
        for line in fix.text.source().lines() {
            for part in line.split("{%").flat_map(|part| part.rsplit("%}").take(1)) {
                if Shell::of(part).is_none() {
                    continue;
                }
                let (mut quote, mut rest) = (None, part);
                while let Some((before, after)) = rest.split_once("{{") {
                    let (value, left) = after.split_once("}}").unwrap();
                    for c in before.chars() {
                        quote = match (quote, c) {
                            (None, '\'' | '"') => Some(c),
                            (Some(open), c) if c == open => None,
                            _ => quote,
                        };
                    }
                    let filter = match quote {
                        None => "|sh",
                        Some('"') => "|sh2",
                        Some(_) => "|sh1",
                    };
                    assert!(value.trim().ends_with(filter), "{title}: {{{{{value}}}}} in {part}");
                    seen += 1;
                    rest = left;
                }
            }
        }
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn a_step_never_replaces_settings_that_it_did_not_save_first() {
    let mut puts = 0;
    for entry in StepId::ALL.into_iter().map(knowledge::step) {
        for action in &entry.actions {
            let mut saved = false;
            let mut comment = "";
            for line in action.text.source().lines() {
                let lower = line.to_lowercase();
                saved |=
                    lower.contains("--method get") && lower.contains("--output-file") || lower.contains("set-content");
                let writes = ["--method put", "-method put", "containerapp auth update"];
                // What restores the saved settings is no change of its own.
                let restores = comment.starts_with("# To undo it");
                if !restores && writes.iter().any(|write| lower.contains(write)) {
                    let said = format!("{comment}{}", action.caution.as_ref().map_or("", knowledge::Text::source));
                    assert!(saved, "{}: {line}", entry.title);
                    assert!(said.contains("restart"), "{}: {line}", entry.title);
                    puts += 1;
                }
                comment = line;
            }
        }
    }
    assert!(puts >= 6, "{puts}");
}

#[test]
fn every_placeholder_is_documented_once() {
    let mut names: Vec<&str> = PLACEHOLDERS.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

fn filled(fix: &FixTemplate) -> String {
    let text = template::fill(fix, &sample);
    assert!(text.is_some(), "nothing is left of {:?}", fix.text);
    text.unwrap_or_default()
}

/// The commands of azure-cli that fixes print, with their options, as its `--help` has them (azure-cli 2.91;
/// `webapp auth microsoft` is of the extension authV2).
const COMMANDS: &[(&str, &str)] = &[
    ("account get-access-token", "--query --resource"),
    ("account list", "--query -o"),
    ("aks list", "--query -o"),
    ("vm list", "--query -o"),
    ("container list", "--query -o"),
    ("account show", "--query -o"),
    ("aks show", "--query --output"),
    ("aks update", "--enable-oidc-issuer --enable-workload-identity"),
    ("ad app create", "--display-name --requested-access-token-version --sign-in-audience"),
    ("ad app credential list", "--id --query -o"),
    ("ad app credential reset", "--append --cert --display-name --id"),
    ("ad app federated-credential create", "--id --parameters"),
    ("ad app federated-credential list", "--id --query"),
    ("ad app list", "--display-name --query -o"),
    ("ad app show", "--id --query -o"),
    ("ad app update", "--id --identifier-uris --requested-access-token-version"),
    ("ad sp create", "--id"),
    ("ad sp create-for-rbac", "--name"),
    ("ad sp list", "--filter --query"),
    ("ad sp show", "--id --query -o --output"),
    ("containerapp auth update", "--set"),
    ("network nsg rule create", "--nsg-name --priority"),
    ("containerapp identity assign", "--system-assigned"),
    ("containerapp list", "--query -o"),
    ("containerapp logs show", "--tail --type"),
    ("containerapp show", "--query"),
    ("containerapp update", "--set-env-vars"),
    ("functionapp identity assign", "--identities"),
    ("identity federated-credential create", "--audiences --identity-name --issuer --subject"),
    ("logicapp identity assign", "--system-assigned"),
    ("vm identity assign", "--identities"),
    ("vmss identity assign", "--identities"),
    ("vmss list", "--query -o"),
    ("staticwebapp list", "--query"),
    ("containerapp revision list", "--query -o"),
    ("containerapp revision activate", "--revision"),
    ("containerapp list", "--query -o"),
    ("containerapp secret list", "--query -o"),
    ("containerapp ingress access-restriction list", ""),
    ("ad sp update", "--id --set"),
    ("functionapp keys list", "--query"),
    ("functionapp list", "--query -o"),
    ("identity list", ""),
    ("login", "--allow-no-subscriptions --scope --tenant"),
    ("resource list", "--query --resource-type -o"),
    ("rest", "--body --headers --method --output-file --url"),
    ("role assignment create", "--assignee-object-id --assignee-principal-type --role --scope"),
    ("webapp auth microsoft update", "--allowed-token-audiences --client-id --issuer --yes"),
    ("webapp auth show", ""),
    ("webapp config access-restriction add", "--action --ip-address --priority --rule-name"),
    ("webapp config access-restriction show", ""),
    ("webapp config appsettings delete", "--setting-names"),
    ("webapp config appsettings list", "--query -o"),
    ("webapp config appsettings set", "--settings"),
    ("webapp identity assign", "--identities"),
    ("webapp identity show", "--query"),
    ("webapp list", "--query -o"),
    ("webapp log tail", ""),
    ("webapp restart", ""),
    ("webapp show", "--query -o"),
    ("webapp start", ""),
    ("webapp vnet-integration list", ""),
];

/// Whether a command line names a known command, and options that this command has.
fn is_known(words: &[String]) -> bool {
    let command: Vec<&str> =
        words.iter().skip(1).map(String::as_str).take_while(|word| !word.starts_with('-')).collect();
    let command = command.join(" ");
    // A positional value may follow the command's own words.
    let Some((_, options)) = COMMANDS
        .iter()
        .filter(|(known, _)| command == *known || command.starts_with(&format!("{known} ")))
        .max_by_key(|(known, _)| known.len())
    else {
        return false;
    };
    let global = ["--name", "--resource-group", "--slot", "--subscription", "--query", "-o"];
    words
        .iter()
        .filter(|word| word.starts_with("--") || *word == "-o")
        .all(|word| global.contains(&word.as_str()) || options.split(' ').any(|option| option == word))
}

#[test]
fn every_az_line_parses_and_no_value_escapes_its_word() {
    let mut seen = 0;
    for (title, fix) in templates().into_iter().filter(|(_, fix)| fix.via == "az") {
        for line in filled(&fix).lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            assert!(["az ", "jq ", "easyauth-doctor "].iter().any(|start| line.starts_with(start)), "{title}: {line}");
            let words = words(line).unwrap_or_else(|| panic!("{title}: {line}"));
            assert!(!words.iter().any(|word| word == "of"), "{title}: a value fell apart in {line}");
            assert!(words[0] != "az" || is_known(&words), "{title}: {line}");
            if let Some(at) = words.iter().position(|word| word == "--body")
                && let Some(body) = words[at + 1].strip_prefix('{')
            {
                serde_json::from_str::<serde_json::Value>(&format!("{{{body}"))
                    .unwrap_or_else(|e| panic!("{title}: {e}"));
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

/// The texts of a tool's blocks: with every value known, and with none.
fn blocks(via: &str) -> Vec<(String, String)> {
    templates()
        .into_iter()
        .filter(|(_, fix)| fix.via == via)
        .flat_map(|(title, fix)| {
            let bare = template::fill(&fix, &|_| None).unwrap_or_default();
            [(title.clone(), filled(&fix)), (title, bare)]
        })
        .filter(|(_, text)| !text.trim().is_empty())
        .collect()
}

#[test]
fn every_terraform_block_parses() {
    let blocks = blocks("terraform");
    assert!(blocks.len() > 20, "{}", blocks.len());
    for (title, text) in blocks {
        hcl_edit::parser::parse_body(&text).unwrap_or_else(|error| panic!("{title}: {error}\n{text}"));
    }
}

#[test]
fn every_bicep_block_parses() {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_bicep::LANGUAGE.into()).unwrap();
    let mut parses = |text: &str| parser.parse(text, None).is_some_and(|tree| !tree.root_node().has_error());
    assert!(!parses("resource a 'b@c' = {\n  x: {\n}\n"), "the parser would take anything");
    let blocks = blocks("bicep");
    assert!(blocks.len() > 20, "{}", blocks.len());
    for (title, text) in blocks {
        // A fix may be a piece of an object, for the person to put in its place.
        let whole = parses(&format!("{text}\n"));
        assert!(whole || parses(&format!("var piece = {{\n{text}\n}}\n")), "{title}:\n{text}");
    }
}

#[test]
fn values_with_control_characters_are_not_filled_in() {
    for (_, fix) in templates() {
        let hostile = |_: &str| Some(Value::Text("a\nb\u{1b}[2J\u{202e}".to_owned()));
        let text = template::fill(&fix, &hostile).unwrap_or_default();
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    }
}

#[test]
fn at_least_sixty_entra_errors_are_known() {
    let numbers = knowledge::list().into_iter().filter(|entry| entry.group == knowledge::Group::EntraError);
    assert!(numbers.count() >= 60);
    for number in [
        "500011", "500014", "500001", "50001", "650052", "650056", "650057", "501051", "50105", "65001", "65002",
        "65004", "650051", "700016", "7000112", "7000113", "700011", "700005", "7000215", "7000222", "7000216",
        "7000218", "7000219", "700027", "700030", "50012", "50003", "700024", "50013", "500133", "700021", "700023",
        "50027", "50048", "70021", "700211", "700212", "700213", "7002131", "70025", "700222", "7000229", "90002",
        "90013", "900021", "900023", "90009", "50194", "50049", "50128", "50059", "70011", "1002012", "28002", "28003",
        "90014", "900144", "90019", "9002313", "900561", "90094", "90010", "53000", "53001", "53003", "530003",
        "530034", "530035", "500212", "500213", "500021", "50034", "50020", "50057", "50076", "50079", "700082",
        "90033", "90024", "50033", "50000", "50196", "90055", "70043", "50078",
    ] {
        assert!(knowledge::entra_error(number).is_some(), "AADSTS{number}");
    }
}
