//! An auditor who knows nothing of the code: from an exported file and the root's key alone, three faults are found
//! that insiders planted with their offices' own keys, each with the office that must answer and the entry.
//!
//! Four offices stand in a line, root, province, city and county. Their archives are real, and so are the file and
//! the program that checks it; the hour and the links between them are this test's.

mod running;

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use terrace_node::archive::shipping::Shipping;
use terrace_node::archive::{Archive, ArchiveError, Draft, Identity, enrolling};
use terrace_node::desk::{Desk, Numbering, Registration};
use terrace_node::export::{Unwatched, write};
use terrace_node::store::memory::MemoryStore;
use terrace_node::store::{Direction, Store};
use terrace_node::surroundings::{Clock, SystemChance};
use terrace_node::watermark::MemoryWatermark;
use terrace_proto::digest::{CaseId, Digest, Epoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, Entry, Header, Holder, JournalId, Kind, Parts};
use terrace_proto::journal::checkpoint::Cosigned;
use terrace_proto::journal::{Checkpoint, JournalError, ParcelItem, verify_parcel, verify_run};
use terrace_proto::key::Signer;
use terrace_proto::ledger::{Head, Span};
use terrace_proto::note;
use terrace_proto::objection::{Ground, Objection};
use terrace_proto::session::{Delivery, Passed, Shipment};
use terrace_proto::wire;
use terrace_tests::disk::at_once;
use terrace_tests::offices::{binary, command, line};
use tokio::process::Command;

const LINE: [&str; 4] = ["00", "41", "4102", "410221"];
const ROOT: usize = 0;
const PROVINCE: usize = 1;
const CITY: usize = 2;
const COUNTY: usize = 3;
/// Words that must not stand in any export.
const SECRET: &str = "村口路灯不亮";

/// An hour that stands still until it is moved.
#[derive(Debug)]
struct StandingClock(Mutex<Timestamp>);

impl StandingClock {
    fn pass(&self, hours: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_hours(hours);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Office {
    archive: Archive,
    numbering: Numbering,
}

impl Office {
    fn identity(&self) -> Identity {
        self.archive.identity().clone()
    }

    fn store(&self) -> Arc<dyn Store> {
        self.archive.store().clone()
    }

    fn register(&mut self) -> CaseId {
        let intake = wire::IntakeRegistered {
            title: SECRET.into(),
            persons: 1,
            ..wire::IntakeRegistered::default()
        };
        let registration =
            Registration { intake, received_on: None, past: None, identity: None, coded: false };
        let mut desk = Desk::new(&mut self.archive, &mut self.numbering);
        let registered = at_once(desk.register(&Hand::default(), vec![registration])).unwrap();
        registered.0[0].case
    }

    fn note(&mut self) {
        let words = Content::Noted(wire::Noted { text: SECRET.into() });
        let draft = Draft::plain(Hand::default(), None, words);
        at_once(self.archive.append(vec![draft])).unwrap();
    }

    /// Entries of its own journal.
    fn journal(&self) -> Vec<Entry> {
        let stored = at_once(self.store().entries(self.identity().me, 0, 1_000)).unwrap();
        stored.into_iter().map(|one| Entry::read(one.header, one.body).unwrap()).collect()
    }
}

struct Federation {
    hour: Arc<StandingClock>,
    offices: Vec<Office>,
}

fn identity(at: usize) -> Identity {
    let number = u8::try_from(at + 1).unwrap();
    let author: DivisionCode = LINE[at].parse().unwrap();
    Identity {
        me: JournalId { author, epoch: Epoch([number; 16]) },
        signer: Signer::from_secret(&[number; 32]),
        superior: at.checked_sub(1).map(|above| LINE[above].parse().unwrap()),
    }
}

impl Federation {
    /// Four offices, each enrolled with the one above it.
    fn new() -> Self {
        let began = "2026-03-02T01:00:00Z".parse().unwrap();
        let hour = Arc::new(StandingClock(Mutex::new(began)));
        let mut federation = Self { hour, offices: Vec::new() };
        for at in 0..LINE.len() {
            let office = federation.open(at);
            federation.offices.push(office);
            federation.enrol(at);
            let archive = &mut federation.offices[at].archive;
            at_once(archive.open_epoch()).unwrap();
        }
        federation
    }

    /// An office with an empty database.
    fn open(&self, at: usize) -> Office {
        let (store, identity) = (Arc::new(MemoryStore::default()), identity(at));
        at_once(enrolling::found(store.as_ref(), &identity)).unwrap();
        let mark = Box::new(MemoryWatermark::default());
        let chance = Box::new(SystemChance);
        let archive =
            at_once(Archive::open(identity, store, mark, self.hour.clone(), chance)).unwrap();
        Office { archive, numbering: Numbering::default() }
    }

    fn enrol(&mut self, at: usize) {
        let Some(above) = at.checked_sub(1) else { return };
        let (own, root) = (identity(at), identity(ROOT));
        let superior = &mut self.offices[above].archive;
        let key = own.signer.public();
        at_once(superior.admit(Hand::default(), own.me, key, Digest::default())).unwrap();
        let chain = at_once(superior.admission_chain(own.me)).unwrap();
        let archive = &mut self.offices[at].archive;
        at_once(archive.enrolled((root.me, root.signer.public()), chain)).unwrap();
    }

    /// Everything due passes over every link, from the county up and down again; what an office refuses is told.
    fn sync(&mut self) -> Vec<String> {
        let mut refused = Vec::new();
        for lower in (1..LINE.len()).rev() {
            refused.extend(self.carry(lower, lower - 1).err());
        }
        for lower in 1..LINE.len() {
            refused.extend(self.carry(lower - 1, lower).err());
        }
        refused
    }

    /// What `from` has for its neighbour `to`.
    fn carry(&mut self, from: usize, to: usize) -> Result<(), String> {
        let peer = identity(to).me.author;
        let sender = &mut self.offices[from].archive;
        let ledger = at_once(sender.store().ledger(peer, Direction::Out)).unwrap();
        let (mut head, position) = match ledger {
            Some(ledger) => (ledger.head, ledger.position),
            None => (at_once(sender.begin_ledger(peer, 0)).unwrap(), 0),
        };
        let shipping = Shipping::new(sender.store().clone(), sender.level().clone());
        let shipments = if from > to {
            at_once(shipping.up(position, 1_000, 1 << 20)).unwrap()
        } else {
            at_once(shipping.down(peer, position, 1_000, 1 << 20)).unwrap()
        };
        for shipment in shipments {
            head = self.pass(from, to, head, shipment)?;
        }
        Ok(())
    }

    /// One passage, as the two ends of a link make it.
    fn pass(&mut self, from: usize, to: usize, head: Head, sent: Shipment) -> Result<Head, String> {
        let (sender, receiver) = (identity(from), identity(to));
        let now = self.hour.now();
        let entries: Vec<Entry> =
            sent.items.iter().map(|i| Entry::read(i.header.clone(), None).unwrap()).collect();
        let sequences: Vec<u64> = entries.iter().map(|one| one.header().sequence).collect();
        let leaves: Vec<Digest> = entries.iter().map(Entry::leaf).collect();
        let span = if sent.run {
            Span::Run { first: sequences[0], count: sequences.len() as u64 }
        } else {
            Span::Picked(sequences.clone())
        };
        let record = head.next(now.as_millisecond(), sent.journal, span, &leaves);
        let head = record.head;
        let archive = &mut self.offices[from].archive;
        let recorded = vec![(record.clone(), sent.position)];
        at_once(archive.record(receiver.me.author, recorded)).unwrap();

        let archive = &mut self.offices[to].archive;
        let held = at_once(archive.held(sent.journal)).unwrap().unwrap();
        let shown = sent.checkpoint.clone();
        let passed = if sent.run {
            let parts = |item: ParcelItem| Parts {
                header: item.header,
                body: item.body,
                sealed: item.sealed,
            };
            let parts = sent.items.into_iter().map(parts).collect();
            verify_run(&held, sequences[0], parts, &sent.checkpoint).map(Passed::Run)
        } else {
            verify_parcel(sent.journal, &held.key, sent.items, &sent.checkpoint).map(Passed::Parcel)
        };
        let passed = match passed {
            Ok(passed) => passed,
            Err(error) => {
                if let JournalError::Fork { journal, size } = error {
                    object(archive, journal, size, shown);
                }
                return Err(error.to_string());
            }
        };
        let head_signature = head.sign(&sender.signer);
        let delivery = Delivery { record, head_signature, passed };
        if let Err(error) = at_once(archive.receive(sender.me.author, vec![delivery])) {
            if let ArchiveError::Fork { journal, sequence, shown } = &error {
                object(archive, *journal, *sequence, shown.clone());
            }
            return Err(error.to_string());
        }
        let held = at_once(archive.held(sender.me)).unwrap().unwrap();

        let archive = &mut self.offices[from].archive;
        let said = head.sign(&receiver.signer);
        at_once(archive.acknowledged(receiver.me.author, head, now.as_millisecond(), said))
            .unwrap();
        if from > to && sent.journal == sender.me {
            let (size, root) = (held.frontier.size(), held.frontier.root());
            let checkpoint = Checkpoint { journal: sender.me, size, root };
            let seconds = u64::try_from(now.as_second()).unwrap();
            let cosigned = Cosigned::sign(checkpoint, receiver.me, &receiver.signer, seconds);
            at_once(archive.cosigned(cosigned)).unwrap();
        }
        Ok(head)
    }

    /// Weeks of ordinary work: every office registers, the county's case goes to the city and on.
    fn work(&mut self) -> CaseId {
        let case = self.offices[COUNTY].register();
        for office in 0..LINE.len() {
            self.offices[office].register();
        }
        self.hour.pass(2);
        assert_eq!(self.sync(), [""; 0]);
        let county = &mut self.offices[COUNTY];
        let mut desk = Desk::new(&mut county.archive, &mut county.numbering);
        let city = Holder::office(LINE[CITY].parse().unwrap());
        at_once(desk.hop(case, &Hand::default(), city, "请处理".into(), None)).unwrap();
        self.hour.pass(2);
        assert_eq!(self.sync(), [""; 0]);
        let city = &mut self.offices[CITY];
        let mut desk = Desk::new(&mut city.archive, &mut city.numbering);
        let received = Content::Received(wire::Received::default());
        at_once(desk.step(case, &Hand::default(), received)).unwrap();
        self.hour.pass(2);
        assert_eq!(self.sync(), [""; 0]);
        case
    }

    /// Everybody goes on working for forty days.
    fn go_on(&mut self) {
        for _ in 0..4 {
            self.hour.pass(240);
            self.offices.iter_mut().for_each(Office::note);
            self.sync();
        }
    }

    /// Exports at the root and checks the file with the product's own program and the root's key.
    async fn audited(&self, folder: &Path) -> (i32, Vec<Value>) {
        let file = folder.join("audit.export");
        let root = &self.offices[ROOT];
        let now = self.hour.now();
        write(&root.store(), &root.identity(), now, &file, &mut Unwatched).await.unwrap();
        holds_no_words(&file);
        keep(&file);
        check(&file, &root_key(), &[]).await
    }
}

/// Leaves the file and the root's key in the folder named by `TERRACE_EXPORTS`, for whoever wants to try them as an
/// auditor who knows nothing else.
fn keep(file: &Path) {
    let Some(folder) = std::env::var_os("TERRACE_EXPORTS") else { return };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).unwrap();
    std::fs::copy(file, folder.join("audit.export")).unwrap();
    std::fs::write(folder.join("root.key"), root_key()).unwrap();
}

/// The root's key as it is handed out on paper.
fn root_key() -> String {
    let root = identity(ROOT);
    note::verifier(&Checkpoint::origin(root.me), &root.signer.public())
}

fn holds_no_words(file: &Path) {
    let bytes = std::fs::read(file).unwrap();
    let secret = SECRET.as_bytes();
    assert!(!bytes.windows(secret.len()).any(|window| window == secret));
}

/// The exit code of `check`, and what it printed: findings, and the summary last.
async fn check(file: &Path, root: &str, rest: &[&str]) -> (i32, Vec<Value>) {
    let mut check = Command::new(binary("terrace-node").unwrap());
    check
        .args(["audit", "check"])
        .arg(file)
        .args(["--root", root, "--json"])
        .args(rest)
        .stdin(Stdio::null());
    let output = check.output().await.unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let lines = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code().unwrap(), lines)
}

/// Kind, office and sequence of each finding.
fn named(lines: &[Value]) -> Vec<(&str, &str, Option<u64>)> {
    let findings = lines.iter().filter(|line| line["finding"].is_string());
    let mut named: Vec<_> = findings
        .map(|one| {
            let text = |field: &str| one[field].as_str().unwrap();
            (text("finding"), text("office"), one["sequence"].as_u64())
        })
        .collect();
    named.sort_unstable();
    named
}

/// Puts a second history on record, as the shell of a link does.
fn object(archive: &mut Archive, about: JournalId, place: u64, shown: Vec<u8>) {
    let (ground, held) = (Ground::Forked, Vec::new());
    let objection = Objection { ground, about, place, shown, held, since: None };
    at_once(archive.object(objection)).unwrap();
}

/// The entry that the county's insider takes out.
const DELETED: u64 = 3;

/// The county's insider takes an entry out of the journal, numbers the rest anew, and signs it again.
fn delete_an_entry(federation: &mut Federation) {
    let old = federation.offices[COUNTY].journal();
    let mut fresh = federation.open(COUNTY);
    let rewritten = |journal: JournalId, old: Vec<Entry>| {
        let kept = old.into_iter().filter(|entry| entry.header().sequence != DELETED);
        let renumber = |(entry, sequence): (Entry, u64)| {
            if sequence < DELETED {
                return entry;
            }
            let header = Header { journal, sequence, ..entry.header().clone() };
            Entry::write(header, entry.content().unwrap(), [5; 16])
        };
        kept.zip(0..).map(renumber).collect::<Vec<_>>()
    };
    at_once(fresh.archive.append_made(|journal, _| rewritten(journal, old))).unwrap();
    std::mem::swap(&mut federation.offices[COUNTY], &mut fresh);
    federation.enrol(COUNTY);
}

/// The province's insider writes what should have been written twenty days ago.
fn set_a_date_back(federation: &mut Federation) -> u64 {
    let then = federation.hour.now() - SignedDuration::from_hours(20 * 24);
    let province = &mut federation.offices[PROVINCE];
    let made = at_once(province.archive.append_made(|journal, sequence| {
        let header = Header::plain(journal, sequence, Kind::Noted, then);
        vec![Entry::write(header, Content::Noted(wire::Noted { text: "补记".into() }), [6; 16])]
    }));
    made.unwrap().0[0].header().sequence
}

/// The province's insider decides a case that the city holds.
fn act_without_custody(federation: &mut Federation, case: CaseId) -> u64 {
    let province = &mut federation.offices[PROVINCE];
    let held = at_once(province.archive.case(case)).unwrap().unwrap();
    let thread = held.leading().unwrap();
    let me = Holder::office(LINE[PROVINCE].parse().unwrap());
    let words = Content::Decided(wire::Decided { outcome: 3, ..wire::Decided::default() });
    let mut draft = Draft::plain(Hand::default(), Some(case), words);
    let (thread, stage, predecessor) = (thread.id(), thread.stage(), thread.tip());
    draft.place = Some(Place { thread, stage, predecessor });
    draft.custody = Some((Some(me.clone()), me));
    at_once(province.archive.append(vec![draft])).unwrap().0[0].header().sequence
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_federation_shows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut federation = Federation::new();
    federation.work();
    federation.go_on();
    let (code, lines) = federation.audited(folder.path()).await;
    assert_eq!((code, named(&lines)), (0, vec![]), "{lines:?}");
    let summary = lines.last().unwrap();
    assert_eq!((&summary["exporter"], &summary["journals"]), (&"00".into(), &4.into()));
    let held = at_once(federation.offices[ROOT].store().tally()).unwrap();
    assert_eq!(summary["entries"], held.entries);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_planted_faults_are_named_by_the_file_and_the_roots_key_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut federation = Federation::new();
    let case = federation.work();
    let shown = federation.offices[COUNTY].journal().len() as u64;
    delete_an_entry(&mut federation);
    let dated_back = set_a_date_back(&mut federation);
    let grabbed = act_without_custody(&mut federation, case);
    let refused = federation.sync();
    assert!(refused.iter().any(|why| why.contains("fork")), "the city refuses: {refused:?}");
    federation.go_on();
    let (code, lines) = federation.audited(folder.path()).await;
    let expected = [
        ("back-dated", "41", Some(dated_back)),
        // What the city refuses never comes to the root, but its objections do: at the entry that is gone, and where
        // the other history goes on. The county's journal stands still at its last true entry.
        ("raised", "410221", Some(DELETED)),
        ("raised", "410221", Some(shown)),
        ("silent", "410221", Some(shown - 1)),
        ("without-custody", "41", Some(grabbed)),
    ];
    assert_eq!((code, named(&lines)), (3, expected.to_vec()), "{lines:?}");
    assert_eq!(lines.last().unwrap()["findings"], 5);
    // The county has signed two heads of one size; that it deleted an entry is the city's word until then.
    let proved = |place: u64| {
        let mut raised = lines.iter().filter(|line| line["finding"] == "raised");
        raised.find(|line| line["sequence"] == place).map(|line| line["proved"] == true)
    };
    assert_eq!((proved(shown), proved(DELETED)), (Some(true), Some(false)), "{lines:?}");
}

/// What the city refuses it puts on record, and its journal climbs.
#[tokio::test(flavor = "multi_thread")]
async fn objection_to_a_deleted_entry_is_shown_with_the_office_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let mut federation = Federation::new();
    federation.work();
    delete_an_entry(&mut federation);
    assert!(!federation.sync().is_empty(), "the city refuses");
    federation.sync();
    let (code, lines) = federation.audited(folder.path()).await;
    assert_eq!((code, named(&lines)), (3, vec![("raised", "410221", Some(DELETED))]), "{lines:?}");
}
