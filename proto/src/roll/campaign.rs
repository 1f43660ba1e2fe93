//! Campaigns: people are asked for suggestions (人民建议征集; R2022 29), or a matter is made known (宣传).
//!
//! Of a campaign for suggestions it is told how many were taken in and what became of them; of publicity, how many pieces
//! appeared in each issue of its column. A piece appears only with the consent of whoever it is about, given with their
//! code, and without who they are.

use std::collections::BTreeMap;

use super::Listed;
use crate::case::{Case, Fact};
use crate::digest::{CaseId, Digest};
use crate::division::DivisionCode;
use crate::entry::{Content, Kind};

/// A campaign for suggestions (1), and one of publicity (2).
pub const SUGGESTIONS: u32 = 1;
/// See [`SUGGESTIONS`].
pub const PUBLICITY: u32 = 2;

/// What became of the suggestions of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// The office.
    pub office: DivisionCode,
    /// What it is called.
    pub title: String,
    /// Suggestions, or publicity.
    pub form: u32,
    /// Suggestions taken in.
    pub taken: u32,
    /// Adopted (采纳).
    pub adopted: u32,
    /// Adopted in part (部分采纳).
    pub partly: u32,
    /// Not adopted (未采纳).
    pub declined: u32,
    /// Pieces that appeared, by issue.
    pub issues: BTreeMap<u32, u32>,
}

/// The campaigns, by the entries that opened them.
#[must_use]
#[allow(clippy::wildcard_enum_match_arm, reason = "most entries are of another roll")]
pub fn campaigns(listed: &[Listed]) -> BTreeMap<Digest, Campaign> {
    let mut campaigns: BTreeMap<Digest, Campaign> = BTreeMap::new();
    let mut of_case: BTreeMap<CaseId, Digest> = BTreeMap::new();
    for one in listed {
        if let Content::CampaignOpened(said) = &one.content {
            let (office, title, form) = (one.office, said.title.clone(), said.form);
            let (taken, adopted, partly, declined) = (0, 0, 0, 0);
            let issues = BTreeMap::new();
            let opened = Campaign { office, title, form, taken, adopted, partly, declined, issues };
            campaigns.insert(one.leaf, opened);
        }
    }
    for one in listed {
        if let (Content::SuggestionTaken(said), Some(case)) = (&one.content, one.case)
            && let Some(leaf) = Digest::read(&said.campaign)
            && let Some(campaign) = campaigns.get_mut(&leaf)
        {
            campaign.taken += 1;
            of_case.insert(case, leaf);
        }
    }
    for one in listed {
        if let Content::CasePublished(said) = &one.content {
            let campaign = Digest::read(&said.campaign).and_then(|leaf| campaigns.get_mut(&leaf));
            if let Some(campaign) = campaign {
                *campaign.issues.entry(said.issue).or_default() += 1;
            }
            continue;
        }
        let leaf = one.case.and_then(|case| of_case.get(&case));
        let Some(campaign) = leaf.and_then(|leaf| campaigns.get_mut(leaf)) else { continue };
        match &one.content {
            Content::SuggestionAdopted(_) => campaign.adopted += 1,
            Content::SuggestionPartlyAdopted(_) => campaign.partly += 1,
            Content::SuggestionDeclined(_) => campaign.declined += 1,
            _ => {}
        }
    }
    campaigns
}

/// The consent to publish that stands in a case: the last that the petitioner signed, unless it takes consent back.
#[must_use]
pub fn consent(case: &Case) -> Option<&Fact> {
    let intake = case.first_intake()?;
    let last = case.last_said(Kind::PublicationConsented, intake.leaf());
    last.filter(|fact| fact.outcome() == 1)
}

/// Whether a text has something in it by which somebody is found: a row of eleven digits or more, as telephone and id
/// numbers are.
#[must_use]
pub fn names_somebody(text: &str) -> bool {
    let mut row = 0;
    text.chars().filter(|one| !matches!(one, ' ' | '-')).any(|one| {
        row = if one.is_ascii_digit() { row + 1 } else { 0 };
        row >= 11
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;

    /// Fixture C12: of a hundred suggestions 12 were adopted, 20 in part and 68 not, each with its reply. Fixture G1: eight
    /// weekly issues.
    #[test]
    fn a_hundred_suggestions_and_eight_issues() {
        let case = |number: u32| {
            let digest = Digest::of(&[&number.to_be_bytes()]);
            CaseId(*digest.0.first_chunk::<16>().expect("32 bytes"))
        };
        let leaf = |number: u8| Digest([number; 32]);
        let open = |form| {
            let said = wire::CampaignOpened { form, title: "五月".into(), ..Default::default() };
            Content::CampaignOpened(said)
        };
        let mut listed = vec![
            Listed::of(leaf(1), case(0), open(SUGGESTIONS)),
            Listed::of(leaf(2), case(0), open(PUBLICITY)),
        ];
        for number in 0..100_u32 {
            let campaign = leaf(1).0.to_vec();
            let taken = wire::SuggestionTaken { campaign, ..Default::default() };
            let (at, reply) = (case(number), "已研究".to_owned());
            listed.push(Listed::of(leaf(9), at, Content::SuggestionTaken(taken)));
            listed.push(Listed::of(
                leaf(9),
                at,
                match number {
                    0..12 => Content::SuggestionAdopted(wire::SuggestionAdopted {
                        reply,
                        ..Default::default()
                    }),
                    12..32 => Content::SuggestionPartlyAdopted(wire::SuggestionPartlyAdopted {
                        reply,
                        ..Default::default()
                    }),
                    _ => Content::SuggestionDeclined(wire::SuggestionDeclined { reply }),
                },
            ));
        }
        for issue in 1..=8 {
            let campaign = leaf(2).0.to_vec();
            let piece = wire::CasePublished { campaign, issue, ..Default::default() };
            listed.push(Listed::of(leaf(8), case(issue), Content::CasePublished(piece)));
        }
        let campaigns = campaigns(&listed);
        let asked = &campaigns[&leaf(1)];
        let told = (asked.taken, asked.adopted, asked.partly, asked.declined);
        assert_eq!(told, (100, 12, 20, 68));
        assert_eq!(campaigns[&leaf(2)].issues.len(), 8);
    }

    #[test]
    fn a_row_of_digits_names_somebody() {
        assert!(names_somebody("电话138 0013-8000"));
        assert!(names_somebody("41022119800101123X"));
        assert!(!names_somebody("2026年3月2日，共12户，涉及4000元"));
    }
}
