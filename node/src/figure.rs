//! The figures of an office's subtree, as they stand in its store (统计).
//!
//! [`Figures`] reads a frozen view: the cells that are kept with the folds, the heads they hold for, and which offices were
//! heard. [`recount`] counts the same again from the journals alone. Nothing here writes to the store, and nothing ranks:
//! rows stand in the order of the codes.

pub mod bulletin;
pub mod cutting;
pub mod publication;
pub mod recount;
pub mod sheet;
pub mod told;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::figure::Figure;
use terrace_proto::figure::cell::Grain;
use terrace_proto::figure::coverage::Coverage;
use terrace_proto::figure::period::Period;
use terrace_proto::figure::table::Table;
use terrace_proto::figure::tally::Tally;

use crate::store::{CellsAsked, Store, StoreError};

/// When each office was heard last, out of when its journals were stored.
fn last_of(
    stored: impl Iterator<Item = (DivisionCode, Option<i64>)>,
) -> BTreeMap<DivisionCode, Option<Timestamp>> {
    let mut heard: BTreeMap<DivisionCode, Option<Timestamp>> = BTreeMap::new();
    for (office, stored) in stored {
        let last = heard.entry(office).or_default();
        *last = (*last).max(stored.and_then(|at| Timestamp::from_millisecond(at).ok()));
    }
    heard
}

/// The figures as a store keeps them at one moment.
#[derive(Debug, Clone)]
pub struct Figures {
    view: Arc<dyn Store>,
    me: DivisionCode,
    tree: &'static Tree,
}

impl Figures {
    /// Those of the store of an office as it stands now, out of a copy of it where there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn of(store: &dyn Store, me: DivisionCode) -> Result<Self, StoreError> {
        Ok(Self { view: store.frozen_on_standby().await?, me, tree: Tree::national() })
    }

    /// The same out of the store itself, for counting anew: that takes long, and a copy would not show what was done to
    /// the original.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn of_original(store: &dyn Store, me: DivisionCode) -> Result<Self, StoreError> {
        Ok(Self { view: store.frozen().await?, me, tree: Tree::national() })
    }

    /// The view they are read from.
    #[must_use]
    pub fn view(&self) -> &dyn Store {
        self.view.as_ref()
    }

    /// The cells of some divisions in a period and in the same days of the year before.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn tally(
        &self,
        divisions: &[DivisionCode],
        period: Period,
    ) -> Result<Tally, StoreError> {
        let both = [period, period.year_before()].into_iter().flat_map(Period::ranges);
        self.cells(divisions, None, both).await
    }

    /// The cells of some divisions and one figure in a period alone.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn tally_of(
        &self,
        divisions: &[DivisionCode],
        figure: Figure,
        period: Period,
    ) -> Result<Tally, StoreError> {
        self.cells(divisions, Some(figure), period.ranges()).await
    }

    async fn cells(
        &self,
        divisions: &[DivisionCode],
        figure: Option<Figure>,
        ranges: impl IntoIterator<Item = (Grain, RangeInclusive<Date>)>,
    ) -> Result<Tally, StoreError> {
        let mut tally = Tally::default();
        for (grain, days) in ranges {
            let asked = CellsAsked { divisions: divisions.to_vec(), figure, grain, days };
            for (cell, share) in self.view.cells(&asked).await? {
                tally.put(cell, share);
            }
        }
        Ok(tally)
    }

    /// The table of a division for so much of a period as has passed at an hour.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn table(
        &self,
        division: DivisionCode,
        period: Period,
        at: Timestamp,
    ) -> Result<Table, StoreError> {
        let period = period.passed(at);
        let tally = self.tally(&Table::divisions(self.tree, division), period).await?;
        Ok(Table::of(self.tree, division, period, &tally))
    }

    /// How far the figures of a division can be relied on at an hour.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn coverage(
        &self,
        division: DivisionCode,
        at: Timestamp,
    ) -> Result<Coverage, StoreError> {
        let reaches = self.view.reaches().await?.into_iter();
        let heard = reaches.map(|reach| (reach.journal.author, reach.stored_at));
        let waiting = self.view.tally().await?.waiting;
        Ok(Coverage::of(self.tree, (self.me, division), &last_of(heard), (at, Some(waiting))))
    }

    /// The same as of an hour that has passed: of the offices that are enrolled now, what had been stored by then. What
    /// waited then is not known any more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn coverage_at(
        &self,
        division: DivisionCode,
        at: Timestamp,
    ) -> Result<Coverage, StoreError> {
        let runs = cutting::runs_until(self.view(), at).await?;
        let reaches = self.view.reaches().await?.into_iter();
        let heard = reaches.map(|reach| {
            let run = runs.get(&reach.journal);
            (reach.journal.author, run.map(|run| run.stored_at))
        });
        Ok(Coverage::of(self.tree, (self.me, division), &last_of(heard), (at, None)))
    }
}
