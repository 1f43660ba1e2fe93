//! Help after a case has come to its end (帮扶). It is offered and may be declined; then nothing is kept but that.

use terrace_proto::case::{Guard, State};
use terrace_proto::entry::Kind;
use terrace_proto::wire;

use super::DeskError;
use super::beside::{entry, named, worded};
use super::matter::{Matter, refused};

/// An offer says who helps and with what; one that was declined says nothing.
pub(super) fn offered(
    matter: &Matter<'_>,
    said: &wire::AssistanceOffered,
) -> Result<(), DeskError> {
    let state = matter.thread.state();
    if !state.is_final() && !matches!(state, State::Served | State::ReviewServed) {
        return Err(refused(Guard::Words, "help is offered once an opinion has been served"));
    }
    if said.declined {
        let silent = said.form == 0 && said.by.is_empty() && said.words.is_empty();
        let why = "of an offer that was declined nothing is kept but that it was";
        return if silent { Ok(()) } else { Err(refused(Guard::Words, why)) };
    }
    named(said.form, 3)?;
    worded(&said.by)?;
    worded(&said.words)
}

/// What came of an offer that was taken.
pub(super) fn ended(matter: &Matter<'_>, said: &wire::AssistanceEnded) -> Result<(), DeskError> {
    let offer = entry(matter.case, &said.offer, Kind::AssistanceOffered)?;
    if offer.outcome() != 0 {
        return Err(refused(Guard::Words, "that offer was declined"));
    }
    worded(&said.outcome)
}
