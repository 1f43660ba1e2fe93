//! A published table (公布的统计表): a folder with the table, how far it covers the country, and the signed cut behind it.
//!
//! Written anew or not at all; what was published is never written over. [`Publication::check`] counts again from the
//! journals and compares the table byte for byte.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use terrace_proto::digest::Digest;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::JournalId;
use terrace_proto::figure::coverage::Coverage;
use terrace_proto::figure::cut::{Counted, Cut, CutError, SignedCut};
use terrace_proto::figure::period::Period;
use terrace_proto::figure::table::Table;
use terrace_proto::key::{JournalKey, Signer};

use super::bulletin::bulletin;
use super::recount::{RecountError, Recounted, Wanted, recount};
use super::{sheet, told};
use crate::export::Progress;
use crate::store::Store;

/// The file of the signed cut.
pub const CUT: &str = "cut";
/// The file of the table.
pub const TABLE: &str = "table.json";
/// The file of the page to be printed.
const BULLETIN: &str = "bulletin.html";
/// The file of the coverage.
const COVERAGE: &str = "coverage.json";

/// Why nothing was published, or what was published does not hold.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// A file could not be written or read.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// The cut is none, or not signed.
    #[error("{path}: {why}")]
    Cut {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: CutError,
    },
    /// The figures could not be counted again.
    #[error(transparent)]
    Recount(#[from] RecountError),
    /// The page could not be made.
    #[error("通报模板 the page of the bulletin: {0}")]
    Page(#[from] askama::Error),
    /// A sheet could not be made.
    #[error(transparent)]
    Sheet(#[from] sheet::SheetError),
}

/// What is published.
#[derive(Debug)]
pub struct Publication {
    /// The table.
    pub table: Table,
    /// How far it can be relied on.
    pub coverage: Coverage,
    /// The heads it was read from.
    pub cut: Cut,
    /// Of which division.
    pub of: DivisionCode,
    /// The period that was asked for.
    pub period: Period,
}

/// What checking came to.
#[derive(Debug)]
pub struct Checked {
    /// What the cut says was counted.
    pub counted: Counted,
    /// What was counted again.
    pub recounted: Recounted,
    /// The table as it was counted again.
    pub table: String,
    /// Whether it is the one that was published, byte for byte.
    pub same: bool,
}

impl Publication {
    /// Writes the folder, signed by the office of a journal.
    ///
    /// # Errors
    ///
    /// [`PublicationError`]; a folder that is there already is refused.
    pub fn write(
        &self,
        folder: &Path,
        by: JournalId,
        signer: &Signer,
    ) -> Result<SignedCut, PublicationError> {
        let at = self.coverage.at;
        let table = text_of(&self.table, at);
        let counted = Counted {
            of: self.of,
            period: self.period,
            as_of: at,
            table: Digest::of(&[table.as_bytes()]),
        };
        let signed = SignedCut::sign(self.cut.clone(), counted, by, signer);
        let coverage = format!("{:#}\n", told::coverage(&self.coverage));
        let subject = (self.of, self.period);
        let bulletin = bulletin(&self.table, &self.coverage, &self.cut, subject)?;
        // All of it is made before anything is written.
        let mut files = vec![(TABLE.to_owned(), table.into_bytes())];
        for (name, write) in sheet::FORMS {
            files.push((format!("table.{name}"), write(&self.table)?));
        }
        files.push((COVERAGE.to_owned(), coverage.into_bytes()));
        files.push((BULLETIN.to_owned(), bulletin.into_bytes()));
        files.push((CUT.to_owned(), signed.write().into_bytes()));
        place(folder, &files)?;
        Ok(signed)
    }

    /// Counts again from the journals of a store what a cut says was counted, if `by` signed it.
    ///
    /// # Errors
    ///
    /// [`PublicationError`] when the cut is not signed, or the journals are not those it names.
    pub async fn check(
        view: &dyn Store,
        path: &Path,
        (by, key): (JournalId, &JournalKey),
        progress: &mut dyn Progress,
    ) -> Result<Checked, PublicationError> {
        let failed = |why| PublicationError::File { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let signed = SignedCut::read(&text, by, key);
        let signed = signed.map_err(|why| PublicationError::Cut { path: path.to_owned(), why })?;
        let counted = signed.counted().clone();
        let period = counted.period.passed(counted.as_of);
        let wanted = Wanted::of_table(counted.of, period);
        let recounted = recount(view, (by.author, &wanted), signed.cut(), progress).await?;
        let table = Table::of(Tree::national(), counted.of, period, &recounted.tally);
        let table = text_of(&table, counted.as_of);
        let same = Digest::of(&[table.as_bytes()]) == counted.table;
        Ok(Checked { counted, recounted, table, same })
    }
}

/// Makes a folder of these files. They are made durable beside it, and get its name when they are whole.
fn place(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), PublicationError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |why| PublicationError::File { path, why }
    };
    if folder.try_exists().map_err(failed(folder))? {
        return Err(failed(folder)(ErrorKind::AlreadyExists.into()));
    }
    let mut part = folder.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    match std::fs::remove_dir_all(&part) {
        Err(why) if why.kind() != ErrorKind::NotFound => return Err(failed(&part)(why)),
        Ok(()) | Err(_) => {}
    }
    std::fs::create_dir(&part).map_err(failed(&part))?;
    for (name, bytes) in files {
        let path = part.join(name);
        let mut file = File::create_new(&path).map_err(failed(&path))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed(&path))?;
    }
    let flush = |path: &Path| File::open(path).and_then(|file| file.sync_all());
    flush(&part).map_err(failed(&part))?;
    std::fs::rename(&part, folder).map_err(failed(folder))?;
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
    let above = above.unwrap_or(Path::new("."));
    flush(above).map_err(failed(above))
}

/// A table as it is published.
fn text_of(table: &Table, at: Timestamp) -> String {
    format!("{:#}\n", told::table(table, at))
}
