//! Figures (统计): how offices keep their duties, counted so that nothing escapes by being left open.
//!
//! A rate's population is what was **due** in a period (domain 2.12): a case that is left open counts against whoever owes
//! it on the day it was due, and a young case that is not due yet counts for nothing. What is counted is a fold of the
//! case alone ([`measured`]); when it was asked is the asker's business, since nothing here knows today.
//!
//! It counts duties and never who spoke, nor how often.

pub mod change;
pub mod measured;
pub mod share;
pub mod tally;

/// What share of its duties an office kept. Numbers stand in stores, and are never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rate {
    /// 信访部门及时受理率: passed on, taken up or answered by the end of T1. (R2022 22; denominators \[M\])
    OfficeAcceptance = 1,
    /// 责任单位及时受理率: told in writing whether it is taken up by the end of T3. (R2022 23(2); \[M\])
    UnitAcceptance = 2,
    /// 按期办结率: the opinion **served** by the end of T5, prolonged by T6 where it was. (R2022 34; \[M\])
    OnSchedule = 3,
    /// 参评率: rated, of all that could be rated and whose window has closed. (国信发〔2014〕16号; \[M\])
    Participation = 4,
}

const WORDS: [(Rate, &str, &str, &str); 4] = [
    (
        Rate::OfficeAcceptance,
        "office_acceptance",
        "信访部门及时受理率",
        "timely acceptance by petition offices",
    ),
    (
        Rate::UnitAcceptance,
        "unit_acceptance",
        "责任单位及时受理率",
        "timely acceptance by responsible units",
    ),
    (Rate::OnSchedule, "on_schedule", "按期办结率", "completed on schedule"),
    (Rate::Participation, "participation", "参评率", "rated of what could be rated"),
];

impl Rate {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        WORDS.iter().map(|row| row.0)
    }

    fn words(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        WORDS.iter().find(|row| row.0 == self).expect("every rate has its words")
    }

    /// Its name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.words().1
    }

    /// In Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.words().2
    }

    /// In English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.words().3
    }
}
