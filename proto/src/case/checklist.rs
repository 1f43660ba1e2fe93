//! What a stage asks for before it is closed (办理规范): nothing of it is left out silently.
//!
//! It is asked of a thread and folded from entries alone; the desk refuses to close while anything is missing, and names
//! all of it at once.

use super::{Case, Thread};
use crate::entry::Kind;
use crate::rules::Duty;

/// Something that a stage asks for and that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// The opinion (处理意见; R2022 32).
    Opinion,
    /// Its service (送达; R2022 32, 35).
    Service,
    /// The report on an assignment (办结报告; R2022 22(3)).
    ReportBack,
    /// The answer to a supervision (督办反馈; R2022 40).
    SupervisionAnswer,
    /// The end of a hearing that has begun (听证).
    HearingEnd,
}

impl Missing {
    /// What it is, in Chinese and English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Opinion => ("处理意见", "the opinion"),
            Self::Service => ("意见送达", "its service"),
            Self::ReportBack => ("办结报告", "the report on the assignment"),
            Self::SupervisionAnswer => ("督办反馈", "the answer to a supervision"),
            Self::HearingEnd => ("听证结束记录", "the end of the hearing"),
        }
    }
}

impl Case {
    /// What a thread asks for before its stage is closed, in the order of the procedure; none where it may be closed.
    #[must_use]
    pub fn missing(&self, thread: &Thread) -> Vec<Missing> {
        let kinds: Vec<Kind> = thread
            .steps()
            .iter()
            .filter_map(|leaf| self.facts().get(leaf))
            .map(|fact| fact.header().kind)
            .collect();
        let has = |kind| kinds.contains(&kind);
        let count = |kind| kinds.iter().filter(|one| **one == kind).count();
        let owed = |duty| {
            self.clocks().iter().any(|clock| {
                clock.duty == duty
                    && clock.ended.is_none()
                    && clock.owed_by.as_ref() == Some(thread.holder())
            })
        };
        let asked = [
            (Missing::Opinion, !has(Kind::Decided) && !has(Kind::ReviewDecided)),
            (Missing::Service, !has(Kind::Served)),
            (Missing::ReportBack, owed(Duty::ReportBack)),
            (Missing::SupervisionAnswer, owed(Duty::SupervisionFeedback)),
            (Missing::HearingEnd, count(Kind::HearingStarted) > count(Kind::HearingStopped)),
        ];
        asked.into_iter().filter(|(_, missing)| *missing).map(|(one, _)| one).collect()
    }
}
