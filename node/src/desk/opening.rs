//! Threads that follow another one: a review, a redo, a case that a superior takes up.
//!
//! The opening names the last entry of the former thread that this office knows; from then on the new thread determines
//! the state. Whoever handled the case never reviews it.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function is about a few kinds of entries and leaves all others as they are"
)]

use jiff::Timestamp;
use terrace_proto::audit::{Allowance, check_silence};
use terrace_proto::case::fact::Fact;
use terrace_proto::case::step::{self, Opening};
use terrace_proto::case::{Guard, State};
use terrace_proto::digest::{CaseId, Digest, ThreadId};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, Holder, Kind, body};
use terrace_proto::rules::Duty;

use super::matter::{Matter, refused};
use super::{Desk, DeskError, Taken, unlawful};
use crate::archive::Draft;
use crate::cabinet::DISCIPLINE;
use crate::surroundings::name;

/// The ground that the office below is silent.
const SILENT: u32 = 2;

impl Desk<'_> {
    /// Opens a thread that follows the leading one.
    ///
    /// # Errors
    ///
    /// [`DeskError::Unlawful`] where the table grants no such opening; [`DeskError::Guard`] where its guard stands against
    /// it; [`DeskError::DisciplineOnly`] for a report that is continued; [`DeskError::NotForYou`] where this office does not stand above the one that holds the case.
    pub async fn open(
        &mut self,
        id: CaseId,
        hand: &Hand,
        content: Content,
    ) -> Result<Taken, DeskError> {
        let case = self.known(id).await?;
        if case.is_report() && hand.organ != DISCIPLINE {
            return Err(DeskError::DisciplineOnly);
        }
        let rules = self.archive.rules().clone();
        let matter = self.matter(&case, Vec::new(), hand, &rules)?;
        let (thread, kind) = (matter.thread, body::kind(&content));
        if let Some(contest) = thread.contest() {
            return Err(DeskError::Contested { settler: contest.settler });
        }
        let holder = thread.holder();
        let above = self.archive.tree().is_within(holder.division, matter.actor.division);
        let own = *holder == matter.actor && kind != Kind::RedoOrdered;
        if !above || own {
            let why = "only an organ at or above the office that holds the case, and never that organ itself, opens another thread";
            return Err(DeskError::NotForYou { actor: matter.actor, why });
        }
        let opening =
            granted(&content, thread.state()).ok_or_else(|| unlawful(kind, thread.state()))?;
        let considered = self.considered(&matter, opening)?;
        let mut content = content;
        if let Content::TakenUp(said) = &mut content {
            taking_up(&matter, opening.guard, said.ground, &said.reason)?;
            if said.ground == SILENT {
                self.silent(matter.thread.holder().division)?;
            }
            let pin = matter.terms.pin(Duty::Triage, matter.today);
            said.due = pin.iter().map(terrace_proto::case::fact::Pin::due).collect();
        }
        let here = matter.actor.clone();
        let new = ThreadId(name(self.archive.chance()));
        let mut draft = Draft::plain(hand.clone(), Some(id), content);
        draft.place = Some(Place { thread: new, stage: opening.stage, predecessor: None });
        draft.custody = Some((None, here.clone()));
        draft.audience_added = vec![here.division];
        draft.considered = considered;
        self.write(draft, Some(here)).await
    }

    /// That nothing has come from an office for as long as the audit calls silence.
    fn silent(&self, office: DivisionCode) -> Result<(), DeskError> {
        let journals = self.archive.journals().values();
        let stored = journals.filter(|journal| journal.id.author == office);
        let last = stored.filter_map(|journal| journal.stored_at).max();
        let last = last.and_then(|at| Timestamp::from_millisecond(at).ok());
        let (now, allowance) = (self.archive.clock().now(), Allowance::default());
        if last.is_none_or(|last| check_silence(office, last, now, &allowance).is_some()) {
            return Ok(());
        }
        let why = "something has come from that office within three days: it is not silent, give another ground";
        Err(refused(Guard::TakingUp, why))
    }

    /// What the opening takes into account: the last entry of the former thread, and the request where one is needed.
    fn considered(&self, matter: &Matter<'_>, opening: &Opening) -> Result<Vec<Digest>, DeskError> {
        let tip = matter.thread.tip().ok_or(DeskError::Incomplete)?;
        match opening.guard {
            Guard::Review => Ok(vec![tip, self.reviewable(matter, opening)?]),
            Guard::Revoked => revoked(matter).map(|()| vec![tip]),
            _ => Ok(vec![tip]),
        }
    }

    /// The request that opens a review or re-examination here.
    fn reviewable(&self, matter: &Matter<'_>, opening: &Opening) -> Result<Digest, DeskError> {
        let no = |why: String| Err(refused(Guard::Review, why));
        let handler = matter.thread.holder();
        if !matter.terms.has_level_above(handler.division) {
            return no(format!("the opinion of {handler} is final: there is no level above it"));
        }
        let one_up = self.archive.tree().superior(handler.division) == Some(matter.actor.division);
        let own_government = handler.division == matter.actor.division
            && !handler.organ.is_empty()
            && matter.actor.organ.is_empty();
        if !one_up && !own_government {
            return no(format!("{} is not one level above {handler}", matter.actor));
        }
        if handled(matter) {
            return no(format!("officer {} has handled this case", matter.hand.officer));
        }
        let asked = matter.case.facts().values().filter(|fact| {
            fact.header().kind == Kind::ReviewRequested
                && fact.outcome() == opening.stage
                && fact.about().is_some_and(|about| matter.thread.steps().contains(&about))
                && !matter.case.is_declined(fact.leaf())
        });
        // The one that was asked of this organ before any other.
        let first = asked.min_by_key(|fact| {
            let elsewhere = fact.addressed() != Some(&matter.actor);
            (elsewhere, fact.header().recorded_at, fact.leaf())
        });
        let Some(first) = first else {
            return no("the petitioner has not asked for it".into());
        };
        Ok(first.leaf())
    }
}

/// The row of the table for an opening: a reversal and a taking-up are one kind, told apart by their ground.
fn granted(content: &Content, state: State) -> Option<&'static Opening> {
    let opening = step::opening(state, body::kind(content))?;
    match content {
        Content::TakenUp(said) => {
            let reversal = said.ground == 4;
            (reversal == (opening.guard == Guard::Reversal)).then_some(opening)
        }
        _ => Some(opening),
    }
}

/// Whether the officer who acts has written a step of the former thread at this office.
fn handled(matter: &Matter<'_>) -> bool {
    let steps = matter.thread.steps().iter().filter_map(|leaf| matter.case.facts().get(leaf));
    let mut hands = steps.map(Fact::header).filter(|h| h.journal.author == matter.actor.division);
    !matter.hand.officer.is_empty() && hands.any(|h| h.hand.officer == matter.hand.officer)
}

fn revoked(matter: &Matter<'_>) -> Result<(), DeskError> {
    let decided = matter.last(Kind::ReviewDecided).and_then(|leaf| matter.case.facts().get(&leaf));
    if decided.is_some_and(|fact| fact.outcome() == 3) {
        return Ok(());
    }
    Err(refused(Guard::Revoked, "the opinion did not revoke what was decided"))
}

/// Overdue or disputed below as the entries show it; anything else with its reason.
fn taking_up(
    matter: &Matter<'_>,
    guard: Guard,
    ground: u32,
    reason: &str,
) -> Result<(), DeskError> {
    let no = |why: &str| Err(refused(guard, why));
    if reason.trim().is_empty() {
        return no("give the reason");
    }
    let below: &Holder = matter.thread.holder();
    let missed = matter.case.clocks().into_iter().any(|clock| {
        clock.ended.is_none()
            && clock.is_missed(matter.today)
            && clock.owed_by.as_ref() == Some(below)
    });
    match ground {
        1 if !missed => no("nothing is overdue there: give another ground"),
        5 if matter.thread.state() != State::Disputed => {
            no("it is not disputed whose matter it is")
        }
        1..=6 => Ok(()),
        _ => no("there is no such ground"),
    }
}
