//! The register of certificates, at its size: fixture E2.

use terrace_node::archive::Draft;
use terrace_node::desk::{DeskError, Taken};
use terrace_proto::case::State;
use terrace_proto::digest::{CaseId, ThreadId};
use terrace_proto::entry::Content;
use terrace_proto::entry::header::{Hand, Place, days_of};
use terrace_proto::roll::Roll;
use terrace_proto::wire;
use terrace_tests::line::Line;

const CITY: (&str, &str, &str) = ("4102", "", "2001");
const PROVINCE: (&str, &str, &str) = ("41", "", "3001");
const BUREAU: (&str, &str, &str) = ("410221", "mzj", "1001");
/// Cases that were concluded by law since 2014, as the source report says.
const CONCLUDED: usize = 2_990;

async fn all(line: &mut Line, cases: &[CaseId], who: (&str, &str, &str), content: &Content) {
    for case in cases {
        line.act(*case, who, content.clone()).await.unwrap();
    }
}

/// Everything that was written goes up, however many runs it is.
async fn climb(line: &mut Line, cases: &[CaseId]) {
    for _ in 0..=cases.len() / 100 {
        line.climb().await;
    }
}

fn requested(line: &Line) -> Content {
    Content::ReviewRequested(wire::ReviewRequested {
        grounds: "不服".into(),
        requested_on: days_of(line.today()),
        ..Default::default()
    })
}

fn upheld() -> Content {
    Content::ReviewDecided(wire::ReviewDecided {
        outcome: 1,
        facts: "属实".into(),
        opinion: "维持".into(),
        basis: "信访工作条例".into(),
        ..Default::default()
    })
}

fn served(line: &Line) -> Content {
    let served_on = days_of(line.today());
    Content::Served(wire::Served { served_on, ..Default::default() })
}

/// Handled, reviewed and re-examined, each at its office.
async fn conclude(line: &mut Line, count: usize) -> Vec<CaseId> {
    let mut cases = Vec::new();
    for _ in 0..count {
        cases.push(line.register("410221").await);
    }
    for case in &cases {
        line.pass_to(*case, ("410221", ""), ("410221", "mzj"), None).await.unwrap();
    }
    let opinion = wire::Decided {
        outcome: 3,
        facts: "属实".into(),
        opinion: "不予支持".into(),
        basis: "土地管理法".into(),
    };
    let (serve, request) = (served(line), requested(line));
    let handled = [
        Content::Received(wire::Received::default()),
        Content::Accepted(wire::Accepted::default()),
        Content::Decided(opinion),
        serve.clone(),
        request.clone(),
    ];
    for content in &handled {
        all(line, &cases, BUREAU, content).await;
    }
    climb(line, &cases).await;
    let reviewed = [
        Content::ReviewOpened(wire::ReviewOpened::default()),
        upheld(),
        serve.clone(),
        request.clone(),
    ];
    for content in &reviewed {
        all(line, &cases, CITY, content).await;
    }
    climb(line, &cases).await;
    for content in [Content::ReexamOpened(wire::ReexamOpened::default()), upheld()] {
        all(line, &cases, PROVINCE, &content).await;
    }
    cases
}

async fn refuse(line: &mut Line, certificate: &str) -> Result<Taken, DeskError> {
    let again = line.register("41").await;
    let said = wire::NoLongerAccepted {
        code: "NL-FINAL".into(),
        certificate: certificate.into(),
        compared_by: "3002".into(),
        ..Default::default()
    };
    line.act(again, PROVINCE, Content::NoLongerAccepted(said)).await
}

/// The register and what it refuses, at a size that takes a moment.
#[tokio::test]
async fn a_certificate_refuses_the_same_facts_and_no_others() {
    certified(12).await;
}

/// Fixture E2: the same with 2,990 certificates.
#[tokio::test]
#[ignore = "minutes without optimisation: make proof runs it"]
async fn two_thousand_nine_hundred_and_ninety_certificates() {
    certified(CONCLUDED).await;
}

/// Each has a number of its own. What is brought again on the same facts is refused with the number of one that exists,
/// and with no other; what is new is taken up.
async fn certified(count: usize) {
    let mut line = Line::new(&["00", "41", "4102", "410221"]).await;
    let cases = conclude(&mut line, count).await;
    let register = line.at("41").archive.whole_roll(Roll::Certificates, None).await.unwrap();
    let numbers: std::collections::BTreeSet<String> = register
        .iter()
        .filter_map(|one| match &one.content {
            Some(Content::ReviewDecided(said)) => Some(said.certificate.clone()),
            Some(_) | None => None,
        })
        .collect();
    assert_eq!((register.len(), numbers.len(), cases.len()), (count, count, count));
    let held = line.case("41", cases[7]).await;
    assert_eq!(held.leading().unwrap().state(), State::Terminated);
    let certificate = format!("终结-{}", held.number().unwrap());
    assert!(numbers.contains(&certificate));
    refuse(&mut line, &certificate).await.unwrap();
    let unknown = refuse(&mut line, "终结-000").await.unwrap_err();
    assert!(unknown.to_string().contains("no certificate"), "{unknown}");
    // One that an insider wrote past the desk, and that counts in no case, refuses nobody.
    let elsewhere = line.register("41").await;
    let mut forged = Draft::plain(Hand::default(), Some(elsewhere), upheld());
    forged.place = Some(Place { thread: ThreadId([9; 16]), stage: 3, predecessor: None });
    if let Content::ReviewDecided(said) = &mut forged.content {
        said.certificate = "终结-000".into();
    }
    line.at("41").archive.append(vec![forged]).await.unwrap();
    let unknown = refuse(&mut line, "终结-000").await.unwrap_err();
    assert!(unknown.to_string().contains("no certificate"), "{unknown}");
    // New facts are a case of their own, linked and taken up.
    let fresh = line.register("410221").await;
    line.climb().await;
    let said = wire::FactsJudged {
        new_facts: true,
        reasons: "新的权属证明".into(),
        case_id: fresh.0.to_vec(),
    };
    line.act(cases[7], PROVINCE, Content::FactsJudged(said)).await.unwrap();
    line.to_unit(fresh, "410221").await;
    line.step(fresh, "410221", Content::Accepted(wire::Accepted::default())).await;
    assert_eq!(line.case("410221", fresh).await.leading().unwrap().state(), State::Accepted);
}
