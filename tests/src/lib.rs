//! The proving ground of Terrace. Nothing of the product depends on it.
//!
//! Reading order: [`world`] (a federation in virtual time), [`network`] and [`disk`] (what can go wrong
//! under it), [`story`] (what its officers do), [`checkers`] (the eight rules, one a file), [`run`] (one
//! seed from beginning to end); [`sample`] (entries and rows for the store conformance suite); [`taker`] and
//! [`workbook`] (for imports: a window in memory, and sheets to read); [`offices`] and [`outsider`] (real
//! processes, and someone who kills them); [`insider`] and [`auditor`] (one with root and all keys, one with nothing
//! but the commands); [`browser`] (a real one); [`cluster`] (a real PostgreSQL); [`branch`] (thousands of offices as their superior meets them) and [`forwarder`] (what passes over a link, counted); [`search`] and [`waiting`] (through files, and for what comes over a link); [`skipped`] (what could not be tested).

pub mod auditor;
pub mod branch;
pub mod browser;
pub mod checkers;
pub mod cluster;
pub mod dice;
pub mod disk;
pub mod forwarder;
pub mod insider;
pub mod legacy;
pub mod line;
pub mod network;
pub mod offices;
pub mod outsider;
pub mod run;
pub mod sample;
pub mod search;
pub mod skipped;
pub mod story;
pub mod taker;
pub mod waiting;
pub mod workbook;
pub mod world;
