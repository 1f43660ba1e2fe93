//! What a store owes as to cases: found by what they are called, held and due.

use jiff::Timestamp;
use jiff::civil::date;
use terrace_node::store::Sought;
use terrace_proto::entry::header::days_of;
use terrace_proto::roll::pace::Pace;
use terrace_proto::roll::screening::{Item, Rule, screen};
use terrace_proto::roll::stall::Stall;

use super::*;

pub(crate) async fn a_case_keeps_its_place_when_it_changes(house: impl House) {
    let store = house.store();
    store.commit(cases(vec![case(5), case(2), case(9)])).await.unwrap();
    let before = store.cases_after(0, 9).await.unwrap();
    assert!(before.is_sorted_by(|a, b| a.row < b.row) && before[0].row > 0);
    let changed = CaseRecord {
        number: None,
        holder: Some((place(2), String::new())),
        state: Some(7),
        facts: vec![1; 9_000],
        row: 77,
        ..case(2)
    };
    store.commit(cases(vec![case(1), changed.clone(), case(1)])).await.unwrap();
    let after = store.cases_after(0, 9).await.unwrap();
    let ids: Vec<CaseId> = after.iter().map(|case| case.id).collect();
    assert_eq!(ids, [5, 2, 9, 1].map(|n| CaseId([n; 16])));
    assert_eq!(after[1], CaseRecord { row: before[1].row, ..changed });
    assert!(after.is_sorted_by(|a, b| a.row < b.row));
    assert_eq!(store.cases_after(after[1].row, 1).await.unwrap(), after[2..3]);
    assert_eq!(store.cases_after(u64::MAX, 9).await.unwrap(), []);
}

pub(crate) async fn cases_are_found_by_id_and_by_number(house: impl House) {
    let store = house.store();
    let clash = CaseRecord { number: case(2).number, ..case(200) };
    let all: Vec<CaseRecord> = (0..90).map(case).chain([clash]).collect();
    store.commit(cases(all)).await.unwrap();
    let ids: Vec<CaseId> = [4, 250, 80, 200].map(|n| CaseId([n; 16])).to_vec();
    let mut found: Vec<u8> =
        store.cases(&ids).await.unwrap().iter().map(|case| case.id.0[0]).collect();
    found.sort_unstable();
    assert_eq!(found, [4, 80, 200]);
    let many: Vec<CaseId> = (0..255).map(|n| CaseId([n; 16])).collect();
    assert_eq!(store.cases(&many).await.unwrap().len(), 91);
    let number = case(2).number.unwrap();
    let numbered = store.cases_numbered(&number).await.unwrap();
    assert_eq!(numbered.iter().map(|case| case.id.0[0]).collect::<BTreeSet<_>>(), [2, 200].into());
    assert_eq!(store.cases_numbered("410221101-2026-99999").await.unwrap(), []);
    assert_eq!(store.cases_numbered("").await.unwrap(), []);
    let former = case(5).former.unwrap();
    let formerly = store.cases_numbered(&former).await.unwrap();
    assert_eq!(formerly.iter().map(|case| case.id.0[0]).collect::<Vec<_>>(), [5]);
    assert_eq!(formerly[0].former, Some(former));
}

pub(crate) async fn cases_said_to_be_new_are_refused_where_one_is_held(house: impl House) {
    let store = house.store();
    store.commit(cases(vec![case(7)])).await.unwrap();
    for many in [3, 300_u16] {
        let id = |n: u16| CaseId([[1, 1], n.to_be_bytes()].concat().repeat(4).try_into().unwrap());
        let fresh = (0..many).map(|n| CaseRecord { id: id(n), number: None, ..case(1) });
        let changed = CaseRecord { title: "另一".into(), ..case(7) };
        let all = fresh.chain([changed]).collect();
        let batch = Batch { all_new: true, ..cases(all) };
        let refused = store.commit(batch).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        assert_eq!(store.tally().await.unwrap().cases, 1);
        assert_eq!(store.cases(&[case(7).id]).await.unwrap()[0].title, case(7).title);
    }
    let batch = Batch { all_new: true, ..cases(vec![case(8)]) };
    store.commit(batch).await.unwrap();
    assert_eq!(store.tally().await.unwrap().cases, 2);
}

pub(crate) async fn wanted_cases_are_found_newest_first(house: impl House) {
    let store = house.store();
    let all: Vec<CaseRecord> = (0..40).map(case).collect();
    store.commit(cases(all)).await.unwrap();
    let ask = async |wanted: Wanted, before: u64, limit: u32| -> Vec<u8> {
        let found = store.cases_wanted(&wanted, before, limit).await.unwrap();
        assert!(found.is_sorted_by(|a, b| a.row > b.row));
        found.iter().map(|case| case.id.0[0]).collect()
    };
    let (any, none) = (Wanted::default(), [0_u8; 0]);
    assert_eq!(ask(any.clone(), u64::MAX, 3).await, [39, 38, 37]);
    let third = store.cases_after(0, 3).await.unwrap()[2].row;
    assert_eq!(ask(any.clone(), third, 9).await, [1, 0]);
    assert_eq!(ask(any.clone(), 0, 9).await, none);
    let closed = Wanted { open: Some(false), ..any.clone() };
    assert_eq!(ask(closed, u64::MAX, 2).await, [39, 35]);
    let open = Wanted { open: Some(true), holder: Some(place(1)), ..any.clone() };
    assert_eq!(ask(open, u64::MAX, 4).await, [38, 37, 36, 34]);
    assert_eq!(ask(Wanted { holder: Some(place(2)), ..any.clone() }, u64::MAX, 4).await, none);
    let overdue = Wanted { due_before: Some(20_002), ..any.clone() };
    assert_eq!(ask(overdue, u64::MAX, 9).await, [1, 0]);
    let attention = Wanted { attention: true, state: Some(2), ..any.clone() };
    assert_eq!(ask(attention.clone(), u64::MAX, 3).await, [39, 37, 36]);
    assert_eq!(ask(Wanted { state: Some(3), ..attention }, u64::MAX, 3).await, none);
    let number = Wanted { number: Some("410221101-2026-0000".into()), ..any.clone() };
    assert_eq!(ask(number, u64::MAX, 3).await, [9, 8, 7]);
    let former = Wanted { number: Some("旧0000".into()), ..any.clone() };
    assert_eq!(ask(former, u64::MAX, 3).await, [9, 5, 1]);
    let title = Wanted { title: Some("第17号信访件𠮷".into()), ..any.clone() };
    assert_eq!(ask(title, u64::MAX, 3).await, [17]);
    let like = Wanted { title: Some("第1%".into()), ..any };
    assert_eq!(ask(like, u64::MAX, 3).await, none, "words are words, not patterns");
}

pub(crate) async fn what_stands_still_and_what_is_hard_is_found_the_oldest_first(
    house: impl House,
) {
    const DAY: i64 = 86_400_000;
    let store = house.store();
    let today = date(2026, 6, 21);
    let numbered =
        |n: u8| CaseRecord { opened_at: 1_780_000_000_000 - i64::from(n) * DAY, ..case(n) };
    let mut all: Vec<CaseRecord> = (0..40).map(numbered).collect();
    all[7].holder = Some((place(2), "民政".into()));
    all[17].pace = None;
    store.commit(cases(all.clone())).await.unwrap();
    let unpaced = Wanted { unpaced: true, ..Wanted::default() };
    let found = store.cases_wanted(&unpaced, u64::MAX, 9).await.unwrap();
    assert_eq!(found.iter().map(|case| case.id.0[0]).collect::<Vec<_>>(), [17]);
    // One has moved on, and one was written again with how it moves.
    all[5].pace = Some(Pace { idle_since: Some(today), ..Pace::default() });
    all[17].pace = numbered(17).pace;
    store.commit(cases(vec![all[5].clone(), all[17].clone()])).await.unwrap();
    assert_eq!(store.cases_wanted(&unpaced, u64::MAX, 9).await.unwrap(), []);

    let rule = |days, reopened, hops| Sought::Hard(Rule { days, reopened, hops }, today);
    let asked = [
        Sought::Still(Stall::Idle, today),
        Sought::Still(Stall::Unserved, today),
        Sought::Still(Stall::Unexecuted, today),
        rule(Some(50), None, None),
        rule(None, Some(2), None),
        rule(None, None, Some(5)),
        rule(Some(55), Some(2), Some(5)),
        rule(None, Some(0), None),
        rule(None, None, None),
        rule(Some(u32::MAX), None, None),
    ];
    for sought in asked {
        for holder in [None, Some(place(1)), Some(place(2)), Some(place(3))] {
            let held = |case: &&CaseRecord| {
                holder.is_none_or(|at| case.holder.as_ref().is_some_and(|holder| holder.0 == at))
            };
            let expected = expected(all.iter().filter(held), &sought);
            let (count, found) = store.sought(&sought, holder, 7).await.unwrap();
            assert_eq!(count, expected.len() as u64, "{sought:?} {holder:?}");
            let ids: Vec<CaseId> = found.iter().map(|one| one.id).collect();
            assert_eq!(ids, expected[..expected.len().min(7)], "{sought:?} {holder:?}");
            for one in found {
                let case = &all[usize::from(one.id.0[0])];
                assert_eq!(one.number, case.number);
                assert_eq!(one.opened_at.as_millisecond(), case.opened_at);
                assert_eq!(one.trail, case.pace.unwrap().trail);
            }
        }
    }
    let (count, found) = store.sought(&asked[0], None, 2).await.unwrap();
    assert_eq!((count, found[0].id, found[1].id), (20, CaseId([7; 16]), CaseId([14; 16])));
    assert_eq!(store.sought(&asked[8], None, 9).await.unwrap(), (0, Vec::new()));
}

/// Which of some cases are as is sought, in order, by the rules as they are written.
fn expected<'c>(all: impl Iterator<Item = &'c CaseRecord>, sought: &Sought) -> Vec<CaseId> {
    let hour = |case: &CaseRecord| Timestamp::from_millisecond(case.opened_at).unwrap();
    match *sought {
        Sought::Still(stall, today) => {
            let still = all.filter(|case| stall.is_of(&case.pace.unwrap(), today));
            let mut still: Vec<&CaseRecord> = still.collect();
            let since =
                |case: &CaseRecord| case.pace.unwrap().idle_since.filter(|_| stall == Stall::Idle);
            still.sort_by_key(|case| match since(case) {
                Some(since) => (i64::from(days_of(since)), case.id),
                None => (case.opened_at, case.id),
            });
            still.iter().map(|case| case.id).collect()
        }
        Sought::Hard(rule, today) => {
            let items = all.filter_map(|case| {
                let trail = case.pace.unwrap().trail?;
                Some(Item { case: case.id, opened_at: hour(case), trail })
            });
            let items: Vec<Item> = items.collect();
            screen(&items, &rule, today).iter().map(|item| item.case).collect()
        }
    }
}

pub(crate) async fn holdings_count_open_cases_by_division_and_state(house: impl House) {
    let store = house.store();
    let mut all: Vec<CaseRecord> = (0..8).map(case).collect();
    all[0].holder = Some((place(2), String::new()));
    all[1].state = Some(4);
    all[2].holder = None;
    all[4].due_on = None;
    store.commit(cases(all)).await.unwrap();
    let found = store.holdings(20_006).await.unwrap();
    let holding = |division, state, cases, overdue| Holding { division, state, cases, overdue };
    let mut expected =
        vec![holding(place(1), 2, 3, 1), holding(place(1), 4, 1, 1), holding(place(2), 2, 1, 1)];
    expected.sort_by_key(|holding| (holding.division, holding.state));
    assert_eq!(found, expected);
}

pub(crate) async fn words_are_found_in_bodies_as_they_stand(house: impl House) {
    let store = house.store();
    let mut author = author();
    store.commit(author.batch(3, "村口路灯不亮，请𠮷某查看")).await.unwrap();
    store.commit(author.batch(2, "渠道渗漏")).await.unwrap();
    let mut other = Author::new(place(1), 2);
    other.write(4, "𠮷某来访");
    store.commit(entries_alone(other.parcel(&[1], true))).await.unwrap();
    store.commit(entries_alone(other.parcel(&[2], false))).await.unwrap();
    let mut found = store.entries_saying("𠮷某", 9).await.unwrap();
    found.sort_by_key(|entry| entry.id);
    let mut expected = vec![other.entry_id(1)];
    expected.extend((0..3).map(|sequence| author.entry_id(sequence)));
    expected.sort();
    assert_eq!(found.iter().map(|entry| entry.id).collect::<Vec<_>>(), expected);
    assert!(found.iter().all(|entry| entry.body.is_some()));
    let found = store.entries_saying("渠道", 1).await.unwrap();
    assert_eq!(sequences(&found), [4], "of one journal the newest first");
    assert_eq!(store.entries_saying("路灯亮", 9).await.unwrap(), []);
}

pub(crate) async fn the_tally_counts_what_needs_attention(house: impl House) {
    let store = house.store();
    let mut author = author();
    let batch = Batch { cases: (0..30).map(case).collect(), ..author.batch(11, "a") };
    store.commit(batch).await.unwrap();
    let mut other = Author::new(place(1), 2);
    other.write(6, "b");
    store.commit(entries_alone(other.parcel(&[1, 5], false))).await.unwrap();
    let tally = store.tally().await.unwrap();
    let expected = Tally { entries: 13, cases: 30, waiting: 15, parked: 10, contested: 6 };
    assert_eq!(tally, expected);
    let quiet =
        (0..30).map(|n| CaseRecord { waiting: false, parked: false, contested: false, ..case(n) });
    store.commit(cases(quiet.collect())).await.unwrap();
    let expected = Tally { entries: 13, cases: 30, ..Tally::default() };
    assert_eq!(store.tally().await.unwrap(), expected);
}

pub(crate) async fn words_from_outside_may_hold_any_character(house: impl House) {
    let odd = "\0\u{1}𠮷\u{feff}\u{202e}'\"\\";
    let holder = Some((place(1), odd.to_owned()));
    let told = CaseRecord { title: odd.into(), holder, row: 1, ..case(1) };
    house.store().commit(cases(vec![told.clone()])).await.unwrap();
    assert_eq!(house.store().cases(&[told.id]).await.unwrap(), [told]);
    let wanted = Wanted { title: Some("\0".into()), ..Wanted::default() };
    assert_eq!(house.store().cases_wanted(&wanted, u64::MAX, 9).await.unwrap().len(), 1);
    assert!(house.store().cases_numbered(odd).await.unwrap().is_empty());
    let wanted = Wanted { number: Some(odd.into()), ..Wanted::default() };
    assert!(house.store().cases_wanted(&wanted, u64::MAX, 9).await.unwrap().is_empty());
}
