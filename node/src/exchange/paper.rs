//! The file that is being written: row by row under another name, and in its place when it is whole.
//!
//! The heading of a column is the code of its field. A workbook is written as it comes, its cells as text, so that a
//! leading 0 is kept; what it needs meanwhile stands beside the file and has no name.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use encoding_rs::GB18030;
use rust_xlsxwriter::{Workbook, XlsxError};
use terrace_proto::exchange::{Field, Row};

use super::Format;
use crate::folder::file;
use crate::intake::csv::record;

/// Rows hold what petitioners said.
const ONLY_OWNER: u32 = 0o600;
/// Most characters of a cell of a workbook.
const CELL: usize = 32_767;
/// Most rows of a sheet, the heading among them.
const SHEET_ROWS: u32 = 1_048_576;

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The disk does not take it.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// A letter for which the coding has no bytes.
    #[error(
        "{number} {field}: 含 GB18030 无法表示的字符 it holds a character that is not in GB18030: write --format csv"
    )]
    NotInCoding {
        /// The number of the record.
        number: String,
        /// The field's code.
        field: &'static str,
    },
    /// More than a cell holds.
    #[error(
        "{number} {field}: 超过工作簿单元格的 {CELL} 字 it is longer than the {CELL} characters of a cell: write --format csv"
    )]
    TooLong {
        /// The number of the record.
        number: String,
        /// The field's code.
        field: &'static str,
    },
    /// More than a sheet holds.
    #[error(
        "超过工作表的 {SHEET_ROWS} 行 more rows than the {SHEET_ROWS} of a sheet: write --format csv"
    )]
    TooMany,
    /// The workbook could not be made.
    #[error("{path}: 工作簿 the workbook: {why}")]
    Workbook {
        /// The file.
        path: PathBuf,
        /// Why.
        why: XlsxError,
    },
}

/// A file on its way.
pub(super) struct Paper {
    path: PathBuf,
    fresh: PathBuf,
    form: Shape,
}

enum Shape {
    Text(BufWriter<File>, Format),
    Sheet { file: File, workbook: Box<Workbook>, next: u32 },
}

impl Paper {
    /// Begins a file with its headings.
    pub(super) fn create(path: &Path, format: Format) -> Result<Self, PaperError> {
        let fresh = path.with_added_extension("part");
        let failed = |why| PaperError::File { path: fresh.clone(), why };
        let mut open = OpenOptions::new();
        let open = open.write(true).create(true).truncate(true).mode(ONLY_OWNER);
        let file = open.open(&fresh).map_err(failed)?;
        let form = match format {
            Format::Csv | Format::Gb18030 => Shape::Text(BufWriter::new(file), format),
            Format::Xlsx => {
                let workbook = streaming(path);
                let failed = |why| PaperError::Workbook { path: path.to_path_buf(), why };
                let workbook = Box::new(workbook.map_err(failed)?);
                Shape::Sheet { file, workbook, next: 0 }
            }
        };
        let mut paper = Self { path: path.to_path_buf(), fresh, form };
        let headings: Vec<String> = Field::all().map(|field| field.code().to_owned()).collect();
        paper.line("", &headings)?;
        Ok(paper)
    }

    /// Where it stands until it is whole.
    pub(super) fn fresh(&self) -> &Path {
        &self.fresh
    }

    /// Writes a row.
    pub(super) fn put(&mut self, row: &Row) -> Result<(), PaperError> {
        let cells = row.cells();
        let number = &cells[Field::Number as usize];
        self.line(number, &cells)
    }

    fn line(&mut self, number: &str, cells: &[String]) -> Result<(), PaperError> {
        let text = record(cells.iter().map(String::as_str));
        match &mut self.form {
            Shape::Text(file, format) => {
                let bytes = match format {
                    Format::Gb18030 => coded(number, cells, &text)?,
                    Format::Csv | Format::Xlsx => text.into_bytes(),
                };
                let written = file.write_all(&bytes);
                written.map_err(|why| PaperError::File { path: self.fresh.clone(), why })
            }
            Shape::Sheet { workbook, next, .. } => {
                if *next >= SHEET_ROWS {
                    return Err(PaperError::TooMany);
                }
                fits(number, cells)?;
                let put = on_sheet(workbook, *next, cells);
                *next += 1;
                put.map_err(|why| PaperError::Workbook { path: self.path.clone(), why })
            }
        }
    }

    /// Syncs it and moves it to its place.
    pub(super) fn finish(self) -> Result<(), PaperError> {
        let Self { path, fresh, form } = self;
        let file = match form {
            Shape::Text(file, _) => file.into_inner().map_err(std::io::IntoInnerError::into_error),
            Shape::Sheet { mut file, mut workbook, .. } => {
                let saved = workbook.save_to_writer(&mut file);
                saved.map_err(|why| PaperError::Workbook { path: path.clone(), why })?;
                Ok(file)
            }
        };
        let moved = file
            .and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(&fresh, &path))
            .and_then(|()| file::sync_folder(&path));
        moved.map_err(|why| PaperError::File { path, why })
    }
}

/// A workbook with one sheet, whose rows wait in a file without a name beside the other.
fn streaming(path: &Path) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    workbook.set_tempdir(folder.unwrap_or(Path::new(".")))?;
    workbook.add_worksheet_with_constant_memory()?;
    Ok(workbook)
}

/// A line in GB18030.
fn coded(number: &str, cells: &[String], text: &str) -> Result<Vec<u8>, PaperError> {
    let (bytes, _, unmappable) = GB18030.encode(text);
    if !unmappable {
        return Ok(bytes.into_owned());
    }
    let field = at_fault(cells, |cell| GB18030.encode(cell).2);
    Err(PaperError::NotInCoding { number: number.to_owned(), field })
}

/// Whether cells fit into a sheet.
fn fits(number: &str, cells: &[String]) -> Result<(), PaperError> {
    let long = |cell: &str| cell.len() > CELL && cell.encode_utf16().count() > CELL;
    if !cells.iter().any(|cell| long(cell)) {
        return Ok(());
    }
    Err(PaperError::TooLong { number: number.to_owned(), field: at_fault(cells, long) })
}

/// The first field whose cell is at fault.
fn at_fault(cells: &[String], is_wrong: impl Fn(&str) -> bool) -> &'static str {
    let found = Field::all().zip(cells).find(|(_, cell)| is_wrong(cell));
    found.map_or("", |(field, _)| field.code())
}

fn on_sheet(workbook: &mut Workbook, row: u32, cells: &[String]) -> Result<(), XlsxError> {
    let sheet = workbook.worksheet_from_index(0)?;
    for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        sheet.write_string(row, column, cell)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_named_by_record_and_field() {
        let mut cells = vec![String::new(); Field::all().count()];
        cells[Field::Content as usize] = "字".repeat(CELL + 1);
        let told = fits("410221-1", &cells).unwrap_err().to_string();
        assert!(told.starts_with("410221-1 tsnr") && told.contains("--format csv"), "{told}");
        cells[Field::Content as usize] = "字".repeat(CELL);
        assert!(fits("410221-1", &cells).is_ok());
        cells[Field::Summary as usize] = "\u{E5E5}".into();
        let text = record(cells.iter().map(String::as_str));
        let told = coded("410221-1", &cells, &text).unwrap_err().to_string();
        assert!(told.starts_with("410221-1 gkxx"), "{told}");
    }

    #[test]
    fn a_file_that_is_not_finished_is_not_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "old").unwrap();
        let paper = Paper::create(&path, Format::Csv).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        paper.finish().unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("xzqh,xfjid,"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
