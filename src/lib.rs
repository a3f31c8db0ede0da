//! Why can App 1 not call App 2? This library **observes**, **judges** and **shows** the answer.
//!
//! What is observed is plain data, the *case*. Judging is pure: the same case always gives the same report, with no
//! clock, network, or terminal. Showing never judges.
//!
//! ```text
//! arguments ──┐
//! environment ┼▶ probe ─▶ Case ─▶ evidence ─▶ check ×8 ─▶ diagnosis ─▶ Report ─▶ tui · line
//! App 1, Entra,│           │  ▲
//! App 2, ARM ──┘    --save ▼  │ open           lab: the other side of every wire, on loopback
//! ```
//!
//! # Rooms
//!
//! | room | contains |
//! |---|---|
//! | [`cli`] | every argument and variable, with clap |
//! | `objects` | how structs are read from JSON and TOML |
//! | `packed` | the texts of `assets/` that are built in compressed |
//! | `sort` | one sort for all types |
//! | [`case`] | what is known: plain data, and pure readers of it |
//! | [`knowledge`] | the knowledge base (`assets/knowledge/`): what an answer is by its marks, and what findings say |
//! | [`probe`] | how it is learned: environment, files, network, clock |
//! | [`evidence`] | the answers side by side: how far the call got, what the settings and the log say |
//! | [`check`] | what it means: one file or folder per step, over the evidence and the reports of earlier steps |
//! | [`diagnosis`] | why: root cause, alternatives, what fails next, what fixes it |
//! | [`report`] | the report and its written forms, one file per format |
//! | [`session`] | runs the probes, judges after every observation, sends events to the front end |
//! | [`line`](mod@line) | the line-mode front end: everything that prints without a screen |
//! | [`tui`] | the interactive screen |
//! | `lab` | identity endpoints, Entra, App 2, Resource Manager, and Graph on loopback (feature `lab`) |
//!
//! Imports run downward only, and no two files import each other: `tests/it/architecture.rs` has the table. The lab
//! imports nothing of ours and reads nothing of `assets/knowledge/`, so that it cannot share our mistakes.
//!
//! # Flow
//!
//! 1. **Observe.** [`probe::observe`] asks everything that does not wait for another answer at once. It sends each
//!    [`Observation`](case::observation::Observation) as it comes, and [`session::run`] adds it to the
//!    [`Case`](case::Case). `--save` writes the case, `open` reads it back: from there on both are the same.
//! 2. **Judge.** [`diagnosis::judge`] reads the answers once into [`Evidence`](evidence::Evidence). [`check::all`] goes
//!    through the eight steps; each gets the evidence and, as [`Earlier`](check::Earlier), the reports of the steps
//!    before it, and answers with codes, values, and the names of sentences. `src/check/weigh.rs` alone decides what an
//!    observation disproves: a call that got further than a setting allows outranks the setting.
//!    `src/diagnosis/rules.rs` then picks the root cause among the findings.
//! 3. **Show.** [`Report`](report::Report) contains all of it. `src/report/wording.rs` fills in the sentences of the
//!    knowledge base with the values of this case, without secrets, and `src/report/fixes.rs` its fixes.
//!    [`report::render()`] writes it in a format; [`report::document`] has it as blocks, which the formats for people
//!    and the screen share.
//!
//! # How to add …
//!
//! The files are those of today; a test checks that they are there. New texts change snapshots: `cargo insta review`,
//! or `INSTA_UPDATE=always cargo test` and a look at the difference.
//!
//! ## … a finding
//!
//! Today 3 files:
//!
//! 1. The step's file in `assets/knowledge/findings/`, such as `assets/knowledge/findings/audience.toml`: its name,
//!    which is a contract with scripts (`src/build.rs` makes a [`Code`](case::code::Code) of it), title,
//!    what it says (`says.KEY`, one sentence for each way in which it is found), how sure and how bad each of them is
//!    where it isn't a certain error (`sure.KEY`, `severity.KEY`), which conditions hold wherever it is said
//!    (`implies.KEY`), how to confirm it (`confirm.KEY`, `confirmed_as.KEY`), meaning, fixes, who has to act,
//!    `disproved_by` (what shows that it isn't the cause), `means` (what it means for later steps), and `changes`
//!    (which of App 2's settings fix it: [`knowledge::SettingsChange`] makes what `--assume` takes, the edited JSON,
//!    and the `jq` line of it).
//! 2. The step's file in `src/check/`, such as `src/check/audience.rs`: when it is found, which sentence says it
//!    (`Found::of(code, "KEY")`), with its values and the exchanges that show it. No check contains a sentence.
//! 3. `assets/lab/scenarios.toml`: the change that brings it about and a scenario that expects it. A test names each
//!    code without one.
//!
//! Values that the fixes name and no other finding has are in `src/report/fixes/values.rs`. Where a change of the
//! settings fixes it, the lists in `tests/it/judging.rs` and `tests/it/lab_wires.rs` apply the change and call again.
//!
//! ## … something in front of App 2
//!
//! A gateway, firewall, proxy, or server that answers in App 2's place. Today 1 file:
//! `assets/knowledge/responders.toml`, with the source of its marks. A header by which it is known is also in
//! `src/case/shown/headers.rs`, so that a saved case has it. Its answers are rows of `tests/it/field/front.rs`.
//!
//! ## … a platform
//!
//! An App 1 that gets its tokens in another way. Today 3 files:
//!
//! 1. `assets/knowledge/platforms.toml`: its name, the variables that tell it, how its request reads, and its row in
//!    the table of hosts (`covered`). `src/build.rs` makes a [`Platform`](case::platform::Platform) of it. Where a
//!    token takes more than one request, they are in a file like `src/probe/managed_identity/azure_arc.rs`; what its
//!    errors mean of their own is in `src/check/identity/`.
//! 2. In the lab `src/lab/platforms.rs`: what App 1 has of it, and its answers.
//! 3. `assets/lab/scenarios.toml`: a healthy scenario on it.
//!
//! The values of its endpoint's variables are shown as the table says what they are. Another variable whose value may
//! be shown is in `src/case/shown/variables.rs`. Its row in `README.md` is written with the snapshots.
//!
//! ## … a target kind
//!
//! A service whose apps Easy Auth protects. Today 3 files:
//!
//! 1. `assets/knowledge/target_kinds.toml`: the type of its resource, where its settings are, what its tools call it,
//!    how it is found, its Terraform, and its row in the table of targets (`covered`), which is written into
//!    `README.md` with the snapshots. `src/build.rs` makes a [`TargetKind`](case::target_kind::TargetKind) of it. A
//!    fix with `target` is for that kind only.
//! 2. `src/lab/target_kinds.rs`: its resource and its settings in the lab.
//! 3. `assets/lab/scenarios.toml`: the change that makes App 2 one of it.
//!
//! Where its settings have another shape: `src/case/auth_settings/reader.rs`, a file beside it, and
//! `src/case/shown/settings.rs` (which of its values may be shown).
//!
//! ## … a report format
//!
//! Today 2 files: the format itself in `src/report/`, such as `src/report/junit.rs`, and `src/report/mod.rs`, which
//! names it for `--format` and calls it. The tests look for secrets in every format.
//!
//! ## … a key or a view
//!
//! A key takes 1 file, and its words in `assets/knowledge/phrases/screen.toml`: the file of `src/tui/update/` that does
//! such things, such as `src/tui/update/save.rs`, has its row (key, when, what, help, footer) and its functions. A new
//! file of rows is named in `src/tui/keys.rs`. What waits or writes outside is an [`Effect`](tui::update::Effect),
//! performed by `src/tui/run/perform.rs`.
//!
//! A view takes 4 files: `src/tui/model/place.rs` (its name and place), a file of its own in `src/tui/page/` (its
//! items), `src/tui/page.rs` (when it is shown), and the words. Its budgets of bytes and time need the way to it, in
//! `tests/it/helpers/every_view.rs`.
//!
//! ## … a scenario
//!
//! Today 1 file, `assets/lab/scenarios.toml`: the changes, and what the report must say with App 2's settings and
//! without them. A change patches the world, whose data is in `src/lab/world.rs` and `src/lab/world/`; where the world
//! has no place for it yet, add it there and to the server that shows it. `easyauth-doctor lab NAME` runs it.

#[macro_use]
mod packed;

mod objects;
mod sort;

pub mod case;
pub mod check;
pub mod cli;
pub mod diagnosis;
pub mod evidence;
pub mod knowledge;
#[cfg(feature = "lab")]
pub mod lab;
pub mod line;
pub mod probe;
pub mod report;
pub mod session;
pub mod tui;
