//! The first words: who speaks, which versions it understands, where its ledgers stand.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::incoming::Refused;
use super::{Effect, PROTOCOLS, Phase, Session, Side, WINDOW_BYTES, WINDOW_ENTRIES};
use crate::digest::{Digest, LinkEpoch};
use crate::division::DivisionCode;
use crate::entry::header::{FORMAT, SCHEMA};
use crate::journal::SignedCheckpoint;
use crate::ledger::{Head, LedgerId};
use crate::objection::{Ground, Objection};
use crate::wire::{self, RefusalReason};

impl Session {
    pub(super) fn hello(&self) -> wire::Hello {
        wire::Hello {
            division: self.me.author.number(),
            protocol_min: PROTOCOLS.0,
            protocol_max: PROTOCOLS.1,
            header_format_max: FORMAT,
            schema_read_max: SCHEMA,
            schema_write_max: SCHEMA,
            software: concat!("terrace ", env!("CARGO_PKG_VERSION")).into(),
            sent: Some(self.outgoing.head().cursor()),
            stored: self.incoming.head().map(Head::cursor),
            window_entries: WINDOW_ENTRIES,
            window_bytes: WINDOW_BYTES,
            journal_epoch: self.me.epoch.0.to_vec(),
            cosigned_size: self.cosigned_size,
            checkpoint: self.checkpoint.clone(),
        }
    }

    pub(super) fn greeted(&mut self, now: Timestamp, hello: &wire::Hello) {
        if self.phase != Phase::Greeting {
            return; // A hello again says nothing new.
        }
        if let Err((reason, detail)) = self.check_hello(hello) {
            self.refuse(reason, detail);
            return;
        }
        if let Err(refused) = self.check_head(&hello.checkpoint) {
            self.turn_down(refused);
            return;
        }
        let Some(sent) = hello.sent.as_ref().and_then(|cursor| self.peer_head(cursor)) else {
            self.refuse(RefusalReason::Form, "a hello without its ledger".into());
            return;
        };
        self.compare_stored(hello.stored.as_ref());
        self.incoming.begin(sent.ledger);
        self.outgoing.grant(hello.window_entries, hello.window_bytes);
        self.deadline = None;
        self.say_again(now, &sent, hello.cosigned_size);
        match &hello.stored {
            None => self.find(now, None),
            Some(cursor) => match self.own_head(cursor) {
                Some(head) => self.find(now, Some(head)),
                None => self.find_again(now),
            },
        }
    }

    fn check_hello(&self, hello: &wire::Hello) -> Result<(), (RefusalReason, String)> {
        let (oldest, newest) = PROTOCOLS;
        if hello.protocol_max < oldest || hello.protocol_min > newest {
            let detail = format!(
                "this end speaks protocols {oldest} to {newest}, the neighbour {} to {} ({})",
                hello.protocol_min, hello.protocol_max, hello.software
            );
            return Err((RefusalReason::Version, detail));
        }
        let expected = self.peer.journal.author;
        if hello.division != expected.number() {
            let said = DivisionCode::from_number(hello.division)
                .map_or_else(|_| hello.division.to_string(), DivisionCode::short);
            let detail =
                format!("the certificate names {}, but the hello says {said}", expected.short());
            return Err((RefusalReason::Impostor, detail));
        }
        if hello.journal_epoch != self.peer.journal.epoch.0 {
            let detail = format!(
                "the journal of {} goes on in an epoch its superior has not confirmed: a restored or second copy",
                expected.short()
            );
            return Err((RefusalReason::Fork, detail));
        }
        Ok(())
    }

    /// A superior compares the head that the peer shows with the one it has stored: no office may forget what it
    /// signed. Only a note the peer has signed speaks against it; without one there is no conversation.
    fn check_head(&self, note: &[u8]) -> Result<(), Refused> {
        let Some(held) = self.incoming.peer_held().filter(|held| held.size > 0) else {
            return Ok(());
        };
        let about = self.peer.journal;
        let shown = SignedCheckpoint::read(note, about, &self.peer.key).ok_or_else(|| {
            let detail = "a hello without the signed head of the speaker's journal".into();
            Refused::Plainly(RefusalReason::Proof, detail)
        })?;
        let (size, root) = (shown.checkpoint().size, shown.checkpoint().root);
        let ground = match size.cmp(&held.size) {
            Ordering::Less => Ground::Shorter,
            Ordering::Equal if root != held.root => Ground::Forked,
            Ordering::Equal | Ordering::Greater => return Ok(()),
        };
        let place = held.size;
        let (shown, held) = (note.to_vec(), Vec::new());
        Err(Refused::Objected(Objection { ground, about, place, shown, held, since: None }))
    }

    /// A superior compares what the peer says it has stored with what it signed as stored. Whoever knows less than that
    /// of one ledger has lost it or denies it; that is put on record, and what was denied is sent again. A cursor in
    /// another ledger says nothing: this end may have been restored.
    fn compare_stored(&mut self, said: Option<&wire::Cursor>) {
        let Some((head, signature)) = self.signed_for.filter(|_| self.side == Side::Superior)
        else {
            return;
        };
        let elsewhere = |cursor: &wire::Cursor| cursor.link_epoch != head.ledger.epoch.0;
        if said.is_some_and(|cursor| elsewhere(cursor) || cursor.number >= head.number) {
            return;
        }
        let (about, place) = (self.peer.journal, head.number);
        let held = head.note(about, &self.peer.key, &signature);
        let (ground, shown, since) = (Ground::Denied, Vec::new(), None);
        let objection = Objection { ground, about, place, shown, held, since };
        self.effects.push_back(Effect::Object(objection));
    }

    /// Ends the conversation, with an objection put on record where there is one.
    pub(super) fn turn_down(&mut self, refused: Refused) {
        match refused {
            Refused::Plainly(reason, detail) => self.refuse(reason, detail),
            Refused::Objected(objection) => self.object(objection),
        }
    }

    fn object(&mut self, objection: Objection) {
        let about = objection.about.author.short();
        let (reason, detail) = match objection.ground {
            Ground::Shorter => {
                let detail = format!(
                    "the journal of {about} is shorter than the {} entries it had signed: it was rolled back",
                    objection.place
                );
                (RefusalReason::Shorter, detail)
            }
            Ground::Forked
            | Ground::Silent
            | Ground::Withheld
            | Ground::Unproved
            | Ground::Denied => {
                let detail = format!(
                    "the journal of {about} was signed twice with different entries at {}: a fork",
                    objection.place
                );
                (RefusalReason::Fork, detail)
            }
        };
        self.effects.push_back(Effect::Object(objection));
        self.refuse(reason, detail);
    }

    /// Where the peer's outgoing ledger stands.
    fn peer_head(&self, cursor: &wire::Cursor) -> Option<Head> {
        let ledger = LedgerId {
            from: self.peer.journal.author,
            to: self.me.author,
            epoch: LinkEpoch::read(&cursor.link_epoch)?,
        };
        Some(Head { ledger, number: cursor.number, digest: Digest::read(&cursor.digest)? })
    }

    /// How far the peer has stored this end's ledger; `None` when it knows nothing of this one.
    fn own_head(&self, cursor: &wire::Cursor) -> Option<Head> {
        let ledger = self.outgoing.head().ledger;
        let known = LinkEpoch::read(&cursor.link_epoch)? == ledger.epoch;
        let head = Head { ledger, number: cursor.number, digest: Digest::read(&cursor.digest)? };
        known.then_some(head)
    }

    /// Both ends agree: everything behind `number` is sent again, then what is new.
    pub(super) fn talk(&mut self, now: Timestamp, number: u64) {
        self.phase = Phase::Talking;
        self.heads_may_be_due(now);
        self.wraps_may_be_due();
        self.questions_may_be_due();
        self.outgoing.agreed(number);
        self.pump(now);
    }
}
