//! An office of Terrace, any rung: its store, its desk, its links and its commands.
//!
//! Reading order: [`store`] (what is kept), [`archive`] (the one writer), [`desk`] (where an officer's
//! command becomes a lawful entry), `link` (the connection to a neighbour).
//!
//! Of the eight rules it keeps: 3 (nothing is claimed before it is durable), 4 (no officer waits for the
//! network) and 7 (nothing is deleted).

pub mod archive;
pub mod desk;
pub mod store;
pub mod surroundings;
pub mod watermark;
