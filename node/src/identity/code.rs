//! The one-time code and the code sheet: what a superior hands to a new office on paper.
//!
//! A [`OneTimeCode`] is nineteen random characters and a check character, of an alphabet without I, L, O and
//! U. It is read tolerantly: case, spaces and hyphens do not matter, O is 0, I and L are 1; one wrong
//! character is always noticed. A [`CodeSheet`] puts it beside the fingerprint of the root, so that the new
//! office can recognise its superior before the superior recognises it. The sheet is a text to print and
//! JSON for programs.
//!
//! The superior keeps nothing of a code but its SHA-256. A code has 95 random bits, so the hash needs no
//! salt, and guessing is hopeless.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use terrace_proto::digest::Digest;
use terrace_proto::division::{DivisionCode, Tree};

use super::as_text;
use super::root::Fingerprint;
use crate::surroundings::Chance;

/// Crockford's alphabet.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Its size.
const BASE: u8 = 32;
/// Characters of a code, the check character included.
const LENGTH: usize = 20;
/// Characters in a printed group.
const GROUP: usize = 5;
/// Characters in half a printed fingerprint.
const HALF: usize = 39;

/// A code that admits one office once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OneTimeCode([u8; LENGTH]);

/// A text that is not a one-time code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OneTimeCodeError {
    /// A character that no code has.
    #[error("read one-time code: {0:?} is not a character of a code; copy it from the code sheet")]
    Character(char),
    /// Too few or too many characters.
    #[error("read one-time code: it has {0} characters, expected 20; copy it from the code sheet")]
    Length(usize),
    /// The check character does not fit.
    #[error("read one-time code: a character is wrong; compare it with the code sheet")]
    Check,
}

/// What the superior hands over on paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeSheet {
    /// The office that is to be admitted.
    #[serde(with = "as_text")]
    pub division: DivisionCode,
    /// The office that admits it.
    #[serde(with = "as_text")]
    pub superior: DivisionCode,
    /// Where the superior answers, host and port.
    pub address: String,
    /// The one-time code.
    pub code: OneTimeCode,
    /// The fingerprint of the root certificate.
    pub root_fingerprint: Fingerprint,
}

impl OneTimeCode {
    /// Draws a code.
    #[must_use]
    pub fn draw(chance: &mut dyn Chance) -> Self {
        let mut symbols = [0; LENGTH];
        chance.fill(&mut symbols[..LENGTH - 1]);
        for symbol in &mut symbols {
            *symbol %= BASE;
        }
        symbols[LENGTH - 1] = (BASE - sum(&symbols)) % BASE;
        Self(symbols)
    }

    /// What the superior keeps of it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::of(&[&self.characters()])
    }

    /// The twenty characters without hyphens, the form that is hashed and signed.
    #[must_use]
    pub fn characters(&self) -> [u8; LENGTH] {
        self.0.map(|symbol| ALPHABET[usize::from(symbol % BASE)])
    }
}

/// The Luhn sum modulo 32 in which every second symbol is doubled; 0 for a whole code. Doubling with the
/// carry added again is a permutation, so one wrong symbol always changes it.
fn sum(symbols: &[u8; LENGTH]) -> u8 {
    let weigh = |(position, &symbol): (usize, &u8)| {
        let weighed = if position % 2 == 0 { symbol * 2 } else { symbol };
        weighed / BASE + weighed % BASE
    };
    symbols.iter().enumerate().map(weigh).fold(0, |sum, symbol| (sum + symbol) % BASE)
}

impl fmt::Display for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, character) in self.characters().into_iter().enumerate() {
            if position > 0 && position % GROUP == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(character))?;
        }
        Ok(())
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(not shown)")
    }
}

impl FromStr for OneTimeCode {
    type Err = OneTimeCodeError;

    fn from_str(text: &str) -> Result<Self, OneTimeCodeError> {
        let mut symbols = Vec::with_capacity(LENGTH);
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let meant = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let symbol = (0..BASE).find(|&s| char::from(ALPHABET[usize::from(s)]) == meant);
            symbols.push(symbol.ok_or(OneTimeCodeError::Character(c))?);
        }
        let length = symbols.len();
        let symbols = symbols.try_into().map_err(|_| OneTimeCodeError::Length(length))?;
        if sum(&symbols) == 0 { Ok(Self(symbols)) } else { Err(OneTimeCodeError::Check) }
    }
}

impl TryFrom<String> for OneTimeCode {
    type Error = OneTimeCodeError;

    fn try_from(text: String) -> Result<Self, OneTimeCodeError> {
        text.parse()
    }
}

impl From<OneTimeCode> for String {
    fn from(code: OneTimeCode) -> Self {
        code.to_string()
    }
}

/// The sheet as it is printed, Chinese first and English beside it.
impl fmt::Display for CodeSheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprint = self.root_fingerprint.to_string();
        let (upper, lower) = fingerprint.split_at(HALF.min(fingerprint.len()));
        writeln!(f, "阶梯信访 节点开通单  Terrace code sheet")?;
        writeln!(f)?;
        writeln!(f, "开通单位  Office           {}", place(self.division))?;
        writeln!(f, "上级单位  Superior         {}", place(self.superior))?;
        writeln!(f, "上级地址  Address          {}", self.address)?;
        writeln!(f, "一次性码  One-time code    {}", self.code)?;
        writeln!(f, "根证指纹  Root SHA-256     {upper}")?;
        writeln!(f, "                           {}", lower.trim_start())?;
        writeln!(f)?;
        writeln!(f, "请当面交付，三十日内有效，仅限本单位使用一次；遗失请立即告知上级作废。")?;
        writeln!(f, "Hand over in person. Good for 30 days, for this office, once.")?;
        writeln!(f, "If it is lost, have the superior revoke it at once.")
    }
}

fn place(division: DivisionCode) -> String {
    let name = Tree::national().find(division).map_or("", |place| place.name);
    format!("{} {name}", division.short())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::offices::{Chaos, code};

    #[test]
    fn a_code_reads_back_however_it_was_typed() {
        let drawn = OneTimeCode::draw(&mut Chaos(11));
        let printed = drawn.to_string();
        assert_eq!(printed.len(), LENGTH + 3);
        let lower = printed.to_lowercase().replace('-', " ");
        let confused = printed.replace('0', "o").replace('1', "l");
        for text in
            [&printed, &lower, &confused, &printed.replace('-', ""), &format!(" {printed}\n")]
        {
            assert_eq!(text.parse::<OneTimeCode>().unwrap(), drawn, "{text}");
        }
    }

    #[test]
    fn every_single_wrong_character_is_noticed() {
        for seed in 0..20 {
            let drawn = OneTimeCode::draw(&mut Chaos(seed));
            for position in 0..LENGTH {
                for other in (0..BASE).filter(|&other| other != drawn.0[position]) {
                    let mut wrong = drawn.clone();
                    wrong.0[position] = other;
                    let read = wrong.to_string().parse::<OneTimeCode>();
                    assert_eq!(read, Err(OneTimeCodeError::Check));
                }
            }
        }
    }

    #[test]
    fn a_text_that_is_no_code_is_refused() {
        let printed = OneTimeCode::draw(&mut Chaos(1)).to_string();
        let read = |text: &str| text.parse::<OneTimeCode>();
        assert_eq!(read(""), Err(OneTimeCodeError::Length(0)));
        assert_eq!(read(&printed[1..]), Err(OneTimeCodeError::Length(19)));
        assert_eq!(read(&(printed.clone() + "0")), Err(OneTimeCodeError::Length(21)));
        assert_eq!(read(&(printed.clone() + "u")), Err(OneTimeCodeError::Character('u')));
        assert_eq!(read(&(printed + "码")), Err(OneTimeCodeError::Character('码')));
    }

    #[test]
    fn a_code_is_not_shown_in_a_log() {
        let drawn = OneTimeCode::draw(&mut Chaos(1));
        assert!(!format!("{drawn:?}").contains(&drawn.to_string()));
    }

    #[test]
    fn a_code_sheet_shows_everything_and_reads_back_from_json() {
        let sheet = CodeSheet {
            division: code("410221101"),
            superior: code("410221"),
            address: "10.41.2.21:7443".to_owned(),
            code: OneTimeCode::draw(&mut Chaos(5)),
            root_fingerprint: Fingerprint(Digest::of(&[b"root"])),
        };
        let json = serde_json::to_string(&sheet).unwrap();
        assert_eq!(serde_json::from_str::<CodeSheet>(&json).unwrap(), sheet);
        assert!(json.contains("\"division\":\"410221101000\""), "{json}");
        let printed = sheet.to_string();
        for part in ["410221101 ", "410221 杞县", "10.41.2.21:7443", &sheet.code.to_string()] {
            assert!(printed.contains(part), "{printed}");
        }
        let fingerprint = printed.lines().skip(6).take(2).collect::<Vec<_>>().join(" ");
        let fingerprint = fingerprint.split_once("SHA-256").unwrap().1.parse::<Fingerprint>();
        assert_eq!(fingerprint.unwrap(), sheet.root_fingerprint);
    }

    #[test]
    fn a_code_sheet_with_an_error_is_refused() {
        let error = serde_json::from_str::<CodeSheet>(r#"{"division":"4","superior":"41"}"#);
        assert!(error.unwrap_err().to_string().contains("digit"));
    }
}
