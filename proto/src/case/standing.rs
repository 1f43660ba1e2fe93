//! How a case stands at an hour: the questions a fold must not answer by itself.
//!
//! The hour is an argument. Dates are days in China (UTC+8).

use jiff::civil::Date;
use jiff::{Timestamp, tz};

use super::step::State;
use super::{Case, Thread};
use crate::digest::ThreadId;
use crate::entry::Kind;

/// How a case stands at an hour.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Duties whose day has passed.
    pub overdue: Vec<Overdue>,
}

/// A duty whose day has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// The thread.
    pub thread: ThreadId,
    /// The day it was due.
    pub due_on: Date,
    /// Days since.
    pub days: i32,
}

/// The day in China at an instant.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    tz::offset(8).to_datetime(at).date()
}

impl Case {
    /// How the case stands at `at`: which pinned due dates have passed without the duty being done.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Standing {
        let today = day_of(at);
        let overdue =
            self.threads.values().filter_map(|thread| self.overdue(thread, today)).collect();
        Standing { overdue }
    }

    /// The day on which the thread's present duty is due, as an entry pinned it.
    #[must_use]
    pub fn due_on(&self, thread: &Thread) -> Option<Date> {
        if matches!(thread.state(), State::Closed | State::Served) {
            return None;
        }
        // What the opening pins is owed until anything is done at all.
        let untouched = thread.state() == State::Registered;
        let pins = |leaf: &&crate::digest::Digest| {
            self.facts.get(leaf).is_some_and(|fact| {
                let kind = fact.header().kind;
                (matches!(kind, Kind::Assigned | Kind::Accepted)
                    || kind == Kind::CaseOpened && untouched)
                    && fact.due_on().is_some()
            })
        };
        let leaf = thread.steps().iter().rev().find(pins)?;
        self.facts.get(leaf)?.due_on()
    }

    fn overdue(&self, thread: &Thread, today: Date) -> Option<Overdue> {
        let due_on = self.due_on(thread)?;
        let days = (today - due_on).get_days();
        (days > 0).then_some(Overdue { thread: thread.id(), due_on, days })
    }
}
