//! Who is entitled to what, and which way it goes.
//!
//! A case's audience is every node that registered it or was given it; their superiors are entitled by law.
//! Journals climb whole, so a superior has its subtree's entries without asking; on the way down a node
//! passes to a direct subordinate what that one's subtree is entitled to and did not itself write.
//!
//! It never looks at what an entry says.

use std::collections::BTreeSet;

use crate::division::{DivisionCode, Tree};

/// Whether `node` may hold entries of a case with this audience: it is in it, or above a member.
#[must_use]
pub fn entitled(tree: &Tree, audience: &BTreeSet<DivisionCode>, node: DivisionCode) -> bool {
    audience.iter().any(|member| tree.is_within(*member, node))
}

/// The enrolled direct subordinate on the way down to `member`; `None` when `member` is not below one.
#[must_use]
pub fn towards(
    tree: &Tree,
    subordinates: &BTreeSet<DivisionCode>,
    member: DivisionCode,
) -> Option<DivisionCode> {
    let mut at = Some(member);
    while let Some(code) = at {
        if subordinates.contains(&code) {
            return Some(code);
        }
        at = tree.superior(code);
    }
    None
}

/// The direct subordinates through whom a case with this audience concerns someone below.
#[must_use]
pub fn downward(
    tree: &Tree,
    subordinates: &BTreeSet<DivisionCode>,
    audience: &BTreeSet<DivisionCode>,
) -> BTreeSet<DivisionCode> {
    audience.iter().filter_map(|member| towards(tree, subordinates, *member)).collect()
}

/// The office that a report (检举控告) taken in at `office` is sealed to: the lowest on the way from there to the root
/// that stands above the accused, so that neither the accused nor anyone below it can read the report (R2022 30, 46).
/// `None` where nobody stands above the accused.
#[must_use]
pub fn sealed_to(tree: &Tree, office: DivisionCode, accused: DivisionCode) -> Option<DivisionCode> {
    let upward = std::iter::successors(Some(office), |at| tree.superior(*at));
    let mut upward = upward.filter(|at| tree.is_within(accused, *at) && *at != accused);
    upward.next()
}

/// The office that a report taken in at `office` is sealed to when several are accused, or the accused leads several
/// places: the lowest on the way to the root that stands above all of them.
#[must_use]
pub fn sealed_past(
    tree: &Tree,
    office: DivisionCode,
    accused: &[DivisionCode],
) -> Option<DivisionCode> {
    let offices = accused.iter().map(|one| sealed_to(tree, office, *one));
    let offices: Option<Vec<DivisionCode>> = offices.collect();
    offices?.into_iter().min_by_key(|office| office.level())
}

/// The neighbour through whom something reaches `to` from `office`; `None` when it is there.
#[must_use]
pub fn next_hop(
    tree: &Tree,
    subordinates: &BTreeSet<DivisionCode>,
    (office, superior): (DivisionCode, Option<DivisionCode>),
    to: DivisionCode,
) -> Option<DivisionCode> {
    if to == office {
        return None;
    }
    if tree.is_within(to, office) { towards(tree, subordinates, to) } else { superior }
}

/// The sibling that signs the heads of `office`, one of a superior's direct subordinates: the next in the order of
/// codes, around a ring. `None` for an only one.
#[must_use]
pub fn witness_of(
    subordinates: &BTreeSet<DivisionCode>,
    office: DivisionCode,
) -> Option<DivisionCode> {
    let behind = subordinates.iter().copied().find(|one| *one > office);
    let next = behind.or_else(|| subordinates.first().copied());
    next.filter(|next| *next != office && subordinates.contains(&office))
}

/// Whether an entry of `author` must be passed to the subordinate `to`: those of its own subtree came
/// from there.
#[must_use]
pub fn passes_down(tree: &Tree, author: DivisionCode, to: DivisionCode) -> bool {
    !tree.is_within(author, to)
}
