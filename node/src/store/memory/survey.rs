//! What surveys seek among cases: those that stand still, and hard ones, by the rules as they are written.

use jiff::Timestamp;
use jiff::civil::Date;
use terrace_proto::roll::screening::{Item, screen};
use terrace_proto::roll::stall::Stall;

use crate::store::{CaseRecord, Sought, SoughtRecord};

/// The cases that are as is sought, in order.
pub(super) fn sought<'c>(
    cases: impl Iterator<Item = &'c CaseRecord>,
    sought: &Sought,
) -> Vec<SoughtRecord> {
    match sought {
        Sought::Still(stall, today) => still(cases, *stall, *today),
        Sought::Hard(rule, today) => {
            let found: Vec<SoughtRecord> = cases.map(found).collect();
            let items = found.iter().filter_map(|one| {
                Some(Item { case: one.id, opened_at: one.opened_at, trail: one.trail? })
            });
            let hard = screen(&items.collect::<Vec<_>>(), rule, *today);
            let of = |item: &Item| found.iter().find(|one| one.id == item.case).cloned();
            hard.iter().filter_map(of).collect()
        }
    }
}

fn still<'c>(
    cases: impl Iterator<Item = &'c CaseRecord>,
    stall: Stall,
    today: Date,
) -> Vec<SoughtRecord> {
    let is = |case: &&CaseRecord| case.pace.is_some_and(|pace| stall.is_of(&pace, today));
    let mut still: Vec<&CaseRecord> = cases.filter(is).collect();
    let idle_since = |case: &CaseRecord| case.pace.and_then(|pace| pace.idle_since);
    match stall {
        Stall::Idle => still.sort_by_key(|case| (idle_since(case), case.id)),
        Stall::Unserved | Stall::Unexecuted => still.sort_by_key(|case| (case.opened_at, case.id)),
    }
    still.into_iter().map(found).collect()
}

fn found(case: &CaseRecord) -> SoughtRecord {
    SoughtRecord {
        id: case.id,
        number: case.number.clone(),
        opened_at: Timestamp::from_millisecond(case.opened_at).unwrap_or(Timestamp::MIN),
        trail: case.pace.and_then(|pace| pace.trail),
    }
}
