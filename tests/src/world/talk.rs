//! Conversations, performed as the node's link shell performs them: reads beside the loop, writes in order,
//! several deliveries in one commit, every answer an event of its own.

use std::collections::VecDeque;

use terrace_node::surroundings::Clock as _;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::session::{Closing, Effect, Session, Side, Start};
use terrace_proto::wire::{Frame, frame::Say};

use jiff::Timestamp;

use super::World;
use super::effect::{look, write_next};
use super::event::{Done, Event, Spot, words};
use super::office::Conversation;
use super::step::Said;
use crate::disk::at_once;
use crate::network::End;

/// Shortest and longest time of a read, a write, and an answer, in milliseconds.
const DISK: (i64, i64) = (1, 25);

impl World {
    /// A subordinate dials, unless it is talking already.
    pub(super) fn dial(&mut self, office: DivisionCode, life: u64) {
        let Some(at) = self.offices.get_mut(&office).filter(|at| at.life == life) else { return };
        let Some(superior) = at.identity.superior.filter(|_| at.enrolled) else { return };
        let Some(running) = at.running.as_mut() else { return };
        if running.conversations.get(&superior).is_some_and(|talk| !talk.over) {
            return;
        }
        self.finish_writes(office, superior);
        let there = self.offices.get(&superior).is_some_and(|above| above.running.is_some());
        if !there || self.network.is_parted(office) {
            self.redial(office);
            return;
        }
        let now = self.now();
        let (connection, heard) = self.network.open(office, superior, now, &mut self.dice);
        if self.converse(office, superior, connection) {
            self.after(heard - now, Event::Accept { connection });
        } else {
            self.network.cut(connection);
            self.redial(office);
        }
    }

    /// A superior is dialled: the new connection takes the place of an older one.
    pub(super) fn accept(&mut self, connection: u64) {
        let Some(ends) = self.network.connection(connection) else { return };
        let (lower, upper) = (ends.lower, ends.upper);
        if !self.network.is_alive(connection) {
            return;
        }
        self.finish_writes(upper, lower);
        if !self.converse(upper, lower, connection) {
            self.cut(connection);
        }
    }

    pub(super) fn arrive(&mut self, connection: u64, end: End, frame: Frame) {
        if !self.network.is_alive(connection) {
            return;
        }
        let Some(office) = self.office_at(connection, end) else { return };
        let spot = self.spot(office, connection);
        self.feed(spot, |session, now, tree| session.handle_frame(now, frame, tree));
    }

    pub(super) fn hung_up(&mut self, connection: u64, end: End) {
        let Some(office) = self.office_at(connection, end) else { return };
        self.network.cut(connection);
        self.end(office, connection);
    }

    pub(super) fn ring(&mut self, office: DivisionCode, life: u64) {
        let Some(at) = self.offices.get(&office).filter(|at| at.life == life) else { return };
        let Some(running) = &at.running else { return };
        let talks: Vec<u64> = running.conversations.values().map(|talk| talk.connection).collect();
        for connection in talks {
            self.feed(Spot { office, life, connection }, |session, now, _| {
                session.handle_news(now)
            });
        }
    }

    pub(super) fn time_out(&mut self, spot: Spot) {
        let now = self.now();
        let Some(talk) = self.at(spot).and_then(|at| at.conversation(spot.connection)) else {
            return;
        };
        if talk.timer.is_some_and(|timer| timer <= now) {
            talk.timer = None;
            self.feed(spot, |session, now, _| session.handle_timeout(now));
        }
    }

    /// Performs a read; what it found is told later.
    pub(super) fn read(&mut self, spot: Spot, mut effect: Effect) {
        if let Effect::Load { entries, .. } = &mut effect
            && self.dice.happens(300)
        {
            // A load may always give less than it was asked for.
            *entries = (*entries).min(1 + u32::from(self.dice.happens(500)));
        }
        let Some(at) = self.at(spot) else { return };
        let Some(talk) = at.conversation(spot.connection).filter(|talk| !talk.over) else { return };
        let (side, peer, outgoing) = (talk.side, talk.peer, talk.outgoing);
        let Some(running) = at.running.as_mut() else { return };
        let done = match look(running, side, peer, outgoing, effect) {
            Ok(done) => done,
            Err(error) => {
                self.observe(spot.office, &error);
                Done::Failed(error.to_string())
            }
        };
        let delay = self.dice.between(DISK.0, DISK.1);
        self.after(delay, Event::Done { spot, done: Box::new(done) });
    }

    /// Performs the next write, and lets the one after it follow.
    pub(super) fn write(&mut self, spot: Spot) {
        let (now, gather) = (self.now(), self.dice.happens(700));
        let pause = self.dice.between(DISK.0, DISK.1);
        let delay = self.dice.between(DISK.0, DISK.1);
        let Some(at) = self.at(spot) else { return };
        let Some(written) = write_next(at, spot.connection, gather) else { return };
        let news = written.news;
        let (done, error) = match written.done {
            Ok(done) => (done, None),
            Err(error) => (Some(Done::Failed(error.to_string())), Some(error)),
        };
        let mut answered = now;
        if let Some(talk) = at.conversation(spot.connection) {
            if error.is_some() {
                talk.writes.clear();
                talk.failed = true;
            }
            talk.writing = !talk.writes.is_empty();
            talk.answered = (talk.answered + 1).max(now + delay);
            answered = talk.answered;
            if talk.writing {
                self.after(pause, Event::Write { spot });
            }
        }
        if let Some(done) = done {
            self.after(answered - now, Event::Done { spot, done: Box::new(done) });
        }
        self.tell(spot.office, &news);
        if let Some(error) = error {
            self.observe(spot.office, &error);
        }
    }

    pub(super) fn done(&mut self, spot: Spot, done: Done) {
        match done {
            Done::Loaded(shipments) => self.feed(spot, |s, now, _| s.handle_loaded(now, shipments)),
            Done::Reloaded(passages) => {
                self.feed(spot, |s, now, _| s.handle_reloaded(now, passages))
            }
            Done::Recorded => self.feed(spot, |s, now, _| s.handle_recorded(now)),
            Done::Recalled(number, recalled) => {
                self.feed(spot, |s, now, _| s.handle_recalled(now, number, recalled));
            }
            Done::RecalledIncoming(number, digest) => {
                self.feed(spot, |s, _, _| s.answer_probe(number, digest));
            }
            Done::LookedUp(journal, held) => {
                self.feed(spot, |s, _, tree| s.handle_looked_up(journal, *held, tree));
            }
            Done::Stored(number) => self.feed(spot, |s, now, _| s.handle_stored(now, number)),
            Done::Heads(heads) => self.feed(spot, |s, _, _| s.handle_heads(heads)),
            Done::Witnessed(head, answer) => {
                self.feed(spot, |s, _, _| s.handle_witnessed(head, answer));
            }
            Done::Wraps(wraps) => self.feed(spot, |s, _, _| s.handle_wraps(wraps)),
            Done::WrapsKept(kept) => self.feed(spot, |s, _, _| s.handle_wraps_kept(&kept)),
            Done::Step(step) => self.feed(spot, |s, now, _| s.handle_step(now, step)),
            Done::WrapsSettled => self.feed(spot, |s, _, _| s.handle_wraps_settled()),
            Done::Renewed => self.close(spot),
            Done::Failed(why) => {
                self.trace.note(format!("{spot} could not store or read: {why}"));
                self.close(spot);
            }
        }
    }

    /// Begins this end of a conversation.
    fn converse(&mut self, office: DivisionCode, peer: DivisionCode, connection: u64) -> bool {
        let Some(at) = self.offices.get_mut(&office) else { return false };
        let Some(running) = at.running.as_mut() else { return false };
        let start = match at_once(running.archive.start(peer)) {
            Ok(start) => start,
            Err(error) => {
                self.observe(office, &error);
                return false;
            }
        };
        let talk = conversation(start, connection, peer, at.clock.now());
        running.conversations.insert(peer, talk);
        self.perform(self.spot(office, connection));
        true
    }

    /// Feeds a session that is still listened to, and performs what it asks for.
    fn feed(&mut self, spot: Spot, with: impl FnOnce(&mut Session, Timestamp, &Tree)) {
        let Some(at) = self.at(spot) else { return };
        let now = at.clock.now();
        let Some(talk) = at.conversation(spot.connection).filter(|talk| !talk.over) else { return };
        with(&mut talk.session, now, Self::tree());
        if talk.session.is_talking() && talk.side == Side::Subordinate {
            at.redial.reset();
        }
        self.perform(spot);
    }

    fn perform(&mut self, spot: Spot) {
        loop {
            let Some(talk) = self.at(spot).and_then(|at| at.conversation(spot.connection)) else {
                return;
            };
            let (closed, peer, end) = (talk.closed, talk.peer, talk.end());
            let Some(effect) = talk.session.poll_effect() else { break };
            if closed {
                self.step
                    .complaints
                    .push(format!("{spot}: after its close the session asks for more"));
            }
            match effect {
                Effect::Send(frame) => self.send(spot, peer, end, frame),
                Effect::Close(closing) => self.closing(spot, closing),
                write @ (Effect::Record { .. }
                | Effect::Store(_)
                | Effect::Acknowledged { .. }
                | Effect::Cosigned(_)
                | Effect::Witnessed { .. }
                | Effect::Witness(_)
                | Effect::Object(_)
                | Effect::KeepWraps(_)
                | Effect::WrapsTaken(_)
                | Effect::Match(_)
                | Effect::Compare { .. }
                | Effect::Renew { .. }) => self.ask_to_write(spot, write),
                read @ (Effect::Load { .. }
                | Effect::Reload { .. }
                | Effect::Recall { .. }
                | Effect::RecallIncoming { .. }
                | Effect::LoadHeads { .. }
                | Effect::LoadWraps { .. }
                | Effect::LookUp(_)) => {
                    let delay = self.dice.between(DISK.0, DISK.1);
                    self.after(delay, Event::Read { spot, effect: Box::new(read) });
                }
            }
        }
        self.set_timer(spot);
    }

    fn ask_to_write(&mut self, spot: Spot, write: Effect) {
        let delay = self.dice.between(DISK.0, DISK.1);
        let Some(talk) = self.at(spot).and_then(|at| at.conversation(spot.connection)) else {
            return;
        };
        if talk.failed {
            return;
        }
        talk.writes.push_back(write);
        if !std::mem::replace(&mut talk.writing, true) {
            self.after(delay, Event::Write { spot });
        }
    }

    /// The session has said its last; a new ledger must be durable before the end.
    fn closing(&mut self, spot: Spot, closing: Closing) {
        self.trace.note(format!("{spot}: {closing}"));
        let Some(talk) = self.at(spot).and_then(|at| at.conversation(spot.connection)) else {
            return;
        };
        talk.closed = true;
        if closing == Closing::Renewed {
            talk.renewing = Some(closing);
        } else {
            self.close(spot);
        }
    }

    /// This end hangs up: what it said still arrives.
    fn close(&mut self, spot: Spot) {
        let now = self.now();
        let Some(talk) = self.at(spot).and_then(|at| at.conversation(spot.connection)) else {
            return;
        };
        let end = talk.end();
        if let Some(heard) = self.network.hang_up(spot.connection, end, now) {
            let event = Event::HungUp { connection: spot.connection, end: end.other() };
            self.after(heard - now, event);
        }
        self.end(spot.office, spot.connection);
    }

    /// Nobody listens at this end any more; a subordinate will dial again.
    fn end(&mut self, office: DivisionCode, connection: u64) {
        let Some(at) = self.offices.get_mut(&office) else { return };
        let Some(talk) = at.conversation(connection).filter(|talk| !talk.over) else { return };
        talk.over = true;
        if talk.side == Side::Subordinate {
            self.redial(office);
        }
    }

    fn redial(&mut self, office: DivisionCode) {
        let Some(at) = self.offices.get_mut(&office) else { return };
        let (life, wait) = (at.life, at.redial.wait(&mut self.dice));
        self.after(wait, Event::Dial { office, life });
    }

    fn send(&mut self, spot: Spot, peer: DivisionCode, end: End, frame: Frame) {
        let now = self.now();
        if let Some(Say::Passage(passage)) = &frame.say
            && let Some(talk) = self.at(spot).and_then(|at| at.conversation(spot.connection))
            && std::mem::replace(&mut talk.passed, passage.number) >= passage.number
        {
            self.step.complaints.push(format!("{spot} passes {} on again", passage.number));
        }
        let telling = matches!(
            frame.say,
            Some(Say::Passage(_) | Say::Stored(_) | Say::HeadAnswered(_) | Say::Refusal(_))
        );
        let before = self.network.connection(spot.connection);
        let (faulted, holed) = before.map_or((true, true), |c| (c.faulted, c.holed));
        if telling {
            self.trace.note(format!("{} says {}", spot.office.short(), words(&frame)));
            let said = Said { from: spot.office, to: peer, faulted, frame: frame.clone() };
            self.step.said.push(said);
        }
        let arrivals = self.network.carry(spot.connection, end, frame, now, &mut self.dice);
        if !holed && self.network.connection(spot.connection).is_some_and(|c| c.holed) {
            let stall = self.dice.between(1, 20_000);
            self.after(stall, Event::Break { connection: spot.connection });
        }
        for (at, frame) in arrivals {
            let arrive = Event::Arrive {
                connection: spot.connection,
                end: end.other(),
                frame: Box::new(frame),
            };
            self.after(at - now, arrive);
        }
    }

    fn set_timer(&mut self, spot: Spot) {
        let now = self.now();
        let Some(at) = self.at(spot) else { return };
        let clock = at.clock.clone();
        let Some(talk) = at.conversation(spot.connection) else { return };
        // One event is on its way at most: a later deadline waits for it and is asked about then.
        let wanted = talk.session.poll_timeout().map(|at| clock.when(at).max(now));
        if let Some(wanted) = wanted.filter(|at| talk.timer.is_none_or(|timer| *at < timer)) {
            talk.timer = Some(wanted);
            self.after(wanted - now, Event::Timer { spot });
        }
    }

    /// What an ended conversation asked to be written is written before the next begins.
    fn finish_writes(&mut self, office: DivisionCode, peer: DivisionCode) {
        loop {
            let Some(at) = self.offices.get_mut(&office) else { return };
            let Some(running) = at.running.as_mut() else { return };
            let Some(talk) = running.conversations.get_mut(&peer) else { return };
            talk.over = true;
            let connection = talk.connection;
            if talk.writes.is_empty() {
                return;
            }
            self.write(self.spot(office, connection));
        }
    }

    fn office_at(&self, connection: u64, end: End) -> Option<DivisionCode> {
        let ends = self.network.connection(connection)?;
        Some(if end == End::Lower { ends.lower } else { ends.upper })
    }
}

fn conversation(start: Start, connection: u64, peer: DivisionCode, now: Timestamp) -> Conversation {
    Conversation {
        connection,
        peer,
        side: start.side,
        outgoing: start.outgoing.ledger,
        session: Session::new(start, now),
        writes: VecDeque::new(),
        writing: false,
        answered: 0,
        passed: 0,
        failed: false,
        over: false,
        closed: false,
        renewing: None,
        timer: None,
    }
}
