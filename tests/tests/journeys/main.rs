//! Journeys: the demonstration's five offices play their story, while an outsider kills two of them and while people
//! look at it in a real browser.
//!
//! The demonstration keeps its books in files, so `make test` runs this once.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod browser;
mod journey;
mod takeover;
