//! What an assessment may not count (信访量、重复信访、进京访 and so on), found by the words of an item.
//!
//! The list is data (`proto/data/assessment/counting.toml`), so that a lawyer can read and lengthen it. It is the second
//! guard: the first is that [`Measure`] has no way to count any of it. A list of words never finds everything.

use std::sync::LazyLock;

use serde::Deserialize;

use super::measure::Measure;

const DATA: &str = include_str!("../../data/assessment/counting.toml");

static COUNTED: LazyLock<Vec<Counted>> = LazyLock::new(|| {
    let list: List = toml::from_str(DATA).expect("it is part of the program and its tests read it");
    list.counted
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    counted: Vec<Counted>,
}

/// One thing that is not to be counted, and why.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    code: String,
    zh: String,
    en: String,
    why_zh: String,
    why_en: String,
    words_zh: Vec<String>,
    words_en: Vec<String>,
    measures: Vec<String>,
    instead: Vec<String>,
}

impl Counted {
    /// All of them.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &COUNTED
    }

    /// Its name for programs.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What is counted, in Chinese and English.
    #[must_use]
    pub fn names(&self) -> (&str, &str) {
        (&self.zh, &self.en)
    }

    /// What counting it rewards, in Chinese and English.
    #[must_use]
    pub fn why(&self) -> (&str, &str) {
        (&self.why_zh, &self.why_en)
    }

    /// Measures to use instead.
    #[must_use]
    pub fn instead(&self) -> Vec<Measure> {
        self.instead.iter().filter_map(|code| Measure::from_code(code)).collect()
    }

    /// The word of a name or note that names it.
    #[must_use]
    pub fn named_in(&self, text: &str) -> Option<&str> {
        let (run, spaced) = (run_together(text), spaced(text));
        let zh = self.words_zh.iter().find(|word| run.contains(word.as_str()));
        let en = || self.words_en.iter().find(|word| spaced.contains(&format!(" {word} ")));
        zh.or_else(en).map(String::as_str)
    }

    /// The word of a measure's name, where there is no such measure, that names it.
    #[must_use]
    pub fn measured_by(&self, name: &str) -> Option<&str> {
        let spaced = spaced(name);
        let word = self.measures.iter().find(|word| spaced.contains(&format!(" {word} ")));
        word.map(String::as_str).or_else(|| self.named_in(name))
    }
}

/// A full-width letter or digit as the narrow one, in lower case.
fn narrow(letter: char) -> char {
    let wide = matches!(letter, '\u{ff01}'..='\u{ff5e}');
    let narrowed = u32::from(letter).checked_sub(0xfee0).filter(|_| wide);
    narrowed.and_then(char::from_u32).unwrap_or(letter).to_ascii_lowercase()
}

/// Letters and digits alone: a space between characters hides no word.
fn run_together(text: &str) -> String {
    text.chars().map(narrow).filter(|letter| letter.is_alphanumeric()).collect()
}

/// Words of Latin letters and digits with one space around each.
fn spaced(text: &str) -> String {
    let letters = text.chars().map(narrow);
    let letters: String =
        letters.map(|letter| if letter.is_ascii_alphanumeric() { letter } else { ' ' }).collect();
    let words: Vec<&str> = letters.split_whitespace().collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        let named = Counted::all().iter().filter(|one| one.named_in(text).is_some());
        named.map(|one| one.code.as_str()).collect()
    }

    #[test]
    fn every_row_names_measures_there_are_and_no_word_is_empty() {
        for one in Counted::all() {
            assert!(one.instead.len() >= 2, "{}", one.code);
            assert_eq!(one.instead().len(), one.instead.len(), "{}", one.code);
            for word in one.words_zh.iter() {
                assert_eq!(run_together(word), *word, "a word with signs in it is never found");
            }
            for word in one.words_en.iter().chain(&one.measures) {
                assert_eq!(spaced(word), format!(" {word} "), "as it is looked for");
            }
        }
    }

    #[test]
    fn what_counts_petitions_is_found_in_chinese_and_english() {
        for (text, code) in [
            ("零上访乡镇", "volume"),
            ("零 上 访", "volume"),
            ("０上访", "volume"),
            ("信访量同比下降", "volume"),
            ("非正常上访", "abnormal"),
            ("赴京上访批次", "capital"),
            ("进京访每人次扣2分", "capital"),
            ("越级访", "cross-level"),
            ("重复信访", "repeat"),
            ("重信、重访率", "repeat"),
            ("集体访", "joint"),
            ("重点人员稳控", "persons"),
            ("Repeat-petitions", "repeat"),
            ("visits to BEIJING", "capital"),
            ("non-normal visits", "abnormal"),
            ("Zero petitions", "volume"),
            ("cross-level visits", "cross-level"),
            ("group visits", "joint"),
            ("person-times", "persons"),
        ] {
            assert!(found(text).contains(&code), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn what_measures_a_duty_is_left_alone() {
        for text in [
            "信访部门及时受理率",
            "领导干部接访",
            "重复登记的更正",
            "依法逐级走访宣传",
            "信访人满意率",
            "培训人次",
            "Petition offices: timely acceptance",
            "Visits by leaders as published",
            "letters answered on time",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        for measure in Measure::all() {
            for name in [measure.code(), measure.zh(), measure.en()] {
                assert_eq!(found(name), [""; 0], "{name}");
            }
        }
    }
}
