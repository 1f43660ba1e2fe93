//! What the desk adds to an officer's words: the clocks that an entry starts, and what the rules say in its place.
//!
//! An officer never writes a statutory day; it is reckoned here, by the rules the case stands under.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function is about a few kinds of entries and leaves all others as they are"
)]

use jiff::ToSpan as _;
use jiff::civil::Date;
use terrace_proto::case::fact::Pin;
use terrace_proto::case::{Guard, State, standing::day_of};
use terrace_proto::entry::header::{date_of, days_of};
use terrace_proto::entry::{Content, Holder, Kind};
use terrace_proto::rules::Duty;
use terrace_proto::rules::pack::Limit;
use terrace_proto::wire::{self, Due};

use super::DeskError;
use super::guards::past;
use super::matter::{Matter, refused};

/// The day the case came to whoever holds it: its last arrival, or its opening.
fn came(matter: &Matter<'_>) -> Date {
    let arrived = matter.last(Kind::Received).or_else(|| matter.thread.steps().first().copied());
    let fact = arrived.and_then(|leaf| matter.case.facts().get(&leaf));
    fact.map_or(matter.today, |fact| fact.on().unwrap_or_else(|| day_of(fact.header().recorded_at)))
}

/// The entry's words with what the rules add.
pub(super) fn complete(
    matter: &Matter<'_>,
    content: Content,
    to: Option<&Holder>,
) -> Result<Content, DeskError> {
    let terms = &matter.terms;
    let pins = |pins: Vec<Pin>| -> Vec<Due> { pins.iter().map(Pin::due).collect() };
    let one = |pin: Option<Pin>| pins(pin.into_iter().collect());
    Ok(match content {
        Content::Transferred(mut said) => {
            said.due = pins(at_hop(matter, to));
            Content::Transferred(said)
        }
        Content::Assigned(mut said) => {
            let report = Due { due_on: said.due_on, ..plain(Duty::ReportBack) };
            said.due = [report].into_iter().chain(pins(at_hop(matter, to))).collect();
            Content::Assigned(said)
        }
        Content::Received(mut said) => {
            let arrived = arrival(matter, said.arrived_on)?;
            said.due = pins(terms.at_arrival(matter.case, matter.thread, arrived));
            Content::Received(said)
        }
        Content::Accepted(mut said) => {
            let lawful = terms.at_acceptance(matter.today);
            said.due = one(promised(matter, said.due_on, lawful)?);
            said.due_on = said.due.first().map(|due| due.due_on);
            Content::Accepted(said)
        }
        Content::Extended(mut said) => {
            let whole = terms.at_extension(matter.case, matter.thread);
            let until = said.until_on.and_then(|days| date_of(days).ok());
            // Not behind the whole term: a later day is refused with it.
            said.due = one(whole.map(|pin| Pin {
                due_on: until.map_or(pin.due_on, |until| until.min(pin.due_on)),
                ..pin
            }));
            Content::Extended(said)
        }
        Content::SimpleChosen(mut said) => {
            said.due = one(terms.at_simple(came(matter), matter.today));
            Content::SimpleChosen(said)
        }
        Content::Served(mut said) => {
            let served = date_of(said.served_on).unwrap_or(matter.today);
            said.due = terms.at_service(matter.thread, served).iter().map(Pin::due).collect();
            Content::Served(said)
        }
        Content::HearingStopped(mut said) => {
            let stopped = date_of(said.stopped_on).unwrap_or(matter.today);
            said.due = one(terms.at_hearing_end(matter.case, matter.thread, stopped));
            Content::HearingStopped(said)
        }
        Content::DisputeRejected(mut said) => {
            said.due = pins(terms.at_rejection(matter.case, matter.thread));
            Content::DisputeRejected(said)
        }
        Content::Diverted(mut said) => {
            said.due = one(terms.pin(Duty::Handover, matter.today));
            said.warnings = warnings(matter, &said.route);
            Content::Diverted(said)
        }
        Content::Withdrawn(mut said) => {
            said.due = one(terms.pin(Duty::WithdrawalUndo, matter.today));
            Content::Withdrawn(said)
        }
        Content::ReviewDecided(mut said) => {
            if matter.thread.state() == State::ReexamPending && said.certificate.is_empty() {
                let number = matter.case.called().unwrap_or_default();
                said.certificate = format!("终结-{number}");
            }
            Content::ReviewDecided(said)
        }
        other => other,
    })
}

/// What the receiver of a hop owes. At another office its arrival is presumed until it says so.
fn at_hop(matter: &Matter<'_>, to: Option<&Holder>) -> Vec<Pin> {
    let Some(to) = to else { return Vec::new() };
    let elsewhere = to.division != matter.actor.division;
    matter.terms.at_hop(matter.case, to, matter.today, elsewhere)
}

/// The day a case came: not before it was sent, not ahead.
fn arrival(matter: &Matter<'_>, said: Option<i32>) -> Result<Date, DeskError> {
    let Some(days) = said else { return Ok(matter.today) };
    past(Guard::Day, days, matter.today)?;
    let arrived = date_of(days).unwrap_or(matter.today);
    let hop = matter.thread.tip().and_then(|leaf| matter.case.facts().get(&leaf));
    // The sender's clock may go ahead of this one by a day at most.
    let sent = hop.map(|fact| day_of(fact.header().recorded_at).saturating_sub(1.day()));
    if sent.is_some_and(|sent| arrived < sent) {
        return Err(refused(Guard::Day, "it came before it was sent"));
    }
    Ok(arrived)
}

/// The lawful day, or an earlier one that the officer promises.
fn promised(
    matter: &Matter<'_>,
    said: Option<i32>,
    lawful: Option<Pin>,
) -> Result<Option<Pin>, DeskError> {
    let Some(days) = said else { return Ok(lawful) };
    let day = date_of(days).map_err(|_| DeskError::DueDate { today: matter.today })?;
    if day <= matter.today {
        return Err(DeskError::DueDate { today: matter.today });
    }
    match lawful {
        Some(pin) if pin.due_on < day => Err(refused(
            Guard::Day,
            format!(
                "the law gives until {}: an earlier day can be promised, a later one not",
                pin.due_on
            ),
        )),
        Some(pin) if pin.due_on == day => Ok(Some(pin)),
        Some(_) | None => Ok(Pin::read(&Due { due_on: days_of(day), ..plain(Duty::Handle) })),
    }
}

/// A day that no rule set.
fn plain(duty: Duty) -> Due {
    Due { duty: duty.code().to_owned(), ..Due::default() }
}

/// The limitation periods of a route, in both languages.
fn warnings(matter: &Matter<'_>, route: &str) -> Vec<String> {
    let routes = matter.terms.rules().routes();
    let told = |limit: &Limit| format!("{} {}", limit.zh, limit.en);
    let of_it = routes.filter(|one| one.code == route);
    of_it.flat_map(|one| one.limits.iter().map(told)).collect()
}

/// Whether words of earlier entries are needed to complete or judge this one.
pub(super) fn needs_words(content: &Content) -> bool {
    let refusal = matches!(content, Content::NotAccepted(_) | Content::NoLongerAccepted(_));
    refusal || matches!(content, Content::Decided(_) | Content::Triaged(_))
}

/// Who gets the case by a step that hands it over without naming a receiver: a dispute goes back to the sender, its
/// rejection to whoever disputed.
pub(super) fn receiver(matter: &Matter<'_>, content: &Content) -> Option<Holder> {
    use terrace_proto::entry::Kind;
    let kinds: &[Kind] = match content {
        Content::Disputed(_) => &[Kind::Transferred, Kind::Assigned, Kind::DisputeRejected],
        Content::DisputeRejected(_) => &[Kind::Disputed],
        _ => return None,
    };
    let steps = matter.thread.steps().iter().rev().filter_map(|leaf| matter.case.facts().get(leaf));
    let mut hops = steps.filter(|fact| kinds.contains(&fact.header().kind));
    hops.next()?.header().custody_from.clone()
}

/// A message that says whose matter it is, if it does.
pub(super) fn competent(said: &wire::Triaged) -> Option<u64> {
    Some(said.competent).filter(|code| *code != 0)
}
