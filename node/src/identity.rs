//! The identity of an office: its keys, its certificates, and how it comes by them.
//!
//! An office has an Ed25519 key that signs its journal and a P-256 key that carries TLS (ADR 0003). Reading
//! order: [`name`] (what an office is called on a link), [`root`] (what everyone must know beforehand),
//! [`certificate`] (what a certificate says), [`authority`] (who may sign for whom), [`transport`] (TLS with
//! a neighbour), [`code`] (the code sheet), [`enrolment`] (how a code becomes an admission), [`reader`] and
//! [`readers`] (the certificates of outside programs), [`auditor`] (those that a superior issues) and [`files`] (what stands in the data folder).
//!
//! Nothing here opens a connection, reads a clock or draws a random byte, but for the key generation inside
//! rcgen and the hour rustls needs during a handshake.
//!
//! Invariants:
//! 1. An authority signs only for divisions strictly below its own, and for those who read its office or those
//!    below it; the root office, which has nobody above, also signs its own transport certificate.
//! 2. A private key leaves its file only into memory, and never a printed text.
//! 3. Nothing that stands in the data folder is half written, and no key there is ever overwritten.

pub mod name;

pub mod root;

pub mod certificate;

pub mod authority;

pub mod transport;

pub mod code;

pub mod enrolment;

pub mod files;

pub mod index;

pub mod reader;

pub mod readers;
mod sealing;

pub mod auditor;

mod as_text;
mod pem;

#[cfg(test)]
mod offices;

pub use authority::{Authority, Validity};
pub use code::{CodeSheet, OneTimeCode};
pub use files::Keys;
pub use name::TransportName;
pub use root::{Fingerprint, RootJournal};
pub use transport::Credentials;
