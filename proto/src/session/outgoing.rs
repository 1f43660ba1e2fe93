//! The sending half: numbers what is due, records it, sends it within the peer's credit.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::pace::{Pace, patience};
use super::{
    BATCH_BYTES, BATCH_ENTRIES, Effect, Phase, Session, Shipment, Side, WINDOW_BYTES,
    WINDOW_ENTRIES,
};
use crate::digest::Digest;
use crate::entry::leaf_of;
use crate::journal::checkpoint::{Checkpoint, Cosigned};
use crate::ledger::{Head, Record, Span};
use crate::wire::{self, RefusalReason, frame::Say};

/// Loads whose records may be on their way to the disk while the next is read.
const UNRECORDED: usize = 2;

#[derive(Debug)]
pub(super) struct Outgoing {
    /// Head of the ledger, with what is numbered but not yet recorded.
    head: Head,
    /// How far material has been loaded.
    position: u64,
    /// Numbered passages that wait for their records.
    unrecorded: VecDeque<Vec<(Record, wire::Passage)>>,
    /// Passages sent and not yet stored by the peer.
    in_flight: VecDeque<InFlight>,
    /// Passages up to here are stored by the peer.
    stored: u64,
    /// Passages from `reloading` on are known to the ledger and must be sent again first.
    reloading: Option<u64>,
    /// Number of the last passage the ledger held when the conversation began.
    recorded_before: u64,
    loading: bool,
    /// Nothing was left when last looked.
    drained: bool,
    window_entries: u32,
    window_bytes: u32,
    pace: Pace,
}

#[derive(Debug)]
struct InFlight {
    head: Head,
    since: Timestamp,
    entries: u32,
    bytes: u32,
}

impl Outgoing {
    pub(super) fn new(head: Head, position: u64) -> Self {
        Self {
            head,
            position,
            unrecorded: VecDeque::new(),
            in_flight: VecDeque::new(),
            stored: 0,
            reloading: None,
            recorded_before: head.number,
            loading: false,
            drained: false,
            window_entries: 0,
            window_bytes: 0,
            pace: Pace::new(),
        }
    }

    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn grant(&mut self, entries: u32, bytes: u32) {
        self.window_entries = entries.min(WINDOW_ENTRIES);
        self.window_bytes = bytes.min(WINDOW_BYTES);
    }

    pub(super) fn agreed(&mut self, number: u64) {
        self.stored = number;
        self.reloading = (number < self.recorded_before).then_some(number + 1);
    }

    /// The ledger at a passage whose acknowledgement says something new: one under way, or the last one of
    /// all again, since the first time may have been lost.
    fn acknowledgeable(&self, number: u64) -> Option<Head> {
        let sent = self.in_flight.iter().map(|sent| sent.head);
        let last = (number > 0 && number == self.stored).then_some(self.head);
        sent.filter(|head| head.number > self.stored).chain(last).find(|head| head.number == number)
    }

    /// Bytes sent and not yet stored by the peer.
    fn flying(&self) -> u32 {
        self.in_flight.iter().fold(0, |sum, sent| sum.saturating_add(sent.bytes))
    }

    /// How much more may be sent now; `None` when nothing may.
    fn credit(&self) -> Option<(u32, u32)> {
        let waiting = self.unrecorded.iter().flatten().map(|(_, passage)| size(passage));
        let flying = self.in_flight.iter().map(|sent| (sent.entries, sent.bytes));
        let (entries, bytes) = flying.chain(waiting).fold((0_u32, 0_u32), |sum, one| {
            (sum.0.saturating_add(one.0), sum.1.saturating_add(one.1))
        });
        let idle = entries == 0;
        let window = self.window_bytes.min(self.pace.bytes());
        let room = (self.window_entries.saturating_sub(entries), window.saturating_sub(bytes));
        let open = idle || (room.0 > 0 && room.1 > 0);
        open.then(|| (room.0.clamp(1, BATCH_ENTRIES), room.1.clamp(1, BATCH_BYTES)))
    }
}

impl Session {
    /// There may be new outgoing material.
    pub fn handle_news(&mut self, now: Timestamp) {
        self.outgoing.drained = false;
        self.handle_growth(now);
        self.pump(now);
    }

    /// Something became durable of which no entry is due to the peer: heads, keys and questions may be.
    pub fn handle_growth(&mut self, now: Timestamp) {
        self.heads_may_be_due(now);
        self.wraps_may_be_due();
        self.questions_may_be_due();
    }

    /// Outgoing material was loaded; none means that nothing is left for now.
    pub fn handle_loaded(&mut self, now: Timestamp, shipments: Vec<Shipment>) {
        if self.phase == Phase::Closed {
            return;
        }
        self.outgoing.loading = false;
        let Some(position) = shipments.last().map(|shipment| shipment.position) else {
            self.pump(now); // Only if news came while loading.
            return;
        };
        self.outgoing.drained = false;
        self.outgoing.position = position;
        let positions: Vec<u64> = shipments.iter().map(|shipment| shipment.position).collect();
        let numbered: Vec<_> =
            shipments.into_iter().map(|shipment| self.number(now, shipment)).collect();
        let records = numbered.iter().map(|(record, _)| record.clone()).zip(positions).collect();
        self.outgoing.unrecorded.push_back(numbered);
        self.effects.push_back(Effect::Record { records });
        self.pump(now);
    }

    /// The oldest unrecorded passages are durable: they may leave.
    pub fn handle_recorded(&mut self, now: Timestamp) {
        if self.phase == Phase::Closed {
            return;
        }
        for (record, passage) in self.outgoing.unrecorded.pop_front().unwrap_or_default() {
            self.depart(now, record.head, passage);
        }
        self.pump(now);
    }

    /// Passages were loaded again as recorded; none means that all are under way.
    pub fn handle_reloaded(&mut self, now: Timestamp, passages: Vec<(Record, Shipment)>) {
        if self.phase == Phase::Closed {
            return;
        }
        let Some(last) = passages.last().map(|(record, _)| record.head.number) else {
            self.outgoing.reloading = None;
            self.outgoing.loading = false;
            self.pump(now);
            return;
        };
        for (record, shipment) in passages {
            let signature = record.head.sign(&self.signer);
            let head = record.head;
            self.depart(now, head, passage(&record, shipment, &signature));
        }
        self.outgoing.reloading = (last < self.outgoing.recorded_before).then_some(last + 1);
        self.outgoing.loading = false;
        self.pump(now);
    }

    /// The peer has durably stored up to a place.
    pub(super) fn acknowledged(&mut self, now: Timestamp, stored: &wire::Stored) {
        self.outgoing.grant(stored.window_entries, stored.window_bytes);
        if let Some(cosignature) =
            stored.cosignature.as_ref().filter(|_| self.side == Side::Subordinate)
        {
            self.cosigned(cosignature);
        }
        let Some(head) = self.outgoing.acknowledgeable(stored.number) else {
            if stored.number > self.outgoing.stored {
                let detail = format!("passage {} was acknowledged but never sent", stored.number);
                self.refuse(RefusalReason::Ledger, detail);
            }
            return;
        };
        if head.digest.0[..] != stored.digest
            || !head.signed(&stored.head_signature, &self.peer.key)
        {
            let detail = format!(
                "the acknowledgement of passage {} is not signed as it was sent",
                stored.number
            );
            self.refuse(RefusalReason::Ledger, detail);
            return;
        }
        self.outgoing.stored = stored.number;
        if let Some(sent) = self.outgoing.in_flight.iter().find(|sent| sent.head == head) {
            self.outgoing.pace.answered(now.duration_since(sent.since));
        }
        self.outgoing.in_flight.retain(|sent| sent.head.number > stored.number);
        let flying = self.outgoing.flying();
        self.deadline = (!self.outgoing.in_flight.is_empty()).then(|| now + patience(flying));
        let signature =
            stored.head_signature.as_slice().try_into().expect("a verified signature has 64 bytes");
        self.effects.push_back(Effect::Acknowledged {
            head,
            stored_at: stored.stored_at,
            signature,
        });
        self.pump(now);
    }

    fn cosigned(&mut self, cosignature: &wire::Cosignature) {
        let Some(root) = Digest::read(&cosignature.root) else { return };
        let checkpoint = Checkpoint { journal: self.me, size: cosignature.size, root };
        let peer = self.peer;
        if cosignature.size <= self.cosigned_size {
            return;
        }
        match Cosigned::read(checkpoint, &cosignature.line, peer.journal, &peer.key) {
            Some(cosigned) => {
                self.cosigned_size = cosignature.size;
                self.effects.push_back(Effect::Cosigned(cosigned));
                // What the superior holds may be asked about.
                self.questions_may_be_due();
            }
            None => self.refuse(RefusalReason::Proof, "a cosignature that does not hold".into()),
        }
    }

    /// Asks for more material, as far as credit goes.
    pub(super) fn pump(&mut self, _now: Timestamp) {
        if self.phase != Phase::Talking || self.outgoing.loading {
            return;
        }
        if self.outgoing.unrecorded.len() >= UNRECORDED
            || self.outgoing.drained && self.outgoing.reloading.is_none()
        {
            return;
        }
        let Some((entries, bytes)) = self.outgoing.credit() else { return };
        if let Some(from) = self.outgoing.reloading {
            self.outgoing.loading = true;
            self.effects.push_back(Effect::Reload { from, entries, bytes });
            return;
        }
        self.outgoing.loading = true;
        // Whatever becomes known from here on sets it to false again.
        self.outgoing.drained = true;
        self.effects.push_back(Effect::Load { after: self.outgoing.position, entries, bytes });
    }

    fn number(&mut self, now: Timestamp, shipment: Shipment) -> (Record, wire::Passage) {
        let leaves: Vec<Digest> = shipment.items.iter().map(|item| leaf_of(&item.header)).collect();
        let span = span_of(&shipment);
        let record = self.outgoing.head.next(now.as_millisecond(), shipment.journal, span, &leaves);
        self.outgoing.head = record.head;
        let signature = record.head.sign(&self.signer);
        let passage = passage(&record, shipment, &signature);
        (record, passage)
    }

    fn depart(&mut self, now: Timestamp, head: Head, passage: wire::Passage) {
        let (entries, bytes) = size(&passage);
        self.outgoing.in_flight.push_back(InFlight { head, since: now, entries, bytes });
        let flying = self.outgoing.flying();
        self.deadline.get_or_insert(now + patience(flying));
        self.send(Say::Passage(passage));
    }
}

fn span_of(shipment: &Shipment) -> Span {
    let sequences = || {
        shipment
            .items
            .iter()
            .filter_map(|item| crate::entry::Header::read(&item.header).ok())
            .map(|h| h.sequence)
    };
    if shipment.run {
        Span::Run { first: sequences().next().unwrap_or(0), count: shipment.items.len() as u64 }
    } else {
        Span::Picked(sequences().collect())
    }
}

fn passage(record: &Record, shipment: Shipment, signature: &[u8; 64]) -> wire::Passage {
    wire::Passage {
        number: record.head.number,
        sent_at: record.sent_at,
        author: record.journal.author.number(),
        epoch: record.journal.epoch.0.to_vec(),
        checkpoint: shipment.checkpoint,
        run: shipment.run,
        items: shipment.items.into_iter().map(crate::journal::ParcelItem::into_wire).collect(),
        head_signature: signature.to_vec(),
    }
}

/// Entries and bytes of a passage, as credit counts them.
pub(super) fn size(passage: &wire::Passage) -> (u32, u32) {
    let bytes = |item: &wire::Item| {
        let sealed = item.sealed.as_ref().map_or(0, Vec::len);
        item.header.len() + item.body.as_ref().map_or(0, Vec::len) + sealed + item.path.len() * 34
    };
    let total: usize = passage.items.iter().map(bytes).sum();
    (
        u32::try_from(passage.items.len()).unwrap_or(u32::MAX),
        u32::try_from(total).unwrap_or(u32::MAX),
    )
}
