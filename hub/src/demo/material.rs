//! What the town takes in: a file of messages, brought in as any office brings one in, or the cases written for
//! the demonstration.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use async_trait::async_trait;
use terrace_node::folder::{Folder, file};
use terrace_node::intake::import::{Import, Options, Summary};
use terrace_node::intake::map::Map;
use terrace_node::intake::progress::{Progress, Standing};
use terrace_node::intake::sink::Sink;
use terrace_node::window::{Window, WindowError};
use terrace_proto::wire::{Hand, RegisterRequest, RegisterResponse};

use super::cast::Player;
use super::script::PATIENCE;
use super::stage::Stage;

/// Plainly fictional cases, written for this demonstration.
const WRITTEN: &str = include_str!("written.ndjson");
/// How a row of messages becomes an intake.
const MAP: &str = include_str!("../../../deploy/maps/petitions.toml");
/// Rows registered at once: few, so that the story meets the town in the middle of it.
const BATCH: usize = 25;

/// The file on its way into the town.
#[derive(Debug)]
pub(super) struct Material {
    import: Import,
    counter: Counter,
    /// Lines of the file, for telling the parts of the story apart.
    pub(super) lines: u64,
}

impl Material {
    /// Lays out `input`, or what was written for the demonstration, below `root`, for the town.
    pub(super) fn lay_out(
        root: &Path,
        input: Option<&Path>,
        map: Option<&Path>,
        town: &Player,
    ) -> anyhow::Result<Self> {
        let written = root.join("written.ndjson");
        let path = match input {
            Some(path) => path,
            None => {
                file::replace(&written, WRITTEN.as_bytes())?;
                &written
            }
        };
        let map = match map {
            Some(map) => Map::read(map)?,
            None => Map::parse(MAP, Path::new("petitions.toml"))?,
        };
        let kind = path.extension().unwrap_or_default();
        let options = Options {
            hand: Hand { officer: "3071".into(), ..Hand::default() },
            rejects: Some(PathBuf::from(root).join("rejects").with_extension(kind)),
            patience: PATIENCE,
            batch: Some(BATCH),
            ..Options::default()
        };
        let lines = lines(path).with_context(|| path.display().to_string())?;
        let import = Import::open(path, map, &town.folder, options)?;
        let counter = Counter { folder: town.folder.clone(), window: None };
        Ok(Self { import, counter, lines })
    }

    /// Brings in so many rows more, or all that are left.
    pub(super) async fn bring_in(
        &mut self,
        stage: &Stage,
        rows: Option<u64>,
    ) -> anyhow::Result<Summary> {
        let mut onlooker = Onlooker { stage, seen: self.import.summary().read };
        let brought = self.import.run(&mut self.counter, rows, &mut onlooker).await;
        brought.map_err(Into::into)
    }

    /// Rows that could not be taken in.
    pub(super) fn rejected(&self) -> u64 {
        self.import.summary().rejected
    }
}

fn lines(path: &Path) -> std::io::Result<u64> {
    use std::io::BufRead as _;
    let reader = std::io::BufReader::new(std::fs::File::open(path)?);
    reader.split(b'\n').try_fold(0, |count, line| line.map(|_| count + 1))
}

/// The town's counter: reached through its window alone, since the town is a process of its own that may be
/// killed and come back.
#[derive(Debug)]
struct Counter {
    folder: Folder,
    window: Option<Window>,
}

#[async_trait]
impl Sink for Counter {
    async fn register(
        &mut self,
        request: RegisterRequest,
    ) -> Result<RegisterResponse, WindowError> {
        match &mut self.window {
            Some(window) => window.register(request).await,
            None => Err(WindowError::Silent("not knocked yet".into())),
        }
    }

    async fn reopen(&mut self) -> Result<(), WindowError> {
        self.window = Some(Window::knock(&self.folder).await?);
        Ok(())
    }
}

/// Shows on the stage how far it has come.
struct Onlooker<'s> {
    stage: &'s Stage,
    seen: u64,
}

impl Progress for Onlooker<'_> {
    fn stands(&mut self, standing: &Standing) {
        let read = standing.tally.read();
        self.stage.advance(read.saturating_sub(self.seen));
        self.seen = read;
    }
}
