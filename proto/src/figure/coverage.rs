//! How far figures can be relied on (覆盖情况): which offices have been heard, and since when others are silent.
//!
//! A late office must not look idle. Its silence is told beside every figure, down to the counties by name.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::share::Share;
use crate::division::{DivisionCode, Level, Tree};

/// How long an office may say nothing before that is told.
pub const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// What has been heard of a division and all below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heard {
    /// Offices heard within a day, of those enrolled.
    pub offices: Share,
    /// When the newest entries of any of them were stored.
    pub newest: Option<Timestamp>,
}

/// How far the figures of a division can be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The hour it is asked about.
    pub at: Timestamp,
    /// Of all of it.
    pub whole: Heard,
    /// Of each office right below it that is enrolled or has something enrolled below, in the order of the codes.
    pub below: BTreeMap<DivisionCode, Heard>,
    /// Offices down to the counties that are silent, with when they were heard last.
    pub silent: BTreeMap<DivisionCode, Option<Timestamp>>,
    /// How many townships are silent.
    pub silent_towns: u64,
    /// Cases of which an entry waits for one before it; each is counted where the entries before show it. Not known of an
    /// hour that has passed.
    pub waiting: Option<u64>,
}

impl Coverage {
    /// Of a division, as the office `me` sees it, out of when each enrolled office was heard last.
    #[must_use]
    pub fn of(
        tree: &Tree,
        (me, division): (DivisionCode, DivisionCode),
        heard: &BTreeMap<DivisionCode, Option<Timestamp>>,
        (at, waiting): (Timestamp, Option<u64>),
    ) -> Self {
        let mut coverage = Self {
            at,
            whole: Heard::default(),
            below: BTreeMap::new(),
            silent: BTreeMap::new(),
            silent_towns: 0,
            waiting,
        };
        for (office, last) in heard {
            let path = tree.path(*office);
            let Some(place) = path.iter().position(|one| *one == division) else { continue };
            // An office hears itself.
            let fresh = *office == me || last.is_some_and(|last| at.duration_since(last) <= A_DAY);
            let add = |heard: &mut Heard| {
                heard.offices = heard.offices + Share { of: fresh.into(), all: 1 };
                heard.newest = heard.newest.max(*last);
            };
            add(&mut coverage.whole);
            if let Some(below) = path.get(place + 1) {
                add(coverage.below.entry(*below).or_default());
            }
            if fresh {
                continue;
            }
            if office.level() >= Level::Township {
                coverage.silent_towns += 1;
            } else {
                coverage.silent.insert(*office, *last);
            }
        }
        coverage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_office_does_not_look_idle() {
        let hour = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = hour("2026-03-09T10:02:00Z");
        let mut heard: BTreeMap<DivisionCode, Option<Timestamp>> = BTreeMap::new();
        for (code, last) in [
            ("00", None),
            ("41", Some("2026-03-09T10:02:00Z")),
            ("4102", Some("2026-03-09T09:00:00Z")),
            ("410221", Some("2026-03-06T08:00:00Z")),
            ("410221101", None),
        ] {
            heard.insert(code.parse().unwrap(), last.map(hour));
        }
        let (tree, asked) = (Tree::national(), (now, Some(3)));
        let me = DivisionCode::HUB;
        let coverage = Coverage::of(tree, (me, me), &heard, asked);
        assert_eq!(coverage.whole.offices, Share { of: 3, all: 5 });
        let henan = coverage.below[&"41".parse().unwrap()];
        assert_eq!((henan.offices.all, henan.newest), (4, Some(now)));
        let silent: Vec<String> = coverage.silent.keys().map(|code| code.short()).collect();
        assert_eq!((silent, coverage.silent_towns), (vec!["410221".to_owned()], 1));
        assert_eq!(coverage.waiting, Some(3));
        let of_city = Coverage::of(tree, (me, "4102".parse().unwrap()), &heard, asked);
        assert_eq!(of_city.whole.offices, Share { of: 1, all: 3 });
        // That it is asked about does not make a silent county heard.
        let of_county = Coverage::of(tree, (me, "410221".parse().unwrap()), &heard, asked);
        assert_eq!(of_county.whole.offices, Share { of: 0, all: 2 });
    }
}
