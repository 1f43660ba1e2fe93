//! Organs at the desk (机构编码): proposed by the office in whose subtree they lie, registered or declined by one above.
//!
//! What may be proposed is judged by [`terrace_proto::organ::sift`]. A registration says the organs of the proposal once
//! more, so that those below who do not hold the proposal know them; it is judged as a whole, by the registry as it stands.

use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::Hand;
use terrace_proto::organ::registry::may_register;
use terrace_proto::organ::{ENTRY_ORGANS, Organ, Proposal, Refusal, Sifted, sift};
use terrace_proto::wire;

use super::{Desk, DeskError, Taken};
use crate::archive::Draft;

impl Desk<'_> {
    /// Proposes those organs of a batch that may be, in one entry; none is written where none may. With `whole` nothing is
    /// written unless all may.
    ///
    /// # Errors
    ///
    /// [`DeskError::Organ`] for an empty batch and one with more than [`ENTRY_ORGANS`]. What is wrong with single organs is
    /// no error but in the answer.
    pub async fn propose_organs(
        &mut self,
        hand: &Hand,
        batch: &[Organ],
        whole: bool,
    ) -> Result<(Option<Taken>, Sifted), DeskError> {
        if batch.is_empty() || batch.len() > ENTRY_ORGANS {
            return Err(Refusal::Size(batch.len()).into());
        }
        self.archive.refresh().await?;
        let (me, tree) = (self.archive.identity().me.author, self.archive.tree());
        let sifted = sift(self.archive.organs(), tree, (me, None), batch);
        if sifted.kept.is_empty() || whole && !sifted.refused.is_empty() {
            return Ok((None, sifted));
        }
        let organs = sifted.kept.iter().filter_map(|place| batch.get(*place));
        let said = wire::OrganProposed { organs: organs.map(Organ::to_wire).collect() };
        let draft = Draft::plain(hand.clone(), None, Content::OrganProposed(said));
        let taken = self.write(draft, None).await?;
        Ok((Some(taken), sifted))
    }

    /// Completes a registration that names its proposal, with who proposed and the organs. What an office below has
    /// registered may be registered here as well: all below this one hear of it only so.
    ///
    /// # Errors
    ///
    /// [`DeskError::Organ`] where there is no such proposal, this office or one above has registered it, this office does
    /// not stand above whoever proposed, or an organ of it can no longer be registered.
    pub(super) fn registers(
        &self,
        said: &wire::OrganRegistered,
    ) -> Result<wire::OrganRegistered, DeskError> {
        let proposal = self.organs_of(&said.proposal)?;
        let (registry, tree) = (self.archive.organs(), self.archive.tree());
        let level = self.archive.identity().me.author.level();
        let before = registry.registered_by(proposal.leaf).map(DivisionCode::level);
        if before.is_some_and(|before| before <= level) {
            return Err(Refusal::Registered(proposal.leaf).into());
        }
        let whose = (proposal.office, Some(proposal.leaf));
        let sifted = sift(registry, tree, whose, &proposal.organs);
        if let Some((_, why)) = sifted.refused.into_iter().next() {
            return Err(why.into());
        }
        let known = sifted.known.iter().filter(|_| before.is_some());
        let mut places: Vec<usize> = sifted.kept.iter().chain(known).copied().collect();
        places.sort_unstable();
        let organs: Vec<wire::Organ> =
            places.iter().map(|place| proposal.organs[*place].to_wire()).collect();
        if organs.is_empty() {
            return Err(Refusal::Size(0).into());
        }
        let (leaf, proposer) = (proposal.leaf.0.to_vec(), proposal.office.number());
        Ok(wire::OrganRegistered { proposal: leaf, proposer, organs })
    }

    /// Completes a decline that names its proposal, with who proposed.
    ///
    /// # Errors
    ///
    /// As [`Desk::registers`]; [`DeskError::Entered`] without a reason.
    pub(super) fn declines(
        &self,
        said: wire::OrganDeclined,
    ) -> Result<wire::OrganDeclined, DeskError> {
        let proposal = self.organs_of(&said.proposal)?;
        if self.archive.organs().registered_by(proposal.leaf).is_some() {
            return Err(Refusal::Registered(proposal.leaf).into());
        }
        if said.reason.trim().is_empty() {
            return Err(DeskError::Entered("写明理由 say why it is not registered"));
        }
        Ok(wire::OrganDeclined { proposer: proposal.office.number(), ..said })
    }

    /// The proposal that an entry names, where this office may speak of it.
    fn organs_of(&self, leaf: &[u8]) -> Result<&Proposal, DeskError> {
        let leaf = Digest::read(leaf).unwrap_or_default();
        let proposal = self.archive.organs().proposal(leaf);
        let proposal = proposal.ok_or(Refusal::NoProposal(leaf))?;
        let office = self.archive.identity().me.author;
        if !may_register(office, proposal.office, self.archive.tree()) {
            return Err(Refusal::NotAbove { office, proposer: proposal.office }.into());
        }
        Ok(proposal)
    }
}
