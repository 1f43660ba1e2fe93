//! A row becomes a registration, as the map says.
//!
//! Whoever the petitioner is, is not taken in: a registration has no field for it. A record of the past gets
//! no date from which a clock could run; where it was done, it says so, and how it was registered where it was kept.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use terrace_proto::digest::Digest;
use terrace_proto::division::{CodeError, DivisionCode, DivisionError, Tree};
use terrace_proto::entry;
use terrace_proto::entry::header::{date_of, days_of};
use terrace_proto::exchange::totals::Part;
use terrace_proto::exchange::{self, SYSTEM, is_accusing};
use terrace_proto::wire::{IntakeRegistered, PastTakenOver, Provenance, Registration};

use super::date::Dates;
use super::map::{Field, Map, Mode};
use super::reason::Reason;
use super::row::Cells;
use crate::desk::TEXT_LIMIT;

/// The channel where the map or the row names none.
const NO_CHANNEL: &str = "OTH";
/// Longest id and category, in bytes.
const NAME_LIMIT: usize = 512;
/// Longest reason for closing, in bytes.
const REASON_LIMIT: usize = 64 * 1024;
/// Most persons at one intake.
const PERSONS_LIMIT: u32 = 1_000_000;

/// Translates the rows of one file.
#[derive(Debug)]
pub(super) struct Translation<'a> {
    pub(super) map: &'a Map,
    /// The SHA-256 of the file.
    pub(super) file: Digest,
    pub(super) dates: Dates,
}

/// The fields of one row.
struct Fields<'a> {
    cells: &'a Cells,
}

impl<'a> Fields<'a> {
    /// A field; an absent one is empty.
    fn get(&self, name: &'static str, field: Option<&'a Field>) -> Result<Cow<'a, str>, Reason> {
        let Some(field) = field else { return Ok(Cow::Borrowed("")) };
        let word = field.of(self.cells, name)?;
        if word.contains('\0') {
            return Err(Reason::Nul(name));
        }
        Ok(word)
    }

    /// A field of one word, without blanks around it.
    fn word(&self, name: &'static str, field: Option<&'a Field>) -> Result<Cow<'a, str>, Reason> {
        let word = match self.get(name, field)? {
            Cow::Borrowed(word) => Cow::Borrowed(word.trim()),
            Cow::Owned(word) => Cow::Owned(word.trim().to_owned()),
        };
        within(name, &word, NAME_LIMIT)?;
        Ok(word)
    }
}

impl Translation<'_> {
    /// What names the row in its source; empty where the source has no name for it.
    pub(super) fn id<'c>(&'c self, cells: &'c Cells) -> Result<Cow<'c, str>, Reason> {
        Fields { cells }.word("id", self.map.columns.id.as_ref())
    }

    /// Where a record of the past is counted: who registered it, and in which year; `None` where its cells do not say.
    pub(super) fn part(&self, cells: &Cells) -> Option<Part> {
        let (fields, columns) = (Fields { cells }, &self.map.columns);
        if self.map.mode == Mode::Live {
            return None;
        }
        let word = fields.word("registrar", columns.registrar.as_ref()).ok()?;
        let registrar = self.registered_by(registrar(&word).ok()?)?;
        let hour = [
            ("registered_at", &columns.registered_at),
            ("submitted_at", &columns.submitted_at),
            ("received_on", &columns.received_on),
        ];
        let hour = hour.into_iter().find_map(|(name, field)| {
            let word = fields.word(name, field.as_ref()).ok().filter(|word| !word.is_empty())?;
            self.dates.hour(name, &word, form(field.as_ref())).ok()
        })?;
        Some((registrar, self.map.timezone.to_datetime(hour).year()))
    }

    /// Who registered a record, by number; `None` where the map says where that stands and the row does not say it.
    fn registered_by(&self, number: u64) -> Option<DivisionCode> {
        let is_silent = number == 0 && self.map.columns.registrar.is_some();
        DivisionCode::from_number(number).ok().filter(|_| !is_silent)
    }

    /// As [`Translation::part`], of a row that became a registration.
    pub(super) fn part_of(&self, registration: &Registration) -> Option<Part> {
        let intake = registration.intake.as_ref()?;
        let from = intake.provenance.as_ref().filter(|from| from.legacy)?;
        let registrar = self.registered_by(from.registrar)?;
        let said = [from.registered_at, intake.submitted_at].into_iter().find(|at| *at != 0);
        let year = match said {
            Some(at) => self.map.timezone.to_datetime(Timestamp::from_millisecond(at).ok()?).year(),
            None => date_of(registration.received_on?).ok()?.year(),
        };
        Some((registrar, year))
    }

    /// The registration that a row becomes. `source` names it, `line` says where it stood.
    pub(super) fn registration(
        &self,
        cells: &Cells,
        source: String,
        line: u64,
    ) -> Result<Registration, Reason> {
        let (fields, columns) = (Fields { cells }, &self.map.columns);
        if self.map.system == SYSTEM && is_accusing(cells.get(exchange::Field::Purpose.code())) {
            return Err(Reason::Report);
        }
        let title = fields.get("title", columns.title.as_ref())?;
        let text = fields.get("text", columns.text.as_ref())?;
        match title.len() + text.len() {
            size if size > TEXT_LIMIT => return Err(Reason::TooLong(size)),
            _ if title.trim().is_empty() && text.trim().is_empty() => return Err(Reason::NoWords),
            _ => {}
        }
        let submitted_at = self.hour(&fields, "submitted_at", columns.submitted_at.as_ref())?;
        let received_on = self.day(&fields, "received_on", columns.received_on.as_ref())?;
        let intake = IntakeRegistered {
            channel: channel(&fields.word("channel", columns.channel.as_ref())?)?.to_owned(),
            category: fields.word("category", columns.category.as_ref())?.into_owned(),
            title: title.into_owned(),
            text: text.into_owned(),
            submitted_at: submitted_at.map_or(0, Timestamp::as_millisecond),
            source,
            place: self.place(&fields.word("place", columns.place.as_ref())?)?,
            persons: persons(&fields.word("persons", columns.persons.as_ref())?)?,
            provenance: Some(self.provenance(&fields, line)?),
            ..IntakeRegistered::default()
        };
        let past = self.past(&fields)?;
        Ok(Registration {
            intake: Some(intake),
            received_on: received_on.map(days_of),
            past,
            petitioners: Vec::new(),
            coded: false,
        })
    }

    /// The division a record is about. One of the past may be about a place that is no more, in a province that is.
    fn place(&self, text: &str) -> Result<u64, Reason> {
        if self.map.mode == Mode::Live {
            return place(text);
        }
        let number = division(text, |text, error| Reason::Code { text, error })?;
        let code = DivisionCode::from_number(number).unwrap_or(DivisionCode::HUB);
        match Tree::national().find(code) {
            Err(unknown) if unknown.nearest == DivisionCode::HUB => {
                Err(Reason::Place(DivisionError::Unknown(unknown)))
            }
            Ok(_) | Err(_) => Ok(number),
        }
    }

    /// The hour that a field names; nothing where it is empty.
    fn hour<'c>(
        &self,
        fields: &Fields<'c>,
        name: &'static str,
        field: Option<&'c Field>,
    ) -> Result<Option<Timestamp>, Reason> {
        let text = fields.word(name, field)?;
        (!text.is_empty()).then(|| self.dates.hour(name, &text, form(field))).transpose()
    }

    /// The day that a field names; nothing where it is empty.
    fn day<'c>(
        &self,
        fields: &Fields<'c>,
        name: &'static str,
        field: Option<&'c Field>,
    ) -> Result<Option<Date>, Reason> {
        let text = fields.word(name, field)?;
        (!text.is_empty()).then(|| self.dates.day(name, &text, form(field))).transpose()
    }

    /// Where the record stood, and how it was registered there where it is of the past.
    fn provenance<'c>(&'c self, fields: &Fields<'c>, line: u64) -> Result<Provenance, Reason> {
        let from = Provenance {
            system: self.map.system.clone(),
            file: self.file.0.to_vec(),
            line,
            legacy: self.map.mode == Mode::Legacy,
            ..Provenance::default()
        };
        if !from.legacy {
            return Ok(from);
        }
        let columns = &self.map.columns;
        let registered_at = self.hour(fields, "registered_at", columns.registered_at.as_ref())?;
        Ok(Provenance {
            number: fields.word("number", columns.number.as_ref())?.into_owned(),
            registrar: registrar(&fields.word("registrar", columns.registrar.as_ref())?)?,
            registered_at: registered_at.map_or(0, Timestamp::as_millisecond),
            ..from
        })
    }

    /// How a record of the past was done; nothing for one of the present, and for one that is not done.
    fn past<'c>(&'c self, fields: &Fields<'c>) -> Result<Option<Box<PastTakenOver>>, Reason> {
        if self.map.mode == Mode::Live {
            return Ok(None);
        }
        let columns = &self.map.columns;
        let done_on = self.day(fields, "closed_on", columns.closed_on.as_ref())?;
        let outcome = fields.get("closed_reason", columns.closed_reason.as_ref())?;
        within("closed_reason", &outcome, REASON_LIMIT)?;
        let done = done(&fields.word("done", columns.done.as_ref())?)?;
        if !done && done_on.is_none() {
            return Ok(None);
        }
        Ok(Some(Box::new(PastTakenOver {
            intake: None,
            done_on: done_on.map(days_of),
            outcome: outcome.into_owned(),
        })))
    }
}

/// Whether a word says that a record is done; one that is empty says no.
pub(super) fn done(text: &str) -> Result<bool, Reason> {
    match text.trim() {
        "" | "0" | "否" => Ok(false),
        "1" | "是" => Ok(true),
        text => Err(Reason::Done(text.chars().take(80).collect())),
    }
}

/// The number of whoever registered a record, whether it still has an office or not; 0 where none is named.
pub(super) fn registrar(text: &str) -> Result<u64, Reason> {
    division(text, |text, error| Reason::Registrar { text, error })
}

/// The number of a division, whether it still has an office or not; 0 where none is named.
fn division(text: &str, wrong: impl Fn(String, CodeError) -> Reason) -> Result<u64, Reason> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    let code: Result<DivisionCode, CodeError> = text.parse();
    code.map(DivisionCode::number).map_err(|error| wrong(text.chars().take(80).collect(), error))
}

/// The code of a channel.
pub(super) fn channel(text: &str) -> Result<&'static str, Reason> {
    match text.trim() {
        "" => Ok(NO_CHANNEL),
        text => entry::channel::channel(text)
            .map(|row| row.0)
            .ok_or_else(|| Reason::Channel(text.chars().take(80).collect())),
    }
}

/// The number of a division that has a node; 0 where none is named.
pub(super) fn place(text: &str) -> Result<u64, Reason> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    let code: DivisionCode = text
        .parse()
        .map_err(|error| Reason::Code { text: text.chars().take(80).collect(), error })?;
    Tree::national().node(code).map_err(Reason::Place)?;
    Ok(code.number())
}

/// A number of persons; 1 where none is named.
pub(super) fn persons(text: &str) -> Result<u32, Reason> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(1);
    }
    let number = text.parse().ok().filter(|number| (1..=PERSONS_LIMIT).contains(number));
    number.ok_or_else(|| Reason::Persons(text.chars().take(80).collect()))
}

fn form(field: Option<&Field>) -> Option<&str> {
    field?.form.as_deref()
}

fn within(field: &'static str, word: &str, limit: usize) -> Result<(), Reason> {
    match word.len() {
        size if size > limit => Err(Reason::FieldTooLong { field, size, limit }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::civil::date;

    use super::*;

    const MAP: &str = r#"
system = "old"
mode = "legacy"
[columns]
id = "id"
title = "title"
submitted_at = "at"
channel = { column = "how", values = { "信" = "LET" }, otherwise = "OTH" }
place = "place"
persons = "n"
closed_on = "closed"
"#;

    fn translate(map: &str, cells: &[(&str, &str)]) -> Result<Registration, Reason> {
        let map = Map::parse(map, Path::new("m.toml")).unwrap();
        let dates = Dates { timezone: map.timezone, today: date(2026, 11, 24) };
        let translation = Translation { map: &map, file: Digest([7; 32]), dates };
        let cells: Cells = cells.iter().copied().collect();
        translation.registration(&cells, "old:1".into(), 12)
    }

    const ROW: [(&str, &str); 6] = [
        ("title", "路灯"),
        ("at", "2020-01-02 03:04:05"),
        ("how", "信"),
        ("place", "410221"),
        ("n", "3"),
        ("closed", "2020-02-03"),
    ];

    #[test]
    fn a_record_of_the_past_says_where_it_stood_and_when_it_was_done() {
        let registration = translate(MAP, &ROW).unwrap();
        let intake = registration.intake.unwrap();
        assert_eq!((intake.channel.as_str(), intake.persons), ("LET", 3));
        assert_eq!(intake.place, 410_221_000_000);
        let provenance = intake.provenance.unwrap();
        assert_eq!((provenance.line, provenance.legacy), (12, true));
        assert_eq!(provenance.file, [7; 32]);
        let done_on = registration.past.unwrap().done_on.unwrap();
        assert_eq!(done_on, days_of(date(2020, 2, 3)));
    }

    #[test]
    fn a_record_of_the_present_is_never_one_of_the_past() {
        let registration = translate(&MAP.replace("legacy", "live"), &ROW).unwrap();
        assert!(registration.past.is_none());
        assert!(!registration.intake.unwrap().provenance.unwrap().legacy);
    }

    #[test]
    fn a_bad_field_is_named_with_its_reason() {
        let with = |name: &'static str, cell: &str| {
            let mut row = ROW.map(|(name, cell)| (name, cell.to_owned()));
            row.iter_mut()
                .filter(|(column, _)| *column == name)
                .for_each(|one| one.1 = cell.into());
            let row: Vec<_> = row.iter().map(|(name, cell)| (*name, cell.as_str())).collect();
            translate(MAP, &row).unwrap_err().to_string()
        };
        for (column, cell, word) in [
            ("place", "990000", "990000"),
            ("place", "41x", "41x"),
            ("n", "0", "persons"),
            ("n", "many", "persons"),
            ("at", "1899-12-31", "1949-10-01"),
            ("closed", "2199-01-01", "closed_on"),
            ("title", "a\0b", "title holds a NUL"),
            ("title", "  ", "neither title nor text"),
        ] {
            let said = with(column, cell);
            assert!(said.contains(word), "{column} {cell}: {said}");
        }
        let said = with("title", &"x".repeat(5_000_000));
        assert!(said.contains("5000000 bytes, at most 524288"), "{said}");
    }

    #[test]
    fn a_functional_zone_is_no_place() {
        let zone = Tree::national()
            .iter()
            .find(|division| Tree::national().node(division.code).is_err())
            .unwrap();
        let said = place(&zone.code.to_string()).unwrap_err().to_string();
        assert!(said.contains("answers for it"), "{said}");
    }
}
