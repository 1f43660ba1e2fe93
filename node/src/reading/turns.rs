//! Turns: how often an auditor may call, so that reading cannot flood the journal with entries about reading.
//!
//! A certificate has one call at a time, and [`CALLS_A_MINUTE`]. Who comes too soon is refused before anything is
//! written, and told what to do.
//!
//! It never keeps anything beyond the last minute, and reads no clock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use terrace_proto::digest::Digest;

/// Calls that a certificate may begin in a minute \[M\]: enough to turn pages, since one call may ask for as much as there
/// is, and too few to fill a journal.
pub const CALLS_A_MINUTE: usize = 10;

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// Whose turn it is, by certificate.
#[derive(Debug, Clone, Default)]
pub struct Turns(Arc<Mutex<BTreeMap<Digest, Calls>>>);

#[derive(Debug, Default)]
struct Calls {
    /// A call is being answered.
    under_way: bool,
    /// When those of the last minute began.
    begun: VecDeque<Timestamp>,
}

/// The turn of one certificate, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    certificate: Digest,
}

/// Why it is not an auditor's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTurn {
    /// The call before is still being answered.
    #[error(
        "上一次查阅尚未结束 a call with this certificate is still being answered: read it to its end, or end it, before the next"
    )]
    UnderWay,
    /// Too many in a minute.
    #[error(
        "查阅过于频繁 a certificate has {CALLS_A_MINUTE} calls a minute, each an entry in the journal of this office: wait a minute, or ask for more at once"
    )]
    TooMany,
}

impl Turns {
    /// Takes the turn of a certificate for a call that begins now.
    ///
    /// # Errors
    ///
    /// [`NoTurn`].
    pub fn take(&self, certificate: Digest, now: Timestamp) -> Result<Turn, NoTurn> {
        let mut turns = self.lock();
        // A clock that was set back must not shut anyone out: hours to come are forgotten too.
        let recent = |at: &Timestamp| *at <= now && now.duration_since(*at) < MINUTE;
        turns.retain(|_, calls| {
            calls.begun.retain(recent);
            calls.under_way || !calls.begun.is_empty()
        });
        let calls = turns.entry(certificate).or_default();
        if calls.under_way {
            return Err(NoTurn::UnderWay);
        }
        if calls.begun.len() >= CALLS_A_MINUTE {
            return Err(NoTurn::TooMany);
        }
        calls.begun.push_back(now);
        calls.under_way = true;
        drop(turns);
        Ok(Turn { turns: self.clone(), certificate })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Digest, Calls>> {
        self.0.lock().expect("no one panics while holding it")
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(calls) = self.turns.lock().get_mut(&self.certificate) {
            calls.under_way = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Digest = Digest([1; 32]);
    const OTHER: Digest = Digest([2; 32]);

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    #[test]
    fn one_call_at_a_time_for_a_certificate() {
        let turns = Turns::default();
        let first = turns.take(ONE, second(0)).unwrap();
        assert_eq!(turns.take(ONE, second(1)).unwrap_err(), NoTurn::UnderWay);
        assert!(turns.take(OTHER, second(1)).is_ok());
        // Also when it lasts longer than a minute.
        assert_eq!(turns.take(ONE, second(90)).unwrap_err(), NoTurn::UnderWay);
        drop(first);
        assert!(turns.take(ONE, second(91)).is_ok());
    }

    #[test]
    fn so_many_a_minute_and_then_more_in_the_next() {
        let turns = Turns::default();
        for _ in 0..CALLS_A_MINUTE {
            drop(turns.take(ONE, second(0)).unwrap());
        }
        assert_eq!(turns.take(ONE, second(59)).unwrap_err(), NoTurn::TooMany);
        assert!(turns.take(OTHER, second(59)).is_ok());
        assert!(turns.take(ONE, second(60)).is_ok());
        assert_eq!(turns.lock().len(), 2);
        drop(turns.take(ONE, second(200)).unwrap());
        assert_eq!(turns.lock().len(), 1, "who came long ago is forgotten");
    }

    #[test]
    fn a_clock_set_back_shuts_nobody_out() {
        let turns = Turns::default();
        for _ in 0..CALLS_A_MINUTE {
            drop(turns.take(ONE, second(7_200)).unwrap());
        }
        assert!(turns.take(ONE, second(0)).is_ok());
    }
}
