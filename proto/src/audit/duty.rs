//! Duties with a day: the clocks that entries pinned, and the service of opinions.
//!
//! Every clock of a case is looked at, also those that ended: one that was answered late is missed all the same. An
//! opinion is to be served (R2022 32, 35); within how many days is an [`Allowance`]. Days are days in China of the hours
//! that entries claim.

use jiff::Timestamp;
use jiff::civil::Date;

use super::allowance::Allowance;
use super::finding::Finding;
use crate::case::standing::day_of;
use crate::case::{Case, Clock, Fact};
use crate::entry::Kind;

/// The duties of a case that were not done in time, at `now`.
#[must_use]
pub fn check_duties(case: &Case, now: Timestamp, allowance: &Allowance) -> Vec<Finding> {
    let today = day_of(now);
    let mut findings: Vec<Finding> =
        case.clocks().iter().filter_map(|clock| deadline(case, clock, today)).collect();
    for thread in case.threads().values() {
        let steps: Vec<&Fact> =
            thread.steps().iter().filter_map(|leaf| case.facts().get(leaf)).collect();
        for (index, fact) in steps.iter().enumerate() {
            findings.extend(service(case, fact, &steps[index + 1..], today, allowance));
        }
    }
    findings
}

/// The day of the first opinion or closing among these steps.
pub(super) fn answered_on(later: &[&Fact]) -> Option<Date> {
    first(later, &[Kind::Decided, Kind::Closed])
}

fn first(later: &[&Fact], kinds: &[Kind]) -> Option<Date> {
    let mut headers = later.iter().map(|fact| fact.header());
    headers.find(|header| kinds.contains(&header.kind)).map(|header| day_of(header.recorded_at))
}

fn deadline(case: &Case, clock: &Clock, today: Date) -> Option<Finding> {
    let setting = clock.last();
    let fact = case.facts().get(&setting.leaf)?;
    let owed = !clock.duty.is_right() && !clock.duty.is_outside();
    let missed = clock.is_missed(today) && owed;
    missed.then(|| Finding::DeadlineMissed {
        case: case.id(),
        entry: fact.header().id(),
        duty: clock.duty,
        holder: clock.owed_by.as_ref().map_or(fact.header().journal.author, |one| one.division),
        due_on: clock.due_on(),
        answered_on: clock.ended.map(|ended| ended.on),
        days: clock.missed_by(today),
    })
}

fn service(
    case: &Case,
    fact: &Fact,
    later: &[&Fact],
    today: Date,
    allowance: &Allowance,
) -> Option<Finding> {
    if fact.header().kind != Kind::Decided {
        return None;
    }
    let decided_on = day_of(fact.header().recorded_at);
    let served_on = first(later, &[Kind::Served]);
    let days = (served_on.unwrap_or(today) - decided_on).get_days();
    (i64::from(days) > i64::from(allowance.service_days)).then(|| Finding::LateService {
        case: case.id(),
        entry: fact.header().id(),
        decided_on,
        served_on,
        days,
    })
}
