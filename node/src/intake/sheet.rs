//! A sheet of a workbook (XLSX). All cells that hold something are held in memory.
//!
//! Cells are taken as text: a whole number without a point, a date as `2024-03-05` or
//! `2024-03-05 10:20:30`, by the 1900 or the 1904 system as the workbook says. A rejected row is kept as CSV.

use std::collections::BTreeMap;
use std::io::BufReader;

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};

use super::csv::{no_duplicates, record};
use super::input::{FileError, Input};
use super::lines::Place;
use super::row::{Cells, Names, Row};

/// Whole numbers up to here are exact in a cell.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The cells of a sheet that hold something, by row and column from 0. A sheet may claim a million rows and
/// hold ten.
type Held = BTreeMap<u32, BTreeMap<u32, String>>;

/// Reads the rows of a sheet.
#[derive(Debug)]
pub(crate) struct Sheet {
    names: Names,
    header: String,
    /// The rows below the header, each with its number from 1.
    rows: Vec<(u64, Vec<String>)>,
    next: usize,
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
        let mut held = held(&mut workbook, &name).map_err(|error| bad(error.to_string()))?;
        let Some((top, header)) = held.pop_first() else {
            return Err(FileError::Empty(input.path().to_path_buf()));
        };
        let names: Vec<String> = header.values().map(|name| name.trim().to_owned()).collect();
        no_duplicates(&names, input, u64::from(top) + 1)?;
        let rows = held.into_iter().filter_map(|(row, mut cells)| {
            let cell = |column| cells.remove(column).unwrap_or_default();
            let cells: Vec<String> = header.keys().map(cell).collect();
            let empty = cells.iter().all(String::is_empty);
            (!empty).then_some((u64::from(row) + 1, cells))
        });
        Ok(Self {
            header: record(names.iter().map(String::as_str)),
            rows: rows.collect(),
            names: names.into_iter().map(Into::into).collect(),
            next: 0,
        })
    }

    pub(super) fn names_mut(&mut self) -> &mut Names {
        &mut self.names
    }

    /// The header as CSV.
    pub(super) fn header(&self) -> &[u8] {
        self.header.as_bytes()
    }

    pub(super) fn columns(&self) -> Vec<String> {
        self.names.iter().map(ToString::to_string).collect()
    }

    pub(super) fn place(&self) -> Place {
        let next = self.rows.get(self.next).or(self.rows.last());
        let past = u64::from(self.next < self.rows.len());
        Place { offset: self.next as u64, lines: next.map_or(0, |(row, _)| row - past) }
    }

    pub(super) fn seek(&mut self, place: Place) {
        self.next = usize::try_from(place.offset).unwrap_or(usize::MAX);
    }

    /// How many rows there are.
    pub(super) fn height(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The next row; rows with nothing in them are none.
    pub(super) fn next(&mut self) -> Option<Row> {
        let (line, cells) = self.rows.get(self.next)?;
        self.next += 1;
        let raw = record(cells.iter().map(String::as_str)).into_bytes();
        let mut below = Cells::below(self.names.clone(), raw.len());
        cells.iter().for_each(|cell| below.push(cell));
        Some(Row { line: *line, mended: false, raw, cells: Ok(below) })
    }
}

fn held(workbook: &mut Xlsx<BufReader<std::fs::File>>, sheet: &str) -> Result<Held, XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(sheet)?;
    let mut held = Held::new();
    while let Some(cell) = cells.next_cell()? {
        let ((row, column), text) = (cell.get_position(), text(cell.get_value()));
        if !text.is_empty() {
            held.entry(row).or_default().insert(column, text);
        }
    }
    Ok(held)
}

/// A cell as text.
fn text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < EXACT => {
            format!("{number:.0}")
        }
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(is) => is.to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            match (hour, minute, second) {
                (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
            }
        }
    }
}
