//! Rules at offices: issued above and counted by below, explained case by case, compared and checked on the command line.

use std::path::Path;
use std::process::Output;

use futures::FutureExt as _;
use serde_json::Value;
use terrace_node::archive::issuing::IssuingRulesError;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::rules::{Duty, Length};
use terrace_tests::disk::at_once;
use terrace_tests::line::{Line, code};
use terrace_tests::offices::{self, binary};
use terrace_tests::world::World;

const MINUTE: i64 = 60_000;
const ROOT: &str = "000000000000";
const HENAN: &str = "41";
const KAIFENG: &str = "4102";
const ZHENGZHOU: &str = "4101";

/// A pilot in Kaifeng: handled in thirty days.
const PILOT: &str = "pack = \"KF-PILOT\"\nname = \"开封试点\"\nname_en = \"Kaifeng pilot\"\nscope = \"4102\"\nfrom = 2022-06-01\n\n[features]\none_slip = true\n\n[terms.handle]\ndays = 30\narticle = \"CUSTOM\"\nsure = \"P\"\n";

fn handle_days(world: &World, office: &str) -> (Length, bool) {
    let office = code(office);
    let archive = &world.offices[&office].running.as_ref().unwrap().archive;
    let day = jiff::civil::date(2026, 3, 2);
    let rules = archive.rules().in_force(office, day, archive.tree());
    (rules.term(Duty::Handle).unwrap().0.length(), rules.feature("one_slip"))
}

/// A4: the province pilots a pack in one city; its other city, which hears of it too, does not count by it.
#[test]
fn a_pilot_issued_by_the_province_binds_one_city_and_its_new_offices_too() {
    let divisions: Vec<DivisionCode> =
        [ROOT, HENAN, KAIFENG, ZHENGZHOU, "410221"].iter().map(|text| code(text)).collect();
    let mut world = World::new(1, &divisions);
    world.pass(MINUTE).unwrap();
    let taken = world.take("issue", |world| {
        let office = world.offices.get_mut(&code(HENAN)).unwrap();
        let archive = &mut office.running.as_mut().unwrap().archive;
        let issued = archive.issue_rules(Hand::default(), "kf.toml", PILOT);
        let (_, news) = issued.now_or_never().unwrap().unwrap();
        world.tell(code(HENAN), &news);
    });
    taken.unwrap();
    world.pass(MINUTE).unwrap();
    assert_eq!(handle_days(&world, KAIFENG), (Length::Days(30), true));
    assert_eq!(handle_days(&world, "410221"), (Length::Days(30), true));
    assert_eq!(handle_days(&world, ZHENGZHOU), (Length::Days(60), false));
    assert_eq!(handle_days(&world, HENAN), (Length::Days(60), false));
    let heard = |office: &str| {
        let archive = &world.offices[&code(office)].running.as_ref().unwrap().archive;
        at_once(archive.store().issued_rules()).unwrap().len()
    };
    assert_eq!((heard(KAIFENG), heard(ZHENGZHOU), heard("410221")), (1, 1, 1));
}

#[tokio::test]
async fn an_office_issues_for_itself_and_below_and_under_its_own_names() {
    let mut line = Line::new(&["00", "41", "4102"]).await;
    let city = &mut line.at("4102").archive;
    let above = PILOT.replace("\"4102\"", "\"41\"");
    let refused = city.issue_rules(Hand::default(), "x.toml", &above).await.unwrap_err();
    assert!(matches!(refused, IssuingRulesError::Scope { .. }), "{refused}");
    let taken = PILOT.replace("KF-PILOT", "CN-2022");
    let refused = city.issue_rules(Hand::default(), "x.toml", &taken).await.unwrap_err();
    assert!(matches!(refused, IssuingRulesError::Name { .. }), "{refused}");
    let broken = PILOT.replace("days = 30", "days = 0");
    let refused = city.issue_rules(Hand::default(), "x.toml", &broken).await.unwrap_err();
    assert!(refused.to_string().starts_with("x.toml:10: "), "{refused}");
    city.issue_rules(Hand::default(), "x.toml", PILOT).await.unwrap();
}

/// Editing a pack or a calendar never rewrites what was computed.
#[tokio::test]
async fn what_was_pinned_stays_and_both_days_are_shown() {
    use terrace_proto::entry::Content;
    use terrace_proto::wire;
    let mut line = Line::new(&["00", "41", "4102"]).await;
    line.clock.set("2026-03-02T01:00:00Z");
    let case = line.register("4102").await;
    line.to_unit(case, "4102").await;
    line.step(case, "4102", Content::Accepted(wire::Accepted::default())).await;
    let before = line.case("4102", case).await.clocks();
    let city = &mut line.at("4102").archive;
    city.issue_rules(Hand::default(), "kf.toml", PILOT).await.unwrap();
    let held = line.case("4102", case).await;
    assert_eq!(held.clocks(), before);
    let rules = line.at("4102").archive.rules().clone();
    let tree = terrace_proto::division::Tree::national();
    let told = terrace_node::view::rules::explain(&held, &rules, tree, line.clock_now());
    let handle = told["clocks"].as_array().unwrap().iter().find(|one| one["duty"] == "handle");
    let handle = &handle.unwrap()["settings"][0];
    assert_eq!(handle["due_on"], "2026-05-01");
    assert_eq!(handle["today_would_give"], "2026-04-01");
    assert_eq!(handle["as_reckoned"], true);
    assert_eq!(handle["pack"], "CN-2022");
}

fn run(program: &str, arguments: &[&str], data: Option<&Path>) -> Output {
    let mut command = std::process::Command::new(binary(program).unwrap());
    command.args(arguments);
    if let Some(data) = data {
        command.env("TERRACE_DATA", data);
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn packs_are_compared_and_checked_without_an_office() {
    let differences = run("terrace-node", &["rules", "diff", "CN-2005", "CN-2022"], None);
    assert!(said(&differences).contains("5个工作日"), "{}", said(&differences));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, PILOT).unwrap();
    let path = file.to_str().unwrap();
    assert!(said(&run("terrace-node", &["rules", "check", path], None)).contains("KF-PILOT"));
    std::fs::write(&file, PILOT.replace("CUSTOM", "NOBODY 1")).unwrap();
    let refused = run("terrace-node", &["rules", "check", path], None);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains("mine.toml:12: "), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_office_explains_a_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let offices = offices::line(folder.path(), &[]).await.unwrap();
    let data = folder.path().join("00");
    let data = data.as_path();
    let registered =
        run("terrace-hub", &["case", "register", "--title", "路灯", "--json"], Some(data));
    let registered: Value = serde_json::from_str(&said(&registered)).unwrap();
    let number = registered["number"].as_str().unwrap();
    assert_eq!(registered["code"].as_str().unwrap().len(), 19);
    let told = said(&run("terrace-hub", &["rules", "explain", number], Some(data)));
    assert!(told.contains("CN-2022") && told.contains("R2022 22") && told.contains("T1"), "{told}");
    let list = said(&run("terrace-hub", &["rules", "list"], Some(data)));
    assert!(list.contains("HN-2012") && list.contains("国信发〔2014〕4号"), "{list}");
    for office in offices {
        office.stop().await.unwrap();
    }
}
