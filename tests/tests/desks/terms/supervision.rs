//! What a superior does about what is overdue below: shares of the days, taking up, the ladder, and reports.

use super::*;

/// T1a: what the root registered goes down within shares of the fifteen days: 5, 3, 3, 4.
#[tokio::test]
async fn the_roots_registrations_share_fifteen_days() {
    let mut line = line("2024-01-10").await;
    let case = line.register(ROOT).await;
    line.pass_to(case, (ROOT, ""), (PROVINCE, ""), None).await.unwrap();
    let pass_on = clock(&line.case(ROOT, case).await, Duty::PassOn);
    assert_eq!((pass_on.due_on(), pass_on.last().pin.provisional), (date(2024, 1, 13), true));
    let triage = clock(&line.case(ROOT, case).await, Duty::Triage);
    assert_eq!(triage.ended.unwrap().on, date(2024, 1, 10), "the root has done its part");
}

/// Overdue below opens the door above (R2022 19(3)).
#[tokio::test]
async fn a_superior_takes_up_what_is_overdue_below() {
    let mut line = line("2024-01-10").await;
    let case = accepted(&mut line).await;
    line.climb().await;
    let take_up = |ground| {
        let reason = "下级逾期未办结".to_owned();
        Content::TakenUp(wire::TakenUp { ground, reason, due: Vec::new() })
    };
    let why = refused(&mut line, case, CITY_OFFICE, take_up(1)).await;
    assert!(why.contains("nothing is overdue"), "{why}");
    on(&line, date(2024, 3, 11));
    let standing = line.case(CITY, case).await.at(line.clock_now());
    assert_eq!(standing.overdue.len(), 1, "the superior finds it from what it holds");
    act(&mut line, case, CITY_OFFICE, take_up(1)).await;
    let held = line.case(CITY, case).await;
    let leading = held.leading().unwrap();
    assert_eq!((leading.state(), leading.opener().short()), (State::Triaged, "4102".into()));
    let handle = held.clocks().into_iter().find(|clock| clock.duty == Duty::Handle).unwrap();
    assert!(handle.is_missed(line.today()), "what was missed below stays missed");
    assert_eq!(held.at(line.clock_now()).overdue.len(), 0, "and is owed there no more");
}

/// The ladder: what is missed below is raised from entries alone, once; and a missed answer takes the next rung.
#[tokio::test]
async fn supervision_is_raised_by_the_superior_and_climbs_its_ladder() {
    let mut line = line("2024-01-10").await;
    let case = line.register(COUNTY).await;
    line.climb().await;
    let raised = async |line: &mut Line, day: Date| {
        on(line, day);
        let now = line.clock_now();
        line.at(CITY).archive.supervise(now).await.unwrap();
        let held = line.case(CITY, case).await;
        let mut rungs: Vec<(u32, String)> = held
            .facts()
            .values()
            .filter(|fact| fact.header().kind == Kind::Supervised)
            .map(|fact| (fact.outcome(), fact.addressed().unwrap().to_string()))
            .collect();
        rungs.sort();
        rungs
    };
    let notice = [(1, "410221".to_owned())];
    assert_eq!(raised(&mut line, date(2024, 1, 25)).await, []);
    assert_eq!(raised(&mut line, date(2024, 1, 26)).await, notice);
    assert_eq!(raised(&mut line, date(2024, 1, 27)).await, notice, "once");
    // Thirty days for the answer; it does not come.
    let sheet = (2, "410221".to_owned());
    assert_eq!(raised(&mut line, date(2024, 2, 25)).await, notice);
    let found = raised(&mut line, date(2024, 2, 26)).await;
    assert_eq!(found, [notice[0].clone(), sheet]);
    // The province leaves it to the city.
    let now = line.clock_now();
    line.at(PROVINCE).archive.supervise(now).await.unwrap();
    assert_eq!(raised(&mut line, date(2024, 2, 27)).await, found);
    let why = refused(
        &mut line,
        case,
        COUNTY_OFFICE,
        Content::Supervised(wire::Supervised {
            trigger: 7,
            rung: 1,
            words: "自查".into(),
            ..Default::default()
        }),
    )
    .await;
    assert!(why.contains("other organs"), "nobody supervises itself: {why}");
}

/// What is wrong without being overdue is raised as well: an opinion that was not carried out.
#[tokio::test]
async fn an_opinion_not_carried_out_is_raised() {
    let mut line = line("2024-01-10").await;
    let case = accepted(&mut line).await;
    act(&mut line, case, BUREAU, decided()).await;
    act(&mut line, case, BUREAU, served(date(2024, 1, 10))).await;
    let undone =
        wire::Executed { done: false, evidence: "资金未到位".into(), ..Default::default() };
    act(&mut line, case, BUREAU, Content::Executed(undone)).await;
    let now = line.clock_now();
    line.at(COUNTY).archive.supervise(now).await.unwrap();
    let held = line.case(COUNTY, case).await;
    let mut raised = held.facts().values().filter(|fact| fact.header().kind == Kind::Supervised);
    assert_eq!(raised.next().unwrap().addressed().unwrap().to_string(), "410221/mzj");
    assert!(raised.next().is_none());
}

/// A clock is not stopped by who owes nothing: whoever answers in another's name is shown, and ends nothing.
#[tokio::test]
async fn nobody_answers_for_another() {
    let mut line = line("2024-01-10").await;
    let case = line.register(COUNTY).await;
    line.climb().await;
    on(&line, date(2024, 1, 26));
    let now = line.clock_now();
    line.at(CITY).archive.supervise(now).await.unwrap();
    let held = line.case(CITY, case).await;
    let of_kind = |held: &Case, kind| {
        let mut facts = held.facts().values();
        facts.find(|fact| fact.header().kind == kind).map(|fact| fact.leaf())
    };
    let supervision = of_kind(&held, Kind::Supervised).unwrap();
    let answer = wire::SupervisionAnswered {
        supervision: supervision.0.to_vec(),
        adopted: true,
        words: "已整改".into(),
    };
    let hand = terrace_proto::entry::header::Hand::default();
    let content = Content::SupervisionAnswered(answer);
    let draft = terrace_node::archive::Draft::plain(hand, Some(case), content);
    line.at(CITY).archive.append(vec![draft]).await.unwrap();
    let held = line.case(CITY, case).await;
    assert_eq!(clock(&held, Duty::SupervisionFeedback).ended, None);
    let answered = of_kind(&held, Kind::SupervisionAnswered).unwrap();
    assert_eq!(held.aside().get(&answered), Some(&Aside::Overstepping));
    let found = terrace_proto::audit::check_custody(&held);
    assert!(matches!(found[..], [terrace_proto::audit::Finding::Overstepping { .. }]), "{found:?}");
}

/// An assignment is reported on, and the report may come back for redo with a new day.
#[tokio::test]
async fn a_report_is_reviewed_and_may_be_returned() {
    let mut line = line("2024-01-10").await;
    let case = line.register(COUNTY).await;
    let due = Some(date(2024, 2, 10));
    let taken = line.pass_to(case, (COUNTY, ""), (COUNTY, "mzj"), due).await.unwrap();
    let assignment = taken.entry.leaf().0.to_vec();
    let report = |to: &[u8]| {
        Content::ReportedBack(wire::ReportedBack {
            assignment: to.to_vec(),
            report: "已办结".into(),
        })
    };
    let why = refused(&mut line, case, COUNTY_OFFICE, report(&assignment)).await;
    assert!(why.contains("whoever was asked"), "{why}");
    let reported = line.act(case, BUREAU, report(&assignment)).await.unwrap();
    let reported = reported.entry.leaf().0.to_vec();
    let judged = |day: Option<Date>| {
        Content::ReportJudged(wire::ReportJudged {
            report: reported.clone(),
            returned: day.is_some(),
            words: "情况不清".into(),
            due: day
                .iter()
                .map(|day| wire::Due { due_on: days_of(*day), ..Default::default() })
                .collect(),
        })
    };
    let why = refused(&mut line, case, COUNTY_OFFICE, judged(Some(date(2024, 1, 10)))).await;
    assert!(why.contains("after 2024-01-10"), "{why}");
    let returned = line.act(case, COUNTY_OFFICE, judged(Some(date(2024, 1, 20)))).await.unwrap();
    let held = line.case(COUNTY, case).await;
    let back = clock(&held, Duty::ReportBack);
    assert_eq!(
        (back.due_on(), back.owed_by.unwrap().to_string()),
        (date(2024, 1, 20), "410221/mzj".into())
    );
    act(&mut line, case, BUREAU, report(&returned.entry.leaf().0)).await;
    let held = line.case(COUNTY, case).await;
    assert!(clock(&held, Duty::ReportBack).ended.is_some());
}
