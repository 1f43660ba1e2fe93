//! Virtual time: one hour for the world, and a clock in every office that is a little wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use terrace_node::surroundings::Clock;

/// Milliseconds since 1970 at which every world begins: the morning of 1 March 2026 in China.
const MORNING: i64 = 1_772_323_200_000;

/// The true hour of a world, in milliseconds since it began.
#[derive(Debug, Clone, Default)]
pub struct Hour(Arc<AtomicI64>);

impl Hour {
    /// Milliseconds since the world began.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Time has passed.
    pub(crate) fn advance(&self, to: i64) {
        self.0.store(to, Ordering::Relaxed);
    }
}

/// The clock of an office, wrong by a constant.
#[derive(Debug)]
pub struct OfficeClock {
    hour: Hour,
    skew: i64,
}

impl OfficeClock {
    /// A clock that is `skew` milliseconds ahead.
    #[must_use]
    pub fn new(hour: Hour, skew: i64) -> Self {
        Self { hour, skew }
    }

    /// The true hour at which this clock will show `at`.
    #[must_use]
    pub fn when(&self, at: Timestamp) -> i64 {
        at.as_millisecond() - MORNING - self.skew
    }
}

impl Clock for OfficeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(MORNING + self.hour.now() + self.skew)
            .expect("a world ends long before time does")
    }
}
