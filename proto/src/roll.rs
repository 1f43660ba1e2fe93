//! Which entries an office lists across cases (台账): links, panels, certificates, experts, deputies, ratings.
//!
//! Most entries are found through their case. A few are asked for by what they are: who may be drawn as an expert, which
//! certificates were issued. Each such kind belongs to one roll; an office lists what it holds of it, in the order in
//! which it came here.
//!
//! No roll is of petitioners: none can be listed, counted or put into an order by who they are.

use crate::entry::{Header, Kind};

/// A roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Roll {
    /// Experts for reviews (专家人才库).
    Experts,
    /// Deputies, and desks handed over (代理与交接).
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
}

const NAMES: [(Roll, u32, &str, &str); 7] = [
    (Roll::Experts, 1, "experts", "复查复核专家"),
    (Roll::Deputies, 2, "deputies", "代理与交接"),
    (Roll::Links, 3, "links", "关联事项"),
    (Roll::Recusals, 4, "recusals", "回避"),
    (Roll::Panels, 5, "panels", "专家组"),
    (Roll::Certificates, 6, "certificates", "终结证书"),
    (Roll::Ratings, 7, "ratings", "评价"),
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
