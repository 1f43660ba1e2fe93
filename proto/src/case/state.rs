//! State of a thread: where a stage of a case stands.
//!
//! A state has a number where it is kept, which never changes, and its names. What leads from one to another is in
//! [`step`](super::step).

/// State of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Registered at the office that opened it.
    Registered,
    /// Handed over; the receiver has not yet said so.
    InTransit,
    /// The receiver has it.
    Received,
    /// Taken up.
    Accepted,
    /// The opinion is given.
    Decided,
    /// The opinion reached the petitioner.
    Served,
    /// The stage is done. Closed is not settled.
    Closed,
    /// Looked at and sorted.
    Triaged,
    /// The receiver says it is not its matter; the sender is to decide.
    Disputed,
    /// Not accepted, here and now.
    NotAccepted,
    /// No longer accepted.
    NoLongerAccepted,
    /// On its statutory route.
    Diverted,
    /// Settled by agreement.
    Agreed,
    /// Withdrawn by the petitioner.
    Withdrawn,
    /// Under review.
    ReviewPending,
    /// The review opinion is given.
    ReviewDecided,
    /// The review opinion reached the petitioner.
    ReviewServed,
    /// Under re-examination.
    ReexamPending,
    /// Concluded by re-examination.
    Terminated,
    /// Final, because a window passed unused.
    FinalByLapse,
    /// A suggestion, being studied.
    SuggestionReview,
    /// The suggestion is adopted.
    Adopted,
    /// The suggestion is adopted in part.
    PartlyAdopted,
    /// The suggestion is not adopted.
    NotAdopted,
    /// It went on as a sealed report.
    SealedReport,
}

/// Numbers are the order of the enum; they are kept in databases and never change.
const WORDS: [(State, &str, &str); 25] = [
    (State::Registered, "已登记", "registered"),
    (State::InTransit, "在途", "in transit"),
    (State::Received, "已签收", "received"),
    (State::Accepted, "已受理", "accepted"),
    (State::Decided, "已作出处理意见", "decided"),
    (State::Served, "已送达", "served"),
    (State::Closed, "已办结", "closed"),
    (State::Triaged, "已甄别", "triaged"),
    (State::Disputed, "有异议", "disputed"),
    (State::NotAccepted, "不予受理", "not accepted"),
    (State::NoLongerAccepted, "不再受理", "no longer accepted"),
    (State::Diverted, "已导入法定途径", "diverted"),
    (State::Agreed, "已达成协议", "settled by agreement"),
    (State::Withdrawn, "已撤回", "withdrawn"),
    (State::ReviewPending, "复查中", "under review"),
    (State::ReviewDecided, "已作出复查意见", "review decided"),
    (State::ReviewServed, "复查意见已送达", "review served"),
    (State::ReexamPending, "复核中", "under re-examination"),
    (State::Terminated, "已复核终结", "terminated"),
    (State::FinalByLapse, "逾期终结", "final by lapse"),
    (State::SuggestionReview, "建议研究中", "suggestion under study"),
    (State::Adopted, "建议已采纳", "adopted"),
    (State::PartlyAdopted, "建议部分采纳", "partly adopted"),
    (State::NotAdopted, "建议未采纳", "not adopted"),
    (State::SealedReport, "已转检举控告", "sealed report"),
];

impl State {
    /// All states, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        WORDS.iter().map(|row| row.0)
    }

    /// The state of a number, as it is kept.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        WORDS.get(usize::from(number)).map(|row| row.0)
    }

    /// Its number where it is kept.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Its name in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        WORDS[usize::from(self.number())].1
    }

    /// Its name in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        WORDS[usize::from(self.number())].2
    }

    /// Whether the stage has come to its end: no office owes a step in it. It may still be taken up by a superior,
    /// carried out, or contested.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Closed
            | Self::NotAccepted
            | Self::NoLongerAccepted
            | Self::Diverted
            | Self::Agreed
            | Self::Withdrawn
            | Self::Terminated
            | Self::FinalByLapse
            | Self::Adopted
            | Self::PartlyAdopted
            | Self::NotAdopted
            | Self::SealedReport => true,
            Self::Registered
            | Self::InTransit
            | Self::Received
            | Self::Accepted
            | Self::Decided
            | Self::Served
            | Self::Triaged
            | Self::Disputed
            | Self::ReviewPending
            | Self::ReviewDecided
            | Self::ReviewServed
            | Self::ReexamPending
            | Self::SuggestionReview => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back_from_its_number() {
        for (index, state) in State::all().enumerate() {
            assert_eq!(usize::from(state.number()), index, "{state:?}");
            assert_eq!(State::from_number(state.number()), Some(state));
        }
        assert_eq!(State::from_number(25), None);
    }
}
