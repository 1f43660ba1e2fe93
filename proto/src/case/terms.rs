//! The last days that entries pin, reckoned: by the law the case stands under, from a day that is given.
//!
//! A case stands under the rule packs that its opening froze; one opened before packs were frozen, or under packs that
//! are not known here, stands under those in force where and when it was opened. What starts from a presumed arrival, or
//! outside of the calendar, is provisional.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::clock::Clock;
use super::fact::Pin;
use super::standing::day_of;
use super::{Case, Thread};
use crate::division::{DivisionCode, Level, Tree};
use crate::entry::{Holder, Kind};
use crate::rules::{Duty, Length, Reckoned, RuleSet, Rules, Term, reckon, reckoning};

/// The terms that a case stands under.
#[derive(Debug, Clone)]
pub struct Terms<'a> {
    rules: RuleSet<'a>,
}

impl Case {
    /// The rules this case stands under.
    #[must_use]
    pub fn rules<'a>(&self, rules: &'a Rules, tree: &Tree) -> RuleSet<'a> {
        let opening = self.first().and_then(|thread| thread.steps().first());
        let Some(opening) = opening.and_then(|leaf| self.facts.get(leaf)) else {
            return RuleSet::of(Vec::new(), rules.calendar());
        };
        let (frozen, missing) = rules.frozen(opening.rule_packs());
        if missing == 0 && !frozen.packs().is_empty() {
            return frozen;
        }
        let header = opening.header();
        let on = header.received_on.unwrap_or_else(|| day_of(header.recorded_at));
        rules.in_force(header.journal.author, on, tree)
    }
}

impl<'a> Terms<'a> {
    /// Reckons by these rules.
    #[must_use]
    pub fn of(rules: RuleSet<'a>) -> Self {
        Self { rules }
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &RuleSet<'a> {
        &self.rules
    }

    /// The last day of a duty that begins with an event on `from`; `None` where no rule gives it a term.
    #[must_use]
    pub fn pin(&self, duty: Duty, from: Date) -> Option<Pin> {
        let (term, pack) = self.rules.term(duty)?;
        let reckoned = reckon(from, term, self.rules.calendar());
        Some(self.pinned(duty, from, reckoned, Some(pack.digest())))
    }

    /// At registration: the petition office passes it on or tells (T1), an organ that was approached tells (T2).
    #[must_use]
    pub fn at_opening(&self, organ: &str, received: Date) -> Option<Pin> {
        let duty = if organ.is_empty() { Duty::Triage } else { Duty::Inform };
        self.pin(duty, received)
    }

    /// At a hop: what the receiver owes, presuming that the case arrives on `sent`. A petition office passes it on within
    /// the shared days (T1a), a unit decides on taking it up (T3) or objects (T4).
    #[must_use]
    pub fn at_hop(&self, case: &Case, to: &Holder, sent: Date, presumed: bool) -> Vec<Pin> {
        let provisional = |pin: Pin| Pin { provisional: pin.provisional || presumed, ..pin };
        if to.organ.is_empty() {
            let pin = self.pass_on(case, to.division, sent);
            let objection = self.pin(Duty::Objection, sent);
            return pin.into_iter().chain(objection).map(provisional).collect();
        }
        let duties = [Duty::UnitNotice, Duty::Objection];
        duties.into_iter().filter_map(|duty| self.pin(duty, sent)).map(provisional).collect()
    }

    /// When it has come: what the hop presumed, reckoned from the day it came.
    #[must_use]
    pub fn at_arrival(&self, case: &Case, thread: &Thread, arrived: Date) -> Vec<Pin> {
        let at = thread.holder().division;
        let running = running(case, thread);
        let again = running.iter().filter(|clock| clock.last().pin.provisional);
        let pins = again.filter_map(|clock| {
            if clock.duty == Duty::PassOn {
                self.pass_on(case, at, arrived)
            } else {
                self.pin(clock.duty, arrived)
            }
        });
        pins.collect()
    }

    /// When a unit takes it up: the opinion (T5), from acceptance and not from receipt.
    #[must_use]
    pub fn at_acceptance(&self, on: Date) -> Option<Pin> {
        self.pin(Duty::Handle, on)
    }

    /// Prolonged handling (T6): the whole term behind the last day; `None` where nothing runs or no rule allows it.
    #[must_use]
    pub fn at_extension(&self, case: &Case, thread: &Thread) -> Option<Pin> {
        let due_on = running(case, thread).iter().find(|one| one.duty == Duty::Handle)?.due_on();
        Some(Pin { duty: Duty::Handle, ..self.pin(Duty::Extension, due_on)? })
    }

    /// When an opinion reached the petitioner: the window for review (T7) or re-examination (T9), of which there is none
    /// behind a re-examination nor where the office stands at the ceiling; and the window for rating it (T16).
    #[must_use]
    pub fn at_service(&self, thread: &Thread, served: Date) -> Vec<Pin> {
        let duty = match thread.stage() {
            1 => Some(Duty::ReviewWindow),
            2 => Some(Duty::ReexamWindow),
            _ => None,
        };
        let window = duty.filter(|_| self.has_level_above(thread.holder().division));
        let pins = window.into_iter().chain([Duty::Rating]);
        pins.filter_map(|duty| self.pin(duty, served)).collect()
    }

    /// Whether an opinion of this office can be reviewed: it stands below the ceiling.
    #[must_use]
    pub fn has_level_above(&self, office: DivisionCode) -> bool {
        office.level() > self.rules.ceiling() && office.level() > Level::Hub
    }

    /// When a request came: the review opinion (T8) or the re-examination opinion (T10), and where a province asks for it
    /// the word on whether it is taken up (T13).
    #[must_use]
    pub fn at_request(&self, stage: u32, on: Date) -> Vec<Pin> {
        let duties = match stage {
            2 => [Duty::Review, Duty::ReviewAdmit],
            _ => [Duty::Reexam, Duty::ReexamAdmit],
        };
        duties.into_iter().filter_map(|duty| self.pin(duty, on)).collect()
    }

    /// When the simple procedure is chosen (T15): the reply. `None` where no rule of the case grants it, or where the days
    /// for choosing it, from when the case `came`, have passed.
    #[must_use]
    pub fn at_simple(&self, came: Date, today: Date) -> Option<Pin> {
        let choose = self.pin(Duty::SimpleDecide, came)?;
        (today <= choose.due_on).then(|| self.pin(Duty::SimpleReply, came)).flatten()
    }

    /// When a hearing ends: its days are added where the rules stop the clock for it, and only there.
    #[must_use]
    pub fn at_hearing_end(&self, case: &Case, thread: &Thread, stopped: Date) -> Option<Pin> {
        let clocks = case.clocks();
        let clock = clocks.iter().find(|clock| {
            clock.thread == Some(thread.id())
                && clock.ended.is_none()
                && clock.stopped_since.is_some()
                && self.rules.hearing_stops(clock.duty)
        })?;
        let days = (stopped - clock.stopped_since?).get_days().max(0);
        let moved = clock.due_on().checked_add(days.days()).unwrap_or(Date::MAX);
        let last = clock.last().pin.clone();
        Some(Pin { due_on: moved, from_on: None, ..last })
    }

    /// When a dispute is rejected: the receiver's clock as it stood, for it was not stopped.
    #[must_use]
    pub fn at_rejection(&self, case: &Case, thread: &Thread) -> Vec<Pin> {
        let clocks = case.clocks();
        let disputed = clocks.iter().rev().find(|clock| {
            clock.thread == Some(thread.id())
                && matches!(clock.duty, Duty::UnitNotice | Duty::PassOn)
                && clock.ended.is_some_and(|ended| ended.kind == Kind::Disputed)
        });
        disputed.map(|clock| clock.last().pin.clone()).into_iter().collect()
    }

    /// What a petition office has left of the shared fifteen days: the root's registrations give each level its share
    /// (T1a); otherwise what is left of them, and never less than that share.
    fn pass_on(&self, case: &Case, office: DivisionCode, arrived: Date) -> Option<Pin> {
        let shared = case.clocks().into_iter().find(|clock| clock.duty == Duty::Triage);
        let by_root = case.first().is_some_and(|thread| thread.opener() == DivisionCode::HUB);
        let share = self.rules.cascade().and_then(|(cascade, pack)| {
            let length = Length::Days(cascade.share(office.level())?);
            let reckoned = reckoning::reckon_length(arrived, length, false, self.rules.calendar());
            Some(self.pinned(Duty::PassOn, arrived, reckoned, Some(pack.digest())))
        });
        let whole = shared.map(|clock| Pin {
            duty: Duty::PassOn,
            from_on: None,
            provisional: false,
            ..clock.last().pin.clone()
        });
        match (share, whole) {
            (Some(share), Some(whole)) if by_root || share.due_on >= whole.due_on => Some(share),
            (_, Some(whole)) => Some(whole),
            (share, None) => share.or_else(|| {
                self.pin(Duty::Triage, arrived).map(|pin| Pin { duty: Duty::PassOn, ..pin })
            }),
        }
    }

    fn pinned(
        &self,
        duty: Duty,
        from: Date,
        reckoned: Reckoned,
        pack: Option<crate::digest::Digest>,
    ) -> Pin {
        Pin {
            duty,
            due_on: reckoned.on,
            from_on: Some(from),
            rule_pack: pack,
            calendar: Some(self.rules.calendar().digest()),
            provisional: reckoned.provisional,
        }
    }
}

/// The clocks of a thread that nothing has ended.
fn running(case: &Case, thread: &Thread) -> Vec<Clock> {
    let of_it = |clock: &Clock| clock.thread == Some(thread.id()) && clock.ended.is_none();
    case.clocks().into_iter().filter(of_it).collect()
}

/// Whether something can have been received on a day, when it was recorded on another: earlier, as yesterday's letters
/// and what was written on slips while the power was out, but not later. A day is allowed for clocks that differ.
#[must_use]
pub fn is_receivable(received: Date, recorded: Date) -> bool {
    recorded.tomorrow().is_ok_and(|tomorrow| received <= tomorrow)
}

/// Whether the day a pin gives is the one its pack and calendar give; `None` where one of them is not known here, or
/// where the day was not reckoned from an event.
#[must_use]
pub fn is_as_reckoned(pin: &Pin, kind: Kind, rules: &Rules) -> Option<bool> {
    let pack = rules.pack_of(&pin.rule_pack?)?;
    let calendar = rules.calendar_of(&pin.calendar?)?;
    let from = pin.from_on?;
    let of = |duty: Duty| pack.terms().get(&duty);
    let term: Option<&Term> = match (kind, pin.duty) {
        (Kind::Extended, Duty::Handle) => of(Duty::Extension),
        // A share of the fifteen days depends on the level; a whole is the registration's own pin.
        (_, Duty::PassOn) => return None,
        (_, duty) => of(duty),
    };
    // Handling may be prolonged by less than the whole term, and never by more.
    let shorter = |on: Date| kind == Kind::Extended && from < pin.due_on && pin.due_on < on;
    let within = |on: Date| pin.due_on == on || shorter(on);
    Some(term.is_some_and(|term| within(reckon(from, term, calendar).on)))
}
