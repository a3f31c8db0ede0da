//! Runs of the doctor on a lab of the test's own.

use easyauth_doctor::lab::Lab;
use easyauth_doctor::line::loopback;
use easyauth_doctor::report::Report;
use easyauth_doctor::session;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

/// Labs that run at the same time.
pub const SIDE_BY_SIDE: usize = 4;

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// What the doctor says of the lab as it stands now.
pub async fn observe(lab: &Lab) -> Report {
    let prepared = loopback::prepare(lab).unwrap();
    let (events, _) = unbounded_channel();
    session::run(&prepared, None, events, CancellationToken::new()).await
}
