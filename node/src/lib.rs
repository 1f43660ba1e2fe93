//! An office of Terrace, any rung: its store, its desk, its links and its commands.
//!
//! Reading order: [`store`] (what is kept), `archive` (the one writer), `desk` (where an officer's command
//! becomes a lawful entry), `link` (the connection to a neighbour).

pub mod store;
