//! How long judging one case takes, and judging it with the words of its report: both must stay below a millisecond,
//! for the screen does so at every observation.
//!
//! `cargo bench --bench judging` measures; the figure counts in the release profile only.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use easyauth_doctor::case::Case;
use easyauth_doctor::diagnosis;
use easyauth_doctor::lab::{Lab, LabOptions, scenario};
use easyauth_doctor::line::loopback;
use easyauth_doctor::report::Report;
use easyauth_doctor::session;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

/// A case at the end of a run on the lab.
fn case(name: &str) -> Case {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let scenario = scenario::all().unwrap().into_iter().find(|scenario| scenario.name == name);
        let lab = Lab::start(&scenario.unwrap(), LabOptions::default()).await.unwrap();
        let prepared = loopback::prepare(&lab).unwrap();
        let (events, _) = unbounded_channel();
        session::run(&prepared, None, events, CancellationToken::new()).await.observed().clone()
    })
}

fn judging(criterion: &mut Criterion) {
    for name in [
        "healthy",
        "caller-not-in-allowed-applications",
        "audience-not-allowed",
        "authorization-header-dropped",
        // The slowest of all scenarios: several faults, each with its fixes, and no settings to decide by.
        "combination-36",
    ] {
        let case = case(name);
        criterion
            .bench_function(&format!("judge {name}"), |bencher| bencher.iter(|| diagnosis::judge(black_box(&case))));
        criterion.bench_function(&format!("report {name}"), |bencher| {
            bencher.iter_batched(|| case.clone(), |case| Report::of(black_box(case)), criterion::BatchSize::SmallInput);
        });
    }
}

criterion_group!(benches, judging);
criterion_main!(benches);
