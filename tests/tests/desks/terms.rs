//! The clocks of the procedure at the desk, day by day: what starts them, what moves them, what ends them, and the
//! guards that ask for a day. The likely bugs of such systems have a test each.

#![allow(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests are tests, and ask about a few states"
)]

mod review;
mod supervision;

use jiff::civil::{Date, date};
use terrace_node::desk::DeskError;
use terrace_proto::case::{Aside, Case, Clock, Guard, State};
use terrace_proto::digest::CaseId;
use terrace_proto::entry::header::days_of;
use terrace_proto::entry::{Content, Holder, Kind};
use terrace_proto::rules::Duty;
use terrace_proto::wire;
use terrace_tests::line::Line;

const ROOT: &str = "00";
const PROVINCE: &str = "41";
const CITY: &str = "4102";
const COUNTY: &str = "410221";
/// The civil-affairs bureau of the county.
const BUREAU: (&str, &str, &str) = (COUNTY, "mzj", "1001");
const COUNTY_OFFICE: (&str, &str, &str) = (COUNTY, "", "2001");
const CITY_OFFICE: (&str, &str, &str) = (CITY, "", "3001");
const PROVINCE_OFFICE: (&str, &str, &str) = (PROVINCE, "", "4001");

/// A root, a province, a city and a county at nine in the morning of a day in China.
async fn line(day: &str) -> Line {
    let line = Line::new(&[ROOT, PROVINCE, CITY, COUNTY]).await;
    line.clock.set(&format!("{day}T01:00:00Z"));
    line
}

fn on(line: &Line, day: Date) {
    line.clock.set(&format!("{day}T01:00:00Z"));
}

fn clock(case: &Case, duty: Duty) -> Clock {
    let mut clocks = case.clocks().into_iter().rev();
    clocks.find(|clock| clock.duty == duty).unwrap_or_else(|| panic!("no clock for {duty:?}"))
}

async fn due(line: &mut Line, case: CaseId, duty: Duty) -> Date {
    clock(&line.case(COUNTY, case).await, duty).due_on()
}

fn decided() -> Content {
    Content::Decided(wire::Decided {
        outcome: 3,
        facts: "经查，补偿款已于五月发放。".into(),
        opinion: "不予支持。".into(),
        basis: "《信访工作条例》第三十二条".into(),
    })
}

fn said(content: Content) -> wire::Decided {
    let Content::Decided(said) = content else { panic!("an opinion") };
    said
}

fn review_decided(outcome: u32) -> Content {
    Content::ReviewDecided(wire::ReviewDecided {
        outcome,
        facts: "经复查，事实清楚。".into(),
        opinion: "意见如上。".into(),
        basis: "《信访工作条例》第三十五条".into(),
        certificate: String::new(),
    })
}

fn served(day: Date) -> Content {
    Content::Served(wire::Served { served_on: days_of(day), ..wire::Served::default() })
}

fn requested(day: Date, late_cause: &str) -> Content {
    Content::ReviewRequested(wire::ReviewRequested {
        grounds: "对处理意见不服".into(),
        requested_on: days_of(day),
        late_cause: late_cause.into(),
        ..wire::ReviewRequested::default()
    })
}

fn extended(approver: &str) -> Content {
    Content::Extended(wire::Extended {
        reason: "需要鉴定".into(),
        approver: approver.into(),
        due: Vec::new(),
        until_on: None,
    })
}

fn hearing(started: bool, day: Date) -> Content {
    let (on, record) = (days_of(day), "听证记录".to_owned());
    if started {
        Content::HearingStarted(wire::HearingStarted { started_on: on, record })
    } else {
        Content::HearingStopped(wire::HearingStopped { stopped_on: on, record, due: Vec::new() })
    }
}

/// A case that the county's petition office has passed on to its bureau, which has it.
async fn at_bureau(line: &mut Line) -> CaseId {
    let case = line.register(COUNTY).await;
    line.pass_to(case, (COUNTY, ""), (COUNTY, "mzj"), None).await.unwrap();
    act(line, case, BUREAU, Content::Received(wire::Received::default())).await;
    case
}

async fn accepted(line: &mut Line) -> CaseId {
    let case = at_bureau(line).await;
    act(line, case, BUREAU, Content::Accepted(wire::Accepted::default())).await;
    case
}

async fn act(line: &mut Line, case: CaseId, who: (&str, &str, &str), content: Content) {
    line.act(case, who, content).await.unwrap();
}

/// What stands against an act.
async fn refused(
    line: &mut Line,
    case: CaseId,
    who: (&str, &str, &str),
    content: Content,
) -> String {
    line.act(case, who, content).await.expect_err("it is refused").to_string()
}

async fn state(line: &mut Line, at: &str, case: CaseId) -> State {
    line.case(at, case).await.leading().unwrap().state()
}

#[tokio::test]
async fn registration_pins_fifteen_days_and_freezes_the_rules_of_its_day() {
    let mut line = line("2022-04-30").await;
    let old = line.register(COUNTY).await;
    assert_eq!(due(&mut line, old, Duty::Triage).await, date(2022, 5, 15));
    on(&line, date(2022, 5, 1));
    let new = line.register(COUNTY).await;
    let rules = line.at(COUNTY).archive.rules().clone();
    let tree = terrace_proto::division::Tree::national();
    let packs = |case: &Case| case.rules(&rules, tree).packs().last().unwrap().name().to_owned();
    assert_eq!(packs(&line.case(COUNTY, old).await), "CN-2005");
    assert_eq!(packs(&line.case(COUNTY, new).await), "CN-2022");
    // Long after the law changed the old case still stands under the old one: no term for objecting.
    on(&line, date(2022, 6, 1));
    line.pass_to(old, (COUNTY, ""), (COUNTY, "mzj"), None).await.unwrap();
    let said = Content::Disputed(wire::Disputed { reason: "非本局职责".into(), competent: 0 });
    let why = refused(&mut line, old, BUREAU, said).await;
    assert!(why.contains("no term for objecting"), "{why}");
}

/// One of the six likely bugs: sixty days run from acceptance, not from receipt.
#[tokio::test]
async fn handling_runs_from_acceptance() {
    let mut line = line("2023-12-27").await;
    let case = at_bureau(&mut line).await;
    on(&line, date(2024, 1, 10));
    act(&mut line, case, BUREAU, Content::Accepted(wire::Accepted::default())).await;
    assert_eq!(due(&mut line, case, Duty::Handle).await, date(2024, 3, 10));
    on(&line, date(2024, 3, 1));
    act(&mut line, case, BUREAU, extended("9001")).await;
    let clock = clock(&line.case(COUNTY, case).await, Duty::Handle);
    assert_eq!(clock.due_on(), date(2024, 4, 9));
    assert_eq!(clock.settings.len(), 2, "both days are kept");
    let why = refused(&mut line, case, BUREAU, extended("9001")).await;
    assert!(why.contains("prolonged once already"), "{why}");
}

#[tokio::test]
async fn handling_is_prolonged_before_its_end_with_reason_and_by_another_hand() {
    let mut line = line("2024-01-10").await;
    let case = accepted(&mut line).await;
    let why = refused(&mut line, case, BUREAU, extended(BUREAU.2)).await;
    assert!(why.contains("does not approve"), "{why}");
    let why = refused(&mut line, case, BUREAU, extended("")).await;
    assert!(why.contains("head of the organ"), "{why}");
    on(&line, date(2024, 3, 11));
    let why = refused(&mut line, case, BUREAU, extended("9001")).await;
    assert!(why.contains("ended on 2024-03-10"), "{why}");
}

#[tokio::test]
async fn an_officer_may_promise_an_earlier_day_and_no_later_one() {
    let mut line = line("2024-01-10").await;
    let case = at_bureau(&mut line).await;
    let accepting = |day: Date| {
        Content::Accepted(wire::Accepted { due_on: Some(days_of(day)), ..Default::default() })
    };
    let why = refused(&mut line, case, BUREAU, accepting(date(2024, 3, 11))).await;
    assert!(why.contains("2024-03-10"), "{why}");
    act(&mut line, case, BUREAU, accepting(date(2024, 2, 1))).await;
    assert_eq!(due(&mut line, case, Duty::Handle).await, date(2024, 2, 1));
}

/// One of the six likely bugs: objecting takes five working days, over the Spring Festival.
#[tokio::test]
async fn objection_is_five_working_days_and_goes_back_to_the_sender() {
    let mut line = line("2024-02-06").await;
    let case = line.register(COUNTY).await;
    line.pass_to(case, (COUNTY, ""), (COUNTY, "mzj"), None).await.unwrap();
    assert_eq!(due(&mut line, case, Duty::Objection).await, date(2024, 2, 19));
    let notice = due(&mut line, case, Duty::UnitNotice).await;
    let said =
        || Content::Disputed(wire::Disputed { reason: "非本局职责".into(), competent: 0 });
    on(&line, date(2024, 2, 20));
    let why = refused(&mut line, case, BUREAU, said()).await;
    assert!(why.contains("ended on 2024-02-19"), "{why}");
    on(&line, date(2024, 2, 19));
    act(&mut line, case, BUREAU, said()).await;
    let held = line.case(COUNTY, case).await;
    assert_eq!(held.leading().unwrap().state(), State::Disputed);
    assert_eq!(held.leading().unwrap().holder(), &Holder::office("410221".parse().unwrap()));
    let rejected = wire::DisputeRejected { reason: "三定方案列明".into(), due: Vec::new() };
    act(&mut line, case, COUNTY_OFFICE, Content::DisputeRejected(rejected)).await;
    assert_eq!(state(&mut line, COUNTY, case).await, State::InTransit);
    assert_eq!(due(&mut line, case, Duty::UnitNotice).await, notice, "the clock was not stopped");
    let why = refused(&mut line, case, BUREAU, said()).await;
    assert!(why.contains("no term for objecting"), "once is enough: {why}");
}

/// One of the six likely bugs: the window for review runs from service, and rolls over the National Day.
#[tokio::test]
async fn the_window_for_review_runs_from_service_and_rolls_to_a_working_day() {
    let mut line = line("2023-08-01").await;
    let case = accepted(&mut line).await;
    on(&line, date(2023, 8, 20));
    act(&mut line, case, BUREAU, decided()).await;
    on(&line, date(2023, 9, 5));
    act(&mut line, case, BUREAU, served(date(2023, 9, 4))).await;
    assert_eq!(due(&mut line, case, Duty::ReviewWindow).await, date(2023, 10, 7));
    let lapse = || {
        let ended = days_of(date(2023, 10, 7));
        Content::Lapsed(wire::Lapsed { reason: "逾期未申请".into(), window_ended_on: ended })
    };
    on(&line, date(2023, 10, 7));
    let why = refused(&mut line, case, BUREAU, lapse()).await;
    assert!(why.contains("may still ask until 2023-10-07"), "{why}");
    on(&line, date(2023, 10, 8));
    let standing = line.case(COUNTY, case).await.at(line.clock_now());
    assert_eq!((standing.lapsed.len(), standing.overdue.len()), (2, 0), "two rights lapse");
    let why = refused(&mut line, case, COUNTY_OFFICE, requested(date(2023, 10, 8), "")).await;
    assert!(why.contains("say why it comes late"), "{why}");
    act(&mut line, case, BUREAU, lapse()).await;
    assert_eq!(state(&mut line, COUNTY, case).await, State::FinalByLapse);
}

#[tokio::test]
async fn service_is_neither_ahead_nor_before_the_opinion() {
    let mut line = line("2024-01-10").await;
    let case = accepted(&mut line).await;
    on(&line, date(2024, 1, 20));
    act(&mut line, case, BUREAU, decided()).await;
    let why = refused(&mut line, case, BUREAU, served(date(2024, 1, 21))).await;
    assert!(why.contains("lies ahead"), "{why}");
    let why = refused(&mut line, case, BUREAU, served(date(2024, 1, 19))).await;
    assert!(why.contains("before the opinion"), "{why}");
    act(&mut line, case, BUREAU, served(date(2024, 1, 20))).await;
}

/// One of the six likely bugs: a hearing stops the clock in re-examination and in nothing else.
#[tokio::test]
async fn a_hearing_stops_only_re_examination() {
    let mut line = line("2024-01-10").await;
    let case = accepted(&mut line).await;
    let handle = due(&mut line, case, Duty::Handle).await;
    act(&mut line, case, BUREAU, hearing(true, date(2024, 1, 10))).await;
    on(&line, date(2024, 1, 20));
    act(&mut line, case, BUREAU, hearing(false, date(2024, 1, 20))).await;
    assert_eq!(due(&mut line, case, Duty::Handle).await, handle, "handling runs on");
    act(&mut line, case, BUREAU, decided()).await;
    act(&mut line, case, BUREAU, served(date(2024, 1, 20))).await;
    on(&line, date(2024, 1, 22));
    act(&mut line, case, COUNTY_OFFICE, requested(date(2024, 1, 22), "")).await;
    act(&mut line, case, COUNTY_OFFICE, Content::ReviewOpened(Default::default())).await;
    let review = due(&mut line, case, Duty::Review).await;
    assert_eq!(review, date(2024, 2, 21));
    act(&mut line, case, COUNTY_OFFICE, hearing(true, date(2024, 1, 22))).await;
    on(&line, date(2024, 1, 25));
    act(&mut line, case, COUNTY_OFFICE, hearing(false, date(2024, 1, 25))).await;
    assert_eq!(due(&mut line, case, Duty::Review).await, review, "review runs on");
    act(&mut line, case, COUNTY_OFFICE, review_decided(1)).await;
    act(&mut line, case, COUNTY_OFFICE, served(date(2024, 1, 25))).await;
    on(&line, date(2024, 1, 26));
    act(&mut line, case, COUNTY_OFFICE, requested(date(2024, 1, 26), "")).await;
    line.climb().await;
    act(&mut line, case, CITY_OFFICE, Content::ReexamOpened(Default::default())).await;
    act(&mut line, case, CITY_OFFICE, hearing(true, date(2024, 1, 26))).await;
    on(&line, date(2024, 3, 1));
    let held = line.case(CITY, case).await;
    assert!(held.at(line.clock_now()).overdue.is_empty(), "it stands still");
    act(&mut line, case, CITY_OFFICE, hearing(false, date(2024, 2, 5))).await;
    let reexam = clock(&line.case(CITY, case).await, Duty::Reexam);
    assert_eq!(reexam.settings[0].pin.due_on, date(2024, 2, 25));
    assert_eq!(reexam.due_on(), date(2024, 3, 6), "ten days were not counted");
    assert_eq!(held.leading().unwrap().stage(), 3);
}

/// Withdrawal is the petitioner's alone, and can be taken back for seven days.
#[tokio::test]
async fn only_the_petitioner_withdraws_and_may_take_it_back() {
    let mut line = line("2024-01-10").await;
    let intake = wire::IntakeRegistered { title: "低保".into(), ..Default::default() };
    let registered = line.take_in(COUNTY, intake).await;
    let (case, code) = (registered.case, registered.code.unwrap());
    line.pass_to(case, (COUNTY, ""), (COUNTY, "mzj"), None).await.unwrap();
    act(&mut line, case, BUREAU, Content::Received(wire::Received::default())).await;
    act(&mut line, case, BUREAU, Content::Accepted(wire::Accepted::default())).await;
    let withdrawn = || Content::Withdrawn(wire::Withdrawn::default());
    let why = refused(&mut line, case, BUREAU, withdrawn()).await;
    assert!(why.contains("give the petitioner's code"), "{why}");
    let other = terrace_node::desk::petitioner::Code::of([1; 10]);
    let why = line.say(case, BUREAU, withdrawn(), &other).await.unwrap_err().to_string();
    assert!(why.contains("not the code of this case"), "{why}");
    line.say(case, BUREAU, withdrawn(), &code).await.unwrap();
    assert_eq!(state(&mut line, COUNTY, case).await, State::Withdrawn);
    on(&line, date(2024, 1, 17));
    let undone = || Content::WithdrawalUndone(wire::WithdrawalUndone::default());
    line.say(case, BUREAU, undone(), &code).await.unwrap();
    let held = line.case(COUNTY, case).await;
    assert_eq!(held.leading().unwrap().state(), State::Accepted);
    let handle = clock(&held, Duty::Handle);
    assert_eq!((handle.due_on(), handle.ended), (date(2024, 3, 10), None), "the clock runs on");
    line.say(case, BUREAU, withdrawn(), &code).await.unwrap();
    on(&line, date(2024, 1, 25));
    let why = line.say(case, BUREAU, undone(), &code).await.unwrap_err();
    assert!(matches!(why, DeskError::Guard { guard: Guard::Undo, .. }), "{why}");
}

/// B1: each of the other five routes is reached with its body and its warning; a hand-over nobody acknowledges is overdue
/// at the receiver, and accuses no office.
#[tokio::test]
async fn a_case_is_diverted_and_its_hand_over_acknowledged() {
    let mut line = line("2024-01-10").await;
    let divert = |route: &str, body: &str| {
        let (route, body) = (route.to_owned(), body.to_owned());
        Content::Diverted(wire::Diverted { route, body, ..Default::default() })
    };
    for (route, warned) in [("S1", 2), ("S2", 1), ("S3", 0), ("S4", 1), ("S5", 1)] {
        let case = line.register(COUNTY).await;
        let why = refused(&mut line, case, COUNTY_OFFICE, divert(route, " ")).await;
        assert!(why.contains("name the body"), "{why}");
        let taken = line.act(case, COUNTY_OFFICE, divert(route, "有权机关")).await.unwrap();
        let Some(Content::Diverted(said)) = taken.entry.content() else { panic!("diverted") };
        assert_eq!(said.warnings.len(), warned, "{route}");
        on(&line, date(2024, 1, 26));
        let held = line.case(COUNTY, case).await;
        let handover = clock(&held, Duty::Handover);
        assert_eq!((handover.due_on(), handover.owed_by.clone()), (date(2024, 1, 25), None));
        assert_eq!(held.at(line.clock_now()).overdue.len(), 1);
        let acknowledged = Content::HandoverAcknowledged(wire::HandoverAcknowledged {
            body: "有权机关".into(),
            reference: "〔2024〕1号".into(),
            acknowledged_on: days_of(date(2024, 1, 26)),
        });
        act(&mut line, case, COUNTY_OFFICE, acknowledged).await;
        assert!(line.case(COUNTY, case).await.at(line.clock_now()).overdue.is_empty());
        on(&line, date(2024, 1, 10));
    }
    let case = line.register(COUNTY).await;
    for route in ["S6", "S7", ""] {
        let why = refused(&mut line, case, COUNTY_OFFICE, divert(route, "有权机关")).await;
        assert!(why.contains("no other statutory route"), "{why}");
    }
}

/// C12 in small: a suggestion is adopted, adopted in part or not, and each has a reply.
#[tokio::test]
async fn a_suggestion_is_answered_with_a_reply() {
    let mut line = line("2024-01-10").await;
    let answers = [
        (Content::SuggestionAdopted(Default::default()), State::Adopted),
        (Content::SuggestionPartlyAdopted(Default::default()), State::PartlyAdopted),
        (Content::SuggestionDeclined(Default::default()), State::NotAdopted),
    ];
    for (bare, ends) in answers {
        let case = line.register(COUNTY).await;
        let taken =
            wire::SuggestionTaken { reason: "建议意见类".into(), ..Default::default() };
        act(&mut line, case, COUNTY_OFFICE, Content::SuggestionTaken(taken)).await;
        let why = refused(&mut line, case, COUNTY_OFFICE, bare.clone()).await;
        assert!(why.contains("give a reply"), "{why}");
        let reply = || "已转有关部门研究。".to_owned();
        let answer = match ends {
            State::Adopted => Content::SuggestionAdopted(wire::SuggestionAdopted {
                reply: reply(),
                ..Default::default()
            }),
            State::PartlyAdopted => {
                Content::SuggestionPartlyAdopted(wire::SuggestionPartlyAdopted {
                    reply: reply(),
                    ..Default::default()
                })
            }
            _ => Content::SuggestionDeclined(wire::SuggestionDeclined { reply: reply() }),
        };
        act(&mut line, case, COUNTY_OFFICE, answer).await;
        assert_eq!(state(&mut line, COUNTY, case).await, ends);
    }
}
