//! What PostgreSQL's errors mean to the callers of a store.
//!
//! The class of the SQLSTATE decides. What says that the server is away, is going or is not the one that takes writing
//! is [`Trouble::Away`]: the store asks again for a while before it says so. Everything else is final.

use crate::store::{StoreError, is_unreadable};

/// Why a statement did not do what was asked.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server did not answer, or is not to be written to now; what was under way may or may not be done.
    Away(String),
    /// The server took longer than it may, or had no connection free; what was under way may or may not be done.
    Late(String),
    /// What the caller is told.
    Told(StoreError),
}

/// SQLSTATE of a disk without room.
const DISK_FULL: &str = "53100";
/// SQLSTATEs of damaged data and indexes.
const DAMAGED: [&str; 2] = ["XX001", "XX002"];
/// SQLSTATEs of a row that is there already, and of a transaction that lost against another.
const OVERTAKEN: [&str; 3] = ["23505", "40001", "40P01"];
/// Beginnings of SQLSTATEs of a server that is away: connections, shutting down, too many callers, standing by.
const AWAY: [&str; 5] = ["08", "57P0", "53300", "25006", "25P03"];
/// SQLSTATE of a statement that was cut short, as when its time was over.
const CUT_SHORT: &str = "57014";

/// A stored row that cannot be what was written.
pub(super) fn damaged(what: impl Into<String>) -> Trouble {
    Trouble::Told(StoreError::Corrupt(what.into()))
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Told(error)
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Away(text) | Trouble::Late(text) => Self::Unavailable(text),
            Trouble::Told(error) => error,
        }
    }
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string();
        if let Some(state) = error.as_database_error().and_then(|error| error.code()) {
            return of_state(&state, text);
        }
        if is_unreadable(&error) {
            return damaged(text);
        }
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Late(text);
        }
        if is_away(&error) { Self::Away(text) } else { Self::Told(StoreError::Unavailable(text)) }
    }
}

fn of_state(state: &str, text: String) -> Trouble {
    let text = format!("{text} (SQLSTATE {state})");
    if AWAY.iter().any(|beginning| state.starts_with(beginning)) {
        return Trouble::Away(text);
    }
    if state == CUT_SHORT {
        return Trouble::Late(text);
    }
    Trouble::Told(match state {
        DISK_FULL => StoreError::Full(text),
        _ if DAMAGED.contains(&state) => StoreError::Corrupt(text),
        _ if OVERTAKEN.contains(&state) => StoreError::Conflict(text),
        _ => StoreError::Unavailable(text),
    })
}

fn is_away(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed)
}
