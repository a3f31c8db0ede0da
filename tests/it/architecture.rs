//! The house rules that a compiler does not know: which room may import which, and that no two files import each
//! other, not even through a third; and that an error that leaves a file has a type.
//!
//! A file's room is the first part of its path below `src/`. What counts as an import is every path to another file:
//! in `use`, in expressions and types, and in the tokens of macros. A name that a module only re-exports counts as an
//! import of the file that holds it, and of the room through which it was named. `#[cfg(test)]` modules may reach
//! anywhere, and so may `main.rs`, which is a crate of its own above the library.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

/// Each room and what it may import besides itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("objects", &[]),
    ("packed", &["objects"]),
    ("sort", &[]),
    ("case", &["objects", "packed", "sort"]),
    // For the formats that --format takes: they are named once, where they are written.
    ("cli", &["case", "objects", "report"]),
    ("knowledge", &["case", "packed", "sort"]),
    ("probe", &["case"]),
    ("evidence", &["case", "knowledge", "sort"]),
    ("check", &["case", "evidence", "knowledge", "sort"]),
    ("diagnosis", &["case", "evidence", "check", "knowledge", "sort"]),
    ("report", &["sort", "case", "knowledge", "evidence", "check", "diagnosis"]),
    ("session", &["case", "probe", "evidence", "check", "diagnosis", "report", "sort"]),
    ("tui", &["session", "report", "case", "knowledge", "sort"]),
    ("line", &["session", "report", "case", "knowledge", "cli", "lab", "probe", "objects", "sort"]),
    // The other side of the wire must not share our mistakes.
    ("lab", &["objects", "packed"]),
    // The binary's own files: the choice of a front end, and the one file with unsafe code.
    ("screen", &["case", "cli", "lab", "line", "probe", "report", "session", "tui"]),
    ("nss", &[]),
    // The build script.
    ("build", &[]),
    ("lib", &[]),
];

type ModulePath = Vec<String>;

#[derive(Default)]
struct House {
    /// The file of each module of the library.
    modules: BTreeMap<ModulePath, PathBuf>,
    /// Names that a module re-exports, and the path that each stands for.
    exports: BTreeMap<(ModulePath, String), ModulePath>,
    files: Vec<SourceFile>,
}

struct SourceFile {
    /// Relative to `src/`.
    path: PathBuf,
    module: ModulePath,
    is_main: bool,
    syntax: syn::File,
}

impl House {
    fn read(source: &Path) -> Self {
        let mut paths = Vec::new();
        collect(source, source, &mut paths);
        paths.sort();
        let mut house = Self::default();
        for path in paths {
            let text = fs::read_to_string(source.join(&path)).unwrap();
            let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let (module, is_main) = module_of(&path);
            if !is_main {
                house.modules.insert(module.clone(), path.clone());
            }
            house.files.push(SourceFile { path, module, is_main, syntax });
        }
        house.read_exports();
        house
    }

    fn read_exports(&mut self) {
        let mut exports = BTreeMap::new();
        for file in self.files.iter().filter(|file| !file.is_main) {
            for item in &file.syntax.items {
                if let Item::Use(item) = item
                    && !matches!(item.vis, Visibility::Inherited)
                {
                    for (path, name) in leaves(&item.tree) {
                        if let Some(target) = self.absolute(&path, &file.module, &file.module) {
                            exports.insert((file.module.clone(), name), target);
                        }
                    }
                }
            }
        }
        self.exports = exports;
    }

    /// The path from the crate's root, of a path as written in a module; `None` when it leads out of the crate.
    fn absolute(&self, written: &[String], module: &[String], file_module: &[String]) -> Option<ModulePath> {
        let (first, rest) = written.split_first()?;
        let mut base = match first.as_str() {
            "crate" | "easyauth_doctor" => Vec::new(),
            "self" => module.to_vec(),
            "super" => module.split_last()?.1.to_vec(),
            name => {
                let mut child = file_module.to_vec();
                child.push(name.to_owned());
                let known = self.modules.contains_key(&child) && module == file_module;
                return known.then(|| file_module.iter().chain(written).cloned().collect());
            }
        };
        for segment in rest {
            match segment.as_str() {
                "super" => {
                    base.pop()?;
                }
                "self" => {}
                name => base.push(name.to_owned()),
            }
        }
        Some(base)
    }

    /// The file that holds what a path from the root names, re-exports followed.
    fn file_of(&self, path: &[String]) -> Option<&PathBuf> {
        let mut path = path.to_vec();
        for _ in 0..16 {
            let mut module = Vec::new();
            let mut rest = path.iter();
            for segment in rest.by_ref() {
                module.push(segment.clone());
                if !self.modules.contains_key(&module) {
                    module.pop();
                    let Some(target) = self.exports.get(&(module.clone(), segment.clone())) else {
                        return self.modules.get(&module);
                    };
                    let mut followed = target.clone();
                    followed.extend(rest.cloned());
                    path = followed;
                    break;
                }
            }
            if self.modules.contains_key(&path) {
                return self.modules.get(&path);
            }
        }
        None
    }

    /// What a file imports.
    fn imports<'a>(&'a self, file: &'a SourceFile) -> Imports<'a> {
        let mut finder = Finder { house: self, file, inline: Vec::new(), found: Imports::default() };
        finder.visit_file(&file.syntax);
        finder.found.files.remove(&file.path);
        finder.found
    }
}

/// What a file imports: the files, and the rooms by the names as written.
#[derive(Default)]
struct Imports<'a> {
    files: BTreeSet<&'a PathBuf>,
    rooms: BTreeMap<String, ModulePath>,
}

/// Rust files below a folder, relative to `source`.
fn collect(source: &Path, folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(source, &path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path.strip_prefix(source).unwrap().to_owned());
        }
    }
}

/// The module path of a file, and whether it is the binary's root.
fn module_of(path: &Path) -> (ModulePath, bool) {
    let mut module: ModulePath = path
        .with_extension("")
        .components()
        .map(|component| component.as_os_str().to_str().unwrap().to_owned())
        .collect();
    match module.last().map(String::as_str) {
        Some("mod") => {
            module.pop();
        }
        Some("lib") if module.len() == 1 => module.clear(),
        Some("main") if module.len() == 1 => return (Vec::new(), true),
        _ => {}
    }
    (module, false)
}

fn room_of(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.strip_suffix(".rs").unwrap_or(first).to_owned()
}

/// Every path that a `use` names, with the name it gets.
fn leaves(tree: &UseTree) -> Vec<(ModulePath, String)> {
    let mut found = Vec::new();
    walk(tree, &mut Vec::new(), &mut found);
    found
}

fn walk(tree: &UseTree, prefix: &mut ModulePath, found: &mut Vec<(ModulePath, String)>) {
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            walk(&path.tree, prefix, found);
            prefix.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| walk(tree, prefix, found)),
        UseTree::Name(name) => leaf(&name.ident.to_string(), None, prefix, found),
        UseTree::Rename(rename) => leaf(&rename.ident.to_string(), Some(rename.rename.to_string()), prefix, found),
        UseTree::Glob(_) => found.push((prefix.clone(), "*".to_owned())),
    }
}

fn leaf(name: &str, renamed: Option<String>, prefix: &[String], found: &mut Vec<(ModulePath, String)>) {
    let mut path = prefix.to_vec();
    if name != "self" || path.is_empty() {
        path.push(name.to_owned());
    }
    let known_as = renamed.unwrap_or_else(|| path.last().unwrap().clone());
    found.push((path, known_as));
}

struct Finder<'a> {
    house: &'a House,
    file: &'a SourceFile,
    inline: Vec<String>,
    found: Imports<'a>,
}

impl Finder<'_> {
    fn note(&mut self, written: &[String]) {
        let house = self.house;
        if self.file.is_main {
            // The binary's own modules are beside it.
            let own = written.first().filter(|first| house.modules.contains_key(&vec![(*first).clone()]));
            if let Some(file) = own.and_then(|own| house.modules.get(&vec![own.clone()])) {
                self.found.files.insert(file);
            }
            if written.first().is_none_or(|first| first != "easyauth_doctor") {
                return;
            }
        }
        let mut module = self.file.module.clone();
        module.extend(self.inline.iter().cloned());
        if let Some(path) = house.absolute(written, &module, &self.file.module)
            && let Some(file) = house.file_of(&path)
        {
            if let Some(room) = path.first().filter(|first| house.modules.contains_key(&vec![(*first).clone()])) {
                self.found.rooms.entry(room.clone()).or_insert_with(|| path.clone());
            }
            self.found.files.insert(file);
        }
    }

    /// Paths in a macro's tokens, which syn does not parse.
    fn note_tokens(&mut self, tokens: TokenStream) {
        let mut path: ModulePath = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if path.is_empty() || colons == 2 => {
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() && colons < 2 => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(ident) => {
                    self.note_written(&path);
                    path = vec![ident.to_string()];
                    colons = 0;
                    continue;
                }
                TokenTree::Group(group) => self.note_tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            self.note_written(&path);
            path.clear();
            colons = 0;
        }
        self.note_written(&path);
    }

    fn note_written(&mut self, path: &[String]) {
        if path.len() > 1 {
            self.note(path);
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_test(&item.attrs) {
            return;
        }
        self.inline.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.inline.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for (path, _) in leaves(&item.tree) {
            self.note(&path);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let written: ModulePath = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note_written(&written);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.note_tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}

/// Imports under `source` that the table does not allow, in words.
fn forbidden(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for file in house.files.iter().filter(|file| !file.is_main) {
        let room = room_of(&file.path);
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            found.push(format!("{}: the room {room} is not in the table", file.path.display()));
            continue;
        };
        for (other, path) in house.imports(file).rooms {
            if other != room && !allowed.contains(&other.as_str()) {
                found.push(format!("{}: {room} must not import {other} ({})", file.path.display(), path.join("::")));
            }
        }
    }
    found
}

/// Circles of files under `source`, in words.
fn circular(house: &House) -> Vec<String> {
    circles(&house.files.iter().map(|file| (&file.path, house.imports(file).files)).collect())
}

/// Circles of imports, each named once by a shortest way round.
fn circles(edges: &BTreeMap<&PathBuf, BTreeSet<&PathBuf>>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for start in edges.keys() {
        if let Some(way) = way_back(start, edges) {
            let members: BTreeSet<&PathBuf> = way.iter().copied().collect();
            if seen.insert(members) {
                let names: Vec<String> = way.iter().map(|path| path.display().to_string()).collect();
                found.push(format!("circle: {} -> {}", names.join(" -> "), start.display()));
            }
        }
    }
    found
}

/// The shortest way from a file over its imports back to it.
fn way_back<'a>(start: &'a PathBuf, edges: &BTreeMap<&'a PathBuf, BTreeSet<&'a PathBuf>>) -> Option<Vec<&'a PathBuf>> {
    let mut from: BTreeMap<&PathBuf, &PathBuf> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for import in edges.get(file).into_iter().flatten() {
            if *import == start {
                let mut way = vec![file];
                let mut at = file;
                while at != start {
                    at = from[at];
                    way.push(at);
                }
                way.reverse();
                return Some(way);
            }
            if !from.contains_key(import) {
                from.insert(import, file);
                queue.push_back(import);
            }
        }
    }
    None
}

fn our_house() -> House {
    House::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

#[test]
fn no_room_imports_what_it_must_not() {
    let house = our_house();
    let found = forbidden(&house);
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    let imports: usize = house.files.iter().map(|file| house.imports(file).files.len()).sum();
    assert!(imports > house.files.len(), "the reader of imports finds next to nothing: {imports}");
}

#[test]
fn no_two_files_import_each_other() {
    let found = circular(&our_house());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// What may have a mere text as its error: data of a saved case, which has the words of whoever tried and no type.
const RECORDED: &[(&str, &str)] = &[("case/auth_settings.rs", "outcome"), ("case/environment.rs", "outcome")];

/// What other files can see and what fails with a text, by its name.
#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    fn note(&mut self, name: &impl ToString, visibility: &Visibility, look: impl FnOnce(&mut FailsWithText)) {
        let mut found = FailsWithText(false);
        look(&mut found);
        if found.0 && !matches!(visibility, Visibility::Inherited) {
            self.0.push(name.to_string());
        }
    }

    fn of(file: &syn::File) -> Vec<String> {
        let mut texts = Self::default();
        texts.visit_file(file);
        texts.0
    }
}

/// Whether `Result<_, String>` is in a type or a signature, however deep: also what a function pointer or a future of
/// it gives.
struct FailsWithText(bool);

impl<'ast> Visit<'ast> for FailsWithText {
    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        if segment.ident == "Result"
            && let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments
            && let Some(syn::GenericArgument::Type(error)) = arguments.args.get(1)
        {
            self.0 |= is_string(error);
        }
        visit::visit_path_segment(self, segment);
    }
}

fn is_string(name: &syn::Type) -> bool {
    matches!(name, syn::Type::Path(path) if path.path.segments.last().is_some_and(|name| name.ident == "String"))
}

impl<'ast> Visit<'ast> for Texts {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.sig.ident, &item.vis, |found| found.visit_signature(&item.sig));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.sig.ident, &item.vis, |found| found.visit_signature(&item.sig));
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        for part in &item.items {
            match part {
                syn::TraitItem::Fn(part) => {
                    self.note(&part.sig.ident, &item.vis, |found| found.visit_signature(&part.sig));
                }
                syn::TraitItem::Type(part) => self.note(&part.ident, &item.vis, |it| it.visit_trait_item_type(part)),
                _ => {}
            }
        }
    }

    /// The error of `FromStr` or `TryFrom`.
    fn visit_impl_item_type(&mut self, item: &'ast syn::ImplItemType) {
        if ["Err", "Error"].iter().any(|name| item.ident == name) && is_string(&item.ty) {
            self.0.push(item.ident.to_string());
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        for field in &item.fields {
            let name = field.ident.as_ref().unwrap_or(&item.ident);
            self.note(name, &field.vis, |found| found.visit_type(&field.ty));
        }
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        for variant in &item.variants {
            self.note(&variant.ident, &item.vis, |found| found.visit_fields(&variant.fields));
        }
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.note(&item.ident, &item.vis, |found| found.visit_type(&item.ty));
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.note(&item.ident, &item.vis, |found| found.visit_type(&item.ty));
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.note(&item.ident, &item.vis, |found| found.visit_type(&item.ty));
    }
}

#[test]
fn errors_that_leave_a_file_have_a_type() {
    let house = our_house();
    let all = house.files.iter().flat_map(|file| Texts::of(&file.syntax).into_iter().map(move |name| (file, name)));
    let (recorded, found): (Vec<_>, Vec<_>) =
        all.partition(|(file, name)| RECORDED.iter().any(|(path, own)| file.path.ends_with(path) && name == own));
    let found: Vec<String> =
        found.iter().map(|(file, name)| format!("{}: {name} fails with a String", file.path.display())).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    assert_eq!(recorded.len(), RECORDED.len(), "each exception is still one");
}

#[test]
fn errors_without_a_type_are_found_however_they_are_written() {
    for (text, count) in [
        ("pub fn f() -> Result<u8, String> { Ok(1) }", 1),
        ("pub(super) async fn f() -> std::result::Result<(), std::string::String> { Ok(()) }", 1),
        ("pub struct X; impl X { pub fn f() -> Option<Result<Vec<u8>, String>> { None } }", 1),
        ("mod inner { pub(crate) fn f() -> Result<String, String> { todo!() } }", 1),
        ("pub fn f(form: fn(&str) -> Result<u8, String>, or: impl Fn() -> Result<u8, String>) {}", 1),
        ("pub trait T { fn f(&self) -> Result<u8, String>; fn g(&self) -> Result<u8, String> { Ok(1) } }", 2),
        ("pub trait T { type Made: Future<Output = Result<u8, String>>; }", 1),
        ("pub struct X { pub f: fn(&str) -> Result<(), String>, pub g: Result<u8, String>, h: Result<u8, String> }", 2),
        ("pub struct X(pub Result<u8, String>);", 1),
        ("pub enum X { A(Result<u8, String>), B { b: Option<Result<u8, String>> }, C(u8) }", 2),
        ("pub type Made = Pin<Box<dyn Future<Output = Result<u8, String>>>>;", 1),
        ("pub static F: &[fn(&str) -> Result<u8, String>] = &[]; pub const G: Result<u8, String> = Ok(1);", 2),
        ("impl FromStr for X { type Err = String; fn from_str(_: &str) -> Result<Self, String> { todo!() } }", 1),
        ("fn f() -> Result<u8, String> { Ok(1) }", 0),
        ("enum X { A(Result<u8, String>) } trait T { fn f() -> Result<u8, String>; }", 0),
        ("pub fn f() -> Result<String, Error> { todo!() }", 0),
        ("pub fn f() { let _: Result<u8, String> = Ok(1); }", 0),
        ("#[cfg(test)] mod tests { pub fn f() -> Result<u8, String> { Ok(1) } }", 0),
    ] {
        let found = Texts::of(&syn::parse_file(text).unwrap());
        assert_eq!(found.len(), count, "{text}: {found:?}");
    }
}

/// A small house with the given files, and what is found in it.
fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let house = House::read(folder.path());
    let mut found = forbidden(&house);
    found.extend(circular(&house));
    found
}

const SOUND: &[(&str, &str)] = &[
    ("lib.rs", "pub mod case; pub mod check; pub mod probe;"),
    ("main.rs", "fn main() { easyauth_doctor::probe::look(); }"),
    ("case.rs", "pub struct Case;"),
    ("check/mod.rs", "pub mod words; pub mod step; pub use words::Word; pub fn all() { step::check(); }"),
    ("check/words.rs", "pub struct Word;"),
    ("check/step.rs", "use super::Word; use crate::case::Case; pub fn check() -> Word { let _ = Case; Word }"),
    ("probe/mod.rs", "pub fn look() { let _ = crate::case::Case; }"),
];

fn sound_and(files: &[(&str, &str)]) -> Vec<String> {
    let mut all: Vec<(&str, &str)> =
        SOUND.iter().filter(|(path, _)| files.iter().all(|(other, _)| other != path)).copied().collect();
    all.extend(files);
    planted(&all)
}

#[test]
fn a_sound_house_passes() {
    assert_eq!(sound_and(&[]), Vec::<String>::new());
    let tests_may_reach_anywhere = "#[cfg(test)] mod tests { use crate::check::all; }";
    assert_eq!(sound_and(&[("case.rs", tests_may_reach_anywhere)]), Vec::<String>::new());
}

#[test]
fn forbidden_imports_are_found_however_they_are_written() {
    for text in [
        "use crate::probe::look;",
        "use crate::{case::Case, probe::{self}};",
        "use super::super::probe::look as see;",
        "pub fn f() { crate::probe::look(); }",
        "pub fn f(_: &crate::probe::Thing) {}",
        "pub fn f() { println!(\"{:?}\", crate::probe::look()); }",
        "macro_rules! m { () => { $crate::probe::look() } }",
        "mod inner { pub fn f() { super::super::super::probe::look(); } }",
    ] {
        let found = sound_and(&[("check/step.rs", text)]);
        assert!(found.iter().any(|line| line.contains("check must not import probe")), "{text}: {found:?}");
    }
    let found = sound_and(&[("extra.rs", "pub struct X;")]);
    assert!(found.iter().any(|line| line.contains("room extra")), "{found:?}");
}

#[test]
fn circles_are_found_also_through_a_third_file() {
    let found = sound_and(&[
        ("check/a.rs", "use super::b::B; pub struct A(B);"),
        ("check/b.rs", "pub struct B; pub fn f() { let _ = super::c::C; }"),
        ("check/c.rs", "pub struct C; pub fn f(_: crate::check::a::A) {}"),
    ]);
    assert!(
        found.iter().any(|line| line.contains("check/a.rs -> check/b.rs -> check/c.rs -> check/a.rs")),
        "{found:?}"
    );
    let parent_and_child = sound_and(&[
        ("check/mod.rs", "pub mod words; pub mod step; pub struct Word; pub fn all() { step::check(); }"),
        ("check/step.rs", "pub fn check() -> super::Word { super::Word }"),
    ]);
    assert!(parent_and_child.iter().any(|line| line.starts_with("circle")), "{parent_and_child:?}");
}

/// The modules that a root file of tests declares, such as `main.rs` or `helpers/mod.rs`.
fn declared(folder: &Path, root: &str) -> BTreeSet<String> {
    let syntax = syn::parse_file(&fs::read_to_string(folder.join(root)).unwrap()).unwrap();
    let modules = syntax.items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() => Some(module.ident.to_string()),
        _ => None,
    });
    modules.collect()
}

/// Test files that nobody declares would not even be compiled.
#[test]
fn every_test_file_belongs_to_the_one_test_binary() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for (folder, root) in [("it", "main.rs"), ("it/field", "mod.rs"), ("it/helpers", "mod.rs")] {
        let folder = tests.join(folder);
        let known = declared(&folder, root);
        let mut files = BTreeSet::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let is_module = path.extension().is_some_and(|extension| extension == "rs") || path.join("mod.rs").exists();
            if is_module && !path.ends_with(root) {
                files.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
            }
        }
        assert_eq!(files, known, "{}", folder.join(root).display());
    }
    let stray: Vec<PathBuf> = fs::read_dir(&tests)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    assert!(stray.is_empty(), "test binaries of their own: {stray:?}");
}

/// JSON from outside costs memory by its values, not by its length: `case/json.rs` counts them before it reads.
#[test]
fn json_from_outside_is_read_in_one_place() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    // The one reads within bounds; the other reads what the program itself wrote a line before.
    let own = [source.join("case/json.rs"), source.join("case/shown.rs")];
    let mut paths = Vec::new();
    for room in ["case", "check", "probe"] {
        collect(&source, &source.join(room), &mut paths);
    }
    assert!(paths.len() > 60);
    let unbounded: Vec<_> = paths
        .into_iter()
        .map(|path| source.join(path))
        .filter(|path| !own.contains(path) && path.file_name() != Some("tests.rs".as_ref()))
        .filter(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            code.contains("serde_json::from_s") || code.contains("serde_json::from_reader")
        })
        .collect();
    assert!(unbounded.is_empty(), "{unbounded:#?}");
}

/// The front page of the documentation says which files to touch; one that has moved would mislead.
#[test]
fn the_front_page_names_files_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let named: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("//!"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|text| ["src/", "tests/", "assets/"].iter().any(|place| text.starts_with(place)))
        .collect();
    assert!(named.len() > 30, "{named:?}");
    let missing: Vec<&str> = named.into_iter().filter(|path| !root.join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// As the front page says: a key takes one file, and its words.
#[test]
fn a_key_is_a_row_of_one_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("assets/knowledge/phrases/screen.toml")).unwrap();
    let words: toml::Table = text.parse().unwrap();
    let house = our_house();
    let files: Vec<(&PathBuf, String)> = house
        .files
        .iter()
        .filter(|file| file.path.starts_with("tui/update") && !file.path.ends_with("tests.rs"))
        .map(|file| (&file.path, fs::read_to_string(root.join("src").join(&file.path)).unwrap()))
        .collect();
    let keys = words["keys"].as_table().unwrap();
    assert!(keys.len() > 50);
    for key in keys.keys() {
        let name = format!("\"keys.{key}\"");
        let of: Vec<&PathBuf> = files.iter().filter(|(_, text)| text.contains(&name)).map(|(path, _)| *path).collect();
        assert_eq!(of.len(), 1, "{name} is in {of:?}");
    }
    let table = fs::read_to_string(root.join("src/tui/keys.rs")).unwrap();
    assert!(!table.contains("\"keys."), "the table only names the files of its rows");
}
