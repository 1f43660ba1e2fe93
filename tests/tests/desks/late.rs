//! What is entered late: yesterday's letters and the slips of a power cut are honest, and a day that lies ahead is not.

use jiff::civil::{Date, date};
use terrace_node::archive::Draft;
use terrace_node::audit::{Books, Question, Row, What, ask};
use terrace_node::desk::{Desk, DeskError, Registered, Registration};
use terrace_proto::case::{CaseNumber, Terms};
use terrace_proto::digest::{CaseId, ThreadId};
use terrace_proto::division::Tree;
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, Holder, Kind};
use terrace_proto::rules::{Duty, Rules};
use terrace_proto::wire;
use terrace_tests::line::{Line, code};

const CITY: &str = "4102";
const COUNTY: &str = "410221";

async fn office() -> Line {
    let line = Line::new(&["00", "41", CITY, COUNTY]).await;
    line.clock.set("2026-03-10T01:00:00Z");
    line
}

async fn take_in(
    line: &mut Line,
    slip: &str,
    received_on: Option<Date>,
) -> Result<Registered, DeskError> {
    let intake =
        wire::IntakeRegistered { title: "停电".into(), slip: slip.into(), ..Default::default() };
    let registration =
        Registration { intake, received_on, past: None, identity: None, coded: false };
    let office = line.at(COUNTY);
    let mut desk = Desk::new(&mut office.archive, &mut office.numbering);
    let (mut registered, _) = desk.register(&Hand::default(), vec![registration]).await?;
    Ok(registered.pop().unwrap())
}

/// The findings of an audit at the city, of everything.
async fn findings(line: &mut Line) -> Vec<String> {
    line.climb().await;
    let now = line.clock_now();
    let archive = &line.at(CITY).archive;
    let (identity, store) = (archive.identity().clone(), archive.store().clone());
    let mut found = Vec::new();
    for what in [What::Verify, What::Traffic] {
        let books = Books::open(store.as_ref(), identity.me, identity.superior, now).await.unwrap();
        let mut answer = ask(Question::new(what), books);
        while let Some(row) = answer.recv().await {
            if let Row::Finding(finding) = row.unwrap() {
                found.push(format!("{}: {}", finding.kind, finding.text));
            }
        }
    }
    found
}

/// The slips of a power cut are numbered beforehand, and entered in whatever order they come to hand.
#[tokio::test]
async fn slips_of_a_power_cut_run_from_the_day_they_were_filled_in_and_are_not_back_dated() {
    let mut line = office().await;
    for (slip, day) in [("停电-0003", 9), ("停电-0001", 8), ("停电-0002", 8), ("", 10)] {
        let received = date(2026, 3, day);
        let given = (day != 10).then_some(received);
        let case = take_in(&mut line, slip, given).await.unwrap().case;
        let held = line.case(COUNTY, case).await;
        let triage = held.clocks().into_iter().find(|one| one.duty == Duty::Triage).unwrap();
        assert_eq!(triage.due_on(), date(2026, 3, 15 + day), "fifteen days from {received}");
        let intake = held.timeline()[0].header();
        assert_eq!(intake.kind, Kind::IntakeRegistered);
        assert_eq!((intake.received_on, intake.recorded_at), (given, line.clock_now()));
    }
    assert_eq!(findings(&mut line).await, [""; 0]);
}

#[tokio::test]
async fn nothing_is_received_in_the_future() {
    let mut line = office().await;
    let why = take_in(&mut line, "", Some(date(2026, 3, 12))).await.unwrap_err();
    assert!(why.to_string().contains("2026-03-12, which lies after today (2026-03-10)"), "{why}");
    take_in(&mut line, "", Some(date(2026, 3, 11))).await.unwrap();
}

/// An insider who writes past the desk gains no days: a first clock that begins later than the intake came is found.
#[tokio::test]
async fn a_clock_that_begins_ahead_is_found() {
    for (received, from) in
        [(date(2026, 5, 1), date(2026, 5, 1)), (date(2026, 3, 8), date(2026, 3, 10))]
    {
        let mut line = office().await;
        let thread = ThreadId([5; 16]);
        let case = CaseId::of(code(COUNTY), thread);
        let rules = Rules::built_in().in_force(code(COUNTY), date(2026, 3, 10), Tree::national());
        let rule_packs = rules.digests().iter().map(|digest| digest.0.to_vec()).collect();
        let pin = Terms::of(rules).at_opening("", from).unwrap();
        let number = CaseNumber::new(code(COUNTY), 2026, 1, 1).map(|number| number.to_string());
        let opened = wire::CaseOpened {
            number: number.unwrap_or_default(),
            due: vec![pin.due()],
            rule_packs,
        };
        let said = wire::IntakeRegistered { title: "压件".into(), ..Default::default() };
        let mut intake = Draft::plain(Hand::default(), Some(case), Content::IntakeRegistered(said));
        intake.received_on = Some(received);
        let mut opening = Draft::plain(Hand::default(), Some(case), Content::CaseOpened(opened));
        opening.place = Some(Place { thread, stage: 1, predecessor: None });
        opening.custody = Some((None, Holder::office(code(COUNTY))));
        opening.audience_added = vec![code(COUNTY)];
        line.at(COUNTY).archive.append(vec![intake, opening]).await.unwrap();
        let found = findings(&mut line).await;
        assert!(found.len() == 1 && found[0].starts_with("misreckoned"), "{received}: {found:?}");
    }
}
