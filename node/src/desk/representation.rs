//! Who speaks for petitioners: representatives whom they elected (代表人), and agents who act for them (代理人).
//!
//! Whoever brings a matter, it is registered. Who they are is sealed; the intake says how many. What is served on an agent,
//! and a mandate in the petitioner's name, is judged by `Case::proxy`.

use terrace_proto::case::Guard;
use terrace_proto::case::petitioner::covered;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Kind};
use terrace_proto::seal::{Identity, Role};
use terrace_proto::wire;

use super::matter::{Matter, refused};
use super::{Desk, DeskError, Taken, petitioner};
use crate::archive::Draft;

/// Somebody took what was served: an agent.
const AGENT: u32 = 1;
/// Most ways in which something is taken.
const TAKERS: u32 = 2;

/// How many of an identity came in which role, as the intake says it; what was taken down as a number alone stays.
pub(super) fn count(intake: &mut wire::IntakeRegistered, identity: &Identity) {
    intake.agents = intake.agents.max(identity.count(Role::Agent));
    intake.representatives = intake.representatives.max(identity.count(Role::Representative));
}

impl Desk<'_> {
    /// Takes down whom those who petition jointly have elected (R2022 20(3)).
    ///
    /// # Errors
    ///
    /// [`DeskError::NotReader`] where this office does not hold the case, [`DeskError::Guard`] where nobody is named or
    /// where fewer persons are spoken for than speak.
    pub async fn elect(
        &mut self,
        id: CaseId,
        hand: &Hand,
        persons: u32,
        mut identity: Identity,
    ) -> Result<Taken, DeskError> {
        let case = self.known(id).await?;
        self.entitled(&case)?;
        super::recusal::keeps_in(&case, hand, self.archive.identity().me.author)?;
        identity.elect();
        let representatives = identity.count(Role::Representative);
        if persons < 2 || representatives > persons {
            let why = "representatives speak for two persons or more, and for no fewer than they are themselves";
            return Err(refused(Guard::Words, why));
        }
        let (part, wrap) = self.seal_identity(id, identity)?;
        self.archive.keep(vec![wrap]).await?;
        let said = wire::RepresentativesElected { representatives, persons };
        let mut draft = Draft::plain(hand.clone(), Some(id), Content::RepresentativesElected(said));
        draft.sealed = Some(part);
        let taken = self.write(draft, None).await?;
        self.archive.index(&[id]).await?;
        let holder = case.leading().map(|thread| thread.holder().division);
        if let Some(holder) = holder.filter(|at| *at != self.archive.identity().me.author) {
            self.archive.hand_on(id, holder).await?;
        }
        Ok(taken)
    }
}

/// The petitioner's own word on the agents, over the entry that it follows.
pub(super) fn stated(matter: &Matter<'_>, said: &wire::MandateStated) -> Result<(), DeskError> {
    let Some(proxy) = matter.case.proxy() else {
        return Err(refused(Guard::Words, "no agent has brought this case"));
    };
    if Digest::read(&said.about) != Some(proxy.last) {
        return Err(refused(Guard::Code, "something was said on the agents since: say it again"));
    }
    let kind = Kind::MandateStated;
    let covered = covered(kind, said.given, None);
    petitioner::verified(matter.case, proxy.last, (kind, &covered), &said.signature)
}

/// Served into the hands of an agent only where the petitioner's mandate stands: from that day the window runs.
pub(super) fn taken_by(matter: &Matter<'_>, said: &wire::Served) -> Result<(), DeskError> {
    if said.received_by > TAKERS {
        let why =
            "it was taken by the petitioner (0), an agent (1), or an adult of the household (2)";
        return Err(refused(Guard::Day, why));
    }
    let stands = matter.case.proxy().is_some_and(|proxy| proxy.mandate.stands());
    if said.received_by == AGENT && !stands {
        let why = "no mandate of the petitioner stands for an agent: bring it to the petitioner";
        return Err(refused(Guard::Day, why));
    }
    Ok(())
}

/// How many speak for how many: as it was elected last, or as the intake says.
pub(super) fn spoken_for(matter: &Matter<'_>) -> (u32, u32) {
    let elected = matter.words.iter().rev().find_map(|(_, content)| {
        let Content::RepresentativesElected(said) = content else { return None };
        Some((said.representatives, said.persons))
    });
    let taken_in = || matter.intake().map_or((0, 0), |one| (one.representatives, one.persons));
    elected.unwrap_or_else(taken_in)
}
