//! The formats in which records are exchanged.

use std::path::Path;

use clap::ValueEnum;

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// CSV in UTF-8.
    Csv,
    /// CSV in GB18030.
    Gb18030,
    /// A workbook with one sheet.
    Xlsx,
}

impl Format {
    /// The format that the name of a file says: a workbook if it ends in `.xlsx`, CSV in UTF-8 otherwise.
    #[must_use]
    pub fn by_name(path: &Path) -> Self {
        let ending = path.extension().unwrap_or_default();
        if ending.eq_ignore_ascii_case("xlsx") { Self::Xlsx } else { Self::Csv }
    }

    /// Its name, as a command takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Gb18030 => "gb18030",
            Self::Xlsx => "xlsx",
        }
    }
}
