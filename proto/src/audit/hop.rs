//! Hops (流转) of a case between offices, each with its own clock: sent, received, passed on or finished.
//!
//! The hours are what the entries claim. A hop within one office's house is not traffic between levels and is
//! left out.

use jiff::Timestamp;
use jiff::civil::Date;

use super::duty;
use crate::case::standing::day_of;
use crate::case::{Case, CaseNumber, Fact, step};
use crate::digest::{CaseId, Digest};
use crate::entry::{EntryId, Holder, Kind};
use crate::rules::Duty;

/// One passing on of a case from an office to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The case.
    pub case: CaseId,
    /// Its readable number, once known.
    pub number: Option<CaseNumber>,
    /// Transferred (转送) or assigned (交办), or what a later version adds.
    pub kind: Kind,
    /// The entry.
    pub entry: EntryId,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Who passed it on.
    pub from: Holder,
    /// To whom.
    pub to: Holder,
    /// When it was passed on; the receiver holds it from then.
    pub sent_at: Timestamp,
    /// When the receiver said it has it (签收); `None` while it is in transit.
    pub received_at: Option<Timestamp>,
    /// When the receiver passed it on to another office or closed the stage; `None` while it holds it.
    pub left_at: Option<Timestamp>,
    /// The day by which it must be answered, if the hop pinned one.
    pub due_on: Option<Date>,
    /// The day it was answered: the opinion, or the closing.
    pub answered_on: Option<Date>,
}

/// How a hop stands to its due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// No day was pinned.
    None,
    /// Answered in time.
    Met,
    /// The day passed unanswered, or was answered late.
    Missed,
    /// Not answered, and the day has not passed.
    Open,
}

impl Due {
    /// Its name for programs.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Open => "open",
        }
    }

    /// Its name in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::None => "无期限",
            Self::Met => "按期",
            Self::Missed => "逾期",
            Self::Open => "未到期",
        }
    }
}

impl Hop {
    /// Seconds the receiver held it, so far if it still does.
    #[must_use]
    pub fn held_seconds(&self, now: Timestamp) -> i64 {
        self.left_at.unwrap_or(now).duration_since(self.sent_at).as_secs()
    }

    /// Seconds it was in transit, so far if it still is.
    #[must_use]
    pub fn transit_seconds(&self, now: Timestamp) -> i64 {
        self.received_at.unwrap_or(now).duration_since(self.sent_at).as_secs()
    }

    /// How it stands to its due date at `now`.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Due {
        match (self.due_on, self.answered_on) {
            (None, _) => Due::None,
            (Some(due), Some(answered)) if answered <= due => Due::Met,
            (Some(due), None) if day_of(now) <= due => Due::Open,
            (Some(_), _) => Due::Missed,
        }
    }
}

/// The hops of a case between offices, thread by thread, in the order they were applied.
#[must_use]
pub fn hops(case: &Case) -> Vec<Hop> {
    let mut hops = Vec::new();
    for thread in case.threads().values() {
        let steps: Vec<&Fact> =
            thread.steps().iter().filter_map(|leaf| case.facts().get(leaf)).collect();
        for (index, fact) in steps.iter().enumerate() {
            hops.extend(hop(case, fact, &steps[index + 1..]));
        }
    }
    hops
}

/// The day by which an assignment asks for its report.
fn reported_by(fact: &Fact) -> Option<Date> {
    fact.pins().iter().find(|pin| pin.duty == Duty::ReportBack).map(|pin| pin.due_on)
}

/// Whether a kind of entry brings a stage to its end.
fn ends(kind: Kind) -> bool {
    step::STEPS.iter().any(|step| {
        step.kind == kind && step.to.is_final() && step.from.iter().all(|from| !from.is_final())
    })
}

fn hop(case: &Case, fact: &Fact, later: &[&Fact]) -> Option<Hop> {
    let header = fact.header();
    let (from, to) = (header.custody_from.clone()?, header.custody_to.clone()?);
    if from.division == to.division {
        return None;
    }
    let mut received_at = None;
    let mut left_at = None;
    for next in later.iter().map(|fact| fact.header()) {
        if next.kind == Kind::Received && received_at.is_none() {
            received_at = Some(next.recorded_at);
        }
        let elsewhere =
            next.custody_to.as_ref().is_some_and(|holder| holder.division != to.division);
        if elsewhere || ends(next.kind) {
            left_at = Some(next.recorded_at);
            break;
        }
    }
    Some(Hop {
        case: case.id(),
        number: case.number().copied(),
        kind: header.kind,
        entry: header.id(),
        leaf: fact.leaf(),
        from,
        to,
        sent_at: header.recorded_at,
        received_at,
        left_at,
        due_on: reported_by(fact),
        answered_on: duty::answered_on(later),
    })
}
