//! Custody in one case: entries by who did not hold the thread, or in another's name, and contests that nobody settled.

use super::finding::Finding;
use crate::case::{Aside, Case};
use crate::digest::Digest;
use crate::entry::EntryId;

/// What does not fit in the custody of a case.
#[must_use]
pub fn check_custody(case: &Case) -> Vec<Finding> {
    let entry = |leaf: &Digest| case.facts().get(leaf).map(|fact| fact.header().id());
    let case_id = case.id();
    let found = case.aside().iter().filter_map(|(leaf, aside)| {
        let entry = entry(leaf)?;
        match aside {
            Aside::Irregular => Some(Finding::WithoutCustody { entry }),
            Aside::Unsigned => Some(Finding::Unsigned { case: case_id, entry }),
            Aside::Overstepping => Some(Finding::Overstepping { case: case_id, entry }),
            Aside::Waiting | Aside::Contesting | Aside::SetAside => None,
        }
    });
    let contests = case.threads().values().filter_map(|thread| thread.contest());
    let contested = contests.map(|contest| Finding::Contested {
        case: case_id,
        entries: contest.entries.iter().filter_map(entry).collect::<Vec<EntryId>>(),
        settler: contest.settler,
    });
    found.chain(contested).collect()
}
