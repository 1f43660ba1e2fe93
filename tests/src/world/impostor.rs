//! An office that passes on, under its own good signature, what it may not: another's entries, entries that
//! nobody made, and a second history of its own.
//!
//! It goes past the office's own session and store: the neighbour must see through it.

use std::sync::Arc;

use terrace_node::archive::Proofs;
use terrace_node::store::{Direction, Store as _};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, Header, JournalId, leaf_of};
use terrace_proto::journal::{Checkpoint, Frontier, ParcelItem};
use terrace_proto::ledger::{Head, Span};
use terrace_proto::wire::{self, Frame, frame::Say};

use super::World;
use super::event::Event;
use super::office::Office;
use crate::disk::at_once;

/// What an impostor passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imposture {
    /// To its superior, the superior's own entry.
    Another,
    /// To its superior, an entry at the end of its own journal that no checkpoint covers.
    MadeUp,
    /// To its superior, an altered beginning of its own journal under a checkpoint signed for it.
    SecondHistory,
    /// To a subordinate, an altered entry with the proof of the true one.
    Altered,
}

/// Everything of a passage but its place in the ledger.
struct Claim {
    journal: JournalId,
    checkpoint: Vec<u8>,
    item: ParcelItem,
    run: bool,
}

impl World {
    /// An office deceives a neighbour it talks to; false when it cannot.
    pub fn impersonate(&mut self, office: DivisionCode, how: Imposture) -> bool {
        let Some((connection, to)) = self.talk_of(office, how) else { return false };
        let Some(at) = self.offices.get(&office) else { return false };
        let now = self.now();
        let claim = claim(at, how);
        let ledger = at_once(at.disk.ledger(to, Direction::Out)).ok().flatten();
        let Some((claim, ledger)) = claim.zip(ledger) else { return false };
        let frame = passage(at, &ledger.head, claim, now);
        self.trace.note(format!("{} deceives {}: {how:?}", office.short(), to.short()));
        self.network.taint(connection);
        let Some(talk) = self.offices.get_mut(&office).and_then(|at| at.conversation(connection))
        else {
            return false;
        };
        let end = talk.end();
        for (at, frame) in self.network.carry(connection, end, frame, now, &mut self.dice) {
            let event = Event::Arrive { connection, end: end.other(), frame: Box::new(frame) };
            self.after(at - now, event);
        }
        true
    }

    /// A conversation with the neighbour that is to be deceived.
    fn talk_of(&mut self, office: DivisionCode, how: Imposture) -> Option<(u64, DivisionCode)> {
        let at = self.offices.get(&office)?;
        let superior = at.identity.superior;
        let up = how != Imposture::Altered;
        let talks = at.running.as_ref()?.conversations.values();
        let fit: Vec<(u64, DivisionCode)> = talks
            .filter(|talk| !talk.over && talk.session.is_talking())
            .filter(|talk| (Some(talk.peer) == superior) == up)
            .map(|talk| (talk.connection, talk.peer))
            .collect();
        (!fit.is_empty()).then(|| *self.dice.pick(&fit))
    }
}

fn claim(at: &Office, how: Imposture) -> Option<Claim> {
    let own = at.identity.me;
    let journal = at_once(at.disk.journal(own)).ok()??;
    let last = EntryId { journal: own, sequence: journal.frontier.size().checked_sub(1)? };
    match how {
        Imposture::Another => {
            let admitted = journal.admitted_by?;
            let (checkpoint, item) = proved(at, admitted)?;
            let item = ParcelItem { path: Vec::new(), ..item };
            Some(Claim { journal: admitted.journal, checkpoint, item, run: true })
        }
        Imposture::MadeUp => {
            let (checkpoint, item) = proved(at, last)?;
            let item = altered(item, |header| header.sequence += 1)?;
            let item = ParcelItem { path: Vec::new(), ..item };
            Some(Claim { journal: own, checkpoint, item, run: true })
        }
        Imposture::SecondHistory => {
            let (_, item) = proved(at, EntryId { journal: own, sequence: 0 })?;
            let item = altered(item, |header| header.hand.officer = "9999".into())?;
            let mut frontier = Frontier::default();
            frontier.push(leaf_of(&item.header));
            let head = Checkpoint { journal: own, size: 1, root: frontier.root() };
            let checkpoint = head.sign(&at.identity.signer).note().to_vec();
            let item = ParcelItem { path: Vec::new(), ..item };
            Some(Claim { journal: own, checkpoint, item, run: true })
        }
        Imposture::Altered => {
            let (checkpoint, item) = proved(at, last)?;
            let item = altered(item, |header| header.hand.officer = "9999".into())?;
            Some(Claim { journal: own, checkpoint, item, run: false })
        }
    }
}

fn proved(at: &Office, entry: EntryId) -> Option<(Vec<u8>, ParcelItem)> {
    let proofs = Proofs::new(Arc::new(at.disk.clone()));
    at_once(proofs.of(&[entry])).ok()?.into_values().next()
}

fn altered(item: ParcelItem, how: impl FnOnce(&mut Header)) -> Option<ParcelItem> {
    let mut header = Header::read(&item.header).ok()?;
    how(&mut header);
    Some(ParcelItem { header: header.encode(), ..item })
}

/// The claim as the next passage of the office's ledger, signed as the office signs.
fn passage(at: &Office, head: &Head, claim: Claim, sent_at: i64) -> Frame {
    let Claim { journal, checkpoint, item, run } = claim;
    let leaves: [Digest; 1] = [leaf_of(&item.header)];
    let record = head.next(sent_at, journal, Span::Run { first: 0, count: 1 }, &leaves);
    let path = item.path.iter().map(|digest| digest.0.to_vec()).collect();
    Frame {
        say: Some(Say::Passage(wire::Passage {
            number: record.head.number,
            sent_at,
            author: journal.author.number(),
            epoch: journal.epoch.0.to_vec(),
            checkpoint,
            items: vec![wire::Item { path, ..item.into_wire() }],
            run,
            head_signature: record.head.sign(&at.identity.signer).to_vec(),
        })),
    }
}
