//! The words of an entry that its case needs to be folded.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function asks one question that most entries have no answer to"
)]

use super::{Detail, Pin, Visit, pins, plain_duty};
use crate::case::past::NUMBER_LIMIT;
use crate::digest::{CaseId, Digest};
use crate::division::DivisionCode;
use crate::entry::header::date_of;
use crate::entry::{Content, Holder, body};
use crate::figure::measured::GUIDED;
use crate::roll::package::Test;
use crate::rules::gate::{Reason, VISIT};
use crate::wire::{self, Due};

/// Characters of a title that a case keeps: a line of a list.
const TITLE: usize = 60;

/// What a fold keeps of the words of an entry.
pub(super) fn of(content: &Content) -> Detail {
    let mut detail = Detail {
        pins: pins(dues(content)),
        about: about(content).and_then(Digest::read),
        on: day(content).and_then(|days| date_of(days).ok()),
        outcome: outcome(content),
        ..Detail::default()
    };
    if let (Some(days), None) = (plain_day(content), detail.pins.first())
        && let (Ok(due_on), Some(duty)) = (date_of(days), plain_duty(body::kind(content)))
    {
        detail.pins.push(Pin::plain(duty, due_on));
    }
    if let Content::CaseOpened(opened) = content {
        detail.number = opened.number.parse().ok();
        detail.rule_packs = opened.rule_packs.iter().filter_map(|one| Digest::read(one)).collect();
    } else if let Content::IntakeRegistered(intake) = content {
        detail.title = title(intake);
        detail.petitioner_key.clone_from(&intake.petitioner_key);
        detail.agents = intake.agents;
        detail.mandate_on_paper = !intake.mandate.is_empty();
        detail.visit = visit(intake);
        detail.former_number = former(intake);
    } else if let Content::PastTakenOver(past) = content {
        let intake = past.intake.as_ref();
        detail.title = intake.map(title).unwrap_or_default();
        detail.former_number = intake.map(former).unwrap_or_default();
    } else if let Content::Supervised(supervised) = content {
        detail.supervised = supervised.supervised.as_ref().and_then(Holder::read);
    } else if let Content::ReviewRequested(asked) = content {
        detail.supervised = asked.asked_of.as_ref().and_then(Holder::read);
    } else if let Content::Withdrawn(wire::Withdrawn { signature, .. })
    | Content::WithdrawalUndone(wire::WithdrawalUndone { signature, .. })
    | Content::Rated(wire::Rated { signature, .. })
    | Content::ContentStated(wire::ContentStated { signature, .. })
    | Content::PublicationConsented(wire::PublicationConsented { signature, .. })
    | Content::MandateStated(wire::MandateStated { signature, .. }) = content
    {
        detail.signature.clone_from(signature);
    } else if let Content::CasesLinked(linked) = content {
        detail.other = CaseId::read(&linked.case_id);
    } else if let Content::RecusalAsked(asked) = content {
        detail.officer.clone_from(&asked.officer);
    }
    detail
}

/// A visit, as figures count it; none of a record of the past.
fn visit(intake: &wire::IntakeRegistered) -> Option<Visit> {
    let legacy = intake.provenance.as_ref().is_some_and(|from| from.legacy);
    let place = DivisionCode::from_number(intake.place).ok().filter(|_| intake.place != 0);
    let field = intake.category.get(..2).and_then(|two| two.parse().ok()).unwrap_or(0);
    let visit = Visit { place, persons: intake.persons, field };
    (intake.channel == VISIT && !legacy).then_some(visit)
}

/// The number a record of the past had where it was kept, as lists can hold it; none where it is no number that anybody
/// could have written down.
fn former(intake: &wire::IntakeRegistered) -> String {
    let number = intake.provenance.as_ref().map(|from| from.number.as_str()).unwrap_or_default();
    let written = number.len() <= NUMBER_LIMIT && !number.contains(char::is_control);
    if written { number.trim().to_owned() } else { String::new() }
}

/// The first line that says something, cut.
fn title(intake: &wire::IntakeRegistered) -> String {
    let words = if intake.title.is_empty() { &intake.text } else { &intake.title };
    let line = words.split(['\n', '\r']).find(|line| !line.trim().is_empty());
    line.unwrap_or_default().trim().chars().take(TITLE).collect()
}

/// The clocks an entry pins.
fn dues(content: &Content) -> &[Due] {
    match content {
        Content::CaseOpened(said) => &said.due,
        Content::Transferred(said) => &said.due,
        Content::Assigned(said) => &said.due,
        Content::Received(said) => &said.due,
        Content::Accepted(said) => &said.due,
        Content::Served(said) => &said.due,
        Content::TakenUp(said) => &said.due,
        Content::Diverted(said) => &said.due,
        Content::DisputeRejected(said) => &said.due,
        Content::Extended(said) => &said.due,
        Content::HearingStopped(said) => &said.due,
        Content::Withdrawn(said) => &said.due,
        Content::ReviewRequested(said) => &said.due,
        Content::SimpleChosen(said) => &said.due,
        Content::Supervised(said) => &said.due,
        Content::ReportJudged(said) => &said.due,
        _ => &[],
    }
}

/// A day that is given without a pin.
fn plain_day(content: &Content) -> Option<i32> {
    match content {
        Content::Assigned(assigned) => Some(assigned.due_on),
        Content::Accepted(accepted) => accepted.due_on,
        _ => None,
    }
}

/// The entry it is about.
fn about(content: &Content) -> Option<&[u8]> {
    match content {
        Content::Erased(said) => Some(&said.proposal),
        Content::ReviewRequested(said) => Some(&said.about),
        Content::RequestDeclined(said) => Some(&said.request),
        Content::Supervised(said) => Some(&said.about),
        Content::SupervisionAnswered(said) => Some(&said.supervision),
        Content::ReportedBack(said) => Some(&said.assignment),
        Content::ReportJudged(said) => Some(&said.report),
        Content::ProposalAnswered(said) => Some(&said.proposal),
        Content::Corrected(said) => Some(&said.entry),
        Content::LinkUndone(said) => Some(&said.link),
        Content::RecusalAsked(said) => Some(&said.expert),
        Content::RecusalDecided(said) => Some(&said.request),
        Content::Rated(said) => Some(&said.about),
        Content::PackageWorked(wire::PackageWorked { package, .. })
        | Content::PackageTested(wire::PackageTested { package, .. }) => Some(package),
        Content::ContentStated(said) => Some(&said.about),
        Content::LeadDecided(said) => Some(&said.crossing),
        Content::AssistanceEnded(said) => Some(&said.offer),
        Content::PublicationConsented(said) => Some(&said.about),
        Content::MandateStated(said) => Some(&said.about),
        Content::IntakeRegistered(said) => Some(&said.ticket),
        Content::CasePublished(said) => Some(&said.consent),
        _ => None,
    }
}

/// The day it speaks of.
fn day(content: &Content) -> Option<i32> {
    match content {
        Content::Received(said) => said.arrived_on,
        Content::Served(said) => Some(said.served_on),
        Content::Inquired(said) => Some(said.held_on),
        Content::HearingStarted(said) => Some(said.started_on),
        Content::HearingStopped(said) => Some(said.stopped_on),
        Content::Executed(said) => Some(said.executed_on),
        Content::ReviewRequested(said) => Some(said.requested_on),
        Content::Lapsed(said) => Some(said.window_ended_on),
        Content::HandoverAcknowledged(said) => Some(said.acknowledged_on),
        Content::RecusalAsked(said) => Some(said.asked_on),
        Content::CasePackaged(said) => Some(said.target_on),
        _ => None,
    }
}

/// Its outcome, ground or form.
fn outcome(content: &Content) -> u32 {
    match content {
        Content::Decided(said) => said.outcome,
        Content::ReviewDecided(said) => said.outcome,
        Content::TakenUp(said) => said.ground,
        Content::Supervised(said) => said.rung,
        Content::ReviewRequested(said) => said.stage,
        Content::RequestDeclined(said) => said.ground,
        Content::Executed(said) => said.done.into(),
        Content::RedoOrdered(said) => said.other_conclusion.into(),
        Content::CasesLinked(said) => said.relation,
        Content::RecusalDecided(said) => said.granted.into(),
        Content::PublicationConsented(said) => said.consented.into(),
        Content::MandateStated(said) => said.given.into(),
        Content::RepresentativesElected(said) => said.representatives,
        Content::ContentStated(said) => said.content.into(),
        Content::AssistanceOffered(said) => said.declined.into(),
        Content::Triaged(said) => said.level,
        Content::NotAccepted(said) if said.code == Reason::Level.code() => GUIDED,
        Content::CasePackaged(said) => said.leader.as_ref().map_or(0, |leader| leader.level),
        Content::PackageTested(said) => Test::outcome(said),
        _ => 0,
    }
}
