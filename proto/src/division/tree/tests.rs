//! What the national tree must say: the counts of the table, and every place that breaks the pattern.

use super::*;

/// The pseudo-prefectures of the table.
const PSEUDO_PREFECTURES: [&str; 9] =
    ["1101", "1201", "3101", "4190", "4290", "4690", "5001", "5002", "6590"];

#[test]
fn the_country_has_41_841_nodes() {
    assert_eq!(national().node_count(), 41_841);
    assert_eq!(national().iter().filter(|place| place.has_node()).count(), 41_841);
    assert_eq!(national().nodes_within(DivisionCode::HUB), 41_841);
    assert_eq!(national().iter().count(), 44_700);
}

#[test]
fn every_level_has_the_nodes_of_the_table() {
    let nodes = |level| count(|place| place.level == level && place.has_node());
    let levels = [Level::Hub, Level::Province, Level::Prefecture, Level::County, Level::Township];
    assert_eq!(levels.map(nodes), [1, 31, 333, 2_835, 38_641]);
    assert_eq!(count(|place| place.level == Level::Village), 0);
}

#[test]
fn every_kind_stands_as_often_as_in_the_table() {
    let kinds = [
        (Kind::Hub, 1),
        (Kind::Admin, 31 + 333 + 2_835),
        (Kind::Virtual, 9),
        (Kind::Zone, 128),
        (Kind::Corps, 12 + 95),
        (Kind::Street, 9_066),
        (Kind::Town, 21_377),
        (Kind::Township, 8_198),
        (Kind::Quasi, 2_615),
    ];
    for (kind, expected) in kinds {
        assert_eq!(count(|place| place.kind == kind), expected, "{kind:?}");
    }
}

#[test]
fn henan_has_17_cities_157_counties_and_2_467_townships() {
    let henan = code("41");
    let within =
        |level| count(|p| p.level == level && p.has_node() && national().is_within(p.code, henan));
    assert_eq!(within(Level::Prefecture), 17);
    assert_eq!(within(Level::County), 157);
    assert_eq!(within(Level::Township), 2_467);
    let of = |kind| count(|p| p.kind == kind && national().is_within(p.code, henan));
    assert_eq!(
        [Kind::Street, Kind::Town, Kind::Township, Kind::Zone].map(of),
        [696, 1_183, 588, 24]
    );
    assert_eq!(national().nodes_within(henan), 2_642);
    assert_eq!(national().children(henan).count(), 18);
}

#[test]
fn pseudo_prefectures_are_skipped() {
    let skipped = national().iter().filter(|place| place.kind == Kind::Virtual);
    assert!(skipped.map(|place| place.code.short()).eq(PSEUDO_PREFECTURES));
    for pseudo in PSEUDO_PREFECTURES.map(code) {
        assert_eq!(national().children(pseudo).count(), 0);
        let listed = |place: &&Division| place.listed_under() == Some(pseudo);
        for place in national().iter().filter(listed) {
            let superior = national().find(place.superior().unwrap()).unwrap();
            assert_eq!(superior.level, Level::Province);
            assert!(place.code.short().starts_with(&superior.code.short()));
        }
    }
    assert_eq!(superior("110101"), Some(code("11")));
}

#[test]
fn jiyuan_answers_to_henan() {
    assert_eq!(superior("419001"), Some(code("41")));
    assert_eq!(national().find(code("419001")).unwrap().listed_under(), Some(code("4190")));
    assert_eq!(national().path(code("419001")), [code("00"), code("41"), code("419001")]);
    assert_eq!(national().step_towards(code("41"), code("419001001")), Some(code("419001")));
}

#[test]
fn towns_of_cities_without_counties_answer_to_the_city() {
    for (city, town, name) in [
        ("4419", "441900003", "东莞市"),
        ("4420", "442000001", "中山市"),
        ("4604", "460400100", "儋州市"),
    ] {
        assert_eq!(national().find(code(city)).unwrap().name, name);
        assert_eq!(superior(town), Some(code(city)));
        assert!(national().children(code(city)).all(|place| place.level == Level::Township));
        assert!(national().children(code(city)).count() > 10);
    }
}

#[test]
fn jiayuguan_answers_through_its_county_of_the_same_name() {
    assert_eq!(superior("620201001"), Some(code("620201")));
    assert_eq!(superior("620201"), Some(code("6202")));
    assert!(national().node(code("620201")).is_ok());
    assert_eq!(national().find(code("620201")).unwrap().name, "嘉峪关市");
}

#[test]
fn zones_are_flagged_and_have_no_node() {
    for zone in national().iter().filter(|place| place.kind == Kind::Zone) {
        assert!(!zone.has_node());
        assert_eq!(zone.level, Level::County);
        let superior = national().find(zone.superior().unwrap()).unwrap();
        assert_eq!((superior.kind, superior.level), (Kind::Admin, Level::Prefecture));
        assert_eq!(national().children(zone.code).count(), 0);
        assert_eq!(national().nodes_within(zone.code), 0);
    }
}

#[test]
fn towns_under_a_zone_answer_to_the_city() {
    let listed_under_a_zone = |place: &&Division| {
        let listed = place.listed_under().map(|code| national().find(code).unwrap().kind);
        listed == Some(Kind::Zone) && place.has_node()
    };
    let towns = national().iter().filter(listed_under_a_zone).collect::<Vec<_>>();
    assert_eq!(towns.len(), 326);
    for town in towns {
        let zone = national().find(town.listed_under().unwrap()).unwrap();
        assert_eq!(town.superior(), zone.superior());
        assert!(national().children(zone.superior().unwrap()).any(|place| place == town));
        assert!(!national().is_within(town.code, zone.code));
    }
}

#[test]
fn towns_under_a_city_of_the_corps_answer_to_xinjiang() {
    let shihezi = national().find(code("659001")).unwrap();
    assert_eq!((shihezi.kind, shihezi.name), (Kind::Corps, "石河子市"));
    let towns = national().iter().filter(|place| place.listed_under() == Some(shihezi.code));
    let towns = towns.filter(|place| place.has_node()).collect::<Vec<_>>();
    assert!(!towns.is_empty());
    assert!(towns.iter().all(|town| town.superior() == Some(code("65"))));
}

#[test]
fn short_and_long_codes_find_the_same_place() {
    for (short, long) in [("41", "410000000000"), ("410105", "410105000000"), ("0", "000000000000")]
    {
        assert_eq!(national().find(code(short)), national().find(code(long)));
        assert!(national().find(code(short)).is_ok());
    }
}

#[test]
fn every_level_follows_from_the_code_and_fits_the_kind() {
    for place in national().iter() {
        assert_eq!(place.level, place.code.level());
        let fits = match place.kind {
            Kind::Hub => place.level == Level::Hub,
            Kind::Admin => (Level::Province..=Level::County).contains(&place.level),
            Kind::Virtual => place.level == Level::Prefecture,
            Kind::Zone => place.level == Level::County,
            Kind::Corps => (Level::County..=Level::Township).contains(&place.level),
            Kind::Street | Kind::Town | Kind::Township | Kind::Quasi => {
                place.level == Level::Township
            }
        };
        assert!(fits, "{place:?}");
    }
}

#[test]
fn every_path_starts_at_the_hub_and_ends_in_its_place() {
    for place in national().iter() {
        let path = national().path(place.code);
        assert_eq!(path.first(), Some(&DivisionCode::HUB));
        assert_eq!(path.last(), Some(&place.code));
        assert!(path.len() <= 5 && path.is_sorted());
        for pair in path.windows(2) {
            assert_eq!(national().superior(pair[1]), Some(pair[0]));
            assert!(national().node(pair[0]).is_ok());
        }
    }
}

#[test]
fn every_step_stands_on_the_path() {
    for place in national().iter().filter(|place| place.has_node()) {
        let path = national().path(place.code);
        for pair in path.windows(2) {
            assert_eq!(national().step_towards(pair[0], place.code), Some(pair[1]));
            assert_eq!(national().step_towards(place.code, pair[0]), None);
        }
        for above in &path {
            assert!(national().is_within(place.code, *above));
            assert_eq!(national().common_superior(place.code, *above), Some(*above));
            assert_eq!(national().common_superior(*above, place.code), Some(*above));
        }
        assert_eq!(national().step_towards(place.code, place.code), None);
    }
}

#[test]
fn every_node_but_the_hub_is_a_child_of_its_superior_alone() {
    let mut children = Vec::new();
    for place in national().iter() {
        let below = national().children(place.code).map(|child| child.code).collect::<Vec<_>>();
        assert!(below.is_sorted());
        assert!(below.iter().all(|child| national().superior(*child) == Some(place.code)));
        children.extend(below);
    }
    children.sort();
    let nodes = national().iter().filter(|place| place.has_node()).map(|place| place.code);
    assert!(children.into_iter().eq(nodes.skip(1)));
}

#[test]
fn neighbours_meet_at_their_lowest_common_superior() {
    for (a, b, meet) in [
        ("410105001", "410105002", "410105"),
        ("410105001", "410102", "4101"),
        ("4101", "419001", "41"),
        ("41", "44", "00"),
        ("00", "441900003", "00"),
        ("110101", "110102", "11"),
        // A zone counts as the city that answers for it.
        ("410171", "410171", "4101"),
        ("410171", "410105", "4101"),
    ] {
        assert_eq!(national().common_superior(code(a), code(b)), Some(code(meet)), "{a} {b}");
        assert_eq!(national().common_superior(code(b), code(a)), Some(code(meet)), "{b} {a}");
    }
}

#[test]
fn no_step_leads_to_a_place_without_a_node() {
    assert_eq!(national().step_towards(code("4101"), code("410171")), None);
    assert_eq!(national().step_towards(code("41"), code("410171")), Some(code("4101")));
    assert_eq!(national().step_towards(code("410171"), code("410171001")), None);
    assert_eq!(national().step_towards(code("41"), code("44")), None);
}

#[test]
fn the_hub_has_no_superior() {
    let hub = national().node(DivisionCode::HUB).unwrap();
    assert_eq!((hub.name, hub.kind, hub.superior()), ("全国", Kind::Hub, None));
    assert_eq!(national().superior(DivisionCode::HUB), None);
    assert_eq!(national().path(DivisionCode::HUB), [DivisionCode::HUB]);
    assert_eq!(national().children(DivisionCode::HUB).count(), 31);
}

#[test]
fn nothing_is_known_about_an_unknown_code() {
    for unknown in ["71", "81", "82", "419099", "410105001002"].map(code) {
        assert!(national().find(unknown).is_err());
        assert_eq!(national().superior(unknown), None);
        assert_eq!(national().path(unknown), []);
        assert_eq!(national().children(unknown).count(), 0);
        assert!(!national().is_within(unknown, DivisionCode::HUB));
        assert!(!national().is_within(unknown, unknown));
        assert!(!national().is_within(code("41"), unknown));
        assert_eq!(national().common_superior(unknown, code("41")), None);
        assert_eq!(national().common_superior(code("41"), unknown), None);
        assert_eq!(national().step_towards(DivisionCode::HUB, unknown), None);
        assert_eq!(national().step_towards(unknown, code("41")), None);
        assert_eq!(national().nodes_within(unknown), 0);
    }
}

#[test]
fn an_unknown_code_is_refused_with_the_nearest_known_node() {
    for (unknown, nearest, name) in [
        ("410105001002", "410105001", "经八路街道"),
        ("410105999", "410105", "金水区"),
        // What stands under a pseudo-prefecture or a zone is not to be found by listing that.
        ("419099", "41", "河南省"),
        ("410171999", "4101", "郑州市"),
        ("4199", "41", "河南省"),
        ("71", "00", "全国"),
    ] {
        let error = national().find(code(unknown)).unwrap_err();
        assert_eq!((error.nearest, error.nearest_name), (code(nearest), name));
        let advice = format!("choose from `divisions tree {nearest} --depth 1`");
        assert!(error.to_string().ends_with(&advice), "{error}");
        assert_eq!(national().node(code(unknown)), Err(DivisionError::Unknown(error)));
    }
}

#[test]
fn a_village_is_refused_as_a_village() {
    let village = national().find(code("410105001002")).unwrap_err().to_string();
    assert!(village.contains("villages are not in the table"), "{village}");
    let county = national().find(code("410199")).unwrap_err().to_string();
    assert!(county.contains("the table of 2023-06-30 has no such code"), "{county}");
}

#[test]
fn a_place_without_a_node_is_refused_with_the_node_that_answers_for_it() {
    for (without, kind, superior) in [
        ("4190", Kind::Virtual, "41"),
        ("410171", Kind::Zone, "4101"),
        ("659001", Kind::Corps, "65"),
        ("659001500", Kind::Corps, "65"),
        ("120116400", Kind::Quasi, "120116"),
    ] {
        let error = national().node(code(without)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&code(superior).to_string()) && text.contains(kind.zh()), "{text}");
        let DivisionError::WithoutNode { superior: answers, kind: refused, .. } = error else {
            panic!("{without} is known");
        };
        assert_eq!((answers, refused), (code(superior), kind));
    }
}

fn national() -> &'static Tree {
    Tree::national()
}

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

fn superior(text: &str) -> Option<DivisionCode> {
    national().superior(code(text))
}

fn count(holds: impl Fn(&Division) -> bool) -> usize {
    national().iter().filter(|place| holds(place)).count()
}
