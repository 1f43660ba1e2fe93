//! [`Tree`]: every known place, and who stands above whom.
//!
//! The places lie in one list in the order of their codes, the hub first. Beside each stands the
//! position of its superior, the nearest place above it that has a node; it is worked out once, when
//! the table is read, from the parents the table gives. A search halves the list; everything else
//! climbs superiors, at most four steps. Since a superior always lies before its subordinates, the
//! lowest common superior of two places is found by climbing from whichever lies later.
//!
//! A place without a node has a superior but no subordinates: what the table lists under it answers
//! to its superior instead. Questions about a code that is not in the table are answered with
//! "no", never with a guess; only the text of [`UnknownDivision`] looks at digits, to be of help.
//!
//! Invariants: those of [`division`](super), and
//! 1. Every place with a node is a child of exactly one place, but the hub, which is a child of none.
//! 2. [`Tree::path`], [`Tree::is_within`] and [`Tree::step_towards`] tell the same story.

use std::fmt;
use std::iter;
use std::sync::LazyLock;

use super::code::DivisionCode;
use super::error::{DivisionError, UnknownDivision};
use super::level::{Kind, Level};
use super::outline::{self, Row};

/// The position of the root.
const HUB: usize = 0;
/// What a code is rounded down to, from the township up, when the nearest known place is sought.
const UNITS: [u64; 4] = [1_000, 1_000_000, 100_000_000, 10_000_000_000];

static NATIONAL: LazyLock<Tree> = LazyLock::new(|| {
    let rows = outline::parse(outline::NATIONAL);
    Tree::from_rows(&rows.expect("the outline is part of the program and its tests read all of it"))
});

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Its code.
    pub code: DivisionCode,
    /// Its official name, in Chinese.
    pub name: &'static str,
    /// Its rung, which follows from the code.
    pub level: Level,
    /// What sort of place it is.
    pub kind: Kind,
    /// The nearest place above that has a node; none for the hub.
    superior: Option<DivisionCode>,
    /// The place the table lists it under, node or not; none for the hub.
    listed_under: Option<DivisionCode>,
}

/// All known places.
pub struct Tree {
    /// In their order, close together: they are looked for more than anything else.
    codes: Vec<DivisionCode>,
    /// In the order of the codes.
    places: Vec<Division>,
    /// For each place, the position of its superior; the hub's is its own.
    superiors: Vec<usize>,
    /// The positions of all places but the hub, by superior and then by code.
    by_superior: Vec<usize>,
    /// For each place, how many nodes stand at it and below it.
    nodes: Vec<usize>,
}

impl Division {
    /// Whether this place has a node. The hub has one.
    #[must_use]
    pub const fn has_node(&self) -> bool {
        self.kind.has_node()
    }

    /// The nearest place above that has a node; none for the hub.
    #[must_use]
    pub const fn superior(&self) -> Option<DivisionCode> {
        self.superior
    }

    /// The place the table lists this one under. It differs from the superior where that place has
    /// no node, as for Jiyuan, listed under a pseudo-prefecture of Henan. None for the hub.
    #[must_use]
    pub const fn listed_under(&self) -> Option<DivisionCode> {
        self.listed_under
    }
}

impl Tree {
    /// The date of the codes in [`Tree::national`].
    pub const EDITION: &'static str = "2023-06-30";

    /// The tree of the whole country, read at the first call.
    #[must_use]
    pub fn national() -> &'static Self {
        &NATIONAL
    }

    /// The place with this code, node or not.
    ///
    /// # Errors
    ///
    /// [`UnknownDivision`] when no place has the code; it names the nearest node that is known.
    pub fn find(&self, code: DivisionCode) -> Result<&Division, UnknownDivision> {
        self.locate(code).map(|position| &self.places[position])
    }

    /// The place with this code, provided it has a node.
    ///
    /// # Errors
    ///
    /// [`DivisionError::Unknown`] as [`Tree::find`]; [`DivisionError::WithoutNode`] when the place is
    /// of a kind without a node, with the node that answers for it.
    pub fn node(&self, code: DivisionCode) -> Result<&Division, DivisionError> {
        let position = self.locate(code)?;
        let place = &self.places[position];
        if place.has_node() {
            return Ok(place);
        }
        let superior = &self.places[self.superiors[position]];
        Err(DivisionError::WithoutNode {
            code,
            name: place.name,
            kind: place.kind,
            superior: superior.code,
            superior_name: superior.name,
        })
    }

    /// The nearest place above that has a node. None for the hub and for an unknown code.
    #[must_use]
    pub fn superior(&self, code: DivisionCode) -> Option<DivisionCode> {
        self.find(code).ok()?.superior
    }

    /// The places with a node whose superior is this one, in the order of their codes.
    pub fn children(&self, code: DivisionCode) -> impl Iterator<Item = &Division> {
        self.answering_to(code).filter(|place| place.has_node())
    }

    /// All places whose superior is this one, also those without a node, in the order of their codes.
    pub fn answering_to(&self, code: DivisionCode) -> impl Iterator<Item = &Division> {
        let below = self.position(code).map(|position| {
            let start = self.by_superior.partition_point(|&low| self.superiors[low] < position);
            let end = self.by_superior.partition_point(|&low| self.superiors[low] <= position);
            &self.by_superior[start..end]
        });
        below.into_iter().flatten().map(|&low| &self.places[low])
    }

    /// The superiors of a place from the hub down, then the place itself. Empty if it is unknown.
    #[must_use]
    pub fn path(&self, code: DivisionCode) -> Vec<DivisionCode> {
        let mut path = self.climb(code).map(|place| place.code).collect::<Vec<_>>();
        path.reverse();
        path
    }

    /// Whether `ancestor` is this place or one of its superiors. Never so for an unknown code, nor
    /// below a place without a node, because nobody is subordinate to it.
    #[must_use]
    pub fn is_within(&self, code: DivisionCode, ancestor: DivisionCode) -> bool {
        self.climb(code).any(|place| place.code == ancestor)
    }

    /// The lowest node that is `a` or `b` or above both; the node itself when both are the same. For
    /// a place without a node its superior counts. None if either is unknown.
    #[must_use]
    pub fn common_superior(&self, a: DivisionCode, b: DivisionCode) -> Option<DivisionCode> {
        let (mut a, mut b) = (self.responsible(a)?, self.responsible(b)?);
        while a != b {
            // Whichever lies later is not above the other, because superiors lie before.
            if a > b {
                a = self.superiors[a];
            } else {
                b = self.superiors[b];
            }
        }
        Some(self.places[a].code)
    }

    /// The direct subordinate of `from` on the way down to `to`. For a `to` without a node the way
    /// leads to its superior. None when that is not strictly below `from`, or either is unknown.
    #[must_use]
    pub fn step_towards(&self, from: DivisionCode, to: DivisionCode) -> Option<DivisionCode> {
        let to = self.places[self.responsible(to)?].code;
        let step = self.climb(to).find(|place| place.superior == Some(from))?;
        Some(step.code)
    }

    /// How many places have a node, the hub included.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes[HUB]
    }

    /// How many nodes stand at this place and below it; 0 without a node or for an unknown code.
    #[must_use]
    pub fn nodes_within(&self, code: DivisionCode) -> usize {
        self.position(code).map_or(0, |position| self.nodes[position])
    }

    /// Every place, node or not, in the order of the codes, the hub first.
    pub fn iter(&self) -> impl Iterator<Item = &Division> {
        self.places.iter()
    }

    fn from_rows(rows: &[Row]) -> Self {
        let superiors = superiors(rows);
        let code_of = |position: usize| rows[position].code;
        let place = |(position, row): (usize, &Row)| Division {
            code: row.code,
            name: row.name,
            level: row.code.level(),
            kind: row.kind,
            superior: (position != HUB).then(|| code_of(superiors[position])),
            listed_under: (position != HUB).then(|| code_of(row.parent)),
        };
        let places = rows.iter().enumerate().map(place).collect::<Vec<_>>();
        let mut nodes = places.iter().map(|p| usize::from(p.has_node())).collect::<Vec<_>>();
        for position in (HUB + 1..rows.len()).rev() {
            nodes[superiors[position]] += nodes[position];
        }
        let mut by_superior = (HUB + 1..rows.len()).collect::<Vec<_>>();
        by_superior.sort_by_key(|&position| superiors[position]);
        let codes = rows.iter().map(|row| row.code).collect();
        Self { codes, places, superiors, by_superior, nodes }
    }

    fn locate(&self, code: DivisionCode) -> Result<usize, UnknownDivision> {
        self.position(code).ok_or_else(|| {
            let nearest = self.nearest(code);
            UnknownDivision { code, nearest: nearest.code, nearest_name: nearest.name }
        })
    }

    fn position(&self, code: DivisionCode) -> Option<usize> {
        self.codes.binary_search(&code).ok()
    }

    /// The position of the place if it has a node, otherwise of its superior.
    fn responsible(&self, code: DivisionCode) -> Option<usize> {
        let position = self.position(code)?;
        let has_node = self.places[position].has_node();
        Some(if has_node { position } else { self.superiors[position] })
    }

    /// The place, its superior, and so on up to the hub. Nothing if the code is unknown.
    fn climb(&self, code: DivisionCode) -> impl Iterator<Item = &Division> {
        let above = |&position: &usize| (position != HUB).then(|| self.superiors[position]);
        iter::successors(self.position(code), above).map(|position| &self.places[position])
    }

    /// The lowest node among the places that the digits of an unknown code could stand under.
    fn nearest(&self, code: DivisionCode) -> &Division {
        let rounded = UNITS.iter().map(|unit| code.number() - code.number() % unit);
        let mut known = rounded.filter_map(|number| DivisionCode::from_number(number).ok());
        let node = known.find_map(|code| self.responsible(code));
        &self.places[node.unwrap_or(HUB)]
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (places, nodes) = (self.places.len(), self.node_count());
        f.debug_struct("Tree")
            .field("places", &places)
            .field("nodes", &nodes)
            .finish_non_exhaustive()
    }
}

/// For each row, the position of the nearest row above it that has a node; the hub's is its own.
fn superiors(rows: &[Row]) -> Vec<usize> {
    let mut superiors = Vec::<usize>::with_capacity(rows.len());
    for (position, row) in rows.iter().enumerate() {
        assert!(row.parent < position || position == HUB, "a row comes after its parent");
        let parent = row.parent;
        superiors.push(if rows[parent].kind.has_node() { parent } else { superiors[parent] });
    }
    superiors
}

#[cfg(test)]
mod tests;
