//! Finding the last common place of the outgoing ledger.
//!
//! Usually the peer's cursor is a place this end knows, and a reconnect costs nothing. If not, one end was
//! restored: the common place is searched by halving, never by starting over, and a new ledger begins there.
//! A ledger that was left for a newer one is never gone on with.

use jiff::Timestamp;

use super::{Closing, Effect, PATIENCE, Phase, Recalled, Session};
use crate::digest::Digest;
use crate::ledger::Head;
use crate::wire::{self, frame::Say};

/// A search between a place both know and one they do not share.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Both ends agree up to here.
    good: u64,
    /// Position in the outgoing material behind `good`.
    position: u64,
    /// The ends differ here.
    bad: u64,
    /// The number asked about, and what the peer says of it.
    asked: u64,
    said: Option<Digest>,
    /// Whether this is the peer's own cursor: then a match means no search is needed.
    direct: bool,
    /// Whether it is only asked if the peer knows this ledger at all.
    first: bool,
}

impl Session {
    /// The peer's cursor is in another ledger. Either this end has begun a new one, of which the peer has stored
    /// nothing; or this end was restored and goes on in an old one, which must not be written again.
    pub(super) fn find_again(&mut self, now: Timestamp) {
        let (number, position) = (self.outgoing.head().number, self.outgoing.position());
        let finding = Finding {
            good: 0,
            position: if number == 0 { position } else { 0 },
            bad: number + 1,
            asked: 1,
            said: None,
            direct: false,
            first: true,
        };
        self.ask(now, finding);
    }

    /// Compares the peer's cursor with this end's ledger.
    pub(super) fn find(&mut self, now: Timestamp, stored: Option<Head>) {
        let own = self.outgoing.head();
        match stored {
            None => self.talk(now, 0),
            Some(head) if head.number == 0 => self.talk(now, 0),
            Some(head) if head.number == own.number && head.digest == own.digest => {
                self.talk(now, head.number);
            }
            Some(head) if head.number <= own.number => {
                let finding = Finding {
                    good: 0,
                    position: 0,
                    bad: own.number + 1,
                    asked: head.number,
                    said: Some(head.digest),
                    direct: true,
                    first: false,
                };
                self.effects.push_back(Effect::Recall { number: head.number });
                self.enter(now, finding);
            }
            // The peer knows passages this end does not: this end was restored.
            Some(_) if own.number == 0 => self.renew(0),
            Some(_) => self.ask(
                now,
                Finding {
                    good: 0,
                    position: 0,
                    bad: own.number + 1,
                    asked: own.number,
                    said: None,
                    direct: false,
                    first: false,
                },
            ),
        }
    }

    /// The peer says what it holds at a number.
    pub(super) fn placed(&mut self, now: Timestamp, place: &wire::Place) {
        let Phase::Finding(finding) = &mut self.phase else { return };
        if place.number != finding.asked || finding.said.is_some() {
            return;
        }
        if finding.first && place.digest.is_empty() {
            self.deadline = None;
            self.talk(now, 0);
            return;
        }
        finding.said = Some(Digest::read(&place.digest).unwrap_or_default());
        self.effects.push_back(Effect::Recall { number: place.number });
        self.deadline = Some(now + PATIENCE);
    }

    /// What this end's ledger says at a number.
    pub fn handle_recalled(&mut self, now: Timestamp, number: u64, recalled: Recalled) {
        let Phase::Finding(finding) = &mut self.phase else { return };
        if number != finding.asked {
            return;
        }
        let same = recalled.filter(|(digest, _)| Some(*digest) == finding.said);
        match same {
            Some(_) if finding.direct => {
                self.deadline = None;
                self.talk(now, number);
                return;
            }
            Some((_, position)) => (finding.good, finding.position) = (number, position),
            None => finding.bad = number,
        }
        if finding.bad - finding.good <= 1 {
            let position = finding.position;
            self.renew(position);
            return;
        }
        let asked = finding.good + (finding.bad - finding.good) / 2;
        let next = Finding {
            asked,
            said: None,
            direct: false,
            first: false,
            good: finding.good,
            position: finding.position,
            bad: finding.bad,
        };
        self.ask(now, next);
    }

    fn ask(&mut self, now: Timestamp, finding: Finding) {
        self.send(Say::Probe(wire::Probe { number: finding.asked }));
        self.enter(now, finding);
    }

    fn enter(&mut self, now: Timestamp, finding: Finding) {
        self.phase = Phase::Finding(finding);
        self.deadline = Some(now + PATIENCE);
    }

    fn renew(&mut self, position: u64) {
        self.effects.push_back(Effect::Renew { position });
        self.close(Closing::Renewed);
    }
}
