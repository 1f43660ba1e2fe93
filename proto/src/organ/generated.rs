//! Organs that are generated for a province or the country, in the counts of domain C4: for tests, load and exercises.
//!
//! Each prefecture city has the organs of `proto/data/organs/generated.csv` at that level, each county those at its own,
//! each township its government. Which places there are, and what they are called, the tree says; nothing is counted by
//! hand. They are like real organs in form alone: no list of the organs that exist was found.
//!
//! A generated government answers to the government above, a petition office to the petition office above, everything
//! else to its own government. Above the prefecture level there are those two alone ([`seats`]), which the root registers.

use jiff::civil::{Date, date};

use super::{Category, Organ, OrganCode};
use crate::division::{Division, DivisionCode, Kind, Level, Tree};

const ENDINGS: &str = include_str!("../../data/organs/generated.csv");

/// The day from which generated organs are there: that of the codes' edition of the source (March 2015).
pub const FROM: Date = date(2015, 3, 1);
/// The serial of a petition office.
pub const PETITION_OFFICE: u16 = 1;
/// The serial of a government.
pub const GOVERNMENT: u16 = 2;

/// One line of the file: a level, a category, and how the name ends.
fn endings(level: Level) -> impl Iterator<Item = (Category, &'static str)> {
    let lines = ENDINGS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(move |line| {
        let mut parts = line.splitn(3, ',');
        let (at, category, ending) = (parts.next()?, parts.next()?, parts.next()?);
        (at == level.en()).then_some((Category::named(category)?, ending))
    })
}

/// The organs of all places of a province below it, in the order of their codes; of the country where the root is named.
pub fn below(province: DivisionCode, tree: &Tree) -> impl Iterator<Item = Organ> {
    let places = tree.iter().filter(move |place| {
        place.has_node() && place.code != province && tree.is_within(place.code, province)
    });
    places.flat_map(move |place| of_place(place, tree))
}

/// The petition office and the government of the root and of every province: what generated organs answer to above.
pub fn seats(tree: &Tree) -> impl Iterator<Item = Organ> {
    let high = |place: &&Division| place.has_node() && place.level <= Level::Province;
    tree.iter().filter(high).flat_map(move |place| {
        let names = match place.level {
            Level::Hub => ["国家信访局".to_owned(), "国务院办公厅".to_owned()],
            Level::Province
            | Level::Prefecture
            | Level::County
            | Level::Township
            | Level::Village => ["信访局", "人民政府办公厅"].map(|ending| named(place, ending)),
        };
        let [office, government] = names;
        [
            organ(place, (PETITION_OFFICE, Category::PetitionOffice), office, tree),
            organ(place, (GOVERNMENT, Category::Government), government, tree),
        ]
        .into_iter()
        .flatten()
    })
}

fn of_place(place: &Division, tree: &Tree) -> Vec<Organ> {
    match place.level {
        Level::Prefecture | Level::County => {
            let serials = (1_u16..).zip(endings(place.level));
            let organs = serials.filter_map(|(serial, (category, ending))| {
                organ(place, (serial, category), named(place, ending), tree)
            });
            organs.collect()
        }
        Level::Township => {
            let ending = if place.kind == Kind::Street { "办事处" } else { "人民政府" };
            let sort = (PETITION_OFFICE, Category::TownshipGovernment);
            organ(place, sort, named(place, ending), tree).into_iter().collect()
        }
        Level::Hub | Level::Province | Level::Village => Vec::new(),
    }
}

fn named(place: &Division, ending: &str) -> String {
    format!("{}{ending}", place.name)
}

fn organ(
    place: &Division,
    (serial, category): (u16, Category),
    name: String,
    tree: &Tree,
) -> Option<Organ> {
    Some(Organ {
        code: OrganCode::of(place.code, serial)?,
        category,
        name,
        superior: superior(place, (serial, category), tree),
        valid_from: FROM,
        valid_to: None,
        successor: None,
        revision: 0,
    })
}

/// The organ that a generated one answers to.
fn superior(
    place: &Division,
    (serial, category): (u16, Category),
    tree: &Tree,
) -> Option<OrganCode> {
    let above = |serial| OrganCode::of(tree.superior(place.code)?, serial);
    match (serial, category) {
        (PETITION_OFFICE, Category::PetitionOffice) => above(PETITION_OFFICE),
        (GOVERNMENT, _) | (_, Category::TownshipGovernment) => above(GOVERNMENT),
        _ => OrganCode::of(place.code, GOVERNMENT),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::organ::{Refusal, Registry, sift};

    #[test]
    fn henan_has_as_many_as_the_source_counts() {
        let tree = Tree::national();
        let henan = "41".parse().unwrap();
        let organs: Vec<Organ> = below(henan, tree).collect();
        let of = |level: Level, each: usize| {
            let places = tree.iter().filter(|place| {
                place.level == level && place.has_node() && tree.is_within(place.code, henan)
            });
            places.count() * each
        };
        assert_eq!(of(Level::Prefecture, 48), 17 * 48);
        assert_eq!(of(Level::County, 30), 157 * 30);
        assert_eq!(of(Level::Township, 1), 2_467);
        assert_eq!(organs.len(), 7_993);
        let codes: BTreeSet<OrganCode> = organs.iter().map(|organ| organ.code).collect();
        assert_eq!(codes.len(), organs.len());
    }

    #[test]
    fn every_one_has_a_superior_and_holds_together() {
        let tree = Tree::national();
        let henan = "41".parse().unwrap();
        let above: BTreeSet<OrganCode> =
            seats(tree).chain(below(henan, tree)).map(|organ| organ.code).collect();
        for organ in below(henan, tree) {
            organ.is_sound(tree).unwrap();
            let superior = organ.superior.expect("a generated organ has a superior");
            assert!(above.contains(&superior), "{} {superior}", organ.code);
        }
    }

    #[test]
    fn generated_organs_pass_the_law_of_the_desk_once_their_superiors_do() {
        let (tree, registry) = (Tree::national(), Registry::default());
        let city: Vec<Organ> =
            below("41".parse().unwrap(), tree).filter(|o| o.division().short() == "4102").collect();
        let henan = ("41".parse().unwrap(), None);
        let alone = sift(&registry, tree, henan, &city);
        // Nothing above is known: the two heads fall, and all others lean on the government.
        assert_eq!((alone.kept.len(), alone.refused.len()), (0, 48));
        assert!(matches!(alone.refused[0].1, Refusal::UnknownSuperior(_)));
        let mut whole: Vec<Organ> = seats(tree).filter(|o| o.division().short() == "41").collect();
        whole[0].superior = None;
        whole[1].superior = None;
        whole.extend(city);
        assert_eq!(sift(&registry, tree, henan, &whole).kept.len(), 50);
    }
}
