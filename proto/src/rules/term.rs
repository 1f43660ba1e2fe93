//! A term (期限): a length in days or working days, the article that sets it, and how sure we are of it.

use serde::Deserialize;

/// How sure a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Sure {
    /// Read in the text of the law.
    #[serde(rename = "L")]
    Law,
    /// Read in a secondary source.
    #[serde(rename = "S")]
    Secondary,
    /// Read in a deployed system.
    #[serde(rename = "C")]
    Code,
    /// Not confirmed against a text.
    #[serde(rename = "M")]
    Unconfirmed,
    /// A proposal of this system.
    #[serde(rename = "P")]
    Proposed,
}

/// Length of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Calendar days (日).
    Days(u16),
    /// Working days (工作日).
    WorkingDays(u16),
}

/// A term as a pack states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub(super) length: Length,
    pub(super) roll: bool,
    pub(super) only_route: Option<String>,
    pub(super) article: String,
    pub(super) sure: Sure,
}

impl Term {
    /// Its length.
    #[must_use]
    pub fn length(&self) -> Length {
        self.length
    }

    /// Whether a last day that is no working day gives way to the next one.
    #[must_use]
    pub fn rolls(&self) -> bool {
        self.roll
    }

    /// The only statutory route it applies to; `None` for all.
    #[must_use]
    pub fn only_route(&self) -> Option<&str> {
        self.only_route.as_deref()
    }

    /// The article that sets it: `R2022 34`.
    #[must_use]
    pub fn article(&self) -> &str {
        &self.article
    }

    /// How sure that is.
    #[must_use]
    pub fn sure(&self) -> Sure {
        self.sure
    }
}

impl Sure {
    /// Its letter in packs.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Law => 'L',
            Self::Secondary => 'S',
            Self::Code => 'C',
            Self::Unconfirmed => 'M',
            Self::Proposed => 'P',
        }
    }
}

impl Length {
    /// In Chinese.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::Days(n) => format!("{n}日"),
            Self::WorkingDays(n) => format!("{n}个工作日"),
        }
    }

    /// In English.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            Self::Days(n) => format!("{n} days"),
            Self::WorkingDays(n) => format!("{n} working days"),
        }
    }
}
