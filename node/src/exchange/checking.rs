//! The check of a file of records, whoever wrote it: every cell against the form of its field, and its totals against
//! those that were declared.
//!
//! It reads with the intake's readers and keeps rejected rows as they were, in the intake's way. Forbidden columns are
//! counted and looked at no further. It needs no office.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use terrace_proto::exchange::totals::Difference;
use terrace_proto::exchange::{Field, FieldError, Forbidden, Heading, Row, Totals};

use crate::export::Progress;
use crate::intake::input::{FileError, Input};
use crate::intake::map::Map;
use crate::intake::reason::Reason;
use crate::intake::rejects::Rejects;
use crate::intake::row::Row as Raw;
use crate::intake::rows::Rows;

/// Rows between two words about how far it has come.
const PAGE: u64 = 1_000;

/// Why a file was not checked to its end.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A field without which nothing can be reconciled.
    #[error(
        "{path}: 缺少必需栏 a column is missing that is needed: {} {} {}", .field.code(), .field.zh(), .field.en()
    )]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The field.
        field: Field,
    },
    /// One field in two columns.
    #[error("{path}: 两栏同为 two columns are both {} {}: take one out", .field.code(), .field.zh())]
    Twice {
        /// The file.
        path: PathBuf,
        /// The field.
        field: Field,
    },
    /// Rejects cannot be kept, or would be kept over the file itself.
    #[error("{path}: 无法写入退回行 the rejects cannot be written: {why}")]
    Rejects {
        /// Where they were to go.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Somebody ended it.
    #[error("已中断 interrupted")]
    Interrupted,
}

/// Why a row is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It has no cells.
    Row(Reason),
    /// Cells are wrong.
    Cells(Vec<FieldError>),
    /// The registering division cannot be.
    Division,
}

/// A rejected row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The line it begins on, or the row of the sheet.
    pub line: u64,
    /// Why.
    pub fault: Fault,
}

/// What was found in a file.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Of the rows that are well.
    pub totals: Totals,
    /// Rows that are not.
    pub rejected: u64,
    /// Where they are kept.
    pub rejects: Option<PathBuf>,
    /// Cells that hold something in columns that are dropped, by what they are.
    pub dropped: BTreeMap<Forbidden, u64>,
    /// Columns that no field is known for.
    pub unknown: Vec<String>,
    /// What was declared and found differs, where something was declared.
    pub differences: Vec<Difference>,
    /// Whether the rows say what was declared, where something was declared.
    pub same: Option<bool>,
}

impl Checked {
    /// Whether nothing was found wrong.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.rejected == 0 && self.differences.is_empty() && self.same != Some(false)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Row(reason) => reason.fmt(f),
            Self::Cells(errors) => {
                let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
                f.write_str(&told.join("; "))
            }
            Self::Division => {
                write!(f, "xzqh: 无此区划 no division has this code: 请核对 look it up")
            }
        }
    }
}

/// Checks a file; `declared` are the totals it came with, `rejects` is where rejected rows are kept if not beside it.
/// Each rejected row is told as it is met.
///
/// # Errors
///
/// [`CheckError`] when it could not be read to its end.
pub fn check(
    path: &Path,
    declared: Option<&Totals>,
    rejects: Option<&Path>,
    progress: &mut dyn Progress,
    tell: &mut dyn FnMut(&Rejected),
) -> Result<Checked, CheckError> {
    let input = Input::open(path)?;
    let mut rows = Rows::open(&input, &Map::national())?;
    let mut checked = Checked::default();
    let columns = Columns::of(path, rows.columns()?, &mut checked)?;
    let mut kept = Kept::of(path, rejects, &rows)?;
    let mut read = 0;
    while let Some(raw) = rows.next()? {
        columns.count_dropped(&raw, &mut checked);
        match columns.row(&raw).and_then(|row| counted(&row, &mut checked.totals)) {
            Ok(()) => {}
            Err(fault) => {
                let rejected = Rejected { line: raw.line, fault };
                kept.keep(&raw, &rejected.fault)?;
                tell(&rejected);
                checked.rejected += 1;
            }
        }
        read += 1;
        if read % PAGE == 0 {
            progress.stands(rows.place().offset, rows.end(&input));
        }
        if progress.is_over() {
            return Err(CheckError::Interrupted);
        }
    }
    input.unchanged()?;
    kept.end()?;
    checked.rejects = (checked.rejected > 0).then(|| kept.0.path().to_path_buf());
    if let Some(declared) = declared {
        checked.differences = checked.totals.differences(declared);
        checked.same = Some(checked.totals.digest == declared.digest);
    }
    Ok(checked)
}

fn counted(row: &Row, totals: &mut Totals) -> Result<(), Fault> {
    if totals.take(row) { Ok(()) } else { Err(Fault::Division) }
}

/// Which column is what.
struct Columns {
    fields: BTreeMap<Field, usize>,
    forbidden: Vec<(Forbidden, usize)>,
}

impl Columns {
    fn of(path: &Path, names: Vec<String>, checked: &mut Checked) -> Result<Self, CheckError> {
        let mut columns = Self { fields: BTreeMap::new(), forbidden: Vec::new() };
        let path = || path.to_path_buf();
        for (at, name) in names.into_iter().enumerate() {
            match Heading::of(&name) {
                Heading::Field(field) => {
                    if columns.fields.insert(field, at).is_some() {
                        return Err(CheckError::Twice { path: path(), field });
                    }
                }
                Heading::Forbidden(forbidden) => {
                    checked.dropped.entry(forbidden).or_default();
                    columns.forbidden.push((forbidden, at));
                }
                Heading::Unknown if name.trim().is_empty() => {}
                Heading::Unknown => checked.unknown.push(name),
            }
        }
        let missing =
            Field::all().find(|field| field.is_needed() && !columns.fields.contains_key(field));
        missing.map_or(Ok(columns), |field| Err(CheckError::NoColumn { path: path(), field }))
    }

    fn row(&self, raw: &Raw) -> Result<Row, Fault> {
        let cells = raw.cells.as_ref().map_err(|reason| Fault::Row(reason.clone()))?;
        let cell = |field| self.fields.get(&field).map(|at| cells.at(*at));
        Row::read(cell).map_err(Fault::Cells)
    }

    fn count_dropped(&self, raw: &Raw, checked: &mut Checked) {
        let Ok(cells) = &raw.cells else { return };
        for (forbidden, at) in &self.forbidden {
            let holds = !cells.at(*at).trim().is_empty();
            *checked.dropped.entry(*forbidden).or_default() += u64::from(holds);
        }
    }
}

/// The rejects of this check.
struct Kept(Rejects);

impl Kept {
    fn of(path: &Path, rejects: Option<&Path>, rows: &Rows) -> Result<Self, CheckError> {
        let mut kept = Self(Rejects::of(path, rejects, rows.shape()));
        let whole = |path: &Path| path.canonicalize().ok();
        if whole(kept.0.path()).is_some_and(|rejects| Some(rejects) == whole(path)) {
            return Err(
                kept.wrong("那是被查文件本身 that is the very file: name another with --rejects")
            );
        }
        let begun = kept.0.begin();
        begun.map_err(|error| kept.wrong(&error.to_string()))?;
        Ok(kept)
    }

    fn keep(&mut self, raw: &Raw, fault: &Fault) -> Result<(), CheckError> {
        let kept = self.0.keep(raw, fault);
        kept.map_err(|error| self.wrong(&error.to_string()))
    }

    fn end(&self) -> Result<(), CheckError> {
        self.0.sync().map_err(|error| self.wrong(&error.to_string()))
    }

    fn wrong(&self, why: &str) -> CheckError {
        CheckError::Rejects { path: self.0.path().to_path_buf(), why: why.to_owned() }
    }
}
