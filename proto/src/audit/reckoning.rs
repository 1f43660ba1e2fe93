//! Days that are not what the law gives: each pinned day is reckoned again by the pack and the calendar it names.
//!
//! A pack that the case does not stand under is a finding as well. What names no pack (a report's day, a promise, an
//! entry of the first release) is not judged, nor what names one that is not known here.

use super::finding::Finding;
use crate::case::{Case, terms};
use crate::rules::Rules;

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
            if foreign || wrong {
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
