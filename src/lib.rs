//! Why can App 1 not call App 2? This library observes, judges and shows the answer.
//!
//! ```text
//! arguments, environment ─▶ probe ─▶ Case ─▶ check ×8 ─▶ diagnosis ─▶ Report ─▶ tui · line
//!                                     │  ▲
//!                                --save  open            lab: the other side of every wire
//! ```
//!
//! | room | holds |
//! |---|---|
//! | [`cli`] | every argument and variable |
//! | [`case`] | what is known: plain data, and pure readers of it |
//! | [`knowledge`] | typed access to the embedded knowledge base (`assets/knowledge/`) |
//! | [`probe`] | how it is learnt: environment, files, network |
//! | [`check`] | what it means, one file a step |
//! | [`diagnosis`] | why: root cause, alternatives, fixes |
//! | [`report`] | the report and its written forms, one file a format |
//! | [`session`] | runs the probes, judges after every observation, sends events |
//! | [`line`](mod@line) | the line-mode front end: everything that prints without a screen |
//! | [`tui`] | the interactive screen |
//! | [`lab`] | identity endpoint, Entra, App 2 and Resource Manager on loopback |
//!
//! Imports run downwards only: `tests/it/architecture.rs` holds the table.

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
