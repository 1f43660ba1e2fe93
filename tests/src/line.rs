//! A line of offices from the root down, over real archives in one process, with a clock that is set by hand.
//!
//! What an office writes climbs when the test says so, as verified runs with the wraps of case keys; what is listed for
//! those below goes down when the test says so. It is for the law of the desk, the clocks and the audit; links and their
//! troubles are simulated in [`world`](crate::world).

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "helpers of tests are tests")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use terrace_node::archive::shipping::Shipping;
use terrace_node::archive::{Archive, Identity, Level, enrolling};

use terrace_node::cabinet::{Cabinet, DISCIPLINE, IndexKeys, MemoryKeys, SealingKeys};
use terrace_node::desk::petitioner::Code;
use terrace_node::desk::{Desk, DeskError, Numbering, Registered, Registration, Taken};
use terrace_node::store::memory::MemoryStore;
use terrace_node::store::{Address, IfHeld, Store};
use terrace_node::surroundings::{Clock, SystemChance};
use terrace_node::watermark::MemoryWatermark;
use terrace_proto::case::Case;
use terrace_proto::case::standing::day_of;
use terrace_proto::digest::{CaseId, Digest, Epoch, LinkEpoch};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::{Hand, date_of, days_of};
use terrace_proto::entry::{Content, Holder, JournalId, Parts};
use terrace_proto::journal::{Held, verify_parcel, verify_run};
use terrace_proto::key::Signer;
use terrace_proto::ledger::{Head, LedgerId, Span};
use terrace_proto::seal::{IndexKey, SealingKey};
use terrace_proto::session::{Delivery, Passed};
use terrace_proto::wire;

use crate::offices;

/// The organ of a house that decides the substance, where a test needs just one (住房和城乡建设).
pub const UNIT: &str = "zj";

/// The code of a division.
#[must_use]
pub fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

/// A clock that is set by hand; shared by all offices unless one has its own.
#[derive(Debug, Clone)]
pub struct HandClock(Arc<Mutex<Timestamp>>);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

impl HandClock {
    /// Set to an hour.
    #[must_use]
    pub fn at(text: &str) -> Self {
        Self(Arc::new(Mutex::new(text.parse().unwrap())))
    }

    /// Sets it.
    pub fn set(&self, text: &str) {
        *self.0.lock().unwrap() = text.parse().unwrap();
    }

    /// Lets hours pass.
    pub fn pass(&self, hours: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_hours(hours)).unwrap();
    }
}

/// An office over a store, and what it has sent up.
#[derive(Debug)]
pub struct Office {
    /// Its archive.
    pub archive: Archive,
    /// Its numbers.
    pub numbering: Numbering,
    sent: Option<Head>,
    passed: u64,
    /// What has gone down to each subordinate.
    sunk: BTreeMap<DivisionCode, (Option<Head>, u64)>,
}

/// A line of offices from the root down, each in memory or in the file it is given.
#[derive(Debug)]
pub struct Line {
    offices: BTreeMap<DivisionCode, Office>,
    /// The clock of all of them.
    pub clock: HandClock,
}

/// Keys and names of an office of a test.
#[must_use]
pub fn identity(division: DivisionCode, number: u8) -> Identity {
    Identity {
        me: JournalId { author: division, epoch: Epoch([number; 16]) },
        signer: Signer::from_secret(&[number; 32]),
        superior: Tree::national().superior(division),
    }
}

impl Line {
    /// Offices in memory (or wherever `TERRACE_STORE` asks for), superiors first.
    pub async fn new(divisions: &[&str]) -> Self {
        Self::with(divisions, |_| None).await
    }

    /// `store` gives an office another store than one in memory.
    pub async fn with(divisions: &[&str], store: impl Fn(&str) -> Option<Arc<dyn Store>>) -> Self {
        let clock = HandClock::at("2026-03-02T01:00:00Z");
        let mut line = Self { offices: BTreeMap::new(), clock };
        for (number, division) in (1..).zip(divisions) {
            let store = match (store(division), offices::as_asked(division)) {
                (Some(store), _) => store,
                (None, Some(address)) => {
                    Address::Server(address).open(IfHeld::Refuse).await.unwrap()
                }
                (None, None) => Arc::new(MemoryStore::default()),
            };
            line.join(identity(code(division), number), store).await;
        }
        line
    }

    /// Adds an office over a store.
    pub async fn join(&mut self, identity: Identity, store: Arc<dyn Store>) {
        enrolling::found(store.as_ref(), &identity).await.unwrap();
        let clock = Arc::new(self.clock.clone());
        let (watermark, chance) = (Box::new(MemoryWatermark::default()), Box::new(SystemChance));
        let archive = Archive::open(identity.clone(), store, watermark, clock, chance).await;
        let mut archive = archive.unwrap();
        archive.open_epoch().await.unwrap();
        if let Some(superior) = identity.superior {
            let above = &mut self.office(superior).archive;
            let key = identity.signer.public();
            let admitted = above.admit(Hand::default(), identity.me, key, Digest([1; 32]));
            admitted.await.unwrap();
            let chain = above.admission_chain(identity.me).await.unwrap();
            let root = self.office(DivisionCode::HUB).archive.identity().clone();
            archive.enrolled((root.me, root.signer.public()), chain).await.unwrap();
        }
        let (numbering, passed) = (Numbering::default(), 0);
        let office = Office { archive, numbering, sent: None, passed, sunk: BTreeMap::new() };
        self.offices.insert(identity.me.author, office);
        self.climb().await;
    }

    /// An office.
    pub fn office(&mut self, division: DivisionCode) -> &mut Office {
        self.offices.get_mut(&division).unwrap()
    }

    /// An office by its code.
    pub fn at(&mut self, division: &str) -> &mut Office {
        self.office(code(division))
    }

    /// Sends up whatever is new, from the lowest office to the root.
    pub async fn climb(&mut self) {
        let order: Vec<DivisionCode> = self.offices.keys().rev().copied().collect();
        for division in order {
            if let Some(superior) = self.office(division).archive.identity().superior {
                self.send(division, superior).await;
            }
        }
    }

    async fn send(&mut self, from: DivisionCode, to: DivisionCode) {
        let sent_at = self.clock.now().as_millisecond();
        let store = self.office(from).archive.store().clone();
        let signer = self.office(from).archive.identity().signer.clone();
        for run in store.runs(self.office(from).passed, 1_000).await.unwrap() {
            let (position, run) = (run.position, run.run);
            let count = run.size - run.first;
            let many = u32::try_from(count).unwrap();
            let entries = store.entries(run.journal, run.first, many).await.unwrap();
            let parts: Vec<_> = entries
                .into_iter()
                .map(|entry| Parts { header: entry.header, body: entry.body, sealed: entry.sealed })
                .collect();
            let held = self.office(to).archive.held(run.journal).await.unwrap();
            let held: Held = held.expect("the superior knows whose journal it is");
            let verified = verify_run(&held, run.first, parts, &run.checkpoint).unwrap();
            let leaves: Vec<Digest> = verified.entries().iter().map(|entry| entry.leaf()).collect();
            let ledger = LedgerId { from, to, epoch: LinkEpoch([9; 16]) };
            let before = self.office(from).sent.unwrap_or_else(|| Head::start(ledger));
            let span = Span::Run { first: run.first, count };
            let record = before.next(sent_at, run.journal, span, &leaves);
            let office = self.office(from);
            (office.sent, office.passed) = (Some(record.head), position);
            let head_signature = record.head.sign(&signer);
            let passed = Passed::Run(verified);
            let delivery = Delivery { record, head_signature, passed };
            self.office(to).archive.receive(from, vec![delivery]).await.unwrap();
        }
        let wraps = self.office(from).archive.due_wraps(to, u32::MAX).await.unwrap();
        let (taken, _) = self.office(to).archive.take_wraps(wraps).await.unwrap();
        self.office(from).archive.wraps_taken(to, taken).await.unwrap();
    }

    /// Gives every office sealing keys, of its petition office and of its discipline organ, and announces them.
    pub async fn with_keys(mut self) -> Self {
        let order: Vec<DivisionCode> = self.offices.keys().copied().collect();
        for division in order {
            let mut office = self.offices.remove(&division).unwrap();
            let seed = office.archive.identity().signer.secret();
            let discipline = seed.map(|byte| byte ^ 0x55);
            let keys = SealingKeys::default().with("", 1, SealingKey::from_seed(&seed)).with(
                DISCIPLINE,
                1,
                SealingKey::from_seed(&discipline),
            );
            let index = IndexKeys::of(1, IndexKey::of(&seed));
            let cabinet = Cabinet::new(Arc::new(MemoryKeys::default()), keys).with_index(index);
            office.archive = office.archive.with_cabinet(cabinet);
            office.archive.announce_keys().await.unwrap();
            self.offices.insert(division, office);
        }
        self.climb().await;
        self.sink().await;
        self
    }

    /// Sends down what is listed for those below, from the root to the lowest office.
    pub async fn sink(&mut self) {
        let order: Vec<DivisionCode> = self.offices.keys().copied().collect();
        for from in order {
            for to in self.office(from).archive.subordinates().clone() {
                if self.offices.contains_key(&to) {
                    self.pass_down(from, to).await;
                }
            }
        }
    }

    async fn pass_down(&mut self, from: DivisionCode, to: DivisionCode) {
        let (store, level) = (self.office(from).archive.store().clone(), Level::default());
        let signer = self.office(from).archive.identity().signer.clone();
        let (before, after) = self.office(from).sunk.get(&to).copied().unwrap_or_default();
        let ledger = LedgerId { from, to, epoch: LinkEpoch([8; 16]) };
        let (mut before, mut after) = (before.unwrap_or_else(|| Head::start(ledger)), after);
        let shipping = Shipping::new(store, level);
        for shipment in shipping.down(to, after, u32::MAX, u32::MAX).await.unwrap() {
            let journal = shipment.journal;
            let key = self.office(from).archive.journals()[&journal].key;
            let parcel =
                verify_parcel(journal, &key, shipment.items, &shipment.checkpoint).unwrap();
            let leaves: Vec<Digest> = parcel.iter().map(|entry| entry.leaf()).collect();
            let picked = parcel.iter().map(|entry| entry.id().sequence).collect();
            let sent_at = self.clock.now().as_millisecond();
            let record = before.next(sent_at, journal, Span::Picked(picked), &leaves);
            let head_signature = record.head.sign(&signer);
            (before, after) = (record.head, shipment.position);
            let delivery = Delivery { record, head_signature, passed: Passed::Parcel(parcel) };
            self.office(to).archive.receive(from, vec![delivery]).await.unwrap();
        }
        self.office(from).sunk.insert(to, (Some(before), after));
        let wraps = self.office(from).archive.due_wraps(to, u32::MAX).await.unwrap();
        let (taken, _) = self.office(to).archive.take_wraps(wraps).await.unwrap();
        self.office(from).archive.wraps_taken(to, taken).await.unwrap();
    }

    /// Registers a case without anything special.
    pub async fn register(&mut self, at: &str) -> CaseId {
        let intake = wire::IntakeRegistered { title: "路灯".into(), ..Default::default() };
        let registration =
            Registration { intake, received_on: None, past: None, identity: None, coded: false };
        let office = self.at(at);
        let mut desk = Desk::new(&mut office.archive, &mut office.numbering);
        let (registered, _) = desk.register(&Hand::default(), vec![registration]).await.unwrap();
        registered[0].case
    }

    /// Passes a case on between petition offices.
    pub async fn hop(&mut self, case: CaseId, from: &str, to: &str, due_in: Option<i32>) {
        let today = days_of(day_of(self.clock.now()));
        let due = due_in.map(|days| date_of(today + days).unwrap());
        let office = self.at(from);
        let mut desk = Desk::new(&mut office.archive, &mut office.numbering);
        let to = Holder::office(code(to));
        desk.hop(case, &Hand::default(), to, String::new(), due).await.unwrap();
    }

    /// Passes a case that lies at the petition office to [`UNIT`] in the same house, which decides the substance.
    pub async fn to_unit(&mut self, case: CaseId, at: &str) {
        self.pass_to(case, (at, ""), (at, UNIT), None).await.unwrap();
        self.step(case, at, Content::Received(wire::Received::default())).await;
    }

    /// Takes a step in the organ of the house that holds the case.
    pub async fn step(&mut self, case: CaseId, at: &str, content: Content) {
        let organ = self.case(at, case).await.leading().unwrap().holder().organ.clone();
        self.act(case, (at, &organ, ""), content).await.unwrap();
    }

    /// Registers an intake as it is given, with a code for the petitioner.
    pub async fn take_in(&mut self, at: &str, intake: wire::IntakeRegistered) -> Registered {
        let registration =
            Registration { intake, received_on: None, past: None, identity: None, coded: true };
        let office = self.at(at);
        let mut desk = Desk::new(&mut office.archive, &mut office.numbering);
        let (mut registered, _) =
            desk.register(&Hand::default(), vec![registration]).await.unwrap();
        registered.pop().unwrap()
    }

    /// What the office says when an officer of an organ acts; with its answer whatever it is.
    pub async fn act(
        &mut self,
        case: CaseId,
        (at, organ, officer): (&str, &str, &str),
        content: Content,
    ) -> Result<Taken, DeskError> {
        let hand =
            Hand { organ: organ.into(), officer: officer.into(), on_behalf_of: String::new() };
        let office = self.at(at);
        let mut desk = Desk::new(&mut office.archive, &mut office.numbering);
        desk.act(case, &hand, content, None).await
    }

    /// Passes a case on to an organ.
    pub async fn pass_to(
        &mut self,
        case: CaseId,
        (from, organ): (&str, &str),
        (to, to_organ): (&str, &str),
        due: Option<Date>,
    ) -> Result<Taken, DeskError> {
        let hand = Hand { organ: organ.into(), ..Hand::default() };
        let office = self.at(from);
        let mut desk = Desk::new(&mut office.archive, &mut office.numbering);
        let to = Holder { division: code(to), organ: to_organ.into() };
        desk.hop(case, &hand, to, "请依法处理".into(), due).await
    }

    /// The desk of an office.
    pub fn desk(&mut self, at: &str) -> Desk<'_> {
        let office = self.at(at);
        Desk::new(&mut office.archive, &mut office.numbering)
    }

    /// A case as an office holds it.
    pub async fn case(&mut self, at: &str, case: CaseId) -> Case {
        self.at(at).archive.case(case).await.unwrap().unwrap()
    }

    /// What the petitioner says with the code, as an officer takes it down.
    pub async fn say(
        &mut self,
        case: CaseId,
        (at, organ, officer): (&str, &str, &str),
        content: Content,
        code: &Code,
    ) -> Result<Taken, DeskError> {
        let hand =
            Hand { organ: organ.into(), officer: officer.into(), on_behalf_of: String::new() };
        let office = self.at(at);
        let mut desk = Desk::new(&mut office.archive, &mut office.numbering);
        desk.act(case, &hand, content, Some(code)).await
    }

    /// The hour it is.
    #[must_use]
    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The day it is in China.
    #[must_use]
    pub fn today(&self) -> Date {
        day_of(self.clock.now())
    }
}
