//! What stands on a document, out of entries alone.
//!
//! It never opens a sealed part: where the petitioner's name belongs there is a line to write on. Nothing on it was
//! worked out for the paper but what follows from the case's own rules: where a remedy lies, and within how many days.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use terrace_proto::case::fact::Pin;
use terrace_proto::case::standing::day_of;
use terrace_proto::case::{Case, Fact, Terms};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Content, EntryId, Holder};
use terrace_proto::rules::{Documents, Duty, Length, Rules};

use super::form::Form;
use crate::view::name_of;
use crate::view::words::{self, Word};

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Both {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A named text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What it is.
    pub name: Both,
    /// What is said.
    pub text: Both,
}

/// A day that the act sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// What is owed, or may be done.
    pub name: Both,
    /// By when: 2026年3月2日.
    pub on: Both,
    /// The article, with its document by name.
    pub article: String,
    /// Whether it can still move, since the day it begins with is presumed.
    pub provisional: bool,
    /// Whether it is the petitioner's to use.
    pub right: bool,
}

/// Where the petitioner can go next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// In a sentence.
    pub text: Both,
    /// The article.
    pub article: String,
}

/// A document, as a template is given it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// Its title.
    pub title: Both,
    /// Who issues it: division and organ.
    pub issuer: String,
    /// Its own number at the issuer: the year, and the place of the act in its journal.
    pub serial: String,
    /// The number of the case.
    pub number: String,
    /// What the case is about, in a line.
    pub matter: String,
    /// The day of the act.
    pub made_on: Both,
    /// To whom the case was handed; empty where it was not.
    pub to: String,
    /// All that the act says.
    pub lines: Vec<Line>,
    /// The same by name.
    pub said: BTreeMap<&'static str, Both>,
    /// The days that it sets.
    pub days: Vec<Day>,
    /// Where the petitioner can go next.
    pub remedy: Option<Remedy>,
    /// The rules it was done under.
    pub rules: Vec<Both>,
    /// What this office has done with it so far, for a slip.
    pub course: Vec<Line>,
    /// Whether the act is another office's, so that this is a copy.
    pub copy: bool,
    /// Where the act stands in its author's journal.
    pub place: String,
    /// The act's leaf hash.
    pub leaf: String,
    /// The receipt as a QR code (SVG), for a slip.
    pub qr: Option<String>,
    /// Where to turn when somebody is leaned on for the case.
    pub door: Both,
}

/// What sheets of one case are made from.
#[derive(Debug)]
pub(super) struct Material<'a> {
    pub(super) case: &'a Case,
    pub(super) said: &'a BTreeMap<EntryId, Content>,
    pub(super) rules: &'a Rules,
    pub(super) tree: &'static Tree,
    pub(super) me: DivisionCode,
}

impl Material<'_> {
    /// The document of one act.
    pub(super) fn sheet(&self, form: Form, fact: &Fact, content: &Content) -> Sheet {
        let header = fact.header();
        let author = header.journal.author;
        let made_on = day_of(header.recorded_at);
        let words = words::words(content);
        let set = self.case.rules(self.rules, self.tree);
        let titles = set.packs().iter().map(|pack| pack.titles());
        let rules = titles.map(|(zh, en)| both(zh, en)).collect();
        let terms = Terms::of(set);
        let to = header.custody_to.as_ref().filter(|to| header.custody_from.as_ref() != Some(to));
        Sheet {
            title: both(form.zh(), form.en()),
            issuer: named(&header.organ()),
            serial: format!("〔{}〕第{}号", made_on.year(), header.sequence),
            number: self.case.called().unwrap_or_default(),
            matter: self.case.title().to_owned(),
            made_on: on(made_on),
            to: to.map(named).unwrap_or_default(),
            lines: words.iter().filter_map(line).collect(),
            said: words.iter().map(|word| (word.key, self.text(word))).collect(),
            days: self.days(fact, &terms),
            remedy: self.remedy(form, &header.organ(), &terms),
            rules,
            course: if form == Form::Slip { self.course(author) } else { Vec::new() },
            copy: author != self.me,
            place: format!("{} #{}", header.journal, header.sequence),
            leaf: fact.leaf().to_string(),
            qr: None,
            door: door(author),
        }
    }

    /// A word; an article is written with its document by name.
    fn text(&self, word: &Word) -> Both {
        if word.key == "article" {
            return both(&cite(self.rules.documents(), &word.text_zh), &word.text_en);
        }
        both(&word.text_zh, &word.text_en)
    }

    fn days(&self, fact: &Fact, terms: &Terms<'_>) -> Vec<Day> {
        let day = |pin: &Pin| {
            let article = terms.rules().term(pin.duty).map(|(term, _)| term.article());
            Day {
                name: both(pin.duty.zh(), pin.duty.en()),
                on: on(pin.due_on),
                article: cite(self.rules.documents(), article.unwrap_or_default()),
                provisional: pin.provisional,
                right: pin.duty.is_right(),
            }
        };
        fact.pins().iter().map(day).collect()
    }

    /// Where an opinion can be asked to be looked at again; at the ceiling, that it is final.
    fn remedy(&self, form: Form, by: &Holder, terms: &Terms<'_>) -> Option<Remedy> {
        let remedies = [
            (Form::Opinion, Duty::ReviewWindow, "复查", "review"),
            (Form::ReviewOpinion, Duty::ReexamWindow, "复核", "re-examination"),
        ];
        let (_, duty, zh, en) = remedies.into_iter().find(|row| row.0 == form)?;
        if !terms.has_level_above(by.division) {
            let text = both(
                "本意见为终结性意见。出现新的事实和理由的，可以另行提出。",
                "This opinion is final. New facts and reasons can be brought as a new matter.",
            );
            return Some(Remedy { text, article: String::new() });
        }
        let (term, _) = terms.rules().term(duty)?;
        let (days, zh_unit, en_unit) = match term.length() {
            Length::Days(days) => (days, "日", "days"),
            Length::WorkingDays(days) => (days, "个工作日", "working days"),
        };
        let above = self.tree.superior(by.division).map(name_of).unwrap_or_default();
        let (at_zh, at_en) = if by.organ.is_empty() {
            (format!("{above}有权机关"), above)
        } else {
            let own = name_of(by.division);
            (
                format!("{own}人民政府或者上一级主管部门"),
                format!("{own}'s government or the department one level above"),
            )
        };
        let text = both(
            &format!("如对本意见不服，可以自收到之日起{days}{zh_unit}内，向{at_zh}请求{zh}。"),
            &format!(
                "If you disagree, you may ask {at_en} for a {en} within {days} {en_unit} of receiving this."
            ),
        );
        Some(Remedy { text, article: cite(self.rules.documents(), term.article()) })
    }

    /// The steps of an office in this case, in order.
    fn course(&self, office: DivisionCode) -> Vec<Line> {
        let own = self.case.timeline().into_iter().filter(|fact| {
            let header = fact.header();
            header.journal.author == office
                && header.place.as_ref().is_some_and(|place| place.predecessor.is_some())
                && !self.case.aside().contains_key(&fact.leaf())
        });
        let line = |fact: &Fact| {
            let header = fact.header();
            let content = self.said.get(&header.id());
            let said = content.map(words::words).unwrap_or_default();
            let zh = |word: &Word| told(word.zh, &self.text(word).zh, "：");
            let en = |word: &Word| told(word.en, &word.text_en, ": ");
            Line {
                name: both(header.kind.zh(), header.kind.en()),
                text: both(&joined(&said, zh, "；"), &joined(&said, en, "; ")),
            }
        };
        own.map(line).collect()
    }
}

fn both(zh: &str, en: &str) -> Both {
    Both { zh: zh.to_owned(), en: en.to_owned() }
}

fn told(name: &str, text: &str, between: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{name}{between}{text}") }
}

fn joined(said: &[Word], text: impl Fn(&Word) -> String, between: &str) -> String {
    let all = said.iter().map(text).filter(|text| !text.is_empty());
    all.collect::<Vec<_>>().join(between)
}

fn door(office: DivisionCode) -> Both {
    let (zh, en) = crate::view::door::door(office);
    Both { zh, en }
}

fn line(word: &Word) -> Option<Line> {
    let said = !word.text_zh.is_empty();
    said.then(|| Line { name: both(word.zh, word.en), text: both(&word.text_zh, &word.text_en) })
}

/// A day as official documents write it.
fn on(day: Date) -> Both {
    let zh = format!("{}年{}月{}日", day.year(), day.month(), day.day());
    Both { zh, en: day.to_string() }
}

/// An organ of an office, as people call it.
fn named(holder: &Holder) -> String {
    let office = name_of(holder.division);
    if holder.organ.is_empty() {
        format!("{office}信访部门")
    } else {
        format!("{office} {}", holder.organ)
    }
}

/// The key of what no article sets.
const CUSTOM: &str = "CUSTOM";

/// An article with its document by name: `R2022 34` is 《信访工作条例》第34条. What is in no register stays as it is, and
/// where no article stands behind a rule none is cited.
fn cite(documents: &Documents, article: &str) -> String {
    let one = |part: &str| {
        let (key, rest) = part.trim().split_once(' ').unwrap_or((part.trim(), ""));
        let Some(document) = documents.get(key) else { return part.trim().to_owned() };
        let numbers: Vec<String> =
            rest.split(',').map(str::trim).filter(|at| !at.is_empty()).map(numbered).collect();
        format!("《{}》{}", document.name(), numbers.join("、"))
    };
    let said = |part: &&str| !part.trim().is_empty() && part.trim() != CUSTOM;
    let parts = article.split(';').filter(said).map(one);
    parts.collect::<Vec<_>>().join("；")
}

/// `22(3)` is 第22条第3款.
fn numbered(at: &str) -> String {
    match at.split_once('(') {
        Some((article, rest)) => format!("第{article}条第{}款", rest.trim_end_matches(')')),
        None => format!("第{at}条"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_told_with_its_document() {
        let documents = Rules::built_in().documents();
        assert_eq!(cite(documents, "R2022 34"), "《信访工作条例》第34条");
        assert_eq!(
            cite(documents, "R2005 16; R2022 22(3)"),
            "《信访条例》第16条；《信访工作条例》第22条第3款"
        );
        assert_eq!(cite(documents, "CUSTOM; R1999 4"), "R1999 4");
        assert_eq!(cite(documents, ""), "");
    }
}
