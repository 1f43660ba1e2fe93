//! What an entry says, as named words in Chinese and English, and as JSON.
//!
//! Programs, the timeline, pages and notices all read the words of an entry from here, so that each kind is told once.
//! It adds nothing to what the entry says.

mod family;
mod intake;
mod organ;
mod procedure;
mod record;
mod roll;

use serde_json::{Map, Value, json};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::date_of;
use terrace_proto::rules::Duty;
use terrace_proto::wire::{Due, Holder};

use super::{hour_of, name_of};

/// One thing an entry says.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Its name for programs.
    pub key: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// What is said, in Chinese.
    pub text_zh: String,
    /// What is said, in English.
    pub text_en: String,
    /// What is said, for programs.
    pub value: Value,
}

/// The name of a word: for programs, in Chinese, in English.
type Name = (&'static str, &'static str, &'static str);

/// The words of an entry.
#[must_use]
pub fn words(content: &Content) -> Vec<Word> {
    procedure::words(content)
        .or_else(|| intake::words(content))
        .or_else(|| record::words(content))
        .or_else(|| roll::words(content))
        .or_else(|| family::words(content))
        .or_else(|| organ::words(content))
        .unwrap_or_default()
}

/// The words of an entry as one JSON object.
#[must_use]
pub fn json(content: &Content) -> Value {
    let words = words(content).into_iter();
    Value::Object(words.map(|word| (word.key.to_owned(), word.value)).collect::<Map<_, _>>())
}

/// The words of an entry that say something, in both languages, in their order.
#[must_use]
pub fn pairs(content: &Content) -> Value {
    let words = words(content).into_iter().filter(|word| !word.text_zh.is_empty());
    let pairs = words.map(|word| {
        json!({ "zh": word.zh, "en": word.en, "text_zh": word.text_zh, "text_en": word.text_en })
    });
    Value::Array(pairs.collect())
}

fn word((key, zh, en): Name, texts: (String, String), value: Value) -> Word {
    Word { key, zh, en, text_zh: texts.0, text_en: texts.1, value }
}

fn text(name: Name, said: &str) -> Word {
    word(name, (said.to_owned(), said.to_owned()), json!(said))
}

fn number(name: Name, said: u64) -> Word {
    let told = said.to_string();
    word(name, (told.clone(), told), json!(said))
}

fn day(name: Name, days: Option<i32>) -> Word {
    let day = days.and_then(|days| date_of(days).ok()).map(|day| day.to_string());
    let told = day.clone().unwrap_or_default();
    word(name, (told.clone(), told), json!(day))
}

/// An hour in milliseconds since 1970 UTC; 0 is none.
fn hour(name: Name, at: i64) -> Word {
    let told = if at == 0 { String::new() } else { hour_of(at) };
    word(name, (told.clone(), told), json!(at))
}

/// One of several, counted from 1.
fn choice(name: Name, chosen: u32, named: &[(&str, &str)]) -> Word {
    let place = usize::try_from(chosen).ok().and_then(|chosen| chosen.checked_sub(1));
    let (zh, en) = place.and_then(|place| named.get(place)).copied().unwrap_or_default();
    word(name, (zh.to_owned(), en.to_owned()), json!(chosen))
}

/// Said only where it holds.
fn flag(name: Name, said: bool, (zh, en): (&str, &str)) -> Word {
    let told = |text: &str| if said { text.to_owned() } else { String::new() };
    word(name, (told(zh), told(en)), json!(said))
}

fn office(name: Name, code: u64) -> Word {
    let known = DivisionCode::from_number(code).ok().filter(|_| code != 0);
    let told = known.map(|code| format!("{} {}", name_of(code), code.short())).unwrap_or_default();
    word(name, (told.clone(), told), json!(known.map(|code| code.short())))
}

fn offices(name: Name, codes: &[u64]) -> Word {
    let one = |code: &u64| DivisionCode::from_number(*code).ok();
    let told: Vec<String> = codes.iter().filter_map(one).map(name_of).collect();
    let short: Vec<String> = codes.iter().filter_map(one).map(|code| code.short()).collect();
    word(name, (told.join("、"), told.join(", ")), json!(short))
}

fn holder(name: Name, holder: Option<&Holder>) -> Word {
    let mut one = office(name, holder.map_or(0, |holder| holder.division));
    let organ = holder.map(|holder| holder.organ.as_str()).filter(|organ| !organ.is_empty());
    if let Some(organ) = organ {
        for text in [&mut one.text_zh, &mut one.text_en] {
            *text = format!("{text} {organ}");
        }
    }
    one
}

/// The clocks an entry pins, one word for all of them.
fn due(dues: &[Due]) -> Word {
    let rows = dues.iter().filter_map(|due| Some((Duty::from_code(&due.duty)?, due)));
    let mut all = (Vec::new(), Vec::new(), Vec::new());
    for (duty, due) in rows {
        let Ok(day) = date_of(due.due_on) else { continue };
        let tail =
            |word: &str| if due.provisional { format!("（{word}）") } else { String::new() };
        all.0.push(format!("{} {day}{}", duty.zh(), tail("暂定")));
        all.1.push(format!(
            "{} by {day}{}",
            duty.en(),
            if due.provisional { " (provisional)" } else { "" }
        ));
        all.2.push(
            json!({ "duty": due.duty, "due_on": day.to_string(), "provisional": due.provisional }),
        );
    }
    let name = ("due", "期限", "terms");
    word(name, (all.0.join("；"), all.1.join("; ")), Value::Array(all.2))
}
