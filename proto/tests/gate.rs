//! The gate against the fixtures of the procedure: who may be refused where, from which day, and on which ground.

use jiff::civil::{Date, date};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::rules::gate::{
    Exception, Grounds, LevelFinding, NotRefusable, Reason, VISIT, level, may_refuse,
};
use terrace_proto::rules::{RuleSet, Rules};

const TOWN: &str = "410221101";
const COUNTY: &str = "410221";

fn code(text: &str) -> DivisionCode {
    text.parse().expect("a division")
}

fn rules(office: &str, day: Date) -> RuleSet<'static> {
    Rules::built_in().in_force(code(office), day, Tree::national())
}

fn visit(office: &str, day: Date) -> LevelFinding {
    found(office, VISIT, day, None)
}

fn found(office: &str, channel: &str, day: Date, exception: Option<Exception>) -> LevelFinding {
    let set = rules(office, day);
    level(&set, Tree::national(), (code(office), code(TOWN)), channel, day, exception)
}

fn cross(enforced: bool) -> LevelFinding {
    LevelFinding::CrossLevel { guide_to: vec![code(TOWN), code(COUNTY)], enforced }
}

fn hub() -> String {
    DivisionCode::HUB.to_string()
}

/// A1.
#[test]
fn a_visit_to_the_province_is_guided_before_the_first_of_december_2014_and_refused_from_then() {
    assert_eq!(visit("41", date(2014, 11, 30)), cross(false));
    assert_eq!(visit("41", date(2014, 12, 1)), cross(true));
    assert_eq!(visit(&hub(), date(2014, 4, 30)), cross(false));
    assert_eq!(visit(&hub(), date(2014, 5, 1)), cross(true));
    for (day, refused) in [(date(2014, 11, 30), false), (date(2014, 12, 1), true)] {
        let result = may_refuse(
            &rules("41", day),
            Reason::Level,
            &Grounds::default(),
            &visit("41", day),
            day,
        );
        assert_eq!(result.is_ok(), refused, "{day}");
    }
}

/// A1, and one of the six likely bugs: the level is asked of visits alone.
#[test]
fn letters_and_online_petitions_are_never_refused_for_their_level() {
    let day = date(2026, 1, 5);
    for channel in ["LET", "WEB", "TEL", "SMS", "VID", "FAX", "EML", "APP", "WCH", "OTH"] {
        for office in ["41".to_owned(), hub()] {
            let finding = found(&office, channel, day, None);
            assert_eq!(finding, LevelFinding::NotAVisit, "{channel}");
            let set = rules(&office, day);
            let refused = may_refuse(&set, Reason::Level, &Grounds::default(), &finding, day);
            assert!(matches!(refused, Err(NotRefusable::LevelOpen(_))), "{channel}");
        }
    }
}

#[test]
fn own_level_the_next_one_and_exceptions_pass() {
    let day = date(2026, 1, 5);
    assert_eq!(visit(TOWN, day), LevelFinding::Own);
    assert_eq!(visit(COUNTY, day), LevelFinding::Next);
    assert_eq!(visit("4102", day), cross(true));
    let open = found("4102", VISIT, day, Some(Exception::OverdueBelow));
    assert_eq!(open, LevelFinding::Excepted(Exception::OverdueBelow));
    let refused = may_refuse(&rules("4102", day), Reason::Level, &Grounds::default(), &open, day);
    assert!(refused.is_err(), "overdue below opens the level above");
}

/// One of the six likely bugs: pending is no ground once the term below has passed.
#[test]
fn pending_below_is_a_ground_within_the_term_and_none_after_it() {
    let day = date(2026, 3, 10);
    let set = rules("4102", day);
    let pending = |until| Grounds { pending_until: Some(until), ..Grounds::default() };
    let judge =
        |until| may_refuse(&set, Reason::Pending, &pending(until), &LevelFinding::NotAVisit, day);
    assert!(judge(date(2026, 3, 10)).is_ok(), "the last day itself is within");
    assert_eq!(judge(date(2026, 3, 9)), Err(NotRefusable::OverdueBelow(date(2026, 3, 9))));
}

/// A2: every ground, with what it needs and without, under the pack that grants it.
#[test]
fn every_ground_is_granted_with_its_article_and_remedy_and_only_with_what_it_needs() {
    let day = date(2015, 1, 5);
    let set = rules("41", day);
    let all = Grounds {
        body: "人民法院".into(),
        representatives: 6,
        persons: 12,
        pending_until: Some(day),
        certificate: "豫终〔2014〕1号".into(),
        same_facts: true,
        served_on: Some(date(2014, 10, 1)),
        cause_refused: true,
        agreement: true,
        can_be_told: false,
    };
    for reason in Reason::all() {
        let (refusal, pack) = may_refuse(&set, reason, &all, &cross(true), day).unwrap();
        assert_eq!(refusal.code(), reason.code());
        assert!(!refusal.article().is_empty() && !refusal.remedy_zh.is_empty(), "{reason:?}");
        assert!(!refusal.zh.is_empty() && !refusal.en.is_empty());
        assert_eq!(pack.name(), "CN-2005");
        let nothing = Grounds { can_be_told: true, ..Grounds::default() };
        assert!(may_refuse(&set, reason, &nothing, &LevelFinding::Own, day).is_err(), "{reason:?}");
    }
}

#[test]
fn the_new_regulations_refuse_neither_for_the_court_nor_for_another_route() {
    let day = date(2022, 5, 1);
    let set = rules("41", day);
    let grounds = Grounds { body: "人民法院".into(), ..Grounds::default() };
    for reason in [Reason::Congress, Reason::Statutory] {
        let refused = may_refuse(&set, reason, &grounds, &LevelFinding::NotAVisit, day);
        assert_eq!(refused, Err(NotRefusable::NotGranted { code: reason.code() }));
    }
    let routes: Vec<&str> = set.routes().map(|route| route.code.as_str()).collect();
    assert_eq!(routes, ["S1", "S2", "S3", "S4", "S5", "S6"]);
}

#[test]
fn zhejiang_allows_three_representatives_up_to_ten_persons() {
    let day = date(2017, 1, 5);
    let allowed =
        |office: &str, persons| rules(office, day).representatives(persons).map(|row| row.at_most);
    assert_eq!(allowed("33", 10), Some(3));
    assert_eq!(allowed("33", 11), Some(5));
    assert_eq!(allowed("41", 10), Some(5));
}

/// A4: a pilot is a pack of its own for one subtree.
#[test]
fn a_pilot_binds_its_subtree_and_nobody_else() {
    let mut rules = Rules::built_in().clone();
    let pilot = "pack = \"KF-PILOT\"\nname = \"开封试点\"\nname_en = \"Kaifeng pilot\"\nscope = \"4102\"\nfrom = 2014-09-01\nextends = \"CN-2005\"\n\n[features]\none_slip = true\n\n[level_gate]\narticle = \"LEVEL2014 4\"\nsure = \"S\"\nenforced = [{ scope = \"4102\", from = 2014-09-01, article = \"LEVEL2014 4\", sure = \"S\" }]\n";
    rules.issue("kf-pilot.toml", pilot).unwrap();
    let day = date(2014, 9, 1);
    let tree = Tree::national();
    let at = |office: &str| {
        let set = rules.in_force(code(office), day, tree);
        (set.feature("one_slip"), set.is_level_enforced(code(office), day, tree))
    };
    assert_eq!(at("4102"), (true, true));
    assert_eq!(at("410221"), (true, true));
    assert_eq!(at("4101"), (false, false));
    assert_eq!(at("4103"), (false, false));
}
