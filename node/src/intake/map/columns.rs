//! The columns of a map: where each field of a registration comes from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use terrace_proto::exchange::Forbidden;
use toml::Spanned;

use super::{MapError, Text};
use crate::intake::date::is_form;
use crate::intake::reason::Reason;
use crate::intake::row::Cells;
use crate::intake::translation::{channel, done, persons, place, registrar};

/// Where the fields of a registration come from; none is left empty.
#[derive(Debug, Clone, Default)]
pub(in crate::intake) struct Columns {
    pub(in crate::intake) id: Option<Field>,
    pub(in crate::intake) title: Option<Field>,
    pub(in crate::intake) text: Option<Field>,
    pub(in crate::intake) submitted_at: Option<Field>,
    pub(in crate::intake) received_on: Option<Field>,
    pub(in crate::intake) category: Option<Field>,
    pub(in crate::intake) channel: Option<Field>,
    pub(in crate::intake) place: Option<Field>,
    pub(in crate::intake) persons: Option<Field>,
    pub(in crate::intake) closed_on: Option<Field>,
    pub(in crate::intake) closed_reason: Option<Field>,
    pub(in crate::intake) done: Option<Field>,
    pub(in crate::intake) number: Option<Field>,
    pub(in crate::intake) registrar: Option<Field>,
    pub(in crate::intake) registered_at: Option<Field>,
}

/// Where one field comes from.
#[derive(Debug, Clone)]
pub(in crate::intake) struct Field {
    /// The line of the map that says it.
    pub(in crate::intake) line: usize,
    /// The form of a date.
    pub(in crate::intake) form: Option<String>,
    origin: Origin,
    values: BTreeMap<String, String>,
    otherwise: Option<String>,
}

#[derive(Debug, Clone)]
enum Origin {
    Column(String),
    Template(Vec<Piece>),
    Value(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    Column(String),
}

/// Columns as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    id: Option<Spanned<WrittenField>>,
    title: Option<Spanned<WrittenField>>,
    text: Option<Spanned<WrittenField>>,
    submitted_at: Option<Spanned<WrittenField>>,
    received_on: Option<Spanned<WrittenField>>,
    category: Option<Spanned<WrittenField>>,
    channel: Option<Spanned<WrittenField>>,
    place: Option<Spanned<WrittenField>>,
    persons: Option<Spanned<WrittenField>>,
    closed_on: Option<Spanned<WrittenField>>,
    closed_reason: Option<Spanned<WrittenField>>,
    done: Option<Spanned<WrittenField>>,
    number: Option<Spanned<WrittenField>>,
    registrar: Option<Spanned<WrittenField>>,
    registered_at: Option<Spanned<WrittenField>>,
}

/// The name of a column alone, or a table.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    column: Option<String>,
    template: Option<String>,
    value: Option<String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    otherwise: Option<String>,
    format: Option<String>,
}

struct WrittenField(Table);

impl<'de> Deserialize<'de> for WrittenField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = WrittenField;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, or a table with column, template or value")
            }

            fn visit_str<E>(self, name: &str) -> Result<WrittenField, E> {
                Ok(WrittenField(Table { column: Some(name.to_owned()), ..Table::default() }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WrittenField, A::Error> {
                Table::deserialize(MapAccessDeserializer::new(map)).map(WrittenField)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl Columns {
    pub(super) fn check(text: &Text<'_>, written: Spanned<Written>) -> Result<Self, MapError> {
        let line = text.line(written.span().start);
        let written = written.into_inner();
        if written.title.is_none() && written.text.is_none() {
            let why = "columns 须有 title 或 text it needs title or text: an intake has words";
            return Err(text.wrong_at(line, why));
        }
        let plain = |field| field_of(text, field, false, None);
        let dated = |field| field_of(text, field, true, None);
        let judged = |field, judge| field_of(text, field, false, Some(judge));
        let columns = Self {
            id: plain(written.id)?,
            title: plain(written.title)?,
            text: plain(written.text)?,
            submitted_at: dated(written.submitted_at)?,
            received_on: dated(written.received_on)?,
            category: plain(written.category)?,
            channel: judged(written.channel, |word| channel(word).map(drop))?,
            place: judged(written.place, |word| place(word).map(drop))?,
            persons: judged(written.persons, |word| persons(word).map(drop))?,
            closed_on: dated(written.closed_on)?,
            closed_reason: plain(written.closed_reason)?,
            done: judged(written.done, |word| done(word).map(drop))?,
            number: plain(written.number)?,
            registrar: judged(written.registrar, |word| registrar(word).map(drop))?,
            registered_at: dated(written.registered_at)?,
        };
        for (field, name) in columns.named() {
            if let Some((zh, en)) = Forbidden::of(name).map(Forbidden::words) {
                let why = format!(
                    "栏 {name:?} 是“{zh}”，一律不收 column {name:?} is a {en}, which is never taken in: leave it out"
                );
                return Err(text.wrong_at(field.line, why));
            }
        }
        Ok(columns)
    }

    /// The columns of the file that are named, each with the field that names it.
    pub(super) fn named(&self) -> impl Iterator<Item = (&Field, &str)> {
        let Self { id, title, text, submitted_at, received_on, category, .. } = self;
        let Self { channel, place, persons, closed_on, closed_reason, .. } = self;
        let Self { done, number, registrar, registered_at, .. } = self;
        let first = [id, title, text, submitted_at, received_on, category];
        let then = [channel, place, persons, closed_on, closed_reason];
        let past = [done, number, registrar, registered_at];
        first
            .into_iter()
            .chain(then)
            .chain(past)
            .flatten()
            .flat_map(|field| field.origin.columns().map(move |name| (field, name)))
    }
}

impl Origin {
    fn columns(&self) -> impl Iterator<Item = &str> {
        let (column, pieces) = match self {
            Self::Column(name) => (Some(name), &[][..]),
            Self::Template(pieces) => (None, &pieces[..]),
            Self::Value(_) => (None, &[][..]),
        };
        let of_template = pieces.iter().filter_map(|piece| match piece {
            Piece::Column(name) => Some(name),
            Piece::Words(_) => None,
        });
        column.into_iter().chain(of_template).map(String::as_str)
    }
}

impl Field {
    /// What the field is in a row: the cell, template or constant, translated where the map translates.
    /// `name` is the field's name, for the reason when the map has no translation.
    pub(in crate::intake) fn of<'a>(
        &'a self,
        cells: &'a Cells,
        name: &'static str,
    ) -> Result<Cow<'a, str>, Reason> {
        let word = match &self.origin {
            Origin::Column(column) => Cow::Borrowed(cells.get(column)),
            Origin::Template(pieces) => {
                Cow::Owned(pieces.iter().map(|piece| piece.of(cells)).collect())
            }
            Origin::Value(value) => Cow::Borrowed(value.as_str()),
        };
        let key = word.trim();
        if let Some(translated) = self.values.get(key) {
            return Ok(Cow::Borrowed(translated));
        }
        match &self.otherwise {
            Some(otherwise) if key.is_empty() || !self.values.is_empty() => {
                Ok(Cow::Borrowed(otherwise))
            }
            None if !key.is_empty() && !self.values.is_empty() => {
                Err(Reason::Untranslated { field: name, value: key.chars().take(80).collect() })
            }
            Some(_) | None => Ok(word),
        }
    }

    /// Everything it can be whatever the row.
    fn constants(&self) -> impl Iterator<Item = &String> {
        let value = match &self.origin {
            Origin::Value(value) if self.values.is_empty() => Some(value),
            Origin::Value(_) | Origin::Column(_) | Origin::Template(_) => None,
        };
        value.into_iter().chain(self.values.values()).chain(&self.otherwise)
    }
}

impl Piece {
    fn of<'a>(&'a self, cells: &'a Cells) -> &'a str {
        match self {
            Self::Words(words) => words,
            Self::Column(name) => cells.get(name),
        }
    }
}

type Judge = fn(&str) -> Result<(), Reason>;

fn field_of(
    text: &Text<'_>,
    written: Option<Spanned<WrittenField>>,
    is_date: bool,
    judge: Option<Judge>,
) -> Result<Option<Field>, MapError> {
    let Some(written) = written else { return Ok(None) };
    let line = text.line(written.span().start);
    let WrittenField(table) = written.into_inner();
    let origin = match (table.column, table.template, table.value) {
        (Some(column), None, None) => Origin::Column(column),
        (None, Some(template), None) => {
            let unclosed = "括号未闭合 a brace is not closed; {{ and }} stand for braces";
            Origin::Template(pieces(&template).ok_or_else(|| text.wrong_at(line, unclosed))?)
        }
        (None, None, Some(value)) => Origin::Value(value),
        _ => {
            let why =
                "须有且仅有 column、template、value 之一 it needs one of column, template, value";
            return Err(text.wrong_at(line, why));
        }
    };
    if let Some(form) = &table.format {
        if !is_date {
            return Err(text.wrong_at(line, "只有日期可有 format only a date has a format"));
        }
        if !is_form(form) {
            let why = format!("日期格式有误 format {form:?} is not a form of strptime");
            return Err(text.wrong_at(line, why));
        }
    }
    let (values, otherwise) = (table.values, table.otherwise);
    let field = Field { line, form: table.format, origin, values, otherwise };
    for word in field.constants().filter(|_| judge.is_some()) {
        judge
            .map_or(Ok(()), |judge| judge(word))
            .map_err(|reason| text.wrong_at(line, reason.to_string()))?;
    }
    Ok(Some(field))
}

/// The pieces of a template; none if a brace is open at its end or closed before.
fn pieces(template: &str) -> Option<Vec<Piece>> {
    let (mut pieces, mut words) = (Vec::new(), String::new());
    let mut letters = template.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '}' if letters.peek() == Some(&letter) => words.extend(letters.next()),
            '{' => {
                pieces.push(Piece::Words(std::mem::take(&mut words)));
                let mut name = String::new();
                loop {
                    match letters.next()? {
                        '}' => break,
                        letter => name.push(letter),
                    }
                }
                pieces.push(Piece::Column(name));
            }
            '}' => return None,
            letter => words.push(letter),
        }
    }
    pieces.push(Piece::Words(words));
    pieces.retain(|piece| *piece != Piece::Words(String::new()));
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_words_and_columns() {
        let words = |text: &str| Piece::Words(text.into());
        let column = |text: &str| Piece::Column(text.into());
        assert_eq!(
            pieces("{a} / {b}{{c}}"),
            Some(vec![column("a"), words(" / "), column("b"), words("{c}")])
        );
        assert_eq!(pieces("{a"), None);
        assert_eq!(pieces("a}"), None);
    }

    fn field(origin: Origin, values: &[(&str, &str)], otherwise: Option<&str>) -> Field {
        let values = values.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        Field { line: 1, form: None, origin, values, otherwise: otherwise.map(Into::into) }
    }

    #[test]
    fn a_word_is_translated_or_takes_what_stands_otherwise() {
        let cells = |word: &str| -> Cells { [("c", word)].into_iter().collect() };
        let column = || Origin::Column("c".into());
        let translating = field(column(), &[("信", "LET")], None);
        assert_eq!(translating.of(&cells(" 信 "), "channel"), Ok("LET".into()));
        assert_eq!(translating.of(&cells(""), "channel"), Ok("".into()));
        let reason = translating.of(&cells("鸽"), "channel").unwrap_err();
        assert_eq!(reason, Reason::Untranslated { field: "channel", value: "鸽".into() });
        let otherwise = field(column(), &[("信", "LET")], Some("OTH"));
        assert_eq!(otherwise.of(&cells("鸽"), "channel"), Ok("OTH".into()));
        let default = field(column(), &[], Some("无题"));
        assert_eq!(default.of(&cells(""), "title"), Ok("无题".into()));
        assert_eq!(default.of(&cells("有题"), "title"), Ok("有题".into()));
    }
}
