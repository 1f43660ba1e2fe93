//! Requests for review: owed from the first day by whoever is asked, declined on a ground, and answered within a
//! province's days; the simple procedure; and what is reported at once.

use jiff::civil::date;
use terrace_node::desk::DeskError;
use terrace_proto::audit::check_reckoning;
use terrace_proto::case::{Case, Clock, State};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::header::{Hand, days_of};
use terrace_proto::entry::{Content, Holder, Kind};
use terrace_proto::roll::Roll;
use terrace_proto::rules::Duty;
use terrace_proto::wire;
use terrace_tests::line::Line;

const PROVINCE: &str = "37";
const CITY: &str = "3701";
const COUNTY: &str = "370102";
const BUREAU: (&str, &str, &str) = (COUNTY, "mzj", "1001");
const COUNTY_OFFICE: (&str, &str, &str) = (COUNTY, "", "2001");
const CITY_OFFICE: (&str, &str, &str) = (CITY, "", "3001");

/// What Shandong asks for, once it is in force.
const ADMIT: &str = "pack = \"SD-ADMIT\"\nname = \"山东试行\"\nname_en = \"Shandong trial\"\nscope = \"37\"\nfrom = 2022-06-01\n\n[terms.review_admit]\nworking_days = 3\narticle = \"CUSTOM\"\nsure = \"P\"\n\n[terms.simple_decide]\nworking_days = 3\narticle = \"CUSTOM\"\nsure = \"M\"\n\n[terms.simple_reply]\nworking_days = 10\narticle = \"CUSTOM\"\nsure = \"M\"\n";

/// Offices of Shandong on a Tuesday, the second under the rules that the province has issued.
async fn line(issued: bool) -> Line {
    let mut line = Line::new(&["00", PROVINCE, CITY, COUNTY]).await;
    line.clock.set("2024-01-09T01:00:00Z");
    if issued {
        let province = &mut line.at(PROVINCE).archive;
        province.issue_rules(Hand::default(), "sd.toml", ADMIT).await.unwrap();
        line.sink().await;
    }
    line
}

fn clock(case: &Case, duty: Duty) -> Option<Clock> {
    case.clocks().into_iter().find(|clock| clock.duty == duty)
}

async fn at_bureau(line: &mut Line) -> CaseId {
    let case = line.register(COUNTY).await;
    line.pass_to(case, (COUNTY, ""), (COUNTY, "mzj"), None).await.unwrap();
    line.act(case, BUREAU, Content::Received(wire::Received::default())).await.unwrap();
    case
}

async fn served(line: &mut Line) -> CaseId {
    let case = at_bureau(line).await;
    let opinion = wire::Decided {
        outcome: 3,
        facts: "属实".into(),
        opinion: "不予支持".into(),
        basis: "土地管理法".into(),
    };
    let served = wire::Served { served_on: days_of(line.today()), ..Default::default() };
    for content in [
        Content::Accepted(wire::Accepted::default()),
        Content::Decided(opinion),
        Content::Served(served),
    ] {
        line.act(case, BUREAU, content).await.unwrap();
    }
    case
}

fn request(line: &Line, of: Option<Holder>, late_cause: &str) -> Content {
    Content::ReviewRequested(wire::ReviewRequested {
        grounds: "不服".into(),
        requested_on: days_of(line.today()),
        asked_of: of.map(|of| of.to_wire()),
        late_cause: late_cause.into(),
        ..Default::default()
    })
}

fn city() -> Holder {
    Holder::office(CITY.parse().unwrap())
}

async fn asked(line: &mut Line, case: CaseId, of: Option<Holder>, late: &str) -> Digest {
    let content = request(line, of, late);
    let taken = line.act(case, BUREAU, content).await.unwrap();
    line.climb().await;
    taken.entry.leaf()
}

fn declined(request: Digest, ground: u32) -> Content {
    let (request, reason) = (request.0.to_vec(), "说明理由".to_owned());
    Content::RequestDeclined(wire::RequestDeclined { request, ground, reason })
}

/// A review that nobody takes up is owed by whoever was asked, and its superior raises it (T8).
#[tokio::test]
async fn a_review_that_nobody_takes_up_is_missed_by_whoever_was_asked() {
    let mut line = line(false).await;
    let case = served(&mut line).await;
    let nobody = request(&line, Some(Holder::office(PROVINCE.parse().unwrap())), "");
    let refused = line.act(case, BUREAU, nobody).await.unwrap_err();
    assert!(refused.to_string().contains("not one level above"), "{refused}");
    asked(&mut line, case, Some(city()), "").await;
    let held = line.case(PROVINCE, case).await;
    let review = clock(&held, Duty::Review).unwrap();
    assert_eq!((review.owed_by, review.settings[0].pin.due_on), (Some(city()), date(2024, 2, 8)));
    line.clock.pass(24 * 31);
    let now = line.clock_now();
    line.at(PROVINCE).archive.supervise(now).await.unwrap();
    let held = line.case(PROVINCE, case).await;
    let raised = held.facts().values().filter(|fact| fact.header().kind == Kind::Supervised);
    let at: Vec<_> = raised.map(|fact| fact.addressed().unwrap().clone()).collect();
    assert_eq!(at, [city()]);
}

/// T13: where the province asks for it, whether a request is taken up is said within three working days.
#[tokio::test]
async fn whether_a_request_is_taken_up_is_said_within_three_working_days() {
    let mut line = line(true).await;
    let case = served(&mut line).await;
    asked(&mut line, case, Some(city()), "").await;
    let admit = clock(&line.case(CITY, case).await, Duty::ReviewAdmit).unwrap();
    assert_eq!((admit.due_on(), admit.ended), (date(2024, 1, 12), None));
    line.act(case, CITY_OFFICE, Content::ReviewOpened(Default::default())).await.unwrap();
    let held = line.case(CITY, case).await;
    let admit = clock(&held, Duty::ReviewAdmit).unwrap();
    assert_eq!(admit.ended.map(|ended| ended.kind), Some(Kind::ReviewOpened));
    assert!(clock(&held, Duty::Review).unwrap().is_running(), "the opinion is owed all the same");
}

#[tokio::test]
async fn a_request_is_declined_on_a_ground_by_whoever_was_asked() {
    let mut line = line(true).await;
    let case = served(&mut line).await;
    let first = asked(&mut line, case, None, "").await;
    let own = line.act(case, CITY_OFFICE, declined(first, 2)).await.unwrap_err();
    assert!(matches!(own, DeskError::NotForYou { .. }), "the county's government was asked: {own}");
    let in_time = line.act(case, COUNTY_OFFICE, declined(first, 1)).await.unwrap_err();
    assert!(in_time.to_string().contains("within its window"), "{in_time}");
    line.act(case, COUNTY_OFFICE, declined(first, 3)).await.unwrap();
    let held = line.case(COUNTY, case).await;
    for duty in [Duty::Review, Duty::ReviewAdmit] {
        let ended = clock(&held, duty).unwrap().ended;
        assert_eq!(ended.map(|ended| ended.kind), Some(Kind::RequestDeclined), "{duty:?}");
    }
    let second = asked(&mut line, case, Some(city()), "").await;
    line.act(case, CITY_OFFICE, Content::ReviewOpened(Default::default())).await.unwrap();
    let late = line.act(case, CITY_OFFICE, declined(second, 3)).await.unwrap_err();
    assert!(late.to_string().contains("taken up"), "{late}");
}

/// T15: off unless a rule grants it; then chosen within three working days of its coming, and answered within ten.
#[tokio::test]
async fn the_simple_procedure_is_used_where_a_rule_grants_it() {
    let simple = || {
        Content::SimpleChosen(wire::SimpleChosen {
            reason: "事实清楚".into(),
            ..Default::default()
        })
    };
    for (issued, wait, granted) in [(false, 0, false), (true, 3, true), (true, 4, false)] {
        let mut line = line(issued).await;
        let case = at_bureau(&mut line).await;
        line.act(case, BUREAU, Content::Accepted(wire::Accepted::default())).await.unwrap();
        line.clock.pass(24 * wait);
        let done = line.act(case, BUREAU, simple()).await;
        assert_eq!(done.is_ok(), granted, "{issued} {wait} {done:?}");
        if granted {
            let held = line.case(COUNTY, case).await;
            let reply = clock(&held, Duty::SimpleReply).unwrap();
            assert_eq!(reply.due_on(), date(2024, 1, 23));
            assert_eq!(held.leading().unwrap().state(), State::Accepted);
            assert!(clock(&held, Duty::Handle).unwrap().is_running(), "the law's term stays");
        }
    }
}

/// T14: what is urgent stands on the roll of every superior as soon as it has come.
#[tokio::test]
async fn what_is_urgent_is_on_the_roll_of_every_superior() {
    let mut line = line(false).await;
    let case = line.register(COUNTY).await;
    let report = |measures: &str| {
        let words = "多人聚集，有人扬言跳楼".to_owned();
        Content::UrgentReported(wire::UrgentReported { words, measures: measures.into() })
    };
    let refused = line.act(case, COUNTY_OFFICE, report("")).await.unwrap_err();
    assert!(refused.to_string().contains("words"), "{refused}");
    line.act(case, COUNTY_OFFICE, report("已派员到场，通知消防")).await.unwrap();
    line.climb().await;
    for office in [COUNTY, CITY, PROVINCE, "00"] {
        let roll = line.at(office).archive.roll(Roll::Urgent, None, (u64::MAX, 9)).await.unwrap();
        assert_eq!(roll.len(), 1, "{office}");
    }
}

/// T6: at most the whole term, once; less where less is needed, and the audit takes it as reckoned.
#[tokio::test]
async fn handling_is_prolonged_by_less_than_the_whole_term_and_never_by_more() {
    let mut line = line(false).await;
    let case = at_bureau(&mut line).await;
    line.act(case, BUREAU, Content::Accepted(wire::Accepted::default())).await.unwrap();
    let extended = |until| {
        let until_on = Some(days_of(until));
        let (reason, approver) = ("需要鉴定".into(), "9001".into());
        Content::Extended(wire::Extended { reason, approver, until_on, ..Default::default() })
    };
    for (until, why) in [
        (date(2024, 4, 9), "until 2024-04-08 and no longer"),
        (date(2024, 3, 9), "behind the old one"),
    ] {
        let refused = line.act(case, BUREAU, extended(until)).await.unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
    }
    line.act(case, BUREAU, extended(date(2024, 3, 20))).await.unwrap();
    let held = line.case(COUNTY, case).await;
    assert_eq!(clock(&held, Duty::Handle).unwrap().due_on(), date(2024, 3, 20));
    let rules = line.at(COUNTY).archive.rules().clone();
    assert_eq!(check_reckoning(&held, &rules), []);
}

/// R2022 19(3): an office is silent when nothing has come from it for three days, and not because somebody says so.
#[tokio::test]
async fn a_case_is_taken_up_for_silence_only_where_there_is_silence() {
    let mut line = line(false).await;
    let case = line.register(COUNTY).await;
    line.climb().await;
    let silent = || {
        let reason = "多日无报".into();
        Content::TakenUp(wire::TakenUp { ground: 2, reason, due: Vec::new() })
    };
    let refused = line.act(case, CITY_OFFICE, silent()).await.unwrap_err();
    assert!(refused.to_string().contains("not silent"), "{refused}");
    line.clock.pass(72);
    line.act(case, CITY_OFFICE, silent()).await.unwrap();
    assert_eq!(line.case(CITY, case).await.leading().unwrap().state(), State::Triaged);
}
