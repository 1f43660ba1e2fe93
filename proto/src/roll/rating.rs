//! What petitioners say of how their case was dealt with (评价), and when it may be told.
//!
//! A rating is sealed past the unit that is rated to the lowest office above it. That office counts, and tells what was
//! said only of at least [`ENOUGH`] ratings whose windows have closed, so that nobody at the unit can tell who said what
//! (domain 5.11, a proposal of this system). A rating typed in at the unit's own office is counted apart.
//!
//! It counts what units did and never who spoke.

use std::collections::BTreeMap;

use jiff::civil::Date;
use prost::Message as _;

use crate::case::Case;
use crate::digest::Digest;
use crate::rules::Duty;
use crate::wire::Grades;

/// Ratings of one unit that are told together at the least.
pub const ENOUGH: usize = 5;

/// How content somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// 满意.
    Satisfied,
    /// 基本满意.
    Basically,
    /// 不满意.
    Dissatisfied,
}

impl Grade {
    /// The grade of a number of the national record: 0, 1, 3.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Satisfied),
            1 => Some(Self::Basically),
            3 => Some(Self::Dissatisfied),
            _ => None,
        }
    }

    /// Its number in the national record.
    #[must_use]
    pub fn number(self) -> u32 {
        match self {
            Self::Satisfied => 0,
            Self::Basically => 1,
            Self::Dissatisfied => 3,
        }
    }
}

/// What a petitioner says, as it is sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Rating {
    /// Of the unit that gave the opinion.
    pub of_unit: Grade,
    /// Of the petition office.
    pub of_office: Grade,
    /// Why, in words; may be empty.
    pub reason: String,
}

/// As it is encoded. Grades count from 1, so that a missing one shows.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
pub(crate) struct Record {
    #[prost(uint32, tag = "1")]
    of_unit: u32,
    #[prost(uint32, tag = "2")]
    of_office: u32,
    #[prost(string, tag = "3")]
    reason: String,
}

impl Rating {
    pub(crate) fn record(&self) -> Record {
        Record {
            of_unit: self.of_unit.number() + 1,
            of_office: self.of_office.number() + 1,
            reason: self.reason.clone(),
        }
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let Record { of_unit, of_office, reason } = Record::decode(bytes).ok()?;
        let grade = |number: u32| Grade::from_number(number.checked_sub(1)?);
        Some(Self { of_unit: grade(of_unit)?, of_office: grade(of_office)?, reason })
    }
}

impl std::fmt::Debug for Rating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rating(sealed)")
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Record(sealed)")
    }
}

/// How the opinion that was served last stands to being rated; the numbers are those of the national record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatingState {
    /// 待评价.
    Open = 0,
    /// 已评价.
    Given = 2,
    /// 超期未评价.
    Lapsed = 3,
}

impl RatingState {
    /// That of a case on a day; `None` where nothing was served that could be rated.
    #[must_use]
    pub fn of(case: &Case, today: Date) -> Option<Self> {
        let clocks = case.clocks().into_iter().filter(|clock| clock.duty == Duty::Rating);
        let last = clocks.max_by_key(|clock| clock.last().pin.from_on)?;
        Some(match last.ended {
            Some(_) => Self::Given,
            None if last.is_missed(today) => Self::Lapsed,
            None => Self::Open,
        })
    }

    /// In Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Open => "待评价",
            Self::Given => "已评价",
            Self::Lapsed => "超期未评价",
        }
    }

    /// In English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Open => "to be rated",
            Self::Given => "rated",
            Self::Lapsed => "expired unrated",
        }
    }
}

/// One rating at the office that counts.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The entry.
    pub leaf: Digest,
    /// What it says.
    pub rating: Rating,
    /// It was typed in at the unit's own office.
    pub own_terminal: bool,
}

/// What may be told of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Of the unit.
    pub of_unit: BTreeMap<Grade, u32>,
    /// Of the petition office.
    pub of_office: BTreeMap<Grade, u32>,
    /// Left out.
    pub own_terminal: u32,
    /// All of them.
    pub ratings: Vec<Digest>,
}

/// Counts the ratings of one unit that were not told yet; `None` while there are not enough that count.
#[must_use]
pub fn tell(ratings: &[Counted]) -> Option<Told> {
    let counted = ratings.iter().filter(|one| !one.own_terminal);
    if counted.clone().count() < ENOUGH {
        return None;
    }
    let mut told = Told::default();
    for one in counted {
        *told.of_unit.entry(one.rating.of_unit).or_default() += 1;
        *told.of_office.entry(one.rating.of_office).or_default() += 1;
    }
    let own = ratings.iter().filter(|one| one.own_terminal).count();
    told.own_terminal = u32::try_from(own).unwrap_or(u32::MAX);
    told.ratings = ratings.iter().map(|one| one.leaf).collect();
    told.ratings.sort_unstable();
    Some(told)
}

/// As an entry carries it.
#[must_use]
pub fn grades(of: &BTreeMap<Grade, u32>) -> Grades {
    let count = |grade| of.get(&grade).copied().unwrap_or(0);
    Grades {
        satisfied: count(Grade::Satisfied),
        basically: count(Grade::Basically),
        dissatisfied: count(Grade::Dissatisfied),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(place: u8, grade: Grade, own_terminal: bool) -> Counted {
        let rating = Rating { of_unit: grade, of_office: Grade::Satisfied, reason: String::new() };
        Counted { leaf: Digest([place; 32]), rating, own_terminal }
    }

    #[test]
    fn four_are_not_told_and_those_of_the_own_terminal_count_for_nothing() {
        let mut ratings: Vec<Counted> =
            (0..4).map(|place| counted(place, Grade::Dissatisfied, false)).collect();
        ratings.push(counted(9, Grade::Satisfied, true));
        assert_eq!(tell(&ratings), None);
        ratings.push(counted(4, Grade::Basically, false));
        let told = tell(&ratings).expect("five that count");
        let grades = grades(&told.of_unit);
        assert_eq!((grades.satisfied, grades.basically, grades.dissatisfied), (0, 1, 4));
        assert_eq!((told.own_terminal, told.ratings.len()), (1, 6));
    }

    #[test]
    fn a_rating_reads_back_and_one_without_grades_does_not() {
        let rating = Rating {
            of_unit: Grade::Satisfied,
            of_office: Grade::Dissatisfied,
            reason: "慢".into(),
        };
        assert_eq!(Rating::read(&rating.record().encode_to_vec()), Some(rating.clone()));
        assert_eq!(Rating::read(&[]), None);
        assert_eq!(format!("{rating:?}"), "Rating(sealed)");
    }
}
