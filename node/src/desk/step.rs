//! Steps of a thread: what the holder writes to advance a case.
//!
//! The table says whether a step is lawful now, the rules complete it with the clocks it starts, its guard is judged, and
//! only then it is written.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function is about a few kinds of entries and leaves all others as they are"
)]

use std::sync::Arc;

use jiff::civil::Date;
use terrace_proto::case::petitioner::covered;
use terrace_proto::case::{Case, Fact, State, Thread, standing::day_of, step};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, Place, days_of};
use terrace_proto::entry::{Content, EntryId, Holder, Kind, body};
use terrace_proto::rules::Rules;
use terrace_proto::wire;

use super::matter::Matter;
use super::petitioner::Code;
use super::{Desk, DeskError, Taken, completion, guards, publicity, recusal};
use crate::archive::{ArchiveError, Draft};

impl Desk<'_> {
    /// Passes a case on (转送), or with a due date assigns it (交办).
    pub async fn hop(
        &mut self,
        case: CaseId,
        hand: &Hand,
        to: Holder,
        words: String,
        due_on: Option<Date>,
    ) -> Result<Taken, DeskError> {
        let to = self.enrolled(to)?;
        let today = day_of(self.archive.clock().now());
        if due_on.is_some_and(|due| due <= today) {
            return Err(DeskError::DueDate { today });
        }
        let content = match due_on {
            None => Content::Transferred(wire::Transferred {
                reason: words,
                ..wire::Transferred::default()
            }),
            Some(due) => Content::Assigned(wire::Assigned {
                instruction: words,
                due_on: days_of(due),
                ..wire::Assigned::default()
            }),
        };
        self.advance(case, hand, content, Some(to)).await
    }

    /// Takes a step: everything the holder does but passing the case on.
    ///
    /// # Errors
    ///
    /// [`DeskError::Unlawful`] where the table grants no such step now; [`DeskError::Guard`] where its guard stands
    /// against it; [`DeskError::NotHolder`] where another office holds the thread.
    pub async fn step(
        &mut self,
        case: CaseId,
        hand: &Hand,
        content: Content,
    ) -> Result<Taken, DeskError> {
        self.advance(case, hand, content, None).await
    }

    /// Writes down what the petitioner says with the code: a withdrawal or that it is taken back, whether the case is
    /// settled, whether it may be published.
    ///
    /// # Errors
    ///
    /// As [`Desk::step`]; [`DeskError::Guard`] where the code is not the one of this case.
    pub async fn say(
        &mut self,
        case: CaseId,
        hand: &Hand,
        mut content: Content,
        code: &Code,
    ) -> Result<Taken, DeskError> {
        let known = self.known(case).await?;
        let kind = body::kind(&content);
        let signature = code.sign(&known, kind);
        match &mut content {
            Content::Withdrawn(said) => said.signature = signature,
            Content::WithdrawalUndone(said) => said.signature = signature,
            Content::ContentStated(said) => {
                let package = Digest::read(&said.package).unwrap_or_default();
                let last = known.last_said(kind, package).map_or(package, Fact::leaf);
                said.about = last.0.to_vec();
                said.signature =
                    code.sign_about(case, last, kind, &covered(kind, said.content, None));
                return self.beside(case, hand, content).await;
            }
            Content::MandateStated(said) => {
                let last = known.proxy().map(|proxy| proxy.last).unwrap_or_default();
                said.about = last.0.to_vec();
                said.signature =
                    code.sign_about(case, last, kind, &covered(kind, said.given, None));
                return self.beside(case, hand, content).await;
            }
            Content::PublicationConsented(said) => {
                let last = publicity::last_word(&known)?;
                said.about = last.0.to_vec();
                said.signature =
                    code.sign_about(case, last, kind, &covered(kind, said.consented, None));
                return self.beside(case, hand, content).await;
            }
            _ => {}
        }
        self.step(case, hand, content).await
    }

    async fn advance(
        &mut self,
        id: CaseId,
        hand: &Hand,
        content: Content,
        to: Option<Holder>,
    ) -> Result<Taken, DeskError> {
        let case = self.known(id).await?;
        let words =
            if completion::needs_words(&content) { self.words(&case).await? } else { Vec::new() };
        let rules: Arc<Rules> = self.archive.rules().clone();
        let matter = self.matter(&case, words, hand, &rules)?;
        let (thread, me) = (matter.thread, matter.actor.division);
        let step = lawful(thread, &matter.actor, body::kind(&content))?;
        let to = to.or_else(|| completion::receiver(&matter, &content));
        if to.as_ref() == Some(thread.holder()) {
            return Err(DeskError::AlreadyThere(thread.holder().clone()));
        }
        self.sent_in(&content).await?;
        let content = completion::complete(&matter, content, to.as_ref())?;
        let content = self.at_gate(&matter, content).await?;
        guards::judge(step.guard, &matter, &content)?;
        let guided = guided(&content);
        let bound: Vec<DivisionCode> =
            to.iter().map(|to| to.division).chain(guided.iter().copied()).collect();
        let cleared = self.archive.clear(&case, &bound).await?;
        let mut draft = Draft::plain(hand.clone(), Some(id), content);
        draft.place =
            Some(Place { thread: thread.id(), stage: thread.stage(), predecessor: thread.tip() });
        let next = to.unwrap_or_else(|| thread.holder().clone());
        if next.division != me {
            draft.audience_added = vec![next.division];
            draft.addressee = Some(next.division);
        }
        draft.audience_added.extend(guided.into_iter().filter(|code| *code != me));
        draft.custody = Some((Some(thread.holder().clone()), next.clone()));
        draft.cleared = cleared;
        let taken = self.write(draft, Some(next.clone())).await?;
        if next.division != me {
            self.archive.hand_on(id, next.division).await?;
        }
        Ok(taken)
    }

    /// What a command on a case is judged by.
    pub(super) fn matter<'m>(
        &self,
        case: &'m Case,
        words: Vec<(Digest, Content)>,
        hand: &'m Hand,
        rules: &'m Rules,
    ) -> Result<Matter<'m>, DeskError> {
        let me = self.archive.identity().me.author;
        recusal::keeps_in(case, hand, me)?;
        let actor = Holder { division: me, organ: hand.organ.clone() };
        let today = day_of(self.archive.clock().now());
        Matter::of((case, words), (hand, actor), today, (rules, self.archive.tree()))
    }

    /// What the entries of a case say, in the order in which they claim to have been recorded.
    pub(super) async fn words(&self, case: &Case) -> Result<Vec<(Digest, Content)>, DeskError> {
        let facts = case.timeline();
        let ids: Vec<EntryId> = facts.iter().map(|fact| fact.header().id()).collect();
        let stored = self.archive.store().entries_at(&ids).await.map_err(ArchiveError::from)?;
        let read = stored.into_iter().filter_map(|one| one.into_entry().ok());
        let mut words: Vec<(Digest, Content)> =
            read.filter_map(|entry| Some((entry.leaf(), entry.content()?))).collect();
        let place = |leaf: &Digest| facts.iter().position(|fact| fact.leaf() == *leaf);
        words.sort_by_key(|(leaf, _)| place(leaf));
        Ok(words)
    }

    /// The target if its office is known to be enrolled and stands on this office's own line, below or above it;
    /// else the nearest superior of it that does: across the tree a case goes through the common superior, also
    /// where the other branch is known.
    fn enrolled(&self, to: Holder) -> Result<Holder, DeskError> {
        let tree = self.archive.tree();
        tree.node(to.division)?;
        let me = self.archive.identity().me.author;
        let on_line = |code| tree.is_within(code, me) || tree.is_within(me, code);
        let known = |code: DivisionCode| {
            on_line(code) && self.archive.journals().keys().any(|journal| journal.author == code)
        };
        if known(to.division) {
            return Ok(to);
        }
        let mut path = tree.path(to.division);
        path.reverse();
        let nearest = path.into_iter().find(|code| known(*code));
        Ok(Holder::office(nearest.unwrap_or(DivisionCode::HUB)))
    }
}

/// Whether `actor` may take a step of `kind` in the thread now.
fn lawful(thread: &Thread, actor: &Holder, kind: Kind) -> Result<&'static step::Step, DeskError> {
    if let Some(contest) = thread.contest() {
        return Err(DeskError::Contested { settler: contest.settler });
    }
    if thread.holder() != actor {
        return Err(DeskError::NotHolder { holder: thread.holder().clone(), actor: actor.clone() });
    }
    if let Some(parked) = thread.parked() {
        return Err(DeskError::Parked(parked.to_string()));
    }
    match step::step(thread.state(), kind) {
        Some(step) if step.who.may_be(actor) => Ok(step),
        Some(_) => {
            Err(DeskError::NotCompetent { step: kind.en(), division: actor.division.short() })
        }
        None => Err(unlawful(kind, thread.state())),
    }
}

/// The offices that a refusal guides to, lowest first: they learn of the case.
fn guided(content: &Content) -> Vec<DivisionCode> {
    let Content::NotAccepted(said) = content else { return Vec::new() };
    said.guide_to.iter().filter_map(|code| DivisionCode::from_number(*code).ok()).collect()
}

pub(super) fn unlawful(kind: Kind, state: State) -> DeskError {
    let mut possible: Vec<&str> = step::next(state).map(|step| step.kind.en()).collect();
    if possible.is_empty() {
        possible.push("nothing");
    }
    DeskError::Unlawful { step: kind.en(), state: state.en(), possible: possible.join(", ") }
}
