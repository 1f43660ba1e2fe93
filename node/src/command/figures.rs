//! `figures`: how the offices of a subtree keep their duties, read beside a running office.

use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use terrace_proto::division::DivisionCode;
use terrace_proto::figure::coverage::Coverage;
use terrace_proto::figure::period::Period;
use terrace_proto::figure::table::Table;

use super::Data;
use super::table::table;
use crate::figure::{self, sheet, told};
use crate::store::Store;
use crate::view::name_of;

/// How the offices below keep their duties, beside the year before.
#[derive(Debug, Args)]
pub struct Figures {
    #[command(flatten)]
    asked: Asked,
}

/// Which figures.
#[derive(Debug, Args)]
pub struct Asked {
    #[command(flatten)]
    data: Data,
    /// A year (2026), a month (2026-03), a day, or days (2026-03-01..2026-03-15) / 统计期间
    #[arg(long, value_parser = Period::read)]
    pub period: Period,
    /// Of this division and those right below it; the office's own where none is named / 区划
    #[arg(long)]
    division: Option<DivisionCode>,
    /// For programs
    #[arg(long)]
    pub json: bool,
}

impl Asked {
    /// The office's own division, and the one that is asked about.
    ///
    /// # Errors
    ///
    /// When the data folder cannot be read, or the division does not lie below the office.
    pub fn divisions(&self) -> anyhow::Result<(DivisionCode, DivisionCode)> {
        let (_, me, _) = self.data.folder().config()?;
        let of = self.division.unwrap_or(me);
        let tree = terrace_proto::division::Tree::national();
        tree.find(of)?;
        anyhow::ensure!(
            tree.is_within(of, me),
            "{} 不在 {} 辖区内 this office keeps figures of its own subtree",
            name_of(of),
            name_of(me)
        );
        Ok((me, of))
    }

    /// The store of the office, for reading.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub async fn store(&self) -> anyhow::Result<Arc<dyn Store>> {
        let folder = self.data.folder();
        let (config, ..) = folder.config()?;
        Ok(folder.store(&config).open_to_read().await?)
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }
}

impl Figures {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (me, of) = self.asked.divisions()?;
        let store = self.asked.store().await?;
        let (figures, now) = (figure::Figures::of(store.as_ref(), me).await?, Timestamp::now());
        let told = figures.table(of, self.asked.period, now).await?;
        let coverage = figures.coverage(of, now).await?;
        show(&told, &coverage, self.asked.json);
        Ok(())
    }
}

/// Prints a table with its coverage.
pub fn show(of: &Table, coverage: &Coverage, as_json: bool) {
    if as_json {
        let told =
            json!({ "table": told::table(of, coverage.at), "coverage": told::coverage(coverage) });
        println!("{told}");
        return;
    }
    for row in &of.rows {
        let mut table = table(["指标 figure", "本期 now", "上年同期 year before", "同比 change"]);
        let lines = row.values.iter().filter(|(_, value)| {
            let nothing = |shown| sheet_is_empty(shown);
            !(nothing(value.now) && nothing(value.before))
        });
        let mut any = false;
        for (line, value) in lines {
            any = true;
            let (zh, en) = told::part(*line);
            let name = format!("{}{zh} {} {en}", line.figure.zh(), line.figure.en());
            let (now, before) = (sheet::told(*line, value.now), sheet::told(*line, value.before));
            table.add_row([name.trim().to_owned(), now, before, sheet::change(*line, *value)]);
        }
        if any {
            println!("{} {}\n{table}\n", name_of(row.division), of.period);
        }
    }
    let (zh, en) = told::sentences(coverage);
    println!("{zh}\n{en}");
}

fn sheet_is_empty(shown: terrace_proto::figure::table::Shown) -> bool {
    use terrace_proto::figure::share::Share;
    use terrace_proto::figure::table::Shown;
    shown == Shown::Share(Share::default())
}
