//! Rates out of cases: what was due is counted on the day it was due, kept or not, whoever left it open.

use jiff::civil::{Date, date};
use terrace_node::archive::Draft;
use terrace_node::store::{CellsAsked, Store};
use terrace_proto::case::Aside;
use terrace_proto::digest::CaseId;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::Content;
use terrace_proto::entry::header::{Hand, days_of};
use terrace_proto::figure::Figure;
use terrace_proto::figure::cell::{Cell, Changes, Grain};
use terrace_proto::figure::measured::measured;
use terrace_proto::figure::period::Period;
use terrace_proto::figure::tally::Tally;
use terrace_proto::wire;
use terrace_tests::line::{Line, UNIT};

const CITY: &str = "4102";
const COUNTY: &str = "410221";
const BUREAU: (&str, &str, &str) = (COUNTY, UNIT, "1001");

/// Takes a matter up after some days, decides it after others, and serves it after still others.
async fn handle(line: &mut Line, case: CaseId, days: [i64; 3]) {
    let opinion = wire::Decided {
        outcome: 3,
        facts: "属实".into(),
        opinion: "不予支持".into(),
        basis: "土地管理法".into(),
    };
    line.clock.pass(24 * days[0]);
    line.act(case, BUREAU, Content::Accepted(wire::Accepted::default())).await.unwrap();
    line.clock.pass(24 * days[1]);
    line.act(case, BUREAU, Content::Decided(opinion)).await.unwrap();
    line.clock.pass(24 * days[2]);
    let served = wire::Served { served_on: days_of(line.today()), ..Default::default() };
    line.act(case, BUREAU, Content::Served(served)).await.unwrap();
}

/// What the root keeps of the figures, once everything has come there; it is what its cases say.
async fn at_the_root(line: &mut Line, cases: &[CaseId]) -> Tally {
    line.climb().await;
    let store = line.at("00").archive.store().clone();
    let tally = kept(store.as_ref(), &["00", "41"]).await;
    let (mut changes, mut counted) = (Changes::default(), Tally::default());
    for case in cases {
        let case = line.case("00", *case).await;
        changes.add(&measured(&case), Tree::national(), DivisionCode::HUB);
    }
    counted.change(&changes);
    let of_two = |cell: &Cell| ["00", "41"].contains(&cell.division.short().as_str());
    let counted: Vec<_> = counted.cells().filter(|(cell, _)| of_two(cell)).collect();
    assert_eq!(tally.cells().collect::<Vec<_>>(), counted);
    tally
}

/// The cells a store keeps of some divisions, of all days.
async fn kept(store: &dyn Store, divisions: &[&str]) -> Tally {
    let mut tally = Tally::default();
    for grain in Grain::ALL {
        let divisions = divisions.iter().map(|code| code.parse().unwrap()).collect();
        let days = date(2020, 1, 1)..=date(2040, 1, 1);
        for (cell, share) in
            store.cells(&CellsAsked { divisions, figure: None, grain, days }).await.unwrap()
        {
            tally.put(cell, share);
        }
    }
    tally
}

/// So many of so many of what was due from the first of March to a day.
fn told(tally: &Tally, figure: Figure, last: Date) -> (u64, u64) {
    let period = Period { first: date(2026, 3, 1), last };
    let share = tally.share(figure, "41".parse().unwrap(), period);
    (share.of, share.all)
}

#[tokio::test]
async fn what_is_left_open_counts_on_the_day_it_was_due_and_an_opinion_once_it_is_served() {
    let year = date(2026, 12, 31);
    let mut line = Line::new(&["00", "41", CITY, COUNTY]).await;
    let idle = line.register(COUNTY).await;
    let prompt = line.register(COUNTY).await;
    let in_a_drawer = line.register(COUNTY).await;
    for case in [prompt, in_a_drawer] {
        line.to_unit(case, COUNTY).await;
    }
    let cases = [idle, prompt, in_a_drawer];
    // Nobody has missed anything yet, and the one that waits is in no population.
    let tally = at_the_root(&mut line, &cases).await;
    let today = line.today();
    assert_eq!(told(&tally, Figure::OfficeAcceptance, today), (0, 0));
    // One is answered in time. The other is decided in time and kept in a drawer.
    handle(&mut line, prompt, [3, 10, 1]).await;
    handle(&mut line, in_a_drawer, [0, 55, 9]).await;
    let tally = at_the_root(&mut line, &cases).await;
    assert_eq!(told(&tally, Figure::OfficeAcceptance, year), (2, 3), "one was never passed on");
    assert_eq!(told(&tally, Figure::UnitAcceptance, year), (2, 2));
    assert_eq!(
        told(&tally, Figure::OnSchedule, year),
        (1, 2),
        "decided in time is not served in time"
    );
    // A period that ends before the day something is due does not count it.
    assert_eq!(told(&tally, Figure::OnSchedule, date(2026, 5, 1)), (0, 0));
    assert_eq!(told(&tally, Figure::Participation, year), (0, 2));
}

#[tokio::test]
async fn only_the_petitioner_takes_a_case_out_of_a_rate_and_not_after_it_was_due() {
    let year = date(2026, 12, 31);
    for (days, counted) in [(20, (0, 0)), (70, (0, 1))] {
        let mut line = Line::new(&["00", "41", CITY, COUNTY]).await;
        let taken = line.take_in(
            COUNTY,
            wire::IntakeRegistered {
                title: "路灯不亮".into(), persons: 1, ..Default::default()
            },
        );
        let taken = taken.await;
        let case = taken.case;
        line.to_unit(case, COUNTY).await;
        line.act(case, BUREAU, Content::Accepted(wire::Accepted::default())).await.unwrap();
        line.clock.pass(24 * days);
        let withdrawn = Content::Withdrawn(wire::Withdrawn::default());
        line.say(case, BUREAU, withdrawn, &taken.code.unwrap()).await.unwrap();
        let tally = at_the_root(&mut line, &[case]).await;
        assert_eq!(told(&tally, Figure::OnSchedule, year), counted, "after {days} days");
    }
}

/// What the petitioner had withdrawn on the day it was due is in no rate, even if that is undone later: nobody could act
/// on it then.
#[tokio::test]
async fn what_was_withdrawn_when_it_was_due_stays_out_when_that_is_undone() {
    let year = date(2026, 12, 31);
    for (undone_after, counted) in [(1, (0, 1)), (5, (0, 0))] {
        let mut line = Line::new(&["00", "41", CITY, COUNTY]).await;
        let letter =
            wire::IntakeRegistered {
                title: "路灯不亮".into(), persons: 1, ..Default::default()
            };
        let taken = line.take_in(COUNTY, letter).await;
        let (case, code) = (taken.case, taken.code.unwrap());
        line.to_unit(case, COUNTY).await;
        line.act(case, BUREAU, Content::Accepted(wire::Accepted::default())).await.unwrap();
        line.clock.pass(24 * 57);
        let withdrawn = Content::Withdrawn(wire::Withdrawn::default());
        line.say(case, BUREAU, withdrawn, &code).await.unwrap();
        line.clock.pass(24 * undone_after);
        let undone = Content::WithdrawalUndone(wire::WithdrawalUndone::default());
        line.say(case, BUREAU, undone, &code).await.unwrap();
        let tally = at_the_root(&mut line, &[case]).await;
        assert_eq!(told(&tally, Figure::OnSchedule, year), counted, "after {undone_after} days");
    }
}

/// A case is put on the list of old ones, or taken on by a leader, where it lies or above. A stranger who does it is kept
/// on record, stands in no figure, and keeps nobody from doing it.
#[tokio::test]
async fn a_stranger_lists_no_case_and_takes_none_on() {
    let year = date(2026, 12, 31);
    let mut line = Line::new(&["00", "41", CITY, COUNTY, "4103"]).await;
    let case = line.register(COUNTY).await;
    let listed = || Content::BacklogListed(wire::BacklogListed { reason: "2009年起".into() });
    let taken_on = Content::CasePackaged(wire::CasePackaged {
        leader: Some(wire::Leader { level: 2, ..Default::default() }),
        ..Default::default()
    });
    for content in [listed(), taken_on] {
        let draft = Draft::plain(Hand::default(), Some(case), content);
        line.at("4103").archive.append(vec![draft]).await.unwrap();
    }
    let tally = at_the_root(&mut line, &[case]).await;
    assert_eq!(told(&tally, Figure::BacklogListed, year), (0, 0));
    assert_eq!(told(&tally, Figure::PackageSettlement, year), (0, 0));
    let held = line.case("00", case).await;
    let beyond = held.aside().values().filter(|aside| **aside == Aside::Overstepping).count();
    assert_eq!(beyond, 2);
    line.act(case, (COUNTY, "", "0001"), listed()).await.unwrap();
    let tally = at_the_root(&mut line, &[case]).await;
    assert_eq!(told(&tally, Figure::BacklogListed, year), (1, 1));
}
