//! A bulletin (通报): a published table as a page to be printed, in Chinese with English beside it.
//!
//! It says how far it covers the country above the numbers, stands in the order of the codes, and holds nothing that the
//! table does not.

use askama::Template;
use terrace_proto::division::DivisionCode;
use terrace_proto::figure::coverage::Coverage;
use terrace_proto::figure::cut::Cut;
use terrace_proto::figure::period::Period;
use terrace_proto::figure::table::{Line, Row, Table, parts};
use terrace_proto::figure::{Figure, Shape};

use super::{sheet, told};
use crate::view::{hour, name_of};

#[derive(Template)]
#[template(path = "bulletin.html")]
struct Page {
    title_zh: String,
    title_en: String,
    period: String,
    before: String,
    at: String,
    coverage_zh: String,
    coverage_en: String,
    journals: usize,
    entries: u64,
    sheets: Vec<Sheet>,
}

/// Some of the figures, of every division.
struct Sheet {
    zh: &'static str,
    en: &'static str,
    headings: Vec<Heading>,
    rows: Vec<Told>,
}

struct Heading {
    zh: String,
    en: String,
}

struct Told {
    name: String,
    code: String,
    numbers: Vec<(String, String)>,
}

/// The page of a table.
///
/// # Errors
///
/// When the template cannot be filled.
pub fn bulletin(
    table: &Table,
    coverage: &Coverage,
    cut: &Cut,
    (of, period): (DivisionCode, Period),
) -> Result<String, askama::Error> {
    let (sort_zh, sort_en) = sort(period);
    let (coverage_zh, coverage_en) = told::sentences(coverage);
    let rates: Vec<Figure> = Figure::all()
        .filter(|figure| figure.shape() == Shape::Share && parts(*figure).is_empty())
        .collect();
    let counts =
        Figure::all().filter(|figure| !rates.contains(figure) && *figure != Figure::PassedOn);
    let sheets = vec![
        sheet("履职率", "Duties kept", &rates, table),
        sheet(
            "件数与越级走访",
            "Counts, and visits past the level rule",
            &counts.collect::<Vec<_>>(),
            table,
        ),
    ];
    let page = Page {
        title_zh: format!("{}信访工作{sort_zh}", name_of(of)),
        title_en: format!("{}: {sort_en} of petition work", of.short()),
        period: table.period.to_string(),
        before: table.before.to_string(),
        at: hour(coverage.at),
        coverage_zh,
        coverage_en,
        journals: cut.heads().count(),
        entries: cut.entries(),
        sheets,
    };
    page.render()
}

/// What a bulletin of a period is called.
fn sort(period: Period) -> (&'static str, &'static str) {
    let (first, last) = (period.first, period.last);
    if (first, last) == (first.first_of_year(), first.last_of_year()) {
        ("年报", "yearly bulletin")
    } else if (first, last) == (first.first_of_month(), first.last_of_month()) {
        ("月报", "monthly bulletin")
    } else {
        ("通报", "bulletin")
    }
}

fn sheet(zh: &'static str, en: &'static str, figures: &[Figure], table: &Table) -> Sheet {
    let lines: Vec<Line> = figures.iter().copied().flat_map(Line::of).collect();
    let heading = |line: &Line| {
        let (zh, en) = told::part(*line);
        let (figure_zh, figure_en) = (line.figure.zh(), line.figure.en());
        Heading {
            zh: format!("{figure_zh} {zh}").trim().to_owned(),
            en: format!("{figure_en} {en}").trim().to_owned(),
        }
    };
    let row = |row: &Row| Told {
        name: name_of(row.division),
        code: row.division.short(),
        numbers: lines
            .iter()
            .filter_map(|line| Some((line, row.values.get(line)?)))
            .map(|(line, value)| (sheet::told(*line, value.now), sheet::change(*line, *value)))
            .collect(),
    };
    Sheet {
        zh,
        en,
        headings: lines.iter().map(heading).collect(),
        rows: table.rows.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bulletin_is_called_by_its_period() {
        let sort = |text: &str| sort(Period::read(text).unwrap()).0;
        assert_eq!(
            ["2026", "2026-03", "2026-03-01..2026-03-15"].map(sort),
            ["年报", "月报", "通报"]
        );
    }
}
