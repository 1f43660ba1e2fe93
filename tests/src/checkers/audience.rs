//! Who is entitled to a case, worked out from headers alone: whoever opened it, as its id says, whoever was ever given
//! it by one who held it, and whoever opened a thread behind one of an office it stands above.

use std::collections::{BTreeMap, BTreeSet};

use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Entry, Header, Holder, Kind};

/// One case.
#[derive(Debug, Default)]
struct Members {
    members: BTreeSet<DivisionCode>,
    /// Who holds the thread after an entry that its holder wrote.
    holders: BTreeMap<Digest, Holder>,
    /// Entries whose predecessor was not seen yet.
    waiting: Vec<Entry>,
}

/// The audiences of all cases.
#[derive(Debug, Default)]
pub(super) struct Audience(BTreeMap<CaseId, Members>);

impl Audience {
    /// Takes an entry as its author made it.
    pub(super) fn take(&mut self, entry: &Entry) {
        let Some(case) = entry.header().case else { return };
        let members = self.0.entry(case).or_default();
        members.waiting.push(entry.clone());
        members.follow();
    }

    /// Whether an office may hold entries of a case.
    pub(super) fn entitles(&self, case: CaseId, office: DivisionCode) -> bool {
        let tree = Tree::national();
        self.0
            .get(&case)
            .is_some_and(|known| known.members.iter().any(|member| tree.is_within(*member, office)))
    }

    /// All cases.
    pub(super) fn cases(&self) -> impl Iterator<Item = CaseId> {
        self.0.keys().copied()
    }
}

impl Members {
    fn follow(&mut self) {
        loop {
            let before = self.waiting.len();
            let waiting = std::mem::take(&mut self.waiting);
            self.waiting = waiting.into_iter().filter(|entry| !self.apply(entry)).collect();
            if self.waiting.len() == before {
                return;
            }
        }
    }

    /// Whether an entry's standing is clear.
    fn apply(&mut self, entry: &Entry) -> bool {
        let header = entry.header();
        let (Some(place), Some(to)) = (&header.place, &header.custody_to) else { return true };
        let author = header.journal.author;
        let lawful = match place.predecessor {
            None if header.case == Some(CaseId::of(author, place.thread)) => to.division == author,
            None => match header.considered.first() {
                None => false,
                Some(ground) => match self.holders.get(ground) {
                    None => return false,
                    Some(held) => follows(header, to, held),
                },
            },
            Some(before) => match self.holders.get(&before) {
                None => return false,
                Some(holder) => {
                    holder.division == author && header.custody_from.as_ref() == Some(holder)
                }
            },
        };
        if lawful {
            self.holders.insert(entry.leaf(), to.clone());
            self.members.extend([author, to.division]);
            self.members.extend(&header.audience_added);
        }
        true
    }
}

/// Whether a thread is opened behind an entry after which `held` held it: from above or in the same house, and not by
/// that holder itself, but for a redo.
fn follows(header: &Header, to: &Holder, held: &Holder) -> bool {
    let author = header.journal.author;
    to.division == author
        && Tree::national().is_within(held.division, author)
        && (to != held || header.kind == Kind::RedoOrdered)
}
