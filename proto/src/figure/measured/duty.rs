//! The duties of a case that rates count: by whom each was owed, when it was due, and whether it was kept by then.
//!
//! Left out is only what the petitioner withdrew before it was due (domain 2.12): an entry of the petitioner's, which no
//! office can write. A duty that a superior took over because it was missed stays missed by whoever owed it.

use jiff::civil::Date;

use super::Measured;
use crate::case::clock::Clock;
use crate::case::standing::day_of;
use crate::case::{Case, Fact};
use crate::division::DivisionCode;
use crate::entry::Kind;
use crate::figure::Figure;
use crate::rules::Duty;

/// All of them, in the order of the clocks.
pub(super) fn duties(case: &Case) -> impl Iterator<Item = Measured> {
    case.clocks().into_iter().filter_map(|clock| of(case, &clock))
}

fn of(case: &Case, clock: &Clock) -> Option<Measured> {
    #[allow(clippy::wildcard_enum_match_arm, reason = "a few duties of many are counted")]
    let figure = match clock.duty {
        Duty::Triage => Figure::OfficeAcceptance,
        Duty::UnitNotice => Figure::UnitAcceptance,
        Duty::Handle => Figure::OnSchedule,
        Duty::Rating => Figure::Participation,
        _ => return None,
    };
    let due_on = clock.due_on();
    if is_withdrawn(case, clock, due_on) {
        return None;
    }
    let ended = clock.ended.map(|ended| ended.on);
    let kept_on = if figure == Figure::OnSchedule { answered(case, clock) } else { ended };
    let kept = kept_on.is_some_and(|on| on <= due_on);
    Some(Measured::duty(figure, owed_by(case, clock)?, due_on, kept))
}

/// Who owed it; of the window to rate, whoever served what could be rated.
fn owed_by(case: &Case, clock: &Clock) -> Option<DivisionCode> {
    let served =
        || case.facts().get(&clock.settings[0].leaf).map(|fact| fact.header().journal.author);
    clock.owed_by.as_ref().map(|holder| holder.division).or_else(served)
}

/// Whether the petitioner had withdrawn the case in the thread of a clock at the end of a day. What was undone later had
/// kept the office from acting until then.
fn is_withdrawn(case: &Case, clock: &Clock, at_end_of: Date) -> bool {
    let by_then = steps(case, clock).filter(|fact| day_of(fact.header().recorded_at) <= at_end_of);
    let of_either = [Kind::Withdrawn, Kind::WithdrawalUndone];
    let last =
        by_then.map(|fact| fact.header().kind).filter(|kind| of_either.contains(kind)).last();
    last == Some(Kind::Withdrawn)
}

/// The day on which the petitioner had the answer: an opinion once it was served; a reply, a filing or an agreement when
/// it was made.
fn answered(case: &Case, clock: &Clock) -> Option<Date> {
    let started = clock.settings[0].leaf;
    let after = steps(case, clock).skip_while(move |fact| fact.leaf() != started);
    let answers = [Kind::Served, Kind::Closed, Kind::AgreementReached];
    let mut answers = after.filter(|fact| answers.contains(&fact.header().kind));
    answers.next().map(|fact| day_of(fact.header().recorded_at))
}

/// The steps of the thread a clock runs in; none where it runs beside all threads.
fn steps<'a>(case: &'a Case, clock: &Clock) -> impl Iterator<Item = &'a Fact> + use<'a> {
    let thread = clock.thread.and_then(|thread| case.threads().get(&thread));
    let steps = thread.map(|thread| thread.steps()).unwrap_or_default();
    steps.iter().filter_map(|leaf| case.facts().get(leaf))
}
