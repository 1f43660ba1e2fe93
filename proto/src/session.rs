//! One conversation on a link, as a value.
//!
//! The shell feeds what happened (`handle_*`: a frame, a finished load or commit, time) and performs what
//! [`Session::poll_effect`] asks for, in order. The session agrees on versions and on the place where both
//! ledgers stand ([`hello`]), sends what is due with credit ([`outgoing`]), and verifies, stores and
//! acknowledges what comes ([`incoming`]). Beside the ledger go heads to be witnessed ([`witnessing`]), case keys
//! ([`handing`]) and questions whether two cases are the same ([`matching`]).
//!
//! It never touches a socket, a store or a clock, and draws nothing at random.
//!
//! Invariants: 1. a passage leaves only after its record is durable here; 2. `Stored` and cosignatures leave
//! only after the entries and the ledger are durable here, in one transaction; 3. what is stored is verified
//! first; 4. a peer speaks for itself and, going up, for its own subtree alone; 5. after [`Effect::Close`]
//! nothing follows.

mod finding;
pub mod handing;
mod hello;
mod incoming;
pub mod matching;
mod outgoing;
mod pace;
pub mod witnessing;

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::digest::Digest;
use crate::division::{DivisionCode, Tree};
use crate::entry::{JournalId, VerifiedEntry};
use crate::journal::checkpoint::{Checkpoint, Cosigned};
use crate::journal::{Held, ParcelItem, VerifiedRun};
use crate::key::{JournalKey, Signer};
use crate::ledger::{Head, LedgerId, Record};
use crate::objection::Objection;
use crate::wire::{self, RefusalReason, frame::Say};

pub use witnessing::{HeadOffer, Heads};

/// Oldest and newest protocol this version speaks. Protocol 0 was never released.
pub const PROTOCOLS: (u32, u32) = (1, 1);
/// Most entries in one passage: enough for a commit to be large, small enough to verify in milliseconds.
pub const BATCH_ENTRIES: u32 = 4_096;
/// Most bytes in one passage, except that a single entry always fits.
pub const BATCH_BYTES: u32 = 2 * 1024 * 1024;
/// Entries that may be under way to this end: four batches, so that network, verification and commit overlap.
pub const WINDOW_ENTRIES: u32 = 4 * BATCH_ENTRIES;
/// Bytes that may be under way to this end.
pub const WINDOW_BYTES: u32 = 4 * BATCH_BYTES;
/// How long a peer may take to say hello, and how long a passage may stay unanswered beside the time its bytes
/// take on the slowest line.
pub const PATIENCE: SignedDuration = SignedDuration::from_secs(30);
/// Bytes a second on the slowest line that is still waited for: 16 kbit/s.
pub const SLOWEST: u32 = 2 * 1024;

/// Which end of the link this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The peer is the superior; this end dials.
    Subordinate,
    /// The peer is a direct subordinate.
    Superior,
}

/// The neighbour, as admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its journal.
    pub journal: JournalId,
    /// Its key.
    pub key: JournalKey,
}

/// What a session begins from.
#[derive(Debug, Clone)]
pub struct Start {
    /// This node's journal.
    pub me: JournalId,
    /// This node's key.
    pub signer: Signer,
    /// The neighbour, as the transport proved it and an admission names it.
    pub peer: Peer,
    /// Which end this is.
    pub side: Side,
    /// Head of the outgoing ledger.
    pub outgoing: Head,
    /// How far outgoing material is recorded in it.
    pub position: u64,
    /// The farthest place of the outgoing ledger that the peer has signed as stored, with its signature.
    pub signed_for: Option<(Head, [u8; 64])>,
    /// Head of the incoming ledger, if there ever was one.
    pub incoming: Option<Head>,
    /// Size of the newest checkpoint of this node that the superior cosigned.
    pub cosigned_size: u64,
    /// Head of the peer's own journal as it is held here, for a superior to cosign.
    pub peer_held: Option<Checkpoint>,
    /// The newest head of this node's journal as it signed it; empty before its first entry.
    pub checkpoint: Vec<u8>,
}

/// Outgoing material of one journal, not yet numbered or as it was numbered before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// Whose entries.
    pub journal: JournalId,
    /// Signed note that covers them.
    pub checkpoint: Vec<u8>,
    /// Whether they are a run, proved by the checkpoint right behind them.
    pub run: bool,
    /// The entries; paths only outside a run.
    pub items: Vec<ParcelItem>,
    /// Place in the outgoing material behind this shipment.
    pub position: u64,
}

/// What the peer sent, verified and recorded, to be stored in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The passage.
    pub record: Record,
    /// The sender's signature over the ledger head it makes.
    pub head_signature: [u8; 64],
    /// What passed.
    pub passed: Passed,
}

/// What passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    /// A run of a journal held from its beginning.
    Run(VerifiedRun),
    /// Single proved entries.
    Parcel(Vec<VerifiedEntry>),
}

impl Passed {
    /// The entries.
    #[must_use]
    pub fn entries(&self) -> &[VerifiedEntry] {
        match self {
            Self::Run(run) => run.entries(),
            Self::Parcel(entries) => entries,
        }
    }
}

/// What the shell must do now, in the order given.
#[derive(Debug)]
pub enum Effect {
    /// Send a frame.
    Send(wire::Frame),
    /// Load outgoing material behind a position; answer with [`Session::handle_loaded`].
    Load {
        /// Behind which position.
        after: u64,
        /// At most so many entries.
        entries: u32,
        /// At most so many bytes, but at least one entry.
        bytes: u32,
    },
    /// Make records of passages durable; answer with [`Session::handle_recorded`].
    Record {
        /// The passages, in order, each with the place in the outgoing material behind it.
        records: Vec<(Record, u64)>,
    },
    /// Load passages again as they were recorded; answer with [`Session::handle_reloaded`].
    Reload {
        /// From which number.
        from: u64,
        /// At most so many entries.
        entries: u32,
        /// At most so many bytes, but at least one passage.
        bytes: u32,
    },
    /// Look up the digest of an own passage; answer with [`Session::handle_recalled`].
    Recall {
        /// Its number.
        number: u64,
    },
    /// Look up the digest of the peer's passage at a number; answer with [`Session::answer_probe`].
    RecallIncoming {
        /// The peer's ledger.
        ledger: LedgerId,
        /// Its number.
        number: u64,
    },
    /// Look up how far a journal is held; answer with [`Session::handle_looked_up`].
    LookUp(JournalId),
    /// Store a delivery with its ledger record; answer with [`Session::handle_stored`]. Several may be
    /// committed together.
    Store(Box<Delivery>),
    /// The peer has durably stored up to a number. Nothing waits for this to be kept.
    Acknowledged {
        /// The ledger up to there.
        head: Head,
        /// When, milliseconds since 1970 UTC by the peer's clock.
        stored_at: i64,
        /// The peer's signature over that head.
        signature: [u8; 64],
    },
    /// A neighbour signed a head it was shown: the superior this node's own, a witness a sibling's. Nothing waits for
    /// this to be kept.
    Cosigned(Cosigned),
    /// A superior brings the line of another on this node's head; it holds only if that one's key made it. Nothing
    /// waits for this to be kept.
    Witnessed {
        /// The head.
        checkpoint: Checkpoint,
        /// Who is said to have signed.
        by: JournalId,
        /// The line.
        line: String,
    },
    /// Look for heads that the peer is to witness, and for lines on the peer's own; answer with
    /// [`Session::handle_heads`].
    LoadHeads {
        /// How far the peer says it has followed journals.
        followed: BTreeMap<JournalId, u64>,
    },
    /// Judge a head as a witness, keep it, sign it; answer with [`Session::handle_witnessed`].
    Witness(HeadOffer),
    /// The peer's journal is not taken as it was shown: put it on record. Nothing waits for this.
    Object(Objection),
    /// Look for case keys that are due to the peer; answer with [`Session::handle_wraps`].
    LoadWraps {
        /// At most so many.
        limit: u32,
    },
    /// Check, keep and pass on these wraps; answer with [`Session::handle_wraps_kept`].
    KeepWraps(Vec<Vec<u8>>),
    /// The peer has kept these wraps; answer with [`Session::handle_wraps_settled`].
    WrapsTaken(Vec<Digest>),
    /// Do a step of asking whether two cases are the same; answer with [`Session::handle_step`].
    Match(matching::Task),
    /// A run repeats what is held of its journal and goes on to a head that its author signed, but not to the one that
    /// what is held leads to. Whether the author signed another history, or the run was damaged, is to be found out,
    /// and the first put on record. Nothing waits for this.
    Compare {
        /// The journal.
        about: JournalId,
        /// Sequence of the run's first entry.
        first: u64,
        /// Its leaves, in order.
        leaves: Vec<Digest>,
        /// The note that came with it.
        shown: Vec<u8>,
    },
    /// Begin a new outgoing ledger at a position: the peer knows passages this node does not.
    Renew {
        /// Position of the last common passage.
        position: u64,
    },
    /// The conversation is over.
    Close(Closing),
}

/// Why a conversation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// This end refused something.
    Refused(RefusalReason, String),
    /// The peer refused something.
    RefusedByPeer(RefusalReason, String),
    /// The peer kept silent too long.
    Silent(&'static str),
    /// A new ledger begins: dial again at once.
    Renewed,
}

impl std::fmt::Display for Closing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(_, detail) => write!(f, "refused the neighbour: {detail}"),
            Self::RefusedByPeer(_, detail) => write!(f, "refused by the neighbour: {detail}"),
            Self::Silent(what) => write!(f, "the neighbour kept silent: {what}"),
            Self::Renewed => f.write_str("a new passage ledger begins"),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    /// The peer has not said hello.
    Greeting,
    /// Looking for the last common place of the outgoing ledger.
    Finding(finding::Finding),
    /// Passing entries.
    Talking,
    Closed,
}

/// One conversation on a link.
#[derive(Debug)]
pub struct Session {
    me: JournalId,
    signer: Signer,
    peer: Peer,
    side: Side,
    cosigned_size: u64,
    signed_for: Option<(Head, [u8; 64])>,
    phase: Phase,
    outgoing: outgoing::Outgoing,
    incoming: incoming::Incoming,
    checkpoint: Vec<u8>,
    witnessing: witnessing::Witnessing,
    handing: handing::Handing,
    matching: matching::Matching,
    effects: VecDeque<Effect>,
    deadline: Option<Timestamp>,
}

impl Session {
    /// Begins a conversation: says hello at once.
    #[must_use]
    pub fn new(start: Start, now: Timestamp) -> Self {
        let mut session = Self {
            me: start.me,
            signer: start.signer,
            peer: start.peer,
            side: start.side,
            cosigned_size: start.cosigned_size,
            signed_for: start.signed_for,
            phase: Phase::Greeting,
            outgoing: outgoing::Outgoing::new(start.outgoing, start.position),
            incoming: incoming::Incoming::new(start.incoming, start.peer_held),
            checkpoint: start.checkpoint,
            witnessing: witnessing::Witnessing::default(),
            handing: handing::Handing::default(),
            matching: matching::Matching::default(),
            effects: VecDeque::new(),
            deadline: Some(now + PATIENCE),
        };
        let hello = session.hello();
        session.send(Say::Hello(hello));
        session
    }

    /// The neighbour's division.
    #[must_use]
    pub fn peer(&self) -> DivisionCode {
        self.peer.journal.author
    }

    /// Whether hello and the common place are behind both ends.
    #[must_use]
    pub fn is_talking(&self) -> bool {
        self.phase == Phase::Talking
    }

    /// What the shell must do next, if anything.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Session::handle_timeout`] wants to be called, if nothing happens before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.deadline.into_iter().chain(self.witnessing.due).chain(self.matching.due).min()
    }

    /// A frame came.
    pub fn handle_frame(&mut self, now: Timestamp, frame: wire::Frame, tree: &Tree) {
        if self.phase == Phase::Closed {
            return;
        }
        match frame.say {
            Some(Say::Hello(hello)) => self.greeted(now, &hello),
            Some(Say::Refusal(refusal)) => self.refused(&refusal),
            Some(Say::Probe(probe)) => self.probed(probe.number),
            Some(Say::Place(place)) => self.placed(now, &place),
            Some(Say::Passage(passage)) if self.greeting_done() => self.passed(passage, tree),
            Some(Say::Stored(stored)) if self.greeting_done() => self.acknowledged(now, &stored),
            Some(Say::HeadOffered(offered)) if self.greeting_done() => self.head_offered(offered),
            Some(Say::HeadAnswered(answered)) if self.greeting_done() => {
                self.head_answered(now, &answered);
            }
            Some(Say::Witnessed(told)) if self.greeting_done() => self.told_of_witness(&told),
            Some(Say::KeysHanded(handed)) if self.greeting_done() => self.keys_handed(handed),
            Some(Say::KeysTaken(taken)) if self.greeting_done() => self.keys_taken(&taken),
            Some(Say::SameCaseAsked(said)) if self.greeting_done() => self.same_case_asked(&said),
            Some(Say::SameCaseEvaluated(said)) if self.greeting_done() => {
                self.same_case_evaluated(&said);
            }
            Some(Say::SameCaseMarked(said)) if self.greeting_done() => self.same_case_marked(&said),
            Some(Say::SameCaseAnswered(said)) if self.greeting_done() => {
                self.same_case_answered(now, &said);
            }
            Some(
                Say::Passage(_)
                | Say::Stored(_)
                | Say::HeadOffered(_)
                | Say::HeadAnswered(_)
                | Say::Witnessed(_)
                | Say::KeysHanded(_)
                | Say::KeysTaken(_)
                | Say::SameCaseAsked(_)
                | Say::SameCaseEvaluated(_)
                | Say::SameCaseMarked(_)
                | Say::SameCaseAnswered(_),
            ) => {
                self.refuse(RefusalReason::Order, "a passage before hello".into());
            }
            None => self.refuse(RefusalReason::Form, "a frame this version cannot read".into()),
        }
    }

    /// The deadline of [`Session::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.look_for_heads(now);
        self.look_for_questions(now);
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            let what = match self.phase {
                Phase::Greeting => "no hello",
                Phase::Finding(_) => "no place",
                Phase::Talking | Phase::Closed => "no answer to a passage",
            };
            self.close(Closing::Silent(what));
        }
    }

    fn greeting_done(&self) -> bool {
        matches!(self.phase, Phase::Finding(_) | Phase::Talking)
    }

    fn refused(&mut self, refusal: &wire::Refusal) {
        self.close(Closing::RefusedByPeer(refusal.reason(), refusal.detail.clone()));
    }

    fn send(&mut self, say: Say) {
        self.effects.push_back(Effect::Send(wire::Frame { say: Some(say) }));
    }

    /// Tells the peer why, and ends the conversation.
    fn refuse(&mut self, reason: RefusalReason, detail: String) {
        self.send(Say::Refusal(wire::Refusal { reason: reason.into(), detail: detail.clone() }));
        self.close(Closing::Refused(reason, detail));
    }

    fn close(&mut self, closing: Closing) {
        if self.phase != Phase::Closed {
            self.phase = Phase::Closed;
            self.deadline = None;
            self.effects.push_back(Effect::Close(closing));
        }
    }
}

/// What is held of a journal, or that nothing is known of it.
pub type LookedUp = Option<Held>;

/// The digest of an own passage, and the position behind it.
pub type Recalled = Option<(Digest, u64)>;
