//! The rows of a file, whatever its format.

use super::csv::{ANNOTATIONS, Csv};
use super::encoding::{Encoding, Mismatch};
use super::input::{FileError, Input};
use super::lines::Place;
use super::map::{Format, Map};
use super::ndjson::{ANNOTATION, Ndjson};
use super::rejects::Shape;
use super::row::Row;
use super::sheet::Sheet;

/// Reads the rows of a file.
#[derive(Debug)]
pub(crate) enum Rows {
    Ndjson(Ndjson, Encoding),
    Csv(Csv, Encoding, u8),
    Sheet(Box<Sheet>),
}

impl Rows {
    /// Opens the rows of a file as the map declares it, once its head agrees, or in the coding its head shows where the map
    /// leaves that open.
    pub(crate) fn open(input: &Input, map: &Map) -> Result<Self, FileError> {
        // Rows rejected from a workbook come back as CSV, in UTF-8 with a mark.
        let of_workbook = [Encoding::Utf8.mark(), ANNOTATIONS.join(",").as_bytes()].concat();
        if input.head().starts_with(&of_workbook) {
            let csv = Csv::open(input, Encoding::Utf8, b',')?;
            return Ok(Self::Csv(csv, Encoding::Utf8, b','));
        }
        let format = map.format.or_else(|| by_name(input));
        let format = format.ok_or_else(|| FileError::Format(input.path().to_path_buf()))?;
        let encoding = match format {
            Format::Xlsx => map.encoding,
            Format::Ndjson | Format::Csv if map.coding_shows => input.coding()?,
            Format::Ndjson | Format::Csv => {
                judge(input, map)?;
                map.encoding
            }
        };
        Ok(match format {
            Format::Ndjson => Self::Ndjson(Ndjson::open(input, encoding)?, encoding),
            Format::Csv => {
                let csv = Csv::open(input, encoding, map.delimiter)?;
                Self::Csv(csv, encoding, map.delimiter)
            }
            Format::Xlsx => Self::Sheet(Box::new(Sheet::open(input, map.sheet.as_deref())?)),
        })
    }

    /// The names of the columns; none where no row could be read.
    pub(crate) fn columns(&mut self) -> Result<Vec<String>, FileError> {
        match self {
            Self::Ndjson(rows, _) => rows.columns(),
            Self::Csv(rows, ..) => Ok(rows.columns()),
            Self::Sheet(rows) => Ok(rows.columns()),
        }
    }

    /// Calls the columns otherwise, where no other is called so. What rejected rows are kept under stays as it is.
    pub(crate) fn rename(&mut self, called: impl Fn(&str) -> &str) {
        let names = match self {
            Self::Ndjson(..) => return,
            Self::Csv(rows, ..) => rows.names_mut(),
            Self::Sheet(rows) => rows.names_mut(),
        };
        let renamed = names.iter().map(|name| match called(name) {
            other if names.iter().all(|taken| **taken != *other) => other.into(),
            _ => name.clone(),
        });
        *names = renamed.collect();
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Ndjson(rows, _) => rows.place(),
            Self::Csv(rows, ..) => rows.place(),
            Self::Sheet(rows) => rows.place(),
        }
    }

    /// Goes on at `place`.
    pub(crate) fn seek(&mut self, place: Place) -> Result<(), FileError> {
        match self {
            Self::Ndjson(rows, _) => rows.seek(place),
            Self::Csv(rows, ..) => rows.seek(place),
            Self::Sheet(rows) => {
                rows.seek(place);
                Ok(())
            }
        }
    }

    /// The next row.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, FileError> {
        match self {
            Self::Ndjson(rows, _) => rows.next(),
            Self::Csv(rows, ..) => rows.next(),
            Self::Sheet(rows) => Ok(rows.next()),
        }
    }

    /// The offset behind the last row.
    pub(crate) fn end(&self, input: &Input) -> u64 {
        match self {
            Self::Ndjson(..) | Self::Csv(..) => input.size(),
            Self::Sheet(rows) => rows.height(),
        }
    }

    /// How rows rejected from it are kept.
    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Ndjson(_, encoding) => Shape::Ndjson(*encoding),
            Self::Csv(rows, encoding, delimiter) => Shape::Csv {
                encoding: *encoding,
                delimiter: *delimiter,
                header: rows.header().to_vec(),
                mark: rows.is_marked(),
            },
            Self::Sheet(rows) => Shape::Csv {
                encoding: Encoding::Utf8,
                delimiter: b',',
                header: rows.header().to_vec(),
                mark: true,
            },
        }
    }
}

/// Whether the head of a file agrees with the coding that the map declares. A rejects file may hold nothing
/// but undecodable rows; there it counts only that it was not saved in UTF-8 by whoever mended it.
fn judge(input: &Input, map: &Map) -> Result<(), FileError> {
    let head = input.head();
    let head = head.strip_prefix(map.encoding.mark()).unwrap_or(head);
    let columns = ANNOTATIONS.join(&char::from(map.delimiter).to_string());
    let rejects = head.starts_with(ANNOTATION) || head.starts_with(columns.as_bytes());
    match input.judge(map.encoding) {
        Err(FileError::Encoding {
            found: Mismatch::NoText | Mismatch::Is(Encoding::Gb18030),
            ..
        }) if rejects => Ok(()),
        judged => judged,
    }
}

fn by_name(input: &Input) -> Option<Format> {
    let ending = input.path().extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "ndjson" | "jsonl" | "json" => Some(Format::Ndjson),
        "csv" | "tsv" | "txt" => Some(Format::Csv),
        "xlsx" | "xlsm" => Some(Format::Xlsx),
        _ => None,
    }
}
