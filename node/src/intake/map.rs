//! The map (映射): what the columns of a file mean, as a TOML file says it.
//!
//! It is read and checked whole before anything of the file is. An error names the map's file and line.
//! Unknown keys are refused.

mod columns;

use std::path::{Path, PathBuf};

use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::Offset;
use serde::Deserialize;
use terrace_proto::digest::Digest;
use terrace_proto::exchange::{self, SYSTEM};
use toml::Spanned;

pub(super) use columns::{Columns, Field};

use super::encoding::Encoding;

/// The maps of the national system's records, of the present and of the past (`deploy/maps`), each by the name that stands
/// for it.
const BUILT_IN: [(&str, &str); 2] = [
    (SYSTEM, include_str!("../../../deploy/maps/national.toml")),
    ("national-past", include_str!("../../../deploy/maps/national-past.toml")),
];
/// Longest name of a system, in bytes.
const SYSTEM_LIMIT: usize = 64;

/// Why a map is refused.
#[derive(Debug, thiserror::Error)]
#[error("映射 map {path}:{line}: {why}")]
pub struct MapError {
    /// The map's file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub why: String,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// Delimited fields below a header.
    Csv,
    /// A sheet of a workbook.
    Xlsx,
}

/// Whether the records are of the present or of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// To be handled here.
    Live,
    /// Taken over to be kept; starts no clock.
    Legacy,
}

/// A map, checked.
#[derive(Debug, Clone)]
pub struct Map {
    /// The system the records come from.
    pub system: String,
    /// Of the present or of the past.
    pub mode: Mode,
    /// The file's format, if its name does not say it.
    pub format: Option<Format>,
    /// The file's coding.
    pub encoding: Encoding,
    /// The sheet of a workbook; none is the first.
    pub sheet: Option<String>,
    /// What stands between the fields of a CSV file.
    pub delimiter: u8,
    /// Where the file's hours are told.
    pub timezone: Offset,
    pub(super) columns: Columns,
    pub(super) path: PathBuf,
    /// Whether the file shows its coding, instead of the map declaring it.
    pub(super) coding_shows: bool,
    digest: Digest,
}

/// A map as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    system: Spanned<String>,
    mode: Mode,
    format: Option<Format>,
    #[serde(default)]
    encoding: Encoding,
    sheet: Option<String>,
    delimiter: Option<Spanned<String>>,
    timezone: Option<Spanned<String>>,
    columns: Spanned<columns::Written>,
}

/// The text of a map, to say in which line something stands.
struct Text<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Text<'_> {
    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    fn wrong<T>(&self, spanned: &Spanned<T>, why: impl Into<String>) -> MapError {
        self.wrong_at(self.line(spanned.span().start), why)
    }

    fn wrong_at(&self, line: usize, why: impl Into<String>) -> MapError {
        MapError { path: self.path.to_path_buf(), line, why: why.into() }
    }
}

impl Map {
    /// The built-in map of the national system's records.
    #[must_use]
    pub fn national() -> Self {
        Self::built_in(SYSTEM).expect("it is the first of them")
    }

    /// The built-in map of a name; `None` where there is none.
    #[must_use]
    pub fn built_in(name: &str) -> Option<Self> {
        let (name, text) = BUILT_IN.into_iter().find(|built_in| built_in.0 == name)?;
        let map =
            Self::parse(text, Path::new(name)).expect("a built-in map is one, as a test knows");
        Some(Self { coding_shows: true, ..map })
    }

    /// Reads a map: a built-in one by its name, where no file is called so, or a file.
    ///
    /// # Errors
    ///
    /// [`MapError`] with the line that is wrong.
    pub fn read(path: &Path) -> Result<Self, MapError> {
        if let Some(map) = path.to_str().and_then(Self::built_in).filter(|_| !path.exists()) {
            return Ok(map);
        }
        let wrong = |why| MapError { path: path.to_path_buf(), line: 1, why };
        let text = std::fs::read_to_string(path)
            .map_err(|error| wrong(format!("无法读取 it cannot be read: {error}")))?;
        Self::parse(&text, path)
    }

    /// Parses the text of a map; `path` is named in errors.
    pub fn parse(text: &str, path: &Path) -> Result<Self, MapError> {
        let written = toml::from_str::<Written>(text);
        let text = Text { path, text };
        let written = written.map_err(|error| {
            text.wrong_at(text.line(error.span().map_or(0, |span| span.start)), error.message())
        })?;
        let system = system(&text, &written.system)?;
        let delimiter = delimiter(&text, written.delimiter.as_ref(), written.encoding)?;
        let timezone = timezone(&text, written.timezone.as_ref())?;
        let columns = Columns::check(&text, written.columns)?;
        Ok(Self {
            system,
            mode: written.mode,
            format: written.format,
            encoding: written.encoding,
            sheet: written.sheet,
            delimiter,
            timezone,
            columns,
            path: path.to_path_buf(),
            coding_shows: false,
            digest: Digest::of(&[text.text.as_bytes()]),
        })
    }

    /// The digest of its text.
    pub(super) fn digest(&self) -> Digest {
        self.digest
    }

    /// What a column of a file is called here: of a record of the national system by the code of its field, whatever case
    /// or language its heading is in, unless the map names it as it stands.
    pub(super) fn called<'n>(&self, heading: &'n str) -> &'n str {
        let is_named = || self.columns.named().any(|(_, name)| name == heading);
        if self.system != SYSTEM || is_named() {
            return heading;
        }
        exchange::Field::of(heading).map_or(heading, |field| field.code())
    }

    /// Refuses a map that names a column the file has not.
    pub(super) fn fits(&self, known: &[&str]) -> Result<(), MapError> {
        for (field, name) in self.columns.named() {
            if !known.contains(&name) {
                let why = format!(
                    "文件无此栏 the file has no column {name:?}; it has: {}",
                    known.join(", ")
                );
                return Err(MapError { path: self.path.clone(), line: field.line, why });
            }
        }
        Ok(())
    }
}

fn system(text: &Text<'_>, written: &Spanned<String>) -> Result<String, MapError> {
    let system = written.get_ref();
    let banned = |letter: char| letter.is_control() || letter == ':' || letter == '#';
    if system.is_empty() || system.len() > SYSTEM_LIMIT || system.contains(banned) {
        let why =
            "system 应为 1 至 64 字节且不含 : 与 # it shall have 1 to 64 bytes and neither : nor #";
        return Err(text.wrong(written, why));
    }
    Ok(system.clone())
}

/// One byte that is no letter, digit or quote; in GB18030 also none that can be part of a character.
fn delimiter(
    text: &Text<'_>,
    written: Option<&Spanned<String>>,
    encoding: Encoding,
) -> Result<u8, MapError> {
    let Some(written) = written else { return Ok(b',') };
    let wrong = |why: &str| Err(text.wrong(written, why));
    match *written.get_ref().as_bytes() {
        [b'|'] if encoding == Encoding::Gb18030 => wrong(
            "GB18030 中 | 是汉字的一部分 in gb18030 | can be part of a character: choose , ; or tab",
        ),
        [byte @ (b',' | b';' | b'\t' | b'|')] => Ok(byte),
        _ => wrong("delimiter 应为 , ; | 或制表符 it shall be one of , ; | or a tab (\"\\t\")"),
    }
}

fn timezone(text: &Text<'_>, written: Option<&Spanned<String>>) -> Result<Offset, MapError> {
    let Some(written) = written else { return Ok(Offset::constant(8)) };
    let parsed = BrokenDownTime::parse("%:z", written.get_ref()).ok();
    parsed.and_then(|parts| parts.offset()).ok_or_else(|| {
        text.wrong(written, "timezone 应如 \"+08:00\" it shall be an offset as \"+08:00\"")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::row::Cells;

    const GOOD: &str = "system = \"old\"\nmode = \"live\"\n[columns]\ntitle = \"t\"\n";

    fn wrong(text: &str) -> String {
        Map::parse(text, Path::new("m.toml")).unwrap_err().to_string()
    }

    #[test]
    fn a_small_map_is_enough() {
        let map = Map::parse(GOOD, Path::new("m.toml")).unwrap();
        assert_eq!((map.mode, map.delimiter), (Mode::Live, b','));
        assert_eq!(map.timezone, Offset::constant(8));
        assert!(map.fits(&["t"]).is_ok());
    }

    #[test]
    fn built_in_maps_read_fields_of_the_record_and_every_channel_by_its_name() {
        for (name, _) in BUILT_IN {
            let map = Map::built_in(name).unwrap();
            assert_eq!(map.system, SYSTEM);
            for (_, name) in map.columns.named() {
                let field = exchange::Field::of(name).unwrap();
                assert_eq!(field.block(), exchange::Block::Petition, "{name}");
            }
            let channel = map.columns.channel.unwrap();
            for (code, zh, _) in terrace_proto::entry::channel::CHANNELS {
                let cells: Cells = [("xfxs", zh)].into_iter().collect();
                assert_eq!(channel.of(&cells, "channel").as_deref(), Ok(code));
            }
        }
    }

    #[test]
    fn an_error_names_file_and_line() {
        let cases = [
            ("system = \"old\"\nmode = \"life\"\n", "m.toml:2:", "life"),
            ("system = \"old\"\nmodus = \"live\"\n", "m.toml:2:", "modus"),
            (
                "system = \"a:b\"\nmode = \"live\"\n[columns]\ntitle = \"t\"\n",
                "m.toml:1:",
                "neither :",
            ),
        ];
        for (text, place, word) in cases {
            let said = wrong(text);
            assert!(said.contains(place) && said.contains(word), "{said}");
        }
        for (line, word) in [
            ("titel = \"t\"", "titel"),
            ("channel = { value = \"MAIL\" }", "MAIL"),
            ("channel = { column = \"t\", values = { a = \"MAIL\" } }", "MAIL"),
            ("place = { value = \"990000\" }", "990000"),
            ("text = { column = \"a\", value = \"b\" }", "one of"),
            ("text = { template = \"{a\" }", "brace"),
            ("text = { colunm = \"a\" }", "colunm"),
            ("submitted_at = { column = \"a\", format = \"%Y-%!\" }", "%Y-%!"),
            ("text = { column = \"a\", format = \"%Y\" }", "format"),
            ("text = { template = \"{a} 扬言:{yybz}\" }", "threat flag"),
            ("category = \"政治面貌\"", "political status"),
        ] {
            let said = wrong(&format!("{GOOD}{line}\n"));
            assert!(said.contains("m.toml:5:") && said.contains(word), "{line}: {said}");
        }
    }

    #[test]
    fn a_column_that_the_file_has_not_is_named_with_its_line() {
        let map = Map::parse(GOOD, Path::new("m.toml")).unwrap();
        let said = map.fits(&["title"]).unwrap_err().to_string();
        assert!(said.contains("m.toml:4:") && said.contains("\"t\""), "{said}");
    }

    #[test]
    fn a_delimiter_that_can_be_part_of_a_character_is_refused() {
        let text = format!("encoding = \"gb18030\"\ndelimiter = \"|\"\n{GOOD}");
        assert!(wrong(&text).contains("m.toml:2:"));
    }

    #[test]
    fn a_map_without_words_is_refused() {
        let said = wrong("system = \"old\"\nmode = \"live\"\n[columns]\nid = \"t\"\n");
        assert!(said.contains("title"), "{said}");
    }
}
