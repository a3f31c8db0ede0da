//! Reads the body of a response, up to its limit and its deadline.

use std::time::Duration;

use tokio::time::Instant;
use zeroize::Zeroizing;

/// Why a body wasn't read to its end.
pub(super) enum BodyError {
    Timeout,
    Broken(reqwest::Error),
}

/// So long a stream is listened to.
const OF_A_STREAM: Duration = Duration::from_secs(1);

/// Whether a response is one of those that go on for as long as somebody listens.
fn is_stream(response: &reqwest::Response) -> bool {
    let kind = response.headers().get(reqwest::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is = |name: &&str| kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with(*name));
    ["text/event-stream", "multipart/x-mixed-replace", "application/x-ndjson"].iter().any(is)
}

/// The body up to the limit, and whether more would come. `may_be_endless`: what has come until the deadline is enough.
pub(super) async fn read(
    response: &mut reqwest::Response,
    limit: usize,
    deadline: Instant,
    may_be_endless: bool,
) -> Result<(Zeroizing<Vec<u8>>, bool), BodyError> {
    let mut body = Zeroizing::new(Vec::new());
    let deadline =
        if is_stream(response) { deadline.min(crate::probe::deadline::after(OF_A_STREAM)) } else { deadline };
    loop {
        match tokio::time::timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                let room = limit.saturating_sub(body.len());
                body.extend(chunk.iter().take(room));
                if chunk.len() > room {
                    return Ok((body, true));
                }
            }
            Ok(Ok(None)) => return Ok((body, false)),
            Ok(Err(error)) => return Err(BodyError::Broken(error)),
            Err(_) if may_be_endless => return Ok((body, true)),
            Err(_) => return Err(BodyError::Timeout),
        }
    }
}
