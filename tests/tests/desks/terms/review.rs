//! Review and re-examination: who decides them, where they end, and what a redo may not repeat.

use super::*;

/// E1, E2: the reviewer is never the handler; the end has a certificate; the chain is shortened at the province.
#[tokio::test]
async fn review_and_re_examination_up_to_the_certificate() {
    let mut line = line("2024-01-10").await;
    let case = accepted(&mut line).await;
    act(&mut line, case, BUREAU, decided()).await;
    let why = refused(&mut line, case, COUNTY_OFFICE, requested(date(2024, 1, 10), "")).await;
    assert!(why.contains("no opinion has been served"), "{why}");
    act(&mut line, case, BUREAU, served(date(2024, 1, 10))).await;
    let open = || Content::ReviewOpened(wire::ReviewOpened::default());
    let why = refused(&mut line, case, COUNTY_OFFICE, open()).await;
    assert!(why.contains("has not asked"), "{why}");
    act(&mut line, case, COUNTY_OFFICE, requested(date(2024, 1, 10), "")).await;
    let why = line.act(case, BUREAU, open()).await.unwrap_err();
    assert!(matches!(why, DeskError::NotForYou { .. }), "the handler: {why}");
    let same_hand = (COUNTY, "", BUREAU.2);
    let why = refused(&mut line, case, same_hand, open()).await;
    assert!(why.contains("has handled this case"), "{why}");
    act(&mut line, case, COUNTY_OFFICE, open()).await;
    assert_eq!(state(&mut line, COUNTY, case).await, State::ReviewPending);
    let why = line.act(case, BUREAU, Content::Executed(Default::default())).await.unwrap_err();
    assert!(matches!(why, DeskError::NotHolder { .. }), "its thread no longer leads: {why}");
    act(&mut line, case, COUNTY_OFFICE, review_decided(1)).await;
    act(&mut line, case, COUNTY_OFFICE, served(date(2024, 1, 10))).await;
    act(&mut line, case, COUNTY_OFFICE, requested(date(2024, 1, 10), "")).await;
    line.climb().await;
    let why =
        refused(&mut line, case, PROVINCE_OFFICE, Content::ReexamOpened(Default::default())).await;
    assert!(why.contains("not one level above"), "{why}");
    act(&mut line, case, CITY_OFFICE, Content::ReexamOpened(Default::default())).await;
    act(&mut line, case, CITY_OFFICE, review_decided(1)).await;
    let held = line.case(CITY, case).await;
    assert_eq!(held.leading().unwrap().state(), State::Terminated);
    assert_eq!(held.threads().len(), 3);
    act(&mut line, case, CITY_OFFICE, served(date(2024, 1, 10))).await;
    let why = refused(&mut line, case, CITY_OFFICE, requested(date(2024, 1, 10), "")).await;
    assert!(why.contains("no further review"), "{why}");
}

#[tokio::test]
async fn above_the_ceiling_there_is_no_review() {
    let mut line = line("2024-01-10").await;
    let case = line.register(PROVINCE).await;
    let unit = (PROVINCE, "mzt", "5001");
    line.pass_to(case, (PROVINCE, ""), (PROVINCE, "mzt"), None).await.unwrap();
    for content in [
        Content::Received(wire::Received::default()),
        Content::Accepted(wire::Accepted::default()),
        decided(),
        served(date(2024, 1, 10)),
    ] {
        act(&mut line, case, unit, content).await;
    }
    let held = line.case(PROVINCE, case).await;
    assert!(held.clocks().iter().all(|clock| clock.duty != Duty::ReviewWindow));
    let why = refused(&mut line, case, PROVINCE_OFFICE, requested(date(2024, 1, 10), "")).await;
    assert!(why.contains("is final"), "{why}");
}

/// SD2015 45: after a redo for facts or basis the same conclusion on the same facts is forbidden.
#[tokio::test]
async fn a_revoked_opinion_is_handled_anew_and_not_repeated() {
    let mut line = line("2024-01-10").await;
    let case = accepted(&mut line).await;
    act(&mut line, case, BUREAU, decided()).await;
    act(&mut line, case, BUREAU, served(date(2024, 1, 10))).await;
    act(&mut line, case, COUNTY_OFFICE, requested(date(2024, 1, 10), "")).await;
    line.climb().await;
    act(&mut line, case, CITY_OFFICE, Content::ReviewOpened(Default::default())).await;
    let redo = |other_conclusion| {
        Content::RedoOrdered(wire::RedoOrdered { reason: "事实不清".into(), other_conclusion })
    };
    act(&mut line, case, CITY_OFFICE, review_decided(3)).await;
    let held = line.case(CITY, case).await;
    assert!(held.leading().unwrap().state() == State::ReviewDecided);
    act(&mut line, case, CITY_OFFICE, redo(true)).await;
    assert_eq!(state(&mut line, CITY, case).await, State::Triaged);
    // The city's own bureau shall handle it this time.
    let unit = (CITY, "mzj", "3101");
    line.pass_to(case, (CITY, ""), (CITY, "mzj"), None).await.unwrap();
    act(&mut line, case, unit, Content::Received(wire::Received::default())).await;
    act(&mut line, case, unit, Content::Accepted(wire::Accepted::default())).await;
    let why = refused(&mut line, case, unit, decided()).await;
    assert!(why.contains("the same conclusion on the same facts is forbidden"), "{why}");
    let other = wire::Decided {
        facts: "经重新调查，补偿款未发放。".into(), ..said(decided())
    };
    act(&mut line, case, unit, Content::Decided(other)).await;
}

#[tokio::test]
async fn a_stage_without_a_served_opinion_is_not_done() {
    let mut line = line("2024-01-10").await;
    let case = line.register(COUNTY).await;
    let close = |manner, reason: &str, reply: &str| {
        Content::Closed(wire::Closed { manner, reason: reason.into(), reply: reply.into() })
    };
    for (content, why) in [
        (close(0, "办完了", ""), "处理意见 the opinion, 意见送达 its service"),
        (close(1, "", " "), "a direct answer has its words"),
        (close(2, "", ""), "filing has its reason"),
        (close(9, "x", "x"), "no such manner"),
    ] {
        let said = refused(&mut line, case, COUNTY_OFFICE, content).await;
        assert!(said.contains(why), "{said}");
    }
    act(&mut line, case, COUNTY_OFFICE, close(1, "", "咨询已当面答复。")).await;
}
