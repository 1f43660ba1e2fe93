//! Agents who act for a petitioner (信访代理; SD2015 12, 28), and whether they may.
//!
//! Anyone may bring a matter for somebody else: it is registered. That they *act* for the petitioner takes a written
//! mandate that the office keeps, or the petitioner's own word with the code; that word can also end it. Statements
//! follow one another, and where two follow the same entry the one that ends the mandate counts: no office can win by
//! its order.
//!
//! Who an agent is stands in the sealed part, and is in no index: an agent is nobody's petitioner.

use super::Case;
use crate::digest::Digest;
use crate::entry::Kind;

/// Most agents of a petitioner (SD2015 28).
pub const AGENTS: u32 = 2;

/// What the agents of a case may do for the petitioner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mandate {
    /// Nothing shows that the petitioner wants it.
    Unproved,
    /// More agents than the law lets act.
    TooMany,
    /// A written mandate is kept.
    OnPaper,
    /// The petitioner has said so with the code.
    Signed,
    /// The petitioner has ended it with the code.
    Ended,
}

/// The agents of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proxy {
    /// How many.
    pub agents: u32,
    /// What they may do.
    pub mandate: Mandate,
    /// The entry that a further statement follows.
    pub last: Digest,
}

impl Mandate {
    /// Whether the agents act for the petitioner.
    #[must_use]
    pub fn stands(self) -> bool {
        matches!(self, Self::OnPaper | Self::Signed)
    }

    /// In Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Unproved => "未见委托",
            Self::TooMany => "代理人超过两名",
            Self::OnPaper => "书面委托",
            Self::Signed => "信访人已确认委托",
            Self::Ended => "信访人已解除委托",
        }
    }

    /// In English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Unproved => "no mandate shown",
            Self::TooMany => "more than two agents",
            Self::OnPaper => "mandate in writing",
            Self::Signed => "mandate confirmed by the petitioner",
            Self::Ended => "mandate ended by the petitioner",
        }
    }
}

impl Case {
    /// The agents who brought the case; `None` where the petitioner did.
    #[must_use]
    pub fn proxy(&self) -> Option<Proxy> {
        let brought = self.facts.values().filter(|fact| fact.agents() > 0);
        let intake = brought.min_by_key(|fact| (fact.header().recorded_at, fact.leaf()))?;
        let last = self.last_said(Kind::MandateStated, intake.leaf()).unwrap_or(intake);
        let said = last.header().kind == Kind::MandateStated;
        let mandate = match (said, last.outcome()) {
            (true, 0) => Mandate::Ended,
            _ if intake.agents() > AGENTS => Mandate::TooMany,
            (true, _) => Mandate::Signed,
            (false, _) if intake.mandate_on_paper() => Mandate::OnPaper,
            (false, _) => Mandate::Unproved,
        };
        Some(Proxy { agents: intake.agents(), mandate, last: last.leaf() })
    }
}
