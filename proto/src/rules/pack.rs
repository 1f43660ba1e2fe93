//! A rule pack (规则包): one law or local rule as a data file, read and checked as a whole.
//!
//! What is not understood is refused with its line: a number without an article, an article of a document that is not
//! listed, a duty nobody knows, a place that does not exist. A pack is named by the digest of its text, which entries
//! carry.

mod check;
mod error;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

pub use error::PackError;
pub use text::{Cascade, Limit, Refusal, Representatives, Route};
pub(super) use text::{date, optional_date};

use super::document::{Documents, cited};
use super::duty::Duty;
use super::gate::Reason;
use super::term::Term;
use crate::digest::Digest;
use crate::division::{DivisionCode, Level, Tree};
use check::Check;
use text::{CeilingLevel, Text};

/// One rule pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    digest: Digest,
    text: Text,
    scope: DivisionCode,
    terms: BTreeMap<Duty, Term>,
    enforced: Vec<Enforced>,
}

/// From when the level gate is enforced in a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enforced {
    /// Where.
    pub scope: DivisionCode,
    /// The first day.
    pub from: Date,
    /// The article.
    pub article: String,
}

impl Pack {
    /// Reads a pack out of the text of `file`.
    ///
    /// # Errors
    ///
    /// [`PackError`] with file and line.
    pub fn read(
        file: &str,
        text: &str,
        documents: &Documents,
        tree: &Tree,
    ) -> Result<Self, PackError> {
        let read: Text =
            toml::from_str(text).map_err(|error| PackError::form(file, text, &error))?;
        let check = Check { file, text, documents, tree };
        let from = read.from;
        if read.to.zip(from).is_some_and(|(to, from)| to < from) {
            return Err(PackError::Backwards { file: file.to_owned() });
        }
        if read.enabled && from.is_none() {
            return Err(PackError::NoBeginning { file: file.to_owned() });
        }
        let mut terms = BTreeMap::new();
        for (name, term) in &read.terms {
            terms.insert(check.duty(name)?, check.term(name, term)?);
        }
        for article in read.articles() {
            check.article(article)?;
        }
        for refusal in &read.refusals {
            check.reason(&refusal.code)?;
        }
        for duty in read.hearing.iter().flat_map(|hearing| &hearing.stops) {
            check.duty(duty)?;
        }
        let rows = read.level_gate.iter().flat_map(|gate| &gate.enforced);
        let enforced = rows.map(|row| {
            let scope = check.scope(&row.scope)?;
            Ok(Enforced { scope, from: row.from, article: row.article.get_ref().clone() })
        });
        let enforced = enforced.collect::<Result<_, _>>()?;
        let scope = check.scope(&read.scope)?;
        Ok(Self { digest: Digest::of(&[text.as_bytes()]), scope, terms, enforced, text: read })
    }

    /// SHA-256 of its text.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What it is called: `CN-2022`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.text.name
    }

    /// The name of the rule in Chinese and English.
    #[must_use]
    pub fn titles(&self) -> (&str, &str) {
        (&self.text.zh, &self.text.en)
    }

    /// Where it binds.
    #[must_use]
    pub fn scope(&self) -> DivisionCode {
        self.scope
    }

    /// Its first and last day.
    #[must_use]
    pub fn days(&self) -> (Option<Date>, Option<Date>) {
        (self.text.from, self.text.to)
    }

    /// The pack it extends.
    #[must_use]
    pub fn extends(&self) -> Option<&str> {
        self.text.extends.as_deref()
    }

    /// Whether it is switched on.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.text.enabled
    }

    /// What is to be known of it.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.text.note
    }

    /// Its terms.
    #[must_use]
    pub fn terms(&self) -> &BTreeMap<Duty, Term> {
        &self.terms
    }

    /// From when the level gate is enforced where.
    #[must_use]
    pub fn enforced(&self) -> &[Enforced] {
        &self.enforced
    }

    /// Whether it switches a feature on or off; `None` where it says nothing.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<bool> {
        self.text.features.get(name).copied()
    }

    /// Whether a hearing stops the clock of a duty; `None` where it says nothing of hearings.
    #[must_use]
    pub fn hearing_stops(&self, duty: Duty) -> Option<bool> {
        let hearing = self.text.hearing.as_ref()?;
        Some(hearing.stops.iter().any(|name| name.get_ref() == duty.code()))
    }

    /// How the fifteen days are shared.
    #[must_use]
    pub fn cascade(&self) -> Option<&Cascade> {
        self.text.cascade.as_ref()
    }

    /// The level whose opinion is final.
    #[must_use]
    pub fn ceiling(&self) -> Option<Level> {
        self.text.ceiling.as_ref().map(|ceiling| match ceiling.level {
            CeilingLevel::Hub => Level::Hub,
            CeilingLevel::Province => Level::Province,
            CeilingLevel::City => Level::Prefecture,
        })
    }

    /// How many representatives a visit of so many persons may have; `None` where it says nothing.
    #[must_use]
    pub fn representatives(&self, persons: u32) -> Option<&Representatives> {
        let rows = self.text.representatives.iter();
        let mut rows = rows.filter(|row| row.persons_up_to.is_none_or(|most| persons <= most));
        rows.next()
    }

    /// A ground of refusal.
    #[must_use]
    pub fn refusal(&self, reason: Reason) -> Option<&Refusal> {
        self.text.refusals.iter().find(|refusal| refusal.code() == reason.code())
    }

    /// The statutory routes it names.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.text.routes
    }

    /// The keys of the documents it rests on.
    #[must_use]
    pub fn documents(&self) -> BTreeSet<&str> {
        self.text.articles().into_iter().flat_map(|article| cited(article.get_ref())).collect()
    }

    /// Whether it is switched on and binds `office` on `day`, apart from what it extends.
    #[must_use]
    pub fn binds(&self, office: DivisionCode, day: Date, tree: &Tree) -> bool {
        self.text.enabled
            && self.text.from.is_some_and(|from| from <= day)
            && self.text.to.is_none_or(|to| day <= to)
            && (self.scope == DivisionCode::HUB || tree.is_within(office, self.scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Length, Rules};

    const SOUND: &str = "pack = \"X-1\"\nname = \"x\"\nname_en = \"x\"\nscope = \"41\"\nfrom = 2026-01-01\n\n[terms.handle]\ndays = 30\narticle = \"R2022 34\"\nsure = \"L\"\n";

    fn read(text: &str) -> Result<Pack, PackError> {
        Pack::read("x.toml", text, Rules::built_in().documents(), Tree::national())
    }

    #[test]
    fn a_sound_pack_is_read() {
        let pack = read(SOUND).unwrap();
        assert_eq!((pack.name(), pack.scope().short()), ("X-1", "41".to_owned()));
        assert_eq!(pack.terms()[&Duty::Handle].length(), Length::Days(30));
        assert!(pack.is_enabled());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (from, to, line, word) in [
            ("terms.handle", "terms.handel", 7, "handel"),
            ("days = 30", "days = 0", 7, "working_days"),
            ("days = 30", "days = 30\nworking_days = 3", 7, "working_days"),
            ("days = 30", "hours = 30", 8, "hours"),
            ("R2022 34", "R2023 34", 9, "documents.toml"),
            ("sure = \"L\"", "sure = \"Z\"", 10, "Z"),
            ("\"41\"", "\"99\"", 4, "99"),
            ("2026-01-01", "\"2026-01-01\"", 5, "datetime"),
            (
                "[terms.handle]",
                "[[refusals]]\ncode = \"NA-X\"\nzh = \"\"\nen = \"\"\nremedy_zh = \"\"\nremedy_en = \"\"\narticle = \"R2022 1\"\nsure = \"L\"\n[terms.handle]",
                8,
                "NA-X",
            ),
        ] {
            let text = SOUND.replace(from, to);
            assert_ne!(text, SOUND, "{from}");
            let error = read(&text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("x.toml:{line}: ")), "{from} -> {to}: {error}");
            assert!(error.contains(word), "{from} -> {to}: {error}");
        }
    }

    #[test]
    fn a_pack_that_is_on_has_a_first_day_and_does_not_end_before_it() {
        let none = SOUND.replace("from = 2026-01-01\n", "");
        assert_eq!(read(&none), Err(PackError::NoBeginning { file: "x.toml".into() }));
        let ends = SOUND.replace("2026-01-01\n", "2026-01-01\nto = 2025-12-31\n");
        assert_eq!(read(&ends), Err(PackError::Backwards { file: "x.toml".into() }));
    }

    #[test]
    fn what_a_pack_extends_is_known() {
        let text = SOUND.replace("from =", "extends = \"X-0\"\nfrom =");
        let issued = Rules::built_in().clone().issue("x.toml", &text);
        assert_eq!(
            issued,
            Err(PackError::UnknownBase { file: "x.toml".into(), base: "X-0".into() })
        );
    }
}
