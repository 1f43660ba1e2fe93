//! The desk and what is sealed of a case: taking down who a petitioner is, opening it for a purpose, and destroying the
//! key.
//!
//! Opening is an entry first and words afterwards: whoever read something stands in the petitioner's access log before
//! they have read it. Reports are [`super::report`]'s.

use terrace_proto::case::Case;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Entry, EntryId, Holder};
use terrace_proto::seal::{Identity, Plain, Recipient, SealedPart, VerifiedWrap};
use terrace_proto::wire;

use super::{Desk, DeskError, Taken};
use crate::archive::{ArchiveError, Draft, News};
use crate::cabinet::DISCIPLINE;
use crate::store::StoreError;

/// Longest purpose or grounds, in bytes.
const WORDS_LIMIT: usize = 4 * 1024;

/// A part that was opened.
#[derive(Debug)]
pub struct Opened {
    /// Where it stands.
    pub entry: EntryId,
    /// What it says.
    pub plain: Plain,
}

impl Desk<'_> {
    /// Seals who the petitioner of a new case is: the part for its intake, and the key wrapped for this office.
    pub(super) fn seal_identity(
        &mut self,
        case: CaseId,
        identity: Identity,
    ) -> Result<(SealedPart, VerifiedWrap), DeskError> {
        let own = self.archive.cabinet().keys().newest("").map(|(_, key)| key.clone());
        let own = own.ok_or(DeskError::NoSealingKey)?;
        let (key, part) = self.archive.seal(case, &Plain::Identity(identity))?;
        let me = self.archive.identity().me.author;
        let wrap = self.archive.wrap(&key, Recipient::Named(me), &own)?;
        Ok((part, wrap))
    }

    /// Opens the sealed parts of a case, for a purpose that goes on record before any of them is read.
    ///
    /// # Errors
    ///
    /// [`DeskError::Purpose`] without one, [`DeskError::NotReader`] where this office neither registered the case nor
    /// holds it, [`DeskError::NothingSealed`], [`DeskError::Erased`], [`DeskError::KeyMissing`].
    pub async fn unseal(
        &mut self,
        id: CaseId,
        hand: &Hand,
        purpose: &str,
    ) -> Result<(Vec<Opened>, News), DeskError> {
        let purpose = worded(purpose)?;
        let case = self.known(id).await?;
        self.entitled(&case)?;
        let sealed: Vec<EntryId> = case.sealed_parts().map(|fact| fact.header().id()).collect();
        let parts = self.archive.sealed_entries(&sealed).await?;
        if parts.is_empty() {
            return Err(DeskError::NothingSealed);
        }
        let mut keys = Vec::with_capacity(parts.len());
        // The discipline organ opens what is sealed for it, and everyone else what is sealed for the office.
        let organ = if hand.organ == DISCIPLINE { DISCIPLINE } else { "" };
        for (_, part) in &parts {
            let key = self.archive.case_key(organ, id, part.key_id()).await?;
            keys.push(key.ok_or(DeskError::KeyMissing)?);
        }
        let draft = |(entry, _): &(Entry, SealedPart)| {
            Draft::plain(hand.clone(), Some(id), unsealed(entry.leaf(), &purpose))
        };
        let (_, news) = self.archive.append(parts.iter().map(draft).collect()).await?;
        let opened = parts.iter().zip(&keys).map(|((entry, part), key)| {
            let text = part.open(key).map_err(|_| DeskError::KeyMissing)?;
            let plain = Plain::read(&text).map_err(|_| DeskError::Unreadable(entry.id()))?;
            Ok(Opened { entry: entry.id(), plain })
        });
        Ok((opened.collect::<Result<_, DeskError>>()?, news))
    }

    /// Proposes to destroy the key of a case.
    pub async fn propose_erasure(
        &mut self,
        id: CaseId,
        hand: &Hand,
        grounds: &str,
    ) -> Result<Taken, DeskError> {
        let grounds = worded(grounds)?;
        let case = self.erasable(id, hand).await?;
        let proposed = Content::ErasureProposed(wire::ErasureProposed { grounds });
        self.write(Draft::plain(hand.clone(), Some(case.id()), proposed), None).await
    }

    /// Agrees to a proposal, as a second officer: from here on no office keeps the key.
    pub async fn erase(
        &mut self,
        id: CaseId,
        hand: &Hand,
        proposal: Digest,
    ) -> Result<Taken, DeskError> {
        let case = self.erasable(id, hand).await?;
        let me = self.archive.identity().me;
        let proposed = case.facts().get(&proposal).map(|fact| fact.header());
        let proposed = proposed.filter(|header| {
            header.kind == terrace_proto::entry::Kind::ErasureProposed && header.journal == me
        });
        let proposed = proposed.ok_or(DeskError::NoProposal(proposal))?;
        if proposed.hand.officer == hand.officer {
            return Err(DeskError::TwoOfficers);
        }
        let erased = Content::Erased(wire::Erased { proposal: proposal.0.to_vec() });
        self.write(Draft::plain(hand.clone(), Some(id), erased), None).await
    }

    async fn erasable(&self, id: CaseId, hand: &Hand) -> Result<Case, DeskError> {
        let case = self.known(id).await?;
        self.entitled(&case)?;
        if hand.officer.is_empty() {
            return Err(DeskError::TwoOfficers);
        }
        Ok(case)
    }

    /// Whether this office may open or erase: it holds the case, or registered it.
    pub(super) fn entitled(&self, case: &Case) -> Result<(), DeskError> {
        let me = self.archive.identity().me.author;
        let leading = case.leading().ok_or(DeskError::Incomplete)?;
        if leading.holder().division != me && leading.opener() != me {
            let (holder, actor) = (leading.holder().clone(), Holder::office(me));
            return Err(DeskError::NotReader { holder, actor });
        }
        match case.erasure() {
            Some(_) => Err(DeskError::Erased),
            None => Ok(()),
        }
    }
}

pub(super) fn unsealed(leaf: Digest, purpose: &str) -> Content {
    Content::Unsealed(wire::Unsealed { leaf: leaf.0.to_vec(), purpose: purpose.to_owned() })
}

pub(super) fn worded(words: &str) -> Result<String, DeskError> {
    let words = words.trim();
    let fits = (1..=WORDS_LIMIT).contains(&words.len());
    if fits { Ok(words.to_owned()) } else { Err(DeskError::Purpose) }
}

pub(super) fn store(error: StoreError) -> DeskError {
    ArchiveError::from(error).into()
}
