//! Which room judges what is entered beside the procedure, in a case or of the office itself.
//!
//! It decides by the kind alone and judges nothing.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function is about a few kinds of entries and leaves all others as they are"
)]

use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Kind, body};

use super::matter::Matter;
use super::{
    Desk, DeskError, Taken, aftercare, linking, package, publicity, recusal, representation,
};
use crate::archive::Draft;

/// Kinds that families of entries write beside a thread.
pub(super) const IN_CASES: [Kind; 15] = [
    Kind::LinkUndone,
    Kind::RecusalAsked,
    Kind::RecusalDecided,
    Kind::CasePackaged,
    Kind::PackageWorked,
    Kind::PackageTested,
    Kind::ContentStated,
    Kind::BacklogListed,
    Kind::AssistanceOffered,
    Kind::AssistanceEnded,
    Kind::PublicationConsented,
    Kind::CasePublished,
    Kind::Instructed,
    Kind::ReceptionBooked,
    Kind::MandateStated,
];

impl Desk<'_> {
    /// Judges what a family writes in a case; anything else passes.
    pub(super) async fn rolled(
        &self,
        matter: &Matter<'_>,
        content: &Content,
    ) -> Result<(), DeskError> {
        match content {
            Content::LinkUndone(said) => linking::undone(matter, said),
            Content::RecusalAsked(said) => recusal::asked(matter, said),
            Content::RecusalDecided(said) => recusal::decided(matter, said),
            Content::CasePackaged(said) => package::packaged(matter, said),
            Content::PackageWorked(said) => package::worked(matter, said),
            Content::PackageTested(said) => package::tested(matter, said),
            Content::ContentStated(said) => package::stated(matter, said),
            Content::BacklogListed(said) => package::listed(matter, said),
            Content::AssistanceOffered(said) => aftercare::offered(matter, said),
            Content::AssistanceEnded(said) => aftercare::ended(matter, said),
            Content::PublicationConsented(said) => publicity::consented(matter, said),
            Content::MandateStated(said) => representation::stated(matter, said),
            Content::CasePublished(said) => self.publishable(matter, said).await,
            Content::Instructed(said) => self.instructed(matter, said).await,
            Content::ReceptionBooked(said) => self.bookable(matter, said).await,
            _ => Ok(()),
        }
    }

    /// Enters what is of the office itself and of no case.
    ///
    /// # Errors
    ///
    /// [`DeskError::Entered`] says what is missing; [`DeskError::NotHere`] for what is written elsewhere.
    pub async fn enter(&mut self, hand: &Hand, content: Content) -> Result<Taken, DeskError> {
        self.archive.refresh().await?;
        let content = match content {
            Content::TicketDrawn(said) => Content::TicketDrawn(self.draws(said).await?),
            Content::OrganRegistered(said) => Content::OrganRegistered(self.registers(&said)?),
            Content::OrganDeclined(said) => Content::OrganDeclined(self.declines(said)?),
            other => other,
        };
        match &content {
            Content::ExpertEnlisted(_) | Content::ExpertRemoved(_) => {
                self.keeps_list(&content).await?;
            }
            Content::Deputised(_) | Content::DeskHandedOver(_) => {
                self.keeps_staff(&content).await?;
            }
            Content::ReceptionAnnounced(said) => self.announces(said)?,
            Content::CampaignOpened(said) => self.opens_campaign(said)?,
            Content::CourseOpened(said) => Self::opens_course(said)?,
            Content::TrainingHeld(said) => self.holds_training(said).await?,
            Content::TicketCalled(said) => self.calls(said).await?,
            Content::TicketDrawn(_) | Content::OrganRegistered(_) | Content::OrganDeclined(_) => {}
            other => return Err(DeskError::NotHere(body::kind(other).en())),
        }
        let mut draft = Draft::plain(hand.clone(), None, content);
        if let Content::OrganDeclined(said) = &draft.content {
            // What is registered goes down to all; what is not, to whoever proposed it.
            let me = self.archive.identity().me.author;
            let proposer = DivisionCode::from_number(said.proposer).ok();
            draft.addressee = proposer.filter(|proposer| *proposer != me);
        }
        self.write(draft, None).await
    }
}
