//! Silence: an office of the subtree of which nothing was stored here for too long.
//!
//! It may be closed, cut off, or gone; Terrace cannot tell, so it is told. An office with nothing to write is
//! silent too.

use jiff::Timestamp;

use super::allowance::Allowance;
use super::finding::Finding;
use crate::division::DivisionCode;

/// Whether an office was silent too long at `now`: `since` is when something of its journals was stored last,
/// or when it was admitted.
#[must_use]
pub fn check_silence(
    division: DivisionCode,
    since: Timestamp,
    now: Timestamp,
    allowance: &Allowance,
) -> Option<Finding> {
    let hours = now.duration_since(since).as_hours();
    (hours >= i64::from(allowance.silence_hours)).then_some(Finding::Silence {
        division,
        since,
        hours,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_told_from_the_hour_that_is_no_longer_allowed() {
        let town = "410221101".parse().unwrap();
        let since: Timestamp = "2026-03-02T00:30:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let allowance = Allowance::default();
        assert_eq!(check_silence(town, since, at("2026-03-05T00:29:59Z"), &allowance), None);
        let found = check_silence(town, since, at("2026-03-05T00:30:00Z"), &allowance);
        assert_eq!(found, Some(Finding::Silence { division: town, since, hours: 72 }));
    }
}
