//! The words of every step that an officer of a story can take by itself, and whether the desk must grant it.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not a step of the holder has no words here"
)]

use terrace_proto::entry::{Content, Kind};
use terrace_proto::wire;

/// What a step that keeps custody, or hands it back, says on `today` (days since 1970-01-01), and whether nothing but
/// the table can stand against it. `None` for kinds that are not such steps.
#[must_use]
pub fn content(kind: Kind, today: i32) -> Option<(Content, bool)> {
    sure(kind, today)
        .map(|content| (content, true))
        .or_else(|| perhaps(kind, today).map(|content| (content, false)))
}

fn words() -> String {
    "经核实，情况属实。".to_owned()
}

/// Steps that nothing but the table can stand against.
fn sure(kind: Kind, today: i32) -> Option<Content> {
    Some(match kind {
        Kind::Received => Content::Received(wire::Received::default()),
        Kind::Accepted => Content::Accepted(wire::Accepted::default()),
        Kind::Triaged => Content::Triaged(wire::Triaged::default()),
        Kind::Decided => Content::Decided(wire::Decided {
            outcome: 1,
            facts: words(),
            opinion: words(),
            basis: "《信访工作条例》第三十二条".into(),
        }),
        Kind::Closed => {
            Content::Closed(wire::Closed { manner: 2, reason: words(), reply: String::new() })
        }
        Kind::Inquired => {
            Content::Inquired(wire::Inquired { form: 1, record: words(), held_on: today })
        }
        Kind::AgreementReached => Content::AgreementReached(wire::AgreementReached {
            form: 1,
            text: words(),
            perform_by: None,
        }),
        Kind::Executed => {
            Content::Executed(wire::Executed { done: true, evidence: words(), executed_on: today })
        }
        Kind::SuggestionTaken => Content::SuggestionTaken(wire::SuggestionTaken {
            reason: words(),
            ..Default::default()
        }),
        Kind::SuggestionAdopted => Content::SuggestionAdopted(wire::SuggestionAdopted {
            reply: words(),
            ..Default::default()
        }),
        Kind::SuggestionPartlyAdopted => {
            Content::SuggestionPartlyAdopted(wire::SuggestionPartlyAdopted {
                reply: words(),
                ..Default::default()
            })
        }
        Kind::SuggestionDeclined => {
            Content::SuggestionDeclined(wire::SuggestionDeclined { reply: words() })
        }
        Kind::TurnedToReport => Content::TurnedToReport(wire::TurnedToReport {}),
        Kind::DisputeAgreed => Content::DisputeAgreed(wire::DisputeAgreed { reason: words() }),
        Kind::ReviewDecided => Content::ReviewDecided(wire::ReviewDecided {
            outcome: 3,
            facts: words(),
            opinion: words(),
            basis: "《信访工作条例》第三十五条".into(),
            certificate: String::new(),
        }),
        _ => return None,
    })
}

/// Steps that a day, a hearing or a clock may stand against; an office's clock may even go back.
fn perhaps(kind: Kind, today: i32) -> Option<Content> {
    Some(match kind {
        Kind::Served => {
            Content::Served(wire::Served { served_on: today, ..wire::Served::default() })
        }
        Kind::DisputeRejected => {
            Content::DisputeRejected(wire::DisputeRejected { reason: words(), due: Vec::new() })
        }
        Kind::Disputed => Content::Disputed(wire::Disputed { reason: words(), competent: 0 }),
        Kind::Diverted => Content::Diverted(wire::Diverted {
            route: "S4".into(),
            body: "行政复议机关".into(),
            ..wire::Diverted::default()
        }),
        Kind::NotAccepted => Content::NotAccepted(wire::NotAccepted {
            code: "NA-UNCLEAR".into(),
            ..wire::NotAccepted::default()
        }),
        Kind::NoLongerAccepted => Content::NoLongerAccepted(wire::NoLongerAccepted {
            code: "NL-FINAL".into(),
            certificate: "终结-1".into(),
            compared_by: "0418".into(),
            ..wire::NoLongerAccepted::default()
        }),
        Kind::Extended => Content::Extended(wire::Extended {
            reason: words(),
            approver: "0001".into(),
            due: Vec::new(),
            until_on: None,
        }),
        Kind::HearingStarted => {
            Content::HearingStarted(wire::HearingStarted { started_on: today, record: words() })
        }
        Kind::HearingStopped => Content::HearingStopped(wire::HearingStopped {
            stopped_on: today,
            record: words(),
            due: Vec::new(),
        }),
        _ => return None,
    })
}
