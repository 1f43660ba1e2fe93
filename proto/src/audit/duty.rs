//! Duties with a day: pinned due dates, and the service of opinions.
//!
//! A day that an entry pinned (an assignment, R2022 22(3); an acceptance, R2022 34) is answered by the first
//! opinion or closing after it in the thread. An opinion is to be served (R2022 32, 35); within how many days is
//! an [`Allowance`]. Days are days in China of the hours that entries claim.

use jiff::Timestamp;
use jiff::civil::Date;

use super::allowance::Allowance;
use super::finding::Finding;
use crate::case::standing::day_of;
use crate::case::{Case, Fact};
use crate::entry::Kind;

/// The duties of a case that were not done in time, at `now`.
#[must_use]
pub fn check_duties(case: &Case, now: Timestamp, allowance: &Allowance) -> Vec<Finding> {
    let today = day_of(now);
    let mut findings = Vec::new();
    for thread in case.threads().values() {
        let steps: Vec<&Fact> =
            thread.steps().iter().filter_map(|leaf| case.facts().get(leaf)).collect();
        for (index, fact) in steps.iter().enumerate() {
            let later = &steps[index + 1..];
            findings.extend(deadline(case, fact, later, today));
            findings.extend(service(case, fact, later, today, allowance));
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

fn deadline(case: &Case, fact: &Fact, later: &[&Fact], today: Date) -> Option<Finding> {
    let (due_on, answered_on) = (fact.due_on()?, answered_on(later));
    let days = (answered_on.unwrap_or(today) - due_on).get_days();
    (days > 0).then(|| Finding::DeadlineMissed {
        case: case.id(),
        entry: fact.header().id(),
        holder: fact
            .header()
            .custody_to
            .as_ref()
            .map_or(fact.header().journal.author, |holder| holder.division),
        due_on,
        answered_on,
        days,
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
