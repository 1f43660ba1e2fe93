//! How a case moves (办理进度): since when nobody has taken a step, what was decided and not served or not carried out, how
//! often it began anew and was passed on.
//!
//! It is all of a fold that a survey looks at, and is kept beside it, so that nobody reads the folds of all cases to find
//! those that stand still. It knows no day but those in the case, and nothing of who petitions.

use jiff::civil::Date;

use crate::case::{Case, Fact, State, standing::day_of};
use crate::entry::Kind;

/// The outcome of an opinion that supports the petition, which is to be carried out (R2022 32).
const SUPPORTED: u32 = 1;

/// How one case moves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// The day of its last entry, where somebody owes the next step.
    pub idle_since: Option<Date>,
    /// Whether an opinion is decided and not served.
    pub unserved: bool,
    /// Whether an opinion that supports the petition is served and not carried out.
    pub unexecuted: bool,
    /// What it has been through; `None` where its opening is not here, or when it has ended.
    pub trail: Option<Trail>,
}

/// What an open case has been through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trail {
    /// Threads that began after the first: reviews, redos, taking up.
    pub reopened: u32,
    /// How often it was passed on.
    pub hops: u32,
}

impl Pace {
    /// Of a case.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let Some(leading) = case.leading() else { return Self::default() };
        let state = leading.state();
        let hours = case.facts().values().map(|fact| fact.header().recorded_at);
        let owed = !state.is_final() && state != State::Served && state != State::ReviewServed;
        Self {
            idle_since: hours.max().filter(|_| owed).map(day_of),
            unserved: matches!(state, State::Decided | State::ReviewDecided),
            unexecuted: state != State::ReviewPending && is_unexecuted(case),
            trail: (!state.is_final()).then(|| Trail::of(case)),
        }
    }
}

impl Trail {
    fn of(case: &Case) -> Self {
        let hops = case.facts().values().filter(|fact| {
            matches!(fact.header().kind, Kind::Transferred | Kind::Assigned)
                && !case.aside().contains_key(&fact.leaf())
        });
        let reopened = case.threads().values().filter(|thread| thread.follows().is_some()).count();
        Self {
            reopened: u32::try_from(reopened).unwrap_or(u32::MAX),
            hops: u32::try_from(hops.count()).unwrap_or(u32::MAX),
        }
    }
}

/// Whether the last opinion supports the petition, one was served, and none was carried out.
fn is_unexecuted(case: &Case) -> bool {
    let steps = case.course();
    let facts: Vec<&Fact> = steps.iter().filter_map(|leaf| case.facts().get(leaf)).collect();
    let of_kind = |kind| facts.iter().filter(move |fact| fact.header().kind == kind);
    let supported = of_kind(Kind::Decided).next_back().is_some_and(|f| f.outcome() == SUPPORTED);
    let served = of_kind(Kind::Served).next().is_some();
    supported && served && !of_kind(Kind::Executed).any(|fact| fact.outcome() == 1)
}
