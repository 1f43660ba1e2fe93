//! The points of an office under a scheme (考核得分), item by item with the arithmetic, in tenths.
//!
//! Points are the weight times the share, rounded half up to a tenth. Of what nothing was due (n/a) the weight is taken
//! out of the whole: full points would reward an office for having no cases, and none would punish it for that. A figure
//! that was not given earns nothing and keeps its weight: nobody gains by withholding it. An office is scored for its
//! duties; no person is, and a table stands in the order of codes.

use std::collections::BTreeMap;
use std::fmt;

use super::measure::Measure;
use super::{Item, Scheme};
use crate::division::DivisionCode;
use crate::figure::share::Share;

/// What the figures of an office are, by what is measured.
pub type Figures = BTreeMap<Measure, Share>;

/// What an item came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// So many tenths of a point, for this share.
    Points(Share, u64),
    /// Nothing was due: "n/a".
    NothingDue,
    /// No figure was given.
    NotGiven,
    /// A figure that cannot be: more kept than were due.
    Impossible(Share),
}

/// One item of a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The name of the item, in Chinese.
    pub name: String,
    /// In English.
    pub name_en: String,
    /// Its weight, in points.
    pub weight: u32,
    /// What came of it.
    pub outcome: Outcome,
}

/// What an office has of a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    lines: Vec<Line>,
}

impl Score {
    /// The score for these figures.
    #[must_use]
    pub fn of(scheme: &Scheme, figures: &Figures) -> Self {
        Self { lines: scheme.items().iter().map(|item| line(item, figures)).collect() }
    }

    /// Item by item, as the scheme has them.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// All points, in tenths.
    #[must_use]
    pub fn tenths(&self) -> u64 {
        self.lines.iter().map(Line::tenths).sum()
    }

    /// Out of how many points: the weights of all items but those of which nothing was due.
    #[must_use]
    pub fn out_of(&self) -> u64 {
        let counted = self.lines.iter().filter(|line| line.outcome != Outcome::NothingDue);
        counted.map(|line| u64::from(line.weight)).sum()
    }

    /// The same out of a hundred, in tenths, rounded half up: what offices of which not the same was due have in common.
    /// `None` where nothing at all was due.
    #[must_use]
    pub fn of_hundred(&self) -> Option<u64> {
        let (tenths, out_of) = (self.tenths(), self.out_of());
        (tenths * 200 + out_of).checked_div(out_of * 2)
    }
}

impl Line {
    /// Its points, in tenths.
    #[must_use]
    pub fn tenths(&self) -> u64 {
        match self.outcome {
            Outcome::Points(_, tenths) => tenths,
            Outcome::NothingDue | Outcome::NotGiven | Outcome::Impossible(_) => 0,
        }
    }
}

fn line(item: &Item, figures: &Figures) -> Line {
    let outcome = match figures.get(&item.measure).copied() {
        None => Outcome::NotGiven,
        Some(share) if share.of > share.all => Outcome::Impossible(share),
        Some(Share { all: 0, .. }) => Outcome::NothingDue,
        Some(share) => Outcome::Points(share, points(item.weight, share.of, share.all)),
    };
    let (name, name_en) = (item.name.clone(), item.name_en.clone());
    Line { name, name_en, weight: item.weight, outcome }
}

/// Tenths of a point: weight × of ÷ all, rounded half up. `of` is not more than `all`, which is not 0.
fn points(weight: u32, of: u64, all: u64) -> u64 {
    let (weight, of, all) = (u128::from(weight), u128::from(of), u128::from(all));
    let tenths = (weight * of * 20 + all) / (all * 2);
    u64::try_from(tenths).expect("it is at most ten times a weight")
}

fn decimal(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = self.weight;
        write!(f, "{} {}: ", self.name, self.name_en)?;
        match self.outcome {
            Outcome::Points(Share { of, all }, tenths) => {
                write!(f, "{weight} × {of} ÷ {all} = {}", decimal(tenths))
            }
            Outcome::NothingDue => write!(
                f,
                "n/a（本期无应办事项，{weight} 分不计入满分 nothing was due, its {weight} are out of the whole）"
            ),
            Outcome::NotGiven => {
                write!(f, "{weight} × 0 = 0.0（未提供数据 no figure was given）")
            }
            Outcome::Impossible(Share { of, all }) => {
                write!(f, "{weight} × 0 = 0.0（{of} 多于 {all}，数据不实 {of} of {all} cannot be）")
            }
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        write!(f, "合计 in all: {} / {}", decimal(self.tenths()), self.out_of())?;
        match self.of_hundred() {
            Some(tenths) => write!(f, " = {} / 100", decimal(tenths)),
            None => f.write_str(" = n/a"),
        }
    }
}

/// The scores of offices: always in the order of their codes, and never by their points.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table(BTreeMap<DivisionCode, Score>);

impl Table {
    /// The scores of some offices.
    #[must_use]
    pub fn of(scheme: &Scheme, offices: &BTreeMap<DivisionCode, Figures>) -> Self {
        let scored = offices.iter().map(|(office, figures)| (*office, Score::of(scheme, figures)));
        Self(scored.collect())
    }

    /// Office by office, in the order of their codes.
    pub fn rows(&self) -> impl Iterator<Item = (DivisionCode, &Score)> {
        self.0.iter().map(|(office, score)| (*office, score))
    }
}
