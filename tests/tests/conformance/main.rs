//! What every store owes, asked of each.
//!
//! An obligation is one function over any [`Store`]; the list at the end makes it a test of each store.
//! A [`House`] is where a store lives: its disk can fill up, and the store can be opened again. What only
//! one store can show (a lost answer, a damaged file) stands in that store's module. Finally all stores
//! are led through the same random batches and must answer alike.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use terrace_node::store::memory::{Fault, MemoryStore};
use terrace_node::store::sqlite::SqliteStore;
use terrace_node::store::{
    Batch, CaseRecord, Counter, Direction, Holding, PassageRecord, Store, StoreError, StoredEntry,
    Tally, Wanted,
};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::{EntryId, JournalId, VerifiedEntry};
use terrace_proto::journal::tile::TileId;
use terrace_proto::ledger::{Head, Span};
use terrace_tests::sample::{self, Author, Content, case, passage, place, stored};

/// Where a store lives.
trait House: Sized {
    /// The store.
    type Kept: Store;
    /// An empty one.
    async fn build() -> Self;
    /// The store in it.
    fn store(&self) -> &Self::Kept;
    /// From now on there is no room for more than a little.
    async fn fill(&self);
    /// There is room again.
    async fn make_room(&self);
    /// The process ends and another opens what is stored.
    async fn reopen(self) -> Self;
}

// What the tests below say again and again.

fn author() -> Author {
    Author::new(place(0), 1)
}

fn entries_alone(entries: Vec<VerifiedEntry>) -> Batch {
    Batch { entries, ..Batch::default() }
}

fn cases(cases: Vec<CaseRecord>) -> Batch {
    Batch { cases, ..Batch::default() }
}

fn parcels(list: &[(usize, EntryId)]) -> Batch {
    let parcels = list.iter().map(|(to, entry)| (place(*to), *entry)).collect();
    Batch { parcels, ..Batch::default() }
}

fn sequences(entries: &[StoredEntry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.id.sequence).collect()
}

fn all_stored(entries: &[VerifiedEntry]) -> Vec<StoredEntry> {
    entries.iter().map(stored).collect()
}

/// A batch with a row of every kind: `count` entries of `author`'s journal and all that can go with them.
fn full_batch(author: &mut Author, count: u64, text: &str) -> Batch {
    let journal = author.id();
    let first = author.size();
    let head = Head::start(sample::ledger_id(0, 1, 1));
    let run = passage(&head, journal, Span::Run { first, count });
    let picked = passage(&run.record.head, journal, Span::Picked(vec![first, first + 1]));
    Batch {
        tiles: vec![(journal, sample::tile(0, 0, 5, 1)), (journal, sample::tile(1, 0, 2, 2))],
        parcels: vec![(place(2), author.entry_id(first)), (place(1), author.entry_id(first))],
        cases: vec![case(1), CaseRecord { holder: None, number: None, state: None, ..case(2) }],
        ledgers: vec![
            sample::ledger(1, Direction::Out, picked.record.head),
            sample::ledger(1, Direction::In, Head::start(sample::ledger_id(1, 0, 1))),
        ],
        passages: vec![run, picked],
        cosignatures: vec![sample::cosignature(1, first)],
        heads: vec![sample::watched(1, first)],
        raised: vec![sample::raised(first, 1)],
        issued: vec![sample::issued(first, "试点"), sample::issued(first + 2, "")],
        sealing_keys: vec![
            sample::announced(first, ""),
            sample::announced(first + 1, "discipline"),
        ],
        reports: vec![sample::report(first, first.is_multiple_of(2))],
        rolled: vec![sample::rolled(first, 1, Some(7)), sample::rolled(first + 1, 2, None)],
        sketches: vec![sample::sketched(first + 1), sample::sketched(first + 2)],
        sketched: Some(first + 2),
        cells: sample::cells(first),
        counted: vec![sample::counted(first, 1), sample::counted(first + 1, 1)],
        counters: vec![Counter { to: place(2), number: 4, last: Digest([8; 32]) }],
        block: Some(17),
        ..author.batch(count, text)
    }
}

/// Commits `batch`, which must be refused as a conflict, and sees that nothing was written.
async fn refused(store: &dyn Store, batch: Batch, journals: &[JournalId]) {
    let before = Content::of(store, journals).await.unwrap();
    let error = store.commit(batch).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    assert_eq!(Content::of(store, journals).await.unwrap(), before, "something was written");
}

// The obligations.

/// Makes every obligation a test of the store of this module.
macro_rules! obligations {
    ($($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                super::$name(Home::build().await).await;
            }
        )*
    };
}

/// All obligations, for the store whose `Home` is in scope.
macro_rules! every_obligation {
    () => {
        obligations! {
            an_empty_store_holds_nothing
            an_empty_batch_is_taken_and_changes_nothing
            all_of_a_batch_is_read_back
            a_journal_of_another_size_is_a_conflict_and_nothing_is_written
            a_journal_not_known_is_expected_to_be_empty
            another_entry_at_the_same_place_is_a_conflict_and_nothing_is_written
            two_entries_for_one_place_in_a_batch_are_a_conflict
            of_two_batches_that_build_on_the_same_size_one_is_written
            an_entry_already_held_is_skipped
            entries_held_and_new_may_be_mixed
            a_body_fills_a_stub_and_a_stub_takes_no_body_away
            a_stub_and_its_body_may_come_in_one_batch
            an_entry_keeps_the_proof_it_came_with
            entries_come_in_order_from_a_sequence_on
            entries_are_found_by_name
            journals_come_in_order_once_their_admission_is_known
            a_tile_that_has_grown_replaces_the_smaller_one
            runs_are_numbered_in_the_order_of_writing
            a_parcel_keeps_its_place
            parcels_come_in_pages_behind_a_position
            a_case_keeps_its_place_when_it_changes
            words_from_outside_may_hold_any_character
            cases_are_found_by_id_and_by_number
            cases_said_to_be_new_are_refused_where_one_is_held
            wanted_cases_are_found_newest_first
            what_stands_still_and_what_is_hard_is_found_the_oldest_first
            holdings_count_open_cases_by_division_and_state
            words_are_found_in_bodies_as_they_stand
            the_tally_counts_what_needs_attention
            a_ledger_is_kept_for_each_direction_in_its_present_life
            passages_come_in_order_from_a_number_on
            cosignature_counters_and_blocks_are_the_newest
            each_signer_and_each_watched_journal_has_its_newest_head
            what_is_raised_stays_in_its_order_and_is_found_by_its_gist
            a_report_keeps_its_place_and_gets_its_key_once_it_is_whole
            a_roll_is_read_back_from_its_end_and_an_entry_stands_on_it_once
            sketches_are_of_one_place_and_in_the_order_of_rows
            cells_grow_and_shrink_and_what_is_counted_is_found_again
            a_full_disk_takes_nothing_and_works_again_when_there_is_room
            another_life_finds_everything
            a_frozen_view_is_what_it_was_and_the_next_is_of_its_own_time
        }
    };
}

mod alike;
mod cases;
mod entries;
mod journals;
mod links;
mod memory;
mod postgres;
mod provinces;
mod room;
mod sqlite;

use cases::*;
use entries::*;
use journals::*;
use links::*;
use room::*;
