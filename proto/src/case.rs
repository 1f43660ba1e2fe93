//! A case (信访事项): the fold of its entries.
//!
//! A [`Case`] keeps the facts of its entries as a set; everything else about it is derived from that set
//! by [`Case::derive`], so the order in which entries arrive can never matter. It holds the threads with
//! their custodian and state, the audience, and what could not be applied and why.
//!
//! A fold never contains today: whether something is overdue is asked by [`Case::at`].
//!
//! Invariants: 1. the same set of entries gives the same case, whatever their order; 2. a thread has at
//! most one custodian; 3. an entry by anyone else is kept, shown as irregular, and moves nothing; 4. only the
//! office that a case's id commits to can have opened it, whoever else learns the id.

mod beside;
pub mod checklist;
pub mod clock;
pub mod fact;
pub mod guard;
pub mod link;
pub mod number;
pub mod past;
pub mod petitioner;
pub mod proxy;
pub mod recusal;
pub mod sealed;
pub mod standing;
pub mod state;
pub mod step;
pub mod terms;
pub mod thread;
mod who;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use clock::Clock;
pub use fact::Fact;
pub use guard::Guard;
pub use link::{Link, Relation};
pub use number::CaseNumber;
pub use past::Past;
pub use standing::Standing;
pub use state::State;
pub use terms::Terms;
pub use thread::{Aside, Parked, Thread};

use crate::digest::{CaseId, Digest, ThreadId};
use crate::division::{DivisionCode, Tree};
use crate::entry::{Entry, Kind};

/// A case as this node can see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    id: CaseId,
    facts: BTreeMap<Digest, Fact>,
    threads: BTreeMap<ThreadId, Thread>,
    aside: BTreeMap<Digest, Aside>,
    audience: BTreeSet<DivisionCode>,
}

/// Whether an entry changed what is known of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is new here.
    New,
    /// It was here without its body.
    Filled,
    /// It was here already.
    Known,
}

impl CaseId {
    /// The id of the case that `opener` opens with `thread`, which is random. It commits to both: an opening
    /// by anyone else, or of another thread, is not one.
    #[must_use]
    pub fn of(opener: DivisionCode, thread: ThreadId) -> Self {
        let digest = Digest::of(&[b"terrace case\0", &opener.number().to_be_bytes(), &thread.0]);
        let (id, _) = digest.0.split_first_chunk::<16>().expect("a digest has 32 bytes");
        Self(*id)
    }
}

impl Case {
    /// A case of which nothing is known.
    #[must_use]
    pub fn new(id: CaseId) -> Self {
        Self {
            id,
            facts: BTreeMap::new(),
            threads: BTreeMap::new(),
            aside: BTreeMap::new(),
            audience: BTreeSet::new(),
        }
    }

    /// Reads the facts as [`Case::encode`] wrote them and derives the rest.
    pub fn read(id: CaseId, bytes: &[u8], tree: &Tree) -> Result<Self, fact::FactError> {
        let mut case = Self::new(id);
        case.facts = fact::read_all(bytes)?.into_iter().map(|fact| (fact.leaf(), fact)).collect();
        case.derive(tree);
        Ok(case)
    }

    /// The facts' bytes, all that needs to be kept of a case.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        fact::write_all(self.facts.values())
    }

    /// Takes an entry of this case. Call [`Case::derive`] when all at hand are taken.
    pub fn take(&mut self, entry: &Entry) -> Taken {
        debug_assert_eq!(entry.header().case, Some(self.id), "an entry goes to its own case");
        match self.facts.get_mut(&entry.leaf()) {
            Some(known) if known.has_body() || entry.body().is_none() => Taken::Known,
            Some(known) => {
                *known = Fact::of(entry);
                Taken::Filled
            }
            None => {
                self.facts.insert(entry.leaf(), Fact::of(entry));
                Taken::New
            }
        }
    }

    /// Derives threads, audience and what stands aside from the facts.
    pub fn derive(&mut self, tree: &Tree) {
        let folded = thread::fold(&self.facts, tree);
        self.audience = audience(&self.facts, &folded.by_holders);
        let overstepping = beside::overstepping(&self.facts, &self.audience, tree);
        self.threads = folded.threads;
        self.aside = folded.aside;
        self.aside.extend(overstepping.into_iter().map(|leaf| (leaf, Aside::Overstepping)));
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> CaseId {
        self.id
    }

    /// All facts, by leaf.
    #[must_use]
    pub fn facts(&self) -> &BTreeMap<Digest, Fact> {
        &self.facts
    }

    /// Its threads.
    #[must_use]
    pub fn threads(&self) -> &BTreeMap<ThreadId, Thread> {
        &self.threads
    }

    /// The thread that began the case.
    #[must_use]
    pub fn first(&self) -> Option<&Thread> {
        self.threads.values().find(|thread| thread.follows().is_none())
    }

    /// The thread that determines the state of the case: the one that began it, or what follows it; among several that
    /// follow one, that of the highest office.
    #[must_use]
    pub fn leading(&self) -> Option<&Thread> {
        let mut thread = self.first()?;
        while let Some(next) = self.successor(thread) {
            thread = next;
        }
        Some(thread)
    }

    /// The thread that follows another and leads in its place.
    #[must_use]
    pub fn successor(&self, of: &Thread) -> Option<&Thread> {
        let following = self
            .threads
            .values()
            .filter(|thread| thread.follows().is_some_and(|ground| of.steps().contains(&ground)));
        following.min_by_key(|thread| {
            let opening = thread.steps().first().and_then(|leaf| self.facts.get(leaf));
            (thread.opener().level(), opening.map(|fact| fact.header().id()))
        })
    }

    /// The entries that made the case what it is: of each thread on the way to the leading one, up to the entry that the
    /// next follows.
    #[must_use]
    pub fn course(&self) -> Vec<Digest> {
        let mut course = Vec::new();
        let mut at = self.first();
        while let Some(thread) = at {
            let next = self.successor(thread);
            let ground = next.and_then(Thread::follows);
            for leaf in thread.steps() {
                course.push(*leaf);
                if Some(*leaf) == ground {
                    break;
                }
            }
            at = next;
        }
        course
    }

    /// Entries that went on in a thread after another had taken its place: they are shown, and answered there.
    #[must_use]
    pub fn late(&self) -> BTreeSet<Digest> {
        let mut late = BTreeSet::new();
        for thread in self.threads.values() {
            let Some(ground) = self.successor(thread).and_then(Thread::follows) else { continue };
            let behind = thread.steps().iter().skip_while(|leaf| **leaf != ground).skip(1);
            late.extend(behind);
        }
        late
    }

    /// Entries that are not applied, and why.
    #[must_use]
    pub fn aside(&self) -> &BTreeMap<Digest, Aside> {
        &self.aside
    }

    /// The nodes entitled to its entries, without their superiors, who are entitled by law.
    #[must_use]
    pub fn audience(&self) -> &BTreeSet<DivisionCode> {
        &self.audience
    }

    /// The readable number, once the opening entry is here.
    #[must_use]
    pub fn number(&self) -> Option<&CaseNumber> {
        let opening = self.first()?.steps().first()?;
        self.facts.get(opening)?.number()
    }

    /// What it is called by: its readable number, or of a record of the past the one it had where it was kept.
    #[must_use]
    pub fn called(&self) -> Option<String> {
        let number = self.number().map(ToString::to_string);
        number.or_else(|| Some(self.former_number()?.to_owned()))
    }

    /// The number it had where it was kept before it was taken over; `None` for one that begins here.
    #[must_use]
    pub fn former_number(&self) -> Option<&str> {
        let named = self.facts.values().filter(|fact| !fact.former_number().is_empty());
        let first = named.min_by_key(|fact| (fact.header().recorded_at, fact.header().id()))?;
        Some(first.former_number())
    }

    /// The title of its first intake, cut to a line; empty while that is not here.
    #[must_use]
    pub fn title(&self) -> &str {
        let titled = self.facts.values().filter_map(|fact| Some((fact.header(), fact.title()?)));
        let first = titled.min_by_key(|(header, _)| (header.recorded_at, header.id()));
        first.map_or("", |(_, title)| title)
    }

    /// When its opening says it was recorded, or the earliest entry here before the opening is.
    #[must_use]
    pub fn opened_at(&self) -> Option<Timestamp> {
        let opening = self.first().and_then(|thread| thread.steps().first());
        let opening = opening.and_then(|leaf| self.facts.get(leaf));
        let hours = self.facts.values().map(|fact| fact.header().recorded_at);
        opening.map(|fact| fact.header().recorded_at).or_else(|| hours.min())
    }

    /// Whether any entry waits for one before it.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.aside.values().any(|aside| *aside == Aside::Waiting)
    }

    /// Why the case cannot be interpreted further, if so.
    #[must_use]
    pub fn parked(&self) -> Option<&Parked> {
        self.threads.values().find_map(Thread::parked)
    }

    /// Whether any thread is contested.
    #[must_use]
    pub fn is_contested(&self) -> bool {
        self.threads.values().any(|thread| thread.contest().is_some())
    }

    /// Side entries and steps in the order they say they were recorded; for people, never for judging.
    #[must_use]
    pub fn timeline(&self) -> Vec<&Fact> {
        let mut facts: Vec<&Fact> = self.facts.values().collect();
        facts.sort_by_key(|fact| (fact.header().recorded_at, fact.header().id()));
        facts
    }
}

/// Who is entitled: whoever opened the case, and whomever a holder gave it to, even if that entry is
/// contested or was overruled: who may have acted on it must hear so. It only ever grows. An intake entitles
/// nobody: anyone who has learnt the id could write one.
fn audience(
    facts: &BTreeMap<Digest, Fact>,
    by_holders: &BTreeSet<Digest>,
) -> BTreeSet<DivisionCode> {
    let mut nodes = BTreeSet::new();
    for leaf in by_holders {
        let Some(fact) = facts.get(leaf) else { continue };
        nodes.insert(fact.header().journal.author);
        nodes.extend(&fact.header().audience_added);
        nodes.extend(fact.header().custody_to.as_ref().map(|holder| holder.division));
    }
    // Co-owners, as whoever has held the case declared them.
    let crossings = facts.values().filter(|fact| fact.header().kind == Kind::CrossingDeclared);
    let declared = crossings.filter(|fact| nodes.contains(&fact.header().journal.author));
    let owners: Vec<DivisionCode> =
        declared.flat_map(|fact| fact.header().audience_added.clone()).collect();
    nodes.extend(owners);
    nodes
}
