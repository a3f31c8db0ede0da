//! Everything that is written of a report, and what must not be in it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use clap::ValueEnum as _;
use easyauth_doctor::report::document::Detail;
use easyauth_doctor::report::text::Style;
use easyauth_doctor::report::{Format, Report, render, written};

/// Everything that is written of a report: each form, the lines with all details, the saved case, and App 2's settings
/// with the root cause corrected.
pub fn outputs(report: &Report) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        Format::value_variants().iter().map(|format| (format!("{format:?}"), in_full(report, *format))).collect();
    all.push(("case".to_owned(), written::saved(std::slice::from_ref(report), false)));
    all.push(("debug".to_owned(), format!("{report:?}")));
    match written::edited_settings(report) {
        Ok((settings, said)) => all.extend([("settings".to_owned(), settings), ("said".to_owned(), said)]),
        Err(reason) => all.push(("reason".to_owned(), reason.to_string())),
    }
    all
}

fn in_full(report: &Report, format: Format) -> String {
    let style = Style { detail: Detail::Full, width: 100, ..Style::default() };
    render(std::slice::from_ref(report), false, format, &style)
}

/// A part of a secret of this many characters is too much.
const TOO_MUCH: usize = 10;

/// The first output that shows a part of a secret: as it is, or in base64, hexadecimal, or percent-encoded.
pub fn leak(outputs: &[(String, String)], secret: &str) -> Option<String> {
    // Built once for each secret: thousands of outputs are searched for the same few.
    static SEARCHES: Mutex<BTreeMap<String, Arc<AhoCorasick>>> = Mutex::new(BTreeMap::new());
    let known = SEARCHES.lock().unwrap().get(secret).cloned();
    let search = known.unwrap_or_else(|| {
        let search = Arc::new(parts_of(secret));
        SEARCHES.lock().unwrap().insert(secret.to_owned(), Arc::clone(&search));
        search
    });
    outputs.iter().find_map(|(form, text)| {
        let found = search.find(text)?;
        let start = text.floor_char_boundary(found.start().saturating_sub(80));
        let end = text.ceil_char_boundary((found.end() + 80).min(text.len()));
        let part = text.get(found.range()).unwrap_or_default();
        Some(format!("{form} shows {part:?} of a secret: …{}…", text.get(start..end).unwrap_or_default()))
    })
}

/// What finds a part of a secret in any of its forms.
fn parts_of(secret: &str) -> AhoCorasick {
    let mut forms = vec![(TOO_MUCH, secret.to_owned())];
    for before in ["", "x", "xx"] {
        let text = format!("{before}{secret}");
        for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            // The characters at both ends depend on what stands around.
            let inner = encoded.get(4..encoded.len() - 4).unwrap_or_default();
            forms.push((TOO_MUCH * 4 / 3 + 3, inner.to_owned()));
        }
    }
    forms.push((2 * TOO_MUCH, secret.bytes().map(|byte| format!("{byte:02x}")).collect()));
    forms.push((3 * TOO_MUCH, secret.bytes().map(|byte| format!("%{byte:02x}")).collect()));
    let windows = forms.iter().flat_map(|(length, form)| {
        let bytes = form.as_bytes();
        bytes.windows((*length).min(bytes.len()).max(1))
    });
    AhoCorasick::builder().ascii_case_insensitive(true).build(windows).unwrap()
}

/// A saved case is judged exactly like a live one, of which these are the outputs.
pub fn came_back_the_same(name: &str, outputs: &[(String, String)]) {
    let of_form = |form: &str| {
        let output = outputs.iter().find(|(known, _)| known == form);
        output.map(|(_, text)| text).unwrap_or_else(|| panic!("{name}: no output {form}"))
    };
    let (live, saved) = (of_form("Json"), of_form("case"));
    let again = Report::of(serde_json::from_str(saved).unwrap());
    let opened = in_full(&again, Format::Json);
    let difference = live.lines().zip(opened.lines()).find(|(live, opened)| live != opened);
    assert!(*live == opened, "{name}: the saved case is judged differently: {difference:#?}");
    let saved_again = written::saved(std::slice::from_ref(&again), false);
    assert!(*saved == saved_again, "{name}: the saved case is saved differently");
}
