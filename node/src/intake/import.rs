//! An import (导入): one file brought into one office, from its first row to its last.
//!
//! Rows are gathered into batches; a batch is registered, then the rejects are made durable, then the
//! bookmark moves behind it. Killed anywhere, the next run reads at most one batch again, and the office
//! knows what it has of it.
//!
//! It reads the file once for its digest and once for its rows, and holds one batch in memory.

mod error;
mod summary;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use prost::Message as _;
use terrace_proto::exchange::Forbidden;
use terrace_proto::wire::{Hand, RegisterRequest, Registration};

pub use error::ImportError;
pub use summary::Summary;

use super::bookmark::{Bookmark, Mark};
use super::date::Dates;
use super::input::{FileError, Input};
use super::lines::Place;
use super::map::Map;
use super::naming::Naming;
use super::progress::{Progress, Standing};
use super::reason::Reason;
use super::rejects::Rejects;
use super::row::Row;
use super::rows::Rows;
use super::sink::Sink;
use super::tally::Tally;
use super::translation::Translation;
use crate::desk::REGISTER_BATCH;
use crate::folder::Folder;
use crate::surroundings::{Clock, SystemClock};
use crate::window::WindowError;

/// Words registered at once, in bytes; the desk takes messages of 64 MiB.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// Between two attempts to reach an office that went away.
const PAUSE: Duration = Duration::from_millis(250);

/// How an import is carried out.
#[derive(Debug, Clone)]
pub struct Options {
    /// In whose name it is registered.
    pub hand: Hand,
    /// Where the rejects go; none is beside the file.
    pub rejects: Option<PathBuf>,
    /// How long an office that went away is waited for.
    pub patience: Duration,
    /// Rows in a batch.
    pub batch: usize,
    /// What day it is.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            hand: Hand::default(),
            rejects: None,
            patience: Duration::from_secs(30),
            batch: REGISTER_BATCH,
            clock: Arc::new(SystemClock),
        }
    }
}

/// One file on its way into one office.
#[derive(Debug)]
pub struct Import {
    input: Input,
    map: Map,
    options: Options,
    bookmark: Bookmark,
    rejects: Rejects,
    pub(super) rows: Rows,
    pub(super) naming: Naming,
    /// Columns that are never taken over, whatever the map.
    forbidden: Vec<String>,
    /// Where the first row begins.
    first: Place,
    tally: Tally,
    /// Rows read by earlier runs.
    read_before: u64,
    resumed_at_line: Option<u64>,
    begun: bool,
    finished: bool,
    elapsed: Duration,
}

/// Rows gathered to be registered at once.
#[derive(Debug, Default)]
struct Batch {
    registrations: Vec<Registration>,
    rejected: u64,
    dropped: u64,
    bytes: usize,
    /// Why no more rows can be read.
    stopped: Option<FileError>,
}

impl Import {
    /// Opens a file to be brought into the office in `folder`. The file is read once for its digest; map and
    /// file are checked against each other; nothing is registered or written.
    pub fn open(
        path: &Path,
        map: Map,
        folder: &Folder,
        options: Options,
    ) -> Result<Self, ImportError> {
        let input = Input::open(path)?;
        let mut rows = Rows::open(&input, &map)?;
        let columns = rows.columns()?;
        if !columns.is_empty() {
            map.fits(&columns.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        let mapped = map.columns_named();
        let is_dropped =
            |name: &&String| Forbidden::of(name).is_some() && !mapped.contains(name.as_str());
        let forbidden = columns.iter().filter(is_dropped).cloned().collect();
        let bookmark = Bookmark::of(folder, input.digest(), map.digest());
        let first = rows.place();
        let rejects = Rejects::of(path, options.rejects.as_deref(), rows.shape());
        let whole = |path: &Path| path.canonicalize().ok();
        if whole(rejects.path()).is_some_and(|rejects| Some(rejects) == whole(path)) {
            return Err(ImportError::OverItself(path.to_path_buf()));
        }
        Ok(Self {
            input,
            map,
            options,
            bookmark,
            rejects,
            rows,
            naming: Naming::default(),
            forbidden,
            first,
            tally: Tally::default(),
            read_before: 0,
            resumed_at_line: None,
            begun: false,
            finished: false,
            elapsed: Duration::ZERO,
        })
    }

    /// Registers the rows through `sink`, at most `limit` of them, going on behind those an earlier run has
    /// read. Ends at the end of the file, behind `limit` rows, or when `progress` says so.
    pub async fn run(
        &mut self,
        sink: &mut dyn Sink,
        limit: Option<u64>,
        progress: &mut dyn Progress,
    ) -> Result<Summary, ImportError> {
        let started = Instant::now();
        let outcome = self.bring(sink, limit.unwrap_or(u64::MAX), progress).await;
        self.elapsed += started.elapsed();
        if outcome.is_err() {
            // What was gathered and not registered is read again, from the bookmark on.
            self.begun = false;
            self.bookmark.release();
        }
        outcome.map(|()| self.summary())
    }

    /// What became of the file so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let seconds = self.elapsed.as_secs_f64();
        let read = (self.tally.read() - self.read_before) as f64;
        Summary {
            read: self.tally.read(),
            accepted: self.tally.accepted(),
            new: self.tally.new,
            known: self.tally.known,
            rejected: self.tally.rejected,
            dropped: self.tally.dropped,
            dropped_columns: self.forbidden.clone(),
            rejects: (self.tally.rejected > 0).then(|| self.rejects.path().to_path_buf()),
            elapsed_ms: u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX),
            rows_per_second: if seconds > 0.0 {
                (read / seconds * 10.0).round() / 10.0
            } else {
                0.0
            },
            resumed_at_line: self.resumed_at_line,
            finished: self.finished,
            next_line: self.rows.place().lines + 1,
        }
    }

    /// The registration a row becomes.
    pub(super) fn translate(&mut self, row: &Row) -> Result<Registration, Reason> {
        let cells = row.cells.as_ref().map_err(Clone::clone)?;
        let timezone = self.map.timezone;
        let today = timezone.to_datetime(self.options.clock.now()).date();
        let dates = Dates { timezone, today };
        let translation = Translation { map: &self.map, file: self.input.digest(), dates };
        let id = translation.id(cells)?;
        let source = self.naming.name(&self.map.system, &id, row, cells);
        translation.registration(cells, source, row.line)
    }

    async fn bring(
        &mut self,
        sink: &mut dyn Sink,
        limit: u64,
        progress: &mut dyn Progress,
    ) -> Result<(), ImportError> {
        if !self.begun {
            self.begin()?;
            self.begun = true;
            self.resumed_at_line.into_iter().for_each(|line| progress.resumes(line));
        }
        let mut left = limit;
        while left > 0 && !self.finished && !progress.is_over() {
            let line = self.rows.place().lines + 1;
            let batch = self.gather(left)?;
            left -= batch.registrations.len() as u64 + batch.rejected;
            self.input.unchanged()?;
            self.register(sink, line, batch.registrations, progress).await?;
            self.tally.rejected += batch.rejected;
            self.tally.dropped += batch.dropped;
            self.rejects.sync().map_err(|source| unwritable(self.rejects.path(), source))?;
            self.mark()?;
            progress.stands(&self.standing());
            if let Some(error) = batch.stopped {
                return Err(error.into());
            }
            self.finish()?;
        }
        Ok(())
    }

    /// Takes up an interrupted run, or begins at the first row.
    fn begin(&mut self) -> Result<(), ImportError> {
        let path = self.bookmark.path().to_path_buf();
        let failed = |source| unwritable(&path, source);
        if !self.bookmark.take().map_err(failed)? {
            return Err(ImportError::Busy(self.input.path().to_path_buf()));
        }
        let mark = self.bookmark.read().map_err(failed)?;
        self.rows.seek(self.first)?;
        (self.naming, self.tally) = (Naming::default(), Tally::default());
        let path = self.rejects.path().to_path_buf();
        let failed = |source| unwritable(&path, source);
        let whole = std::path::absolute(&path).map_err(failed)?;
        let mark = mark.filter(|mark| mark.rejects == whole);
        let resumed = mark.as_ref().map(|mark| self.rejects.resume(mark.rejects_length));
        let resumed = resumed.transpose().map_err(failed)?.unwrap_or(false);
        let Some(mark) = mark.filter(|_| resumed) else {
            return self.rejects.begin().map_err(failed);
        };
        if mark.unnamed > 0 {
            self.count_again(&mark)?;
        }
        self.rows.seek(mark.place)?;
        self.tally = mark.tally;
        self.read_before = mark.tally.read();
        self.resumed_at_line = Some(mark.place.lines + 1);
        Ok(())
    }

    /// Counts the rows without an id before a place, so that those behind it are called the same again.
    fn count_again(&mut self, mark: &Mark) -> Result<(), ImportError> {
        while self.rows.place().offset < mark.place.offset {
            let Some(row) = self.rows.next()? else { break };
            _ = self.translate(&row);
        }
        Ok(())
    }

    fn gather(&mut self, left: u64) -> Result<Batch, ImportError> {
        let mut batch = Batch::default();
        let rows = self.options.batch.min(usize::try_from(left).unwrap_or(usize::MAX));
        for _ in 0..rows {
            if batch.bytes >= BATCH_BYTES {
                break;
            }
            let before = self.rows.place();
            let row = match self.rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) => {
                    self.rows.seek(before)?;
                    batch.stopped = Some(error);
                    break;
                }
            };
            batch.dropped += self.dropped_of(&row);
            match self.translate(&row) {
                Ok(registration) => {
                    batch.bytes += registration.encoded_len();
                    batch.registrations.push(registration);
                }
                Err(reason) => {
                    batch.rejected += 1;
                    let kept = self.rejects.keep(&row, &reason);
                    kept.map_err(|source| unwritable(self.rejects.path(), source))?;
                }
            }
        }
        Ok(batch)
    }

    /// How many cells of a row hold what is never taken over.
    fn dropped_of(&self, row: &Row) -> u64 {
        let Ok(cells) = &row.cells else { return 0 };
        let held = self.forbidden.iter().filter(|name| !cells.get(name).trim().is_empty());
        held.count() as u64
    }

    /// Registers a batch; waits for an office that went away as long as patience lasts.
    async fn register(
        &mut self,
        sink: &mut dyn Sink,
        line: u64,
        registrations: Vec<Registration>,
        progress: &mut dyn Progress,
    ) -> Result<(), ImportError> {
        if registrations.is_empty() {
            return Ok(());
        }
        let rows = registrations.len();
        let request = RegisterRequest { hand: Some(self.options.hand.clone()), registrations };
        let mut away: Option<Instant> = None;
        loop {
            match sink.register(request.clone()).await {
                Ok(answer) if answer.registered.len() == rows => {
                    let known = answer.registered.iter().filter(|one| one.known).count();
                    self.tally.known += known as u64;
                    self.tally.new += (rows - known) as u64;
                    return Ok(());
                }
                Ok(answer) => {
                    let answered = answer.registered.len();
                    let why = format!("it answered {answered} of {rows} rows");
                    return Err(ImportError::TurnedDown {
                        line,
                        why: WindowError::TurnedDown(why),
                    });
                }
                Err(why) if why.is_passing() => {
                    let since = *away.get_or_insert_with(Instant::now);
                    self.wait(sink, since, line, why, progress).await?;
                }
                Err(why) => return Err(ImportError::TurnedDown { line, why }),
            }
        }
    }

    /// Waits until the office can be reached again.
    async fn wait(
        &self,
        sink: &mut dyn Sink,
        since: Instant,
        line: u64,
        mut why: WindowError,
        progress: &mut dyn Progress,
    ) -> Result<(), ImportError> {
        progress.waits(&why);
        loop {
            if since.elapsed() >= self.options.patience || progress.is_over() {
                return Err(ImportError::GaveUp { seconds: since.elapsed().as_secs(), line, why });
            }
            tokio::time::sleep(PAUSE).await;
            match sink.reopen().await {
                Ok(()) => return Ok(()),
                Err(error) => why = error,
            }
        }
    }

    fn mark(&self) -> Result<(), ImportError> {
        let failed = |source| unwritable(self.bookmark.path(), source);
        let mark = Mark {
            place: self.rows.place(),
            tally: self.tally,
            rejects: std::path::absolute(self.rejects.path()).map_err(failed)?,
            rejects_length: self.rejects.length(),
            unnamed: self.naming.unnamed(),
        };
        self.bookmark.write(&mark).map_err(failed)
    }

    /// Takes the bookmark out when the last row has been read.
    fn finish(&mut self) -> Result<(), ImportError> {
        self.finished = self.rows.place().offset >= self.rows.end(&self.input);
        if self.finished {
            let taken = self.bookmark.take_out();
            taken.map_err(|source| unwritable(self.bookmark.path(), source))?;
        }
        Ok(())
    }

    fn standing(&self) -> Standing {
        let place = self.rows.place();
        Standing {
            done: place.offset,
            whole: self.rows.end(&self.input),
            next_line: place.lines + 1,
            tally: self.tally,
            read_here: self.tally.read() - self.read_before,
        }
    }
}

fn unwritable(path: &Path, source: std::io::Error) -> ImportError {
    ImportError::Unwritable { path: path.to_path_buf(), source }
}
