//! The intake room: records from elsewhere, old and new, brought in a file.
//!
//! A file of rows (NDJSON, CSV or a sheet) and a [`map`] that says what its columns mean become
//! registrations, which a running [`import`] hands to the office's window in batches. Each registration
//! names its source, so that a row brought twice is registered once. What cannot be taken in is kept as it
//! was, with the reason, to be mended and brought again.
//!
//! It never judges a case, never writes to the store but through the desk, and never starts a clock.
//!
//! Reading order: [`map`], [`input`] (the file and its coding), the readers (`ndjson`, `csv`, `sheet`) and
//! what they give (`row`), `translation` (a row becomes a registration), [`reason`] (why one does not),
//! `rejects`, `bookmark`, [`sink`], [`import`], [`reckoning`] (what came, by office and year); and [`organs`], a table of organs instead of records.
//!
//! Invariants:
//! 1. Every row read is registered or in the rejects file, never both, never neither.
//! 2. A bookmark is written only behind rows that are durable, here or among the rejects.
//! 3. Brought any number of times, in whole or in part, a file leaves the same cases.

mod bookmark;
pub(crate) mod csv;
mod date;
pub mod encoding;
pub mod import;
pub mod input;
pub(crate) mod lines;
pub mod map;
mod naming;
mod ndjson;
pub mod organs;
pub mod preview;
pub mod progress;
pub mod reason;
pub mod reckoning;
pub(crate) mod rejects;
pub(crate) mod row;
pub(crate) mod rows;
mod sheet;
pub mod sink;
pub mod tally;
mod translation;
