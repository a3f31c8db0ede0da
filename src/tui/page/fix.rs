//! Ways to do something, by tool: words to read and commands to copy, each an item.

use crate::knowledge::phrase;
use crate::report::wrap;
use crate::report::{Fix, RootCause, Shell, words};
use crate::tui::look::Role;

use super::item::{Item, Row, Tool};

/// The end of the ID of the row that says where commands are run.
pub(super) const WHERE: &str = "where";

/// A part of a way.
enum Part {
    Command(String),
    Code(String),
    Comment(String),
    Words(String),
}

/// The heading with the tools, and what to do with the chosen one.
pub(super) fn items(prefix: &str, ways: &[Fix], tool: Option<&str>, heading: String) -> Vec<Item> {
    let mut tools: Vec<&str> = Vec::new();
    for way in ways {
        if !tools.contains(&way.via.as_str()) {
            tools.push(&way.via);
        }
    }
    let Some(first) = tools.first() else {
        return Vec::new();
    };
    let chosen = tool.filter(|tool| tools.contains(tool)).unwrap_or(first);
    let tabs =
        tools.iter().map(|via| Tool { via: (*via).to_owned(), name: name(via).to_owned(), chosen: *via == chosen });
    let mut items = vec![Item::new("", Row::Heading { text: heading, tools: tabs.collect() })];
    let mut number = 0;
    let mut place = 0;
    let chosen_ways = || ways.iter().filter(|way| way.via == chosen);
    let parts: Vec<Part> = chosen_ways().flat_map(parts).collect();
    let names_place = parts.iter().any(|part| matches!(part, Part::Comment(text) if text.starts_with("Where ")));
    let has_command = parts.iter().any(|part| matches!(part, Part::Command(_)));
    for part in parts {
        place += 1;
        let id = format!("{prefix}/{chosen}/{place}");
        let item = match part {
            Part::Command(text) => {
                number += 1;
                Item::new(id, Row::Command { number, text })
            }
            // Another command for the same is copied so that it runs, and code so that it can be inserted.
            Part::Code(text) => {
                let bare = language(&text).map_or_else(|| text.strip_prefix("# ").unwrap_or(&text), |(_, code)| code);
                let bare = bare.to_owned();
                Item::new(id, Row::Code(text)).with_copy(bare)
            }
            // A comment is copied as one, so that a shell runs nothing of it.
            Part::Comment(text) if number == 0 && has_command => {
                let copy = format!("# {text}");
                Item::new(id, Row::Comment(text)).with_copy(copy)
            }
            Part::Comment(text) => {
                let copy = format!("# {text}");
                Item::marked(id, "#", Role::Faint, text).with_copy(copy)
            }
            Part::Words(text) => Item::text(id, text),
        };
        items.push(item.with_tools());
    }
    // Below them, so that on a small screen the commands stay in sight.
    if has_command && is_of_commands(chosen) {
        let said = phrase("screen.run-where").with("place", words::WHERE_AZ.text());
        let said = said.when("several", number > 1).when("others", names_place).text();
        items.push(Item::marked_as(format!("{prefix}/{WHERE}"), None, said, Role::Faint).without_copy());
    }
    let cautions = chosen_ways().flat_map(|way| way.caution.iter().flat_map(|caution| caution.lines()));
    for (place, caution) in cautions.enumerate() {
        let id = format!("{prefix}/{chosen}/caution/{place}");
        items.push(Item::marked(id, "!", Role::Warn, caution).with_tools());
    }
    items
}

/// The tool that is chosen at first: the lab plays the Azure CLI, else it's the one that needs least. Looking
/// something up fixes nothing, as long as another way does.
pub(super) fn tool(cause: &RootCause, in_lab: bool) -> Option<&str> {
    // What comes first of a tool is what is read and typed first.
    let first = |via: &str| cause.fixes.iter().find(|way| way.via == via);
    let is_for_another = |way: &Fix| first(&way.via).is_some_and(is_for_one_case);
    let fixes = |way: &&Fix| cause.code.is_undetermined() || !only_looks(way) && !is_for_another(way);
    let ways = || cause.fixes.iter().filter(fixes);
    let is_played = |way: &&Fix| in_lab && !cause.code.is_undetermined() && way.via == "az";
    // What comes first and is typed as well fixes what was found.
    let is_typed = ways().next().is_some_and(|way| way.via == "kubernetes");
    let of_lab = || ways().find(is_played).filter(|_| !is_typed);
    of_lab().or_else(|| ways().next()).or(cause.fixes.first()).map(|way| way.via.as_str())
}

/// Whether a way begins with the case that it is only for.
fn is_for_one_case(way: &Fix) -> bool {
    let start = way.text.trim_start().trim_start_matches("# ");
    let start = start.strip_prefix("Do this ").unwrap_or(start);
    ["Only if ", "only if "].iter().any(|words| start.starts_with(words))
}

/// Whether a way has commands, and all of them only read. A command in a comment has a value to fill in, but is one.
fn only_looks(way: &Fix) -> bool {
    let lines = way.text.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
    let mut commands = lines.filter(|line| Shell::of(line).is_some()).peekable();
    let reads = |line: &str| {
        let has = |known: &[&str]| line.split_whitespace().any(|word| known.contains(&word));
        match line.split_whitespace().next() {
            Some("nslookup" | "curl" | "openssl") => true,
            Some("kubectl") => has(&["get", "describe", "logs"]),
            Some("az") => has(&["list", "show", "tail", "login", "get", "get-access-token"]),
            _ => false,
        }
    };
    commands.peek().is_some() && commands.all(reads)
}

/// What is selected at first: the first command, else whatever there is to do.
pub fn start(items: &[Item]) -> Option<String> {
    let mut ways = items.iter().filter(|item| item.tools);
    let first = ways.clone().next();
    ways.find(|item| matches!(item.row, Row::Command { .. })).or(first).map(|item| item.id.clone())
}

/// The name of a tool on the screen.
fn name(via: &str) -> &str {
    match via {
        "other" => words::tool(via),
        via => via,
    }
}

/// Whether the lines of a tool are commands, each for itself: what comes next depends on what one of them prints.
fn is_of_commands(via: &str) -> bool {
    matches!(via, "az" | "powershell")
}

/// The languages that a line of code can begin with the name of.
const LANGUAGES: [&str; 6] = ["C#", "Python", "JavaScript", "Java", "Go", "Spring"];

/// The language that a line of code is said to be in, and the code.
fn language(line: &str) -> Option<(&'static str, &str)> {
    LANGUAGES.iter().find_map(|name| Some((*name, line.strip_prefix(name)?.strip_prefix(": ")?)))
}

fn parts(way: &Fix) -> Vec<Part> {
    // Of source code, the whole is what is copied.
    let is_told = way.text.lines().all(words::is_sentence);
    if words::is_verbatim(&way.via) && !is_of_commands(&way.via) && !is_told {
        // What is said of it first is read, and not copied.
        let told = way.text.lines().take_while(|line| words::is_sentence(line));
        let lines: Vec<&str> = way.text.trim_end().lines().skip(told.clone().count()).collect();
        // The same in each language is another thing to copy.
        let code = lines.chunk_by(|_, next| language(next).is_none()).map(|code| Part::Code(code.join("\n")));
        return told.map(|line| Part::Words(line.to_owned())).chain(code).collect();
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut goes_on = None;
    for line in way.text.lines().map(str::trim_end) {
        if let (Some(end), Some(Part::Command(command))) = (goes_on, parts.last_mut()) {
            command.push('\n');
            command.push_str(line);
            goes_on = line.ends_with(end).then_some(end);
            continue;
        }
        if let Some(shell) = Shell::of(line) {
            goes_on = line.ends_with(shell.continuation()).then(|| shell.continuation());
            parts.push(Part::Command(line.to_owned()));
            continue;
        }
        match line.strip_prefix("# ") {
            _ if line.is_empty() => {}
            Some(comment) if !words::is_to_copy(line) => parts.push(Part::Comment(comment.to_owned())),
            None if !is_of_commands(&way.via) && !words::is_to_copy(line) => parts.push(Part::Words(line.to_owned())),
            _ => parts.push(Part::Code(line.to_owned())),
        }
    }
    parts
}

/// Words among which there may be commands.
pub(super) fn told(prefix: &str, label: &str, text: &str) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut number = 0;
    for (place, line) in text.lines().enumerate() {
        let id = format!("{prefix}/{place}");
        if Shell::of(line).is_some() {
            number += 1;
            let text = line.to_owned();
            items.push(Item::new(id, Row::Command { number, text }));
        } else if place == 0 && wrap::width(label) > 0 {
            items.push(Item::pair(id, label, line));
        } else {
            items.push(Item::text(id, line));
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tool_that_is_chosen_first_fixes_and_looking_up_does_not() {
        let way = |text: &str| Fix { via: "az".to_owned(), text: text.to_owned(), caution: None };
        for looks in ["az webapp show -g x", "# A comment.\naz ad app list", "nslookup \"app2\"", "kubectl get pods"] {
            assert!(only_looks(&way(looks)), "{looks}");
        }
        for fixes in [
            "az ad sp show\naz ad sp update --id x",
            "az ad sp show\n# az rest --method post --url x",
            "az webapp show\njq . a > b",
            "Ask for it.",
        ] {
            assert!(!only_looks(&way(fixes)), "{fixes}");
        }
    }

    #[test]
    fn the_same_in_each_language_is_copied_without_its_name() {
        let text = "Create a client:\nC#: new HttpClient()\nPython: httpx.Client(\n  timeout=1)".to_owned();
        let way = Fix { via: "code".to_owned(), text, caution: None };
        let items = items("fix", &[way], None, String::new());
        let copied: Vec<&str> = items.iter().skip(1).filter_map(|item| item.copy.as_deref()).collect();
        assert_eq!(copied, ["Create a client:", "new HttpClient()", "httpx.Client(\n  timeout=1)"]);
    }

    #[test]
    fn where_to_run_one_command_is_said_of_one() {
        for (text, said) in [("az ad sp list", "Run the command in"), ("az ad sp list\naz ad app list", "Run them in")]
        {
            let way = Fix { via: "az".to_owned(), text: text.to_owned(), caution: None };
            let items = items("fix", &[way], None, String::new());
            assert!(items.iter().any(|item| item.plain().starts_with(said)), "{text}");
        }
    }

    #[test]
    fn a_way_for_another_case_is_not_chosen_first() {
        let text = include_str!("../../../tests/it/saved/foreign-tenant-token-issuer.json");
        let report = crate::report::Report::of(serde_json::from_str(text).unwrap());
        let cause = report.diagnosis().root_cause.as_ref().unwrap();
        assert!(cause.fixes.iter().any(|fix| fix.via == "az"));
        for in_lab in [false, true] {
            assert_eq!(tool(cause, in_lab), Some("other"));
        }
    }

    #[test]
    fn everything_stands_in_its_order_and_another_command_is_copied_so_that_it_runs() {
        let text = include_str!("../../../tests/it/saved/caller-not-in-allowed-applications-slot.json");
        let report = crate::report::Report::of(serde_json::from_str(text).unwrap());
        let fixes = &report.diagnosis().root_cause.as_ref().unwrap().fixes;
        let az: Vec<Fix> = fixes.iter().filter(|fix| fix.via == "az").cloned().collect();
        let items = items("fix", &az, Some("az"), String::new());
        let lines: Vec<&str> = az.iter().flat_map(|fix| fix.text.lines()).filter(|line| !line.is_empty()).collect();
        let shown: Vec<String> =
            items.iter().filter(|item| item.tools && !item.id.contains("caution")).map(Item::plain).collect();
        assert_eq!(shown, lines);
        let other = items.iter().find(|item| item.plain().starts_with("# easyauth-doctor check ")).unwrap();
        assert!(other.copy.as_ref().unwrap().starts_with("easyauth-doctor check "));
        let first = start(&items).unwrap();
        assert!(matches!(items.iter().find(|item| item.id == first).unwrap().row, Row::Command { number: 1, .. }));
    }
}
