//! A thread: the chain of entries that advance one stage of a case, folded.
//!
//! From the opening, the fold follows the one entry that the current holder wrote after the tip. Two such
//! entries contest: neither applies until a common superior of their writers settles it. Entries of anyone
//! but the holder, and openings that the case's id does not commit to, are irregular and move nothing. Custody follows
//! headers alone; the state follows the table of steps, and where the table or this version cannot follow, the thread is
//! parked while custody goes on.
//!
//! A thread may follow another one: a review, a redo, an acting thread. Its opening names, first among what it
//! considers, the entry of the former thread that it follows, and is lawful if its author stands at or above whoever
//! held that thread after that entry, and is not that holder itself (but for ordering a redo, which whoever reviewed
//! does). It has no say over what came before that entry.
//!
//! It never looks at a clock, and never at the order in which entries arrived.

mod aside;
mod parked;

use std::collections::{BTreeMap, BTreeSet};

use aside::set_aside;
pub use parked::Parked;
use parked::unreadable;

use super::fact::Fact;
use super::petitioner::unsigned;
use super::state::State;
use super::step::{self, Custody};
use crate::digest::{CaseId, Digest, ThreadId};
use crate::division::{DivisionCode, Tree};
use crate::entry::{Header, Holder, Kind};

/// A folded thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    id: ThreadId,
    stage: u32,
    opener: DivisionCode,
    holder: Holder,
    state: State,
    steps: Vec<Digest>,
    course: Vec<(State, Holder)>,
    follows: Option<Digest>,
    contest: Option<Contest>,
    parked: Option<Parked>,
}

/// Entries after the same predecessor, none of which applies yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contest {
    /// The entries, by leaf.
    pub entries: Vec<Digest>,
    /// The lowest common superior of their writers, who settles it.
    pub settler: DivisionCode,
}

/// Why an entry is not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// Its predecessor is not here yet.
    Waiting,
    /// Written by a node that did not hold the thread, or opened what was not its to open.
    Irregular,
    /// One of several after the same predecessor.
    Contesting,
    /// Said beside the thread by an office whose it is not to say.
    Overstepping,
    /// Said in the petitioner's name without the petitioner's signature.
    Unsigned,
    /// Overruled by a settlement, or after an entry that is not applied.
    SetAside,
}

impl Thread {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> ThreadId {
        self.id
    }

    /// 1 handle (办理), 2 review (复查), 3 re-examine (复核).
    #[must_use]
    pub fn stage(&self) -> u32 {
        self.stage
    }

    /// The division that opened it.
    #[must_use]
    pub fn opener(&self) -> DivisionCode {
        self.opener
    }

    /// The custodian: the only one who may advance it now.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Its state, as far as it could be interpreted.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// The applied entries in order; empty only while two openings contest.
    #[must_use]
    pub fn steps(&self) -> &[Digest] {
        &self.steps
    }

    /// The state and the holder after each applied entry.
    #[must_use]
    pub fn course(&self) -> &[(State, Holder)] {
        &self.course
    }

    /// The entry of a former thread that it follows; `None` for the thread that began the case.
    #[must_use]
    pub fn follows(&self) -> Option<Digest> {
        self.follows
    }

    /// How it stood after one of its entries.
    #[must_use]
    pub fn after(&self, leaf: Digest) -> Option<&(State, Holder)> {
        let index = self.steps.iter().position(|step| *step == leaf)?;
        self.course.get(index)
    }

    /// The last applied entry: the predecessor of the next. `None` only while two openings contest.
    #[must_use]
    pub fn tip(&self) -> Option<Digest> {
        self.steps.last().copied()
    }

    /// Whether nobody may advance it until it is settled.
    #[must_use]
    pub fn contest(&self) -> Option<&Contest> {
        self.contest.as_ref()
    }

    /// Why it cannot be interpreted further.
    #[must_use]
    pub fn parked(&self) -> Option<&Parked> {
        self.parked.as_ref()
    }

    fn opened_by(fact: &Fact, stage: u32, id: ThreadId, begins: &Begins<'_>) -> Option<Self> {
        let header = fact.header();
        let holder = header.custody_to.clone()?;
        let former = begins.former(header);
        let opening = former.and_then(|(state, _)| step::opening(*state, header.kind));
        let begun = step::beginning(header.kind).filter(|_| former.is_none());
        let mut parked = unreadable(header);
        let lawful = match former {
            None => begun.is_some(),
            Some(_) => opening.is_some_and(|opening| opening.stage == stage),
        };
        if parked.is_none() && !lawful {
            let from = former.map_or(State::Registered, |(state, _)| *state);
            parked = Some(Parked::Unlawful { kind: header.kind, from });
        }
        let state = opening.map(|opening| opening.to).or(begun).unwrap_or(State::Registered);
        Some(Self {
            id,
            stage,
            opener: header.journal.author,
            holder: holder.clone(),
            state,
            steps: vec![fact.leaf()],
            course: vec![(state, holder)],
            follows: former.and(header.considered.first().copied()),
            contest: None,
            parked,
        })
    }

    /// An office that runs twice opened it twice: nothing applies until one of the openings does.
    fn opened_twice(opener: DivisionCode, stage: u32, id: ThreadId, contest: Contest) -> Self {
        Self {
            id,
            stage,
            opener,
            holder: Holder::office(opener),
            state: State::Registered,
            steps: Vec::new(),
            course: Vec::new(),
            follows: None,
            contest: Some(contest),
            parked: None,
        }
    }

    /// Moves the tip to `fact`, written by the holder.
    fn advance(&mut self, fact: &Fact) {
        let header = fact.header();
        let before = self.holder.clone();
        if let Some(holder) = &header.custody_to {
            self.holder = holder.clone();
        }
        self.steps.push(fact.leaf());
        if self.parked.is_none() {
            self.parked = unreadable(header);
        }
        if self.parked.is_none() {
            let handed = before != self.holder;
            match step::step(self.state, header.kind) {
                Some(step) if handed == (step.custody == Custody::Handed) => self.state = step.to,
                Some(_) | None => {
                    self.parked = Some(Parked::Unlawful { kind: header.kind, from: self.state });
                }
            }
        }
        self.course.push((self.state, self.holder.clone()));
    }
}

/// The threads of a case and what stands aside.
#[derive(Debug, Default)]
pub(super) struct Folded {
    pub(super) threads: BTreeMap<ThreadId, Thread>,
    pub(super) aside: BTreeMap<Digest, Aside>,
    /// Entries written by who held the thread before them, also those that contest or were overruled.
    pub(super) by_holders: BTreeSet<Digest>,
}

/// The entries of one thread, by predecessor.
type Children<'a> = BTreeMap<Option<Digest>, Vec<&'a Fact>>;

/// Folds all threads of a set of facts: the one the case's id commits to, and then those that follow threads folded
/// already, until no more can be opened.
pub(super) fn fold(facts: &BTreeMap<Digest, Fact>, tree: &Tree) -> Folded {
    let mut by_thread: BTreeMap<ThreadId, Children<'_>> = BTreeMap::new();
    let mut settlements = Vec::new();
    for fact in facts.values() {
        let header = fact.header();
        if header.settles.is_some() {
            settlements.push(fact);
        } else if let Some(place) = &header.place {
            let children = by_thread.entry(place.thread).or_default();
            children.entry(place.predecessor).or_default().push(fact);
        }
    }
    let mut folded = Folded::default();
    let unsigned = unsigned(facts);
    loop {
        let known = folded.threads.len();
        for (id, children) in &by_thread {
            if folded.threads.contains_key(id) {
                continue;
            }
            let begins = Begins { threads: &folded.threads, unsigned: &unsigned, tree };
            let walk = Walk { children, settlements: &settlements, tree, begins };
            if let Some(thread) = walk.run(*id) {
                folded.threads.insert(*id, thread);
            }
        }
        if folded.threads.len() == known {
            break;
        }
    }
    for (id, children) in &by_thread {
        let begins = Begins { threads: &folded.threads, unsigned: &unsigned, tree };
        let mut aside = BTreeMap::new();
        set_aside(folded.threads.get(id), children, facts, &begins, &mut aside);
        folded.aside.extend(aside);
    }
    folded.aside.extend(unsigned.into_iter().map(|leaf| (leaf, Aside::Unsigned)));
    folded.by_holders = by_holders(&by_thread, tree);
    folded
}

/// What may begin a thread.
struct Begins<'a> {
    threads: &'a BTreeMap<ThreadId, Thread>,
    unsigned: &'a BTreeSet<Digest>,
    tree: &'a Tree,
}

impl Begins<'_> {
    /// Whether a header opens a thread: the case's id says that its author does, and with this thread; or it follows
    /// an entry of another thread whose holder its author stands at or above.
    fn opens(&self, header: &Header) -> bool {
        opens(header) || self.former(header).is_some()
    }

    /// How the former thread stood after the entry that a lawful opening follows.
    fn former(&self, header: &Header) -> Option<&(State, Holder)> {
        let place = header.place.as_ref().filter(|place| place.predecessor.is_none())?;
        let ground = header.considered.first()?;
        let others = self.threads.values().filter(|thread| thread.id != place.thread);
        let stood = others.filter_map(|thread| thread.after(*ground)).next()?;
        may_follow(header, &stood.1, self.tree).then_some(stood)
    }
}

struct Walk<'a> {
    children: &'a Children<'a>,
    settlements: &'a [&'a Fact],
    tree: &'a Tree,
    begins: Begins<'a>,
}

/// What follows a tip.
enum Next<'a> {
    Nothing,
    One(&'a Fact),
    Contested(Contest),
}

impl Walk<'_> {
    fn run(&self, id: ThreadId) -> Option<Thread> {
        let openings = self.children.get(&None).map(Vec::as_slice).unwrap_or_default();
        let opens = |header: &Header| self.begins.opens(header);
        let first = openings.iter().map(|fact| fact.header()).find(|header| opens(header))?;
        let stage = first.place.as_ref().map_or(0, |place| place.stage);
        let mut thread = match self.next(None, |fact| opens(fact.header())) {
            Next::Nothing => return None,
            Next::One(opening) => Thread::opened_by(opening, stage, id, &self.begins)?,
            Next::Contested(contest) => {
                let opener = first.journal.author;
                return Some(Thread::opened_twice(opener, stage, id, contest));
            }
        };
        loop {
            let holder = thread.holder.clone();
            match self.next(thread.tip(), |fact| holds(fact.header(), &holder)) {
                Next::Nothing => return Some(thread),
                Next::One(fact) => thread.advance(fact),
                Next::Contested(contest) => {
                    thread.contest = Some(contest);
                    return Some(thread);
                }
            }
        }
    }

    fn next(&self, after: Option<Digest>, candidate: impl Fn(&Fact) -> bool) -> Next<'_> {
        let children = self.children.get(&after).map(Vec::as_slice).unwrap_or_default();
        let signed = |fact: &&Fact| !self.begins.unsigned.contains(&fact.leaf());
        let candidates: Vec<&Fact> =
            children.iter().copied().filter(signed).filter(|fact| candidate(fact)).collect();
        match candidates.as_slice() {
            [] => Next::Nothing,
            [one] => Next::One(one),
            several => self.settled(several).map_or_else(
                || {
                    let writers = several.iter().map(|fact| fact.header().journal.author);
                    Next::Contested(Contest {
                        entries: several.iter().map(|fact| fact.leaf()).collect(),
                        settler: settler(writers, self.tree),
                    })
                },
                Next::One,
            ),
        }
    }

    /// The candidate that a common superior chose: the highest superior's word, its earliest.
    fn settled<'a>(&self, candidates: &[&'a Fact]) -> Option<&'a Fact> {
        let writers: BTreeSet<DivisionCode> =
            candidates.iter().map(|fact| fact.header().journal.author).collect();
        let above_all = |judge: DivisionCode| {
            writers.iter().all(|writer| {
                self.tree.is_within(*writer, judge)
                    && (*writer != judge || judge == DivisionCode::HUB)
            })
        };
        let chosen = self
            .settlements
            .iter()
            .filter(|fact| above_all(fact.header().journal.author))
            .filter(|fact| candidates.iter().any(|c| Some(c.leaf()) == fact.header().settles))
            .min_by_key(|fact| {
                let header = fact.header();
                (header.journal.author.level(), header.id())
            })?;
        candidates.iter().copied().find(|c| Some(c.leaf()) == chosen.header().settles)
    }
}

/// The lowest common superior of all writers; a single writer's own superior.
fn settler(writers: impl Iterator<Item = DivisionCode>, tree: &Tree) -> DivisionCode {
    let distinct: BTreeSet<DivisionCode> = writers.collect();
    let lowest = distinct
        .iter()
        .copied()
        .reduce(|a, b| tree.common_superior(a, b).unwrap_or(DivisionCode::HUB))
        .unwrap_or(DivisionCode::HUB);
    if distinct.contains(&lowest) {
        tree.superior(lowest).unwrap_or(DivisionCode::HUB)
    } else {
        lowest
    }
}

/// Whether a header opens a thread: the case's id says that its author does, and with this thread.
fn opens(header: &Header) -> bool {
    let author = header.journal.author;
    let committed = header.place.as_ref().map(|place| CaseId::of(author, place.thread));
    committed.is_some()
        && committed == header.case
        && header.custody_to.as_ref().is_some_and(|holder| holder.division == author)
}

/// Whether a header, which stands alone, begins a case that this version can read.
pub(super) fn opens_here(header: &Header) -> bool {
    let first = header.place.as_ref().is_some_and(|place| place.predecessor.is_none());
    first && opens(header) && unreadable(header).is_none()
}

/// Whether a header was written by `holder`, of whom it says that it holds the thread.
fn holds(header: &Header, holder: &Holder) -> bool {
    header.journal.author == holder.division
        && header.custody_from.as_ref() == Some(holder)
        && header.custody_to.is_some()
}

/// Every entry that follows, branch by branch and thread by thread, what made its author the holder; also branches that
/// contest or were overruled, so that it only ever grows.
fn by_holders(by_thread: &BTreeMap<ThreadId, Children<'_>>, tree: &Tree) -> BTreeSet<Digest> {
    let mut held: BTreeMap<Digest, Holder> = BTreeMap::new();
    loop {
        let before = held.len();
        for children in by_thread.values() {
            let followers = |after| children.get(&after).map(Vec::as_slice).unwrap_or_default();
            let openings = followers(None).iter().copied();
            let mut found: Vec<&Fact> = openings
                .filter(|fact| {
                    let header = fact.header();
                    let ground = header.considered.first().and_then(|ground| held.get(ground));
                    opens(header) || ground.is_some_and(|former| may_follow(header, former, tree))
                })
                .collect();
            while let Some(fact) = found.pop() {
                let Some(holder) = fact.header().custody_to.clone() else { continue };
                let next = followers(Some(fact.leaf())).iter().copied();
                found.extend(next.filter(|next| holds(next.header(), &holder)));
                held.insert(fact.leaf(), holder);
            }
        }
        if held.len() == before {
            return held.into_keys().collect();
        }
    }
}

/// Whether a header may open a thread behind one that `former` held: its author stands at or above that holder and is
/// another, but for ordering a redo.
fn may_follow(header: &Header, former: &Holder, tree: &Tree) -> bool {
    let author = header.journal.author;
    header.custody_to.as_ref().is_some_and(|opener| {
        opener.division == author
            && tree.is_within(former.division, author)
            && (former != opener || header.kind == Kind::RedoOrdered)
    })
}
