//! The port (端口): the one address where others reach an office, and its door for commands.
//!
//! [`accept`] makes connections, with TLS on the port and without on the socket of the desk; a [`Connection`]
//! knows its [`Caller`]; [`telling`] logs why a call was refused. Who may ask for what is judged by the
//! services behind: `link`, `enrolment`, `reading` and `desk`.
//!
//! Invariant: nobody holds anything here for long without speaking: a connection that has not finished its
//! handshake and begun HTTP/2 within [`HANDSHAKE`](crate::link::HANDSHAKE) is dropped, and the oldest of
//! them gives way when there are too many.

pub mod accept;
pub mod connection;
pub mod telling;

pub use connection::{Caller, Connection};
