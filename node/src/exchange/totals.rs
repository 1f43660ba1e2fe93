//! The totals file (总数表) beside an exchanged file: rows by registering division and year, and a digest over what they say.
//!
//! It is JSON, for whoever receives the other to reconcile what came.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::exchange::Totals;

use super::Order;

/// The version of the file.
const VERSION: u32 = 1;

/// Why totals cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: 总数表无法读取 the totals cannot be read: {why}")]
pub struct TotalsError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

/// Totals as they are written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalsFile {
    exchange_totals: u32,
    /// The office that wrote.
    office: String,
    /// When, RFC 3339.
    written_at: String,
    /// Whether it holds only what changed since a bookmark.
    incremental: bool,
    /// Rows in all.
    rows: u64,
    /// Over all rows, in their order, whatever the format.
    digest: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    division: String,
    /// For people.
    name: String,
    year: i16,
    rows: u64,
}

impl TotalsFile {
    pub(super) fn of(order: &Order<'_>, totals: &Totals) -> Self {
        let parts = totals.parts.iter().map(|((division, year), rows)| Part {
            division: division.to_string(),
            name: crate::view::name_of(*division),
            year: *year,
            rows: *rows,
        });
        Self {
            exchange_totals: VERSION,
            office: order.office.to_string(),
            written_at: order.at.to_string(),
            incremental: order.since.is_some(),
            rows: totals.rows(),
            digest: totals.digest.to_string(),
            parts: parts.collect(),
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("words and numbers are JSON")
    }

    /// Reads the totals of a file.
    ///
    /// # Errors
    ///
    /// [`TotalsError`] when they are none.
    pub fn read(path: &Path) -> Result<Totals, TotalsError> {
        let wrong = |why: String| TotalsError { path: path.to_path_buf(), why };
        let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let read: Self =
            serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if read.exchange_totals != VERSION {
            let version = read.exchange_totals;
            return Err(wrong(format!("版本 version {version}, this program reads {VERSION}")));
        }
        read.totals().map_err(wrong)
    }

    fn totals(&self) -> Result<Totals, String> {
        let digest = data_encoding::HEXLOWER.decode(self.digest.as_bytes()).unwrap_or_default();
        let digest =
            Digest::read(&digest).ok_or("digest: 应为 64 位十六进制 64 hexadecimal digits")?;
        let mut totals = Totals { digest, ..Totals::default() };
        for Part { division, year, rows, .. } in &self.parts {
            let code: DivisionCode =
                division.parse().map_err(|error| format!("division {division:?}: {error}"))?;
            if totals.parts.insert((code, *year), *rows).is_some() {
                return Err(format!("{division} {year}: 重复 it stands twice"));
            }
        }
        if totals.rows() != self.rows {
            let (rows, parts) = (self.rows, totals.rows());
            return Err(format!("rows {rows}, 各项合计 and its parts make {parts}"));
        }
        Ok(totals)
    }
}
