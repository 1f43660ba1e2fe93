//! Rows are read ahead (读行): the next batch is read and translated while the one before is registered.
//!
//! A batch says what became of each of its rows and where the next begins. It writes nothing and registers nothing.

use std::sync::Arc;

use prost::Message as _;
use terrace_proto::digest::Digest;
use terrace_proto::exchange::Forbidden;
use terrace_proto::exchange::totals::Part;
use terrace_proto::wire::Registration;

use super::ImportError;
use crate::intake::date::Dates;
use crate::intake::input::{FileError, Input};
use crate::intake::lines::Place;
use crate::intake::map::{Map, Mode};
use crate::intake::naming::Naming;
use crate::intake::reason::Reason;
use crate::intake::reckoning::Reckoning;
use crate::intake::row::Row;
use crate::intake::rows::Rows;
use crate::intake::translation::Translation;
use crate::surroundings::Clock;

/// Words registered at once, in bytes; the desk takes messages of 64 MiB.
const BATCH_BYTES: usize = 32 * 1024 * 1024;

/// Reads the rows of one file.
#[derive(Debug)]
pub(in crate::intake) struct Reader {
    pub(in crate::intake) rows: Rows,
    pub(in crate::intake) naming: Naming,
    map: Map,
    /// The SHA-256 of the file.
    file: Digest,
    clock: Arc<dyn Clock>,
    /// Columns that are never taken over, whatever the map.
    forbidden: Vec<String>,
    /// Where the first row begins.
    first: Place,
}

/// Rows gathered to be registered at once.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) registrations: Vec<Registration>,
    /// Which row of the batch each of them was, from 0.
    pub(super) places: Vec<usize>,
    /// Rows that are not taken in, each with the reason.
    pub(super) rejected: Vec<(Row, Reason)>,
    /// Of records of the past: all of them by registering division and year.
    pub(super) reckoning: Vec<(Option<Part>, bool)>,
    pub(super) dropped: u64,
    /// The line its first row begins on.
    pub(super) line: u64,
    /// Where the next row begins, and how many rows up to there have no name.
    pub(super) after: Place,
    pub(super) unnamed: u64,
    /// Why no more rows can be read.
    pub(super) stopped: Option<FileError>,
    bytes: usize,
}

impl Batch {
    /// Rows in it.
    pub(super) fn rows(&self) -> u64 {
        (self.registrations.len() + self.rejected.len()) as u64
    }
}

impl Reader {
    pub(super) fn open(
        input: &Input,
        map: Map,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ImportError> {
        let mut rows = Rows::open(input, &map)?;
        rows.rename(|heading| map.called(heading));
        let columns = rows.columns()?;
        if !columns.is_empty() {
            map.fits(&columns.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        let is_forbidden = |name: &&String| Forbidden::of(name).is_some();
        let forbidden = columns.iter().filter(is_forbidden).cloned().collect();
        let first = rows.place();
        let (file, naming) = (input.digest(), Naming::default());
        Ok(Self { rows, naming, map, file, clock, forbidden, first })
    }

    pub(super) fn forbidden(&self) -> &[String] {
        &self.forbidden
    }

    /// Begins at the first row; where that is.
    pub(super) fn rewind(&mut self) -> Result<Place, FileError> {
        self.naming = Naming::default();
        self.rows.seek(self.first)?;
        Ok(self.first)
    }

    /// Goes on at a place, before which there are so many rows without a name of their own; from the first row on.
    pub(super) fn resume(&mut self, place: Place, unnamed: u64) -> Result<(), FileError> {
        if unnamed > 0 {
            self.count_again(place)?;
        }
        self.rows.seek(place)
    }

    /// Counts the rows without an id before a place, so that those behind it are called the same again.
    fn count_again(&mut self, until: Place) -> Result<(), FileError> {
        while self.rows.place().offset < until.offset {
            let Some(row) = self.rows.next()? else { break };
            _ = self.translate(&row);
        }
        Ok(())
    }

    /// The registration a row becomes, and of a record of the past the part it is counted in.
    pub(in crate::intake) fn translate(
        &mut self,
        row: &Row,
    ) -> (Option<Part>, Result<Registration, Reason>) {
        let cells = match &row.cells {
            Ok(cells) => cells,
            Err(reason) => return (None, Err(reason.clone())),
        };
        let timezone = self.map.timezone;
        let today = timezone.to_datetime(self.clock.now()).date();
        let dates = Dates { timezone, today };
        let translation = Translation { map: &self.map, file: self.file, dates };
        let id = match translation.id(cells) {
            Ok(id) => id,
            Err(reason) => return (translation.part(cells), Err(reason)),
        };
        let source = self.naming.name(&self.map.system, &id, row, cells);
        match translation.registration(cells, source, row.line) {
            Ok(registration) => (translation.part_of(&registration), Ok(registration)),
            Err(reason) => (translation.part(cells), Err(reason)),
        }
    }

    /// The next rows, at most so many, or as many as make a message.
    pub(super) fn gather(&mut self, rows: usize) -> Result<Batch, FileError> {
        let mut batch = Batch { line: self.rows.place().lines + 1, ..Batch::default() };
        while batch.rows() < rows as u64 && batch.bytes < BATCH_BYTES {
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
            let (part, translated) = self.translate(&row);
            if self.map.mode == Mode::Legacy {
                batch.reckoning.push((part, translated.is_ok()));
            }
            match translated {
                Ok(registration) => {
                    batch.bytes += registration.encoded_len();
                    batch.places.push(batch.registrations.len() + batch.rejected.len());
                    batch.registrations.push(registration);
                }
                Err(reason) => batch.rejected.push((row, reason)),
            }
        }
        (batch.after, batch.unnamed) = (self.rows.place(), self.naming.unnamed());
        Ok(batch)
    }

    /// How many cells of a row hold what is never taken over.
    fn dropped_of(&self, row: &Row) -> u64 {
        let Ok(cells) = &row.cells else { return 0 };
        let held = self.forbidden.iter().filter(|name| !cells.get(name).trim().is_empty());
        held.count() as u64
    }
}

/// Counts the rows of a batch.
pub(super) fn reckon(reckoning: &mut Reckoning, batch: &Batch) {
    for (part, accepted) in &batch.reckoning {
        reckoning.count(*part, *accepted);
    }
}
