//! What a work costs, whatever else the machine does meanwhile.

use std::time::{Duration, Instant};

/// The processor time that this thread took for the work; where that can't be read, the time on the clock.
pub fn effort(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    let before = processor_time();
    work();
    let of_thread = before.zip(processor_time()).map(|(before, after)| after - before);
    of_thread.unwrap_or_else(|| begun.elapsed())
}

/// The first value of Linux's `schedstat`: nanoseconds on a processor.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
