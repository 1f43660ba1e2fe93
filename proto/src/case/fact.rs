//! What a case keeps of one entry: its header, and the few words of its body that the fold needs.
//!
//! Facts are kept together with their case, so that a case can be folded without reading journals.

mod detail;

use jiff::civil::Date;
use prost::Message as _;

use super::number::CaseNumber;
use crate::digest::{CaseId, Digest};
use crate::division::DivisionCode;
use crate::entry::header::{date_of, days_of};
use crate::entry::{Content, Entry, Header, HeaderError, Holder, Kind, SALT_LENGTH};
use crate::rules::Duty;
use crate::wire;

/// One entry, as far as its case needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    leaf: Digest,
    header_bytes: Vec<u8>,
    header: Header,
    detail: Option<Detail>,
}

/// The words the fold needs; present once the body is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Detail {
    number: Option<CaseNumber>,
    title: String,
    pins: Vec<Pin>,
    about: Option<Digest>,
    supervised: Option<Holder>,
    on: Option<Date>,
    outcome: u32,
    petitioner_key: Vec<u8>,
    signature: Vec<u8>,
    rule_packs: Vec<Digest>,
    other: Option<CaseId>,
    officer: String,
    agents: u32,
    mandate_on_paper: bool,
    visit: Option<Visit>,
    former_number: String,
}

/// A visit (走访), as figures count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// Where the problem lies, if that was taken down.
    pub place: Option<DivisionCode>,
    /// Persons who came.
    pub persons: u32,
    /// The field of the matter: the first two digits of its category; 0 where none was given.
    pub field: u32,
}

/// The last day of a clock, as an entry pins it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// What is owed, or may still be done.
    pub duty: Duty,
    /// The last day.
    pub due_on: Date,
    /// The day of the event, which is not counted.
    pub from_on: Option<Date>,
    /// The rule pack it was reckoned by; `None` where an officer set it, or the law's plain term was taken.
    pub rule_pack: Option<Digest>,
    /// The calendar it was reckoned by.
    pub calendar: Option<Digest>,
    /// The day may move: the calendar did not reach so far, or the event is presumed.
    pub provisional: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Record {
    #[prost(bytes = "vec", tag = "1")]
    header: Vec<u8>,
    #[prost(bool, tag = "2")]
    has_body: bool,
    #[prost(string, tag = "3")]
    number: String,
    /// As it was kept before there were pins.
    #[prost(sint32, optional, tag = "4")]
    due_on: Option<i32>,
    #[prost(string, tag = "5")]
    title: String,
    #[prost(bytes = "vec", tag = "6")]
    about: Vec<u8>,
    #[prost(message, repeated, tag = "7")]
    pins: Vec<wire::Due>,
    #[prost(message, optional, tag = "8")]
    supervised: Option<wire::Holder>,
    #[prost(sint32, optional, tag = "9")]
    on: Option<i32>,
    #[prost(uint32, tag = "10")]
    outcome: u32,
    #[prost(bytes = "vec", tag = "11")]
    petitioner_key: Vec<u8>,
    #[prost(bytes = "vec", repeated, tag = "12")]
    rule_packs: Vec<Vec<u8>>,
    #[prost(bytes = "vec", tag = "13")]
    signature: Vec<u8>,
    #[prost(bytes = "vec", tag = "14")]
    other: Vec<u8>,
    #[prost(string, tag = "15")]
    officer: String,
    #[prost(uint32, tag = "16")]
    agents: u32,
    #[prost(bool, tag = "17")]
    mandate_on_paper: bool,
    #[prost(message, optional, tag = "18")]
    visit: Option<VisitRecord>,
    #[prost(string, tag = "19")]
    former_number: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct VisitRecord {
    #[prost(uint64, tag = "1")]
    place: u64,
    #[prost(uint32, tag = "2")]
    persons: u32,
    #[prost(uint32, tag = "3")]
    field: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Records {
    #[prost(message, repeated, tag = "1")]
    facts: Vec<Record>,
}

/// Facts that were stored but cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// Not what was written.
    #[error("the facts of a case are damaged: {0}")]
    Encoding(String),
    /// A header in them is damaged.
    #[error("the facts of a case hold a damaged header: {0}")]
    Header(#[from] HeaderError),
}

impl Fact {
    /// What a case keeps of `entry`.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self {
            leaf: entry.leaf(),
            header_bytes: entry.header_bytes().to_vec(),
            header: entry.header().clone(),
            detail: entry
                .body()
                .map(|_| entry.content().map(|c| detail::of(&c)).unwrap_or_default()),
        }
    }

    /// Writes an entry, and what its case keeps of it, which need not be read back; as [`Fact::of`] the entry.
    #[must_use]
    pub fn write(header: Header, content: Content, salt: [u8; SALT_LENGTH]) -> (Entry, Self) {
        let detail = detail::of(&content);
        let entry = Entry::write(header, content, salt);
        let fact = Self {
            leaf: entry.leaf(),
            header_bytes: entry.header_bytes().to_vec(),
            header: entry.header().clone(),
            detail: Some(detail),
        };
        (entry, fact)
    }

    /// The entry's leaf hash.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Its header's bytes, as its author made them.
    #[must_use]
    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// Whether the body was here when the fact was kept.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.detail.is_some()
    }

    /// The case number an opening gives.
    #[must_use]
    pub fn number(&self) -> Option<&CaseNumber> {
        self.detail.as_ref()?.number.as_ref()
    }

    /// The clocks it pins.
    #[must_use]
    pub fn pins(&self) -> &[Pin] {
        self.detail.as_ref().map(|detail| detail.pins.as_slice()).unwrap_or_default()
    }

    /// The title of an intake, cut to a line; for an intake without one, the beginning of its text.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.detail.as_ref().map(|detail| detail.title.as_str()).filter(|title| !title.is_empty())
    }

    /// The entry it answers or is about: the proposal an erasure agrees to, the opinion a request is about, the
    /// assignment a report answers, the ticket an intake was drawn with.
    #[must_use]
    pub fn about(&self) -> Option<Digest> {
        self.detail.as_ref()?.about
    }

    /// Who it is directed at: whom a supervision names, of whom a review is asked.
    #[must_use]
    pub fn addressed(&self) -> Option<&Holder> {
        self.detail.as_ref()?.supervised.as_ref()
    }

    /// The day in China it speaks of: of service, of a hearing, of a request.
    #[must_use]
    pub fn on(&self) -> Option<Date> {
        self.detail.as_ref()?.on
    }

    /// The outcome of an opinion, or the ground or form it names; 0 where it has none.
    #[must_use]
    pub fn outcome(&self) -> u32 {
        self.detail.as_ref().map_or(0, |detail| detail.outcome)
    }

    /// The petitioner's key that an intake gives; empty where none was given.
    #[must_use]
    pub fn petitioner_key(&self) -> &[u8] {
        self.detail.as_ref().map(|detail| detail.petitioner_key.as_slice()).unwrap_or_default()
    }

    /// The petitioner's signature under what only the petitioner can say; empty where there is none.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.detail.as_ref().map(|detail| detail.signature.as_slice()).unwrap_or_default()
    }

    /// The rule packs that an opening froze.
    #[must_use]
    pub fn rule_packs(&self) -> &[Digest] {
        self.detail.as_ref().map(|detail| detail.rule_packs.as_slice()).unwrap_or_default()
    }

    /// The other case that it names.
    #[must_use]
    pub fn other(&self) -> Option<CaseId> {
        self.detail.as_ref()?.other
    }

    /// The officer it is about, by staff number; empty where it is about none.
    #[must_use]
    pub fn officer(&self) -> &str {
        self.detail.as_ref().map(|detail| detail.officer.as_str()).unwrap_or_default()
    }

    /// How many agents brought an intake; 0 where the petitioner did.
    #[must_use]
    pub fn agents(&self) -> u32 {
        self.detail.as_ref().map_or(0, |detail| detail.agents)
    }

    /// Whether they showed a written mandate.
    #[must_use]
    pub fn mandate_on_paper(&self) -> bool {
        self.detail.as_ref().is_some_and(|detail| detail.mandate_on_paper)
    }

    /// The visit that an intake was; `None` for any other channel and for records of the past.
    #[must_use]
    pub fn visit(&self) -> Option<Visit> {
        self.detail.as_ref()?.visit
    }

    /// The number a record of the past had where it was kept; empty where it had none.
    #[must_use]
    pub fn former_number(&self) -> &str {
        self.detail.as_ref().map(|detail| detail.former_number.as_str()).unwrap_or_default()
    }

    fn record(&self) -> Record {
        let header = self.header_bytes.clone();
        let Some(detail) = self.detail.clone() else {
            return Record { header, ..Record::default() };
        };
        Record {
            header,
            has_body: true,
            number: detail.number.as_ref().map(ToString::to_string).unwrap_or_default(),
            due_on: None,
            title: detail.title,
            about: detail.about.map(|leaf| leaf.0.to_vec()).unwrap_or_default(),
            pins: detail.pins.iter().map(Pin::due).collect(),
            supervised: detail.supervised.map(|holder| holder.to_wire()),
            on: detail.on.map(days_of),
            outcome: detail.outcome,
            petitioner_key: detail.petitioner_key,
            signature: detail.signature,
            rule_packs: detail.rule_packs.iter().map(|digest| digest.0.to_vec()).collect(),
            other: detail.other.map(|case| case.0.to_vec()).unwrap_or_default(),
            officer: detail.officer,
            agents: detail.agents,
            mandate_on_paper: detail.mandate_on_paper,
            visit: detail.visit.map(Visit::record),
            former_number: detail.former_number,
        }
    }

    fn from_record(record: Record) -> Result<Self, FactError> {
        let header = Header::read(&record.header)?;
        let mut pins = pins(&record.pins);
        if let Some(due_on) = record.due_on.and_then(|days| date_of(days).ok())
            && let Some(duty) = plain_duty(header.kind)
        {
            pins.push(Pin::plain(duty, due_on));
        }
        let detail = Detail {
            number: record.number.parse().ok(),
            title: record.title,
            pins,
            about: Digest::read(&record.about),
            supervised: record.supervised.and_then(|holder| Holder::read(&holder)),
            on: record.on.and_then(|days| date_of(days).ok()),
            outcome: record.outcome,
            petitioner_key: record.petitioner_key,
            signature: record.signature,
            rule_packs: record.rule_packs.iter().filter_map(|one| Digest::read(one)).collect(),
            other: CaseId::read(&record.other),
            officer: record.officer,
            agents: record.agents,
            mandate_on_paper: record.mandate_on_paper,
            visit: record.visit.map(Visit::of_record),
            former_number: record.former_number,
        };
        Ok(Self {
            leaf: crate::entry::leaf_of(&record.header),
            header,
            header_bytes: record.header,
            detail: record.has_body.then_some(detail),
        })
    }
}

impl Visit {
    fn record(self) -> VisitRecord {
        let place = self.place.map(DivisionCode::number).unwrap_or_default();
        VisitRecord { place, persons: self.persons, field: self.field }
    }

    fn of_record(record: VisitRecord) -> Self {
        let place = DivisionCode::from_number(record.place).ok().filter(|_| record.place != 0);
        Self { place, persons: record.persons, field: record.field }
    }
}

impl Pin {
    /// A pin that says nothing but its day.
    fn plain(duty: Duty, due_on: Date) -> Self {
        Self { duty, due_on, from_on: None, rule_pack: None, calendar: None, provisional: false }
    }

    /// What an entry pins; `None` for a duty of a later version, or a day that is none.
    #[must_use]
    pub fn read(due: &wire::Due) -> Option<Self> {
        Some(Self {
            duty: Duty::from_code(&due.duty)?,
            due_on: date_of(due.due_on).ok()?,
            from_on: due.from_on.and_then(|days| date_of(days).ok()),
            rule_pack: Digest::read(&due.rule_pack),
            calendar: Digest::read(&due.calendar),
            provisional: due.provisional,
        })
    }

    /// As an entry carries it.
    #[must_use]
    pub fn due(&self) -> wire::Due {
        let bytes = |digest: Option<Digest>| digest.map(|one| one.0.to_vec()).unwrap_or_default();
        wire::Due {
            duty: self.duty.code().to_owned(),
            due_on: days_of(self.due_on),
            rule_pack: bytes(self.rule_pack),
            calendar: bytes(self.calendar),
            from_on: self.from_on.map(days_of),
            provisional: self.provisional,
        }
    }
}

fn pins(dues: &[wire::Due]) -> Vec<Pin> {
    dues.iter().filter_map(Pin::read).collect()
}

/// The duty whose day an entry of this kind gives without naming it.
fn plain_duty(kind: Kind) -> Option<Duty> {
    let duties = [
        (Kind::CaseOpened, Duty::Triage),
        (Kind::Assigned, Duty::ReportBack),
        (Kind::Accepted, Duty::Handle),
    ];
    duties.into_iter().find(|row| row.0 == kind).map(|row| row.1)
}

/// Reads the facts of a case.
pub fn read_all(bytes: &[u8]) -> Result<Vec<Fact>, FactError> {
    let records = Records::decode(bytes).map_err(|e| FactError::Encoding(e.to_string()))?;
    records.facts.into_iter().map(Fact::from_record).collect()
}

/// Writes the facts of a case.
pub fn write_all<'a>(facts: impl Iterator<Item = &'a Fact>) -> Vec<u8> {
    Records { facts: facts.map(Fact::record).collect() }.encode_to_vec()
}
