//! The rules that bind an office or a case: packs in their order of precedence, and the calendar to count by.
//!
//! The most specific scope speaks first, then the later day. What a pack does not say, the next one does.

use jiff::civil::Date;

use super::calendar::Calendar;
use super::duty::Duty;
use super::gate::Reason;
use super::pack::{Cascade, Enforced, Pack, Refusal, Representatives, Route};
use super::term::Term;
use crate::digest::Digest;
use crate::division::{DivisionCode, Level, Tree};

/// Packs in their order of precedence.
#[derive(Debug, Clone)]
pub struct RuleSet<'a> {
    packs: Vec<&'a Pack>,
    calendar: &'a Calendar,
}

impl<'a> RuleSet<'a> {
    /// Puts packs into their order.
    #[must_use]
    pub(crate) fn of(mut packs: Vec<&'a Pack>, calendar: &'a Calendar) -> Self {
        // The sort is stable: of two alike in both, the one issued later stands first.
        packs.reverse();
        packs.sort_by_key(|pack| std::cmp::Reverse((pack.scope().level(), pack.days().0)));
        Self { packs, calendar }
    }

    /// The packs, the one that speaks first before the others.
    #[must_use]
    pub fn packs(&self) -> &[&'a Pack] {
        &self.packs
    }

    /// What names them on a case.
    #[must_use]
    pub fn digests(&self) -> Vec<Digest> {
        self.packs.iter().map(|pack| pack.digest()).collect()
    }

    /// The calendar to count by.
    #[must_use]
    pub fn calendar(&self) -> &'a Calendar {
        self.calendar
    }

    /// The term of a duty, and the pack that sets it; `None` where no pack does.
    #[must_use]
    pub fn term(&self, duty: Duty) -> Option<(&'a Term, &'a Pack)> {
        self.packs.iter().find_map(|pack| Some((pack.terms().get(&duty)?, *pack)))
    }

    /// All terms that hold, each with the pack that sets it.
    pub fn terms(&self) -> impl Iterator<Item = (Duty, &'a Term, &'a Pack)> {
        Duty::all().filter_map(|duty| self.term(duty).map(|(term, pack)| (duty, term, pack)))
    }

    /// Whether a hearing stops the clock of a duty.
    #[must_use]
    pub fn hearing_stops(&self, duty: Duty) -> bool {
        self.packs.iter().find_map(|pack| pack.hearing_stops(duty)).unwrap_or(false)
    }

    /// How the fifteen days of what the root registered are shared, and the pack that says so.
    #[must_use]
    pub fn cascade(&self) -> Option<(&'a Cascade, &'a Pack)> {
        self.packs.iter().find_map(|pack| Some((pack.cascade()?, *pack)))
    }

    /// The level whose opinion is final; the root where no pack says so.
    #[must_use]
    pub fn ceiling(&self) -> Level {
        self.packs.iter().find_map(|pack| pack.ceiling()).unwrap_or(Level::Hub)
    }

    /// How many representatives a visit of so many persons may have.
    #[must_use]
    pub fn representatives(&self, persons: u32) -> Option<&'a Representatives> {
        self.packs.iter().find_map(|pack| pack.representatives(persons))
    }

    /// A ground of refusal, and the pack that grants it; `None` where none does.
    #[must_use]
    pub fn refusal(&self, reason: Reason) -> Option<(&'a Refusal, &'a Pack)> {
        self.packs.iter().find_map(|pack| Some((pack.refusal(reason)?, *pack)))
    }

    /// The statutory routes.
    pub fn routes(&self) -> impl Iterator<Item = &'a Route> {
        self.packs.iter().flat_map(|pack| pack.routes())
    }

    /// Whether a feature is switched on.
    #[must_use]
    pub fn feature(&self, name: &str) -> bool {
        self.packs.iter().find_map(|pack| pack.feature(name)).unwrap_or(false)
    }

    /// From when the level gate is enforced at an office, by the most specific scope that says so.
    #[must_use]
    pub fn level_gate(&self, office: DivisionCode, tree: &Tree) -> Option<&'a Enforced> {
        let rows = self.packs.iter().flat_map(|pack| pack.enforced());
        let here =
            rows.filter(|row| row.scope == DivisionCode::HUB || tree.is_within(office, row.scope));
        here.max_by_key(|row| (row.scope.level(), std::cmp::Reverse(row.from)))
    }

    /// Whether the level gate is enforced at an office on a day.
    #[must_use]
    pub fn is_level_enforced(&self, office: DivisionCode, day: Date, tree: &Tree) -> bool {
        self.level_gate(office, tree).is_some_and(|row| row.from <= day)
    }
}
