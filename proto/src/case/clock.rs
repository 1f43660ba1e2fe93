//! Clocks (期限): what is owed in a case, since when and by when, out of entries alone.
//!
//! The entry that starts a clock pins its last day, with the digests of the rule pack and the calendar it was reckoned
//! by; nothing here reckons. [`RUNS`] says which kinds of entry may start a clock, move it, and end it; a pin that stands
//! in another kind is not heard. A clock keeps its whole history, also after it ended.
//!
//! A clock never contains today. Whether one is missed is asked with [`Clock::is_missed`].

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::fact::{Fact, Pin};
use super::standing::day_of;
use super::{Case, Thread};
use crate::digest::{Digest, ThreadId};
use crate::entry::{Header, Holder, Kind};
use crate::rules::Duty;

/// One clock, with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// What is owed, or what the petitioner may still do.
    pub duty: Duty,
    /// The thread it runs in; `None` for one that a side entry started.
    pub thread: Option<ThreadId>,
    /// Who owes it; `None` where it is the petitioner's, or a body's outside of the offices.
    pub owed_by: Option<Holder>,
    /// Its last days as they were pinned, the first one first; never empty.
    pub settings: Vec<Setting>,
    /// What ended it.
    pub ended: Option<Ended>,
    /// Since when it is stopped by a hearing.
    pub stopped_since: Option<Date>,
}

/// A last day as an entry pinned it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The entry.
    pub leaf: Digest,
    /// What kind it is of.
    pub kind: Kind,
    /// The pin.
    pub pin: Pin,
}

/// What ended a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The entry.
    pub leaf: Digest,
    /// What kind it is of.
    pub kind: Kind,
    /// The day in China on which it says it was recorded.
    pub on: Date,
}

/// How a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The clock.
    pub duty: Duty,
    /// Kinds that start it.
    pub starts: &'static [Kind],
    /// Kinds that move its last day while it runs.
    pub moves: &'static [Kind],
    /// Kinds that end it.
    pub ends: &'static [Kind],
}

/// What disposes of a case that was just registered or has just arrived.
const DISPOSALS: &[Kind] = &[
    Kind::Transferred,
    Kind::Assigned,
    Kind::Accepted,
    Kind::Diverted,
    Kind::NotAccepted,
    Kind::NoLongerAccepted,
    Kind::Closed,
    Kind::SuggestionTaken,
    Kind::TurnedToReport,
    Kind::Disputed,
];
const ARRIVALS: &[Kind] = &[Kind::Received];
const HOPS: &[Kind] = &[Kind::Transferred, Kind::Assigned, Kind::DisputeRejected];
const OPINIONS: &[Kind] = &[Kind::Decided, Kind::Closed, Kind::AgreementReached, Kind::Withdrawn];

/// All clocks of the procedure.
pub const RUNS: [Run; 18] = [
    Run {
        duty: Duty::Triage,
        starts: &[Kind::CaseOpened, Kind::TakenUp],
        moves: &[],
        ends: DISPOSALS,
    },
    Run { duty: Duty::Inform, starts: &[Kind::CaseOpened], moves: &[], ends: DISPOSALS },
    Run { duty: Duty::PassOn, starts: HOPS, moves: ARRIVALS, ends: DISPOSALS },
    Run { duty: Duty::UnitNotice, starts: HOPS, moves: ARRIVALS, ends: DISPOSALS },
    Run { duty: Duty::Objection, starts: HOPS, moves: ARRIVALS, ends: DISPOSALS },
    Run { duty: Duty::Handle, starts: &[Kind::Accepted], moves: &[Kind::Extended], ends: OPINIONS },
    Run {
        duty: Duty::ReportBack,
        starts: &[Kind::Assigned],
        moves: &[],
        ends: &[Kind::Decided, Kind::Closed, Kind::ReportedBack],
    },
    Run {
        duty: Duty::WithdrawalUndo,
        starts: &[Kind::Withdrawn],
        moves: &[],
        ends: &[Kind::WithdrawalUndone],
    },
    Run {
        duty: Duty::Handover,
        starts: &[Kind::Diverted],
        moves: &[],
        ends: &[Kind::HandoverAcknowledged],
    },
    Run {
        duty: Duty::ReviewWindow,
        starts: &[Kind::Served],
        moves: &[],
        ends: &[Kind::Lapsed, Kind::ReviewRequested],
    },
    Run {
        duty: Duty::ReexamWindow,
        starts: &[Kind::Served],
        moves: &[],
        ends: &[Kind::Lapsed, Kind::ReviewRequested],
    },
    Run {
        duty: Duty::Review,
        starts: &[Kind::ReviewRequested],
        moves: &[],
        ends: &[Kind::ReviewDecided, Kind::RequestDeclined],
    },
    Run {
        duty: Duty::Reexam,
        starts: &[Kind::ReviewRequested],
        moves: &[Kind::HearingStopped],
        ends: &[Kind::ReviewDecided, Kind::RequestDeclined],
    },
    Run {
        duty: Duty::ReviewAdmit,
        starts: &[Kind::ReviewRequested],
        moves: &[],
        ends: &[Kind::ReviewOpened, Kind::RequestDeclined],
    },
    Run {
        duty: Duty::ReexamAdmit,
        starts: &[Kind::ReviewRequested],
        moves: &[],
        ends: &[Kind::ReexamOpened, Kind::RequestDeclined],
    },
    Run { duty: Duty::SimpleReply, starts: &[Kind::SimpleChosen], moves: &[], ends: OPINIONS },
    Run { duty: Duty::Rating, starts: &[Kind::Served], moves: &[], ends: &[Kind::Rated] },
    Run {
        duty: Duty::SupervisionFeedback,
        starts: &[Kind::Supervised],
        moves: &[],
        ends: &[Kind::SupervisionAnswered],
    },
];

impl Clock {
    /// The last day, as it was pinned last.
    #[must_use]
    pub fn due_on(&self) -> Date {
        self.last().pin.due_on
    }

    /// The setting that counts.
    #[must_use]
    pub fn last(&self) -> &Setting {
        self.settings.last().expect("a clock begins with a setting")
    }

    /// Whether it runs: nothing has ended it and no hearing stops it.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.ended.is_none() && self.stopped_since.is_none()
    }

    /// Days by which it was, or is, missed on `today`; 0 when it is not.
    #[must_use]
    pub fn missed_by(&self, today: Date) -> i32 {
        let until = match (self.ended, self.stopped_since) {
            (Some(ended), _) => ended.on,
            (None, Some(since)) => since,
            (None, None) => today,
        };
        (until - self.due_on()).get_days().max(0)
    }

    /// Whether its day has passed without what it asks for.
    #[must_use]
    pub fn is_missed(&self, today: Date) -> bool {
        self.missed_by(today) > 0
    }

    fn start(
        duty: Duty,
        thread: Option<ThreadId>,
        owed_by: Option<Holder>,
        setting: Setting,
    ) -> Self {
        let owed_by = owed_by.filter(|_| !duty.is_right() && !duty.is_outside());
        Self { duty, thread, owed_by, settings: vec![setting], ended: None, stopped_since: None }
    }

    fn end(&mut self, fact: &Fact) {
        let on = day_of(fact.header().recorded_at);
        self.ended = Some(Ended { leaf: fact.leaf(), kind: fact.header().kind, on });
    }
}

/// How a duty's clock runs; `None` for one that is never pinned in a case.
#[must_use]
pub fn run(duty: Duty) -> Option<&'static Run> {
    RUNS.iter().find(|run| run.duty == duty)
}

impl Case {
    /// All clocks of the case, in the order in which they were started in their threads, those of side entries last.
    #[must_use]
    pub fn clocks(&self) -> Vec<Clock> {
        let mut asked = self.requests();
        let mut clocks = Vec::new();
        for thread in self.threads().values() {
            clocks.extend(self.clocks_of(thread, &mut asked));
        }
        clocks.extend(asked.into_values().flatten());
        self.end_by_side(&mut clocks);
        clocks.extend(self.besides());
        clocks
    }

    /// Clocks that requests for review have started, by the request. Until it is taken up, whoever is asked owes the answer.
    fn requests(&self) -> BTreeMap<Digest, Vec<Clock>> {
        let mut asked: BTreeMap<Digest, Vec<Clock>> = BTreeMap::new();
        for fact in self.of_kind(Kind::ReviewRequested) {
            let reviewed =
                fact.about().and_then(|about| self.threads().values().find_map(|t| t.after(about)));
            for pin in fact.pins() {
                let allowed =
                    run(pin.duty).is_some_and(|run| run.starts.contains(&Kind::ReviewRequested));
                if allowed && reviewed.is_some() {
                    let setting = Setting {
                        leaf: fact.leaf(),
                        kind: Kind::ReviewRequested,
                        pin: pin.clone(),
                    };
                    let owed_by = fact.addressed().cloned();
                    let clock = Clock::start(pin.duty, None, owed_by, setting);
                    asked.entry(fact.leaf()).or_default().push(clock);
                }
            }
        }
        asked
    }

    /// Whether a request was declined by whoever it was asked of.
    #[must_use]
    pub fn is_declined(&self, request: Digest) -> bool {
        self.of_kind(Kind::RequestDeclined).any(|fact| fact.about() == Some(request))
    }

    /// Clocks that other side entries have started: a supervision, and a report that was returned for redo.
    fn besides(&self) -> Vec<Clock> {
        let started = [
            (Kind::Supervised, Duty::SupervisionFeedback, Kind::SupervisionAnswered),
            (Kind::ReportJudged, Duty::ReportBack, Kind::ReportedBack),
        ];
        let mut clocks = Vec::new();
        for (kind, duty, answer) in started {
            for fact in self.of_kind(kind) {
                let Some(pin) = fact.pins().iter().find(|pin| pin.duty == duty) else { continue };
                let setting = Setting { leaf: fact.leaf(), kind, pin: pin.clone() };
                let mut clock = Clock::start(duty, None, self.addressed(fact), setting);
                let answers = self.of_kind(answer).filter(|one| one.about() == Some(fact.leaf()));
                let first = answers.min_by_key(|one| (one.header().recorded_at, one.leaf()));
                if let Some(answer) = first {
                    clock.end(answer);
                }
                clocks.push(clock);
            }
        }
        clocks
    }

    /// Who is to answer a side entry: whom a supervision names, or who wrote the report that came back.
    fn addressed(&self, fact: &Fact) -> Option<Holder> {
        let report = fact.about().and_then(|leaf| self.facts().get(&leaf)).map(Fact::header);
        let author = report.map(Header::organ);
        fact.addressed().cloned().or(author)
    }

    /// Side entries of a kind that were their authors' to write.
    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Fact> {
        let lawful = |fact: &&Fact| !self.aside().contains_key(&fact.leaf());
        self.facts().values().filter(move |fact| fact.header().kind == kind).filter(lawful)
    }

    /// The clocks of one thread; those of requests that its opening considered run on in it.
    fn clocks_of(&self, thread: &Thread, asked: &mut BTreeMap<Digest, Vec<Clock>>) -> Vec<Clock> {
        let mut clocks: Vec<Clock> = Vec::new();
        for (index, leaf) in thread.steps().iter().enumerate() {
            let Some(fact) = self.facts().get(leaf) else { continue };
            let (header, holder) = (fact.header(), &thread.course()[index].1);
            if index == 0 {
                for considered in &header.considered {
                    let taken_up = asked.remove(considered).into_iter().flatten();
                    clocks.extend(taken_up.map(|clock| Clock {
                        thread: Some(thread.id()),
                        owed_by: Some(holder.clone()),
                        ..clock
                    }));
                }
            }
            step(&mut clocks, fact, (thread.id(), holder));
        }
        if let Some(next) = self.successor(thread) {
            let opening = next.steps().first().and_then(|leaf| self.facts().get(leaf));
            // A review takes nobody's right to rate what was served before.
            let over = |clock: &&mut Clock| clock.ended.is_none() && clock.duty != Duty::Rating;
            for clock in clocks.iter_mut().filter(over) {
                if let Some(opening) = opening {
                    clock.end(opening);
                }
            }
        }
        clocks
    }

    /// Ends what side entries end: a window by the request, a report by the report, a hand-over by its acknowledgement.
    fn end_by_side(&self, clocks: &mut [Clock]) {
        let mut sides: Vec<&Fact> =
            self.facts().values().filter(|f| f.header().place.is_none()).collect();
        sides.retain(|fact| !self.aside().contains_key(&fact.leaf()));
        sides.sort_by_key(|fact| (fact.header().recorded_at, fact.leaf()));
        for fact in sides {
            let (kind, about) = (fact.header().kind, fact.about());
            for clock in clocks.iter_mut().filter(|clock| clock.ended.is_none()) {
                let ends = run(clock.duty).is_some_and(|run| run.ends.contains(&kind));
                let meant = about.is_none() || about == Some(clock.settings[0].leaf);
                if ends && meant {
                    clock.end(fact);
                }
            }
        }
    }
}

/// What one step does to the clocks of its thread.
fn step(clocks: &mut Vec<Clock>, fact: &Fact, (thread, holder): (ThreadId, &Holder)) {
    let kind = fact.header().kind;
    if kind == Kind::HearingStarted {
        stop(clocks, fact);
    } else if kind == Kind::HearingStopped {
        clocks.iter_mut().for_each(|clock| clock.stopped_since = None);
    } else if kind == Kind::WithdrawalUndone {
        let withdrawn =
            |clock: &&mut Clock| clock.ended.is_some_and(|ended| ended.kind == Kind::Withdrawn);
        clocks.iter_mut().filter(withdrawn).for_each(|clock| clock.ended = None);
    }
    for clock in clocks.iter_mut().filter(|clock| clock.ended.is_none()) {
        if run(clock.duty).is_some_and(|run| run.ends.contains(&kind)) {
            clock.end(fact);
        }
    }
    for pin in fact.pins() {
        let Some(run) = run(pin.duty) else { continue };
        let setting = Setting { leaf: fact.leaf(), kind, pin: pin.clone() };
        let running = clocks.iter_mut().find(|one| one.duty == pin.duty && one.ended.is_none());
        match running {
            Some(clock) if run.moves.contains(&kind) => clock.settings.push(setting),
            None if run.starts.contains(&kind) => {
                clocks.push(Clock::start(pin.duty, Some(thread), Some(holder.clone()), setting));
            }
            Some(_) | None => {}
        }
    }
}

/// A hearing stops what the law lets it stop, and what its entry names: only a clock that its end may move.
fn stop(clocks: &mut [Clock], fact: &Fact) {
    let on = fact.on().unwrap_or_else(|| day_of(fact.header().recorded_at));
    for clock in clocks.iter_mut().filter(|clock| clock.ended.is_none()) {
        if run(clock.duty).is_some_and(|run| run.moves.contains(&Kind::HearingStopped)) {
            clock.stopped_since = Some(on);
        }
    }
}
