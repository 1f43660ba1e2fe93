//! The clocks of a case as a page shows them: what is owed by whom until when, how much of the time has gone, and how it
//! ended.
//!
//! It shows what the entries pinned and reckons nothing.

use jiff::civil::Date;
use terrace_proto::case::{Case, Clock};

use super::frame::{Frame, place};
use super::told;

/// One clock, as a row.
#[derive(Debug)]
pub(super) struct Row {
    /// What is owed, or may be done.
    pub(super) duty: &'static str,
    /// Its number in the table of terms.
    pub(super) number: &'static str,
    /// Who owes it: an office, a body outside, or the petitioner, whose right it is.
    pub(super) who: String,
    pub(super) from: String,
    pub(super) due: String,
    /// Days that were pinned before the present one.
    pub(super) earlier: Vec<String>,
    pub(super) provisional: bool,
    /// Hundredths of its time that have gone.
    pub(super) gone: i32,
    pub(super) state: String,
    /// Missed, by an office.
    pub(super) over: bool,
}

/// The rows of a case on `today`: what runs first, the first due before the others; then what has ended.
pub(super) fn rows(frame: &Frame, case: &Case, today: Date) -> Vec<Row> {
    let mut clocks = case.clocks();
    clocks.sort_by_key(|clock| (clock.ended.is_some(), clock.due_on()));
    clocks.iter().map(|clock| row(frame, clock, today)).collect()
}

fn row(frame: &Frame, clock: &Clock, today: Date) -> Row {
    let owed = clock.owed_by.as_ref().map(|holder| {
        let place = place(holder.division);
        if holder.organ.is_empty() { place } else { format!("{place} / {}", holder.organ) }
    });
    let nobody = if clock.duty.is_outside() {
        frame.l("承接机关", "the receiving body")
    } else {
        frame.l("信访人", "the petitioner")
    };
    let who = owed.unwrap_or_else(|| nobody.to_owned());
    let from = clock.settings.iter().find_map(|setting| setting.pin.from_on);
    let earlier = clock.settings.iter().rev().skip(1).map(|one| one.pin.due_on.to_string());
    let until = clock.ended.map_or(today, |ended| ended.on);
    Row {
        duty: frame.l(clock.duty.zh(), clock.duty.en()),
        number: clock.duty.number(),
        who,
        from: from.map(|day| day.to_string()).unwrap_or_default(),
        due: clock.due_on().to_string(),
        earlier: earlier.collect(),
        provisional: clock.last().pin.provisional,
        gone: from.map_or(0, |from| gone(from, clock.due_on(), until)),
        state: state(frame, clock, today),
        over: clock.is_missed(today) && !clock.duty.is_right(),
    }
}

/// Hundredths of the time from the event to the last day that have gone.
fn gone(from: Date, due: Date, until: Date) -> i32 {
    let (whole, passed) = ((due - from).get_days().max(1), (until - from).get_days());
    (passed * 100 / whole).clamp(0, 100)
}

fn state(frame: &Frame, clock: &Clock, today: Date) -> String {
    let days = clock.missed_by(today);
    let late = if days == 0 {
        String::new()
    } else if clock.duty.is_right() {
        frame.l("，已失效", ", lapsed").to_owned()
    } else if frame.tag() == "en" {
        format!(", {days} days late")
    } else {
        format!("，逾期 {days} 天")
    };
    match (clock.ended, clock.stopped_since) {
        (Some(ended), _) => format!("{} {}{late}", told::kind(frame, ended.kind), ended.on),
        (None, Some(since)) => {
            format!("{} {since}", frame.l("听证中止，自", "stopped by a hearing since"))
        }
        (None, None) => format!("{}{late}", frame.l("进行中", "running")),
    }
}
