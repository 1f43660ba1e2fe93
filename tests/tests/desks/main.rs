//! The law at the desk: what officers enter, what it starts and ends, and what is refused, over real archives in one
//! process with a clock that is set by hand ([`terrace_tests::line`]).
//!
//! Stores are where `TERRACE_STORE` asks for them: `make test` runs all of it over files and memory, and again over
//! PostgreSQL. Nothing here starts a link; for those see `tests/tests/offices/`.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod arrivals;
mod audit;
mod certificates;
mod clearance;
mod families;
mod figures;
mod late;
mod national;
mod organs;
mod petitioner;
mod requests;
mod rolls;
mod rules;
mod surveys;
mod terms;
