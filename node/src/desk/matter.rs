//! What a command is judged by: the case, its leading thread, who acts, the day, and the law the case stands under.
//!
//! It reads and never writes.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function is about a few kinds of entries and leaves all others as they are"
)]

use jiff::civil::Date;
use terrace_proto::case::{Case, Clock, Guard, Terms, Thread};
use terrace_proto::digest::Digest;
use terrace_proto::division::Tree;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Holder, Kind, body};
use terrace_proto::rules::{Duty, Rules};

use super::DeskError;

/// One command's surroundings.
#[derive(Debug)]
pub(super) struct Matter<'a> {
    /// The case as it is held here.
    pub(super) case: &'a Case,
    /// The thread that determines its state.
    pub(super) thread: &'a Thread,
    /// Who acts.
    pub(super) hand: &'a Hand,
    /// Where, and in which organ.
    pub(super) actor: Holder,
    /// The day in China.
    pub(super) today: Date,
    /// The terms the case stands under.
    pub(super) terms: Terms<'a>,
    /// Words of the entries of this case that a guard may ask for.
    pub(super) words: Vec<(Digest, Content)>,
}

impl<'a> Matter<'a> {
    /// What a command of `hand` at the office of `actor` is judged by.
    pub(super) fn of(
        (case, words): (&'a Case, Vec<(Digest, Content)>),
        (hand, actor): (&'a Hand, Holder),
        today: Date,
        (rules, tree): (&'a Rules, &Tree),
    ) -> Result<Self, DeskError> {
        let thread = case.leading().ok_or(DeskError::Incomplete)?;
        let terms = Terms::of(case.rules(rules, tree));
        Ok(Self { case, thread, hand, actor, today, terms, words })
    }

    /// The last clock of a duty in the leading thread, ended or not.
    pub(super) fn clock(&self, duty: Duty) -> Option<Clock> {
        let mut clocks = self.case.clocks().into_iter().rev();
        clocks.find(|one| one.duty == duty && one.thread == Some(self.thread.id()))
    }

    /// The last step of a kind in the leading thread.
    pub(super) fn last(&self, kind: Kind) -> Option<Digest> {
        let steps = self.thread.steps().iter().rev();
        let mut of_kind = steps.filter(|leaf| {
            self.case.facts().get(leaf).is_some_and(|fact| fact.header().kind == kind)
        });
        of_kind.next().copied()
    }

    /// The contact that began the case.
    pub(super) fn intake(&self) -> Option<&terrace_proto::wire::IntakeRegistered> {
        self.words.iter().find_map(|(_, content)| body::intake(content))
    }
}

/// Says that a guard stands against a step.
pub(super) fn refused(guard: Guard, why: impl Into<String>) -> DeskError {
    DeskError::Guard { guard, why: why.into() }
}
