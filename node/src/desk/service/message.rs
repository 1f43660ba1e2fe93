//! What messages of the desk say, read into values, and what was registered as a message.

use terrace_proto::entry::Holder;
use terrace_proto::entry::header::{Hand, date_of};
use terrace_proto::wire;
use tonic::Status;

use super::sealed;
use crate::desk::petitioner::Code;
use crate::desk::{Registered, Registration};

impl From<Registered> for wire::Registered {
    fn from(one: Registered) -> Self {
        let Registered { number, case, known, same, code, other } = one;
        let code = code.map(|code| code.to_string()).unwrap_or_default();
        let other = other.unwrap_or_default();
        Self { number, case_id: case.0.to_vec(), known, same, code, other }
    }
}

/// A petitioner's code; none where nothing was given.
pub(super) fn code(text: &str) -> Result<Option<Code>, Status> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let code = Code::read(text);
    let code = code.ok_or_else(|| {
        Status::invalid_argument(
            "a petitioner's code has sixteen letters and digits, as it stands on the receipt",
        )
    })?;
    Ok(Some(code))
}

/// Who acts.
pub(super) fn hand(hand: Option<wire::Hand>) -> Hand {
    let hand = hand.unwrap_or_default();
    Hand { organ: hand.organ, officer: hand.officer, on_behalf_of: hand.on_behalf_of }
}

/// What is to be registered.
pub(super) fn registration(message: wire::Registration) -> Result<Registration, Status> {
    let received_on = message
        .received_on
        .map(date_of)
        .transpose()
        .map_err(|error| Status::invalid_argument(error.to_string()))?;
    let intake = message.intake.unwrap_or_default();
    let identity = sealed::identity(message.petitioners);
    Ok(Registration { intake, received_on, past: message.past, identity, coded: message.coded })
}

/// To whom a case goes.
pub(super) fn holder(hop: &wire::Hop) -> Result<Holder, Status> {
    let division = hop.division.parse().map_err(|error| {
        Status::invalid_argument(format!("division {:?}: {error}", hop.division))
    })?;
    Ok(Holder { division, organ: hop.organ.clone() })
}
