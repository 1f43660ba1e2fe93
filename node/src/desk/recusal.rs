//! Keeping out of a case for an interest of one's own in it (回避; R2022 28, SD2015 12, ZJ2016 9).
//!
//! Anyone may ask; the office whose officer it is decides, by another officer. Whoever is to keep out takes no step and
//! says nothing beside the thread from then on.

use terrace_proto::case::{Case, Guard};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Kind;
use terrace_proto::entry::header::Hand;
use terrace_proto::wire;

use super::DeskError;
use super::beside::{entry, worded};
use super::guards::past;
use super::matter::{Matter, refused};

/// Whether an officer of this office may act in a case.
pub(super) fn keeps_in(case: &Case, hand: &Hand, office: DivisionCode) -> Result<(), DeskError> {
    let recused = case.recused();
    for officer in [&hand.officer, &hand.on_behalf_of] {
        if recused.contains(&(office, officer.as_str())) {
            return Err(DeskError::Recused(officer.clone()));
        }
    }
    Ok(())
}

/// A request names an officer or an expert, and the grounds.
pub(super) fn asked(matter: &Matter<'_>, said: &wire::RecusalAsked) -> Result<(), DeskError> {
    let one = said.officer.trim().is_empty() != Digest::read(&said.expert).is_none();
    if !one {
        return Err(refused(Guard::Words, "name one officer, or one expert"));
    }
    past(Guard::Day, said.asked_on, matter.today)?;
    worded(&said.grounds)
}

/// It is decided once, with the reason, and not by whom it is about.
pub(super) fn decided(matter: &Matter<'_>, said: &wire::RecusalDecided) -> Result<(), DeskError> {
    let request = entry(matter.case, &said.request, Kind::RecusalAsked)?;
    let no = |why: &str| Err(refused(Guard::Words, why));
    if matter.hand.officer.trim().is_empty() || matter.hand.officer == request.officer() {
        return no("another officer decides, by staff number");
    }
    let before = matter.case.facts().values().any(|fact| {
        fact.header().kind == Kind::RecusalDecided
            && fact.about() == Some(request.leaf())
            && fact.header().journal.author == matter.actor.division
    });
    if before {
        return no("this office has decided on it");
    }
    worded(&said.reason)
}
