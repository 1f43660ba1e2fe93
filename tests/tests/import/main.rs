//! Files brought into an office: what gets in, what is kept back, and what an interruption costs.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use terrace_node::folder::Folder;
use terrace_node::intake::encoding::Encoding;
use terrace_node::intake::import::{Import, ImportError, Options, Summary};
use terrace_node::intake::map::Map;
use terrace_node::intake::progress::{Progress, Standing, Unwatched};
use terrace_node::intake::sink::OfficeWindow;
use terrace_proto::wire::{IntakeRegistered, Provenance};
use terrace_tests::offices::{self, Office, binary};
use terrace_tests::skipped::skipped;
use terrace_tests::taker::Taker;
use terrace_tests::workbook::{Cell, workbook};

const MAP: &str = "system = \"s\"\nmode = \"live\"\n";
const COLUMNS: &str = "[columns]\nid = \"id\"\ntitle = \"title\"\nplace = \"place\"\n";

/// A scratch folder with a file to be brought, and the office's data folder.
struct Desk {
    scratch: TempDir,
    options: Options,
}

impl Desk {
    fn new() -> Self {
        let options = Options { patience: Duration::ZERO, batch: Some(3), ..Options::default() };
        Self { scratch: tempfile::tempdir().unwrap(), options }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    fn open(&self, name: &str, map: &str) -> Result<Import, ImportError> {
        let map = Map::parse(map, Path::new("map.toml"))?;
        let folder = Folder::at(&self.path("office"));
        Import::open(&self.path(name), map, &folder, self.options.clone())
    }

    async fn bring(&self, name: &str, map: &str, taker: &mut Taker) -> Result<Summary, String> {
        let mut import = self.open(name, map).map_err(|error| error.to_string())?;
        import.run(taker, None, &mut Unwatched).await.map_err(|error| error.to_string())
    }

    /// Brings a file that is to be refused whole; gives the reason.
    async fn refused(&self, name: &str, map: &str) -> String {
        let mut taker = Taker::default();
        let said = self.bring(name, map, &mut taker).await.unwrap_err();
        assert!(taker.taken.is_empty(), "nothing is read in of a file that is refused");
        assert!(said.contains(name), "{said}");
        said
    }

    /// Brings a file of which some rows are to be rejected; gives the rejects file.
    async fn rejects(&self, name: &str, map: &str, (read, rejected): (u64, u64)) -> String {
        let summary = self.bring(name, map, &mut Taker::default()).await.unwrap();
        assert_eq!((summary.read, summary.rejected), (read, rejected));
        String::from_utf8_lossy(&std::fs::read(summary.rejects.unwrap()).unwrap()).into_owned()
    }
}

fn map() -> String {
    format!("{MAP}{COLUMNS}")
}

fn gb_map() -> String {
    format!("{MAP}encoding = \"gb18030\"\n{COLUMNS}")
}

fn rows(range: std::ops::Range<usize>) -> String {
    range
        .map(|row| {
            json!({ "id": row.to_string(), "title": format!("第 {row} 件"), "place": "" })
                .to_string()
                + "\n"
        })
        .collect()
}

fn intake(taker: &Taker, source: &str) -> IntakeRegistered {
    taker.at(source).intake.clone().unwrap()
}

fn provenance(taker: &Taker, source: &str) -> Provenance {
    intake(taker, source).provenance.unwrap()
}

/// A new office in a folder of its own.
async fn founded(desk: &Desk) -> Folder {
    let data = desk.path("office");
    let node = binary("terrace-node").unwrap();
    let data_text = data.to_string_lossy();
    offices::command(&node, &["init", "--data", &data_text, "--division", "410221"]).await.unwrap();
    Folder::at(&data)
}

mod again;
mod formats;
mod processes;
mod refusals;
mod rejects;
