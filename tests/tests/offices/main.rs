//! Running offices: real processes with real links between them, met by officers, programs, auditors and trouble
//! ([`terrace_tests::offices`]).
//!
//! Stores are where `TERRACE_STORE` asks for them: `make test` runs all of it over files, and again over PostgreSQL. A
//! test that forges the very file says `in_files`, and one about a server brings its own.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod auditor;
mod clients;
mod console;
mod exchange;
mod export;
mod faults;
mod garbage;
mod life;
mod matching;
mod modules;
mod notices;
mod past;
mod publication;
mod receipt;
mod sealed;
mod witness;
