//! How a case stands at an hour: the questions a fold must not answer by itself.
//!
//! The hour is an argument. Dates are days in China (UTC+8).

use jiff::civil::Date;
use jiff::{Timestamp, tz};

use super::clock::Clock;
use super::{Case, Thread};

/// How a case stands at an hour.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Clocks of duties that run, or stand still for a hearing.
    pub running: Vec<Clock>,
    /// Duties not done whose day has passed.
    pub overdue: Vec<Clock>,
    /// Rights not used whose day has passed.
    pub lapsed: Vec<Clock>,
    /// Rights that can still be used.
    pub open: Vec<Clock>,
}

/// The day in China at an instant.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    tz::offset(8).to_datetime(at).date()
}

impl Case {
    /// How the case stands at `at`.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Standing {
        let today = day_of(at);
        let mut standing = Standing::default();
        for clock in self.clocks().into_iter().filter(|clock| clock.ended.is_none()) {
            let place = match (clock.duty.is_right(), clock.is_missed(today)) {
                (false, false) => &mut standing.running,
                (false, true) => &mut standing.overdue,
                (true, false) => &mut standing.open,
                (true, true) => &mut standing.lapsed,
            };
            place.push(clock);
        }
        standing
    }

    /// The day on which the first of all present duties is due, in threads and beside them.
    #[must_use]
    pub fn next_due(&self) -> Option<Date> {
        let clocks = self.clocks();
        let present = clocks.iter().filter(|clock| clock.is_running() && !clock.duty.is_right());
        present.map(Clock::due_on).min()
    }

    /// The day on which the first of a thread's present duties is due, as entries pinned it.
    #[must_use]
    pub fn due_on(&self, thread: &Thread) -> Option<Date> {
        let clocks = self.clocks();
        let present = clocks.iter().filter(|clock| {
            clock.thread == Some(thread.id()) && clock.is_running() && !clock.duty.is_right()
        });
        present.map(Clock::due_on).min()
    }
}
