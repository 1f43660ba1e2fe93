//! Why an entry of a thread is not applied: it waits, it is irregular, it contests, or it was overruled.

use std::collections::{BTreeMap, BTreeSet};

use super::{Aside, Begins, Children, Thread, holds};
use crate::case::Fact;
use crate::digest::Digest;
use crate::entry::Header;

/// Says of every entry of a thread that is not applied why it is not.
pub(super) fn set_aside(
    thread: Option<&Thread>,
    children: &Children<'_>,
    facts: &BTreeMap<Digest, Fact>,
    begins: &Begins<'_>,
    aside: &mut BTreeMap<Digest, Aside>,
) {
    let applied: BTreeSet<Digest> = thread.iter().flat_map(|t| t.steps.iter().copied()).collect();
    let contesting =
        thread.and_then(Thread::contest).map(|c| c.entries.as_slice()).unwrap_or_default();
    for (predecessor, followers) in children {
        for fact in followers.iter().filter(|fact| !applied.contains(&fact.leaf())) {
            let why = match predecessor {
                Some(before) if !facts.contains_key(before) => Aside::Waiting,
                Some(before) if !applied.contains(before) => Aside::SetAside,
                _ if contesting.contains(&fact.leaf()) => Aside::Contesting,
                None if awaits(fact.header(), facts) => Aside::Waiting,
                _ => not_followed(fact, *predecessor, facts, begins),
            };
            aside.insert(fact.leaf(), why);
        }
    }
}

/// An opening, or an entry right after an applied one, itself not applied: overruled if it was its author's to
/// write.
fn not_followed(
    fact: &Fact,
    predecessor: Option<Digest>,
    facts: &BTreeMap<Digest, Fact>,
    begins: &Begins<'_>,
) -> Aside {
    let lawful = match predecessor {
        None => begins.opens(fact.header()),
        Some(before) => {
            let holder = facts.get(&before).and_then(|fact| fact.header().custody_to.as_ref());
            holder.is_some_and(|holder| holds(fact.header(), holder))
        }
    };
    if lawful { Aside::SetAside } else { Aside::Irregular }
}

/// Whether an opening follows an entry that is not here.
fn awaits(header: &Header, facts: &BTreeMap<Digest, Fact>) -> bool {
    header.considered.first().is_some_and(|ground| !facts.contains_key(ground))
}
