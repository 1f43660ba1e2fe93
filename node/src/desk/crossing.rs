//! Cases across places and fields (三跨三分离): whoever holds the case declares its co-owners, and an office above all of
//! them decides which one leads (R2022 24).

use terrace_proto::case::{Case, Guard};
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Holder};
use terrace_proto::roll::crossing::{self, Crossing};
use terrace_proto::wire;

use super::beside::worded;
use super::matter::refused;
use super::{Desk, DeskError, Taken};
use crate::archive::Draft;

impl Desk<'_> {
    /// Declares that a case is across places or fields, and who owns it together. The co-owners are entitled to it from
    /// here on, and given its key.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotHolder`], [`DeskError::Guard`] without a mark or with fewer than two owners,
    /// [`DeskError::Accused`] where it is a report against one of them.
    pub(super) async fn cross(
        &mut self,
        id: CaseId,
        hand: &Hand,
        said: wire::CrossingDeclared,
    ) -> Result<Taken, DeskError> {
        let case = self.known(id).await?;
        let rules = self.archive.rules().clone();
        let matter = self.matter(&case, Vec::new(), hand, &rules)?;
        if matter.thread.holder() != &matter.actor {
            let holder = matter.thread.holder().clone();
            return Err(DeskError::NotHolder { holder, actor: matter.actor });
        }
        let marks = [
            said.cross_region,
            said.cross_department,
            said.cross_industry,
            said.person_household,
            said.person_affair,
            said.person_property,
        ];
        let owners: Vec<Holder> = said.owners.iter().filter_map(Holder::read).collect();
        if !marks.contains(&true) || owners.len() < 2 || owners.len() != said.owners.len() {
            return Err(refused(Guard::Words, "give at least one mark, and two or more owners"));
        }
        worded(&said.reason)?;
        let tree = self.archive.tree();
        for owner in &owners {
            tree.node(owner.division)?;
        }
        let mut offices: Vec<DivisionCode> = owners.iter().map(|owner| owner.division).collect();
        offices.sort_unstable();
        offices.dedup();
        let cleared = self.archive.clear(&case, &offices).await?;
        let mut draft = Draft::plain(hand.clone(), Some(id), Content::CrossingDeclared(said));
        draft.audience_added.clone_from(&offices);
        draft.cleared = cleared;
        let taken = self.write(draft, None).await?;
        let me = self.archive.identity().me.author;
        for office in offices.into_iter().filter(|office| *office != me) {
            self.archive.hand_on(id, office).await?;
        }
        Ok(taken)
    }

    /// Decides which of the owners leads.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotForYou`] where this office does not stand above all of them, [`DeskError::Guard`].
    pub(super) async fn decide_lead(
        &mut self,
        id: CaseId,
        hand: &Hand,
        mut said: wire::LeadDecided,
    ) -> Result<Taken, DeskError> {
        let case = self.known(id).await?;
        let none =
            || refused(Guard::Words, "this case was not declared to be across places or fields");
        let crossing = self.crossing(&case).await?.ok_or_else(none)?;
        let me = self.archive.identity().me.author;
        if !crossing::may_decide(self.archive.tree(), &crossing.owners, me) {
            let actor = Holder { division: me, organ: hand.organ.clone() };
            let why = "the common superior of the owners decides which of them leads (R2022 24)";
            return Err(DeskError::NotForYou { actor, why });
        }
        let lead = said.lead.as_ref().and_then(Holder::read);
        if lead.is_none_or(|lead| !crossing.owners.contains(&lead)) {
            return Err(refused(Guard::Words, "one of the owners leads"));
        }
        worded(&said.reason)?;
        said.crossing = crossing.leaf.0.to_vec();
        self.write(Draft::plain(hand.clone(), Some(id), Content::LeadDecided(said)), None).await
    }

    /// What is known of a case across places or fields.
    pub async fn crossing(&self, case: &Case) -> Result<Option<Crossing>, DeskError> {
        let words = self.words(case).await?;
        Ok(crossing::crossing(case, &words, self.archive.tree()))
    }
}
