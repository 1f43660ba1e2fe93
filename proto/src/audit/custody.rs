//! Custody in one case: entries by who did not hold the thread, and contests that nobody settled.

use super::finding::Finding;
use crate::case::{Aside, Case};
use crate::digest::Digest;
use crate::entry::EntryId;

/// What does not fit in the custody of a case.
#[must_use]
pub fn check_custody(case: &Case) -> Vec<Finding> {
    let entry = |leaf: &Digest| case.facts().get(leaf).map(|fact| fact.header().id());
    let irregular = case
        .aside()
        .iter()
        .filter(|(_, aside)| **aside == Aside::Irregular)
        .filter_map(|(leaf, _)| entry(leaf))
        .map(|entry| Finding::WithoutCustody { entry });
    let contests = case.threads().values().filter_map(|thread| thread.contest());
    let contested = contests.map(|contest| Finding::Contested {
        case: case.id(),
        entries: contest.entries.iter().filter_map(entry).collect::<Vec<EntryId>>(),
        settler: contest.settler,
    });
    irregular.chain(contested).collect()
}
