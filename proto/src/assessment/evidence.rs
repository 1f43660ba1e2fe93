//! What shows that an item's points are earned (佐证): a named figure, a roll, entries of a kind, or a document.

use std::fmt;

use crate::entry::Kind;
use crate::figure::Figure;
use crate::roll::Roll;
use crate::rules::Rules;

/// The kinds looked through by name; numbers of kinds on the wire are far smaller.
const NUMBERS: std::ops::Range<u32> = 1..1_024;

/// What an item rests on. Written `figure:on_schedule`, `roll:ratings`, `entry:served`, `document:R2022 34`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// A figure by its name.
    Figure(Figure),
    /// What stands on a roll.
    Roll(Roll),
    /// Entries of a kind.
    Entries(Kind),
    /// An article of a registered document, or a document number (文号).
    Document(String),
}

/// Why a reference is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlinked {
    /// Not of any form.
    Form,
    /// There is no such figure.
    Figure,
    /// There is no such roll.
    Roll,
    /// There is no such kind of entry.
    Kind,
    /// Neither a registered document nor a document number.
    Document,
}

impl Unlinked {
    /// In Chinese and English, as the end of a sentence.
    #[must_use]
    pub fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Form => ("不是一种佐证", "is no reference"),
            Self::Figure => ("不是已有的统计指标", "names no figure"),
            Self::Roll => ("不是已有的台账", "names no roll"),
            Self::Kind => ("不是已有的条目类别", "names no kind of entry"),
            Self::Document => (
                "既不是登记的文件，也不是文号",
                "names neither a registered document nor a document number",
            ),
        }
    }
}

impl Evidence {
    /// Reads a reference.
    ///
    /// # Errors
    ///
    /// [`Unlinked`] where it leads to nothing.
    pub fn read(text: &str) -> Result<Self, Unlinked> {
        let (form, name) = text.split_once(':').ok_or(Unlinked::Form)?;
        let name = name.trim();
        match form.trim() {
            "figure" => Figure::named(name).map(Self::Figure).ok_or(Unlinked::Figure),
            "roll" => Roll::named(name).map(Self::Roll).ok_or(Unlinked::Roll),
            "entry" => {
                let mut kinds = NUMBERS.map(Kind::from_number);
                let found = kinds.find(|kind| !kind.zh().is_empty() && code(*kind) == name);
                found.map(Self::Entries).ok_or(Unlinked::Kind)
            }
            "document" if is_document(name) => Ok(Self::Document(name.to_owned())),
            "document" => Err(Unlinked::Document),
            _ => Err(Unlinked::Form),
        }
    }

    /// What it refers to, in Chinese.
    #[must_use]
    pub fn zh(&self) -> &str {
        match self {
            Self::Figure(rate) => rate.zh(),
            Self::Roll(roll) => roll.zh(),
            Self::Entries(kind) => kind.zh(),
            Self::Document(text) => text,
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Figure(rate) => write!(f, "figure:{}", rate.code()),
            Self::Roll(roll) => write!(f, "roll:{}", roll.name()),
            Self::Entries(kind) => write!(f, "entry:{}", code(*kind)),
            Self::Document(text) => write!(f, "document:{text}"),
        }
    }
}

/// The name of a kind in a reference: its English name, the words joined.
fn code(kind: Kind) -> String {
    kind.en().replace([' ', '-'], "_")
}

/// A registered document with or without an article, or a number as offices give one: 国信发〔2014〕16号.
fn is_document(text: &str) -> bool {
    let key = text.split_whitespace().next().unwrap_or_default();
    let registered = Rules::built_in().documents().get(key).is_some();
    let numbered = text.split_once('〔').and_then(|(issuer, rest)| {
        let (year, number) = rest.split_once('〕')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        Some(!issuer.is_empty() && digits(year) && digits(number.strip_suffix('号')?))
    });
    registered || numbered == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_leads_somewhere_or_is_none() {
        for (text, wanted) in [
            ("figure:on_schedule", Ok(Evidence::Figure(Figure::OnSchedule))),
            ("roll: ratings", Ok(Evidence::Roll(Roll::Ratings))),
            ("entry:supervision_answered", Ok(Evidence::Entries(Kind::SupervisionAnswered))),
            ("document:R2022 34", Ok(Evidence::Document("R2022 34".into()))),
            ("document:豫办〔2014〕8号", Ok(Evidence::Document("豫办〔2014〕8号".into()))),
            ("ratings", Err(Unlinked::Form)),
            ("figure:petitions", Err(Unlinked::Figure)),
            ("roll:petitioners", Err(Unlinked::Roll)),
            ("entry:of_a_later_version", Err(Unlinked::Kind)),
            ("document:from memory", Err(Unlinked::Document)),
            ("document:〔2014〕8号", Err(Unlinked::Document)),
        ] {
            assert_eq!(Evidence::read(text), wanted, "{text}");
        }
    }
}
