//! An office that passes on, under its own good signature, what it may not speak for.
//!
//! It goes past the office's own session and store: the neighbour must see through it.

use terrace_node::archive::shipping::Shipping;
use terrace_node::store::{Direction, Store as _};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::leaf_of;
use terrace_proto::ledger::Span;
use terrace_proto::wire::{self, Frame, frame::Say};

use std::sync::Arc;

use super::World;
use super::event::Event;
use crate::disk::at_once;
use crate::network::End;

impl World {
    /// A subordinate passes its superior's own entry on as a run; false when it does not talk to it.
    pub fn impersonate(&mut self, office: DivisionCode) -> bool {
        let Some(frame) = self.forged(office) else { return false };
        let Some(at) = self.offices.get(&office) else { return false };
        let talk = at.running.as_ref().zip(at.identity.superior).and_then(|(running, superior)| {
            running
                .conversations
                .get(&superior)
                .filter(|talk| !talk.over && talk.session.is_talking())
        });
        let Some(connection) = talk.map(|talk| talk.connection) else { return false };
        let now = self.now();
        self.trace.note(format!("{} speaks for its superior", office.short()));
        self.network.taint(connection);
        for (at, frame) in self.network.carry(connection, End::Lower, frame, now, &mut self.dice) {
            let event = Event::Arrive { connection, end: End::Upper, frame: Box::new(frame) };
            self.after(at - now, event);
        }
        true
    }

    fn forged(&self, office: DivisionCode) -> Option<Frame> {
        let at = self.offices.get(&office)?;
        let superior = at.identity.superior?;
        let admitted = at_once(at.disk.journal(at.identity.me)).ok()??.admitted_by?;
        let proved = at_once(Shipping::new(Arc::new(at.disk.clone())).prove(&[admitted])).ok()?;
        let (checkpoint, item) = proved.into_values().next()?;
        let head = at_once(at.disk.ledger(superior, Direction::Out)).ok()??.head;
        let sent_at = self.now();
        let span = Span::Run { first: admitted.sequence, count: 1 };
        let leaves: [Digest; 1] = [leaf_of(&item.header)];
        let record = head.next(sent_at, admitted.journal, span, &leaves);
        let passage = wire::Passage {
            number: record.head.number,
            sent_at,
            author: admitted.journal.author.number(),
            epoch: admitted.journal.epoch.0.to_vec(),
            checkpoint,
            items: vec![wire::Item { header: item.header, body: item.body, path: Vec::new() }],
            run: true,
            head_signature: record.head.sign(&at.identity.signer).to_vec(),
        };
        Some(Frame { say: Some(Say::Passage(passage)) })
    }
}
