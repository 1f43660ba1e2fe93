//! How petitions come: by every channel, with a ticket of the hall, on a leader's day, through agents, and jointly.

use terrace_node::desk::{DeskError, Registered, Registration, Taken};
use terrace_node::survey::Survey;
use terrace_proto::case::State;
use terrace_proto::case::proxy::Mandate;
use terrace_proto::entry::channel::CHANNELS;
use terrace_proto::entry::header::{Hand, days_of};
use terrace_proto::entry::{Content, Kind};
use terrace_proto::seal::{Identity, Petitioner, Role};
use terrace_proto::wire;
use terrace_tests::line::{Line, UNIT};

const COUNTY: &str = "410221";
const OFFICE: (&str, &str, &str) = (COUNTY, "", "0417");

async fn line() -> Line {
    Line::new(&["00", "41", "4102", COUNTY]).await.with_keys().await
}

fn why(result: Result<Taken, DeskError>) -> String {
    result.unwrap_err().to_string()
}

fn person(name: &str, role: Role) -> Petitioner {
    let id_number = format!("4102211980{:08}", name.len());
    Petitioner { name: name.into(), id_number, role: role as i32, ..Petitioner::default() }
}

async fn register(
    line: &mut Line,
    intake: wire::IntakeRegistered,
    people: Vec<Petitioner>,
) -> Result<Registered, DeskError> {
    let mut people = people.into_iter();
    let identity =
        people.next().map(|petitioner| Identity { petitioner, others: people.collect() });
    let registration =
        Registration { intake, received_on: None, past: None, identity, coded: true };
    let (mut registered, _) =
        line.desk(COUNTY).register(&Hand::default(), vec![registration]).await?;
    Ok(registered.pop().unwrap())
}

fn intake(channel: &str) -> wire::IntakeRegistered {
    wire::IntakeRegistered {
        channel: channel.into(),
        title: "路灯不亮".into(),
        persons: 1,
        ..Default::default()
    }
}

/// Fixture C8: one intake through each channel; through an agent (PRX), and to a leader (LDR), besides.
#[tokio::test]
async fn a_petition_comes_by_every_channel() {
    let mut line = line().await;
    for (channel, ..) in CHANNELS {
        let registered = register(&mut line, intake(channel), Vec::new()).await.unwrap();
        let held = line.case(COUNTY, registered.case).await;
        assert_eq!(held.leading().unwrap().state(), State::Registered, "{channel}");
    }
    let unknown = register(&mut line, intake("PIGEON"), Vec::new()).await.unwrap_err();
    assert!(unknown.to_string().contains("LET, VIS, WEB"), "{unknown}");

    let people = vec![person("信访人", Role::Petitioner), person("村代办员", Role::Agent)];
    let proxy = register(&mut line, intake("VIS"), people).await.unwrap();
    assert_eq!(line.case(COUNTY, proxy.case).await.proxy().unwrap().agents, 1);

    let leader = Some(wire::Leader { name: "某某".into(), post: "县长".into(), level: 3 });
    let announced = wire::ReceptionAnnounced {
        leader,
        held_on: days_of(line.today()),
        place: "信访大厅".into(),
        seats: 5,
        form: 1,
        topics: String::new(),
    };
    let day = line.desk(COUNTY).enter(&hand(), Content::ReceptionAnnounced(announced)).await;
    let reception = day.unwrap().entry.leaf().0.to_vec();
    let to_leader = wire::IntakeRegistered { reception, ..intake("VIS") };
    register(&mut line, to_leader, Vec::new()).await.unwrap();
    let nowhere = wire::IntakeRegistered { reception: vec![7; 32], ..intake("VIS") };
    let refused = register(&mut line, nowhere, Vec::new()).await.unwrap_err();
    assert!(refused.to_string().contains("announced"), "{refused}");
}

fn hand() -> Hand {
    Hand { officer: "0417".into(), ..Hand::default() }
}

/// Fixture B5, the first queue: who drew a ticket and was not registered within a day shows, until they are.
#[tokio::test]
async fn a_ticket_without_a_registration_shows_from_the_second_day_on() {
    let mut line = line().await;
    let draw = || Content::TicketDrawn(wire::TicketDrawn { number: 0, sort: 1 });
    let mut drawn = Vec::new();
    for _ in 0..3 {
        let taken = line.desk(COUNTY).enter(&hand(), draw()).await.unwrap();
        drawn.push(taken.entry.leaf().0.to_vec());
    }
    line.clock.pass(24);
    assert_eq!(waiting(&mut line).await, 0, "within a day");
    line.clock.pass(24);
    assert_eq!(waiting(&mut line).await, 3);
    let late = wire::IntakeRegistered { ticket: drawn[0].clone(), ..intake("VIS") };
    let registered = register(&mut line, late, Vec::new()).await.unwrap();
    assert_eq!(waiting(&mut line).await, 2);
    // Passing the case on does not bring the ticket back.
    line.hop(registered.case, COUNTY, "4102", None).await;
    assert_eq!(waiting(&mut line).await, 2);
    let ended = |ticket: &[u8], outcome| {
        let (ticket, window) = (ticket.to_vec(), "1号".to_owned());
        Content::TicketCalled(wire::TicketCalled { ticket, window, sort: 1, outcome })
    };
    line.desk(COUNTY).enter(&hand(), ended(&drawn[1], 0)).await.unwrap();
    assert_eq!(waiting(&mut line).await, 2, "called is not registered");
    line.desk(COUNTY).enter(&hand(), ended(&drawn[1], 1)).await.unwrap();
    assert_eq!(waiting(&mut line).await, 1, "nobody came");
    let again = line.desk(COUNTY).enter(&hand(), ended(&drawn[1], 0)).await;
    assert!(why(again).contains("waits"));
    let nobodys = wire::IntakeRegistered { ticket: vec![9; 32], ..intake("VIS") };
    let refused = register(&mut line, nobodys, Vec::new()).await.unwrap_err();
    assert!(refused.to_string().contains("ticket"), "{refused}");
}

async fn waiting(line: &mut Line) -> usize {
    let (store, now) = (line.at(COUNTY).archive.store().clone(), line.clock_now());
    let county = COUNTY.parse().unwrap();
    let told = Survey::Still(county).of(store.as_ref(), Some(county), now);
    told.await.unwrap()["tickets"].as_array().unwrap().len()
}

fn decided() -> Content {
    Content::Decided(wire::Decided {
        outcome: 1,
        facts: "属实".into(),
        opinion: "修复".into(),
        basis: "城市照明管理规定".into(),
    })
}

/// SD2015 28: an agent's matter is registered; that the agent acts for the petitioner takes a mandate.
#[tokio::test]
async fn nothing_is_served_on_an_agent_without_a_mandate() {
    let mut line = line().await;
    let people = vec![person("信访人", Role::Petitioner), person("村代办员", Role::Agent)];
    let Registered { case, code, .. } = register(&mut line, intake("VIS"), people).await.unwrap();
    let code = code.unwrap();
    assert_eq!(mandate(&mut line, case).await, Mandate::Unproved);
    line.to_unit(case, COUNTY).await;
    line.step(case, COUNTY, Content::Accepted(wire::Accepted::default())).await;
    line.step(case, COUNTY, decided()).await;
    let served = |line: &Line, received_by| {
        let served_on = days_of(line.today());
        Content::Served(wire::Served { served_on, received_by, ..Default::default() })
    };
    let unit = (COUNTY, UNIT, "1001");
    let to_agent = served(&line, 1);
    assert!(why(line.act(case, unit, to_agent.clone()).await).contains("no mandate"));
    let stated =
        |given| Content::MandateStated(wire::MandateStated { given, ..Default::default() });
    // Nobody but the petitioner says so.
    assert!(why(line.act(case, OFFICE, stated(true)).await).contains("code"));
    line.say(case, OFFICE, stated(true), &code).await.unwrap();
    assert_eq!(mandate(&mut line, case).await, Mandate::Signed);
    line.say(case, OFFICE, stated(false), &code).await.unwrap();
    assert_eq!(mandate(&mut line, case).await, Mandate::Ended);
    assert!(why(line.act(case, unit, to_agent.clone()).await).contains("no mandate"));
    line.say(case, OFFICE, stated(true), &code).await.unwrap();
    line.act(case, unit, to_agent).await.unwrap();
    // The city folds the same.
    line.climb().await;
    let above = line.case("41", case).await.proxy().unwrap();
    assert_eq!((above.agents, above.mandate), (1, Mandate::Signed));
}

async fn mandate(line: &mut Line, case: terrace_proto::digest::CaseId) -> Mandate {
    line.case(COUNTY, case).await.proxy().unwrap().mandate
}

#[tokio::test]
async fn a_written_mandate_stands_for_two_agents_and_not_for_three() {
    let mut line = line().await;
    for (agents, stands) in [(2, Mandate::OnPaper), (3, Mandate::TooMany)] {
        let brought = wire::IntakeRegistered { agents, mandate: vec![1; 32], ..intake("LET") };
        let registered = register(&mut line, brought, Vec::new()).await.unwrap();
        assert_eq!(mandate(&mut line, registered.case).await, stands);
    }
}

/// An agent is nobody's petitioner: two cases by one agent are not proposed as one person's.
#[tokio::test]
async fn an_agent_is_in_no_index() {
    let mut line = line().await;
    let agent = || person("村代办员王某某某", Role::Agent);
    for name in ["甲", "乙乙"] {
        let people = vec![person(name, Role::Petitioner), agent()];
        let registered = register(&mut line, intake("VIS"), people).await.unwrap();
        assert_eq!(registered.same, [""; 0], "{name}");
    }
    let people = vec![person("甲", Role::Petitioner)];
    let again = register(&mut line, intake("LET"), people).await.unwrap();
    assert_eq!(again.same.len(), 1, "the petitioner is found");
}

/// R2022 20(3): six who came jointly are asked to elect; when they have, there is nothing to refuse, and who was elected
/// is sealed and found by a look-up.
#[tokio::test]
async fn those_who_come_jointly_elect_who_speaks() {
    let mut line = line().await;
    let six: Vec<Petitioner> = ["一", "二二", "三三三", "四四四四", "五五五五五", "六六六六六六"]
        .map(|name| person(name, Role::Representative))
        .to_vec();
    let joint = wire::IntakeRegistered { persons: 40, ..intake("VIS") };
    let Registered { case, .. } = register(&mut line, joint, six.clone()).await.unwrap();
    line.climb().await;
    let refusal = || {
        let said = wire::NotAccepted { code: "NA-REPS".into(), ..Default::default() };
        Content::NotAccepted(said)
    };
    let elected = Identity { petitioner: six[0].clone(), others: six[1..5].to_vec() };
    let few = line.desk(COUNTY).elect(case, &hand(), 3, elected.clone()).await;
    assert!(why(few).contains("two persons or more"));
    line.desk(COUNTY).elect(case, &hand(), 40, elected).await.unwrap();
    let refused = line.act(case, OFFICE, refusal()).await.unwrap_err();
    assert!(refused.to_string().contains("representatives"), "{refused}");
    let held = line.case(COUNTY, case).await;
    let elections =
        held.facts().values().filter(|f| f.header().kind == Kind::RepresentativesElected);
    assert_eq!(elections.map(|fact| fact.outcome()).collect::<Vec<_>>(), [5]);
    // A later letter by one who was elected is proposed as the same matter.
    let letter = register(&mut line, intake("LET"), vec![six[3].clone()]).await.unwrap();
    assert_eq!(letter.same.len(), 1);
    let (opened, _) = line.desk(COUNTY).unseal(case, &hand(), "联系代表").await.unwrap();
    assert_eq!(opened.len(), 2, "who came, and who was elected");
}

/// T17: what an office reports for a year (R2022 41), out of its own entries of that year.
#[tokio::test]
async fn the_figures_of_a_year_are_those_of_its_own_entries() {
    let mut line = line().await;
    line.clock.set("2025-12-31T01:00:00Z");
    register(&mut line, intake("LET"), Vec::new()).await.unwrap();
    line.clock.set("2025-12-31T17:00:00Z");
    let land = wire::IntakeRegistered { category: "020102".into(), ..intake("VIS") };
    let case = register(&mut line, land, Vec::new()).await.unwrap().case;
    line.to_unit(case, COUNTY).await;
    for (form, adoption) in [(1, Some(1)), (2, None)] {
        let said = wire::Proposed { form, words: "完善制度".into(), ..Default::default() };
        let made = line.act(case, OFFICE, Content::Proposed(said)).await.unwrap().entry;
        if let Some(adoption) = adoption {
            let proposal = made.leaf().0.to_vec();
            let words = "照办".to_owned();
            let said = wire::ProposalAnswered { proposal, adoption, words };
            let unit = (COUNTY, UNIT, "1001");
            line.act(case, unit, Content::ProposalAnswered(said)).await.unwrap();
        }
    }
    let (store, now) = (line.at(COUNTY).archive.store().clone(), line.clock_now());
    let told = Survey::Annual(COUNTY.parse().unwrap(), 2026).of(store.as_ref(), None, now);
    let told = told.await.unwrap();
    assert_eq!(told["registered"], 1, "in China it was the new year");
    assert_eq!(
        (&told["channels"][0]["code"], &told["fields"][0]["code"]),
        (&"VIS".into(), &"02".into())
    );
    let organ = serde_json::json!({ "organ": "410221/zj", "name": "杞县", "count": 1 });
    assert_eq!(told["organs"][0], organ);
    assert_eq!((&told["acts"][0]["count"], &told["acts"][1]["count"]), (&1.into(), &0.into()));
    let proposals = serde_json::json!([
        { "form": 1, "adoption": 1, "count": 1 }, { "form": 2, "adoption": 0, "count": 1 }
    ]);
    assert_eq!(told["proposals"], proposals);
}
