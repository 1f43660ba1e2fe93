//! Side entries: requests of the petitioner, supervision, reports back, proposals, corrections.
//!
//! They stand beside the thread, change no state and commute. Whoever holds the case may write them, each within what
//! the law lets that office say: a petition office supervises its own level and below, an assignment is reported on by
//! whoever it was given to, and nobody corrects another office's entry.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function is about a few kinds of entries and leaves all others as they are"
)]

use terrace_proto::case::fact::{Fact, Pin};
use terrace_proto::case::{Case, Guard};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::header::{Hand, date_of, days_of};
use terrace_proto::entry::{Content, Holder, Kind};
use terrace_proto::rules::Duty;
use terrace_proto::wire::{self, Due};

use super::guards::past;
use super::matter::{Matter, refused};
use super::{Desk, DeskError, Taken};
use crate::archive::Draft;

impl Desk<'_> {
    /// Adds an entry beside the thread.
    ///
    /// # Errors
    ///
    /// [`DeskError::Guard`] where words or days are missing; [`DeskError::NotForYou`] where it is another office's to say;
    /// [`DeskError::NotThatEntry`] where what it answers is not in the case.
    pub async fn beside(
        &mut self,
        id: CaseId,
        hand: &Hand,
        content: Content,
    ) -> Result<Taken, DeskError> {
        let case = self.known(id).await?;
        let rules = self.archive.rules().clone();
        let matter = self.matter(&case, Vec::new(), hand, &rules)?;
        self.rolled(&matter, &content).await?;
        let content = self.completed_beside(&matter, content)?;
        self.write(Draft::plain(hand.clone(), Some(id), content), None).await
    }

    fn completed_beside(
        &self,
        matter: &Matter<'_>,
        content: Content,
    ) -> Result<Content, DeskError> {
        Ok(match content {
            Content::ReviewRequested(said) => {
                Content::ReviewRequested(self.requested(matter, said)?)
            }
            Content::Supervised(said) => Content::Supervised(self.supervised(matter, said)?),
            Content::SupervisionAnswered(said) => {
                let asked = entry(matter.case, &said.supervision, Kind::Supervised)?;
                answered_by(matter, asked.addressed())?;
                worded(&said.words)?;
                Content::SupervisionAnswered(said)
            }
            Content::ReportedBack(said) => {
                reported(matter, &said)?;
                Content::ReportedBack(said)
            }
            Content::ReportJudged(said) => Content::ReportJudged(report_judged(matter, said)?),
            Content::HandoverAcknowledged(said) => {
                past(Guard::Day, said.acknowledged_on, matter.today)?;
                worded(&said.body)?;
                Content::HandoverAcknowledged(said)
            }
            Content::Proposed(said) => {
                worded(&said.words)?;
                named(said.form, 3)?;
                Content::Proposed(said)
            }
            Content::ProposalAnswered(said) => {
                entry(matter.case, &said.proposal, Kind::Proposed)?;
                worded(&said.words)?;
                named(said.adoption, 3)?;
                Content::ProposalAnswered(said)
            }
            Content::Corrected(said) => {
                corrected(matter, &said)?;
                Content::Corrected(said)
            }
            Content::RequestDeclined(said) => {
                self.declined(matter, &said)?;
                Content::RequestDeclined(said)
            }
            Content::UrgentReported(said) => {
                worded(&said.words)?;
                worded(&said.measures)?;
                Content::UrgentReported(said)
            }
            Content::FactsJudged(said) => {
                facts_judged(matter, &said)?;
                Content::FactsJudged(said)
            }
            other => other,
        })
    }

    /// R2022 39, 40: a petition office supervises organs of its level and below.
    fn supervised(
        &self,
        matter: &Matter<'_>,
        mut said: wire::Supervised,
    ) -> Result<wire::Supervised, DeskError> {
        let holder = matter.thread.holder();
        let to = said.supervised.as_ref().and_then(Holder::read).unwrap_or_else(|| holder.clone());
        let below = self.archive.tree().is_within(to.division, matter.actor.division);
        if !matter.actor.organ.is_empty() || !below || to == matter.actor {
            let why = "a petition office supervises other organs of its level and below";
            return Err(DeskError::NotForYou { actor: matter.actor.clone(), why });
        }
        named(said.trigger, 7)?;
        named(said.rung, 6)?;
        worded(&said.words)?;
        said.supervised = Some(to.to_wire());
        said.due = dues(matter.terms.pin(Duty::SupervisionFeedback, matter.today));
        Ok(said)
    }
}

fn reported(matter: &Matter<'_>, said: &wire::ReportedBack) -> Result<(), DeskError> {
    worded(&said.report)?;
    let leaf = Digest::read(&said.assignment).unwrap_or_default();
    let asked = matter.case.facts().get(&leaf);
    let asked =
        asked.filter(|fact| matches!(fact.header().kind, Kind::Assigned | Kind::ReportJudged));
    let asked = asked.ok_or(DeskError::NotThatEntry { leaf, kind: "assignment" })?;
    let given_to = if asked.header().kind == Kind::Assigned {
        asked.header().custody_to.clone()
    } else {
        asked
            .about()
            .and_then(|report| matter.case.facts().get(&report))
            .map(|fact| fact.header().organ())
    };
    answered_by(matter, given_to.as_ref())
}

/// HN2012 26(4): whoever assigned it reviews the report, and may return it with a new day.
fn report_judged(
    matter: &Matter<'_>,
    mut said: wire::ReportJudged,
) -> Result<wire::ReportJudged, DeskError> {
    let report = entry(matter.case, &said.report, Kind::ReportedBack)?;
    let assignment = report.about().and_then(|leaf| matter.case.facts().get(&leaf));
    if assignment.map(|fact| fact.header().organ()).map(|one| one.division)
        != Some(matter.actor.division)
    {
        let why = "a report is reviewed by whoever gave the assignment";
        return Err(DeskError::NotForYou { actor: matter.actor.clone(), why });
    }
    worded(&said.words)?;
    let until = said.due.first().and_then(|due| date_of(due.due_on).ok());
    said.due = Vec::new();
    if said.returned {
        let until = until.filter(|day| *day > matter.today);
        let until = until.ok_or(DeskError::DueDate { today: matter.today })?;
        said.due = vec![Due {
            duty: Duty::ReportBack.code().to_owned(),
            due_on: days_of(until),
            ..Due::default()
        }];
    }
    Ok(said)
}

/// What is brought up again after the end is judged by a human, with reasons; new facts are a case of their own.
fn facts_judged(matter: &Matter<'_>, said: &wire::FactsJudged) -> Result<(), DeskError> {
    let no = |why: &str| Err(refused(Guard::Words, why));
    if !matter.thread.state().is_final() {
        return no("the case has not ended: bring what is new into it");
    }
    if matter.hand.officer.trim().is_empty() || said.reasons.trim().is_empty() {
        return no("an officer judges it, by staff number, and with reasons");
    }
    if said.new_facts != (said.case_id.len() == 16) {
        return no("name the new case where there are new facts, and none where there are not");
    }
    Ok(())
}

/// A slip is set right by the office that made it, in words; the entry itself stays.
fn corrected(matter: &Matter<'_>, said: &wire::Corrected) -> Result<(), DeskError> {
    let leaf = Digest::read(&said.entry).unwrap_or_default();
    let fact = matter.case.facts().get(&leaf);
    let fact = fact.ok_or(DeskError::NotThatEntry { leaf, kind: "entry" })?;
    if fact.header().journal.author != matter.actor.division {
        let why = "an office corrects its own slips; what another office decided is reversed by a superior";
        return Err(DeskError::NotForYou { actor: matter.actor.clone(), why });
    }
    for words in [&said.field, &said.right, &said.reason] {
        worded(words)?;
    }
    Ok(())
}

pub(super) fn entry<'a>(case: &'a Case, leaf: &[u8], kind: Kind) -> Result<&'a Fact, DeskError> {
    let leaf = Digest::read(leaf).unwrap_or_default();
    let fact = case.facts().get(&leaf).filter(|fact| fact.header().kind == kind);
    fact.ok_or(DeskError::NotThatEntry { leaf, kind: kind.en() })
}

fn answered_by(matter: &Matter<'_>, asked: Option<&Holder>) -> Result<(), DeskError> {
    if asked == Some(&matter.actor) {
        return Ok(());
    }
    let why = "whoever was asked answers";
    Err(DeskError::NotForYou { actor: matter.actor.clone(), why })
}

pub(super) fn worded(words: &str) -> Result<(), DeskError> {
    let empty = words.trim().is_empty();
    if empty { Err(refused(Guard::Words, "give the words")) } else { Ok(()) }
}

pub(super) fn named(number: u32, most: u32) -> Result<(), DeskError> {
    let known = (1..=most).contains(&number);
    if known { Ok(()) } else { Err(refused(Guard::Words, format!("choose one of 1 to {most}"))) }
}

fn dues(pin: Option<Pin>) -> Vec<Due> {
    pin.iter().map(Pin::due).collect()
}
