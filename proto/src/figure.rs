//! Figures (统计): how offices keep their duties, counted so that nothing escapes by being left open.
//!
//! A rate's population is what was **due** in a period (domain 2.12): a case that is left open counts against whoever owes
//! it on the day it was due, and a young case that is not due yet counts for nothing. What is counted is a fold of the
//! case alone ([`measured`]), put into cells by office and day and summed along the superiors ([`cell`]); a [`table`] is
//! read out of the cells. When it was asked is the asker's business, since nothing here knows today.
//!
//! It counts duties and never who spoke, nor how often. Visits past the level rule are counted by the place of their
//! problem, as the field asks, in the order of the codes; a report (检举控告) is in no figure.

pub mod cell;
pub mod change;
pub mod coverage;
pub mod cut;
pub mod measured;
pub mod period;
pub mod share;
pub mod table;
pub mod tally;

use crate::division::Level;

/// What is counted. Numbers stand in stores, and are never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// 信访部门及时受理率: passed on, taken up or answered by the end of T1. (R2022 22; denominators \[M\])
    OfficeAcceptance = 1,
    /// 责任单位及时受理率: told in writing whether it is taken up by the end of T3. (R2022 23(2); \[M\])
    UnitAcceptance = 2,
    /// 按期办结率: the opinion **served** by the end of T5, prolonged by T6 where it was. (R2022 34; \[M\])
    OnSchedule = 3,
    /// 参评率: rated, of all that could be rated and whose window has closed. (国信发〔2014〕16号; \[M\])
    Participation = 4,
    /// 责任单位满意率: satisfied or basically so with the unit, of the ratings that were told.
    UnitSatisfaction = 5,
    /// 责任单位满意（不含基本满意）: satisfied with the unit, of the same.
    UnitSatisfied = 6,
    /// 信访部门满意率: satisfied or basically so with the petition office, of the ratings that were told.
    OfficeSatisfaction = 7,
    /// 信访部门满意（不含基本满意）: satisfied with the petition office, of the same.
    OfficeSatisfied = 8,
    /// 化解率: packages settled by all three tests, of those whose target day has come.
    PackageSettlement = 9,
    /// 复查纠错率: changed or revoked, of reviews decided.
    ReviewCorrection = 10,
    /// 积案: old cases put on the list.
    BacklogListed = 11,
    /// 积案化解: of them, what came to its end.
    BacklogEnded = 12,
    /// 人民建议: suggestions taken in (facet 0), adopted (1), adopted in part (2), not adopted (3).
    Suggestions = 13,
    /// 诉访分离: matters brought onto their statutory route.
    Diverted = 14,
    /// 越级走访: visits past the level rule, as batches (批次) with persons (人次); the facet is the level they went to and
    /// the field of the matter ([`cross_level`]).
    CrossLevel = 15,
    /// 转送交办: cases passed on; the facet is the level they went from and the one they went to ([`passed_on`]).
    PassedOn = 16,
}

/// What the two numbers of a figure are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// So many of so many.
    Share,
    /// How many; both numbers are the same.
    Count,
    /// Batches (批次) and persons (人次).
    Visits,
}

const WORDS: [(Figure, Shape, &str, &str, &str); 16] = [
    (
        Figure::OfficeAcceptance,
        Shape::Share,
        "office_acceptance",
        "信访部门及时受理率",
        "timely acceptance by petition offices",
    ),
    (
        Figure::UnitAcceptance,
        Shape::Share,
        "unit_acceptance",
        "责任单位及时受理率",
        "timely acceptance by responsible units",
    ),
    (Figure::OnSchedule, Shape::Share, "on_schedule", "按期办结率", "completed on schedule"),
    (
        Figure::Participation,
        Shape::Share,
        "participation",
        "参评率",
        "rated of what could be rated",
    ),
    (
        Figure::UnitSatisfaction,
        Shape::Share,
        "unit_satisfaction",
        "责任单位满意率",
        "satisfied or basically so with the unit",
    ),
    (
        Figure::UnitSatisfied,
        Shape::Share,
        "unit_satisfied",
        "责任单位满意（不含基本满意）",
        "satisfied with the unit, without reserve",
    ),
    (
        Figure::OfficeSatisfaction,
        Shape::Share,
        "office_satisfaction",
        "信访部门满意率",
        "satisfied or basically so with the petition office",
    ),
    (
        Figure::OfficeSatisfied,
        Shape::Share,
        "office_satisfied",
        "信访部门满意（不含基本满意）",
        "satisfied with the petition office, without reserve",
    ),
    (
        Figure::PackageSettlement,
        Shape::Share,
        "package_settlement",
        "包案化解率",
        "packages settled by three tests",
    ),
    (
        Figure::ReviewCorrection,
        Shape::Share,
        "review_correction",
        "复查复核纠错率",
        "changed or revoked on review",
    ),
    (Figure::BacklogListed, Shape::Count, "backlog_listed", "积案列入", "put on the backlog"),
    (Figure::BacklogEnded, Shape::Count, "backlog_ended", "积案化解", "settled from the backlog"),
    (Figure::Suggestions, Shape::Count, "suggestions", "人民建议", "suggestions"),
    (Figure::Diverted, Shape::Count, "diverted", "导入法定途径", "brought onto a statutory route"),
    (Figure::CrossLevel, Shape::Visits, "cross_level", "越级走访", "visits past the level rule"),
    (Figure::PassedOn, Shape::Count, "passed_on", "转送交办", "cases passed on between levels"),
];

impl Figure {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        WORDS.iter().map(|row| row.0)
    }

    /// The first of them, as cells are ordered.
    pub const FIRST: Self = Self::OfficeAcceptance;
    /// The last of them.
    pub const LAST: Self = Self::PassedOn;

    /// The figure of a number in a store.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::all().find(|figure| figure.number() == number)
    }

    /// Its number in a store.
    #[must_use]
    pub fn number(self) -> u32 {
        self as u32
    }

    fn words(self) -> &'static (Self, Shape, &'static str, &'static str, &'static str) {
        WORDS.iter().find(|row| row.0 == self).expect("every figure has its words")
    }

    /// What its two numbers are.
    #[must_use]
    pub fn shape(self) -> Shape {
        self.words().1
    }

    /// Its name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.words().2
    }

    /// The figure with this name.
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::all().find(|figure| figure.code() == code)
    }

    /// Whether single cases stand behind its numbers: what was said in ratings is told of many together, and nobody is
    /// looked up by having come.
    #[must_use]
    pub fn has_cases(self) -> bool {
        match self {
            Self::UnitSatisfaction
            | Self::UnitSatisfied
            | Self::OfficeSatisfaction
            | Self::OfficeSatisfied
            | Self::CrossLevel => false,
            Self::OfficeAcceptance
            | Self::UnitAcceptance
            | Self::OnSchedule
            | Self::Participation
            | Self::PackageSettlement
            | Self::ReviewCorrection
            | Self::BacklogListed
            | Self::BacklogEnded
            | Self::Suggestions
            | Self::Diverted
            | Self::PassedOn => true,
        }
    }

    /// In Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.words().3
    }

    /// In English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.words().4
    }
}

/// The facet of a visit past the level rule: the level it went to, from the root (0) down, and the field of its matter, the
/// first two digits of the category.
#[must_use]
pub fn cross_level(went_to: u32, field: u32) -> u32 {
    went_to * 100 + field % 100
}

/// The level a visit went to, out of its facet.
#[must_use]
pub fn went_to(facet: u32) -> u32 {
    facet / 100
}

/// The facet of a case that was passed on: from a level to a level, each from the root (0) down.
#[must_use]
pub fn passed_on(from: u32, to: u32) -> u32 {
    from * 10 + to
}

/// How far down a level stands, from the root (0) to the townships (4).
#[must_use]
pub fn rung(level: Level) -> u32 {
    match level {
        Level::Hub => 0,
        Level::Province => 1,
        Level::Prefecture => 2,
        Level::County => 3,
        Level::Township | Level::Village => 4,
    }
}

/// The levels, from the root down, as figures name them.
pub const RUNGS: [(&str, &str); 5] =
    [("国家", "root"), ("省", "province"), ("市", "city"), ("县", "county"), ("乡", "township")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_a_number_and_a_name_of_its_own() {
        for figure in Figure::all() {
            assert_eq!(Figure::from_number(figure.number()), Some(figure));
            assert_eq!(Figure::named(figure.code()), Some(figure));
        }
        assert_eq!(Figure::from_number(0), None);
        assert_eq!(Figure::all().min(), Some(Figure::FIRST));
        assert_eq!(Figure::all().max(), Some(Figure::LAST));
        assert_eq!((went_to(cross_level(1, 99)), went_to(cross_level(0, 7))), (1, 0));
    }
}
