//! Campaigns, suggestions sent in for them, and pieces about cases (征集、宣传).
//!
//! A piece appears only with a consent that the petitioner has signed and not taken back, and without anything by which
//! somebody is found (ZJ2016 26(4)).

use std::collections::BTreeMap;

use jiff::civil::Date;
use terrace_proto::case::petitioner::covered;
use terrace_proto::case::{Case, Fact, Guard, standing::day_of};
use terrace_proto::digest::Digest;
use terrace_proto::entry::header::date_of;
use terrace_proto::entry::{Content, Kind};
use terrace_proto::roll::campaign::{self, Campaign, PUBLICITY, SUGGESTIONS, names_somebody};
use terrace_proto::roll::{Listed, Roll};
use terrace_proto::wire;

use super::beside::worded;
use super::guards::past;
use super::matter::{Matter, refused};
use super::{Desk, DeskError, petitioner};

impl Desk<'_> {
    /// The campaigns that are known here.
    pub async fn campaigns(&self) -> Result<BTreeMap<Digest, Campaign>, DeskError> {
        Ok(campaign::campaigns(&self.archive.listed(Roll::Campaigns, None).await?))
    }

    /// A campaign has a title, a form, and days that are not over.
    pub(super) fn opens_campaign(&self, said: &wire::CampaignOpened) -> Result<(), DeskError> {
        let today = day_of(self.archive.clock().now());
        let days = date_of(said.from_on).ok().zip(date_of(said.until_on).ok());
        let whole = days.is_some_and(|(from, until)| from <= until && until >= today);
        if said.title.trim().is_empty() || !matches!(said.form, SUGGESTIONS | PUBLICITY) || !whole {
            let why = "a campaign has a title, a form (1 suggestions, 2 publicity), and days of which the last is not over";
            return Err(DeskError::Entered(why));
        }
        Ok(())
    }

    /// A suggestion is sent in for a campaign that asks for suggestions, or for none.
    pub(super) async fn sent_in(&self, content: &Content) -> Result<(), DeskError> {
        let Content::SuggestionTaken(said) = content else { return Ok(()) };
        if said.campaign.is_empty() {
            return Ok(());
        }
        let today = day_of(self.archive.clock().now());
        self.running(&said.campaign, SUGGESTIONS, today).await.map(drop)
    }

    pub(super) async fn publishable(
        &self,
        matter: &Matter<'_>,
        said: &wire::CasePublished,
    ) -> Result<(), DeskError> {
        let no = |why: &str| Err(refused(Guard::Words, why));
        let consent = campaign::consent(matter.case).map(Fact::leaf);
        if consent.is_none() || consent != Digest::read(&said.consent) {
            return no("the petitioner has not consented with the code, or has taken that back");
        }
        if matter.case.is_report() {
            return no("nothing is published of a report");
        }
        self.running(&said.campaign, PUBLICITY, matter.today).await?;
        for words in [&said.title, &said.text, &said.channel] {
            worded(words)?;
        }
        if said.issue == 0 {
            return no("name the issue");
        }
        if names_somebody(&said.title) || names_somebody(&said.text) {
            return no("the text has a number in it by which somebody is found: leave it out");
        }
        past(Guard::Day, said.published_on, matter.today)
    }

    async fn running(&self, leaf: &[u8], form: u32, today: Date) -> Result<Listed, DeskError> {
        let leaf = Digest::read(leaf);
        let listed = self.archive.listed(Roll::Campaigns, None).await?;
        let open = |one: &Listed| {
            let Content::CampaignOpened(said) = &one.content else { return false };
            let days = date_of(said.from_on).ok().zip(date_of(said.until_on).ok());
            let runs = days.is_some_and(|(from, until)| from <= today && today <= until);
            said.form == form && runs
        };
        let found = listed.into_iter().find(|one| Some(one.leaf) == leaf && open(one));
        found.ok_or_else(|| refused(Guard::Words, "no such campaign is running today"))
    }
}

/// The petitioner's own word, over what was said of it before.
pub(super) fn consented(
    matter: &Matter<'_>,
    said: &wire::PublicationConsented,
) -> Result<(), DeskError> {
    let last = last_word(matter.case)?;
    if Digest::read(&said.about) != Some(last) {
        return Err(refused(Guard::Code, "something was said of it since: say it again"));
    }
    let kind = Kind::PublicationConsented;
    let covered = covered(kind, said.consented, None);
    petitioner::verified(matter.case, last, (kind, &covered), &said.signature)
}

/// The entry that the petitioner's next word on publication follows: the last such word, or the first intake.
pub(super) fn last_word(case: &Case) -> Result<Digest, DeskError> {
    let intake = case.first_intake().ok_or(DeskError::Incomplete)?.leaf();
    Ok(case.last_said(Kind::PublicationConsented, intake).map_or(intake, Fact::leaf))
}
