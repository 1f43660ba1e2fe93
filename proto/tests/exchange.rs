//! The national record as offices fill it: what is known stands in it, what is not stays empty, and reports are in none.
//! `docs/EXCHANGE.md` is held against the fields, and its table written with `TERRACE_WRITE_DOCS=1`.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use terrace_proto::case::petitioner::{covered, message};
use terrace_proto::case::{Case, CaseNumber, Fact};
use terrace_proto::digest::{CaseId, Digest, Epoch, ThreadId};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::{Place, days_of};
use terrace_proto::entry::{Content, Entry, Header, Holder, JournalId, body};
use terrace_proto::exchange::fold::Folded;
use terrace_proto::exchange::{Field, Filling, Row};
use terrace_proto::key::Signer;
use terrace_proto::seal::{CaseKey, SealedPart};
use terrace_proto::wire;

const THREAD: ThreadId = ThreadId([3; 16]);
const TOWN: &str = "410221101";
const TODAY: Date = date(2026, 3, 2);

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

fn petitioner() -> Signer {
    Signer::from_secret(&[9; 32])
}

/// A case in the making at a town.
struct Life {
    case: Case,
    entries: BTreeMap<Digest, Entry>,
    sequence: u64,
}

impl Life {
    /// With its intake, sealed where `named`, and its opening.
    fn begin(intake: wire::IntakeRegistered, named: bool) -> Self {
        let case = Case::new(CaseId::of(code(TOWN), THREAD));
        let mut life = Self { case, entries: BTreeMap::new(), sequence: 0 };
        let key = CaseKey::of(life.case.id(), &[7; 32]);
        let part = named.then(|| SealedPart::seal(&key, b"words", &[3; 24]).unwrap());
        life.write(code(TOWN), Content::IntakeRegistered(intake), None, part);
        let number = CaseNumber::new(code(TOWN), 2026, 58_213, 17).unwrap().to_string();
        let opened = wire::CaseOpened { number, ..wire::CaseOpened::default() };
        life.step(Content::CaseOpened(opened));
        life
    }

    fn write(
        &mut self,
        author: DivisionCode,
        content: Content,
        place: Option<Place>,
        part: Option<SealedPart>,
    ) -> Digest {
        self.sequence += 1;
        let journal = JournalId { author, epoch: Epoch([7; 16]) };
        let hour: Timestamp = "2026-03-02T01:05:00.5Z".parse().unwrap();
        let mut header = Header::plain(journal, self.sequence, body::kind(&content), hour);
        header.case = Some(self.case.id());
        (header.hand.officer, header.hand.organ) = ("0417".into(), "xf".into());
        if place.is_some() {
            header.custody_from =
                place.as_ref().and_then(|place| place.predecessor).map(|_| Holder::office(author));
            header.custody_to = Some(Holder::office(author));
        }
        header.place = place;
        let salt = [u8::try_from(self.sequence).unwrap(); 16];
        let entry = Entry::write_sealed(header, content, salt, part);
        self.case.take(&entry);
        self.case.derive(Tree::national());
        let leaf = entry.leaf();
        self.entries.insert(leaf, entry);
        leaf
    }

    fn step(&mut self, content: Content) -> Digest {
        let predecessor = self.case.leading().and_then(|thread| thread.tip());
        let place = Place { thread: THREAD, stage: 1, predecessor };
        self.write(code(TOWN), content, Some(place), None)
    }

    fn beside(&mut self, author: &str, content: Content) -> Digest {
        self.write(code(author), content, None, None)
    }

    fn folded(&self) -> Folded {
        Row::of(&self.case, |fact: &Fact| self.entries[&fact.leaf()].content())
    }

    fn row(&self) -> Row {
        match self.folded() {
            Folded::Row(row) => *row,
            other @ (Folded::Report | Folded::Waiting) => panic!("{other:?}"),
        }
    }
}

fn intake() -> wire::IntakeRegistered {
    wire::IntakeRegistered {
        channel: "VIS".into(),
        category: "030000".into(),
        title: "路灯".into(),
        text: "门前路灯坏了两个月".into(),
        place: 410_221_101_000,
        persons: 3,
        petitioner_key: petitioner().public().bytes().to_vec(),
        ..wire::IntakeRegistered::default()
    }
}

/// A case of which everything was said that a row can tell.
fn told() -> Life {
    let mut life = Life::begin(intake(), true);
    let triaged =
        wire::Triaged { purpose: "其他".into(), category: "060000".into(), ..Default::default() };
    life.step(Content::Triaged(triaged));
    life.beside(TOWN, Content::CrossingDeclared(wire::CrossingDeclared::default()));
    life.beside("410221", Content::BacklogListed(wire::BacklogListed::default()));
    life.beside(TOWN, Content::UrgentReported(wire::UrgentReported::default()));
    life.beside(TOWN, Content::SimpleChosen(wire::SimpleChosen::default()));
    let linked = wire::CasesLinked { case_id: vec![4; 16], relation: 1, ..Default::default() };
    life.beside(TOWN, Content::CasesLinked(linked));
    let first = life.case.first_intake().unwrap().leaf();
    let kind = terrace_proto::entry::Kind::PublicationConsented;
    let words = message(life.case.id(), first, kind, &covered(kind, true, None));
    let signature = petitioner().sign(&words).to_vec();
    let consented =
        wire::PublicationConsented { consented: true, about: first.0.to_vec(), signature };
    life.beside(TOWN, Content::PublicationConsented(consented));
    let due = wire::Due {
        duty: "supervision_feedback".into(),
        due_on: days_of(TODAY),
        ..Default::default()
    };
    let supervised = Some(Holder::office(code(TOWN)).to_wire());
    let supervised = wire::Supervised { supervised, due: vec![due], ..Default::default() };
    life.beside("410221", Content::Supervised(supervised));
    life
}

#[test]
fn a_case_of_which_everything_is_known_fills_what_is_said_to_be_filled_and_nothing_else() {
    let row = told().row();
    for field in Field::all() {
        let filled = !row.cell(field).is_empty();
        assert_eq!(filled, matches!(field.filling(), Filling::Written(_)), "{}", field.code());
    }
    for (field, cell) in [
        (Field::Division, "410221101000"),
        (Field::OfficeCode, "410221"),
        (Field::Section, "xf"),
        (Field::RegisteredBy, "0417"),
        (Field::RegisteredAt, "2026/03/02 09:05:00"),
        (Field::PetitionedOn, "2026/03/02 09:05:00"),
        (Field::Channel, "来访"),
        (Field::Persons, "3"),
        (Field::Joint, "1"),
        (Field::Place, "410221"),
        (Field::Category, "060000"),
        (Field::Purpose, "99"),
        (Field::State, "已甄别"),
        (Field::Done, "0"),
        (Field::Review, "0"),
        (Field::Repeated, "1"),
        (Field::Crossing, "1"),
        (Field::Backlog, "1"),
        (Field::Urgent, "1"),
        (Field::Publishable, "1"),
        (Field::Anonymous, "0"),
        (Field::DueAt, "2026/03/02 23:59:59"),
        (Field::Procedure, "简易办理"),
    ] {
        assert_eq!(row.cell(field), cell, "{}", field.code());
    }
    let cells = row.cells();
    let read = Row::read(|field| Some(cells[field as usize].as_str()));
    assert_eq!(read, Ok(row));
}

#[test]
fn what_is_not_known_stays_empty() {
    let bare = wire::IntakeRegistered { title: "路灯".into(), ..Default::default() };
    let row = Life::begin(bare, false).row();
    for field in [
        Field::Persons,
        Field::Joint,
        Field::Place,
        Field::Category,
        Field::Purpose,
        Field::Repeated,
        Field::Publishable,
        Field::Anonymous,
        Field::FirstNationally,
    ] {
        assert_eq!(row.cell(field), "", "{}", field.code());
    }
}

#[test]
fn a_record_of_the_national_system_keeps_its_id() {
    let brought = wire::IntakeRegistered {
        source: "national:XFJ-7".into(),
        submitted_at: "2026-02-27T16:00:00Z".parse::<Timestamp>().unwrap().as_millisecond(),
        ..intake()
    };
    let row = Life::begin(brought, false).row();
    assert_eq!(row.cell(Field::Id), "XFJ-7");
    assert_eq!(row.cell(Field::PetitionedOn), "2026/02/28 00:00:00");
    let other = wire::IntakeRegistered { source: "nationals:7".into(), ..intake() };
    let life = Life::begin(other, false);
    assert_eq!(life.row().cell(Field::Id), life.case.id().to_string());
}

#[test]
fn a_stranger_marks_nothing() {
    let mut life = Life::begin(intake(), false);
    life.beside("330102", Content::BacklogListed(wire::BacklogListed::default()));
    life.beside("330102", Content::IntakeRegistered(wire::IntakeRegistered::default()));
    let row = life.row();
    assert_eq!((row.cell(Field::Backlog), row.cell(Field::Summary)), ("0".into(), "路灯".into()));
}

#[test]
fn no_row_is_made_of_a_report() {
    for purpose in ["揭发控告", "检举控告", "Accusation"] {
        let mut life = Life::begin(intake(), false);
        life.step(Content::Triaged(wire::Triaged {
            purpose: purpose.into(),
            ..Default::default()
        }));
        assert_eq!(life.folded(), Folded::Report, "{purpose}");
    }
    let mut life = Life::begin(intake(), false);
    life.step(Content::TurnedToReport(wire::TurnedToReport {}));
    assert_eq!(life.folded(), Folded::Report);
}

#[test]
fn a_case_waits_for_its_intake_and_its_number() {
    let life = Life::begin(intake(), false);
    let said = |fact: &Fact| life.entries[&fact.leaf()].content();
    assert_eq!(Row::of(&life.case, |_| None), Folded::Waiting);
    let mut only_intake = Case::new(life.case.id());
    only_intake.take(&life.entries[&life.case.first_intake().unwrap().leaf()]);
    only_intake.derive(Tree::national());
    assert_eq!(Row::of(&only_intake, said), Folded::Waiting);
}

fn table() -> String {
    let mut out = String::from(
        "| 栏 field | 中文 | English | 形式 form | 由 Terrace 填写 filled by Terrace |\n|---|---|---|---|---|\n",
    );
    for field in Field::all() {
        let filling = match field.filling() {
            Filling::Written(with) => with.to_owned(),
            Filling::Empty(why) => format!("空 empty: {why}"),
        };
        let (code, zh, en) = (field.code(), field.zh(), field.en());
        writeln!(out, "| `{code}` | {zh} | {en} | {} | {filling} |", field.form().words()).unwrap();
    }
    out
}

#[test]
fn the_table_of_the_document_is_what_the_fields_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/EXCHANGE.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let begin = page.find("| 栏 field |").unwrap();
    let end = page[begin..].find("\n\n").map_or(page.len(), |at| begin + at + 1);
    if std::env::var_os("TERRACE_WRITE_DOCS").is_some() {
        let written = format!("{}{}{}", &page[..begin], table(), &page[end..]);
        std::fs::write(&path, written).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(page.contains(&table()), "docs/EXCHANGE.md: write its table with TERRACE_WRITE_DOCS=1");
}
