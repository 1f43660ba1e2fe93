//! A sheet of a workbook (XLSX). The sheet is held in memory whole.
//!
//! Cells are taken as text: a whole number without a point, a date as `2024-03-05` or
//! `2024-03-05 10:20:30`, by the 1900 or the 1904 system as the workbook says. A rejected row is kept as CSV.

use std::io::BufReader;
use std::sync::Arc;

use calamine::{Data, Range, Reader as _, Xlsx};

use super::csv::{no_duplicates, record};
use super::input::{FileError, Input};
use super::lines::Place;
use super::row::{Cells, Row};

/// Whole numbers up to here are exact in a cell.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads the rows of a sheet.
pub(super) struct Sheet {
    range: Range<Data>,
    /// The row of the sheet on which the header stands, from 0.
    top: u64,
    names: Vec<Arc<str>>,
    header: String,
    next: u64,
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet").field("names", &self.names).field("next", &self.next).finish()
    }
}

impl Sheet {
    pub(super) fn open(input: &Input, name: Option<&str>) -> Result<Self, FileError> {
        let bad = |why: String| FileError::Sheet { path: input.path().to_path_buf(), why };
        let file = BufReader::new(input.reader()?);
        let mut workbook: Xlsx<_> = Xlsx::new(file).map_err(|error| bad(error.to_string()))?;
        let sheets = workbook.sheet_names();
        let name = match name {
            Some(name) if sheets.iter().any(|sheet| sheet == name) => name.to_owned(),
            Some(name) => {
                return Err(bad(format!(
                    "it has no sheet {name:?}; it has: {}",
                    sheets.join(", ")
                )));
            }
            None => sheets.first().cloned().ok_or_else(|| bad("it has no sheet".into()))?,
        };
        let range = workbook.worksheet_range(&name).map_err(|error| bad(error.to_string()))?;
        let top = u64::from(range.start().map_or(0, |(row, _)| row));
        let names: Vec<String> = range
            .rows()
            .next()
            .into_iter()
            .flatten()
            .map(|cell| text(cell).trim().to_owned())
            .collect();
        if names.iter().all(String::is_empty) {
            return Err(FileError::Empty(input.path().to_path_buf()));
        }
        no_duplicates(&names, input, top + 1)?;
        let header = record(names.iter().map(String::as_str));
        let names = names.into_iter().map(Into::into).collect();
        Ok(Self { range, top, names, header, next: 1 })
    }

    /// The header as CSV.
    pub(super) fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    pub(super) fn columns(&self) -> Vec<String> {
        self.names.iter().map(ToString::to_string).collect()
    }

    pub(super) fn place(&self) -> Place {
        Place { offset: self.next, lines: self.top + self.next }
    }

    pub(super) fn seek(&mut self, place: Place) {
        self.next = place.offset;
    }

    /// How many rows there are, with the header.
    pub(super) fn height(&self) -> u64 {
        self.range.height() as u64
    }

    /// The next row; rows with nothing in them are none.
    pub(super) fn next(&mut self) -> Option<Row> {
        loop {
            let row = usize::try_from(self.next).ok()?;
            if row >= self.range.height() {
                return None;
            }
            let cell = |column| self.range.get((row, column)).map(text).unwrap_or_default();
            let cells: Vec<String> = (0..self.names.len()).map(cell).collect();
            self.next += 1;
            if cells.iter().all(String::is_empty) {
                continue;
            }
            let raw = record(cells.iter().map(String::as_str)).into_bytes();
            let cells = Ok(Cells(self.names.iter().cloned().zip(cells).collect()));
            return Some(Row { line: self.top + self.next, mended: false, raw, cells });
        }
    }
}

/// A cell as text.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < EXACT => {
            format!("{number:.0}")
        }
        Data::Float(number) => number.to_string(),
        Data::Bool(is) => is.to_string(),
        Data::Error(error) => error.to_string(),
        Data::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            match (hour, minute, second) {
                (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
            }
        }
    }
}
