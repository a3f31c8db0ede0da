//! Packs the texts that are built in, and reads the finding codes, the platforms, and the kinds of target from them.
//!
//! Packed they take a fifth, and are the largest part of the program that can.
//!
//! A code and its words are written in one file: the tables of `assets/knowledge/findings/STEP.toml` are the codes of
//! that step, in their order in it. `src/case/code.rs` makes a type of them, `src/case/platform.rs` of the tables of
//! `assets/knowledge/platforms.toml`, and `src/case/target_kind.rs` of those of `assets/knowledge/target_kinds.toml`.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs, io};

/// The steps in their order, by the names of their files.
const STEPS: [&str; 8] = ["identity", "protection", "scope", "token", "claims", "audience", "authorization", "call"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=assets");
    let built = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    for folder in ["knowledge", "lab"] {
        pack(&Path::new("assets").join(folder), &Path::new(&built).join(folder))?;
    }
    let folder = Path::new("assets/knowledge/findings");
    let mut written = "codes! {\n".to_owned();
    for step in STEPS {
        let text = fs::read_to_string(folder.join(step).with_extension("toml"))?;
        let _ = writeln!(written, "    {}: {{\n{}    }}", camel(step), variants(&text));
    }
    written.push_str("}\n");
    fs::write(Path::new(&built).join("codes.rs"), written)?;
    for name in ["platforms", "target_kinds"] {
        let text = fs::read_to_string(Path::new("assets/knowledge").join(name).with_extension("toml"))?;
        fs::write(Path::new(&built).join(name).with_extension("rs"), format!("{name}! {{\n{}}}\n", variants(&text)))?;
    }
    // Windows gives a program's first thread a stack of 1 or 2 MB. Without optimization the 8 MB of Linux are needed.
    let of = |name: &str| env::var(name).unwrap_or_default();
    match (of("CARGO_CFG_TARGET_OS").as_str(), of("CARGO_CFG_TARGET_ENV").as_str()) {
        ("windows", "msvc") => println!("cargo::rustc-link-arg-bins=/STACK:8388608"),
        ("windows", _) => println!("cargo::rustc-link-arg-bins=-Wl,--stack,8388608"),
        ("linux", "gnu") if of("CARGO_CFG_TARGET_ARCH") == "x86_64" && of("PROFILE") == "release" => {
            without_unwinding(Path::new(&built))?;
        }
        _ => {}
    }
    Ok(())
}

/// Tells the toolchain's own linker to drop the tables for unwinding, which nothing reads where a panic ends the
/// program, to keep one of functions that are alike, and to pack what is relocated when the program is loaded. Another
/// linker may not know the options.
fn without_unwinding(built: &Path) -> io::Result<()> {
    const TABLES: &str = ".eh_frame .eh_frame.* .gcc_except_table .gcc_except_table.*";
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let is_another = |option: &str| option.contains("linker=") || option.contains("fuse-ld");
    if env::var_os("RUSTC_LINKER").is_none() && !flags.split('\u{1f}').any(is_another) {
        let script = built.join("no-unwinding.ld");
        fs::write(&script, format!("SECTIONS {{ /DISCARD/ : {{ *({TABLES}) }} }} INSERT AFTER .text;\n"))?;
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr,-T,{},--icf=all,-O2", script.display());
        if unpacks_relocations() {
            println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        }
    }
    Ok(())
}

/// Whether the C library of this machine, on which the program is made to run, unpacks relocations: glibc since 2.36.
fn unpacks_relocations() -> bool {
    let asked = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let said = asked.map(|asked| String::from_utf8_lossy(&asked.stdout).into_owned()).unwrap_or_default();
    let version = said.trim().strip_prefix("glibc 2.").and_then(|minor| minor.split('.').next()?.parse::<u32>().ok());
    version.is_some_and(|minor| minor >= 36)
}

/// The tables of a file as variants with their names.
fn variants(text: &str) -> String {
    tables(text).into_iter().map(|name| format!("        {} = \"{name}\",\n", camel(name))).collect()
}

fn pack(folder: &Path, packed: &Path) -> io::Result<()> {
    fs::create_dir_all(packed)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (from, to) = (entry.path(), packed.join(entry.file_name()));
        if from.is_dir() {
            pack(&from, &to)?;
        } else {
            fs::write(to, miniz_oxide::deflate::compress_to_vec(&fs::read(from)?, 9))?;
        }
    }
    Ok(())
}

/// The first part of each table's name, once. A text of several lines may contain what looks like one.
fn tables(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut in_text = false;
    for line in text.lines() {
        let header = line.strip_prefix('[').filter(|_| !in_text).map(|rest| rest.trim_start_matches('['));
        if let Some(name) = header.and_then(|rest| rest.split(['.', ']']).next())
            && !names.contains(&name)
        {
            names.push(name);
        }
        in_text ^= line.matches("'''").count() % 2 == 1;
    }
    names
}

/// `token-expired` as `TokenExpired`.
fn camel(name: &str) -> String {
    let capitalized = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    name.split('-').map(capitalized).collect()
}
