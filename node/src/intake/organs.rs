//! Organs out of a table (机构编码表): each row of a CSV file an organ or a reject, and organs as such a table again.
//!
//! The columns are those of [`terrace_proto::organ::row`]; the file is in UTF-8 or GB18030, whichever its head shows.
//! Organs are given out in batches with superiors before those who answer to them, so that a table may stand in any order.
//! A row that is not taken is kept byte for byte with its line and reason, by the order of its line.
//!
//! It judges the form of a row and nothing else: whether an organ may be proposed, the desk says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use terrace_proto::organ::row::{self, COLUMNS};
use terrace_proto::organ::{ENTRY_ORGANS, Organ};

use super::csv::{Csv, record};
use super::encoding::{Encoding, Mismatch};
use super::import::ImportError;
use super::input::{FileError, Input};
use super::reason::Reason;
use super::rejects::{Rejects, Shape};
use super::row::Row;

/// Columns without which no row could be an organ: code, category, name, first day.
const NEEDED: [usize; 4] = [0, 2, 3, 5];

/// A table of organs that was read whole.
#[derive(Debug)]
pub struct OrganTable {
    rows: Vec<(Row, Option<Organ>)>,
    rejects: Rejects,
    /// By the place of the row.
    refused: BTreeMap<usize, Reason>,
}

impl OrganTable {
    /// Reads a file; its rejects go to `rejects` or beside it.
    ///
    /// # Errors
    ///
    /// [`ImportError`] where the file cannot be read, lacks a column, or would be written over.
    pub fn open(path: &Path, rejects: Option<&Path>) -> Result<Self, ImportError> {
        let input = Input::open(path)?;
        let encoding = encoding(&input)?;
        let mut csv = Csv::open(&input, encoding, b',')?;
        let columns = csv.columns();
        let has = |(en, zh): (&str, &str)| columns.iter().any(|name| name == en || name == zh);
        if let Some(place) = NEEDED.into_iter().find(|place| !has(COLUMNS[*place])) {
            let (en, zh) = COLUMNS[place];
            let why = format!("缺少“{zh}”栏 there is no column {en}");
            return Err(FileError::Header { path: path.to_path_buf(), line: 1, why }.into());
        }
        let mark = input.head().starts_with(encoding.mark());
        let header = csv.header().to_vec();
        let shape = Shape::Csv { encoding, delimiter: b',', header, mark };
        let rejects = Rejects::of(path, rejects, shape);
        let whole = |path: &Path| path.canonicalize().ok();
        if whole(rejects.path()).is_some_and(|kept| Some(kept) == whole(path)) {
            return Err(ImportError::OverItself(path.to_path_buf()));
        }
        let mut table = Self { rows: Vec::new(), rejects, refused: BTreeMap::new() };
        while let Some(row) = csv.next()? {
            table.take(row);
        }
        Ok(table)
    }

    fn take(&mut self, row: Row) {
        let organ = match &row.cells {
            Ok(cells) => {
                let cell = |en: &str, zh: &str| match cells.get(en) {
                    "" => cells.get(zh),
                    some => some,
                };
                row::read(cell).map_err(Reason::Organ)
            }
            Err(reason) => Err(reason.clone()),
        };
        let organ = organ.map_err(|reason| self.refused.insert(self.rows.len(), reason)).ok();
        self.rows.push((row, organ));
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The places of its organs, in batches of one entry each, superiors first.
    #[must_use]
    pub fn batches(&self) -> Vec<Vec<usize>> {
        let organs = self.rows.iter().enumerate();
        let mut organs: Vec<(usize, &Organ)> =
            organs.filter_map(|(place, (_, organ))| Some((place, organ.as_ref()?))).collect();
        // What is closed names its successor, which comes before it if it is of the same level.
        organs.sort_by_key(|(_, organ)| {
            (organ.division().level(), organ.successor.is_some(), organ.code)
        });
        let places: Vec<usize> = organs.into_iter().map(|(place, _)| place).collect();
        places.chunks(ENTRY_ORGANS).map(<[usize]>::to_vec).collect()
    }

    /// The organ of a row, unless it has none.
    #[must_use]
    pub fn organ(&self, place: usize) -> Option<&Organ> {
        self.rows.get(place)?.1.as_ref()
    }

    /// A row is not taken, as the desk says.
    pub fn refuse(&mut self, place: usize, why: String) {
        self.refused.insert(place, Reason::Refused(why));
    }

    /// Each reject's line and reason, in the order of lines.
    pub fn refused(&self) -> impl Iterator<Item = (u64, &Reason)> {
        let row = |place: &usize| self.rows.get(*place).map_or(0, |(row, _)| row.line);
        self.refused.iter().map(move |(place, why)| (row(place), why))
    }

    /// Writes the rejects, if there are any; gives their file.
    ///
    /// # Errors
    ///
    /// [`ImportError::Unwritable`].
    pub fn keep_rejects(mut self) -> Result<Option<PathBuf>, ImportError> {
        let path = self.rejects.path().to_path_buf();
        let unwritable = |source| ImportError::Unwritable { path: path.clone(), source };
        if self.refused.is_empty() {
            return Ok(None);
        }
        self.rejects.begin().map_err(unwritable)?;
        for (place, reason) in &self.refused {
            if let Some((row, _)) = self.rows.get(*place) {
                self.rejects.keep(row, reason).map_err(unwritable)?;
            }
        }
        self.rejects.sync().map_err(unwritable)?;
        Ok(Some(path))
    }
}

/// The coding that the head of a file shows.
fn encoding(input: &Input) -> Result<Encoding, FileError> {
    match input.judge(Encoding::Utf8) {
        Err(FileError::Encoding { found: Mismatch::Is(encoding), .. }) => {
            input.judge(encoding).map(|()| encoding)
        }
        judged => judged.map(|()| Encoding::Utf8),
    }
}

/// Organs as a table, with a header.
#[must_use]
pub fn written<'a>(organs: impl Iterator<Item = &'a Organ>) -> String {
    let mut text = record(COLUMNS.iter().map(|(en, _)| *en));
    for organ in organs {
        text.push_str(&record(row::cells(organ).iter().map(String::as_str)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &[u8]) -> (tempfile::TempDir, OrganTable) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("organs.csv");
        std::fs::write(&path, text).unwrap();
        let table = OrganTable::open(&path, None).unwrap();
        (folder, table)
    }

    const ROWS: &str = "机构编码,类别,名称,起始日期,上级机构\n\
                        410221000-001-1,信访部门,杞县信访局,2015-03-01,\n\
                        410221000-001-2,信访部门,校验位有误,2015-03-01,\n\
                        410200000-001-0,信访部门,某局,2015-03-01,\n";

    #[test]
    fn bad_rows_are_named_by_line_and_kept_as_they_were() {
        let (_folder, table) = table(ROWS.as_bytes());
        let lines: Vec<u64> = table.refused().map(|(line, _)| line).collect();
        assert_eq!((table.rows(), lines), (3, vec![3, 4]));
        assert_eq!(table.batches(), [[0]]);
        let path = table.keep_rejects().unwrap().unwrap();
        let kept = std::fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = kept.lines().collect();
        assert_eq!(lines[0], "_line,_reason,机构编码,类别,名称,起始日期,上级机构");
        assert!(lines[1].starts_with("3,"), "{kept}");
        assert!(lines[1].ends_with("410221000-001-2,信访部门,校验位有误,2015-03-01,"), "{kept}");
    }

    #[test]
    fn a_table_in_gb18030_is_read_as_such_and_a_missing_column_is_named() {
        let (_folder, table) = table(&Encoding::Gb18030.encode(ROWS));
        assert_eq!(table.organ(0).map(|organ| organ.name.as_str()), Some("杞县信访局"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("organs.csv");
        std::fs::write(&path, "code,name\n1,2\n").unwrap();
        let refused = OrganTable::open(&path, None).unwrap_err().to_string();
        assert!(refused.contains("category"), "{refused}");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (_folder, one) = table(ROWS.as_bytes());
        let organ = one.organ(0).unwrap().clone();
        let (_folder, other) = table(written([&organ].into_iter()).as_bytes());
        assert_eq!(other.organ(0), Some(&organ));
    }
}
