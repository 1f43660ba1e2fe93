//! The lawful steps of a thread, as one table.
//!
//! The desk asks it before it writes, the fold asks it when it reads, and `docs/STATES.md` is drawn from it. A row says
//! from which states a kind of entry leads where, what it does to custody, who takes it, what guards it and which
//! article grants it. [`OPENINGS`] are the threads that follow another one. Nothing else decides what is lawful in a
//! thread.
//!
//! The state follows from kinds alone, so a thread whose words are withheld is folded to the same state.

use super::guard::Guard;
use super::state::State;
pub use super::who::Who;
use crate::entry::Kind;

/// What a step does to custody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Custody {
    /// The holder stays the same.
    Kept,
    /// The thread passes to another holder.
    Handed,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The kind of entry that takes the step.
    pub kind: Kind,
    /// States it may be taken from.
    pub from: &'static [State],
    /// The state it leads to.
    pub to: State,
    /// What it does to custody.
    pub custody: Custody,
    /// Who takes it.
    pub who: Who,
    /// What the desk asks for.
    pub guard: Guard,
    /// The article that grants it; `[P]` where this system proposes it.
    pub article: &'static str,
}

/// A thread that follows another one: a superior opens it, at or above the office that held the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// The kind of entry that opens it.
    pub kind: Kind,
    /// States of the former thread it may follow.
    pub from: &'static [State],
    /// The state it begins in.
    pub to: State,
    /// Its stage: 1 handle, 2 review, 3 re-examine.
    pub stage: u32,
    /// What the desk asks for.
    pub guard: Guard,
    /// The article that grants it; `[P]` where this system proposes it.
    pub article: &'static str,
}

use State::{
    Accepted, Adopted, Agreed, Closed, Decided, Disputed, Diverted, FinalByLapse, InTransit,
    NoLongerAccepted, NotAccepted, NotAdopted, PartlyAdopted, Received, ReexamPending, Registered,
    ReviewDecided, ReviewPending, ReviewServed, SealedReport, Served, SuggestionReview, Terminated,
    Triaged, Withdrawn,
};
use Who::{Holder, Office, Petitioner, Reviewer, Unit};

/// Where a case lies before anybody has taken it up.
const OPEN: &[State] = &[Registered, Triaged, Received];

const fn kept(
    kind: Kind,
    from: &'static [State],
    to: State,
    (who, guard): (Who, Guard),
    article: &'static str,
) -> Step {
    Step { kind, from, to, custody: Custody::Kept, who, guard, article }
}

const fn handed(
    kind: Kind,
    from: &'static [State],
    to: State,
    (who, guard): (Who, Guard),
    article: &'static str,
) -> Step {
    Step { kind, from, to, custody: Custody::Handed, who, guard, article }
}

/// The table. Openings are not in it: the first thread of a case begins in [`State::Registered`].
pub const STEPS: &[Step] = &[
    kept(Kind::Triaged, &[Registered, Received], Triaged, (Office, Guard::Free), "R2022 22"),
    handed(Kind::Transferred, OPEN, InTransit, (Office, Guard::Target), "R2022 22(1)(2)"),
    handed(Kind::Assigned, OPEN, InTransit, (Office, Guard::Target), "R2022 22(3)"),
    kept(Kind::Received, &[InTransit], Received, (Holder, Guard::Free), "R2022 23"),
    kept(Kind::Diverted, OPEN, Diverted, (Office, Guard::Route), "R2022 22, 31"),
    kept(Kind::NotAccepted, OPEN, NotAccepted, (Office, Guard::Ground), "R2022 19, 20, 22"),
    kept(Kind::NoLongerAccepted, OPEN, NoLongerAccepted, (Office, Guard::Ground), "R2022 36"),
    kept(Kind::SuggestionTaken, OPEN, SuggestionReview, (Office, Guard::Words), "R2022 29"),
    kept(Kind::TurnedToReport, OPEN, SealedReport, (Office, Guard::Free), "R2022 30"),
    handed(
        Kind::Disputed,
        &[InTransit, Received],
        Disputed,
        (Holder, Guard::Objection),
        "R2022 23(3)",
    ),
    kept(Kind::DisputeAgreed, &[Disputed], Triaged, (Office, Guard::Words), "R2022 23(3)"),
    handed(Kind::DisputeRejected, &[Disputed], InTransit, (Office, Guard::Words), "R2022 23(3)"),
    kept(Kind::Accepted, OPEN, Accepted, (Unit, Guard::Free), "R2022 23(3)"),
    kept(Kind::Inquired, &[Accepted], Accepted, (Unit, Guard::Words), "R2022 31(6), 33"),
    kept(Kind::SimpleChosen, &[Accepted], Accepted, (Unit, Guard::Simple), "[M]"),
    kept(Kind::HearingStarted, &[Accepted], Accepted, (Unit, Guard::Hearing), "R2022 31(6)"),
    kept(Kind::HearingStopped, &[Accepted], Accepted, (Unit, Guard::Hearing), "R2022 31(6)"),
    kept(Kind::Extended, &[Accepted], Accepted, (Unit, Guard::Extension), "R2022 34"),
    kept(Kind::AgreementReached, &[Accepted], Agreed, (Unit, Guard::Words), "R2022 33"),
    kept(Kind::Withdrawn, &[Accepted], Withdrawn, (Petitioner, Guard::Code), "[P]"),
    kept(Kind::WithdrawalUndone, &[Withdrawn], Accepted, (Petitioner, Guard::Undo), "[P]"),
    kept(Kind::Decided, &[Accepted], Decided, (Unit, Guard::Opinion), "R2022 32"),
    kept(Kind::Served, &[Decided], Served, (Unit, Guard::Day), "R2022 32, 35"),
    kept(Kind::Executed, &[Served], Served, (Holder, Guard::Words), "R2022 32"),
    kept(Kind::Executed, &[FinalByLapse], FinalByLapse, (Holder, Guard::Words), "R2022 32"),
    kept(Kind::Executed, &[Closed], Closed, (Holder, Guard::Words), "R2022 32"),
    kept(Kind::Executed, &[Agreed], Agreed, (Holder, Guard::Words), "R2022 33"),
    kept(
        Kind::Lapsed,
        &[Served, ReviewServed],
        FinalByLapse,
        (Holder, Guard::WindowPast),
        "R2022 35, 36",
    ),
    kept(
        Kind::Closed,
        &[Registered, Triaged, Received, Served],
        Closed,
        (Office, Guard::Served),
        "R2022 22, 34",
    ),
    kept(Kind::SuggestionAdopted, &[SuggestionReview], Adopted, (Office, Guard::Words), "R2022 29"),
    kept(
        Kind::SuggestionPartlyAdopted,
        &[SuggestionReview],
        PartlyAdopted,
        (Office, Guard::Words),
        "R2022 29",
    ),
    kept(
        Kind::SuggestionDeclined,
        &[SuggestionReview],
        NotAdopted,
        (Office, Guard::Words),
        "R2022 29",
    ),
    kept(Kind::Inquired, &[ReviewPending], ReviewPending, (Reviewer, Guard::Words), "R2022 35"),
    kept(
        Kind::HearingStarted,
        &[ReviewPending],
        ReviewPending,
        (Reviewer, Guard::Hearing),
        "R2022 35",
    ),
    kept(
        Kind::HearingStopped,
        &[ReviewPending],
        ReviewPending,
        (Reviewer, Guard::Hearing),
        "R2022 35",
    ),
    kept(
        Kind::ReviewDecided,
        &[ReviewPending],
        ReviewDecided,
        (Reviewer, Guard::Opinion),
        "R2022 35",
    ),
    kept(Kind::Served, &[ReviewDecided], ReviewServed, (Reviewer, Guard::Day), "R2022 36"),
    kept(Kind::Inquired, &[ReexamPending], ReexamPending, (Reviewer, Guard::Words), "R2022 36"),
    kept(
        Kind::HearingStarted,
        &[ReexamPending],
        ReexamPending,
        (Reviewer, Guard::Hearing),
        "R2022 36",
    ),
    kept(
        Kind::HearingStopped,
        &[ReexamPending],
        ReexamPending,
        (Reviewer, Guard::Hearing),
        "R2022 36",
    ),
    kept(
        Kind::ReviewDecided,
        &[ReexamPending],
        Terminated,
        (Reviewer, Guard::Certificate),
        "R2022 36",
    ),
    kept(Kind::Served, &[Terminated], Terminated, (Reviewer, Guard::Day), "R2022 36"),
    kept(Kind::Executed, &[Terminated], Terminated, (Holder, Guard::Words), "R2022 32"),
];

/// Any state that is not yet the end.
const UNFINISHED: &[State] = &[
    Registered,
    InTransit,
    Received,
    Accepted,
    Decided,
    Triaged,
    Disputed,
    ReviewPending,
    ReviewDecided,
    ReexamPending,
    SuggestionReview,
];

/// What a case begins with, and the state it is in then. A record of the past begins where it ended.
pub const BEGINNINGS: &[(Kind, State)] =
    &[(Kind::CaseOpened, Registered), (Kind::PastTakenOver, Closed)];

/// Threads that follow another one.
pub const OPENINGS: &[Opening] = &[
    Opening {
        kind: Kind::ReviewOpened,
        from: &[Served, Closed, FinalByLapse],
        to: ReviewPending,
        stage: 2,
        guard: Guard::Review,
        article: "R2022 35",
    },
    Opening {
        kind: Kind::ReexamOpened,
        from: &[ReviewServed, FinalByLapse],
        to: ReexamPending,
        stage: 3,
        guard: Guard::Review,
        article: "R2022 36",
    },
    Opening {
        kind: Kind::RedoOrdered,
        from: &[ReviewDecided, ReviewServed, Terminated],
        to: Triaged,
        stage: 1,
        guard: Guard::Revoked,
        article: "R2022 35; SD2015 45",
    },
    Opening {
        kind: Kind::TakenUp,
        from: UNFINISHED,
        to: Triaged,
        stage: 1,
        guard: Guard::TakingUp,
        article: "R2022 19(3), 24",
    },
    Opening {
        kind: Kind::TakenUp,
        from: &[
            NotAccepted,
            NoLongerAccepted,
            Diverted,
            Closed,
            Served,
            Agreed,
            Withdrawn,
            FinalByLapse,
        ],
        to: Triaged,
        stage: 1,
        guard: Guard::Reversal,
        article: "[P]",
    },
];

/// The step of a kind out of a state, where the table grants one.
#[must_use]
pub fn step(from: State, kind: Kind) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.kind == kind && step.from.contains(&from))
}

/// The state of a case that begins with an entry of a kind, where one can.
#[must_use]
pub fn beginning(kind: Kind) -> Option<State> {
    BEGINNINGS.iter().find(|row| row.0 == kind).map(|row| row.1)
}

/// The thread that a kind opens behind a thread in a state, where the table grants one.
#[must_use]
pub fn opening(from: State, kind: Kind) -> Option<&'static Opening> {
    OPENINGS.iter().find(|opening| opening.kind == kind && opening.from.contains(&from))
}

/// The steps that may follow a state.
pub fn next(from: State) -> impl Iterator<Item = &'static Step> {
    STEPS.iter().filter(move |step| step.from.contains(&from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_is_only_carried_out_or_served_or_taken_back() {
        let after = [Kind::Executed, Kind::Served, Kind::WithdrawalUndone];
        for state in State::all().filter(|state| state.is_final()) {
            for step in next(state) {
                assert!(after.contains(&step.kind), "{state:?} {step:?}");
            }
        }
    }

    #[test]
    fn every_state_can_be_reached() {
        for state in State::all().skip(1) {
            let reached = STEPS.iter().any(|step| step.to == state)
                || OPENINGS.iter().any(|opening| opening.to == state);
            assert!(reached, "{state:?}");
        }
    }

    #[test]
    fn every_state_that_is_no_end_leads_on() {
        for state in State::all().filter(|state| !state.is_final()) {
            assert!(next(state).any(|step| step.to != state), "{state:?}");
        }
    }

    #[test]
    fn each_kind_and_state_has_one_row() {
        for state in State::all() {
            for row in next(state) {
                assert_eq!(next(state).filter(|other| other.kind == row.kind).count(), 1);
            }
            for row in OPENINGS.iter().filter(|row| row.from.contains(&state)) {
                let same = |other: &&Opening| other.kind == row.kind && other.from.contains(&state);
                assert_eq!(OPENINGS.iter().filter(same).count(), 1, "{state:?} {row:?}");
            }
        }
    }
}
