//! An import (导入): one file brought into one office, from its first row to its last.
//!
//! Rows are gathered into batches; a batch is registered, then the rejects are made durable, then the
//! bookmark moves behind it. Killed anywhere, the next run reads at most one batch again, and the office
//! knows what it has of it. While a batch is registered, the next is read.
//!
//! It reads the file once for its digest and once for its rows, and holds two batches in memory, and of rows without an id
//! of their own a few bytes each.

mod error;
mod reader;
mod summary;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use terrace_proto::wire::{self, Hand, RegisterRequest, Registration};
use tokio::task::JoinHandle;

pub use error::ImportError;
pub(super) use reader::Reader;
use reader::{Batch, reckon};
pub use summary::Summary;

use super::bookmark::{Bookmark, Mark};
use super::input::{FileError, Input};
use super::lines::Place;
use super::map::{Map, Mode};
use super::progress::{Progress, Standing};
use super::reason::Reason;
use super::reckoning::Reckoning;
use super::rejects::Rejects;
use super::rows::Rows;
use super::sink::Sink;
use super::tally::Tally;
use crate::desk::{PAST_BATCH, REGISTER_BATCH};
use crate::folder::Folder;
use crate::surroundings::{Clock, SystemClock};
use crate::window::WindowError;

/// How often in a row a batch is brought again because something had changed meanwhile.
const OVERTAKEN: u32 = 5;
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
    /// Rows in a batch; `None` is as many as the office writes in one commit.
    pub batch: Option<usize>,
    /// What day it is.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            hand: Hand::default(),
            rejects: None,
            patience: Duration::from_secs(30),
            batch: None,
            clock: Arc::new(SystemClock),
        }
    }
}

/// One file on its way into one office.
#[derive(Debug)]
pub struct Import {
    input: Input,
    options: Options,
    /// Rows in a batch.
    batch: usize,
    bookmark: Bookmark,
    rejects: Rejects,
    map: Map,
    reader: Arc<Mutex<Reader>>,
    /// Columns that are never taken over, whatever the map.
    forbidden: Vec<String>,
    /// Behind the last durable row, and how many rows up to there have no name.
    place: Place,
    unnamed: u64,
    /// Where the rows end.
    end: u64,
    tally: Tally,
    reckoning: Reckoning,
    /// Rows read by earlier runs.
    read_before: u64,
    resumed_at_line: Option<u64>,
    begun: bool,
    finished: bool,
    /// Since when the office does not answer.
    away: Option<Instant>,
    /// How often in a row it found that something had changed meanwhile.
    overtaken: u32,
    elapsed: Duration,
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
        let bookmark = Bookmark::of(folder, input.digest(), map.digest());
        let whole_batch = match map.mode {
            Mode::Live => REGISTER_BATCH,
            Mode::Legacy => PAST_BATCH,
        };
        let reader = Reader::open(&input, map.clone(), options.clock.clone())?;
        let rejects = Rejects::of(path, options.rejects.as_deref(), reader.rows.shape());
        let whole = |path: &Path| path.canonicalize().ok();
        if whole(rejects.path()).is_some_and(|rejects| Some(rejects) == whole(path)) {
            return Err(ImportError::OverItself(path.to_path_buf()));
        }
        Ok(Self {
            batch: options.batch.unwrap_or(whole_batch),
            options,
            bookmark,
            rejects,
            map,
            forbidden: reader.forbidden().to_vec(),
            place: reader.rows.place(),
            unnamed: 0,
            end: reader.rows.end(&input),
            input,
            reader: Arc::new(Mutex::new(reader)),
            tally: Tally::default(),
            reckoning: Reckoning::default(),
            read_before: 0,
            resumed_at_line: None,
            begun: false,
            finished: false,
            away: None,
            overtaken: 0,
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
            next_line: self.place.lines + 1,
            years: self.reckoning.years().into_iter().map(Into::into).collect(),
            unplaced: self.reckoning.unplaced,
        }
    }

    /// Of records of the past: the rows read so far, by registering division and year.
    #[must_use]
    pub fn reckoning(&self) -> &Reckoning {
        &self.reckoning
    }

    /// The reader, for whoever reads without registering.
    pub(super) fn reader(&self) -> MutexGuard<'_, Reader> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn bring(
        &mut self,
        sink: &mut dyn Sink,
        mut left: u64,
        progress: &mut dyn Progress,
    ) -> Result<(), ImportError> {
        if !self.begun {
            self.begin()?;
            self.begun = true;
            self.resumed_at_line.into_iter().for_each(|line| progress.resumes(line));
        }
        let mut ahead =
            (left > 0 && !self.finished && !progress.is_over()).then(|| self.read(left));
        while let Some(reading) = ahead.take() {
            let batch = read(reading).await?;
            let rows = batch.rows();
            left -= rows;
            self.input.unchanged()?;
            if left > 0 && batch.stopped.is_none() && batch.after.offset < self.end {
                ahead = Some(self.read(left));
            }
            match self.take_in(sink, batch, progress).await {
                Ok(true) => {}
                Ok(false) => {
                    // The office went away with the rows and is back: they are read again, and it knows what it has.
                    settle(ahead.take()).await;
                    self.go_back()?;
                    left += rows;
                    ahead = Some(self.read(left));
                }
                Err(error) => {
                    settle(ahead).await;
                    return Err(error);
                }
            }
            if ahead.is_some() && progress.is_over() {
                // Those rows are read again, from the bookmark on.
                settle(ahead.take()).await;
                self.begun = false;
                self.bookmark.release();
            }
        }
        Ok(())
    }

    /// Reads the next rows, beside whatever else is done.
    fn read(&self, left: u64) -> JoinHandle<Result<Batch, FileError>> {
        let rows = self.batch.min(usize::try_from(left).unwrap_or(usize::MAX));
        let reader = self.reader.clone();
        tokio::task::spawn_blocking(move || {
            reader.lock().unwrap_or_else(PoisonError::into_inner).gather(rows)
        })
    }

    /// Registers a batch and keeps its rejects; then the bookmark moves behind it. False where the office went away
    /// meanwhile and came back, and nothing of the batch is counted.
    async fn take_in(
        &mut self,
        sink: &mut dyn Sink,
        mut batch: Batch,
        progress: &mut dyn Progress,
    ) -> Result<bool, ImportError> {
        let registrations = std::mem::take(&mut batch.registrations);
        let brought = self.register(sink, batch.line, registrations, progress).await?;
        let Some(others) = brought else { return Ok(false) };
        self.turn_down(&mut batch, others)?;
        self.keep(&batch).map_err(|source| unwritable(self.rejects.path(), source))?;
        self.tally.rejected += batch.rejected.len() as u64;
        self.tally.dropped += batch.dropped;
        reckon(&mut self.reckoning, &batch);
        (self.place, self.unnamed) = (batch.after, batch.unnamed);
        self.mark()?;
        progress.stands(&self.standing());
        if let Some(error) = batch.stopped {
            return Err(error.into());
        }
        self.finish()?;
        Ok(true)
    }

    /// Rejects the registrations that name a record which is held and is another one, by their order and its number. Their
    /// rows are read once more: none is kept while it is registered.
    fn turn_down(&self, batch: &mut Batch, others: Vec<(usize, String)>) -> Result<(), FileError> {
        let places = others
            .into_iter()
            .filter_map(|(nth, number)| Some((batch.places.get(nth).copied()?, number)));
        let mut places: BTreeMap<usize, String> = places.collect();
        if places.is_empty() {
            return Ok(());
        }
        let mut rows = Rows::open(&self.input, &self.map)?;
        rows.seek(self.place)?;
        let mut place = 0;
        while !places.is_empty()
            && let Some(row) = rows.next()?
        {
            if let Some(number) = places.remove(&place) {
                batch.rejected.push((row, Reason::Another(number)));
                batch.reckoning.get_mut(place).into_iter().for_each(|row| row.1 = false);
            }
            place += 1;
        }
        Ok(())
    }

    /// Goes back to behind the last durable row.
    fn go_back(&mut self) -> Result<(), FileError> {
        let mut reader = self.reader();
        reader.rewind()?;
        reader.resume(self.place, self.unnamed)
    }

    /// Makes the rejects of a batch durable.
    fn keep(&mut self, batch: &Batch) -> std::io::Result<()> {
        for (row, reason) in &batch.rejected {
            self.rejects.keep(row, reason)?;
        }
        self.rejects.sync()
    }

    /// Takes up an interrupted run, or begins at the first row.
    fn begin(&mut self) -> Result<(), ImportError> {
        let path = self.bookmark.path().to_path_buf();
        let failed = |source| unwritable(&path, source);
        if !self.bookmark.take().map_err(failed)? {
            return Err(ImportError::Busy(self.input.path().to_path_buf()));
        }
        let mark = self.bookmark.read().map_err(failed)?;
        let first = self.reader().rewind()?;
        (self.place, self.unnamed) = (first, 0);
        (self.tally, self.reckoning) = (Tally::default(), Reckoning::default());
        let path = self.rejects.path().to_path_buf();
        let failed = |source| unwritable(&path, source);
        let whole = std::path::absolute(&path).map_err(failed)?;
        let mark = mark.filter(|mark| mark.rejects == whole);
        let resumed = mark
            .as_ref()
            .map(|mark| self.rejects.resume(mark.rejects_length, &mark.rejects_digest));
        let resumed = resumed.transpose().map_err(failed)?.unwrap_or(false);
        let Some(mark) = mark.filter(|_| resumed) else {
            return self.rejects.begin().map_err(failed);
        };
        self.reader().resume(mark.place, mark.unnamed)?;
        (self.place, self.unnamed) = (mark.place, mark.unnamed);
        self.tally = mark.tally;
        self.read_before = mark.tally.read();
        self.resumed_at_line = Some(mark.place.lines + 1);
        self.reckoning = mark.reckoning;
        Ok(())
    }

    /// Registers a batch; which of it are other records than those that are held, with their numbers. `None` where the
    /// office went away and came back, as long as patience lasts.
    async fn register(
        &mut self,
        sink: &mut dyn Sink,
        line: u64,
        registrations: Vec<Registration>,
        progress: &mut dyn Progress,
    ) -> Result<Option<Vec<(usize, String)>>, ImportError> {
        let rows = registrations.len();
        if rows == 0 {
            return Ok(Some(Vec::new()));
        }
        let hand = Some(self.options.hand.clone());
        match sink.register(RegisterRequest { hand, registrations }).await {
            Ok(answer) if answer.registered.len() == rows => {
                let is_held = |one: &&wire::Registered| one.known && one.other.is_empty();
                let known = answer.registered.iter().filter(is_held).count();
                let each = answer.registered.into_iter().enumerate();
                let others = each.filter(|(_, one)| !one.other.is_empty());
                let others: Vec<_> = others.map(|(nth, one)| (nth, one.other)).collect();
                self.tally.known += known as u64;
                self.tally.new += (rows - known - others.len()) as u64;
                (self.away, self.overtaken) = (None, 0);
                Ok(Some(others))
            }
            Ok(answer) => {
                let answered = answer.registered.len();
                let why = format!("it answered {answered} of {rows} rows");
                Err(ImportError::TurnedDown { line, why: WindowError::TurnedDown(why) })
            }
            // What is known began within the command: the office looks every row up when it is brought again.
            Err(WindowError::Overtaken(_)) if self.overtaken < OVERTAKEN => {
                self.overtaken += 1;
                Ok(None)
            }
            Err(why) if why.is_passing() => {
                let since = *self.away.get_or_insert_with(Instant::now);
                self.wait(sink, since, line, why, progress).await?;
                Ok(None)
            }
            Err(why) => Err(ImportError::TurnedDown { line, why }),
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
            place: self.place,
            tally: self.tally,
            rejects: std::path::absolute(self.rejects.path()).map_err(failed)?,
            rejects_length: self.rejects.length(),
            rejects_digest: self.rejects.digest().to_string(),
            unnamed: self.unnamed,
            reckoning: self.reckoning.clone(),
        };
        self.bookmark.write(&mark).map_err(failed)
    }

    /// Takes the bookmark out when the last row has been read.
    fn finish(&mut self) -> Result<(), ImportError> {
        self.finished = self.place.offset >= self.end;
        if self.finished {
            let taken = self.bookmark.take_out();
            taken.map_err(|source| unwritable(self.bookmark.path(), source))?;
        }
        Ok(())
    }

    fn standing(&self) -> Standing {
        Standing {
            done: self.place.offset,
            whole: self.end,
            next_line: self.place.lines + 1,
            tally: self.tally,
            read_here: self.tally.read() - self.read_before,
        }
    }
}

/// The batch that was read; a reader that panicked takes the import with it.
async fn read(reading: JoinHandle<Result<Batch, FileError>>) -> Result<Batch, ImportError> {
    match reading.await {
        Ok(batch) => Ok(batch?),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Lets a reader that is ahead come to its end, so that none reads on unseen.
async fn settle(ahead: Option<JoinHandle<Result<Batch, FileError>>>) {
    if let Some(reading) = ahead {
        _ = reading.await;
    }
}

fn unwritable(path: &Path, source: std::io::Error) -> ImportError {
    ImportError::Unwritable { path: path.to_path_buf(), source }
}
