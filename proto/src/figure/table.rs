//! A table (统计表): the figures of a division and of each office right below it, for a period and the same days of the year
//! before. Rows stand in the order of the codes.
//!
//! Of fewer than [`FEW`] persons nothing is told but that they are few (domain 2.12, a proposal of this system); and the next
//! fewest are hidden with them until nobody can take them from the sum.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Change;
use super::period::Period;
use super::share::Share;
use super::tally::Tally;
use super::{Figure, RUNGS, Shape, passed_on, went_to};
use crate::division::{DivisionCode, Tree};

/// Persons of whom a number may be told.
pub const FEW: u64 = 5;

/// A line of a table: a figure, and for those that have parts, which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The figure.
    pub figure: Figure,
    /// Its part: of visits the level they went to, else the facet.
    pub part: u32,
}

/// What is told of one line in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// These numbers.
    Share(Share),
    /// Too few persons to tell.
    Few,
}

/// One line of one division, beside the year before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// In the period.
    pub now: Shown,
    /// In the same days of the year before.
    pub before: Shown,
}

/// The figures of one division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The division, with all that lies below it.
    pub division: DivisionCode,
    /// Its lines.
    pub values: BTreeMap<Line, Value>,
}

/// The figures of a division and of those right below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The period, as far as it has passed.
    pub period: Period,
    /// The same days of the year before.
    pub before: Period,
    /// The division first, then those below it in the order of their codes.
    pub rows: Vec<Row>,
}

impl Line {
    /// The lines a figure has, whether anything was counted in them or not.
    #[must_use]
    pub fn of(figure: Figure) -> Vec<Self> {
        let parts: Vec<u32> = parts(figure).into_iter().map(|part| part.0).collect();
        let parts = if parts.is_empty() { vec![0] } else { parts };
        parts.into_iter().map(|part| Self { figure, part }).collect()
    }
}

impl Value {
    /// How a count changed from the year before; `None` where one of the two is not told.
    #[must_use]
    pub fn change(self, of: impl Fn(Share) -> u64) -> Option<Change> {
        let (Shown::Share(now), Shown::Share(before)) = (self.now, self.before) else {
            return None;
        };
        Some(Change { before: of(before), now: of(now) })
    }

    /// How a share changed, in tenths of a percentage point; `None` where one of the two is of nothing or not told.
    #[must_use]
    pub fn points(self) -> Option<i64> {
        let (Shown::Share(now), Shown::Share(before)) = (self.now, self.before) else {
            return None;
        };
        let tenths = |share: Share| i64::try_from(share.tenths()?).ok();
        Some(tenths(now)? - tenths(before)?)
    }
}

impl Table {
    /// The divisions whose cells a table of `division` is read out of, in the order of its rows.
    #[must_use]
    pub fn divisions(tree: &Tree, division: DivisionCode) -> Vec<DivisionCode> {
        [division].into_iter().chain(tree.children(division).map(|below| below.code)).collect()
    }

    /// The table of a division, for so much of a period as has passed.
    #[must_use]
    pub fn of(tree: &Tree, division: DivisionCode, period: Period, tally: &Tally) -> Self {
        let before = period.year_before();
        let divisions = Self::divisions(tree, division);
        let (now, then) =
            (lines_of(&divisions, period, tally), lines_of(&divisions, before, tally));
        let lines: BTreeSet<Line> = Figure::all()
            .flat_map(Line::of)
            .chain(now.iter().chain(&then).flat_map(|lines| lines.keys().copied()))
            .collect();
        let (mut shown_now, mut shown_then) = (shown(&lines, &now), shown(&lines, &then));
        let rows = divisions.into_iter().map(|division| {
            let (now, then) = (shown_now.remove(0), shown_then.remove(0));
            let value = |line: &Line| Value { now: now[line], before: then[line] };
            Row { division, values: lines.iter().map(|line| (*line, value(line))).collect() }
        });
        let rows = rows.collect();
        Self { period, before, rows }
    }
}

/// The parts of a figure that have lines of their own: number, Chinese, English.
#[must_use]
pub fn parts(figure: Figure) -> Vec<(u32, String, String)> {
    let named = |parts: &[(u32, &str, &str)]| {
        parts.iter().map(|(part, zh, en)| (*part, (*zh).to_owned(), (*en).to_owned())).collect()
    };
    #[allow(clippy::wildcard_enum_match_arm, reason = "few figures have parts")]
    match figure {
        Figure::CrossLevel => named(&[
            (0, "到国家", "to the root"),
            (1, "到省", "to a province"),
            (2, "到市", "to a city"),
            (3, "到县", "to a county"),
        ]),
        Figure::Suggestions => named(&[
            (0, "收到", "taken in"),
            (1, "采纳", "adopted"),
            (2, "部分采纳", "adopted in part"),
            (3, "未采纳", "not adopted"),
        ]),
        Figure::PackageSettlement => named(&[
            (1, "省级领导", "by leaders of the province"),
            (2, "市级领导", "by leaders of cities"),
            (3, "县级领导", "by leaders of counties"),
            (4, "乡级领导", "by leaders of townships"),
        ]),
        Figure::PassedOn => {
            let pair = |from: usize, to: usize| {
                let facet = passed_on(u32::try_from(from).ok()?, u32::try_from(to).ok()?);
                let ((from_zh, from_en), (to_zh, to_en)) = (RUNGS[from], RUNGS[to]);
                Some((facet, format!("{from_zh}→{to_zh}"), format!("{from_en} → {to_en}")))
            };
            let rungs = 0..RUNGS.len();
            rungs
                .clone()
                .flat_map(|from| rungs.clone().filter_map(move |to| pair(from, to)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The lines of each division in a period, before anything is hidden.
fn lines_of(
    divisions: &[DivisionCode],
    period: Period,
    tally: &Tally,
) -> Vec<BTreeMap<Line, Share>> {
    let of_one = |division: &DivisionCode| {
        let mut lines: BTreeMap<Line, Share> = BTreeMap::new();
        for figure in Figure::all() {
            for (facet, share) in tally.by_facet(figure, *division, period) {
                let visits = figure.shape() == Shape::Visits;
                let part = if visits { went_to(facet) } else { facet };
                let sum = lines.entry(Line { figure, part }).or_default();
                *sum = *sum + share;
            }
        }
        lines
    };
    divisions.iter().map(of_one).collect()
}

/// What may be told of them. The first is the sum of the others and what the division itself does.
fn shown(lines: &BTreeSet<Line>, of: &[BTreeMap<Line, Share>]) -> Vec<BTreeMap<Line, Shown>> {
    let mut shown: Vec<BTreeMap<Line, Shown>> = vec![BTreeMap::new(); of.len()];
    for line in lines {
        let shares: Vec<Share> =
            of.iter().map(|lines| lines.get(line).copied().unwrap_or_default()).collect();
        let hidden =
            if line.figure.shape() == Shape::Visits { hidden(&shares) } else { BTreeSet::new() };
        for (at, share) in shares.iter().enumerate() {
            let told = if hidden.contains(&at) { Shown::Few } else { Shown::Share(*share) };
            shown[at].insert(*line, told);
        }
    }
    shown
}

/// Which of the rows are hidden: those of few persons, and beside them the next fewest until what is hidden together is
/// of several rows and of so many persons that it tells of none. What the division itself adds beyond those below it is
/// no row, and can be taken from the sum all the same.
fn hidden(shares: &[Share]) -> BTreeSet<usize> {
    let few = |persons: u64| (1..FEW).contains(&persons);
    let Some((whole, below)) = shares.split_first() else { return BTreeSet::new() };
    let own = whole.all.saturating_sub(below.iter().map(|share| share.all).sum());
    let mut hidden: BTreeSet<usize> = (1..shares.len()).filter(|at| few(shares[*at].all)).collect();
    let mut parts = hidden.len() + usize::from(few(own));
    let mut persons: u64 = hidden.iter().map(|at| shares[*at].all).sum();
    persons += if few(own) { own } else { 0 };
    while parts > 0 && (parts < 2 || persons < 2 * FEW) {
        let others = (1..shares.len()).filter(|at| !hidden.contains(at) && shares[*at].all > 0);
        let Some(fewest) = others.min_by_key(|at| shares[*at].all) else {
            // Without another below, the sum itself would tell.
            hidden.insert(0);
            break;
        };
        (parts, persons) = (parts + 1, persons + shares[fewest].all);
        hidden.insert(fewest);
    }
    if few(whole.all) {
        hidden.insert(0);
    }
    hidden
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::figure::cell::Changes;
    use crate::figure::cross_level;
    use crate::figure::measured::Measured;

    fn table(measured: &[Measured]) -> Table {
        let (mut changes, mut tally) = (Changes::default(), Tally::default());
        changes.add(measured, Tree::national(), DivisionCode::HUB);
        tally.change(&changes);
        let period = Period::read("2026").unwrap();
        Table::of(Tree::national(), DivisionCode::HUB, period, &tally)
    }

    fn visit(place: &str, year: i16, (of, all): (u64, u64)) -> Measured {
        Measured {
            figure: Figure::CrossLevel,
            facet: cross_level(1, 2),
            office: place.parse().unwrap(),
            day: date(year, 3, 9),
            share: Share { of, all },
        }
    }

    fn told(table: &Table, division: &str) -> Value {
        let division: DivisionCode = division.parse().unwrap();
        let row = table.rows.iter().find(|row| row.division == division).unwrap();
        row.values[&Line { figure: Figure::CrossLevel, part: 1 }]
    }

    #[test]
    fn a_table_stands_beside_the_year_before() {
        let table =
            table(&[visit("410221", 2025, (1_000, 5_000)), visit("410221", 2026, (616, 3_720))]);
        let henan = told(&table, "41");
        assert_eq!(henan.change(|share| share.of).unwrap().to_string(), "−38.4 %");
        assert_eq!(henan.change(|share| share.all).unwrap().to_string(), "−25.6 %");
        let hubei = told(&table, "42");
        assert_eq!(hubei.change(|share| share.of).unwrap().to_string(), "n/a");
    }

    #[test]
    fn few_persons_are_not_told_nor_to_be_taken_from_the_sum() {
        let table = table(&[
            visit("410221", 2026, (1, 4)),
            visit("420102", 2026, (2, 9)),
            visit("430102", 2026, (2, 7)),
        ]);
        assert_eq!(told(&table, "41").now, Shown::Few);
        assert_eq!(told(&table, "43").now, Shown::Few, "the next fewest is hidden with it");
        assert_eq!(told(&table, "42").now, Shown::Share(Share { of: 2, all: 9 }));
        assert_eq!(told(&table, "00").now, Shown::Share(Share { of: 5, all: 20 }));
        assert_eq!(told(&table, "41").change(|share| share.of), None);
    }

    #[test]
    fn where_nobody_else_came_the_sum_is_hidden_too() {
        let table = table(&[visit("410221", 2026, (1, 4))]);
        assert_eq!((told(&table, "00").now, told(&table, "41").now), (Shown::Few, Shown::Few));
    }

    #[test]
    fn what_is_hidden_together_tells_of_none() {
        let hidden = |persons: &[u64]| {
            let shares: Vec<Share> = persons.iter().map(|all| Share { of: 1, all: *all }).collect();
            hidden(&shares).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(hidden(&[30, 10, 20]), []);
        assert_eq!(
            hidden(&[11, 1, 1, 9]),
            [1, 2, 3],
            "two of one person each are told by their sum"
        );
        assert_eq!(hidden(&[17, 9, 7]), [1, 2], "one came to the division's own office");
        assert_eq!(hidden(&[40, 4, 6, 30]), [1, 2]);
        assert_eq!(hidden(&[8, 4, 4]), [0, 1, 2]);
    }
}
