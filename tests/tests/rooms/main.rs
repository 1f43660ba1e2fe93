//! Single rooms of an office, each alone and over what it is given: its archive, its cabinet, its vigil over others'
//! heads, and the likeness of words.
//!
//! No office runs here, and no store follows `TERRACE_STORE`: `make test` runs this once.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod alike;
mod archive;
mod cabinet;
mod vigil;
