//! Where work stands still (入口不顺、程序空转、出口不畅): somebody drew a ticket and was not registered, nothing happened for
//! long, an opinion was not served, or was not carried out.
//!
//! It is asked at a day, of the tickets of a hall and of a case, and is no state of either. Whoever holds the case owes the
//! next step; the hall owes the registration (R2022 22: registering is unconditional).

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::reception::Ticket;
use crate::case::{Case, Fact, State, standing::day_of};
use crate::digest::Digest;
use crate::entry::Kind;

/// Days without an entry after which a case stands still.
pub const IDLE_DAYS: i32 = 15;

/// The outcome of an opinion that supports the petition, which is to be carried out (R2022 32).
const SUPPORTED: u32 = 1;

/// Days after which somebody who drew a ticket is to be registered.
pub const ENTRY_DAYS: i32 = 1;

/// How a case stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stall {
    /// No entry for more than [`IDLE_DAYS`] (程序空转).
    Idle,
    /// Decided, and not served (未送达).
    Unserved,
    /// Supported and served, and not carried out (未执行).
    Unexecuted,
}

impl Stall {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Idle, Self::Unserved, Self::Unexecuted];

    /// Its name in Chinese and English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Idle => ("程序空转", "no step for more than 15 days"),
            Self::Unserved => ("已作出意见未送达", "decided and not served"),
            Self::Unexecuted => ("支持诉求未执行", "supported and not carried out"),
        }
    }
}

/// The tickets of a hall that nothing was registered for within [`ENTRY_DAYS`] (入口不顺), the oldest first. `registered`
/// are the tickets that intakes name.
pub fn unregistered<'a>(
    tickets: &'a [Ticket],
    registered: &'a BTreeSet<Digest>,
    today: Date,
) -> impl Iterator<Item = &'a Ticket> {
    tickets.iter().filter(move |ticket| {
        let waits = !ticket.ended && !registered.contains(&ticket.leaf);
        waits && (today - ticket.drawn_on).get_days() > ENTRY_DAYS
    })
}

/// How a case stands still at a day; in several ways, or in none.
#[must_use]
pub fn stalls(case: &Case, today: Date) -> Vec<Stall> {
    let Some(leading) = case.leading() else { return Vec::new() };
    let state = leading.state();
    let mut found = Vec::new();
    let hours = case.facts().values().map(|fact| fact.header().recorded_at);
    let last = hours.max().map(day_of);
    let open = !state.is_final() && state != State::Served && state != State::ReviewServed;
    if open && last.is_some_and(|last| (today - last).get_days() > IDLE_DAYS) {
        found.push(Stall::Idle);
    }
    if matches!(state, State::Decided | State::ReviewDecided) {
        found.push(Stall::Unserved);
    }
    let steps = case.course();
    let facts: Vec<&Fact> = steps.iter().filter_map(|leaf| case.facts().get(leaf)).collect();
    let of_kind = |kind| facts.iter().filter(move |fact| fact.header().kind == kind);
    let supported = of_kind(Kind::Decided).next_back().is_some_and(|f| f.outcome() == SUPPORTED);
    let served = of_kind(Kind::Served).next().is_some();
    let executed = of_kind(Kind::Executed).any(|fact| fact.outcome() == 1);
    if supported && served && !executed && state != State::ReviewPending {
        found.push(Stall::Unexecuted);
    }
    found
}
