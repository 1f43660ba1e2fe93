//! Surveys over cases: what stands still, hard cases, and folds of before.

use terrace_node::desk::Registered;
use terrace_node::store::{Batch, CaseRecord};
use terrace_node::survey::Survey;
use terrace_proto::case::State;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::roll::screening::Rule;
use terrace_proto::wire;
use terrace_tests::line::{Line, code};

use super::families::{BUREAU, COUNTY, accepted, decided, line, served, through};

async fn survey(line: &mut Line, survey: Survey) -> serde_json::Value {
    let (store, now) = (line.at(COUNTY).archive.store().clone(), line.clock_now());
    survey.of(store.as_ref(), None, now).await.unwrap()
}

/// Fixture B5: a case in each queue shows, and once it is mended it is gone. Fixture D2: hard cases by their age.
#[tokio::test]
async fn what_stands_still_shows_until_it_is_mended() {
    let mut line = line().await;
    let Registered { case: idle, number: idle_number, .. } = accepted(&mut line).await;
    let Registered { case: decided_case, .. } = accepted(&mut line).await;
    line.act(decided_case, BUREAU, decided()).await.unwrap();
    let Registered { case: supported, .. } = accepted(&mut line).await;
    through(&mut line, supported).await;
    line.clock.pass(24 * 15);
    let all = |told: &serde_json::Value| -> Vec<u64> {
        let queues = told["queues"].as_array().unwrap();
        queues.iter().map(|queue| queue["all"].as_u64().unwrap()).collect()
    };
    assert_eq!(all(&survey(&mut line, Survey::Still(code(COUNTY))).await), [0, 1, 1]);
    line.clock.pass(24);
    let told = survey(&mut line, Survey::Still(code(COUNTY))).await;
    assert_eq!(all(&told), [2, 1, 1], "the sixteenth day");
    let idle_ones = told["queues"][0]["cases"].as_array().unwrap();
    assert!(idle_ones.iter().any(|number| number == idle_number.as_str()));
    assert_eq!(told["incomplete"], false);
    let inquired = wire::Inquired { form: 1, record: "入户核实".into(), held_on: 20_500 };
    line.act(idle, BUREAU, Content::Inquired(inquired)).await.unwrap();
    let content = served(&line);
    line.act(decided_case, BUREAU, content).await.unwrap();
    for case in [supported, decided_case] {
        let executed_on = days_of(line.today());
        let executed = wire::Executed { done: true, evidence: "已发".into(), executed_on };
        line.act(case, BUREAU, Content::Executed(executed)).await.unwrap();
    }
    assert_eq!(all(&survey(&mut line, Survey::Still(code(COUNTY))).await), [0, 0, 0]);
    assert_eq!(line.case(COUNTY, idle).await.leading().unwrap().state(), State::Accepted);

    let rule = Rule { days: Some(10), reopened: None, hops: None };
    let young = line.register(COUNTY).await;
    let hard = survey(&mut line, Survey::Hard(rule)).await;
    assert_eq!(hard["all"], 3, "the one registered today is none: {young}");
}

/// Folds that were written before it was kept how cases move get that alone, and a survey says that they are missing until
/// then. One that cannot be read keeps nobody from the others.
#[tokio::test]
async fn folds_of_before_are_completed_and_otherwise_left_as_they_are() {
    let mut line = line().await;
    for _ in 0..3 {
        accepted(&mut line).await;
    }
    line.clock.pass(24 * 16);
    let told = survey(&mut line, Survey::Still(code(COUNTY))).await;
    assert_eq!(told["queues"][0]["all"], 3);
    let store = line.at(COUNTY).archive.store().clone();
    let mut before = store.cases_after(0, 99).await.unwrap();
    before.iter_mut().for_each(|case| case.pace = None);
    before[0].title = "改过".into();
    before[2].facts = vec![9; 9];
    store.commit(Batch { cases: before.clone(), ..Batch::default() }).await.unwrap();
    let missing = survey(&mut line, Survey::Still(code(COUNTY))).await;
    assert_eq!((&missing["queues"][0]["all"], &missing["incomplete"]), (&0.into(), &true.into()));
    assert_eq!(line.at(COUNTY).archive.learn_paces().await.unwrap(), 3);
    assert_eq!(line.at(COUNTY).archive.learn_paces().await.unwrap(), 0);
    let after = store.cases_after(0, 99).await.unwrap();
    assert!(after[0].pace.is_some() && after[1].pace.is_some() && after[2].pace.is_none());
    let otherwise = after.into_iter().map(|case| CaseRecord { pace: None, ..case });
    assert_eq!(otherwise.collect::<Vec<_>>(), before);
    let told = survey(&mut line, Survey::Still(code(COUNTY))).await;
    assert_eq!((&told["queues"][0]["all"], &told["incomplete"]), (&2.into(), &true.into()));
}
