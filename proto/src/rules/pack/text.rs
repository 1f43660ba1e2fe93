//! A pack as its file has it: what may stand there, and nothing else.
//!
//! It says what is written, not whether it is sound: that is [`check`](super::check).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::division::Level;
use crate::rules::term::Sure;

/// How many days of the shared term each level has (逐级流转期限).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cascade {
    /// At the root.
    pub hub: u16,
    /// At a province.
    pub province: u16,
    /// At a prefecture.
    pub city: u16,
    /// At a county.
    pub county: u16,
    /// The article.
    article: Spanned<String>,
    /// How sure that is.
    sure: Sure,
}

/// How many representatives a joint visit may have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Representatives {
    /// For groups of so many persons and fewer; for all where it is absent.
    pub persons_up_to: Option<u32>,
    /// So many.
    pub at_most: u32,
    /// The article.
    article: Spanned<String>,
    /// How sure that is.
    sure: Sure,
}

/// A ground on which a petition may be refused, with the words of the notice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    pub(super) code: Spanned<String>,
    /// The ground in Chinese.
    pub zh: String,
    /// The ground in English.
    pub en: String,
    /// What the petitioner can do, in Chinese.
    pub remedy_zh: String,
    /// What the petitioner can do, in English.
    pub remedy_en: String,
    article: Spanned<String>,
    sure: Sure,
}

/// A statutory route (法定途径).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// `S1` to `S6`.
    pub code: String,
    /// What it is, in Chinese.
    pub zh: String,
    /// What it is, in English.
    pub en: String,
    /// Who receives it, in Chinese.
    pub receiver_zh: String,
    /// Who receives it, in English.
    pub receiver_en: String,
    article: Spanned<String>,
    sure: Sure,
    /// Limitation periods of this route, which petitioning does not stop.
    pub limits: Vec<Limit>,
}

/// A limitation period (时效) to warn of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Its months, or
    pub months: Option<u32>,
    /// its days.
    pub days: Option<u32>,
    /// The article, where it is known.
    article: Option<Spanned<String>>,
    /// How sure that is.
    pub sure: Sure,
}

/// The file as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    #[serde(rename = "pack")]
    pub(super) name: String,
    #[serde(rename = "name")]
    pub(super) zh: String,
    #[serde(rename = "name_en")]
    pub(super) en: String,
    pub(super) scope: Spanned<String>,
    #[serde(default, deserialize_with = "optional_date")]
    pub(super) from: Option<Date>,
    #[serde(default, deserialize_with = "optional_date")]
    pub(super) to: Option<Date>,
    pub(super) extends: Option<String>,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) note: String,
    #[serde(default)]
    pub(super) features: BTreeMap<String, bool>,
    #[serde(default)]
    pub(super) terms: BTreeMap<Spanned<String>, TermText>,
    pub(super) hearing: Option<Hearing>,
    pub(super) cascade: Option<Cascade>,
    pub(super) ceiling: Option<Ceiling>,
    pub(super) level_gate: Option<LevelGateText>,
    #[serde(default)]
    pub(super) representatives: Vec<Representatives>,
    #[serde(default)]
    pub(super) refusals: Vec<Refusal>,
    #[serde(default)]
    pub(super) routes: Vec<Route>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermText {
    pub(super) days: Option<u16>,
    pub(super) working_days: Option<u16>,
    #[serde(default)]
    pub(super) roll: bool,
    pub(super) only_route: Option<String>,
    pub(super) article: Spanned<String>,
    pub(super) sure: Sure,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hearing {
    pub(super) stops: Vec<Spanned<String>>,
    pub(super) article: Spanned<String>,
    pub(super) sure: Sure,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ceiling {
    pub(super) level: CeilingLevel,
    pub(super) article: Spanned<String>,
    pub(super) sure: Sure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CeilingLevel {
    Hub,
    Province,
    City,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LevelGateText {
    pub(super) article: Spanned<String>,
    pub(super) sure: Sure,
    pub(super) enforced: Vec<EnforcedText>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnforcedText {
    pub(super) scope: Spanned<String>,
    #[serde(deserialize_with = "date")]
    pub(super) from: Date,
    pub(super) article: Spanned<String>,
    pub(super) sure: Sure,
}

impl Refusal {
    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        self.code.get_ref()
    }

    /// The article that grants it.
    #[must_use]
    pub fn article(&self) -> &str {
        self.article.get_ref()
    }

    /// How sure that is.
    #[must_use]
    pub fn sure(&self) -> Sure {
        self.sure
    }
}

impl Route {
    /// The article that names it.
    #[must_use]
    pub fn article(&self) -> &str {
        self.article.get_ref()
    }

    /// How sure that is.
    #[must_use]
    pub fn sure(&self) -> Sure {
        self.sure
    }
}

impl Cascade {
    /// This level's share, in days; nothing below the county.
    #[must_use]
    pub fn share(&self, level: Level) -> Option<u16> {
        match level {
            Level::Hub => Some(self.hub),
            Level::Province => Some(self.province),
            Level::Prefecture => Some(self.city),
            Level::County => Some(self.county),
            Level::Township | Level::Village => None,
        }
    }

    /// The article that says so.
    #[must_use]
    pub fn article(&self) -> &str {
        self.article.get_ref()
    }

    /// How sure that is.
    #[must_use]
    pub fn sure(&self) -> Sure {
        self.sure
    }
}

impl Representatives {
    /// The article that says so.
    #[must_use]
    pub fn article(&self) -> &str {
        self.article.get_ref()
    }
}

impl Text {
    /// Every article it names.
    pub(super) fn articles(&self) -> Vec<&Spanned<String>> {
        let terms = self.terms.values().map(|term| &term.article);
        let hearing = self.hearing.iter().map(|hearing| &hearing.article);
        let cascade = self.cascade.iter().map(|cascade| &cascade.article);
        let ceiling = self.ceiling.iter().map(|ceiling| &ceiling.article);
        let gate = self.level_gate.iter().map(|gate| &gate.article);
        let rows = self.level_gate.iter().flat_map(|gate| &gate.enforced).map(|row| &row.article);
        let representatives = self.representatives.iter().map(|row| &row.article);
        let refusals = self.refusals.iter().map(|refusal| &refusal.article);
        let routes = self.routes.iter().map(|route| &route.article);
        let limits = self.routes.iter().flat_map(|route| &route.limits);
        let routes = routes.chain(limits.filter_map(|limit| limit.article.as_ref()));
        let single = hearing.chain(cascade).chain(ceiling).chain(gate);
        terms
            .chain(single)
            .chain(rows)
            .chain(representatives)
            .chain(refusals)
            .chain(routes)
            .collect()
    }
}

pub(super) fn yes() -> bool {
    true
}

/// Reads a TOML date.
pub(in crate::rules) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let written = toml::value::Datetime::deserialize(deserializer)?;
    let date = written.date.filter(|_| written.time.is_none());
    let date = date.and_then(|date| {
        let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
        Date::new(i16::try_from(date.year).ok()?, month, day).ok()
    });
    date.ok_or_else(|| serde::de::Error::custom("a day is written 2026-01-31, without quotes"))
}

/// Reads a TOML date that may be absent.
pub(in crate::rules) fn optional_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}
