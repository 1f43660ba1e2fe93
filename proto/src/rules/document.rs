//! A document (规范性文件) that rules rest on: a law, a notice, a measure, with its number, issuer and days.
//!
//! It holds no text of a law.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::pack::{PackError, date, optional_date};
use super::term::Sure;

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    #[serde(skip)]
    key: String,
    name: String,
    name_en: String,
    number: String,
    issuer: String,
    #[serde(deserialize_with = "date")]
    from: Date,
    #[serde(default, deserialize_with = "optional_date")]
    to: Option<Date>,
    sure: Sure,
}

/// The register of documents (政策文件库).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Documents(BTreeMap<String, Document>);

impl Document {
    /// The key by which articles name it: `R2022`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its name in Chinese.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name in English.
    #[must_use]
    pub fn name_en(&self) -> &str {
        &self.name_en
    }

    /// Its document number (文号); empty where it has none.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The first and the last day it is in force; no last day while it is.
    #[must_use]
    pub fn days(&self) -> (Date, Option<Date>) {
        (self.from, self.to)
    }

    /// How sure its data are.
    #[must_use]
    pub fn sure(&self) -> Sure {
        self.sure
    }
}

impl Documents {
    /// Reads a register out of TOML, one table for each document.
    ///
    /// # Errors
    ///
    /// [`PackError::Form`] with file and line.
    pub fn read(file: &str, text: &str) -> Result<Self, PackError> {
        let mut documents: BTreeMap<String, Document> =
            toml::from_str(text).map_err(|error| PackError::form(file, text, &error))?;
        for (key, document) in &mut documents {
            key.clone_into(&mut document.key);
        }
        Ok(Self(documents))
    }

    /// The document with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Document> {
        self.0.get(key)
    }

    /// All of them, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Document> {
        self.0.values()
    }
}

/// The keys of the documents that an article names: `R2005 16; LEVEL2014 4` names two.
pub fn cited(article: &str) -> impl Iterator<Item = &str> {
    article.split(';').filter_map(|one| one.split_whitespace().next())
}
