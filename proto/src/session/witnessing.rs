//! Heads that a sibling witnesses: a superior shows them, the witness signs, the author is told.
//!
//! They are frames beside the ledger and carry no entries. At most one look a second: a head that is signed stands
//! for everything before it, so nothing is lost by skipping some. Judging a head is [`judge`]; keeping it durable
//! before the line leaves is the shell's.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Effect, Phase, Session, Side};
use crate::digest::{Digest, Epoch};
use crate::division::DivisionCode;
use crate::entry::JournalId;
use crate::journal::checkpoint::{Checkpoint, Cosigned};
use crate::journal::merkle::is_continuation;
use crate::objection::Ground;
use crate::wire::{self, RefusalReason, frame::Say};

/// Time between two looks for heads that are to be witnessed.
pub const EVERY: SignedDuration = SignedDuration::from_secs(1);
/// Most heads shown in one look; the rest follow in the next.
pub const HEADS: usize = 64;

/// A head for a witness to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadOffer {
    /// The head.
    pub head: Checkpoint,
    /// The note its author signed.
    pub note: Vec<u8>,
    /// The size that the witness signed last, as far as is known.
    pub from: u64,
    /// The proof that the head goes on from there.
    pub proof: Vec<Digest>,
}

/// What a superior has to do with a subordinate as to heads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heads {
    /// Heads of siblings that the subordinate witnesses.
    pub offers: Vec<HeadOffer>,
    /// Lines by others on the subordinate's own journal.
    pub lines: Vec<Cosigned>,
}

/// What a witness makes of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It goes on from the head followed so far: keep it, then sign.
    Follows,
    /// It is shown from another size than the one followed so far: ask from there.
    From(u64),
    /// It contradicts what the author had signed.
    Objected(Ground),
}

/// Judges a head that its author signed against the one followed so far.
#[must_use]
pub fn judge(followed: Option<(u64, Digest)>, offer: &HeadOffer) -> Judgement {
    let (size, root) = (offer.head.size, offer.head.root);
    let Some((held, held_root)) = followed else {
        // The first head of a journal is taken as it is: from here on it cannot change.
        return Judgement::Follows;
    };
    if size < held {
        return Judgement::Objected(Ground::Shorter);
    }
    if size == held {
        let same = root == held_root;
        return if same { Judgement::Follows } else { Judgement::Objected(Ground::Forked) };
    }
    if offer.from != held {
        return Judgement::From(held);
    }
    if is_continuation((held, held_root), (size, root), &offer.proof) {
        Judgement::Follows
    } else {
        Judgement::Objected(Ground::Unproved)
    }
}

/// The state of this half of a conversation.
#[derive(Debug, Default)]
pub(super) struct Witnessing {
    /// When to look next, if there is a reason.
    pub(super) due: Option<Timestamp>,
    looking: bool,
    /// Heads shown and not yet answered.
    offered: BTreeMap<JournalId, Checkpoint>,
    /// How far the witness says it has followed.
    followed: BTreeMap<JournalId, u64>,
    /// Heads that the witness does not sign: they are not shown again in this conversation.
    unsigned: BTreeSet<(JournalId, u64)>,
    /// The newest line told for each signer.
    told: BTreeMap<JournalId, u64>,
}

impl Session {
    /// Something may be due as to heads.
    pub(super) fn heads_may_be_due(&mut self, now: Timestamp) {
        if self.side == Side::Superior && self.phase == Phase::Talking {
            self.witnessing.due.get_or_insert(now + EVERY);
        }
    }

    /// The time of [`Witnessing::due`] has come.
    pub(super) fn look_for_heads(&mut self, now: Timestamp) {
        let ready = self.phase == Phase::Talking && !self.witnessing.looking;
        if ready && self.witnessing.due.is_some_and(|due| due <= now) {
            self.witnessing.due = None;
            self.witnessing.looking = true;
            let followed = self.witnessing.followed.clone();
            self.effects.push_back(Effect::LoadHeads { followed });
        }
    }

    /// What was found to be due as to heads.
    pub fn handle_heads(&mut self, heads: Heads) {
        self.witnessing.looking = false;
        if self.phase != Phase::Talking {
            return;
        }
        for line in heads.lines {
            let told = self.witnessing.told.get(&line.by).copied().unwrap_or(0);
            if line.checkpoint.size > told {
                self.witnessing.told.insert(line.by, line.checkpoint.size);
                self.send(Say::Witnessed(witnessed(&line)));
            }
        }
        for offer in heads.offers.into_iter().take(HEADS) {
            let journal = offer.head.journal;
            let waiting = self.witnessing.offered.contains_key(&journal);
            if waiting || self.witnessing.unsigned.contains(&(journal, offer.head.size)) {
                continue;
            }
            self.witnessing.offered.insert(journal, offer.head);
            self.send(Say::HeadOffered(offered(offer)));
        }
    }

    /// A superior shows a head.
    pub(super) fn head_offered(&mut self, offered: wire::HeadOffered) {
        if self.side != Side::Subordinate {
            self.refuse(RefusalReason::Order, "only a superior shows heads to be signed".into());
            return;
        }
        match read_offer(offered) {
            Some(offer) => self.effects.push_back(Effect::Witness(offer)),
            None => self.refuse(RefusalReason::Form, "a head that cannot be read".into()),
        }
    }

    /// What this end, as a witness, makes of a head: its own line, or how far it has followed the journal.
    pub fn handle_witnessed(&mut self, head: Checkpoint, answer: Result<Cosigned, u64>) {
        let line = answer.as_ref().map(|signed| signed.line.clone()).unwrap_or_default();
        self.send(Say::HeadAnswered(wire::HeadAnswered {
            author: head.journal.author.number(),
            epoch: head.journal.epoch.0.to_vec(),
            size: head.size,
            line,
            held_size: answer.err().unwrap_or(head.size),
        }));
    }

    /// The witness answers.
    pub(super) fn head_answered(&mut self, now: Timestamp, answered: &wire::HeadAnswered) {
        let journal = journal(answered.author, &answered.epoch);
        let head = journal.and_then(|journal| self.witnessing.offered.remove(&journal));
        let Some(head) = head.filter(|head| head.size == answered.size) else { return };
        if answered.line.is_empty() {
            let held = answered.held_size;
            let before = self.witnessing.followed.insert(head.journal, held);
            if held >= head.size || before == Some(held) {
                self.witnessing.unsigned.insert((head.journal, head.size));
            }
        } else {
            match Cosigned::read(head, &answered.line, self.peer.journal, &self.peer.key) {
                Some(signed) => {
                    self.witnessing.followed.insert(head.journal, head.size);
                    self.effects.push_back(Effect::Cosigned(signed));
                }
                None => {
                    self.refuse(RefusalReason::Proof, "a witness's line that does not hold".into());
                    return;
                }
            }
        }
        self.heads_may_be_due(now);
    }

    /// A superior brings a witness's line on this node's journal. Who signed is known to the shell.
    pub(super) fn told_of_witness(&mut self, told: &wire::Witnessed) {
        let by = journal(told.division, &told.epoch).filter(|_| self.side == Side::Subordinate);
        let Some((by, root)) = by.zip(Digest::read(&told.root)) else { return };
        let checkpoint = Checkpoint { journal: self.me, size: told.size, root };
        self.effects.push_back(Effect::Witnessed { checkpoint, by, line: told.line.clone() });
    }
}

fn journal(author: u64, epoch: &[u8]) -> Option<JournalId> {
    let author = DivisionCode::from_number(author).ok()?;
    Some(JournalId { author, epoch: Epoch::read(epoch)? })
}

fn offered(offer: HeadOffer) -> wire::HeadOffered {
    wire::HeadOffered {
        author: offer.head.journal.author.number(),
        epoch: offer.head.journal.epoch.0.to_vec(),
        checkpoint: offer.note,
        from_size: offer.from,
        proof: offer.proof.iter().map(|hash| hash.0.to_vec()).collect(),
    }
}

/// The head as its note says; that its author signed it is still to be checked.
fn read_offer(offered: wire::HeadOffered) -> Option<HeadOffer> {
    let journal = journal(offered.author, &offered.epoch)?;
    let note = crate::note::Note::read(&offered.checkpoint).ok()?;
    let head = Checkpoint::read(note.text(), journal)?;
    let proof = offered.proof.iter().map(|hash| Digest::read(hash)).collect::<Option<Vec<_>>>()?;
    Some(HeadOffer { head, note: offered.checkpoint, from: offered.from_size, proof })
}

fn witnessed(line: &Cosigned) -> wire::Witnessed {
    wire::Witnessed {
        division: line.by.author.number(),
        epoch: line.by.epoch.0.to_vec(),
        size: line.checkpoint.size,
        root: line.checkpoint.root.0.to_vec(),
        line: line.line.clone(),
    }
}
