//! [`DivisionCode`]: the twelve digits that name a place.
//!
//! The digits are `PP CC XX TTT VVV`: province, prefecture, county, township, village. A place
//! writes zeros in the segments below its own level, and people leave those zeros away: `41`, `4101`
//! and `410105` are the same places as their twelve-digit forms. A code is kept as one number, so it
//! is small, ordered like the printed table, and equal to its short form.
//!
//! It never says whether a place of this code exists, nor which place stands above it: that is the
//! business of the [`Tree`](super::Tree).
//!
//! Invariants:
//! 1. A code has no gap: no segment is filled while the one it belongs to is empty. The county
//!    segment alone may be empty above a township, because some cities have no counties.
//! 2. Reading what was printed, short or long, gives the same code back.

use std::error::Error;
use std::fmt;
use std::iter;
use std::str::FromStr;

use super::level::Level;

/// How many digits a code has when it is written in full.
const DIGITS: usize = 12;
/// The smallest number that has more than twelve digits.
const TOO_LARGE: u64 = 1_000_000_000_000;
/// How much of a refused text an error repeats, so that it stays one line.
const EXCERPT: usize = 24;
/// The end of every refusal: what would have been right.
const EXPECTED: &str =
    "expected 2, 4, 6, 9 or 12 digits 0-9, such as 41, 410105 or 410105001000 (00 is the hub)";

/// The code of a place: twelve digits, well-formed, not necessarily known to the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DivisionCode(u64);

/// Why a text or a number is not the code of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// The text is empty.
    Empty,
    /// The text holds something else than the digits 0 to 9.
    NotADigit {
        /// The beginning of the text.
        given: String,
        /// The first character that is not a digit.
        found: char,
    },
    /// The text has a number of digits at which no segment ends.
    WrongLength {
        /// The beginning of the text.
        given: String,
        /// How many digits it has.
        digits: usize,
    },
    /// The number has more than twelve digits.
    TooLarge {
        /// The number.
        number: u64,
    },
    /// A segment is filled although the one it belongs to is empty.
    Gap {
        /// The number.
        number: u64,
        /// The level whose segment is filled.
        filled: Level,
        /// The level whose segment would have to be filled too.
        empty: Level,
    },
}

impl DivisionCode {
    /// The root of the tree, the whole country: twelve zeros.
    pub const HUB: Self = Self(0);

    /// The code as a number; its decimal digits are the digits of the code.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The code with these decimal digits.
    ///
    /// # Errors
    ///
    /// [`CodeError::TooLarge`] above twelve digits, [`CodeError::Gap`] when a segment is missing.
    pub fn from_number(number: u64) -> Result<Self, CodeError> {
        if number >= TOO_LARGE {
            return Err(CodeError::TooLarge { number });
        }
        match gap(number) {
            Some((filled, empty)) => Err(CodeError::Gap { number, filled, empty }),
            None => Ok(Self(number)),
        }
    }

    /// The code as people write it, without the zeros below its level: 2, 4, 6, 9 or 12 digits.
    #[must_use]
    pub fn short(self) -> String {
        let mut digits = self.to_string();
        digits.truncate(match self.level() {
            Level::Hub | Level::Province => 2,
            Level::Prefecture => 4,
            Level::County => 6,
            Level::Township => 9,
            Level::Village => DIGITS,
        });
        digits
    }

    /// The level of the last segment that is not empty.
    #[must_use]
    pub fn level(self) -> Level {
        let Segments { province, prefecture, county, township, village } = segments(self.0);
        if village != 0 {
            Level::Village
        } else if township != 0 {
            Level::Township
        } else if county != 0 {
            Level::County
        } else if prefecture != 0 {
            Level::Prefecture
        } else if province != 0 {
            Level::Province
        } else {
            Level::Hub
        }
    }
}

impl FromStr for DivisionCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let given = || text.chars().take(EXCERPT).collect();
        if text.is_empty() {
            return Err(CodeError::Empty);
        }
        if let Some(found) = text.chars().find(|c| !c.is_ascii_digit()) {
            return Err(CodeError::NotADigit { given: given(), found });
        }
        if text == "0" {
            return Ok(Self::HUB);
        }
        if !matches!(text.len(), 2 | 4 | 6 | 9 | DIGITS) {
            return Err(CodeError::WrongLength { given: given(), digits: text.len() });
        }
        let padded = text.bytes().chain(iter::repeat(b'0')).take(DIGITS);
        Self::from_number(padded.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$}", self.0)
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "read division code: it is empty; {EXPECTED}"),
            Self::NotADigit { given, found } => {
                write!(f, "read division code {given:?}: {found:?} is not a digit; {EXPECTED}")
            }
            Self::WrongLength { given, digits } => {
                let s = if *digits == 1 { "" } else { "s" };
                write!(f, "read division code {given:?}: it has {digits} digit{s}; {EXPECTED}")
            }
            Self::TooLarge { number } => {
                write!(f, "read division code {number}: it has more than 12 digits; {EXPECTED}")
            }
            Self::Gap { number, filled, empty } => write!(
                f,
                "read division code {number:0DIGITS$}: it names a {} but its {} digits are zero; \
                 expected PP CC XX TTT VVV (province, prefecture, county, township, village) \
                 without a gap",
                filled.en(),
                empty.en(),
            ),
        }
    }
}

impl Error for CodeError {}

/// The five segments of a code.
struct Segments {
    province: u64,
    prefecture: u64,
    county: u64,
    township: u64,
    village: u64,
}

fn segments(number: u64) -> Segments {
    Segments {
        province: number / 10_000_000_000,
        prefecture: number / 100_000_000 % 100,
        county: number / 1_000_000 % 100,
        township: number / 1_000 % 1_000,
        village: number % 1_000,
    }
}

/// The first level that is filled without the level it belongs to, with that empty level.
fn gap(number: u64) -> Option<(Level, Level)> {
    let Segments { province, prefecture, county, township, village } = segments(number);
    let belongs = [
        (village, Level::Village, township, Level::Township),
        (township, Level::Township, prefecture, Level::Prefecture),
        (county, Level::County, prefecture, Level::Prefecture),
        (prefecture, Level::Prefecture, province, Level::Province),
    ];
    let broken = belongs.into_iter().find(|(lower, _, upper, _)| *lower != 0 && *upper == 0);
    broken.map(|(_, filled, _, empty)| (filled, empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_forms_are_the_same_code() {
        for (short, long, level) in [
            ("00", "000000000000", Level::Hub),
            ("41", "410000000000", Level::Province),
            ("4101", "410100000000", Level::Prefecture),
            ("410105", "410105000000", Level::County),
            ("410105001", "410105001000", Level::Township),
            ("441900003", "441900003000", Level::Township),
            ("410105001002", "410105001002", Level::Village),
        ] {
            let code = read(short);
            assert_eq!(code, read(long));
            assert_eq!(code.level(), level);
            assert_eq!(code.short(), short);
            assert_eq!(code.to_string(), long);
            assert_eq!(format!("{code:?}"), long);
            assert_eq!(DivisionCode::from_number(code.number()), Ok(code));
        }
    }

    #[test]
    fn the_hub_may_be_written_with_any_number_of_zeros_that_ends_a_segment() {
        for text in ["0", "00", "0000", "000000", "000000000", "000000000000"] {
            assert_eq!(read(text), DivisionCode::HUB);
        }
    }

    #[test]
    fn a_province_may_be_written_with_the_six_digits_of_the_national_standard() {
        assert_eq!(read("410000"), read("41"));
    }

    #[test]
    fn every_bad_text_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "it is empty"),
            (" 41", "' ' is not a digit"),
            ("41\n", "'\\n' is not a digit"),
            ("-1", "'-' is not a digit"),
            ("４１", "'４' is not a digit"),
            ("河南", "'河' is not a digit"),
            ("4", "it has 1 digit;"),
            ("410", "it has 3 digits"),
            ("41010", "it has 5 digits"),
            ("4101050", "it has 7 digits"),
            ("41010500", "it has 8 digits"),
            ("4101050010", "it has 10 digits"),
            ("41010500100", "it has 11 digits"),
            ("4101050010000", "it has 13 digits"),
        ] {
            let message = refused(text);
            assert!(message.contains(reason), "{text:?} gave {message}");
            assert!(message.ends_with(EXPECTED), "{text:?} gave {message}");
        }
    }

    #[test]
    fn every_gap_is_refused_with_the_empty_level() {
        for (text, reason) in [
            ("0001", "names a prefecture but its province digits are zero"),
            ("410001", "names a county but its prefecture digits are zero"),
            ("410000001", "names a township but its prefecture digits are zero"),
            ("410105000001", "names a village but its township digits are zero"),
        ] {
            let message = refused(text);
            assert!(message.contains(reason), "{text:?} gave {message}");
        }
    }

    #[test]
    fn a_number_of_thirteen_digits_is_refused() {
        let error = DivisionCode::from_number(TOO_LARGE).unwrap_err();
        assert_eq!(error, CodeError::TooLarge { number: TOO_LARGE });
        assert!(error.to_string().contains("more than 12 digits"));
        assert!(DivisionCode::from_number(u64::MAX).is_err());
        assert!(DivisionCode::from_number(TOO_LARGE - 1).is_ok());
    }

    #[test]
    fn a_refusal_repeats_only_the_beginning_of_a_long_text() {
        assert!(refused(&"9".repeat(100_000)).len() < 200);
    }

    fn read(text: &str) -> DivisionCode {
        text.parse().unwrap()
    }

    fn refused(text: &str) -> String {
        text.parse::<DivisionCode>().unwrap_err().to_string()
    }
}
