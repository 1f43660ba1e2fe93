//! Days that are not what the law gives: each pinned day is reckoned again by the pack and the calendar it names.
//!
//! A pack that the case does not stand under is a finding as well, and so is a first clock that begins later than
//! the intake came, or on a day that lay ahead. What names no pack (a report's day, a promise, an
//! entry of the first release) is not judged, nor what names one that is not known here.

use jiff::civil::Date;

use super::finding::Finding;
use crate::case::standing::day_of;
use crate::case::{Case, Fact, terms};
use crate::entry::Kind;
use crate::rules::Rules;

/// Whether the first clock of a case begins later than its intake came, or with a day that lay ahead when it was recorded.
fn is_misdated(case: &Case, opening: &Fact, from_on: Option<Date>) -> bool {
    let Some(from) = from_on.filter(|_| opening.header().kind == Kind::CaseOpened) else {
        return false;
    };
    let journal = opening.header().journal;
    let intakes = case
        .facts()
        .values()
        .map(Fact::header)
        .filter(|header| header.kind == Kind::IntakeRegistered && header.journal == journal);
    let received = intakes
        .min_by_key(|header| header.sequence)
        .map(|header| header.received_on.unwrap_or_else(|| day_of(header.recorded_at)));
    let recorded = day_of(opening.header().recorded_at);
    received.is_some_and(|received| received < from) || !terms::is_receivable(from, recorded)
}

/// The pinned days of a case that do not follow from the rules they name.
#[must_use]
pub fn check_reckoning(case: &Case, rules: &Rules) -> Vec<Finding> {
    let opening = case.first().and_then(|thread| thread.steps().first());
    let frozen = opening.and_then(|leaf| case.facts().get(leaf)).map(|fact| fact.rule_packs());
    let frozen = frozen.unwrap_or_default();
    let mut findings = Vec::new();
    for clock in case.clocks() {
        for setting in &clock.settings {
            let Some(fact) = case.facts().get(&setting.leaf) else { continue };
            let foreign = setting
                .pin
                .rule_pack
                .is_some_and(|pack| !frozen.is_empty() && !frozen.contains(&pack));
            let wrong = terms::is_as_reckoned(&setting.pin, setting.kind, rules) == Some(false);
            if foreign || wrong || is_misdated(case, fact, setting.pin.from_on) {
                findings.push(Finding::Misreckoned {
                    case: case.id(),
                    entry: fact.header().id(),
                    duty: clock.duty,
                    due_on: setting.pin.due_on,
                    foreign,
                });
            }
        }
    }
    findings
}
