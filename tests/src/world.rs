//! A federation in virtual time: offices, links, officers and fate on one event loop.
//!
//! Everything that happens is an event in one ordered queue; a step takes the first, lets it happen, and has
//! the checkers look at what it touched. One seed decides everything, so a failure is a seed. An effect of a
//! session is performed by a later event than the one that asked for it, and answered by a later one still:
//! a crash can fall before a commit, between commit and answer, and after.
//!
//! It decides nothing that an office decides: it performs what sessions ask, as the node's link shell does.

mod effect;
mod enrolling;
mod event;
pub mod hour;
pub mod impostor;
pub mod office;
pub mod step;
mod talk;
pub mod trace;
mod trouble;

use std::collections::BTreeMap;

use terrace_node::archive::{ArchiveError, News};
use terrace_node::desk::{Desk, DeskError};
use terrace_node::store::StoreError;
use terrace_proto::division::{DivisionCode, Tree};

use crate::checkers::{self, Checker};
use crate::dice::Dice;
use crate::network::Network;
use crate::story::Story;
use event::{Event, Spot};
use hour::Hour;
use office::Office;
use step::{Order, Step};
use trace::Trace;

/// Offices by division.
pub type Offices = BTreeMap<DivisionCode, Office>;

/// A rule that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In which step.
    pub step: u64,
    /// Who saw it.
    pub checker: &'static str,
    /// What was seen.
    pub what: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "step {}: {}: {}", self.step, self.checker, self.what)
    }
}

/// A federation.
#[derive(Debug)]
pub struct World {
    /// Its offices.
    pub offices: Offices,
    /// Its links.
    pub network: Network,
    /// What happened.
    pub trace: Trace,
    pub(crate) dice: Dice,
    pub(crate) step: Step,
    pub(crate) story: Story,
    hour: Hour,
    queue: BTreeMap<(i64, u64), Event>,
    serial: u64,
    checkers: Vec<Box<dyn Checker>>,
    failure: Option<Failure>,
}

impl World {
    /// A federation of the offices of `divisions`, each below the one above it; enrolment has been ordered.
    #[must_use]
    pub fn new(seed: u64, divisions: &[DivisionCode]) -> Self {
        let (mut dice, hour) = (Dice::of(seed), Hour::default());
        let mut offices = Offices::new();
        for division in divisions {
            let skew = dice.between(-240_000, 240_000);
            offices.insert(*division, Office::new(*division, &hour, skew, &mut dice));
        }
        let mut world = Self {
            offices,
            network: Network::default(),
            trace: Trace::default(),
            story: Story::new(divisions),
            dice,
            step: Step::default(),
            hour,
            queue: BTreeMap::new(),
            serial: 0,
            checkers: checkers::all(),
            failure: None,
        };
        for (position, division) in divisions.iter().enumerate() {
            world.after(
                100 * i64::try_from(position).expect("a small world"),
                Event::Enrol(*division),
            );
        }
        world
    }

    /// Milliseconds since the world began.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.hour.now()
    }

    /// How many steps were taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.step.number
    }

    /// Officers begin to work.
    pub fn employ(&mut self) {
        self.after(5_000, Event::Officer);
    }

    /// Fate begins to strike.
    pub fn tempt_fate(&mut self) {
        self.after(10_000, Event::Trouble);
    }

    /// Takes the next step; false when nothing is left to happen.
    pub fn step(&mut self) -> Result<bool, Failure> {
        let Some(((at, _), event)) = self.queue.pop_first() else { return Ok(false) };
        self.hour.advance(at);
        let label = event.to_string();
        self.take(&label, |world| world.handle(event))?;
        Ok(true)
    }

    /// Lets something happen as a step of its own.
    pub fn take<T>(
        &mut self,
        label: &str,
        what: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, Failure> {
        let number = self.step.number + 1;
        self.step = Step { number, ..Step::default() };
        self.trace.step(number, self.hour.now(), label);
        let done = what(self);
        for (division, office) in &self.offices {
            let written = office.disk.take_written();
            self.step.commits.extend(written.into_iter().map(|batch| (*division, batch)));
        }
        self.check()?;
        Ok(done)
    }

    /// Steps until nothing is left to happen.
    pub fn settle_down(&mut self, limit: u64) -> Result<(), Failure> {
        for _ in 0..limit {
            if !self.step()? {
                return Ok(());
            }
        }
        Err(self.fail("convergence", format!("it does not come to rest in {limit} steps")))
    }

    /// Steps for some virtual time.
    pub fn pass(&mut self, milliseconds: i64) -> Result<(), Failure> {
        let until = self.now() + milliseconds;
        while self.queue.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.step()?;
        }
        self.hour.advance(until);
        Ok(())
    }

    /// Has every checker look at the whole world, which has come to rest.
    pub fn finish(&mut self) -> Result<(), Failure> {
        let mut found = None;
        for checker in &mut self.checkers {
            if let Err(what) = checker.finish(&self.offices) {
                found = found.or(Some((checker.rule(), what)));
            }
        }
        match found {
            Some((rule, what)) => Err(self.fail(rule, what)),
            None => Ok(()),
        }
    }

    /// An officer's command at a desk; `due` says that it must be granted.
    pub fn order<T>(
        &mut self,
        office: DivisionCode,
        what: &'static str,
        due: bool,
        command: impl FnOnce(&mut Desk<'_>) -> Option<Result<(T, News), DeskError>>,
    ) -> Option<T> {
        let at = self.offices.get_mut(&office)?;
        let hindered = at.disk.is_troubled() || at.mark.is_troubled();
        let answer = command(&mut at.running.as_mut()?.desk());
        let mut order =
            Order { office, what, waited: answer.is_none(), hindered, due, refused: None };
        let done = match answer {
            None => None,
            Some(Ok((done, news))) => {
                self.trace.note(format!("{} {what}", office.short()));
                self.tell(office, &news);
                Some(done)
            }
            Some(Err(error)) => {
                order.refused = Some(error.to_string());
                self.trace.note(format!("{} cannot {what}: {error}", office.short()));
                if let DeskError::Archive(error) = &error {
                    self.observe(office, error);
                }
                None
            }
        };
        self.step.orders.push(order);
        done
    }

    /// Rings the bell of an office, as its shell does after every write that has news.
    pub fn tell(&mut self, office: DivisionCode, news: &News) {
        let anything = news.up || !news.down.is_empty() || !news.admitted.is_empty();
        if let Some(at) = self.offices.get(&office).filter(|_| anything) {
            let life = at.life;
            let delay = self.dice.between(0, 3);
            self.after(delay, Event::Bell { office, life });
        }
    }

    /// What the node's shell does about an error of the archive: a full disk makes it refuse, a doubt about
    /// what is stored stops the process.
    pub(crate) fn observe(&mut self, office: DivisionCode, error: &ArchiveError) {
        match error {
            ArchiveError::Store(StoreError::Full(_))
            | ArchiveError::TooLarge { .. }
            | ArchiveError::Uncleared
            | ArchiveError::Fork { .. } => {}
            ArchiveError::Store(StoreError::Unavailable(_)) | ArchiveError::Watermark(_) => {
                self.crash(office);
            }
            ArchiveError::Store(
                StoreError::Corrupt(_)
                | StoreError::Conflict(_)
                | StoreError::TooMuch(_)
                | StoreError::Version(_),
            )
            | ArchiveError::Part(_)
            | ArchiveError::Wrap(_)
            | ArchiveError::NotAdmitted(_) => {
                self.step.complaints.push(format!("{}: {error}", office.short()));
            }
        }
    }

    pub(crate) fn after(&mut self, delay: i64, event: Event) {
        self.serial += 1;
        self.queue.insert((self.hour.now() + delay, self.serial), event);
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Enrol(office) => self.enrol(office),
            Event::Start(office) => self.start(office),
            Event::Officer => {
                if !self.story.is_over() {
                    crate::story::act(self);
                    let pause = self.dice.between(50, 1_200);
                    self.after(pause, Event::Officer);
                }
            }
            Event::Trouble => {
                if !self.story.is_over() {
                    self.strike();
                    let pause = self.dice.between(500, 12_000);
                    self.after(pause, Event::Trouble);
                }
            }
            Event::Heal(lower) => self.network.heal(lower),
            Event::Dial { office, life } => self.dial(office, life),
            Event::Accept { connection } => self.accept(connection),
            Event::Arrive { connection, end, frame } => self.arrive(connection, end, *frame),
            Event::Break { connection } => self.cut(connection),
            Event::HungUp { connection, end } => self.hung_up(connection, end),
            Event::Bell { office, life } => self.ring(office, life),
            Event::Read { spot, effect } => self.read(spot, *effect),
            Event::Write { spot } => self.write(spot),
            Event::Done { spot, done } => self.done(spot, *done),
            Event::Timer { spot } => self.time_out(spot),
        }
    }

    fn check(&mut self) -> Result<(), Failure> {
        let mut found = None;
        for checker in &mut self.checkers {
            if let Err(what) = checker.check(&self.step, &self.offices) {
                found = found.or(Some((checker.rule(), what)));
            }
        }
        if let Some(complaint) = self.step.complaints.first() {
            found = found.or(Some(("the world", complaint.clone())));
        }
        match found {
            Some((rule, what)) => Err(self.fail(rule, what)),
            None => Ok(()),
        }
    }

    fn fail(&mut self, checker: &'static str, what: String) -> Failure {
        let failure = Failure { step: self.step.number, checker, what };
        self.trace.note(format!("BROKEN {failure}"));
        self.failure.get_or_insert(failure).clone()
    }

    fn spot(&self, office: DivisionCode, connection: u64) -> Spot {
        let life = self.offices.get(&office).map_or(0, |at| at.life);
        Spot { office, life, connection }
    }

    /// The office of a spot, if it has not crashed since.
    fn at(&mut self, spot: Spot) -> Option<&mut Office> {
        self.offices.get_mut(&spot.office).filter(|at| at.life == spot.life && at.running.is_some())
    }

    fn tree() -> &'static Tree {
        Tree::national()
    }
}
