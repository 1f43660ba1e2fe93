//! An office of Terrace, any rung: its store, its desk, its links and its commands.
//!
//! Reading order: [`store`] (what is kept), [`archive`] (the one writer), [`desk`] (where an officer's
//! command becomes a lawful entry), [`office`] (what its parts share while it runs), [`link`] (the connection
//! to a neighbour), [`port`] (where others reach the office), [`reading`] (what programs outside may read),
//! [`identity`] (keys and certificates), [`premises`] (an office out of its data folder), [`window`] and
//! [`command`] (how people reach it), [`console`] (what people look at), [`receipt`] (what a petitioner takes home),
//! [`notice`] (what is put on paper), [`intake`] (records brought in a file), [`exchange`] (records for the national system), [`audit`] (what passed, and what does not fit), [`export`] (what an auditor takes
//! home).
//!
//! Of the eight rules it keeps: 3 (nothing is claimed before it is durable), 4 (no officer waits for the
//! network) and 7 (nothing is deleted).

pub mod archive;
pub mod audit;
pub mod cabinet;
pub mod command;
pub mod console;
pub mod desk;
pub mod dossier;
pub mod enrolment;
pub mod exchange;
pub mod export;
pub mod figure;
pub mod folder;
pub mod identity;
pub mod intake;
pub mod link;
pub mod notice;
pub mod office;
pub mod port;
pub mod premises;
mod qr;
pub mod reading;
pub mod receipt;
pub mod store;
pub mod surroundings;
pub mod survey;
pub mod telemetry;
pub mod view;
pub mod watermark;
pub mod window;
