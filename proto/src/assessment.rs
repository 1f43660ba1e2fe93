//! Assessment (考核) of offices as data: items with weights that come to a hundred, each with what it measures and what
//! shows it.
//!
//! A [`Scheme`] is a file a lawyer can read; only [`Scheme::read`] makes one, and it names everything that is wrong at
//! once, with line, reason and what to do. A [`Measure`] is a duty kept or done. There is none that counts petitions,
//! repeat petitions or visits to the capital, and an item that names one is refused: it would pay for suppressing them
//! ([`counting`]). A [`Score`] shows its arithmetic.
//!
//! It assesses offices and never a person, and puts nobody into an order by points.

mod check;
pub mod counting;
pub mod evidence;
pub mod fault;
pub mod measure;
pub mod score;
mod text;

use jiff::civil::Date;

pub use counting::Counted;
pub use evidence::Evidence;
pub use fault::{Fault, Told, Wrong};
pub use measure::{Deed, Measure};
pub use score::{Figures, Score, Table};

/// What the weights of a scheme come to, in points.
const WHOLE: i64 = 100;

/// A sound scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    name: String,
    name_en: String,
    issuer: String,
    number: String,
    from: Date,
    to: Option<Date>,
    note: String,
    items: Vec<Item>,
}

/// One item of a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    name: String,
    name_en: String,
    weight: u32,
    measure: Measure,
    evidence: Vec<Evidence>,
    note: String,
}

impl Scheme {
    /// Its name in Chinese and English.
    #[must_use]
    pub fn names(&self) -> (&str, &str) {
        (&self.name, &self.name_en)
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its document number (文号).
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Its first and last day; no last day while it is in force.
    #[must_use]
    pub fn days(&self) -> (Date, Option<Date>) {
        (self.from, self.to)
    }

    /// What is to be known of it.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Its items, in the order of the file. Their weights come to a hundred.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }
}

impl Item {
    /// Its name in Chinese and English.
    #[must_use]
    pub fn names(&self) -> (&str, &str) {
        (&self.name, &self.name_en)
    }

    /// Its weight, in points of a hundred.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.weight
    }

    /// What it measures.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// What shows it.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// What is to be known of it.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }
}

#[cfg(test)]
mod tests;
