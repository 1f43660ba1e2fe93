//! What offices enter beside the procedure: links between cases, recusal, panels of experts, deputies, ratings.

use jiff::civil::Date;
use terrace_node::archive::Draft;
use terrace_node::desk::petitioner::Code;
use terrace_node::desk::{DeskError, Registered, Taken};
use terrace_proto::case::{Aside, Case, Link, Relation, State};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::header::{Hand, days_of};
use terrace_proto::entry::{Content, Holder, Kind};
use terrace_proto::roll::Roll;
use terrace_proto::roll::panel::{self, Conflict};
use terrace_proto::roll::rating::{Grade, Rating, RatingState};
use terrace_proto::seal::Plain;
use terrace_proto::wire;
use terrace_tests::line::{Line, code};

const CITY: &str = "4102";
const COUNTY: &str = "410221";
const TOWN: &str = "410221101";
/// The civil-affairs bureau of the county.
const BUREAU: (&str, &str, &str) = (COUNTY, "mzj", "1001");

async fn line() -> Line {
    Line::new(&["00", "41", CITY, COUNTY, TOWN]).await
}

fn letter(text: &str, category: &str) -> wire::IntakeRegistered {
    wire::IntakeRegistered {
        channel: "LET".into(),
        text: text.into(),
        category: category.into(),
        place: 410_221_101_000,
        ..Default::default()
    }
}

fn hand(officer: &str) -> Hand {
    Hand { officer: officer.into(), ..Hand::default() }
}

fn why(result: Result<Taken, DeskError>) -> String {
    result.unwrap_err().to_string()
}

/// A case of the bureau whose opinion was served today.
async fn served(line: &mut Line) -> Registered {
    let registered = line.take_in(COUNTY, letter("村口路灯不亮", "030000")).await;
    let case = registered.case;
    line.pass_to(case, (COUNTY, ""), (COUNTY, "mzj"), None).await.unwrap();
    line.act(case, BUREAU, Content::Received(wire::Received::default())).await.unwrap();
    line.act(case, BUREAU, Content::Accepted(wire::Accepted::default())).await.unwrap();
    let opinion = wire::Decided {
        outcome: 1,
        facts: "路灯损坏属实".into(),
        opinion: "十日内修复".into(),
        basis: "城市照明管理规定".into(),
    };
    line.act(case, BUREAU, Content::Decided(opinion)).await.unwrap();
    let served = wire::Served { served_on: days_of(line.today()), ..Default::default() };
    line.act(case, BUREAU, Content::Served(served)).await.unwrap();
    registered
}

fn link(number: &str) -> Content {
    Content::CasesLinked(wire::CasesLinked {
        number: number.into(),
        relation: Relation::Same.number(),
        reason: "同一路段、同一时间".into(),
        ..Default::default()
    })
}

/// An anonymous letter at the town and a message at the county about the same matter: the county, which holds both,
/// proposes them by their words; an officer links them, both say so, and nothing is merged.
#[tokio::test]
async fn the_same_matter_by_another_channel_is_proposed_and_linked() {
    let mut line = line().await;
    let text = "五里河镇中心小学门前的路灯坏了两个月，晚上孩子放学看不见路，请尽快派人修理。";
    let letter_at_town = line.take_in(TOWN, letter(text, "030000")).await;
    let elsewhere = wire::IntakeRegistered { place: 410_222_000_000, ..letter(text, "") };
    let far = line.take_in(TOWN, elsewhere).await;
    let other_kind = line.take_in(TOWN, letter(text, "060000")).await;
    let other = line.take_in(TOWN, letter("低保申请三个月没有答复，请告知进度。", "")).await;
    line.climb().await;
    let message = format!("{text}已反映过一次。");
    let message = line.take_in(COUNTY, letter(&message, "")).await;
    let known = line.desk(COUNTY).sameness(message.case).await.unwrap();
    let numbers: Vec<&str> = known.alike.iter().map(|one| one.number.as_str()).collect();
    // Without a category of its own it may be either; about another county, or something else, it is not.
    assert!(numbers.contains(&letter_at_town.number.as_str()));
    assert!(numbers.contains(&other_kind.number.as_str()));
    assert!(!numbers.contains(&far.number.as_str()) && !numbers.contains(&other.number.as_str()));
    assert!(!known.behind && known.here.is_empty());
    // Where both categories are known, another one is another matter.
    let town = line.desk(TOWN).sameness(letter_at_town.case).await.unwrap();
    assert_eq!(town.alike, []);

    let county = (COUNTY, "", "0417");
    let number = letter_at_town.number.clone();
    line.act(message.case, county, link(&number)).await.unwrap();
    let linked =
        |case: &Case| case.links().iter().map(|link| (link.other, link.relation)).collect();
    let there: Vec<_> = linked(&line.case(COUNTY, message.case).await);
    let back: Vec<_> = linked(&line.case(COUNTY, letter_at_town.case).await);
    assert_eq!(there, [(letter_at_town.case, Relation::Same)]);
    assert_eq!(back, [(message.case, Relation::Same)]);
    assert!(why(line.act(message.case, county, link(&number)).await).contains("stands already"));
    assert!(why(line.act(message.case, county, link(&message.number)).await).contains("another"));
    line.climb().await;
    let rolled = line.at("41").archive.roll(Roll::Links, None, (u64::MAX, 9)).await.unwrap();
    assert_eq!(rolled.len(), 2, "listed at every office above");

    // Only the office that linked undoes it.
    let Link { leaf, .. } = line.case(COUNTY, message.case).await.links()[0];
    let undone = || {
        let said = wire::LinkUndone { link: leaf.0.to_vec(), reason: "不是同一路段".into() };
        Content::LinkUndone(said)
    };
    let refused = line.act(message.case, (CITY, "", "0001"), undone()).await.unwrap_err();
    assert!(matches!(refused, DeskError::NotForYou { .. }), "{refused}");
    line.act(message.case, county, undone()).await.unwrap();
    assert_eq!(line.case(COUNTY, message.case).await.links(), []);
}

async fn enlist(line: &mut Line, name: &str, organ: Option<(&str, &str)>) -> Digest {
    let organ = organ.map(|(at, organ)| Holder { division: code(at), organ: organ.into() });
    let said = wire::ExpertEnlisted {
        name: name.into(),
        field: "法律".into(),
        organ: organ.map(|organ| organ.to_wire()),
        ..Default::default()
    };
    let taken = line.desk("41").enter(&hand("0009"), Content::ExpertEnlisted(said)).await.unwrap();
    taken.entry.leaf()
}

/// Fixture E1: who handled a case does not review it, and an expert from the organ that handled it is not drawn. The
/// list of the province serves its city; the draw is by lot, and anybody who holds the entries draws the same.
#[tokio::test]
async fn a_panel_is_drawn_by_lot_and_without_those_who_handled() {
    let mut line = line().await;
    let mut experts = Vec::new();
    for name in ["甲", "乙", "丙", "丁"] {
        experts.push(enlist(&mut line, name, None).await);
    }
    let partial = enlist(&mut line, "戊", Some((COUNTY, "mzj"))).await;
    line.sink().await;
    let case = served(&mut line).await.case;
    let asked = wire::ReviewRequested {
        grounds: "不服".into(),
        requested_on: days_of(line.today()),
        ..Default::default()
    };
    line.act(case, (COUNTY, "", "0417"), Content::ReviewRequested(asked)).await.unwrap();
    line.climb().await;
    let reviewer = (CITY, "", "2001");
    let draw = |seats| Content::PanelDrawn(wire::PanelDrawn { seats, ..Default::default() });
    let refused = line.act(case, reviewer, draw(3)).await.unwrap_err();
    assert!(matches!(refused, DeskError::NotHolder { .. }), "{refused}");
    let opening = || Content::ReviewOpened(wire::ReviewOpened::default());
    // The handler's own bureau is not one level above it, and whoever handled it does not review it.
    let refused = line.act(case, BUREAU, opening()).await.unwrap_err();
    assert!(matches!(refused, DeskError::NotForYou { .. }), "{refused}");
    line.act(case, reviewer, opening()).await.unwrap();
    assert!(why(line.act(case, reviewer, draw(5)).await).contains("of 5 experts on the list 4"));
    line.act(case, reviewer, draw(3)).await.unwrap();
    assert!(why(line.act(case, reviewer, draw(3)).await).contains("a panel was drawn"));
    line.climb().await;
    for at in [CITY, "41"] {
        let held = line.case(at, case).await;
        let list = line.desk(at).experts().await.unwrap();
        let today = line.today();
        let again = panel::draw(&list, &held, 3, today);
        assert_eq!(again.excluded, [(partial, Conflict::Organ)]);
        let entries = line.at(at).archive.roll(Roll::Panels, None, (u64::MAX, 9)).await.unwrap();
        let Some(Content::PanelDrawn(said)) = &entries[0].content else { panic!("a panel") };
        let drawn: Vec<Digest> = said.drawn.iter().filter_map(|one| Digest::read(one)).collect();
        assert_eq!((again.drawn, said.pool.len()), (drawn, 5), "{at}");
    }

    // One of them is to keep out: the panel is drawn again without them.
    let entries = line.at(CITY).archive.roll(Roll::Panels, None, (u64::MAX, 9)).await.unwrap();
    let Some(Content::PanelDrawn(said)) = &entries[0].content else { panic!("a panel") };
    let first = Digest::read(&said.drawn[0]).unwrap();
    let asked = wire::RecusalAsked {
        expert: first.0.to_vec(),
        grounds: "与被反映单位有合作".into(),
        by_petitioner: true,
        asked_on: days_of(line.today()),
        ..Default::default()
    };
    let asked = line.act(case, reviewer, Content::RecusalAsked(asked)).await.unwrap();
    let decided = wire::RecusalDecided {
        request: asked.entry.leaf().0.to_vec(),
        granted: true,
        reason: "属实".into(),
    };
    line.act(case, reviewer, Content::RecusalDecided(decided)).await.unwrap();
    line.act(case, reviewer, draw(3)).await.unwrap();
    let entries = line.at(CITY).archive.roll(Roll::Panels, None, (u64::MAX, 9)).await.unwrap();
    let Some(Content::PanelDrawn(said)) = &entries[0].content else { panic!("a panel") };
    assert!(said.drawn.iter().all(|one| Digest::read(one) != Some(first)));
}

/// An officer with an interest of their own keeps out once the office has said so, at that office alone.
#[tokio::test]
async fn whoever_is_to_keep_out_takes_no_step() {
    let mut line = line().await;
    let case = line.take_in(COUNTY, letter("村务公开", "010000")).await.case;
    let clerk = (COUNTY, "", "0417");
    let asked = |grounds: &str, officer: &str| {
        Content::RecusalAsked(wire::RecusalAsked {
            officer: officer.into(),
            grounds: grounds.into(),
            by_petitioner: true,
            asked_on: 20_500,
            ..Default::default()
        })
    };
    assert!(why(line.act(case, clerk, asked("亲属", "")).await).contains("one officer"));
    assert!(why(line.act(case, clerk, asked(" ", "0417")).await).contains("give the words"));
    let asked = line.act(case, clerk, asked("与村主任是亲属", "0417")).await.unwrap();
    let decided = |reason: &str| {
        let request = asked.entry.leaf().0.to_vec();
        let said = wire::RecusalDecided { request, granted: true, reason: reason.into() };
        Content::RecusalDecided(said)
    };
    assert!(why(line.act(case, clerk, decided("属实")).await).contains("another officer"));
    line.act(case, (COUNTY, "", "0418"), decided("属实")).await.unwrap();
    let again = line.act(case, (COUNTY, "", "0418"), decided("属实")).await;
    assert!(why(again).contains("has decided"));
    let triaged =
        || Content::Triaged(wire::Triaged { purpose: "求决".into(), ..Default::default() });
    let refused = line.act(case, clerk, triaged()).await.unwrap_err();
    assert!(matches!(refused, DeskError::Recused(ref officer) if officer == "0417"), "{refused}");
    line.act(case, (COUNTY, "", "0418"), triaged()).await.unwrap();
    line.climb().await;
    // Staff numbers are an office's own: 0417 of the city is somebody else.
    let note = line.desk(CITY).note(case, &hand("0417"), "已阅".into()).await;
    note.unwrap();
}

async fn on_desk(line: &mut Line, officer: &str) -> usize {
    line.desk(COUNTY).desk_of(officer).await.unwrap().len()
}

/// A deputy acts on behalf of somebody for days that were entered, and not a day longer. Who leaves hands the desk over in
/// one act, and can do nothing more.
#[tokio::test]
async fn absence_and_leaving_are_entered_and_a_desk_changes_hands_at_once() {
    let mut line = line().await;
    let mut cases = Vec::new();
    for _ in 0..3 {
        let case = line.take_in(COUNTY, letter("道路", "030000")).await.case;
        let triaged = wire::Triaged { purpose: "求决".into(), ..Default::default() };
        line.act(case, (COUNTY, "", "0417"), Content::Triaged(triaged)).await.unwrap();
        cases.push(case);
    }
    let today = line.today();
    let deputised = |until: Date| {
        Content::Deputised(wire::Deputised {
            officer: "0417".into(),
            deputy: "0500".into(),
            from_on: days_of(today),
            until_on: days_of(until),
        })
    };
    let absent = Hand { on_behalf_of: "0417".into(), ..hand("0500") };
    let refused = line.desk(COUNTY).note(cases[0], &absent, "代办".into()).await.unwrap_err();
    assert!(matches!(refused, DeskError::NotDeputy { .. }), "{refused}");
    let over = line.desk(COUNTY).enter(&hand("0001"), deputised(today.yesterday().unwrap())).await;
    assert!(why(over).contains("not over"));
    line.desk(COUNTY).enter(&hand("0001"), deputised(today)).await.unwrap();
    line.desk(COUNTY).note(cases[0], &absent, "代办".into()).await.unwrap();
    line.clock.pass(24);
    let refused = line.desk(COUNTY).note(cases[0], &absent, "代办".into()).await.unwrap_err();
    assert!(matches!(refused, DeskError::NotDeputy { .. }), "{refused}");

    assert_eq!((on_desk(&mut line, "0417").await, on_desk(&mut line, "0500").await), (3, 0));
    let over = wire::DeskHandedOver {
        officer: "0417".into(),
        successor: "0500".into(),
        reason: "调离".into(),
    };
    line.desk(COUNTY).enter(&hand("0001"), Content::DeskHandedOver(over.clone())).await.unwrap();
    assert_eq!((on_desk(&mut line, "0417").await, on_desk(&mut line, "0500").await), (0, 3));
    let refused = line.desk(COUNTY).note(cases[0], &hand("0417"), "再办".into()).await.unwrap_err();
    assert!(matches!(refused, DeskError::Left { .. }), "{refused}");
    let again = line.desk(COUNTY).enter(&hand("0001"), Content::DeskHandedOver(over)).await;
    assert!(why(again).contains("before"));
}

/// Whether an opinion waits to be rated, was rated, or the thirty days passed without (T16); a review takes nobody's right
/// to rate what was served before.
#[tokio::test]
async fn an_opinion_waits_to_be_rated_until_its_window_has_passed() {
    let mut line = line().await;
    let registered = served(&mut line).await;
    let case = registered.case;
    let state = async |line: &mut Line| {
        let (held, today) = (line.case(COUNTY, case).await, line.today());
        RatingState::of(&held, today)
    };
    assert_eq!(state(&mut line).await, Some(RatingState::Open));
    let request = wire::ReviewRequested {
        grounds: "不服".into(),
        requested_on: days_of(line.today()),
        ..Default::default()
    };
    line.act(case, BUREAU, Content::ReviewRequested(request)).await.unwrap();
    line.climb().await;
    let opened = Content::ReviewOpened(wire::ReviewOpened::default());
    line.act(case, (CITY, "", "2001"), opened).await.unwrap();
    line.sink().await;
    line.clock.pass(24 * 30);
    assert_eq!(state(&mut line).await, Some(RatingState::Open), "the last day");
    line.clock.pass(24);
    assert_eq!(state(&mut line).await, Some(RatingState::Lapsed));
    let fresh = line.register(COUNTY).await;
    let held = line.case(COUNTY, fresh).await;
    assert_eq!(RatingState::of(&held, line.today()), None);
}

async fn rate(
    line: &mut Line,
    at: &str,
    (case, code): (CaseId, &Code),
    grade: Grade,
) -> Result<Taken, DeskError> {
    let rating = Rating { of_unit: grade, of_office: Grade::Satisfied, reason: String::new() };
    line.desk(at).rate(case, &hand("0417"), rating, code).await
}

fn told(rows: &[terrace_node::archive::rolling::Enrolled]) -> Vec<wire::RatingsTold> {
    let contents = rows.iter().filter_map(|row| row.content.clone());
    let told = contents.filter_map(|content| {
        let Content::RatingsTold(said) = content else { return None };
        Some(said)
    });
    told.collect()
}

/// A rating is sealed past the county to the city, which tells what was said of at least five, after their windows have
/// closed; what was typed in at the county's own office is left out, and a change counts in place of the first.
#[tokio::test]
async fn ratings_are_told_when_nobody_can_be_told_by_them() {
    let mut line = line().await.with_keys().await;
    let mut rated = Vec::new();
    for _ in 0..6 {
        let registered = served(&mut line).await;
        line.climb().await;
        rated.push((registered.case, registered.code.unwrap()));
    }
    let own = Code::of([7; 10]);
    let forged = rate(&mut line, CITY, (rated[0].0, &own), Grade::Satisfied).await;
    assert!(why(forged).contains("not the code"));
    // One at the unit's own office, four at the city.
    rate(&mut line, COUNTY, (rated[0].0, &rated[0].1), Grade::Satisfied).await.unwrap();
    for (case, code) in &rated[1..5] {
        rate(&mut line, CITY, (*case, code), Grade::Dissatisfied).await.unwrap();
    }
    // The first of them changes their mind, once.
    rate(&mut line, CITY, (rated[1].0, &rated[1].1), Grade::Basically).await.unwrap();
    let third = rate(&mut line, CITY, (rated[1].0, &rated[1].1), Grade::Satisfied).await;
    assert!(why(third).contains("changed once"));
    line.climb().await;
    line.sink().await;
    // Leaned on at the unit's own office, another says it was content: what was said elsewhere stands.
    rate(&mut line, COUNTY, (rated[2].0, &rated[2].1), Grade::Satisfied).await.unwrap();
    line.climb().await;

    // The county holds the entries and can open none of them.
    let held = line.case(COUNTY, rated[1].0).await;
    let of_kind =
        |case: &Case| case.facts().values().filter(|f| f.header().kind == Kind::Rated).count();
    assert_eq!(of_kind(&held), 2);
    let ids = held.facts().values().filter(|fact| fact.header().kind == Kind::Rated);
    let ids: Vec<_> = ids.map(|fact| fact.header().id()).collect();
    for (_, part) in line.at(COUNTY).archive.sealed_entries(&ids).await.unwrap() {
        for organ in ["", "discipline"] {
            let key = line.at(COUNTY).archive.case_key(organ, rated[1].0, part.key_id()).await;
            assert!(key.unwrap().is_none(), "{organ}");
        }
    }
    // The windows run for thirty days; four that count are too few even then.
    line.clock.pass(24 * 29);
    let now = line.clock_now();
    line.at(CITY).archive.tell_ratings(now).await.unwrap();
    line.clock.pass(24 * 2);
    let now = line.clock_now();
    line.at(CITY).archive.tell_ratings(now).await.unwrap();
    let rows = line.at(CITY).archive.whole_roll(Roll::Ratings, None).await.unwrap();
    assert_eq!(told(&rows), []);
    let late = rate(&mut line, CITY, (rated[5].0, &rated[5].1), Grade::Satisfied).await;
    assert!(why(late).contains("could be rated until"));
    // A fifth one, about a later case, whose window has to close first.
    let fifth = served(&mut line).await;
    line.climb().await;
    rate(&mut line, CITY, (fifth.case, &fifth.code.unwrap()), Grade::Satisfied).await.unwrap();
    let now = line.clock_now();
    line.at(CITY).archive.tell_ratings(now).await.unwrap();
    let rows = line.at(CITY).archive.whole_roll(Roll::Ratings, None).await.unwrap();
    assert_eq!(told(&rows), []);
    line.clock.pass(24 * 31);
    let now = line.clock_now();
    for _ in 0..2 {
        line.at(CITY).archive.tell_ratings(now).await.unwrap();
    }
    line.sink().await;
    for at in [CITY, COUNTY] {
        let rows = line.at(at).archive.whole_roll(Roll::Ratings, None).await.unwrap();
        let told = told(&rows);
        assert_eq!(told.len(), 1, "{at}: each rating is told once");
        let unit = Holder::read(told[0].unit.as_ref().unwrap()).unwrap();
        assert_eq!(unit, Holder { division: code(COUNTY), organ: "mzj".into() });
        let of_unit = told[0].of_unit.unwrap();
        assert_eq!((of_unit.satisfied, of_unit.basically, of_unit.dissatisfied), (1, 1, 3));
        assert_eq!((told[0].own_terminal, told[0].ratings.len()), (1, 6));
    }
    assert_eq!(line.case(COUNTY, rated[1].0).await.leading().unwrap().state(), State::Served);
}

/// Nobody puts another rating under a petitioner's signature: it covers what is sealed.
#[tokio::test]
async fn another_rating_under_the_same_signature_is_not_the_petitioners() {
    let mut line = line().await.with_keys().await;
    let registered = served(&mut line).await;
    let (case, code) = (registered.case, registered.code.unwrap());
    line.climb().await;
    let rated = rate(&mut line, CITY, (case, &code), Grade::Dissatisfied).await.unwrap();
    let better =
        Rating { of_unit: Grade::Satisfied, of_office: Grade::Satisfied, reason: String::new() };
    let (_, part) = line.at(CITY).archive.seal(case, &Plain::Rating(better)).unwrap();
    let mut draft = Draft::plain(hand("2001"), Some(case), rated.entry.content().unwrap());
    draft.sealed = Some(part);
    let (entries, _) = line.at(CITY).archive.append(vec![draft]).await.unwrap();
    let held = line.case(CITY, case).await;
    assert_eq!(held.aside().get(&entries[0].leaf()), Some(&Aside::Unsigned));
    assert!(!held.aside().contains_key(&rated.entry.leaf()));
}
