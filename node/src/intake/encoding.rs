//! How the text of a file is coded: UTF-8 or GB18030, the edition of 2022.
//!
//! Decoding is strict: text with one wrong byte is no text, and nothing is replaced. The head of a file is
//! judged as a whole, because a wrong declaration shows there and would spoil every row.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::GB18030;
use serde::Deserialize;

/// A coding that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// GB18030-2022, which includes GBK and GB2312.
    #[serde(rename = "gb18030")]
    Gb18030,
}

/// What the head of a file shows against the coding declared for it, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It is this one.
    #[error("its text looks like {0}: 请改映射 set encoding = \"{0}\" in the map")]
    Is(Encoding),
    /// It is UTF-16.
    #[error("it is UTF-16: 请另存为 UTF-8 save it as UTF-8")]
    Utf16,
    /// It is no text that is understood.
    #[error("it is neither UTF-8 nor GB18030: 请确认文件 make sure it is the right file")]
    NoText,
}

impl Encoding {
    /// The mark that a file may begin with.
    #[must_use]
    pub fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => b"\xEF\xBB\xBF",
            Self::Gb18030 => b"\x84\x31\x95\x33",
        }
    }

    /// The text that `bytes` are; none if one of them is wrong.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Gb18030 => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
        }
    }

    /// The bytes of a text.
    #[must_use]
    pub fn encode(self, text: &str) -> Cow<'_, [u8]> {
        match self {
            Self::Utf8 => Cow::Borrowed(text.as_bytes()),
            Self::Gb18030 => GB18030.encode(text).0,
        }
    }

    /// Judges the head of a file, cut behind a whole line, that is declared to be in this coding. Lines of
    /// ASCII say nothing. UTF-8 is refused when most of the others are not, GB18030 when all of them are
    /// UTF-8, which Chinese in GB18030 practically never is.
    pub fn judge(self, head: &[u8]) -> Result<(), Mismatch> {
        if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
            return Err(Mismatch::Utf16);
        }
        let telling = || head.split(|byte| *byte == b'\n').filter(|line| !line.is_ascii());
        let utf8 = telling().filter(|line| std::str::from_utf8(line).is_ok()).count();
        let other = telling().count() - utf8;
        let gb18030 = telling().filter(|line| Self::Gb18030.decode(line).is_some()).count();
        match self {
            Self::Utf8 if other <= utf8 => Ok(()),
            Self::Utf8 if gb18030 > other / 2 => Err(Mismatch::Is(Self::Gb18030)),
            Self::Gb18030 if utf8 > 0 && other == 0 => Err(Mismatch::Is(Self::Utf8)),
            Self::Gb18030 if gb18030 * 2 >= utf8 + other => Ok(()),
            Self::Utf8 | Self::Gb18030 => Err(Mismatch::NoText),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "utf-8",
            Self::Gb18030 => "gb18030",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_characters_of_the_2022_edition_survive() {
        let cases: [(&[u8], &str); 6] = [
            (b"\x95\x34\xB2\x35", "𠮷"),
            (b"\xFE\x9F", "䶮"),
            (b"\xFE\x59", "\u{9FB4}"),
            (b"\xA6\xD9", "\u{FE10}"),
            // What the tables of 2005 and 2022 say of these four bytes differs; it is the character either way.
            (b"\x82\x35\x90\x37", "\u{9FB4}"),
            (b"\x84\x31\x95\x33", "\u{FEFF}"),
        ];
        for (bytes, text) in cases {
            assert_eq!(Encoding::Gb18030.decode(bytes).as_deref(), Some(text), "{bytes:02x?}");
        }
        for text in ["𠮷", "䶮", "\u{9FB4}", "\u{9FBB}", "\u{FE10}", "\u{FE19}", "㑳", "龦"] {
            let bytes = Encoding::Gb18030.encode(text);
            assert_eq!(Encoding::Gb18030.decode(&bytes).as_deref(), Some(text));
        }
    }

    #[test]
    fn one_wrong_byte_makes_it_no_text() {
        assert_eq!(Encoding::Utf8.decode(b"ab\xFFc"), None);
        assert_eq!(Encoding::Gb18030.decode(b"ab\xFFc"), None);
    }

    #[test]
    fn a_wrong_declaration_shows_in_the_head() {
        let text = "路灯三个月不亮\n请尽快修\n";
        let gb = Encoding::Gb18030.encode(text);
        assert_eq!(Encoding::Utf8.judge(&gb), Err(Mismatch::Is(Encoding::Gb18030)));
        assert_eq!(Encoding::Gb18030.judge(text.as_bytes()), Err(Mismatch::Is(Encoding::Utf8)));
        assert_eq!(Encoding::Utf8.judge(text.as_bytes()), Ok(()));
        assert_eq!(Encoding::Gb18030.judge(&gb), Ok(()));
        assert_eq!(Encoding::Utf8.judge(b"\xFF\xFEa\0"), Err(Mismatch::Utf16));
    }

    #[test]
    fn one_undecodable_line_does_not_condemn_the_file() {
        let head = [text_lines(), b"\xFF\xFF\xFF\n".to_vec()].concat();
        assert_eq!(Encoding::Utf8.judge(&head), Ok(()));
    }

    fn text_lines() -> Vec<u8> {
        "甲\n乙\n丙\n".as_bytes().to_vec()
    }
}
