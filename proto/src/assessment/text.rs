//! A scheme as its file has it, read so that one fault hides no other.
//!
//! Whatever is no TOML at all is one fault. Anything else is read key by key: what is missing, of the wrong form or
//! unknown is noted with its line, and reading goes on.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use toml::{Spanned, Value};

use super::fault::{Fault, Wrong};

type Table = BTreeMap<Spanned<String>, Spanned<Value>>;

#[derive(Deserialize)]
struct Items {
    #[serde(default)]
    items: Vec<Table>,
}

/// A value and the line, from 1, on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) line: usize,
    pub(super) value: T,
}

/// What stands above the items.
#[derive(Debug, Default)]
pub(super) struct HeadText {
    pub(super) name: Option<At<String>>,
    pub(super) name_en: Option<At<String>>,
    pub(super) issuer: Option<At<String>>,
    pub(super) number: Option<At<String>>,
    pub(super) from: Option<At<Date>>,
    pub(super) to: Option<At<Date>>,
    pub(super) note: Option<At<String>>,
}

/// One item.
#[derive(Debug, Default)]
pub(super) struct ItemText {
    pub(super) name: Option<At<String>>,
    pub(super) name_en: Option<At<String>>,
    pub(super) weight: Option<At<i64>>,
    pub(super) measure: Option<At<String>>,
    pub(super) evidence: Option<At<Vec<String>>>,
    pub(super) note: Option<At<String>>,
}

const HEAD: &[&str] = &["scheme", "name_en", "issuer", "number", "from", "to", "note", "items"];
const ITEM: &[&str] = &["name", "name_en", "weight", "measure", "evidence", "note"];

/// What a file says, and what is wrong with its form.
pub(super) fn read(text: &str) -> Result<(HeadText, Vec<ItemText>, Vec<Fault>), Fault> {
    let form = |error: &toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        Fault { line, item: None, wrong: Wrong::Form(error.message().to_owned()) }
    };
    let table: Table = toml::from_str(text).map_err(|error| form(&error))?;
    let Items { items } = toml::from_str(text).map_err(|error| form(&error))?;
    let mut faults = Vec::new();
    let mut head = Keys { text, table: &table, line: 1, item: None, faults: &mut faults };
    head.only(HEAD);
    let head = HeadText {
        name: head.words("scheme"),
        name_en: head.words("name_en"),
        issuer: head.words("issuer"),
        number: head.words("number"),
        from: head.needed("from").and_then(|key| head.day(key)),
        to: head.found("to").and_then(|key| head.day(key)),
        note: head.found("note").and_then(|key| head.string(key)),
    };
    let items = items.iter().map(|table| item(text, table, &mut faults)).collect();
    Ok((head, items, faults))
}

fn item(text: &str, table: &Table, faults: &mut Vec<Fault>) -> ItemText {
    let line = table.keys().map(|key| key.span().start).min();
    let line = line.map_or(1, |start| line_of(text, start));
    let mut keys = Keys { text, table, line, item: None, faults };
    keys.item = keys.found("name").and_then(|(_, value)| value.get_ref().as_str());
    keys.only(ITEM);
    ItemText {
        name: keys.words("name"),
        name_en: keys.words("name_en"),
        weight: keys.needed("weight").and_then(|key| keys.whole(key)),
        measure: keys.words("measure"),
        evidence: keys.some("evidence"),
        note: keys.found("note").and_then(|key| keys.string(key)),
    }
}

type Key<'a> = (&'static str, &'a Spanned<Value>);

/// The keys of one table, and where faults go.
struct Keys<'a, 'f> {
    text: &'a str,
    table: &'a Table,
    line: usize,
    item: Option<&'a str>,
    faults: &'f mut Vec<Fault>,
}

impl<'a> Keys<'a, '_> {
    fn fault(&mut self, line: usize, wrong: Wrong) {
        self.faults.push(Fault { line, item: self.item.map(str::to_owned), wrong });
    }

    fn only(&mut self, known: &'static [&'static str]) {
        for key in self.table.keys().filter(|key| !known.contains(&key.get_ref().as_str())) {
            let wrong = Wrong::UnknownKey { key: key.get_ref().clone(), known };
            self.fault(line_of(self.text, key.span().start), wrong);
        }
    }

    fn found(&self, key: &'static str) -> Option<Key<'a>> {
        self.table.iter().find(|(known, _)| known.get_ref() == key).map(|(_, value)| (key, value))
    }

    fn needed(&mut self, key: &'static str) -> Option<Key<'a>> {
        let found = self.found(key);
        if found.is_none() {
            self.fault(self.line, Wrong::Missing(key));
        }
        found
    }

    /// Words that must be there, and not be empty.
    fn words(&mut self, key: &'static str) -> Option<At<String>> {
        let found = self.needed(key)?;
        let said = self.string(found)?;
        if said.value.trim().is_empty() {
            self.fault(said.line, Wrong::Missing(key));
            return None;
        }
        Some(said)
    }

    fn string(&mut self, key: Key<'a>) -> Option<At<String>> {
        let read = key.1.get_ref().as_str().map(str::to_owned);
        self.typed(key, read, "文字 a text in quotes")
    }

    fn whole(&mut self, key: Key<'a>) -> Option<At<i64>> {
        let read = key.1.get_ref().as_integer();
        self.typed(key, read, "整数 a whole number")
    }

    fn day(&mut self, key: Key<'a>) -> Option<At<Date>> {
        let read = key.1.get_ref().as_datetime().filter(|one| one.time.is_none());
        let read = read.and_then(|one| one.date).and_then(|date| {
            let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
            Date::new(i16::try_from(date.year).ok()?, month, day).ok()
        });
        self.typed(
            key,
            read,
            "日期，如 2026-01-31，不加引号 a day such as 2026-01-31, without quotes",
        )
    }

    fn list(&mut self, key: Key<'a>) -> Option<At<Vec<String>>> {
        let texts = |list: &Vec<Value>| -> Option<Vec<String>> {
            list.iter().map(|one| one.as_str().map(str::to_owned)).collect()
        };
        let read = key.1.get_ref().as_array().and_then(texts);
        self.typed(key, read, "文字的列表 a list of texts in quotes")
    }

    /// The references that must be there.
    fn some(&mut self, key: &'static str) -> Option<At<Vec<String>>> {
        let list = match self.found(key) {
            Some(found) => self.list(found)?,
            None => At { line: self.line, value: Vec::new() },
        };
        if list.value.is_empty() {
            self.fault(list.line, Wrong::NoEvidence);
            return None;
        }
        Some(list)
    }

    fn typed<T>(&mut self, key: Key<'a>, read: Option<T>, wanted: &'static str) -> Option<At<T>> {
        let line = line_of(self.text, key.1.span().start);
        if read.is_none() {
            self.fault(line, Wrong::Type { key: key.0, wanted });
        }
        read.map(|value| At { line, value })
    }
}

/// The line, from 1, in which a byte of a text stands.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
