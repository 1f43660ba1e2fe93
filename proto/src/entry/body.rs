//! The words of an entry.
//!
//! [`Content`] is the closed set of bodies this version can read. Bodies of later versions are bytes.

use prost::Message as _;

use super::Kind;
use crate::wire;

/// What a body says, one variant for each kind that has words.
pub use crate::wire::body::Content;

/// Reads the content out of a body's bytes; `None` when this version does not know it.
#[must_use]
pub fn content(bytes: &[u8]) -> Option<Content> {
    wire::Body::decode(bytes).ok()?.content
}

/// The intake that a content carries: what a petitioner said, and how it came.
#[must_use]
#[allow(clippy::wildcard_enum_match_arm, reason = "most contents carry none")]
pub fn intake(content: &Content) -> Option<&wire::IntakeRegistered> {
    match content {
        Content::IntakeRegistered(intake) => Some(intake),
        Content::PastTakenOver(past) => past.intake.as_ref(),
        _ => None,
    }
}

/// The kind of entry a content belongs to.
#[must_use]
#[allow(clippy::too_many_lines, reason = "one line for each kind")]
pub fn kind(content: &Content) -> Kind {
    match content {
        Content::EpochOpened(_) => Kind::EpochOpened,
        Content::NodeAdmitted(_) => Kind::NodeAdmitted,
        Content::Asked(_) => Kind::Asked,
        Content::Objected(_) => Kind::Objected,
        Content::Inspected(_) => Kind::Inspected,
        Content::SealingKeyAnnounced(_) => Kind::SealingKeyAnnounced,
        Content::CasesMatched(_) => Kind::CasesMatched,
        Content::RulesIssued(_) => Kind::RulesIssued,
        Content::IntakeRegistered(_) => Kind::IntakeRegistered,
        Content::CaseOpened(_) => Kind::CaseOpened,
        Content::Transferred(_) => Kind::Transferred,
        Content::Assigned(_) => Kind::Assigned,
        Content::Received(_) => Kind::Received,
        Content::Accepted(_) => Kind::Accepted,
        Content::Decided(_) => Kind::Decided,
        Content::Served(_) => Kind::Served,
        Content::Closed(_) => Kind::Closed,
        Content::Noted(_) => Kind::Noted,
        Content::Settled(_) => Kind::Settled,
        Content::ReportSealed(_) => Kind::ReportSealed,
        Content::Unsealed(_) => Kind::Unsealed,
        Content::ErasureProposed(_) => Kind::ErasureProposed,
        Content::Erased(_) => Kind::Erased,
        Content::LookedUp(_) => Kind::LookedUp,
        Content::ReviewOpened(_) => Kind::ReviewOpened,
        Content::ReexamOpened(_) => Kind::ReexamOpened,
        Content::RedoOrdered(_) => Kind::RedoOrdered,
        Content::TakenUp(_) => Kind::TakenUp,
        Content::Triaged(_) => Kind::Triaged,
        Content::Diverted(_) => Kind::Diverted,
        Content::NotAccepted(_) => Kind::NotAccepted,
        Content::NoLongerAccepted(_) => Kind::NoLongerAccepted,
        Content::Disputed(_) => Kind::Disputed,
        Content::DisputeAgreed(_) => Kind::DisputeAgreed,
        Content::DisputeRejected(_) => Kind::DisputeRejected,
        Content::Extended(_) => Kind::Extended,
        Content::Inquired(_) => Kind::Inquired,
        Content::HearingStarted(_) => Kind::HearingStarted,
        Content::HearingStopped(_) => Kind::HearingStopped,
        Content::AgreementReached(_) => Kind::AgreementReached,
        Content::Withdrawn(_) => Kind::Withdrawn,
        Content::WithdrawalUndone(_) => Kind::WithdrawalUndone,
        Content::Executed(_) => Kind::Executed,
        Content::ReviewRequested(_) => Kind::ReviewRequested,
        Content::ReviewDecided(_) => Kind::ReviewDecided,
        Content::Lapsed(_) => Kind::Lapsed,
        Content::SuggestionTaken(_) => Kind::SuggestionTaken,
        Content::SuggestionAdopted(_) => Kind::SuggestionAdopted,
        Content::SuggestionPartlyAdopted(_) => Kind::SuggestionPartlyAdopted,
        Content::SuggestionDeclined(_) => Kind::SuggestionDeclined,
        Content::TurnedToReport(_) => Kind::TurnedToReport,
        Content::HandoverAcknowledged(_) => Kind::HandoverAcknowledged,
        Content::Supervised(_) => Kind::Supervised,
        Content::SupervisionAnswered(_) => Kind::SupervisionAnswered,
        Content::ReportedBack(_) => Kind::ReportedBack,
        Content::ReportJudged(_) => Kind::ReportJudged,
        Content::Proposed(_) => Kind::Proposed,
        Content::ProposalAnswered(_) => Kind::ProposalAnswered,
        Content::Corrected(_) => Kind::Corrected,
        Content::FactsJudged(_) => Kind::FactsJudged,
        Content::ExpertEnlisted(_) => Kind::ExpertEnlisted,
        Content::ExpertRemoved(_) => Kind::ExpertRemoved,
        Content::Deputised(_) => Kind::Deputised,
        Content::DeskHandedOver(_) => Kind::DeskHandedOver,
        Content::RatingsTold(_) => Kind::RatingsTold,
        Content::CasesLinked(_) => Kind::CasesLinked,
        Content::LinkUndone(_) => Kind::LinkUndone,
        Content::RecusalAsked(_) => Kind::RecusalAsked,
        Content::RecusalDecided(_) => Kind::RecusalDecided,
        Content::PanelDrawn(_) => Kind::PanelDrawn,
        Content::Rated(_) => Kind::Rated,
        Content::ReceptionAnnounced(_) => Kind::ReceptionAnnounced,
        Content::CampaignOpened(_) => Kind::CampaignOpened,
        Content::CourseOpened(_) => Kind::CourseOpened,
        Content::TrainingHeld(_) => Kind::TrainingHeld,
        Content::TicketDrawn(_) => Kind::TicketDrawn,
        Content::TicketCalled(_) => Kind::TicketCalled,
        Content::CasePackaged(_) => Kind::CasePackaged,
        Content::PackageWorked(_) => Kind::PackageWorked,
        Content::PackageTested(_) => Kind::PackageTested,
        Content::ContentStated(_) => Kind::ContentStated,
        Content::CrossingDeclared(_) => Kind::CrossingDeclared,
        Content::LeadDecided(_) => Kind::LeadDecided,
        Content::BacklogListed(_) => Kind::BacklogListed,
        Content::AssistanceOffered(_) => Kind::AssistanceOffered,
        Content::AssistanceEnded(_) => Kind::AssistanceEnded,
        Content::MandateStated(_) => Kind::MandateStated,
        Content::RequestDeclined(_) => Kind::RequestDeclined,
        Content::UrgentReported(_) => Kind::UrgentReported,
        Content::SimpleChosen(_) => Kind::SimpleChosen,
        Content::RepresentativesElected(_) => Kind::RepresentativesElected,
        Content::PublicationConsented(_) => Kind::PublicationConsented,
        Content::CasePublished(_) => Kind::CasePublished,
        Content::Instructed(_) => Kind::Instructed,
        Content::ReceptionBooked(_) => Kind::ReceptionBooked,
        Content::OrganProposed(_) => Kind::OrganProposed,
        Content::OrganRegistered(_) => Kind::OrganRegistered,
        Content::OrganDeclined(_) => Kind::OrganDeclined,
        Content::PastTakenOver(_) => Kind::PastTakenOver,
    }
}
