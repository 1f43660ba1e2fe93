//! Experts: the list, and panels drawn from it by lot (专家人才库、专家组).
//!
//! The list is of an office and all below it. The draw is worked out in [`terrace_proto::roll::panel`] and the same for
//! everyone; here it is decided who may ask for one.

use terrace_proto::case::{Guard, State};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Kind};
use terrace_proto::roll::Roll;
use terrace_proto::roll::panel::{self, Expert};
use terrace_proto::wire;

use super::matter::{Matter, refused};
use super::{Desk, DeskError, Taken};
use crate::archive::Draft;

/// Most seats of a panel.
const SEATS: u32 = 15;

impl Desk<'_> {
    /// The experts on the lists of this office, of those above and of those below, as their entries are held here.
    pub async fn experts(&self) -> Result<Vec<Expert>, DeskError> {
        Ok(panel::list(&self.archive.listed(Roll::Experts, None).await?))
    }

    /// Draws a panel for the review or re-examination that this office has opened.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotHolder`] for another office's review; [`DeskError::Guard`] outside of one, for a second draw
    /// without a recusal since, and where fewer can be drawn than there are seats.
    pub(super) async fn draw_panel(
        &mut self,
        id: CaseId,
        hand: &Hand,
        seats: u32,
    ) -> Result<Taken, DeskError> {
        let list = self.experts().await?;
        let case = self.known(id).await?;
        let rules = self.archive.rules().clone();
        let matter = self.matter(&case, Vec::new(), hand, &rules)?;
        drawable(&matter, seats)?;
        let wanted = usize::try_from(seats).unwrap_or(usize::MAX);
        let draw = panel::draw(&list, &case, wanted, matter.today);
        if draw.drawn.len() < wanted {
            let (can, all) = (draw.drawn.len(), list.len());
            let why = format!(
                "of {all} experts on the list {can} can sit here: the others serve at an organ that has held the case, keep out of it, or their term has ended"
            );
            return Err(refused(Guard::Review, why));
        }
        let leaves = |some: &[Digest]| some.iter().map(|leaf| leaf.0.to_vec()).collect();
        let pool: Vec<Digest> = list.iter().map(|expert| expert.leaf).collect();
        let said = wire::PanelDrawn { pool: leaves(&pool), seats, drawn: leaves(&draw.drawn) };
        self.write(Draft::plain(hand.clone(), Some(id), Content::PanelDrawn(said)), None).await
    }

    /// An expert is put on the list of this office, or taken off by it.
    pub(super) async fn keeps_list(&self, content: &Content) -> Result<(), DeskError> {
        if let Content::ExpertEnlisted(said) = content
            && (said.name.trim().is_empty() || said.field.trim().is_empty())
        {
            return Err(DeskError::Entered("an expert has a name and a field"));
        }
        if let Content::ExpertRemoved(said) = content {
            let me = self.archive.identity().me.author;
            let leaf = Digest::read(&said.expert);
            let mine = self.experts().await?.into_iter().filter(|expert| expert.office == me);
            if !mine.map(|expert| Some(expert.leaf)).any(|known| known == leaf) {
                return Err(DeskError::Entered("no such expert is on the list of this office"));
            }
            if said.reason.trim().is_empty() {
                return Err(DeskError::Entered("say why"));
            }
        }
        Ok(())
    }
}

fn drawable(matter: &Matter<'_>, seats: u32) -> Result<(), DeskError> {
    if matter.thread.holder() != &matter.actor {
        let holder = matter.thread.holder().clone();
        return Err(DeskError::NotHolder { holder, actor: matter.actor.clone() });
    }
    if !matches!(matter.thread.state(), State::ReviewPending | State::ReexamPending) {
        return Err(refused(Guard::Review, "a panel sits in a review or a re-examination"));
    }
    if !(1..=SEATS).contains(&seats) {
        return Err(refused(Guard::Review, format!("a panel has 1 to {SEATS} seats")));
    }
    let facts = matter.case.facts().values().filter(|fact| {
        fact.header().journal.author == matter.actor.division
            && matches!(fact.header().kind, Kind::PanelDrawn | Kind::RecusalDecided)
    });
    let opened = matter.thread.steps().first().and_then(|leaf| matter.case.facts().get(leaf));
    let opened = opened.map_or(0, |fact| fact.header().sequence);
    let last = facts.max_by_key(|fact| fact.header().sequence);
    if last.is_some_and(|fact| {
        fact.header().kind == Kind::PanelDrawn && fact.header().sequence > opened
    }) {
        let why = "a panel was drawn: it is drawn again only after one of it is to keep out";
        return Err(refused(Guard::Review, why));
    }
    Ok(())
}
