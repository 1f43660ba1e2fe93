//! `assessment score`: the points of offices under a scheme, out of a published table.
//!
//! Rates are read from the table that `national publish` wrote, so that anyone entitled can count them again; duties of
//! which no figure is kept come from a file that whoever assesses answers for. Every line shows its arithmetic. Offices
//! stand in the order of their codes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};
use terrace_node::command::FOUND;
use terrace_node::figure::publication::TABLE;
use terrace_node::view::name_of;
use terrace_proto::assessment::score::{Outcome, Table};
use terrace_proto::assessment::{Figures, Measure, Scheme, Score};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::figure::Figure;
use terrace_proto::figure::period::Period;
use terrace_proto::figure::share::Share;

/// Points of the offices of a published table.
#[derive(Debug, Args)]
pub struct Scored {
    /// The scheme, a TOML file / 方案文件
    scheme: PathBuf,
    /// A publication: the folder that `national publish` wrote, or its table.json / 公布的统计表
    table: PathBuf,
    /// Duties done of those due, a CSV file with the columns office, measure, done, due / 履职事项
    #[arg(long)]
    deeds: Option<PathBuf>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// What a published table says, as far as points need it.
#[derive(Debug, Deserialize)]
struct Published {
    period: String,
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    division: String,
    values: Vec<Told>,
}

#[derive(Debug, Deserialize)]
struct Told {
    figure: String,
    now: Now,
}

/// Of a rate; what is only counted has neither.
#[derive(Debug, Deserialize)]
struct Now {
    of: Option<u64>,
    all: Option<u64>,
}

/// A row of the file of duties.
#[derive(Debug, Deserialize)]
struct Deed {
    office: String,
    measure: String,
    done: u64,
    due: u64,
}

type Offices = BTreeMap<DivisionCode, Figures>;

impl Scored {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let scheme = match Scheme::read(&text(&self.scheme)?) {
            Ok(scheme) => scheme,
            Err(faults) => {
                print!("{}", super::told(&self.scheme.display().to_string(), &Err(faults)));
                return Ok(ExitCode::from(FOUND));
            }
        };
        let path = if self.table.is_dir() { self.table.join(TABLE) } else { self.table.clone() };
        let published: Published = serde_json::from_str(&text(&path)?).with_context(|| {
            format!("{} 不是公布的统计表 is no table that was published", path.display())
        })?;
        within(&scheme, &published.period)?;
        let mut offices = rates(&published)?;
        let refused = match &self.deeds {
            Some(deeds) => done(deeds, &mut offices)?,
            None => Vec::new(),
        };
        for row in &refused {
            eprintln!("{row}");
        }
        let table = Table::of(&scheme, &offices);
        if self.json {
            println!("{}", as_json(&scheme, &published.period, &table, &refused));
        } else {
            print!("{}", read_out(&scheme, &published.period, &table));
        }
        Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// A scheme is for its own days.
fn within(scheme: &Scheme, period: &str) -> anyhow::Result<()> {
    let (from, to) = scheme.days();
    let period = Period::read(period)?;
    anyhow::ensure!(
        from <= period.first && to.is_none_or(|to| period.last <= to),
        "统计期间 {period} 不在方案的起止日期内 the table is of {period}; the scheme is in force from {from}{}",
        to.map_or_else(String::new, |to| format!(" to {to}"))
    );
    Ok(())
}

/// The rates of each office in a table; the parts of one together.
fn rates(published: &Published) -> anyhow::Result<Offices> {
    let mut offices = Offices::new();
    for row in &published.rows {
        let office: DivisionCode = row.division.parse()?;
        let figures = offices.entry(office).or_default();
        for told in &row.values {
            let rate = Measure::from_code(&told.figure);
            if let (Some(rate), Some(of), Some(all)) = (rate, told.now.of, told.now.all) {
                let share: &mut Share = figures.entry(rate).or_default();
                *share = *share + Share { of, all };
            }
        }
    }
    Ok(offices)
}

/// Adds the duties of a file, and says which of its rows are not taken and why.
fn done(path: &Path, offices: &mut Offices) -> anyhow::Result<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .with_context(|| path.display().to_string())?;
    let header = reader.headers()?.clone();
    let mut refused = Vec::new();
    for (row, record) in (2_u64..).zip(reader.records()) {
        let line = match &record {
            Ok(record) => record.position().map_or(row, csv::Position::line),
            Err(error) => error.position().map_or(row, csv::Position::line),
        };
        let deed = record.and_then(|record| record.deserialize::<Deed>(Some(&header)));
        let taken = deed.map_err(|error| error.to_string()).and_then(|deed| take(&deed, offices));
        if let Err(why) = taken {
            refused.push(format!("{}:{line}: {why}", path.display()));
        }
    }
    Ok(refused)
}

fn take(deed: &Deed, offices: &mut Offices) -> Result<(), String> {
    let Deed { office, measure, done, due } = deed;
    let code: DivisionCode = office.parse().map_err(|error| format!("{office}: {error}"))?;
    Tree::national().find(code).map_err(|error| error.to_string())?;
    let figures = offices
        .get_mut(&code)
        .ok_or_else(|| format!("{office} 不在统计表内 the table has no row of this office"))?;
    match Measure::from_code(measure) {
        Some(one @ Measure::Deed(_)) => {
            let before = figures.insert(one, Share { of: *done, all: *due });
            before.map_or(Ok(()), |_| {
                Err(format!("{measure} 重复，以本行为准 stands there twice: this row counts"))
            })
        }
        Some(Measure::Rate(rate)) => Err(format!(
            "{}由统计表给出，不得另报 {measure} is read from the table and cannot be given",
            Figure::zh(rate)
        )),
        None => Err(format!("没有“{measure}”这一衡量指标 there is no measure {measure}")),
    }
}

fn read_out(scheme: &Scheme, period: &str, table: &Table) -> String {
    let (zh, en) = scheme.names();
    let mut told = format!("{zh} {en}（{}，{}） {period}\n", scheme.issuer(), scheme.number());
    for (office, score) in table.rows() {
        told += &format!("\n{} {}\n{score}\n", name_of(office), office.short());
    }
    told
}

fn as_json(scheme: &Scheme, period: &str, table: &Table, refused: &[String]) -> Value {
    let offices = table.rows().map(|(office, score)| {
        json!({
            "division": office.short(), "name": name_of(office), "items": items(score),
            "tenths": score.tenths(), "out_of": score.out_of(), "tenths_of_hundred": score.of_hundred(),
        })
    });
    let offices: Vec<Value> = offices.collect();
    json!({ "scheme": scheme.names().0, "number": scheme.number(), "period": period, "offices": offices, "refused": refused })
}

fn items(score: &Score) -> Vec<Value> {
    let items = score.lines().iter().map(|line| {
        let (of, all, outcome) = match line.outcome {
            Outcome::Points(share, _) => (Some(share.of), Some(share.all), "points"),
            Outcome::Impossible(share) => (Some(share.of), Some(share.all), "impossible"),
            Outcome::NothingDue => (None, None, "nothing-due"),
            Outcome::NotGiven => (None, None, "not-given"),
        };
        json!({
            "name": line.name, "name_en": line.name_en, "weight": line.weight, "outcome": outcome,
            "of": of, "all": all, "tenths": line.tenths(),
        })
    });
    items.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTY: &str = include_str!("../../../deploy/assessment/county.toml");

    fn published(period: &str) -> Published {
        let told =
            |figure: &str, of, all| json!({ "figure": figure, "now": { "of": of, "all": all } });
        let values = [
            told("office_acceptance", 9, 10),
            told("on_schedule", 0, 0),
            told("package_settlement", 1, 2),
            told("package_settlement", 2, 3),
            json!({ "figure": "suggestions", "now": { "count": 7 } }),
            json!({ "figure": "cross_level", "now": { "few": true } }),
        ];
        let row = json!({ "division": "410221", "values": values });
        serde_json::from_value(json!({ "period": period, "rows": [row] })).unwrap()
    }

    #[test]
    fn an_office_is_scored_out_of_a_table_and_of_the_duties_that_are_given() {
        let mut offices = rates(&published("2026")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let deeds = folder.path().join("deeds.csv");
        let rows = "office,measure,done,due\n\
                    410221,documents_served,3,4\n\
                    410221,on_schedule,9,9\n\
                    41,documents_served,1,1\n\
                    410221,zero_petitions,1,1\n\
                    410221,documents_served,x,4\n";
        std::fs::write(&deeds, rows).unwrap();
        let refused = done(&deeds, &mut offices).unwrap();
        let lines: Vec<_> = refused.iter().map(|row| row.split(':').nth(1).unwrap()).collect();
        assert_eq!(lines, ["3", "4", "5", "6"], "{refused:?}");
        let scheme = Scheme::read(COUNTY).unwrap();
        let told = read_out(&scheme, "2026", &Table::of(&scheme, &offices));
        assert!(told.contains("15 × 9 ÷ 10 = 13.5"), "{told}");
        assert!(told.contains("按期办结率 Completed on schedule: n/a"), "{told}");
        assert!(told.contains("10 × 3 ÷ 4 = 7.5"), "{told}");
        let packages =
            offices.values().next().unwrap()[&Measure::from_code("package_settlement").unwrap()];
        assert_eq!((packages.of, packages.all), (3, 5), "leaders of all levels together");
    }

    #[test]
    fn a_scheme_scores_its_own_days_alone() {
        let scheme = Scheme::read(COUNTY).unwrap();
        assert!(within(&scheme, "2026-03").is_ok());
        let why = within(&scheme, "2025").unwrap_err().to_string();
        assert!(why.contains("in force from 2026-01-01 to 2026-12-31"), "{why}");
    }
}
