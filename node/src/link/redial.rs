//! When to dial again: the one place that uses the `backoff` crate.
//!
//! From a tenth of a second to a minute, never giving up: a township may be away for weeks. Any contact sets
//! it back to the beginning.

use std::time::Duration;

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff as _;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(60);

/// The schedule of one link.
#[derive(Debug)]
pub(super) struct Redial(ExponentialBackoff);

impl Redial {
    /// A schedule at its beginning.
    pub(super) fn new() -> Self {
        let schedule = ExponentialBackoff {
            current_interval: FIRST,
            initial_interval: FIRST,
            multiplier: 2.0,
            randomization_factor: 0.3,
            max_interval: LONGEST,
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        Self(schedule)
    }

    /// How long to wait before the next attempt.
    pub(super) fn wait(&mut self) -> Duration {
        self.0.next_backoff().unwrap_or(LONGEST)
    }

    /// There was contact.
    pub(super) fn reset(&mut self) {
        self.0.reset();
    }
}
