//! Why an import could not go on: whose fault it is, and where the next run goes on.

use std::path::PathBuf;

use crate::intake::input::FileError;
use crate::intake::map::MapError;
use crate::window::WindowError;

/// Why an import could not go on. What was registered stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The map is wrong, or does not fit the file.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The file cannot be read on.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process imports the file into this office.
    #[error("{0}: 另一进程正在导入此文件 another process imports this file here: let it end")]
    Busy(PathBuf),
    /// The rejects would be written over the file itself.
    #[error(
        "{0}: 退回行不能写入原文件 the rejects cannot go into the file itself: choose another path"
    )]
    OverItself(PathBuf),
    /// The rejects file or the bookmark cannot be written.
    #[error(
        "{path}: 无法写入 it cannot be written: {source}; --rejects names another place for rejected rows"
    )]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The office stayed away.
    #[error(
        "单位 {seconds} 秒无应答 the office has not answered for {seconds} s ({why}); 再次运行即从第 {line} 行继续 run it again, it goes on at line {line}"
    )]
    GaveUp {
        /// How long it was waited for.
        seconds: u64,
        /// Where the next run goes on.
        line: u64,
        /// What was said last.
        why: WindowError,
    },
    /// The office does not take a batch.
    #[error(
        "单位未接收第 {line} 行起的一批 the office did not take the rows from line {line} on: {why}; run it again when that is mended, it goes on there"
    )]
    TurnedDown {
        /// Where the batch begins.
        line: u64,
        /// What the office said.
        why: WindowError,
    },
}

impl ImportError {
    /// Whether the arguments or the map are wrong.
    #[must_use]
    pub fn is_of_arguments(&self) -> bool {
        match self {
            Self::Map(_) | Self::OverItself(_) => true,
            Self::File(error) => error.is_of_arguments(),
            Self::Busy(_)
            | Self::Unwritable { .. }
            | Self::GaveUp { .. }
            | Self::TurnedDown { .. } => false,
        }
    }
}
