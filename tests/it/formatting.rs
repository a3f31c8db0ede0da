//! rustfmt leaves a whole expression alone when a line of it is too long for it, a literal's above all. So no line is.

use std::fs;
use std::path::{Path, PathBuf};

/// As in `.rustfmt.toml`.
const WIDTH: usize = 120;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_line_is_short_enough_for_rustfmt() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let settings = fs::read_to_string(root.join(".rustfmt.toml")).unwrap();
    assert!(settings.contains(&format!("max_width = {WIDTH}")), "{settings}");
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests"), &mut files);
    assert!(files.len() > 200);
    let mut long = Vec::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap();
        for (number, line) in (1..).zip(fs::read_to_string(&file).unwrap().lines()) {
            let width = line.chars().count();
            if width > WIDTH {
                long.push(format!("{}:{number}: {width} columns", name.display()));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}
