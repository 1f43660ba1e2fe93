//! The readable number of a case, made to be said aloud and copied by hand.
//!
//! `410221101-2026-58213-0017-4`: the short code of the division that opened it, the year, a block drawn at
//! random at each start of the office, a serial in that block, and a check digit (Damm's), which catches
//! every single wrong digit and every swap of neighbours. The case itself is known by its random id: two
//! cases could share a number and stay two.

use std::fmt;
use std::str::FromStr;

use crate::check_digit::check_digit;
use crate::division::DivisionCode;

/// Blocks an office may draw: five digits.
pub const BLOCKS: u32 = 100_000;
/// Serials in a block, from 1.
pub const SERIALS: u16 = 9_999;

/// A case number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseNumber {
    division: DivisionCode,
    year: u16,
    block: u32,
    serial: u16,
}

/// What is wrong with a case number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not of the form.
    #[error("{0:?} is not a case number such as 410221101-2026-58213-0017-4")]
    Form(String),
    /// The check digit does not fit: a digit was mistaken.
    #[error("{text:?} has a wrong check digit: a digit was misread or two were swapped")]
    CheckDigit {
        /// The text as given.
        text: String,
    },
}

impl CaseNumber {
    /// A number; `None` when a part is out of its range.
    #[must_use]
    pub fn new(division: DivisionCode, year: u16, block: u32, serial: u16) -> Option<Self> {
        let fits =
            (1_000..=9_999).contains(&year) && block < BLOCKS && (1..=SERIALS).contains(&serial);
        fits.then_some(Self { division, year, block, serial })
    }

    /// The block it was taken from.
    #[must_use]
    pub fn block(&self) -> u32 {
        self.block
    }

    /// The division that opened the case.
    #[must_use]
    pub fn division(&self) -> DivisionCode {
        self.division
    }

    fn body(&self) -> String {
        format!("{}-{:04}-{:05}-{:04}", self.division.short(), self.year, self.block, self.serial)
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body();
        write!(f, "{body}-{}", check_digit(&body))
    }
}

impl FromStr for CaseNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let form = || NumberError::Form(text.to_owned());
        let clean = text.trim();
        let (body, check) = clean.rsplit_once('-').ok_or_else(form)?;
        let parts: Vec<&str> = body.split('-').collect();
        let [division, year, block, serial] = parts[..] else { return Err(form()) };
        let digits = |part: &str, width: usize| {
            (part.len() == width && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u32>().ok())
                .flatten()
        };
        let division = division.parse::<DivisionCode>().map_err(|_| form())?;
        let year = digits(year, 4).and_then(|n| u16::try_from(n).ok()).ok_or_else(form)?;
        let block = digits(block, 5).ok_or_else(form)?;
        let serial = digits(serial, 4).and_then(|n| u16::try_from(n).ok()).ok_or_else(form)?;
        let check = digits(check, 1).ok_or_else(form)?;
        let number = Self::new(division, year, block, serial).ok_or_else(form)?;
        if u32::from(check_digit(&number.body())) != check {
            return Err(NumberError::CheckDigit { text: text.to_owned() });
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wrong_check_digit_is_told_apart_from_wrong_form() {
        let town = "410221101000".parse().unwrap();
        let number = CaseNumber::new(town, 2026, 58_213, 17).unwrap().to_string();
        let (body, check) = number.rsplit_once('-').unwrap();
        let wrong = format!("{body}-{}", (check.parse::<u8>().unwrap() + 1) % 10);
        assert!(matches!(wrong.parse::<CaseNumber>(), Err(NumberError::CheckDigit { .. })));
        for text in ["", "-", "410221101-2026", "410221101-2026-58213-17-4", "x-2026-58213-0017-4"]
        {
            assert!(matches!(text.parse::<CaseNumber>(), Err(NumberError::Form(_))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn number_reads_back(year in 1000_u16..9999, block in 0..BLOCKS, serial in 1..=SERIALS) {
            let town = "410221101000".parse().unwrap();
            let number = CaseNumber::new(town, year, block, serial).unwrap();
            prop_assert_eq!(number.to_string().parse::<CaseNumber>(), Ok(number));
        }

        #[test]
        fn one_wrong_digit_and_one_swap_are_caught(block in 0..BLOCKS, serial in 1..=SERIALS, at in 10_usize..24, add in 1_u8..10) {
            let town = "410221101000".parse().unwrap();
            let text = CaseNumber::new(town, 2026, block, serial).unwrap().to_string();
            let mut bytes = text.clone().into_bytes();
            if bytes[at].is_ascii_digit() {
                bytes[at] = b'0' + (bytes[at] - b'0' + add) % 10;
                prop_assert!(String::from_utf8(bytes).unwrap().parse::<CaseNumber>().is_err());
            }
            let mut swapped = text.clone().into_bytes();
            swapped.swap(at, at + 1);
            if swapped != text.as_bytes() {
                prop_assert!(String::from_utf8(swapped).unwrap().parse::<CaseNumber>().is_err());
            }
        }
    }
}
