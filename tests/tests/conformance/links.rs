//! What a store owes as to neighbours: ledgers, passages, signatures, what is raised, sealed reports.

use terrace_node::store::SketchRecord;
use terrace_proto::division::Tree;
use terrace_proto::figure::cell::{Cell, Changes, Grain};

use super::*;

pub(crate) async fn a_ledger_is_kept_for_each_direction_in_its_present_life(house: impl House) {
    let store = house.store();
    let id = author().id();
    let out = Head::start(sample::ledger_id(0, 1, 1));
    let next = passage(&out, id, Span::Picked(Vec::new())).record.head;
    let renewed = Head::start(sample::ledger_id(0, 1, 2));
    let mut incoming = sample::ledger(1, Direction::In, Head::start(sample::ledger_id(1, 0, 1)));
    incoming.proved = None;
    for head in [out, next, renewed] {
        let ledger = sample::ledger(1, Direction::Out, head);
        let batch = Batch { ledgers: vec![ledger.clone(), incoming.clone()], ..Batch::default() };
        store.commit(batch).await.unwrap();
        assert_eq!(store.ledger(place(1), Direction::Out).await.unwrap(), Some(ledger));
    }
    assert_eq!(store.ledger(place(1), Direction::In).await.unwrap(), Some(incoming));
    assert_eq!(store.ledger(place(2), Direction::Out).await.unwrap(), None);
}

pub(crate) async fn passages_come_in_order_from_a_number_on(house: impl House) {
    let store = house.store();
    let id = author().id();
    let mut head = Head::start(sample::ledger_id(0, 1, 1));
    let mut all = Vec::new();
    for n in 0..300 {
        let picked = Span::Picked(vec![n, u64::MAX, 0]);
        let span = if n % 2 == 0 { Span::Run { first: n, count: 2 } } else { picked };
        all.push(passage(&head, id, span));
        head = all.last().unwrap().record.head;
    }
    let elsewhere = passage(&Head::start(sample::ledger_id(0, 1, 2)), id, Span::Picked(vec![]));
    let mut passages: Vec<PassageRecord> = all.iter().rev().cloned().collect();
    passages.push(elsewhere.clone());
    store.commit(Batch { passages, ..Batch::default() }).await.unwrap();
    all[1].stored_at = Some(-3);
    all[1].position = 8;
    store.commit(Batch { passages: vec![all[1].clone()], ..Batch::default() }).await.unwrap();
    let ledger = head.ledger;
    assert_eq!(store.passages(ledger, 0, 1_000).await.unwrap(), all);
    assert_eq!(store.passages(ledger, 2, 3).await.unwrap(), all[1..4]);
    assert_eq!(store.passages(ledger, 301, 3).await.unwrap(), []);
    assert_eq!(store.passages(ledger, u64::MAX, 3).await.unwrap(), []);
    let other = sample::ledger_id(0, 1, 2);
    assert_eq!(store.passages(other, 0, 3).await.unwrap(), [elsewhere]);
}

pub(crate) async fn cosignature_counters_and_blocks_are_the_newest(house: impl House) {
    let store = house.store();
    let counter = |to, number| Counter { to: place(to), number, last: Digest([number as u8; 32]) };
    for n in 1..4 {
        let batch = Batch {
            cosignatures: (n < 3).then(|| sample::cosignature(1, n)).into_iter().collect(),
            counters: vec![counter(1, n), counter(2, 7)],
            block: (n > 1).then_some(30 - n as u32),
            ..Batch::default()
        };
        store.commit(batch).await.unwrap();
    }
    let content = Content::of(store, &[]).await.unwrap();
    assert_eq!(content.cosignatures, [sample::cosignature(1, 2)]);
    assert_eq!(
        content.counters,
        BTreeSet::from([2, 1])
            .into_iter()
            .rev()
            .map(|to| { if to == 1 { counter(1, 3) } else { counter(2, 7) } })
            .collect::<Vec<_>>()
    );
    assert_eq!(content.blocks, [27, 28]);
}

pub(crate) async fn each_signer_and_each_watched_journal_has_its_newest_head(house: impl House) {
    let store = house.store();
    let batch = |cosignatures, heads| Batch { cosignatures, heads, ..Batch::default() };
    let both = vec![sample::cosignature(1, 3), sample::cosignature(2, 5)];
    let heads = vec![sample::watched(1, 3), sample::watched(2, 5)];
    store.commit(batch(both, heads)).await.unwrap();
    let later = batch(vec![sample::cosignature(1, 4)], vec![sample::watched(2, 6)]);
    store.commit(later).await.unwrap();
    let content = Content::of(store, &[]).await.unwrap();
    let mut signed = content.cosignatures;
    signed.sort_by_key(|signed| signed.size);
    assert_eq!(signed, [sample::cosignature(1, 4), sample::cosignature(2, 5)]);
    assert_eq!(content.heads, [sample::watched(1, 3), sample::watched(2, 6)]);
    assert_eq!(store.cosignatures(sample::journal_id(0, 2)).await.unwrap(), []);
    assert_eq!(store.head(sample::journal_id(1, 3)).await.unwrap(), None);
}

pub(crate) async fn what_is_raised_stays_in_its_order_and_is_found_by_its_gist(house: impl House) {
    let store = house.store();
    let said = |sequences: &[u64]| {
        let raised = sequences.iter().map(|n| sample::raised(*n, (n % 2) as u8)).collect();
        Batch { raised, ..Batch::default() }
    };
    store.commit(said(&[7, 3])).await.unwrap();
    store.commit(said(&[3, 5])).await.unwrap();
    store.commit(said(&[4])).await.unwrap();
    let content = Content::of(store, &[]).await.unwrap();
    let newest_first: Vec<u64> = content.raised.iter().map(|one| one.entry.sequence).collect();
    assert_eq!(newest_first, [4, 5, 3, 7]);
    let odd = store.raised_as(Digest([1; 32])).await.unwrap();
    assert_eq!(odd, [7, 3, 5].map(|n| sample::raised(n, 1)));
    assert_eq!(store.raised_as(Digest([9; 32])).await.unwrap(), []);
    assert_eq!(store.raised(0, 5).await.unwrap(), []);
}

pub(crate) async fn a_roll_is_read_back_from_its_end_and_an_entry_stands_on_it_once(
    house: impl House,
) {
    let store = house.store();
    let rolled = |sequences: &[u64]| Batch {
        rolled: sequences.iter().map(|n| sample::rolled(*n, 3, None)).collect(),
        ..Batch::default()
    };
    store.commit(rolled(&[7, 3])).await.unwrap();
    store.commit(rolled(&[3, 5])).await.unwrap();
    let of_all = store.rolled(3, None, u64::MAX, 10).await.unwrap();
    let sequences: Vec<u64> = of_all.iter().map(|(_, one)| one.entry.sequence).collect();
    assert_eq!(sequences, [5, 3, 7]);
    let behind = store.rolled(3, Some(place(2)), of_all[0].0, 1).await.unwrap();
    assert_eq!(behind, of_all[1..2]);
    assert_eq!(store.rolled(4, None, u64::MAX, 10).await.unwrap(), []);
}

pub(crate) async fn sketches_are_of_one_place_and_in_the_order_of_rows(house: impl House) {
    let store = house.store();
    let elsewhere = SketchRecord { place: place(1), ..sample::sketched(2) };
    let sketches = vec![sample::sketched(4), sample::sketched(1), elsewhere];
    store.commit(Batch { sketches, sketched: Some(4), ..Batch::default() }).await.unwrap();
    let found = store.sketches(place(2), 0, 10).await.unwrap();
    assert_eq!(found, [sample::sketched(1), sample::sketched(4)]);
    assert_eq!(store.sketches(place(2), 1, 10).await.unwrap(), found[1..]);
    // Made again from the start: the same rows are written over.
    let again = vec![sample::sketched(1)];
    store.commit(Batch { sketches: again, sketched: Some(1), ..Batch::default() }).await.unwrap();
    assert_eq!(store.sketches(place(2), 0, 10).await.unwrap(), found);
    assert_eq!(store.sketched().await.unwrap(), 1);
}

pub(crate) async fn cells_grow_and_shrink_and_what_is_counted_is_found_again(house: impl House) {
    let store = house.store();
    let counted = vec![sample::counted(3, 9), sample::counted(3, 1), sample::counted(40, 1)];
    let mut cells = sample::cells(3);
    for day in [3, 40] {
        let grown = sample::cells(day);
        store.commit(Batch { cells: grown, ..Batch::default() }).await.unwrap();
    }
    store.commit(Batch { cells: cells.clone(), counted, ..Batch::default() }).await.unwrap();
    let content = Content::of(store, &[]).await.unwrap();
    let month = |month: i8| {
        let at = |cell: &Cell| cell.grain == Grain::Month && cell.from.month() == month;
        let found =
            content.cells.iter().filter(move |(cell, _)| at(cell) && cell.division == place(3));
        found.map(|(_, share)| (share.of, share.all)).collect::<Vec<_>>()
    };
    assert_eq!((month(3), month(4)), (vec![(2, 4)], vec![(1, 2)]));
    let found: Vec<u8> = content.counted.iter().map(|one| one.case.0[0]).collect();
    assert_eq!(found, [1, 9, 1], "in the order of days, then of cases");
    // A case is counted elsewhere: what it added is taken back, and its row struck before it is written anew.
    let (before, tree) = (sample::counted(3, 1), Tree::national());
    cells = Changes::default();
    cells.take_back(&[before.measured], tree, place(3));
    let uncounted = vec![before, sample::counted(40, 1)];
    let counted = vec![sample::counted(40, 1)];
    store.commit(Batch { cells, uncounted, counted, ..Batch::default() }).await.unwrap();
    let content = Content::of(store, &[]).await.unwrap();
    assert_eq!(content.counted, [sample::counted(3, 9), sample::counted(40, 1)]);
    let all = |grain| {
        content
            .cells
            .iter()
            .filter(|(cell, _)| cell.grain == grain)
            .map(|(_, s)| s.all)
            .sum::<u64>()
    };
    assert_eq!((all(Grain::Day), all(Grain::Month)), (3 * 4, 3 * 4));
}

pub(crate) async fn a_report_keeps_its_place_and_gets_its_key_once_it_is_whole(house: impl House) {
    let store = house.store();
    let reports = |reports: &[(u64, bool)]| Batch {
        reports: reports.iter().map(|(n, whole)| sample::report(*n, *whole)).collect(),
        ..Batch::default()
    };
    store.commit(reports(&[(5, false), (2, true)])).await.unwrap();
    store.commit(reports(&[(5, true), (2, false), (9, false)])).await.unwrap();
    let newest_first: Vec<_> = store.reports(u64::MAX, 10).await.unwrap();
    let wanted =
        [(3, sample::report(9, false)), (2, sample::report(2, true)), (1, sample::report(5, true))];
    assert_eq!(newest_first, wanted);
    assert_eq!(store.reports(3, 1).await.unwrap(), wanted[1..2]);
}
