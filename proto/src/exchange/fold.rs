//! A case becomes a row: what Terrace knows is filled, and what it does not know stays empty ([`Filling`](super::Filling)).
//!
//! No row is made of a report (检举控告), of a case that went on as one, or of one whose purpose an officer found to be an
//! accusation: reports are exchanged with nobody.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz;

use super::{Field, Row, SYSTEM, Value};
use crate::case::{Case, Fact, Link, Relation, State};
use crate::division::{DivisionCode, Tree};
use crate::entry::channel::channel;
use crate::entry::{Content, Kind, body};
use crate::wire::{IntakeRegistered, Provenance, Triaged};

/// The entries whose words are needed.
pub const WORDS: [Kind; 3] = [Kind::IntakeRegistered, Kind::PastTakenOver, Kind::Triaged];

/// Hours that China's time is ahead of UTC.
const CHINA: i8 = 8;
/// Digits of a code of GB/T 2260.
const SHORT: usize = 6;
/// Purposes that make a case a report, as officers write them.
const ACCUSING: [&str; 5] = ["检举", "控告", "举报", "揭发", "accus"];
/// The one purpose whose code is known, and that code.
const OTHER_PURPOSE: ([&str; 2], &str) = (["其他", "其它"], "99");
/// The handling stages of review and re-examination.
const REVIEW: u32 = 2;
const REEXAMINATION: u32 = 3;

/// What is folded.
struct Folding<'a> {
    case: &'a Case,
    intake: &'a Fact,
    said: IntakeRegistered,
    /// Of a record of the past: how it was registered where it was kept.
    past: Option<Provenance>,
    triaged: Option<Triaged>,
    row: Row,
}

/// What a case becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folded {
    /// A row.
    Row(Box<Row>),
    /// Nothing, for good: it is a report, or went on as one.
    Report,
    /// Nothing yet: the opening with its number, or the intake with its words, is not here.
    Waiting,
}

impl Row {
    /// What a case becomes; `words` gives what an entry of [`WORDS`] says.
    #[must_use]
    pub fn of(case: &Case, words: impl Fn(&Fact) -> Option<Content>) -> Folded {
        let triaged = triaged(case, &words);
        // Whoever found so, and whatever a later office found.
        let found = case.facts().values().filter(|fact| fact.header().kind == Kind::Triaged);
        let accuses = found
            .filter_map(&words)
            .any(|content| matches!(content, Content::Triaged(said) if is_accusing(&said.purpose)));
        if case.is_report() || went_on_as_report(case) || accuses {
            return Folded::Report;
        }
        let opened = case.first().is_some_and(|thread| !thread.steps().is_empty());
        let Some((intake, content)) = intake(case, &words).filter(|_| opened) else {
            return Folded::Waiting;
        };
        let Some(said) = body::intake(&content).cloned() else { return Folded::Waiting };
        let past = said.provenance.clone().filter(|from| from.legacy);
        let mut folding = Folding { case, intake, said, past, triaged, row: Self::default() };
        folding.names();
        folding.registration();
        folding.petition();
        folding.course();
        folding.marks();
        Folded::Row(Box::new(folding.row))
    }
}

fn went_on_as_report(case: &Case) -> bool {
    let of_reports = [Kind::TurnedToReport, Kind::ReportSealed];
    let turned = case.facts().values().any(|fact| of_reports.contains(&fact.header().kind));
    turned || case.leading().is_some_and(|thread| thread.state() == State::SealedReport)
}

/// Whether a purpose, as officers write it, makes a petition a report (检举控告).
#[must_use]
pub fn is_accusing(purpose: &str) -> bool {
    let purpose = purpose.to_lowercase();
    ACCUSING.iter().any(|word| purpose.contains(word))
}

/// The first intake of whoever opened the case, with its words.
fn intake(case: &Case, words: impl Fn(&Fact) -> Option<Content>) -> Option<(&Fact, Content)> {
    let first = case.first_intake()?;
    Some((first, words(first)?))
}

/// The newest sorting in the course of the case.
fn triaged(case: &Case, words: impl Fn(&Fact) -> Option<Content>) -> Option<Triaged> {
    let course = case.course();
    let facts = course.iter().rev().filter_map(|leaf| case.facts().get(leaf));
    let mut sorted = facts.filter(|fact| fact.header().kind == Kind::Triaged);
    let Content::Triaged(said) = sorted.find_map(words)? else { return None };
    Some(said)
}

impl Folding<'_> {
    fn names(&mut self) {
        let id = self.said.source.strip_prefix(SYSTEM).and_then(|rest| rest.strip_prefix(':'));
        // By its old number where the national system gave it one, else by the one it is called by here.
        let former = id.and_then(|_| Some(self.case.former_number()?.to_owned()));
        let id = id.map_or_else(|| self.case.id().to_string(), str::to_owned);
        self.words(Field::Id, &id);
        // A record of the past may have had none.
        let number = former.or_else(|| self.case.called()).filter(|number| !number.is_empty());
        self.words(Field::Number, number.as_deref().unwrap_or(&id));
    }

    fn registration(&mut self) {
        let header = self.intake.header();
        let registrar = self.past.as_ref().map(|past| past.registrar).filter(|code| *code != 0);
        let registrar = registrar.and_then(|code| DivisionCode::from_number(code).ok());
        let office = registrar.unwrap_or(header.journal.author);
        self.row.put(Field::Division, Value::Digits(office.to_string()));
        self.row.put(Field::OfficeCode, Value::Digits(short(office)));
        let name = Tree::national().find(office).map(|division| division.name);
        self.words(Field::OfficeName, name.unwrap_or_default());
        if self.past.is_none() {
            // Whoever took a record of the past over has not registered it.
            let hand = header.hand.clone();
            self.words(Field::Section, &hand.organ);
            self.words(Field::RegisteredBy, &hand.officer);
        }
        let registered = self.past.as_ref().and_then(|past| {
            // Where nobody said when it was registered, it was when it came: not when it was taken over.
            let came = hour(self.said.submitted_at).or(header.received_on.map(DateTime::from));
            hour(past.registered_at).or(came)
        });
        let registered = registered.unwrap_or_else(|| in_china(header.recorded_at));
        self.row.put(Field::RegisteredAt, Value::Moment(registered));
    }

    fn petition(&mut self) {
        let header = self.intake.header();
        let submitted = hour(self.said.submitted_at);
        let received = header.received_on.map(DateTime::from);
        let at = submitted.or(received).unwrap_or_else(|| in_china(header.recorded_at));
        self.row.put(Field::PetitionedOn, Value::Moment(at));
        self.words(Field::Channel, channel(&self.said.channel).map_or("", |row| row.1));
        let (persons, elected) = (self.said.persons, self.said.representatives);
        if persons > 0 {
            self.row.put(Field::Persons, Value::Number(persons));
            self.row.put(Field::Joint, Value::Flag(persons > 1 || elected > 0));
        }
        let (title, text) = (self.said.title.clone(), self.said.text.clone());
        self.words(Field::Summary, &title);
        self.words(Field::Content, &text);
        if let Ok(place) = DivisionCode::from_number(self.said.place)
            && place != DivisionCode::HUB
        {
            self.row.put(Field::Place, Value::Digits(short(place)));
        }
        let sorted = self.triaged.as_ref().map(|triaged| triaged.category.clone());
        let category = sorted.filter(|code| !code.is_empty());
        let category = category.unwrap_or_else(|| self.said.category.clone());
        self.row.put(Field::Category, Value::Digits(category));
        let purpose = self.triaged.as_ref().map(|triaged| triaged.purpose.trim());
        if purpose.is_some_and(|purpose| OTHER_PURPOSE.0.contains(&purpose)) {
            self.row.put(Field::Purpose, Value::Digits(OTHER_PURPOSE.1.to_owned()));
        }
    }

    fn course(&mut self) {
        let leading = self.case.leading();
        if let Some(state) = leading.map(|thread| thread.state()) {
            self.words(Field::State, state.zh());
            self.row.put(Field::Done, Value::Flag(state.is_final()));
        }
        let reached = |stage| self.case.threads().values().any(|thread| thread.stage() == stage);
        self.row.put(Field::Review, Value::Flag(reached(REVIEW)));
        self.row.put(Field::Reexamination, Value::Flag(reached(REEXAMINATION)));
        if let Some(due) = self.case.next_due() {
            self.row.put(Field::DueAt, Value::Moment(due.at(23, 59, 59, 0)));
        }
        if self.is_said(Kind::SimpleChosen) {
            self.words(Field::Procedure, "简易办理");
        }
    }

    fn marks(&mut self) {
        let links = self.case.links();
        let mut same = links.iter().filter(|link| link.relation == Relation::Same);
        let linked = |link: &Link| self.case.facts().get(&link.leaf);
        if same.any(|link| linked(link).is_some_and(|fact| self.is_entitled(fact))) {
            self.row.put(Field::Repeated, Value::Flag(true));
        }
        self.row.put(Field::Crossing, Value::Flag(self.is_said(Kind::CrossingDeclared)));
        self.row.put(Field::Backlog, Value::Flag(self.is_said(Kind::BacklogListed)));
        let sorted = self.triaged.as_ref().is_some_and(|triaged| triaged.urgent);
        let urgent = sorted || self.is_said(Kind::UrgentReported);
        self.row.put(Field::Urgent, Value::Flag(urgent));
        let consent = self.case.last_said(Kind::PublicationConsented, self.intake.leaf());
        if let Some(consent) = consent {
            self.row.put(Field::Publishable, Value::Flag(consent.outcome() == 1));
        }
        if self.intake.header().sealed_hash.is_some() {
            self.row.put(Field::Anonymous, Value::Flag(false));
        }
    }

    /// Whether somebody said so whose case it is: an office that was given it, or one above such an office.
    fn is_said(&self, kind: Kind) -> bool {
        let counts = |fact: &&Fact| {
            fact.header().kind == kind && !self.case.aside().contains_key(&fact.leaf())
        };
        self.case.facts().values().filter(counts).any(|fact| self.is_entitled(fact))
    }

    fn is_entitled(&self, fact: &Fact) -> bool {
        let (tree, author) = (Tree::national(), fact.header().journal.author);
        self.case.audience().iter().any(|member| tree.is_within(*member, author))
    }

    fn words(&mut self, field: Field, words: &str) {
        Value::words(words).into_iter().for_each(|value| self.row.put(field, value));
    }
}

/// An hour in China; `None` for 0, which stands for none.
fn hour(millis: i64) -> Option<DateTime> {
    let at = Timestamp::from_millisecond(millis).ok()?;
    (at != Timestamp::UNIX_EPOCH).then(|| in_china(at))
}

fn in_china(at: Timestamp) -> DateTime {
    let told = tz::offset(CHINA).to_datetime(at);
    told.with().subsec_nanosecond(0).build().unwrap_or(told)
}

/// The first six digits of a division.
fn short(division: DivisionCode) -> String {
    division.to_string().chars().take(SHORT).collect()
}
