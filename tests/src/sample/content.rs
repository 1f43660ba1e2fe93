//! The whole content of a store as one value: what [`Store`] answers to every question, so that two stores, or one store
//! at two moments, can be compared.

use std::ops::RangeInclusive;

use jiff::civil::{Date, date};
use terrace_node::store::{
    AnnouncedKey, CaseRecord, CellsAsked, Cosignature, CountedAsked, CountedRecord, Counter,
    Direction, HeadRecord, IssuedRules, JournalRecord, LedgerRecord, ParcelRecord, PassageRecord,
    RaisedRecord, Reach, ReportRecord, Rolled, RunRecord, SketchRecord, Store, StoreError,
    StoredEntry, Tally,
};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::figure::Figure;
use terrace_proto::figure::cell::{Cell, Grain};
use terrace_proto::figure::share::Share;
use terrace_proto::journal::Tile;
use terrace_proto::journal::tile::TileId;

use super::{PLACES, journal_id, ledger_id, place};

/// How many rows [`Content`] asks for at a time: small, so that pages are turned.
const PAGE: u32 = 7;
/// The days on which samples are counted.
const SAMPLED: RangeInclusive<Date> = date(2026, 1, 1)..=date(2026, 12, 31);

/// Everything a store answers, asked in small pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// All journals whose admission is known.
    pub journals: Vec<JournalRecord>,
    /// All entries of the journals asked for.
    pub entries: Vec<StoredEntry>,
    /// Tiles of levels 0 to 2, numbers 0 to 2, of the journals asked for, in order.
    pub tiles: Vec<(JournalId, Tile)>,
    /// All runs.
    pub runs: Vec<RunRecord>,
    /// Parcels for each of [`PLACES`].
    pub parcels: Vec<(DivisionCode, ParcelRecord)>,
    /// All cases.
    pub cases: Vec<CaseRecord>,
    /// Ledgers with each of [`PLACES`].
    pub ledgers: Vec<LedgerRecord>,
    /// Passages of the lives 1 and 2 of all ledgers between [`PLACES`].
    pub passages: Vec<PassageRecord>,
    /// Cosignatures on the journal that [`cosignature`](super::cosignature) makes them for.
    pub cosignatures: Vec<Cosignature>,
    /// Heads that [`watched`](super::watched) makes, of epochs 1 and 2.
    pub heads: Vec<HeadRecord>,
    /// What was raised, the newest first.
    pub raised: Vec<RaisedRecord>,
    /// Rules that were issued.
    pub issued: Vec<IssuedRules>,
    /// Announced sealing keys.
    pub sealing_keys: Vec<AnnouncedKey>,
    /// Sealed reports, the newest first.
    pub reports: Vec<ReportRecord>,
    /// Rolls 1 and 2, the newest first.
    pub rolled: Vec<Rolled>,
    /// Sketches about place 2, and up to where there are any.
    pub sketches: (Vec<SketchRecord>, u64),
    /// Cells of [`PLACES`] and of all the years that samples lie in, in order.
    pub cells: Vec<(Cell, Share)>,
    /// What was counted of the figure that [`counted`](super::counted) makes.
    pub counted: Vec<CountedRecord>,
    /// Counters by division.
    pub counters: Vec<Counter>,
    /// Blocks in order.
    pub blocks: Vec<u32>,
    /// How much is held.
    pub tally: Tally,
}

impl Content {
    /// Asks `store` everything; entries and tiles of `journals`.
    pub async fn of(store: &dyn Store, journals: &[JournalId]) -> Result<Self, StoreError> {
        let (mut entries, mut tiles) = (Vec::new(), Vec::new());
        for journal in journals {
            entries.extend(whole_journal(store, *journal).await?);
            let ids: Vec<TileId> = (0..3)
                .flat_map(|level| (0..3).map(move |number| TileId { level, number }))
                .collect();
            let mut found = store.tiles(*journal, &ids).await?;
            found.sort_by_key(|tile| tile.id);
            tiles.extend(found.into_iter().map(|tile| (*journal, tile)));
        }
        let (parcels, ledgers, passages) = links(store).await?;
        let mut counters = store.counters().await?;
        counters.sort_by_key(|counter| counter.to);
        let mut blocks = store.blocks().await?;
        blocks.sort_unstable();
        let mut heads = Vec::new();
        for epoch in 1..3 {
            heads.extend(store.head(journal_id(1, epoch)).await?);
        }
        Ok(Self {
            journals: all_journals(store).await?,
            entries,
            tiles,
            runs: all_runs(store).await?,
            parcels,
            cases: all_cases(store).await?,
            ledgers,
            passages,
            cosignatures: store.cosignatures(journal_id(0, 1)).await?,
            heads,
            raised: all_raised(store).await?,
            issued: store.issued_rules().await?,
            sealing_keys: all_sealing_keys(store).await?,
            reports: store.reports(u64::MAX, PAGE).await?.into_iter().map(|(_, one)| one).collect(),
            rolled: all_rolled(store).await?,
            sketches: (store.sketches(place(2), 0, PAGE).await?, store.sketched().await?),
            cells: all_cells(store).await?,
            counted: all_counted(store).await?,
            counters,
            blocks,
            tally: store.tally().await?,
        })
    }
}

/// All journals. What is told of one office's, and of how far they reach, must be the same.
async fn all_journals(store: &dyn Store) -> Result<Vec<JournalRecord>, StoreError> {
    let all = store.journals().await?;
    for one in &all {
        let office = one.id.author;
        let of_office = all.iter().filter(|journal| journal.id.author == office).cloned();
        let of_office: Vec<JournalRecord> = of_office.collect();
        assert_eq!(store.journals_of(office).await?, of_office, "the journals of {office}");
    }
    let reaches = all.iter().filter(|journal| journal.whole).map(Reach::from);
    assert_eq!(store.reaches().await?, reaches.collect::<Vec<_>>(), "how far journals reach");
    Ok(all)
}

/// The sealing keys of each of [`PLACES`].
async fn all_sealing_keys(store: &dyn Store) -> Result<Vec<AnnouncedKey>, StoreError> {
    let mut keys = Vec::new();
    for index in 0..PLACES.len() {
        keys.extend(store.sealing_keys(place(index)).await?);
    }
    Ok(keys)
}

async fn whole_journal(
    store: &dyn Store,
    journal: JournalId,
) -> Result<Vec<StoredEntry>, StoreError> {
    let mut all: Vec<StoredEntry> = Vec::new();
    loop {
        let from = all.last().map_or(0, |entry| entry.id.sequence + 1);
        let page = store.entries(journal, from, PAGE).await?;
        assert!(page.iter().all(|entry| entry.id.sequence >= from), "a page begins where asked");
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn all_runs(store: &dyn Store) -> Result<Vec<RunRecord>, StoreError> {
    let mut all: Vec<RunRecord> = Vec::new();
    loop {
        let after = all.last().map_or(0, |run| run.position);
        let page = store.runs(after, PAGE).await?;
        assert!(page.iter().all(|run| run.position > after), "a page begins behind its place");
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn all_cases(store: &dyn Store) -> Result<Vec<CaseRecord>, StoreError> {
    let mut all: Vec<CaseRecord> = Vec::new();
    loop {
        let after = all.last().map_or(0, |case| case.row);
        let page = store.cases_after(after, PAGE).await?;
        assert!(page.iter().all(|case| case.row > after), "a page begins behind its place");
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn all_cells(store: &dyn Store) -> Result<Vec<(Cell, Share)>, StoreError> {
    let mut all = Vec::new();
    for grain in Grain::ALL {
        let divisions = (0..PLACES.len()).map(place).collect();
        let asked = CellsAsked { divisions, figure: None, grain, days: SAMPLED };
        all.extend(store.cells(&asked).await?);
    }
    all.sort_by_key(|(cell, _)| *cell);
    Ok(all)
}

async fn all_counted(store: &dyn Store) -> Result<Vec<CountedRecord>, StoreError> {
    let mut all: Vec<CountedRecord> = Vec::new();
    loop {
        let place_of = |one: &CountedRecord| (one.measured.day, one.measured.facet, one.case);
        let asked = CountedAsked {
            figure: Figure::OnSchedule,
            office: place(1),
            days: SAMPLED,
            after: all.last().map(place_of),
        };
        let page = store.counted(&asked, PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn all_raised(store: &dyn Store) -> Result<Vec<RaisedRecord>, StoreError> {
    let (mut all, mut before) = (Vec::new(), u64::MAX);
    loop {
        let page = store.raised(before, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        assert!(*last < before, "a page ends before its beginning");
        before = *last;
        all.extend(page.into_iter().map(|(_, raised)| raised));
    }
}

async fn all_rolled(store: &dyn Store) -> Result<Vec<Rolled>, StoreError> {
    let mut all = Vec::new();
    for roll in 1..3 {
        let page = store.rolled(roll, None, u64::MAX, PAGE).await?;
        assert!(page.windows(2).all(|two| two[0].0 > two[1].0), "the newest come first");
        let of_one = store.rolled(roll, Some(place(2)), u64::MAX, PAGE).await?;
        assert_eq!(page, of_one, "all of them are of one author");
        assert_eq!(store.rolled(roll, Some(place(1)), u64::MAX, PAGE).await?, []);
        all.extend(page.into_iter().map(|(_, one)| one));
    }
    Ok(all)
}

type Links = (Vec<(DivisionCode, ParcelRecord)>, Vec<LedgerRecord>, Vec<PassageRecord>);

async fn links(store: &dyn Store) -> Result<Links, StoreError> {
    let (mut parcels, mut ledgers, mut passages) = (Vec::new(), Vec::new(), Vec::new());
    for (index, _) in PLACES.iter().enumerate() {
        let mut after = 0;
        loop {
            let page = store.parcels(place(index), after, PAGE).await?;
            let Some(last) = page.last() else { break };
            assert!(last.position > after, "a page ends behind its beginning");
            after = last.position;
            parcels.extend(page.into_iter().map(|parcel| (place(index), parcel)));
        }
        ledgers.extend(store.ledger(place(index), Direction::Out).await?);
        ledgers.extend(store.ledger(place(index), Direction::In).await?);
        for to in 0..PLACES.len() {
            for life in 1..3 {
                let found = store.passages(ledger_id(index, to, life), 0, u32::MAX).await?;
                passages.extend(found);
            }
        }
    }
    Ok((parcels, ledgers, passages))
}
