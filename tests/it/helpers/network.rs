//! Nothing that a test sends leaves the machine.
//!
//! Where the runner of `.cargo/config.toml` could give the tests a network that has only loopback, nothing can leave.
//! Elsewhere (it says why) the guard here refuses every check that would ask another host, before anything is sent.

use std::process::Command;

use easyauth_doctor::case::inputs::Inputs;
use url::{Host, Url};

/// Nobody listens there: what a check asks besides the servers of its test.
pub const NOBODY: &str = "http://127.0.0.1:9";

/// The variables that name whom a check asks when no option does.
pub const ENDPOINTS: [&str; 4] = [
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_AUTHORITY_HOST",
    "EASYAUTH_DOCTOR_RESOURCE_MANAGER",
    "EASYAUTH_DOCTOR_GRAPH",
];

/// Whether something could leave this machine: the runner says where not.
pub fn is_open() -> bool {
    std::env::var("EASYAUTH_DOCTOR_TEST_NETWORK").as_deref() != Ok("isolated")
}

/// Says that something is not tried where the network is open.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub fn skip(what: &str) {
    eprintln!("skipped, for the network is open: {what}");
}

/// Whether a URL names this machine, without asking anybody.
fn is_loopback(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Refuses to go on where something would leave the machine.
pub fn guard(refusal: Option<String>) {
    if is_open()
        && let Some(reason) = refusal
    {
        panic!("the network is open, and {reason}: a test sends nothing beyond loopback");
    }
}

/// Refuses a URL that is not this machine's.
pub fn guard_url(url: &str) {
    guard((!is_loopback(url)).then(|| format!("{url} is not loopback")));
}

/// Whom a check with these inputs would ask beyond loopback.
pub fn refused_inputs(inputs: &Inputs, variables: &[(String, String)]) -> Option<String> {
    let named = inputs.target.as_deref().into_iter();
    let others = [inputs.authority(), inputs.resource_manager(), inputs.graph()];
    let variables = variables.iter().filter(|(name, value)| is_endpoint(name, value));
    named
        .chain(others)
        .chain(variables.map(|(_, value)| value.as_str()))
        .find(|url| !is_loopback(url))
        .map(|url| format!("{url} is not loopback"))
}

/// Whether a variable names somebody to ask. A resource may be a URL, too, but nobody asks it.
fn is_endpoint(name: &str, value: &str) -> bool {
    name != "EASYAUTH_DOCTOR_RESOURCE" && (value.starts_with("http://") || value.starts_with("https://"))
}

/// Whom the program would ask beyond loopback with these arguments and no other variables than those of the command.
pub fn refused(command: &Command) -> Option<String> {
    let arguments: Vec<&str> = command.get_args().filter_map(|argument| argument.to_str()).collect();
    let variables: Vec<(String, String)> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned())))
        .collect();
    refused_words(&arguments, &variables)
}

/// The same with arguments and variables as texts.
pub fn refused_words(arguments: &[&str], variables: &[(String, String)]) -> Option<String> {
    const QUIET: [&str; 5] = ["open", "explain", "lab", "completions", "man"];
    let command = arguments.first().copied().unwrap_or_default();
    let targets = targets(arguments, variables);
    // The lab sends to itself alone, whatever the variables say; a check without a target and the others send nothing.
    let is_quiet = match command {
        "token" => !arguments.contains(&"--verify"),
        _ => QUIET.contains(&command) || targets.is_empty(),
    };
    if is_quiet {
        return None;
    }
    for (variable, option) in ENDPOINTS.iter().zip(["", "--authority", "--resource-manager", "--graph"]) {
        let is_set = variables.iter().any(|(name, value)| name == variable && !value.is_empty());
        if !is_set && values_of(&[option], arguments).is_empty() {
            return Some(format!("nothing is given for {variable}"));
        }
    }
    let options = values_of(&["--authority", "--resource-manager", "--graph"], arguments);
    let variables = variables.iter().filter(|(name, value)| is_endpoint(name, value));
    targets
        .into_iter()
        .chain(options)
        .chain(variables.map(|(_, value)| value.clone()))
        .find(|url| !is_loopback(url))
        .map(|url| format!("{url} is not loopback"))
}

/// What a check is to call.
fn targets(arguments: &[&str], variables: &[(String, String)]) -> Vec<String> {
    let mut targets = values_of(&["-t", "--target"], arguments);
    for file in values_of(&["--targets"], arguments) {
        targets.extend(urls_in(&std::fs::read_to_string(file).unwrap_or_default()));
    }
    let of_variable = |(name, value): &&(String, String)| name == "EASYAUTH_DOCTOR_TARGET" && !value.is_empty();
    targets.extend(variables.iter().filter(of_variable).map(|(_, value)| value.clone()));
    targets
}

/// The values of options: the next word, or joined by =, or to a single letter.
fn values_of(options: &[&str], arguments: &[&str]) -> Vec<String> {
    let mut values = Vec::new();
    for (at, argument) in arguments.iter().enumerate() {
        let value = match argument.split_once('=') {
            Some((option, value)) => options.contains(&option).then_some(value),
            None if options.contains(&"-t") && argument.len() > 2 && argument.starts_with("-t") => argument.get(2..),
            None => options.contains(argument).then(|| arguments.get(at + 1).copied().unwrap_or_default()),
        };
        values.extend(value.map(str::to_owned));
    }
    values
}

/// The URLs of a targets file.
fn urls_in(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("url")?.split('"').nth(1).map(str::to_owned))
        .collect()
}

#[test]
fn the_guard_lets_only_loopback_through() {
    let all: Vec<(String, String)> = ENDPOINTS.map(|name| (name.to_owned(), NOBODY.to_owned())).to_vec();
    let with = |name: &str, value: &str| {
        let mut variables = all.clone();
        variables.retain(|(known, _)| known != name);
        variables.push((name.to_owned(), value.to_owned()));
        variables
    };
    for (arguments, variables) in [
        (&["check", "-t", "http://127.0.0.1:1/x", "--authority", "http://[::1]:1"][..], all.clone()),
        (&["check", "-t", "https://localhost/x"], all.clone()),
        (&["check", "-t", "http://127.0.0.1:1/"], with("EASYAUTH_DOCTOR_RESOURCE", "https://vault.azure.net")),
        (&["lab", "healthy"], Vec::new()),
        (&["token"], Vec::new()),
    ] {
        assert_eq!(refused_words(arguments, &variables), None, "{arguments:?}");
    }
    for (arguments, variables) in [
        (&["check", "-t", "https://app2.example/x"][..], all.clone()),
        (&["check", "-t", "app2.example/x"], all.clone()),
        (&["check", "--target=https://127.0.0.1.example/x"], all.clone()),
        (&["-t", "http://127.0.0.1:1/x", "--graph", "http://192.0.2.1"], all.clone()),
        (&["check", "-thttps://app2.example/x"], all.clone()),
        (&["check"], with("EASYAUTH_DOCTOR_TARGET", "https://app2.example")),
        (&["check", "-t", "http://127.0.0.1:1"], with("AZURE_AUTHORITY_HOST", "")),
        (&["check", "-t", "http://127.0.0.1:1"], with("AZURE_POD_IDENTITY_AUTHORITY_HOST", "")),
        (&["check", "-t", "http://127.0.0.1:1"], with("IDENTITY_ENDPOINT", "http://192.0.2.1/msi")),
        (&["check", "-t", "http://127.0.0.1:1"], with("HTTPS_PROXY", "http://proxy.example:8080")),
        (&["token", "--verify"], Vec::new()),
    ] {
        assert!(refused_words(arguments, &variables).is_some(), "{arguments:?}");
    }
    let inputs = Inputs { target: Some(NOBODY.to_owned()), ..Inputs::default() };
    assert!(refused_inputs(&inputs, &[]).is_some_and(|reason| reason.contains("login.microsoftonline.com")));
}
