//! The agreement: everything two nodes of Terrace must see alike.
//!
//! Bytes and time go in, values come out. Reading order: [`division`] (places), [`entry`] (one signed
//! fact), [`journal`] (an author's append-only Merkle log), [`case`] (the fold of a case's entries),
//! [`route`] (who is entitled to what), [`ledger`] (what passed over a link) and [`session`] (one
//! conversation on a link), [`audit`] (what can be found wrong with any of it), [`dossier`] (the file of a case for a court), and beside all of them [`seal`]
//! (what only those may read who hold a case's key), [`alike`] (how like two texts are), [`roll`] (what an office
//! lists across cases), [`organ`] (agencies and their codes), [`figure`] (how offices keep their duties) and [`assessment`]
//! (schemes by which they are assessed).
//!
//! This crate touches no disk, no socket and no clock, and draws nothing at random.
//!
//! Of the eight rules it keeps: 1 (a case is a fold of entries), 2 (an entry's bytes are made once),
//! 5 (one custodian per thread), 6 (who is entitled to what) and 8 (form is judged here, law at the desk).

pub mod admission;
pub mod alike;
pub mod assessment;
pub mod audit;
pub mod case;
mod check_digit;
pub mod digest;
pub mod division;
pub mod dossier;
pub mod entry;
pub mod exchange;
pub mod export;
pub mod figure;
pub mod inspection;
pub mod journal;
pub mod key;
pub mod ledger;
pub mod note;
pub mod objection;
pub mod organ;
pub mod receipt;
pub mod roll;
pub mod route;
pub mod rules;
pub mod seal;
pub mod session;
pub mod wire;
