//! The guards of steps, judged: from the thread's own past, the words of the entry, and the rules of the case.
//!
//! One function to a guard. What is missing is said in words that name what to do.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function is about a few kinds of entries and leaves all others as they are"
)]

use jiff::civil::Date;
use terrace_proto::case::checklist::Missing;
use terrace_proto::case::{Guard, standing::day_of};
use terrace_proto::entry::header::{date_of, days_of};
use terrace_proto::entry::{Content, Kind};
use terrace_proto::rules::Duty;
use terrace_proto::wire;

use super::matter::{Matter, refused};
use super::{DeskError, petitioner, representation};

/// Judges a guard for an entry that is about to be written.
pub(super) fn judge(guard: Guard, matter: &Matter<'_>, content: &Content) -> Result<(), DeskError> {
    match guard {
        // Targets and grounds are judged where they are filled in, openings where they are opened.
        Guard::Free
        | Guard::Target
        | Guard::Ground
        | Guard::Review
        | Guard::Revoked
        | Guard::TakingUp
        | Guard::Reversal => Ok(()),
        Guard::Words => words(content),
        Guard::Route => route(matter, content),
        Guard::Objection => objection(matter, content),
        Guard::Extension => extension(matter, content),
        Guard::Simple => simple(content),
        Guard::Hearing => hearing(matter, content),
        Guard::Code => petitioner::signed(matter, content),
        Guard::Undo => undo(matter, content),
        Guard::Opinion => opinion(guard, matter, content),
        Guard::Certificate => opinion(guard, matter, content),
        Guard::Day => day(matter, content),
        Guard::WindowPast => window_past(matter),
        Guard::Served => served(matter, content),
    }
}

fn words(content: &Content) -> Result<(), DeskError> {
    let (said, what) = match content {
        Content::SuggestionTaken(said) => (&said.reason, "a reason"),
        Content::DisputeAgreed(said) => (&said.reason, "a reason"),
        Content::DisputeRejected(said) => (&said.reason, "a reason"),
        Content::Inquired(said) => (&said.record, "a record"),
        Content::AgreementReached(said) => (&said.text, "the agreement"),
        Content::Executed(said) => (&said.evidence, "what shows it, or why it was not carried out"),
        Content::SuggestionAdopted(said) => (&said.reply, "a reply"),
        Content::SuggestionPartlyAdopted(said) => (&said.reply, "a reply"),
        Content::SuggestionDeclined(said) => (&said.reply, "a reply"),
        _ => return Ok(()),
    };
    if said.trim().is_empty() { Err(refused(Guard::Words, format!("give {what}"))) } else { Ok(()) }
}

fn route(matter: &Matter<'_>, content: &Content) -> Result<(), DeskError> {
    let Content::Diverted(said) = content else { return Ok(()) };
    let mut named = matter.terms.rules().routes();
    if !named.any(|route| route.code == said.route && route.code != "S6") {
        let known: Vec<&str> = matter.terms.rules().routes().map(|r| r.code.as_str()).collect();
        let why = format!(
            "{:?} is no other statutory route of this case; there are {known:?}, of which S6 is the petition procedure itself",
            said.route
        );
        return Err(refused(Guard::Route, why));
    }
    if said.body.trim().is_empty() {
        return Err(refused(Guard::Route, "name the body that receives it"));
    }
    Ok(())
}

fn objection(matter: &Matter<'_>, content: &Content) -> Result<(), DeskError> {
    let Content::Disputed(said) = content else { return Ok(()) };
    if said.reason.trim().is_empty() {
        return Err(refused(Guard::Objection, "give the reason"));
    }
    let clock = matter.clock(Duty::Objection);
    let clock = clock.filter(|clock| clock.ended.is_none());
    let clock =
        clock.ok_or_else(|| refused(Guard::Objection, "no term for objecting runs here"))?;
    let due_on = clock.due_on();
    if clock.is_missed(matter.today) {
        return Err(refused(Guard::Objection, format!("the term for objecting ended on {due_on}")));
    }
    Ok(())
}

fn extension(matter: &Matter<'_>, content: &Content) -> Result<(), DeskError> {
    let Content::Extended(said) = content else { return Ok(()) };
    let no = |why: String| Err(refused(Guard::Extension, why));
    let clock = matter.clock(Duty::Handle).filter(|clock| clock.ended.is_none());
    let Some(clock) = clock else { return no("no term of handling runs".into()) };
    let (pinned, last) = (said.due.first().map(|due| due.due_on), clock.due_on());
    if clock.settings.len() > 1 {
        return no(format!("it was prolonged once already, until {last}"));
    }
    if clock.is_missed(matter.today) {
        return no(format!("the term ended on {last}: it can only be prolonged before"));
    }
    if said.reason.trim().is_empty() || said.approver.trim().is_empty() {
        return no("give the reason, and the staff number of the head of the organ".into());
    }
    if said.approver == matter.hand.officer {
        return no("whoever asks for it does not approve it".into());
    }
    let Some(until) = pinned.and_then(|days| date_of(days).ok()) else {
        return no("no rule of this case gives a term for prolonging".into());
    };
    if said.until_on.is_some_and(|asked| asked > days_of(until)) {
        return no(format!("it can be prolonged until {until} and no longer"));
    }
    if until <= last {
        return no(format!("the new last day lies behind the old one, {last}"));
    }
    Ok(())
}

fn simple(content: &Content) -> Result<(), DeskError> {
    let Content::SimpleChosen(said) = content else { return Ok(()) };
    if said.due.is_empty() {
        let why = "no rule of this case grants the simple procedure, or the days for choosing it have passed";
        return Err(refused(Guard::Simple, why));
    }
    if said.reason.trim().is_empty() {
        return Err(refused(Guard::Simple, "give the reason"));
    }
    Ok(())
}

fn hearing(matter: &Matter<'_>, content: &Content) -> Result<(), DeskError> {
    let mut hearings = matter.thread.steps().iter().rev().filter_map(|leaf| {
        let kind = matter.case.facts().get(leaf)?.header().kind;
        matches!(kind, Kind::HearingStarted | Kind::HearingStopped).then_some((*leaf, kind))
    });
    let last = hearings.next();
    let open = last.filter(|(_, kind)| *kind == Kind::HearingStarted).map(|(leaf, _)| leaf);
    let no = |why: &str| Err(refused(Guard::Hearing, why));
    match (content, open) {
        (Content::HearingStarted(said), None) => {
            past(Guard::Hearing, said.started_on, matter.today)
        }
        (Content::HearingStarted(_), Some(_)) => no("a hearing has begun and not ended"),
        (Content::HearingStopped(said), Some(open)) => {
            let began = matter.case.facts().get(&open).and_then(|fact| fact.on());
            if date_of(said.stopped_on).ok() < began {
                return no("it ends before it began");
            }
            past(Guard::Hearing, said.stopped_on, matter.today)
        }
        (_, _) => no("no hearing has begun"),
    }
}

fn undo(matter: &Matter<'_>, content: &Content) -> Result<(), DeskError> {
    if let Some(clock) =
        matter.clock(Duty::WithdrawalUndo).filter(|one| one.is_missed(matter.today))
    {
        let why = format!("a withdrawal could be taken back until {}", clock.due_on());
        return Err(refused(Guard::Undo, why));
    }
    petitioner::signed(matter, content)
}

/// R2022 32: an opinion states facts, decision and basis; SD2015 45: after a redo for facts or basis, not the same
/// conclusion on the same facts.
fn opinion(guard: Guard, matter: &Matter<'_>, content: &Content) -> Result<(), DeskError> {
    let (facts, opinion, basis) = match content {
        Content::Decided(said) => (&said.facts, &said.opinion, &said.basis),
        Content::ReviewDecided(said) => (&said.facts, &said.opinion, &said.basis),
        _ => return Ok(()),
    };
    for (said, what) in [(facts, "facts found"), (opinion, "opinion"), (basis, "legal basis")] {
        if said.trim().is_empty() {
            return Err(refused(guard, format!("an opinion states its {what}")));
        }
    }
    if let (Content::Decided(said), Some(former)) = (content, barred(matter))
        && former.outcome == said.outcome
        && former.facts.trim() == said.facts.trim()
    {
        let why = "it was revoked for its facts or basis: the same conclusion on the same facts is forbidden";
        return Err(refused(guard, why));
    }
    Ok(())
}

/// The opinion whose conclusion may not be repeated in this thread.
fn barred<'a>(matter: &'a Matter<'_>) -> Option<&'a wire::Decided> {
    let opening = matter.case.facts().get(matter.thread.steps().first()?)?;
    let forbids = opening.header().kind == Kind::RedoOrdered && opening.outcome() == 1;
    let mut decided = matter.words.iter().rev().filter_map(|(_, content)| match content {
        Content::Decided(said) => Some(said),
        _ => None,
    });
    decided.next().filter(|_| forbids)
}

fn day(matter: &Matter<'_>, content: &Content) -> Result<(), DeskError> {
    let Content::Served(said) = content else { return Ok(()) };
    past(Guard::Day, said.served_on, matter.today)?;
    representation::taken_by(matter, said)?;
    let opinion = matter.last(Kind::Decided).or_else(|| matter.last(Kind::ReviewDecided));
    let opinion = opinion.and_then(|leaf| matter.case.facts().get(&leaf));
    let given = opinion.map(|fact| day_of(fact.header().recorded_at));
    if date_of(said.served_on).ok() < given {
        return Err(refused(Guard::Day, "it was served before the opinion was given"));
    }
    Ok(())
}

/// A day that has been.
pub(super) fn past(guard: Guard, days: i32, today: Date) -> Result<(), DeskError> {
    match date_of(days) {
        Ok(day) if day <= today => Ok(()),
        Ok(day) => Err(refused(guard, format!("{day} lies ahead"))),
        Err(_) => Err(refused(guard, "the day lies outside of every calendar")),
    }
}

fn window_past(matter: &Matter<'_>) -> Result<(), DeskError> {
    let window = matter.clock(Duty::ReviewWindow).or_else(|| matter.clock(Duty::ReexamWindow));
    match window.filter(|window| window.ended.is_none()) {
        Some(window) if window.is_missed(matter.today) => Ok(()),
        Some(window) => {
            let why = format!("the petitioner may still ask until {}", window.due_on());
            Err(refused(Guard::WindowPast, why))
        }
        None => Err(refused(Guard::WindowPast, "no window runs that could have lapsed")),
    }
}

/// What is missing, all of it.
fn listed(missing: &[Missing]) -> String {
    let told: Vec<String> =
        missing.iter().map(|one| format!("{} {}", one.words().0, one.words().1)).collect();
    format!("missing: {}; or answer directly, or file it with the reason", told.join(", "))
}

/// A stage is done when an opinion was served; otherwise it is answered directly or filed, and says so.
fn served(matter: &Matter<'_>, content: &Content) -> Result<(), DeskError> {
    let Content::Closed(said) = content else { return Ok(()) };
    let no = |why: &str| Err(refused(Guard::Served, why));
    match said.manner {
        0 => match matter.case.missing(matter.thread).as_slice() {
            [] => Ok(()),
            missing => no(&listed(missing)),
        },
        1 if said.reply.trim().is_empty() => no("a direct answer has its words"),
        2 if said.reason.trim().is_empty() => no("filing has its reason"),
        1 | 2 => Ok(()),
        _ => no("there is no such manner of closing"),
    }
}
