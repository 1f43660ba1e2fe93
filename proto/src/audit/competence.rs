//! Whose an entry was to write: a petition office that decided the substance of a matter, an officer who was to keep out.
//!
//! Both are judged by headers and by the order within one journal; the desk refuses both, so what is found was written
//! past it.

use super::finding::Finding;
use crate::case::step::{STEPS, Who};
use crate::case::{Case, Fact};
use crate::entry::Kind;

/// The stage of handling (办理), in which a responsible unit decides.
const HANDLE: u32 = 1;

/// Entries by an organ or an officer who was not to write them.
#[must_use]
pub fn check_competence(case: &Case) -> Vec<Finding> {
    let (of, kept_out) = (case.id(), case.kept_out());
    let judged = case.facts().values().filter_map(|fact| {
        let entry = fact.header().id();
        if decides_without_competence(fact) {
            return Some(Finding::BeyondCompetence { case: of, entry });
        }
        let hand = &fact.header().hand;
        let recused = kept_out.iter().any(|(since, officer)| {
            since.journal == entry.journal
                && since.sequence < entry.sequence
                && [hand.officer.as_str(), &hand.on_behalf_of].contains(officer)
        });
        recused.then_some(Finding::Recused { case: of, entry })
    });
    judged.collect()
}

/// R2022 22, 32: a petition office above a township decides no substance.
fn decides_without_competence(fact: &Fact) -> bool {
    let header = fact.header();
    let kind: Kind = header.kind;
    let handling = header.place.as_ref().is_some_and(|place| place.stage == HANDLE);
    let of_unit = STEPS.iter().any(|step| step.kind == kind && step.who == Who::Unit);
    handling && of_unit && !Who::Unit.may_be(&header.actor())
}
