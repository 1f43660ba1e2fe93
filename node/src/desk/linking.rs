//! Linking two cases that belong together (关联).
//!
//! An officer links what a machine may have proposed. Both cases say so, each by an entry of its own, where this office
//! holds both. Intakes stay where they are: a link merges nothing, and no office counts one contact twice or not at all.

use terrace_proto::case::{Guard, Relation};
use terrace_proto::digest::CaseId;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Kind};
use terrace_proto::wire;

use super::matter::{Matter, refused};
use super::recusal::keeps_in;
use super::{Desk, DeskError, Taken};
use crate::archive::Draft;

impl Desk<'_> {
    /// Links a case to the one that `said` names by its number or id; the other case is given the same link back.
    ///
    /// # Errors
    ///
    /// [`DeskError::UnknownCase`] where the other is not held here, [`DeskError::Guard`] without a reason, for a link to
    /// itself, for one that stands already, and for a report, which nobody finds through another case.
    pub(super) async fn link(
        &mut self,
        id: CaseId,
        hand: &Hand,
        said: wire::CasesLinked,
    ) -> Result<Taken, DeskError> {
        let no = |why: &str| Err(refused(Guard::Words, why));
        let other = match CaseId::read(&said.case_id) {
            Some(other) => other,
            None => self.find(&said.number).await?,
        };
        let (case, beyond) = (self.known(id).await?, self.known(other).await?);
        let Some(relation) = Relation::from_number(said.relation) else {
            return no(
                "choose how they belong together: 1 the same matter, 2 new facts, 3 related",
            );
        };
        if said.reason.trim().is_empty() {
            return no("say what shows it");
        }
        if id == other || case.is_report() || beyond.is_report() {
            return no("a case is linked to another one, and a report to none");
        }
        let stands =
            |link: &terrace_proto::case::Link| (link.other, link.relation) == (other, relation);
        if case.links().iter().any(stands) {
            return no("that link stands already");
        }
        let draft = |here: &terrace_proto::case::Case, there: &terrace_proto::case::Case| {
            let linked = wire::CasesLinked {
                case_id: there.id().0.to_vec(),
                number: there.number().map(ToString::to_string).unwrap_or_default(),
                relation: relation.number(),
                reason: said.reason.clone(),
            };
            Draft::plain(hand.clone(), Some(here.id()), Content::CasesLinked(linked))
        };
        keeps_in(&case, hand, self.archive.identity().me.author)?;
        self.may_write(hand, Kind::CasesLinked).await?;
        // Both or neither.
        let drafts = vec![draft(&beyond, &case), draft(&case, &beyond)];
        let (mut entries, news) = self.archive.append(drafts).await?;
        let entry = entries.pop().expect("two drafts make two entries");
        Ok(Taken { entry, holder: None, news })
    }
}

/// A link is undone by the office that made it, with the reason.
pub(super) fn undone(matter: &Matter<'_>, said: &wire::LinkUndone) -> Result<(), DeskError> {
    let linked = super::beside::entry(matter.case, &said.link, Kind::CasesLinked)?;
    if linked.header().journal.author != matter.actor.division {
        let why = "the office that made a link undoes it";
        return Err(DeskError::NotForYou { actor: matter.actor.clone(), why });
    }
    super::beside::worded(&said.reason)
}
