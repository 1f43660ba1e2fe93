//! The lawful steps of a thread, as one table.
//!
//! The desk asks it before it writes, the fold asks it when it reads, and documentation is drawn from it.
//! A row says from which states a kind of entry leads where, and what it does to custody. The whole
//! procedure of R2022 fits by adding rows; nothing else decides what is lawful in a thread.

use crate::entry::Kind;

/// State of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Registered at the office that opened it (已登记).
    Registered,
    /// Handed over; the receiver has not yet said so (在途).
    InTransit,
    /// The receiver has it (已签收).
    Received,
    /// Taken up (已受理).
    Accepted,
    /// The opinion is given (已作出处理意见).
    Decided,
    /// The opinion reached the petitioner (已送达).
    Served,
    /// The stage is done (已办结). Closed is not settled.
    Closed,
}

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
    /// The article that grants it.
    pub article: &'static str,
}

/// The table. Openings are not in it: a thread begins in [`State::Registered`].
pub const STEPS: [Step; 7] = [
    Step {
        kind: Kind::Transferred,
        from: &[State::Registered, State::Received],
        to: State::InTransit,
        custody: Custody::Handed,
        article: "R2022 22(1)(2)",
    },
    Step {
        kind: Kind::Assigned,
        from: &[State::Registered, State::Received],
        to: State::InTransit,
        custody: Custody::Handed,
        article: "R2022 22(3)",
    },
    Step {
        kind: Kind::Received,
        from: &[State::InTransit],
        to: State::Received,
        custody: Custody::Kept,
        article: "R2022 23",
    },
    Step {
        kind: Kind::Accepted,
        from: &[State::Registered, State::Received],
        to: State::Accepted,
        custody: Custody::Kept,
        article: "R2022 23(3)",
    },
    Step {
        kind: Kind::Decided,
        from: &[State::Accepted],
        to: State::Decided,
        custody: Custody::Kept,
        article: "R2022 32",
    },
    Step {
        kind: Kind::Served,
        from: &[State::Decided],
        to: State::Served,
        custody: Custody::Kept,
        article: "R2022 32, 35",
    },
    Step {
        kind: Kind::Closed,
        from: &[State::Registered, State::Received, State::Served],
        to: State::Closed,
        custody: Custody::Kept,
        article: "R2022 22, 34",
    },
];

impl State {
    /// All states, in the order of a case's life.
    pub const ALL: [Self; 7] = [
        Self::Registered,
        Self::InTransit,
        Self::Received,
        Self::Accepted,
        Self::Decided,
        Self::Served,
        Self::Closed,
    ];

    /// Its name in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Registered => "已登记",
            Self::InTransit => "在途",
            Self::Received => "已签收",
            Self::Accepted => "已受理",
            Self::Decided => "已作出处理意见",
            Self::Served => "已送达",
            Self::Closed => "已办结",
        }
    }

    /// Its name in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::InTransit => "in transit",
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Decided => "decided",
            Self::Served => "served",
            Self::Closed => "closed",
        }
    }

    /// Its number where it is kept.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// The step of a kind out of a state, where the table grants one.
#[must_use]
pub fn step(from: State, kind: Kind) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.kind == kind && step.from.contains(&from))
}

/// The kinds that may follow a state.
pub fn next(from: State) -> impl Iterator<Item = &'static Step> {
    STEPS.iter().filter(move |step| step.from.contains(&from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_follows_closed() {
        assert_eq!(next(State::Closed).count(), 0);
    }

    #[test]
    fn every_state_can_be_reached() {
        for state in State::ALL.into_iter().skip(1) {
            assert!(STEPS.iter().any(|step| step.to == state), "{state:?}");
        }
    }

    #[test]
    fn each_kind_and_state_has_one_row() {
        for state in State::ALL {
            for row in next(state) {
                assert_eq!(next(state).filter(|other| other.kind == row.kind).count(), 1);
            }
        }
    }
}
