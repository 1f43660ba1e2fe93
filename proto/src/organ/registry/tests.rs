//! What the registry says, and that it says it in whatever order entries come.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::organ::{Category, LAST_REVISION, sift};

const DAY: Date = date(2026, 3, 2);

fn place(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

fn code(division: &str, serial: u16) -> OrganCode {
    OrganCode::of(place(division), serial).unwrap()
}

fn organ(division: &str, serial: u16, name: &str) -> Organ {
    Organ {
        code: code(division, serial),
        category: Category::Department,
        name: name.into(),
        superior: None,
        valid_from: date(2015, 3, 1),
        valid_to: None,
        successor: None,
        revision: 0,
    }
}

fn entry(leaf: u8, office: &str, content: Content) -> Listed {
    let (office, leaf) = (place(office), Digest([leaf; 32]));
    Listed { leaf, office, case: None, recorded_on: DAY, content }
}

fn proposed(leaf: u8, office: &str, organs: &[Organ]) -> Listed {
    let organs = organs.iter().map(Organ::to_wire).collect();
    entry(leaf, office, Content::OrganProposed(wire::OrganProposed { organs }))
}

fn registered(leaf: u8, office: &str, (proposal, by): (u8, &str), organs: &[Organ]) -> Listed {
    let said = wire::OrganRegistered {
        proposal: vec![proposal; 32],
        proposer: place(by).number(),
        organs: organs.iter().map(Organ::to_wire).collect(),
    };
    entry(leaf, office, Content::OrganRegistered(said))
}

fn of(entries: &[Listed]) -> Registry {
    Registry::of(entries, Tree::national())
}

fn whys(registry: &Registry) -> Vec<Refusal> {
    registry.irregular().into_iter().map(|one| one.why).collect()
}

#[test]
fn a_registered_organ_resolves_to_its_node_and_a_proposed_one_does_not() {
    let bureau = organ("410221", 5, "民政局");
    let proposal = proposed(1, "410221", std::slice::from_ref(&bureau));
    let open = of(std::slice::from_ref(&proposal));
    assert_eq!(open.standing(bureau.code, DAY), Err(Unresolved::Unknown(bureau.code)));
    assert_eq!(open.open().len(), 1);
    let entries = [proposal, registered(2, "41", (1, "410221"), std::slice::from_ref(&bureau))];
    let registry = of(&entries);
    let resolved = registry.resolve(bureau.code, DAY, Tree::national());
    assert_eq!(resolved, Ok(place("410221")));
    assert_eq!(registry.of_division(place("410221"), DAY).collect::<Vec<_>>(), [&bureau]);
    assert_eq!((registry.open().len(), registry.irregular().len()), (0, 0));
    assert_eq!(registry.registered_by(Digest([1; 32])), Some(place("41")));
}

#[test]
fn an_organ_of_a_zone_resolves_to_the_node_that_answers_for_it() {
    let tree = Tree::national();
    let zone = tree.iter().find(|one| one.kind == crate::division::Kind::Zone).unwrap();
    let one = organ(&zone.code.to_string(), 1, "管委会");
    let registry = of(&[registered(
        2,
        "00",
        (1, &zone.superior().unwrap().short()),
        std::slice::from_ref(&one),
    )]);
    assert_eq!(registry.resolve(one.code, DAY, tree).ok(), zone.superior());
}

#[test]
fn only_an_office_above_the_proposer_registers_and_the_root_its_own() {
    let bureau = [organ("410221", 5, "民政局")];
    for office in ["410221", "410222", "410221101", "11"] {
        let registry = of(&[registered(2, office, (1, "410221"), &bureau)]);
        assert_eq!(registry.latest(bureau[0].code), None, "{office}");
        assert!(matches!(whys(&registry)[..], [Refusal::NotAbove { .. }]), "{office}");
    }
    for office in ["4102", "41", "00"] {
        let registry = of(&[registered(2, office, (1, "410221"), &bureau)]);
        assert!(registry.latest(bureau[0].code).is_some(), "{office}");
    }
    let own = of(&[registered(2, "00", (1, "00"), &[organ("00", 1, "国家信访局")])]);
    assert!(own.standing(code("00", 1), DAY).is_ok());
}

#[test]
fn what_is_forged_for_another_branch_counts_nothing_even_if_it_is_registered() {
    let foreign = [organ("410222", 5, "民政局"), organ("410221", 6, "水利局")];
    let registry =
        of(&[proposed(1, "410221", &foreign), registered(2, "4102", (1, "410221"), &foreign)]);
    assert_eq!(registry.latest(foreign[0].code), None);
    assert!(registry.standing(foreign[1].code, DAY).is_ok());
    let proposer = place("410221");
    let why = Refusal::NotBelow { code: foreign[0].code, proposer };
    assert_eq!(whys(&registry), [why.clone(), why]);
}

#[test]
fn what_does_not_hold_together_is_refused_and_the_rest_of_the_entry_counts() {
    let good = organ("410221", 1, "信访局");
    let mut unknown = organ("410221", 2, "甲");
    unknown.code = code("419999", 2);
    let mut crossed = organ("410221", 3, "乙");
    crossed.superior = Some(code("4103", 1));
    let mut backward = organ("410221", 4, "丙");
    backward.valid_to = Some(date(2014, 1, 1));
    let mut open = organ("410221", 5, "丁");
    open.successor = Some(code("410221", 1));
    let mut late = organ("410221", 6, "戊");
    late.revision = LAST_REVISION + 1;
    let nameless = organ("410221", 7, " ");
    let mut own = organ("410221", 8, "己");
    own.superior = Some(own.code);
    let all = [good.clone(), unknown, crossed, backward, open, late, nameless, own];
    let registry = of(&[registered(2, "00", (1, "00"), &all)]);
    assert_eq!(registry.codes().collect::<Vec<_>>(), [good.code]);
    assert!(matches!(
        whys(&registry)[..],
        [
            Refusal::Division(_),
            Refusal::OutOfLine { .. },
            Refusal::Days { .. },
            Refusal::SuccessorOfOpen { .. },
            Refusal::LastRevision { .. },
            Refusal::Name { .. },
            Refusal::Cycle { .. }
        ]
    ));
    let many = vec![good; ENTRY_ORGANS + 1];
    let registry = of(&[registered(2, "00", (1, "00"), &many)]);
    assert_eq!(registry.codes().count(), 0);
}

#[test]
fn a_closed_organ_has_its_successor_from_the_day_after_and_not_before() {
    let mut old = organ("410221", 5, "卫生局");
    let mut new = organ("410221", 6, "卫生健康委员会");
    new.valid_from = date(2019, 1, 1);
    let first = registered(2, "41", (1, "410221"), &[old.clone(), new.clone()]);
    (old.valid_to, old.successor, old.revision) = (Some(date(2018, 12, 31)), Some(new.code), 1);
    let registry = of(&[first, registered(4, "41", (3, "410221"), std::slice::from_ref(&old))]);
    let acting = |day| registry.acting(old.code, day).map(|organ| organ.code);
    assert_eq!(acting(date(2018, 12, 31)), Some(old.code));
    assert_eq!(acting(date(2019, 1, 1)), Some(new.code));
    assert_eq!(acting(date(2015, 2, 28)), None);
    let closed = registry.standing(old.code, DAY);
    let (code, until) = (old.code, date(2018, 12, 31));
    assert_eq!(closed, Err(Unresolved::Closed { code, until, successor: Some(new.code) }));
    let (code, from) = (new.code, new.valid_from);
    let early = registry.standing(new.code, date(2018, 6, 1));
    assert_eq!(early, Err(Unresolved::NotYet { code, from }));
}

#[test]
fn a_change_holds_from_its_day_and_what_was_before_stays_true() {
    let before = organ("410221", 5, "卫生局");
    let mut after = before.clone();
    (after.name, after.valid_from, after.revision) = ("卫生健康委员会".into(), date(2019, 1, 1), 1);
    let registry = of(&[
        registered(4, "41", (3, "410221"), std::slice::from_ref(&after)),
        registered(2, "41", (1, "410221"), std::slice::from_ref(&before)),
    ]);
    assert_eq!(registry.standing(before.code, date(2018, 12, 31)), Ok(&before));
    assert_eq!(registry.standing(before.code, DAY), Ok(&after));
}

#[test]
fn superiors_that_lead_back_count_for_nobody_in_the_circle() {
    let [mut one, mut other, mut below] = [5, 6, 7].map(|serial| organ("410221", serial, "某局"));
    (one.superior, other.superior) = (Some(other.code), Some(one.code));
    below.superior = Some(one.code);
    let registry = of(&[registered(2, "41", (1, "410221"), &[one.clone(), other, below.clone()])]);
    assert_eq!(registry.superior(one.code, DAY), Err(Unresolved::Cycle(one.code)));
    assert_eq!(registry.superior(below.code, DAY), Ok(Some(&one)));
}

#[test]
fn a_superior_that_was_closed_is_its_successor() {
    let (mut above, next) = (organ("4102", 2, "甲"), organ("4102", 3, "乙"));
    (above.valid_to, above.successor) = (Some(date(2020, 1, 1)), Some(next.code));
    let mut below = organ("410221", 5, "丙");
    below.superior = Some(above.code);
    let registry = of(&[
        registered(2, "41", (1, "4102"), &[above.clone(), next.clone()]),
        registered(4, "41", (3, "410221"), std::slice::from_ref(&below)),
    ]);
    assert_eq!(registry.superior(below.code, date(2019, 1, 1)), Ok(Some(&above)));
    assert_eq!(registry.superior(below.code, DAY), Ok(Some(&next)));
}

#[test]
fn of_two_with_one_code_the_higher_offices_counts_and_the_other_is_shown() {
    let (by_city, by_root) = (organ("410221", 5, "甲"), organ("410221", 5, "乙"));
    let entries = [
        registered(2, "4102", (1, "410221"), std::slice::from_ref(&by_city)),
        registered(4, "00", (3, "410221"), std::slice::from_ref(&by_root)),
    ];
    let registry = of(&entries);
    assert_eq!(registry.standing(by_city.code, DAY), Ok(&by_root));
    let name = "乙".to_owned();
    assert_eq!(whys(&registry), [Refusal::Taken { code: by_city.code, name, next: 1 }]);
}

#[test]
fn a_registration_that_belies_its_proposal_is_shown_where_both_are_held() {
    let (said, told) = (organ("410221", 5, "甲"), organ("410221", 5, "乙"));
    let entries = [
        registered(2, "41", (1, "410221"), std::slice::from_ref(&told)),
        proposed(1, "410221", std::slice::from_ref(&said)),
    ];
    assert_eq!(whys(&of(&entries)), [Refusal::NotAsProposed(Digest([1; 32]))]);
    assert_eq!(whys(&of(&entries[..1])), []);
}

#[test]
fn a_proposal_is_declined_from_above_and_stays_open_for_those_higher() {
    let bureau = organ("410221", 5, "民政局");
    let declined = |office| {
        let (proposal, proposer) = (vec![1; 32], place("410221").number());
        let said = wire::OrganDeclined { proposal, proposer, reason: "重名".into() };
        entry(3, office, Content::OrganDeclined(said))
    };
    let proposal = proposed(1, "410221", std::slice::from_ref(&bureau));
    let registry = of(&[declined("4102"), proposal.clone()]);
    let said: Vec<&str> =
        registry.declined(Digest([1; 32])).map(|one| one.reason.as_str()).collect();
    assert_eq!((said, registry.open().len()), (vec!["重名"], 1));
    let by_a_neighbour = of(&[declined("410222"), proposal]);
    assert_eq!(by_a_neighbour.declined(Digest([1; 32])).count(), 0);
}

#[test]
fn the_free_code_is_the_lowest_that_nothing_uses() {
    let registry = of(&[
        registered(2, "41", (1, "410221"), &[organ("410221", 1, "甲"), organ("410221", 3, "乙")]),
        proposed(3, "410221", &[organ("410221", 2, "丙")]),
    ]);
    assert_eq!(registry.free(place("410221")), Some(code("410221", 4)));
    assert_eq!(registry.free(place("410222")), Some(code("410222", 1)));
}

#[test]
fn the_desk_refuses_what_the_registry_could_only_show() {
    let [mut one, mut other, mut third] = [5, 6, 7].map(|serial| organ("410221", serial, "某局"));
    (one.superior, other.superior) = (Some(other.code), Some(one.code));
    third.superior = Some(code("4102", 9));
    let county = (place("410221"), None);
    let refused = |registry: &Registry, batch: &[Organ]| {
        sift(registry, Tree::national(), county, batch).refused
    };
    let none = Registry::default();
    let found = refused(&none, &[one.clone(), other.clone(), third]);
    assert!(matches!(
        found[..],
        [(0, Refusal::Cycle { .. }), (1, Refusal::Cycle { .. }), (2, Refusal::UnknownSuperior(_))]
    ));
    let taken = organ("410221", 5, "甲");
    let registry = of(&[registered(2, "41", (1, "410221"), std::slice::from_ref(&taken))]);
    let mut second = taken.clone();
    second.name = "乙".into();
    assert!(matches!(
        refused(&registry, std::slice::from_ref(&second))[..],
        [(0, Refusal::Taken { .. })]
    ));
    second.revision = 2;
    assert!(matches!(
        refused(&registry, std::slice::from_ref(&second))[..],
        [(0, Refusal::Revision { expected: 1, given: 2, .. })]
    ));
    second.revision = 1;
    assert_eq!(sift(&registry, Tree::national(), county, &[second, taken]).known, [1]);
    let mut late = organ("410221", 8, "丙");
    late.valid_from = date(2020, 1, 2);
    let mut closed = organ("410221", 9, "丁");
    (closed.valid_to, closed.successor) = (Some(date(2019, 12, 31)), Some(late.code));
    let found = refused(&none, &[late.clone(), closed.clone()]);
    assert!(matches!(found[..], [(1, Refusal::SuccessorBeforeItsTime { .. })]), "{found:?}");
    late.valid_from = date(2020, 1, 1);
    assert_eq!(refused(&none, &[late, closed]), []);
}

/// Who writes, for whom, a serial, a revision, a proposal, a sort of entry, a year.
type Drawn = (&'static str, &'static str, u16, u32, u8, u8, i16);

/// Entries of several offices, some of which contradict one another or say what is not theirs to say.
fn some() -> impl Strategy<Value = Vec<Listed>> {
    let offices = prop::sample::select(vec!["00", "41", "4102", "410221", "410222", "4103"]);
    let one = (offices.clone(), offices, 1..4_u16, 0..3_u32, 1..6_u8, 0..3_u8, 2015..2025_i16);
    let entries = prop::collection::vec(one, 1..12);
    entries.prop_map(|rows| {
        let rows = (10..).zip(rows);
        let entry = |(leaf, row): (u8, Drawn)| {
            let (office, by, serial, revision, proposal, sort, year) = row;
            let mut one = organ(by, serial, &format!("机构{leaf}"));
            (one.revision, one.valid_from) = (revision, date(year, 1, 1));
            match sort {
                0 => proposed(proposal, by, &[one]),
                1 => registered(leaf, office, (proposal, by), &[one]),
                _ => {
                    let (proposal, proposer) = (vec![proposal; 32], place(by).number());
                    let reason = format!("理由{leaf}");
                    let said = wire::OrganDeclined { proposal, proposer, reason };
                    entry(leaf, office, Content::OrganDeclined(said))
                }
            }
        };
        let mut entries: Vec<Listed> = rows.map(entry).collect();
        // One leaf is one entry.
        let mut seen = BTreeSet::new();
        entries.retain(|one| seen.insert(one.leaf));
        entries
    })
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(entries in some(), shuffle in any::<prop::sample::Index>()) {
        let straight = of(&entries);
        let mut turned = entries.clone();
        turned.rotate_left(shuffle.index(entries.len()));
        turned.reverse();
        // And some come twice.
        turned.extend(entries.iter().take(3).cloned());
        let other = of(&turned);
        prop_assert_eq!(&straight, &other);
        prop_assert_eq!(straight.irregular(), other.irregular());
        for code in straight.codes() {
            prop_assert_eq!(straight.standing(code, DAY), other.standing(code, DAY));
        }
    }
}
