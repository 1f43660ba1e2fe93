//! Where a report may go, and the door for whoever is leaned on (打击报复).

use terrace_node::archive::{ArchiveError, Draft};
use terrace_node::audit::{Books, Question, Row, What, ask};
use terrace_node::desk::report::TakenReport;
use terrace_node::desk::{DeskError, Registered};
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, Holder, Kind};
use terrace_proto::seal::{Plain, Report};
use terrace_proto::wire;
use terrace_tests::line::{Line, code};

const CITY: &str = "4102";
const COUNTY: &str = "410221";
const TOWN: &str = "410221101";

async fn line() -> Line {
    Line::new(&["00", "41", CITY, COUNTY, TOWN]).await.with_keys().await
}

fn discipline() -> Hand {
    Hand { organ: "discipline".into(), officer: "3001".into(), ..Hand::default() }
}

fn report(accused: &str) -> Report {
    Report {
        accused_division: code(accused),
        accused_organ: String::new(),
        accused_person: "某县长".into(),
        leads: vec![code("410222")],
        retaliation: String::new(),
        title: "举报".into(),
        text: "克扣低保金".into(),
        confidential: true,
        addressee: DivisionCode::HUB,
        reporter: None,
    }
}

/// A report taken in at the town and continued as a case of the city's discipline organ.
async fn continued(line: &mut Line) -> CaseId {
    let taken = line.desk(TOWN).take_report(&Hand::default(), report(COUNTY), None).await.unwrap();
    line.climb().await;
    let leaf = taken.entry.leaf();
    let opened = line.desk(CITY).continue_report(leaf, &discipline(), "初核").await;
    let (Registered { case, .. }, _) = opened.unwrap();
    case
}

async fn hop(line: &mut Line, case: CaseId, to: &str) -> Result<(), DeskError> {
    let to = Holder { division: code(to), organ: "discipline".into() };
    line.desk(CITY).hop(case, &discipline(), to, "请核查".into(), None).await.map(drop)
}

/// A report goes to nobody it accuses, to nobody below, to no place the accused leads besides; not by a transfer, and not past the desk by a program that forgot to ask.
#[tokio::test]
async fn a_report_goes_nowhere_it_was_not_cleared_for() {
    let mut line = line().await;
    let case = continued(&mut line).await;
    for accused in [COUNTY, TOWN] {
        let refused = hop(&mut line, case, accused).await.unwrap_err();
        assert!(matches!(refused, DeskError::Accused), "{accused}: {refused}");
    }
    // The archive itself writes no entry that would send it anywhere, whoever drafts it.
    let held = line.case(CITY, case).await;
    assert!(held.is_report());
    let thread = held.leading().unwrap();
    let place = Place { thread: thread.id(), stage: thread.stage(), predecessor: thread.tip() };
    let transferred = || Content::Transferred(wire::Transferred::default());
    let here = thread.holder().clone();
    let there = Holder { division: code(COUNTY), organ: String::new() };
    let mut handed = Draft::plain(discipline(), Some(case), transferred());
    handed.place = Some(place.clone());
    handed.custody = Some((Some(here.clone()), there));
    let mut entitled = Draft::plain(discipline(), Some(case), transferred());
    entitled.audience_added = vec![code(COUNTY)];
    let mut addressed = Draft::plain(discipline(), Some(case), transferred());
    addressed.addressee = Some(code(COUNTY));
    for draft in [handed.clone(), entitled, addressed] {
        let refused = line.at(CITY).archive.append(vec![draft]).await.unwrap_err();
        assert!(matches!(refused, ArchiveError::Uncleared), "{refused}");
    }
    // A clearance for one office is none for another, and one of another case is none for this.
    let cleared = line.at(CITY).archive.clear(&held, &[code("41")]).await.unwrap();
    assert!(cleared.is_some());
    handed.cleared = cleared;
    let refused = line.at(CITY).archive.append(vec![handed]).await.unwrap_err();
    assert!(matches!(refused, ArchiveError::Uncleared), "{refused}");

    hop(&mut line, case, "41").await.unwrap();
    line.climb().await;
    assert_eq!(line.case("41", case).await.leading().unwrap().holder().division, code("41"));
    line.sink().await;
    for below in [COUNTY, TOWN] {
        assert!(line.at(below).archive.case(case).await.unwrap().is_none(), "{below}");
    }
}

/// Where the accused leads another place besides, the report goes past that as well.
#[tokio::test]
async fn a_report_is_sealed_past_every_place_the_accused_leads() {
    let mut line = line().await;
    let mut against = report(COUNTY);
    against.leads = vec![code("4103")];
    let taken = line.desk(TOWN).take_report(&Hand::default(), against, None).await.unwrap();
    line.climb().await;
    let leaf = taken.entry.leaf();
    let refused = line.desk(CITY).open_report(leaf, &discipline(), "初核").await.unwrap_err();
    assert!(matches!(refused, DeskError::KeyMissing), "{refused}");
    let (opened, _) = line.desk("41").open_report(leaf, &discipline(), "初核").await.unwrap();
    let Plain::Report(report) = opened.plain else { panic!("a report") };
    assert_eq!((report.addressee, report.leads), (code("41"), vec![code("4103")]));
}

/// Somebody is leaned on for a case that the town registered and the county holds: taken in at the county itself, it is
/// sealed past both, and names the case to the discipline organ of the city alone.
#[tokio::test]
async fn whoever_is_leaned_on_reports_past_every_office_that_held_the_case() {
    let mut line = line().await;
    let case = line.register(TOWN).await;
    line.hop(case, TOWN, COUNTY, None).await;
    line.climb().await;
    let number = line.case(COUNTY, case).await.number().unwrap().to_string();
    let said = Report { leads: Vec::new(), ..report("00") };
    let taken = line.desk(COUNTY).take_retaliation(&Hand::default(), said, &number, None).await;
    let TakenReport { entry, .. } = taken.unwrap();
    assert_eq!(entry.header().kind, Kind::ReportSealed);
    line.climb().await;
    let leaf = entry.leaf();
    let refused = line.desk(COUNTY).open_report(leaf, &discipline(), "看看").await.unwrap_err();
    assert!(matches!(refused, DeskError::KeyMissing), "{refused}");
    let (opened, _) = line.desk(CITY).open_report(leaf, &discipline(), "初核").await.unwrap();
    let Plain::Report(report) = opened.plain else { panic!("a report") };
    assert_eq!(report.retaliation, number);
    assert_eq!((report.accused_division, report.addressee), (code(COUNTY), code(CITY)));
    let unknown = line.desk(COUNTY).take_retaliation(&Hand::default(), report, "无", None).await;
    assert!(matches!(unknown.unwrap_err(), DeskError::UnknownCase(_)));
}

/// What the root's audit finds of sealed reports; another office cannot tell who else could have opened one.
async fn unopened(line: &mut Line, at: &str) -> Vec<String> {
    let now = line.clock_now();
    let archive = &line.at(at).archive;
    let identity = archive.identity();
    let books = Books::open(archive.store().as_ref(), identity.me, identity.superior, now).await;
    let mut answer = ask(Question::new(What::Verify), books.unwrap());
    let mut found = Vec::new();
    while let Some(row) = answer.recv().await {
        if let Row::Finding(finding) = row.unwrap() {
            found.extend(Some(finding.kind).filter(|kind| kind == "unopened"));
        }
    }
    found
}

/// A report that is sealed for somebody who never opens it does not lie there unnoticed.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_nobody_opens_is_found_at_the_root() {
    let mut line = line().await;
    let taken = line.desk(TOWN).take_report(&Hand::default(), report(COUNTY), None).await.unwrap();
    line.clock.pass(24 * 15);
    line.climb().await;
    assert_eq!(unopened(&mut line, "00").await, [""; 0], "fifteen days are allowed");
    line.clock.pass(24);
    assert_eq!(unopened(&mut line, "00").await, ["unopened"]);
    assert_eq!(unopened(&mut line, "41").await, [""; 0], "it may be sealed for somebody above");
    let leaf = taken.entry.leaf();
    line.desk(CITY).open_report(leaf, &discipline(), "初核").await.unwrap();
    line.climb().await;
    assert_eq!(unopened(&mut line, "00").await, [""; 0]);
}
