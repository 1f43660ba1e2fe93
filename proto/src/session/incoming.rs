//! The receiving half: checks the order and the proof of what comes, has it stored, and says so after.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use super::outgoing::size;
use super::{Delivery, Effect, LookedUp, Passed, Session, Side, WINDOW_BYTES, WINDOW_ENTRIES};
use crate::admission::admission;
use crate::digest::{Digest, Epoch};
use crate::division::{DivisionCode, Tree};
use crate::entry::{self, JournalId, leaf_of};
use crate::journal::checkpoint::{Checkpoint, Cosigned};
use crate::journal::{Frontier, Held, JournalError, ParcelItem, verify_parcel, verify_run};
use crate::ledger::{Head, LedgerId, Span};
use crate::objection::{Ground, Objection};
use crate::wire::{self, RefusalReason, frame::Say};

#[derive(Debug)]
pub(super) struct Incoming {
    /// Head with everything taken so far, also what is not yet durable.
    head: Option<Head>,
    /// How far each journal is held, with everything taken so far.
    held: BTreeMap<JournalId, Held>,
    /// Passages that wait for a look-up, in order.
    queue: VecDeque<wire::Passage>,
    looking_up: bool,
    /// Taken and not yet durable.
    storing: VecDeque<Taken>,
    /// Ledger numbers the peer may ask about, of what was taken in this conversation and is durable.
    durable: Option<Head>,
    /// Head of the peer's own journal as it was held when the conversation began.
    peer_held: Option<Checkpoint>,
    /// The same, until it is cosigned.
    uncosigned: Option<Checkpoint>,
}

/// Why something is not taken.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is told to the peer.
    Plainly(RefusalReason, String),
    /// It is told to the peer and put on record.
    Objected(Objection),
}

impl From<(RefusalReason, String)> for Refused {
    fn from((reason, detail): (RefusalReason, String)) -> Self {
        Self::Plainly(reason, detail)
    }
}

impl From<JournalError> for Refused {
    fn from(error: JournalError) -> Self {
        let detail = error.to_string();
        Self::Plainly(
            match error {
                JournalError::Fork { journal, size } => {
                    return Self::Objected(Objection {
                        ground: Ground::Forked,
                        about: journal,
                        place: size,
                        shown: Vec::new(),
                        held: Vec::new(),
                        since: None,
                    });
                }
                JournalError::Gap { .. } => RefusalReason::Gap,
                JournalError::Proof(_) | JournalError::Signature(_) => RefusalReason::Proof,
                JournalError::Entry { .. } | JournalError::Place { .. } => RefusalReason::Form,
            },
            detail,
        )
    }
}

#[derive(Debug)]
struct Taken {
    head: Head,
    /// Entries and bytes, as credit counts them.
    size: (u32, u32),
    /// The peer's own checkpoint, where the passage brought a newer one.
    own: Option<Checkpoint>,
}

impl Incoming {
    pub(super) fn new(head: Option<Head>, peer_held: Option<Checkpoint>) -> Self {
        Self {
            head,
            held: BTreeMap::new(),
            queue: VecDeque::new(),
            looking_up: false,
            storing: VecDeque::new(),
            durable: head,
            peer_held,
            uncosigned: peer_held,
        }
    }

    pub(super) fn peer_held(&self) -> Option<&Checkpoint> {
        self.peer_held.as_ref()
    }

    pub(super) fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// Whether the peer has twice as much under way as it was let: the two ends round a little differently, and
    /// a single entry may be larger than what is left.
    fn is_flooded(&self) -> bool {
        let waiting =
            self.queue.iter().map(size).chain(self.storing.iter().map(|taken| taken.size));
        let (entries, bytes) = waiting.fold((0_u32, 0_u32), |sum, one| {
            (sum.0.saturating_add(one.0), sum.1.saturating_add(one.1))
        });
        entries > 2 * WINDOW_ENTRIES || bytes > 2 * WINDOW_BYTES
    }

    /// Goes on in the peer's ledger, or begins the new one the peer has opened.
    pub(super) fn begin(&mut self, ledger: LedgerId) {
        if self.head.is_none_or(|head| head.ledger != ledger) {
            self.head = Some(Head::start(ledger));
            self.durable = self.head;
        }
    }
}

impl Session {
    /// A passage came.
    pub(super) fn passed(&mut self, passage: wire::Passage, tree: &Tree) {
        if self.incoming.is_flooded() {
            let detail = "more is under way than this end has let".into();
            self.refuse(RefusalReason::Order, detail);
            return;
        }
        self.incoming.queue.push_back(passage);
        self.take_queue(tree);
    }

    /// What this node holds of a journal that was asked about.
    pub fn handle_looked_up(&mut self, journal: JournalId, held: LookedUp, tree: &Tree) {
        self.incoming.looking_up = false;
        match held {
            Some(held) => {
                self.incoming.held.insert(journal, held);
            }
            None => {
                let detail = format!("no admission is known for journal {journal}");
                self.refuse(RefusalReason::Stranger, detail);
            }
        }
        self.take_queue(tree);
    }

    /// Everything up to passage `number` is durable, with its ledger record.
    pub fn handle_stored(&mut self, now: Timestamp, number: u64) {
        let mut last = None;
        let mut own = None;
        while self.incoming.storing.front().is_some_and(|taken| taken.head.number <= number) {
            let taken = self.incoming.storing.pop_front().expect("looked at just now");
            own = taken.own.or(own);
            last = Some(taken.head);
        }
        let Some(head) = last else { return };
        self.incoming.durable = Some(head);
        if self.phase != super::Phase::Closed {
            let owed = self.incoming.uncosigned.take();
            self.say_stored(now, head, own.or(owed));
        }
    }

    /// Says again what the peer may have missed the last time: that all it has sent is stored, and the
    /// cosignature it does not have. Where passages are still to come, their answers say it.
    pub(super) fn say_again(&mut self, now: Timestamp, sent: &Head, cosigned_size: u64) {
        self.incoming.uncosigned = self
            .incoming
            .uncosigned
            .filter(|held| self.side == Side::Superior && held.size > cosigned_size);
        let Some(head) = self.incoming.durable.filter(|head| head == sent) else { return };
        if head.number > 0 || self.incoming.uncosigned.is_some() {
            let owed = self.incoming.uncosigned.take();
            self.say_stored(now, head, owed);
        }
    }

    fn cosignature(&self, now: Timestamp, checkpoint: Checkpoint) -> wire::Cosignature {
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let cosigned = Cosigned::sign(checkpoint, self.me, &self.signer, seconds);
        wire::Cosignature {
            size: checkpoint.size,
            root: checkpoint.root.0.to_vec(),
            line: cosigned.line,
        }
    }

    fn say_stored(&mut self, now: Timestamp, head: Head, own: Option<Checkpoint>) {
        let cosignature = own.map(|checkpoint| self.cosignature(now, checkpoint));
        let signature = head.sign(&self.signer);
        self.send(Say::Stored(wire::Stored {
            number: head.number,
            digest: head.digest.0.to_vec(),
            stored_at: now.as_millisecond(),
            head_signature: signature.to_vec(),
            cosignature,
            window_entries: WINDOW_ENTRIES,
            window_bytes: WINDOW_BYTES,
        }));
    }

    fn take_queue(&mut self, tree: &Tree) {
        while !self.incoming.looking_up && self.phase != super::Phase::Closed {
            let Some(passage) = self.incoming.queue.pop_front() else { return };
            let shown = passage.checkpoint.clone();
            match self.take(passage, tree) {
                Ok(()) => {}
                Err(Refused::Objected(objection)) => {
                    self.turn_down(Refused::Objected(Objection { shown, ..objection }));
                }
                Err(refused @ Refused::Plainly(..)) => self.turn_down(refused),
            }
        }
    }

    fn take(&mut self, passage: wire::Passage, tree: &Tree) -> Result<(), Refused> {
        let Some(head) = self.incoming.head else {
            return Err((RefusalReason::Order, "a passage before its ledger".into()).into());
        };
        if passage.number <= head.number {
            return Ok(()); // Doubled on the way: it was taken, and its answer comes or came.
        }
        if passage.number != head.number + 1 {
            let detail =
                format!("passage {} came, but {} is next", passage.number, head.number + 1);
            return Err((RefusalReason::Ledger, detail).into());
        }
        let journal = journal_of(&passage)?;
        self.check_author(journal.author, passage.run, tree)?;
        let Some(held) = self.incoming.held.get(&journal).cloned() else {
            self.incoming.queue.push_front(passage);
            self.incoming.looking_up = true;
            self.effects.push_back(Effect::LookUp(journal));
            return Ok(());
        };
        self.deliver(head, &held, passage, tree)
    }

    /// A peer going up speaks for its own subtree; going down, for anyone but this node's subtree.
    fn check_author(
        &self,
        author: DivisionCode,
        run: bool,
        tree: &Tree,
    ) -> Result<(), (RefusalReason, String)> {
        let peer = self.peer.journal.author;
        let lawful = match self.side {
            Side::Superior => run && tree.is_within(author, peer),
            Side::Subordinate => !run && !tree.is_within(author, self.me.author),
        };
        if lawful {
            return Ok(());
        }
        let detail =
            format!("{} may not pass on entries of {} this way", peer.short(), author.short());
        Err((RefusalReason::Impostor, detail))
    }

    fn deliver(
        &mut self,
        head: Head,
        held: &Held,
        passage: wire::Passage,
        tree: &Tree,
    ) -> Result<(), Refused> {
        let journal = held.journal;
        let leaves: Vec<Digest> = passage.items.iter().map(|item| leaf_of(&item.header)).collect();
        let signature = <[u8; 64]>::try_from(passage.head_signature.as_slice()).unwrap_or([0; 64]);
        let (sent_at, size) = (passage.sent_at, size(&passage));
        let repeats = Some(first_of(&passage)).filter(|first| *first < held.frontier.size());
        let repeats =
            repeats.filter(|_| passage.run).map(|first| (first, passage.checkpoint.clone()));
        let passed = match (verify(held, passage), repeats) {
            (Err(error @ JournalError::Proof(_)), Some((first, shown))) => {
                self.effects.push_back(Effect::Compare { about: journal, first, leaves, shown });
                return Err(error.into());
            }
            (passed, _) => passed?,
        };
        let span = span(&passed, leaves.len() as u64);
        let record = head.next(sent_at, journal, span, &leaves);
        if !record.head.signed(&signature, &self.peer.key) {
            let detail = format!(
                "the ledger head of passage {} is not signed by the neighbour",
                record.head.number
            );
            return Err((RefusalReason::Ledger, detail).into());
        }
        self.learn(&passed, tree);
        let own = own_checkpoint(&passed, self.peer.journal);
        self.incoming.head = Some(record.head);
        self.incoming.storing.push_back(Taken { head: record.head, size, own });
        let delivery = Delivery { record, head_signature: signature, passed };
        self.effects.push_back(Effect::Store(Box::new(delivery)));
        Ok(())
    }

    /// What later passages may rest on before this one is durable: the frontier, and newly admitted keys.
    fn learn(&mut self, passed: &Passed, tree: &Tree) {
        if let Passed::Run(run) = passed
            && let Some(held) = self.incoming.held.get_mut(&run.journal())
        {
            held.frontier = run.frontier().clone();
        }
        for entry in passed.entries() {
            if let Some((journal, key)) = admission(entry, tree) {
                let empty = || Held { journal, key, frontier: Frontier::default() };
                self.incoming.held.entry(journal).or_insert_with(empty);
            }
        }
    }

    /// The peer asks what this end holds of its ledger at a number.
    pub(super) fn probed(&mut self, number: u64) {
        let here = self.incoming.durable.filter(|head| head.number == number);
        match (here, self.incoming.head) {
            (Some(head), _) => self.answer_probe(number, Some(head.digest)),
            (None, Some(Head { ledger, .. })) => {
                self.effects.push_back(Effect::RecallIncoming { ledger, number });
            }
            (None, None) => self.answer_probe(number, None),
        }
    }

    /// What this end's copy of the peer's ledger says at a number.
    pub fn answer_probe(&mut self, number: u64, digest: Option<Digest>) {
        let digest = digest.map(|digest| digest.0.to_vec()).unwrap_or_default();
        self.send(Say::Place(wire::Place { number, digest }));
    }
}

fn journal_of(passage: &wire::Passage) -> Result<JournalId, (RefusalReason, String)> {
    let form = |what: &str| (RefusalReason::Form, format!("passage {}: {what}", passage.number));
    let author = DivisionCode::from_number(passage.author).map_err(|_| form("no such author"))?;
    let epoch = Epoch::read(&passage.epoch).ok_or_else(|| form("no such epoch"))?;
    if passage.items.is_empty() {
        return Err(form("it is empty"));
    }
    Ok(JournalId { author, epoch })
}

/// Sequence of the first entry of a passage, as it says.
fn first_of(passage: &wire::Passage) -> u64 {
    let first = passage.items.first().and_then(|item| entry::Header::read(&item.header).ok());
    first.map_or(0, |header| header.sequence)
}

fn verify(held: &Held, passage: wire::Passage) -> Result<Passed, JournalError> {
    if passage.run {
        let first = first_of(&passage);
        let parts = |item: wire::Item| entry::Parts {
            header: item.header,
            body: item.body,
            sealed: item.sealed,
        };
        let parts = passage.items.into_iter().map(parts).collect();
        return verify_run(held, first, parts, &passage.checkpoint).map(Passed::Run);
    }
    let items = passage.items.into_iter().map(ParcelItem::off_wire);
    verify_parcel(held.journal, &held.key, items.collect(), &passage.checkpoint).map(Passed::Parcel)
}

fn span(passed: &Passed, count: u64) -> Span {
    match passed {
        Passed::Run(run) => {
            let repeated = run.repeated().first().map(|(sequence, _)| *sequence);
            Span::Run { first: repeated.unwrap_or(run.first()), count }
        }
        Passed::Parcel(entries) => {
            Span::Picked(entries.iter().map(|entry| entry.header().sequence).collect())
        }
    }
}

/// The head of the peer's own journal as it is held with this run, to be cosigned. It is not the checkpoint
/// the run came with: that of an old run says nothing that was checked.
fn own_checkpoint(passed: &Passed, peer: JournalId) -> Option<Checkpoint> {
    match passed {
        Passed::Run(run) if run.journal() == peer => Some(Checkpoint {
            journal: peer,
            size: run.frontier().size(),
            root: run.frontier().root(),
        }),
        Passed::Run(_) | Passed::Parcel(_) => None,
    }
}
