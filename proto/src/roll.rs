//! Which entries an office lists across cases (台账), and what the lists mean: links, panels, certificates, experts,
//! deputies, ratings, packages, crossings, the backlog, assistance, publicity, receptions, campaigns, training, what is urgent.
//!
//! Most entries are found through their case. A few are asked for by what they are: who may be drawn as an expert, which
//! certificates were issued. Each such kind belongs to one roll; an office lists what it holds of it, in the order in
//! which it came here.
//!
//! No roll is of petitioners: none can be listed, counted or put into an order by who they are.

pub mod annual;
pub mod backlog;
pub mod campaign;
pub mod coverage;
pub mod crossing;
pub mod pace;
pub mod package;
pub mod panel;
pub mod rating;
pub mod reception;
pub mod screening;
pub mod stall;
pub mod training;

use jiff::civil::Date;

use crate::digest::{CaseId, Digest};
use crate::division::DivisionCode;
use crate::entry::{Content, Header, Kind};

/// An entry on a roll, as far as the meaning of the roll needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its leaf hash.
    pub leaf: Digest,
    /// The office that wrote it.
    pub office: DivisionCode,
    /// The case it stands in, if in one.
    pub case: Option<CaseId>,
    /// The day in China on which it says it was recorded.
    pub recorded_on: Date,
    /// What it says.
    pub content: Content,
}

#[cfg(test)]
impl Listed {
    /// An entry of the root's, on a day of a test.
    fn of(leaf: Digest, case: CaseId, content: Content) -> Self {
        let (office, recorded_on) = (DivisionCode::HUB, jiff::civil::date(2015, 6, 1));
        Self { leaf, office, case: Some(case), recorded_on, content }
    }
}

/// A roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Roll {
    /// Experts for reviews (专家人才库).
    Experts,
    /// Deputies, and desks handed over (代行与交接).
    Deputies,
    /// Links between cases (关联).
    Links,
    /// Recusals (回避).
    Recusals,
    /// Panels drawn (专家组).
    Panels,
    /// Certificates of termination (终结证书).
    Certificates,
    /// Ratings, and what they said (评价).
    Ratings,
    /// Cases that leaders have taken on (包案).
    Packages,
    /// Cases across places and fields (三跨三分离).
    Crossings,
    /// Old cases to be settled (积案).
    Backlog,
    /// Help offered after the end (帮扶).
    Assistance,
    /// Days of leaders' receptions, bookings and instructions (接访、批示).
    Receptions,
    /// Campaigns, suggestions and what appeared (征集、宣传).
    Campaigns,
    /// Courses and who passed them (培训).
    Training,
    /// Tickets of a hall (叫号).
    Tickets,
    /// What was reported as urgent and important (紧急重大事项).
    Urgent,
    /// Organs proposed, registered and declined (机构编码).
    Organs,
}

const NAMES: [(Roll, u32, &str, &str); 17] = [
    (Roll::Experts, 1, "experts", "复查复核专家"),
    (Roll::Deputies, 2, "deputies", "代行与交接"),
    (Roll::Links, 3, "links", "关联事项"),
    (Roll::Recusals, 4, "recusals", "回避"),
    (Roll::Panels, 5, "panels", "专家组"),
    (Roll::Certificates, 6, "certificates", "终结证书"),
    (Roll::Ratings, 7, "ratings", "评价"),
    (Roll::Packages, 8, "packages", "领导包案"),
    (Roll::Crossings, 9, "crossings", "三跨三分离"),
    (Roll::Backlog, 10, "backlog", "积案"),
    (Roll::Assistance, 11, "assistance", "帮扶"),
    (Roll::Receptions, 12, "receptions", "接访与批示"),
    (Roll::Campaigns, 13, "campaigns", "征集与宣传"),
    (Roll::Training, 14, "training", "培训"),
    (Roll::Tickets, 15, "tickets", "叫号"),
    (Roll::Urgent, 16, "urgent", "紧急重大事项"),
    (Roll::Organs, 17, "organs", "机构编码"),
];

/// The stage of re-examination (复核), whose opinion is the certificate.
const REEXAMINE: u32 = 3;

impl Roll {
    /// The roll an entry stands on, if on any.
    #[must_use]
    #[allow(clippy::wildcard_enum_match_arm, reason = "most entries stand on no roll")]
    pub fn of(header: &Header) -> Option<Self> {
        match header.kind {
            Kind::ExpertEnlisted | Kind::ExpertRemoved => Some(Self::Experts),
            Kind::Deputised | Kind::DeskHandedOver => Some(Self::Deputies),
            Kind::CasesLinked | Kind::LinkUndone => Some(Self::Links),
            Kind::RecusalAsked | Kind::RecusalDecided => Some(Self::Recusals),
            Kind::PanelDrawn => Some(Self::Panels),
            Kind::Rated | Kind::RatingsTold => Some(Self::Ratings),
            Kind::CasePackaged
            | Kind::PackageWorked
            | Kind::PackageTested
            | Kind::ContentStated => Some(Self::Packages),
            Kind::CrossingDeclared | Kind::LeadDecided => Some(Self::Crossings),
            Kind::BacklogListed => Some(Self::Backlog),
            Kind::AssistanceOffered | Kind::AssistanceEnded => Some(Self::Assistance),
            Kind::ReceptionAnnounced | Kind::ReceptionBooked | Kind::Instructed => {
                Some(Self::Receptions)
            }
            Kind::CampaignOpened
            | Kind::SuggestionTaken
            | Kind::SuggestionAdopted
            | Kind::SuggestionPartlyAdopted
            | Kind::SuggestionDeclined
            | Kind::CasePublished => Some(Self::Campaigns),
            Kind::CourseOpened | Kind::TrainingHeld => Some(Self::Training),
            Kind::TicketDrawn | Kind::TicketCalled => Some(Self::Tickets),
            Kind::UrgentReported => Some(Self::Urgent),
            Kind::OrganProposed | Kind::OrganRegistered | Kind::OrganDeclined => Some(Self::Organs),
            Kind::ReviewDecided => {
                let stage = header.place.as_ref().map(|place| place.stage);
                (stage == Some(REEXAMINE)).then_some(Self::Certificates)
            }
            _ => None,
        }
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|row| row.0)
    }

    /// Its number in a database; never another's.
    #[must_use]
    pub fn number(self) -> u32 {
        self.row().1
    }

    /// Its name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// Its name in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.row().3
    }

    /// The roll with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|row| row.2 == name).map(|row| row.0)
    }

    fn row(self) -> &'static (Self, u32, &'static str, &'static str) {
        NAMES.iter().find(|row| row.0 == self).expect("every roll has its row")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_roll_has_a_row_of_its_own() {
        for roll in Roll::all() {
            assert_eq!(Roll::named(roll.name()), Some(roll));
            let same = Roll::all().filter(|other| other.number() == roll.number());
            assert_eq!(same.count(), 1, "{roll:?}");
        }
    }
}
