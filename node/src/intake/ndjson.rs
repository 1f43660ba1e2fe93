//! NDJSON: one JSON object a line.
//!
//! A value that is no string is taken as it is written, so that a long number keeps its digits; null is an
//! empty cell. In a rejects file a line `{"_line":…,"_reason":…}` stands before each row.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::encoding::Encoding;
use super::input::{FileError, Input};
use super::lines::{Lines, Place};
use super::reason::Reason;
use super::row::{Cells, Row};

/// The first bytes of a rejects file.
pub(super) const ANNOTATION: &[u8] = b"{\"_line\":";
/// The first field of an annotation, and within how many bytes it stands.
const LINE: &[u8] = b"\"_line\"";
const ANNOTATION_HEAD: usize = 64;
/// Rows whose columns are looked at before anything is read in.
const SAMPLE: usize = 1_000;

/// Reads the rows of a file.
#[derive(Debug)]
pub(crate) struct Ndjson {
    lines: Lines,
    encoding: Encoding,
}

impl Ndjson {
    pub(super) fn open(input: &Input, encoding: Encoding) -> Result<Self, FileError> {
        let mark = encoding.mark();
        let skipped = if input.head().starts_with(mark) { mark.len() } else { 0 };
        Ok(Self { lines: Lines::open(input, skipped)?, encoding })
    }

    /// The columns of the first rows that can be read; none if no row can.
    pub(super) fn columns(&mut self) -> Result<Vec<String>, FileError> {
        let begin = self.lines.place();
        let mut columns: Vec<String> = Vec::new();
        for _ in 0..SAMPLE {
            // A line that cannot be read stops the import where it stands, not here.
            let Ok(Some(row)) = self.next() else { break };
            for name in row.cells.unwrap_or_default().names() {
                if columns.iter().all(|known| **known != **name) {
                    columns.push(name.to_string());
                }
            }
        }
        self.lines.seek(begin)?;
        Ok(columns)
    }

    pub(super) fn place(&self) -> Place {
        self.lines.place()
    }

    pub(super) fn seek(&mut self, place: Place) -> Result<(), FileError> {
        self.lines.seek(place)
    }

    /// The next row; lines with nothing on them are none.
    pub(super) fn next(&mut self) -> Result<Option<Row>, FileError> {
        let mut annotated = None;
        loop {
            let mut raw = Vec::new();
            if !self.lines.read(&mut raw)? {
                return Ok(None);
            }
            if raw.trim_ascii().is_empty() {
                continue;
            }
            if let Some(line) = self.annotation(&raw) {
                annotated = Some(line);
                continue;
            }
            let cells = self.cells(&raw);
            let line = annotated.unwrap_or(self.lines.place().lines);
            return Ok(Some(Row { line, mended: annotated.is_some(), raw, cells }));
        }
    }

    /// The line that an annotation names, also one that an editor has set anew; none if it is no annotation.
    fn annotation(&self, raw: &[u8]) -> Option<u64> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Annotation {
            #[serde(rename = "_line")]
            line: u64,
            #[serde(rename = "_reason")]
            _reason: serde::de::IgnoredAny,
        }

        let head = &raw[..raw.len().min(ANNOTATION_HEAD)];
        if !head.windows(LINE.len()).any(|word| word == LINE) {
            return None;
        }
        let text = self.encoding.decode(raw)?;
        serde_json::from_str::<Annotation>(&text).ok().map(|annotation| annotation.line)
    }

    fn cells(&self, raw: &[u8]) -> Result<Cells, Reason> {
        let text = self.encoding.decode(raw).ok_or(Reason::Undecodable(self.encoding))?;
        let object = serde_json::from_str::<Object<'_>>(text.trim());
        let Object(pairs) = object.map_err(|error| Reason::Json(error.to_string()))?;
        pairs.into_iter().map(|(name, value)| Ok((name, cell(value)?))).collect()
    }
}

fn cell(value: &RawValue) -> Result<String, Reason> {
    let text = value.get();
    if text.starts_with('"') {
        return serde_json::from_str(text).map_err(|error| Reason::Json(error.to_string()));
    }
    Ok(if text == "null" { String::new() } else { text.to_owned() })
}

/// A JSON object, its values as they are written.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut pairs: Vec<(String, &RawValue)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if pairs.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom(format!("{name:?} stands twice in it")));
                    }
                    pairs.push((name, value));
                }
                Ok(Object(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}
