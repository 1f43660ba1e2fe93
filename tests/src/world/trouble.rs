//! What fate does to offices and links: crashes, failing disks, cut connections, long partings.

use terrace_node::archive::ArchiveError;
use terrace_node::store::Store as _;
use terrace_node::store::memory::Fault;
use terrace_node::watermark::WatermarkError;
use terrace_proto::division::DivisionCode;

use super::World;
use super::event::Event;
use super::office::Office;
use crate::disk::{Disk, at_once};
use crate::network::End;

/// Longest time until an end notices that its connection is gone (keepalive), in milliseconds.
const NOTICED: i64 = 20_000;

impl World {
    /// Fate strikes somewhere.
    pub(super) fn strike(&mut self) {
        let all: Vec<DivisionCode> = self.offices.keys().copied().collect();
        let office = *self.dice.pick(&all);
        match self.dice.below(100) {
            0..28 => self.crash(office),
            28..46 => self.cut_some(),
            46..64 => {
                let long = self.dice.happens(200);
                let span = if long { (300_000, 3_600_000) } else { (5_000, 120_000) };
                let time = self.dice.between(span.0, span.1);
                self.part(office, Some(time));
            }
            64..74 => self.keep_copy(office),
            74..80 => self.lose_disk(),
            80..85 => self.hurt(office, Fault::FailBeforeCommit),
            85..92 => self.hurt(office, Fault::FailAfterCommit),
            92..96 => self.hurt(office, Fault::Full),
            _ => {
                self.trace.note(format!("{}: the checkpoint file fails next", office.short()));
                if let Some(at) = self.offices.get(&office) {
                    at.mark.fail_next();
                }
            }
        }
    }

    /// Kills an office; it is started again after a while.
    pub fn crash(&mut self, office: DivisionCode) {
        self.kill(office);
        let long = self.dice.happens(150);
        let span = if long { (60_000, 900_000) } else { (500, 20_000) };
        let time = self.dice.between(span.0, span.1);
        self.after(time, Event::Start(office));
    }

    /// Kills an office, which stays down until it is started.
    pub fn kill(&mut self, office: DivisionCode) {
        let Some(at) = self.offices.get_mut(&office) else { return };
        if at.running.take().is_none() {
            return;
        }
        self.trace.note(format!("{} crashes", office.short()));
        self.step.restarted.push(office);
        for connection in self.network.of(office) {
            self.cut(connection);
        }
    }

    /// Starts an office over what its disk holds.
    pub fn start(&mut self, office: DivisionCode) {
        let Some(at) = self.offices.get_mut(&office) else { return };
        if at.running.is_some() {
            return;
        }
        match at.start() {
            Ok(()) => {
                let life = at.life;
                self.step.restarted.push(office);
                self.after(50, Event::Dial { office, life });
            }
            Err(error) => {
                self.trace.note(format!("{} does not start: {error}", office.short()));
                let again = matches!(error, ArchiveError::Watermark(WatermarkError::File { .. }));
                at.refuses = Some(error.to_string());
                if again {
                    self.after(1_000, Event::Start(office));
                }
            }
        }
    }

    /// Gives an office that is down an older copy of its disk; the checkpoint file stays as it is.
    pub fn restore(&mut self, office: DivisionCode, copy: &Disk) {
        let Some(at) = self.offices.get_mut(&office).filter(|at| at.running.is_none()) else {
            return;
        };
        self.trace.note(format!("{} is restored from a copy", office.short()));
        at.disk = copy.snapshot();
        for checker in &mut self.checkers {
            checker.restored(at);
        }
    }

    /// Parts an office from its superior, for a time or until [`crate::network::Network::heal`].
    pub fn part(&mut self, lower: DivisionCode, time: Option<i64>) {
        self.network.part(lower);
        self.trace.note(format!("the link above {} is gone for {time:?} ms", lower.short()));
        if let Some(time) = time {
            self.after(time, Event::Heal(lower));
        }
        for connection in self.network.of(lower) {
            if self.network.connection(connection).is_some_and(|c| c.lower == lower) {
                self.cut(connection);
            }
        }
    }

    /// Cuts a connection: what is on its way is lost, and each end notices in its own time.
    pub(super) fn cut(&mut self, connection: u64) {
        self.network.cut(connection);
        for end in [End::Lower, End::Upper] {
            let quick = self.dice.happens(600);
            let notice = self.dice.between(1, if quick { 200 } else { NOTICED });
            self.after(notice, Event::HungUp { connection, end });
        }
    }

    /// The end of all troubles: everything is healed and started, and nothing strikes again.
    pub fn calm(&mut self) {
        self.story.end();
        self.network.weather = crate::network::Weather::default();
        self.network.heal_all();
        let down: Vec<DivisionCode> = self
            .offices
            .values()
            .filter(|at| at.running.is_none())
            .map(|at| at.division())
            .collect();
        for office in down {
            self.start(office);
        }
    }

    fn cut_some(&mut self) {
        let alive = self.network.alive();
        if !alive.is_empty() {
            let connection = *self.dice.pick(&alive);
            self.trace.note(format!("connection {connection} is cut"));
            self.cut(connection);
        }
    }

    /// An operator makes a copy of an office's disk.
    fn keep_copy(&mut self, office: DivisionCode) {
        if let Some(at) = self.offices.get_mut(&office).filter(|at| at.enrolled) {
            self.trace.note(format!("{}: a copy of the disk is kept", office.short()));
            at.copy = Some(at.disk.snapshot());
        }
    }

    /// A disk fails and its copy is put in its place, where the office itself has written nothing since: then
    /// its checkpoint file has nothing against it.
    fn lose_disk(&mut self) {
        let current = |at: &&Office| {
            let me = at.identity.me;
            let own = |disk: &Disk| at_once(disk.journal(me)).ok().flatten().map(|j| j.frontier);
            at.running.is_some() && at.copy.as_ref().is_some_and(|copy| own(copy) == own(&at.disk))
        };
        let offices: Vec<DivisionCode> =
            self.offices.values().filter(current).map(|at| at.division()).collect();
        if offices.is_empty() {
            return;
        }
        let office = *self.dice.pick(&offices);
        let copy = self.offices.get_mut(&office).and_then(|at| at.copy.take());
        if let Some(copy) = copy {
            self.crash(office);
            self.restore(office, &copy);
        }
    }

    fn hurt(&mut self, office: DivisionCode, fault: Fault) {
        self.trace.note(format!("{}: the next commit meets {fault:?}", office.short()));
        if let Some(at) = self.offices.get(&office) {
            at.disk.inject(fault);
        }
    }
}
