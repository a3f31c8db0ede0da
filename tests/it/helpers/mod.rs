//! What several tests need.

pub mod jq;
pub mod lab_client;
pub mod observing;
pub mod words;
