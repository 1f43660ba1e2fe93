//! The desk and what is sealed: taking down who a petitioner is, opening it for a purpose, taking in reports
//! (检举控告), and destroying the key of a case.
//!
//! Opening is an entry first and words afterwards: whoever read something stands in the petitioner's access log before
//! they have read it. A report is sealed where it is typed in; this office keeps neither its words nor its key, unless
//! it is itself the one above the accused.

use jiff::civil::Date;
use terrace_proto::case::Case;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Entry, EntryId, Holder};
use terrace_proto::route;
use terrace_proto::seal::{Identity, KeyId, Plain, Recipient, Report, SealedPart, VerifiedWrap};
use terrace_proto::wire;

use super::{Desk, DeskError, Taken};
use crate::archive::{ArchiveError, Draft, News};
use crate::cabinet::DISCIPLINE;
use crate::store::{ReportRecord, StoreError};
use crate::surroundings::name;

/// Longest purpose or grounds, in bytes.
const WORDS_LIMIT: usize = 4 * 1024;
/// Reports looked through at once.
const PAGE: u32 = 256;

/// A part that was opened.
#[derive(Debug)]
pub struct Opened {
    /// Where it stands.
    pub entry: EntryId,
    /// What it says.
    pub plain: Plain,
}

/// A report that was taken in.
#[derive(Debug)]
pub struct TakenReport {
    /// Its readable number, for the receipt alone.
    pub number: String,
    /// The entry, durable.
    pub entry: Entry,
    /// Who else is to hear of it.
    pub news: News,
}

/// A sealed report as this office stands to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportStanding {
    /// The report.
    pub report: ReportRecord,
    /// Its discipline organ can open it.
    pub readable: bool,
    /// Its ciphertext or every wrap of its key is missing here: whoever passed the entry on owes it.
    pub owed: bool,
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
        for (_, part) in &parts {
            let key = self.archive.case_key("", id, part.key_id()).await?;
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

    /// Takes in a report against an office or official (R2022 30, 46): sealed past the accused and everyone below.
    ///
    /// # Errors
    ///
    /// [`DeskError::Words`] without words, [`DeskError::NobodyAbove`] where no office above the accused can be closed
    /// for.
    pub async fn take_report(
        &mut self,
        hand: &Hand,
        mut report: Report,
        received_on: Option<Date>,
    ) -> Result<TakenReport, DeskError> {
        if report.title.is_empty() && report.text.is_empty()
            || report.text.len() > super::TEXT_LIMIT
        {
            return Err(DeskError::Words);
        }
        let me = self.archive.identity().me.author;
        let (addressee, closing) = self.addressee(me, report.accused_division).await?;
        report.addressee = addressee;
        let case = CaseId(name(self.archive.chance()));
        let (key, part) = self.archive.seal(case, &Plain::Report(report))?;
        let wrap = self.archive.wrap(&key, Recipient::Blind, &closing)?;
        drop(key);
        self.archive.keep(vec![wrap]).await?;
        let numbers = self.numbering.take(self.archive, 1).await?;
        let number = numbers.numbers.first().expect("one number was asked for").to_string();
        let words = Content::ReportSealed(wire::ReportSealed { number: number.clone() });
        let mut draft = Draft::plain(hand.clone(), Some(case), words);
        draft.received_on = received_on;
        draft.sealed = Some(part);
        let (mut entries, news) =
            self.archive.append_with(vec![draft], Some(numbers.block)).await?;
        let entry = entries.pop().expect("one draft makes one entry");
        Ok(TakenReport { number, entry, news })
    }

    /// The office a report is sealed to, and its discipline organ's key: the lowest above the accused whose key is
    /// known here.
    async fn addressee(
        &mut self,
        me: DivisionCode,
        accused: DivisionCode,
    ) -> Result<(DivisionCode, terrace_proto::seal::SealingPublic), DeskError> {
        let tree = self.archive.tree();
        tree.node(accused)?;
        let mut at = route::sealed_to(tree, me, accused);
        while let Some(office) = at {
            if let Some(key) = self.archive.closing_key(office, DISCIPLINE).await? {
                return Ok((office, key));
            }
            at = tree.superior(office);
        }
        Err(DeskError::NobodyAbove(accused))
    }

    /// The reports that concern this office: those its discipline organ can open, and those that are owed to it.
    pub async fn reports(&mut self, limit: usize) -> Result<Vec<ReportStanding>, DeskError> {
        let (mut found, mut before) = (Vec::new(), u64::MAX);
        while found.len() < limit {
            let page = self.archive.store().reports(before, PAGE).await.map_err(store)?;
            let Some((last, _)) = page.last() else { break };
            before = *last;
            let keys: Vec<KeyId> = page.iter().filter_map(|(_, report)| report.key).collect();
            let seen = self.archive.cabinet().store().seen(&keys).await.map_err(store)?;
            for (_, report) in page {
                let owed = report.key.is_none_or(|key| !seen.contains(&key));
                let readable = match report.key {
                    Some(key) => {
                        self.archive.case_key(DISCIPLINE, report.case, key).await?.is_some()
                    }
                    None => false,
                };
                if owed || readable {
                    found.push(ReportStanding { report, readable, owed });
                }
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Opens a report, for a purpose that goes on record first. For the discipline organ alone.
    ///
    /// # Errors
    ///
    /// [`DeskError::DisciplineOnly`], [`DeskError::Purpose`], [`DeskError::NothingSealed`], [`DeskError::KeyMissing`].
    pub async fn open_report(
        &mut self,
        leaf: Digest,
        hand: &Hand,
        purpose: &str,
    ) -> Result<(Opened, News), DeskError> {
        if hand.organ != DISCIPLINE {
            return Err(DeskError::DisciplineOnly);
        }
        let purpose = worded(purpose)?;
        let report = self.report(leaf).await?.ok_or(DeskError::NothingSealed)?;
        let parts = self.archive.sealed_entries(&[report.entry]).await?;
        let (entry, part) = parts.into_iter().next().ok_or(DeskError::NothingSealed)?;
        let key = self.archive.case_key(DISCIPLINE, report.case, part.key_id()).await?;
        let key = key.ok_or(DeskError::KeyMissing)?;
        // It names no case: what belongs to this one would be found by whoever holds its entries.
        let draft = Draft::plain(hand.clone(), None, unsealed(leaf, &purpose));
        let (_, news) = self.archive.append(vec![draft]).await?;
        let text = part.open(&key).map_err(|_| DeskError::KeyMissing)?;
        let plain = Plain::read(&text).map_err(|_| DeskError::Unreadable(entry.id()))?;
        Ok((Opened { entry: entry.id(), plain }, news))
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

    async fn report(&self, leaf: Digest) -> Result<Option<ReportRecord>, DeskError> {
        let mut before = u64::MAX;
        loop {
            let page = self.archive.store().reports(before, PAGE).await.map_err(store)?;
            let Some((last, _)) = page.last() else { return Ok(None) };
            before = *last;
            if let Some((_, report)) = page.into_iter().find(|(_, report)| report.leaf == leaf) {
                return Ok(Some(report));
            }
        }
    }
}

fn unsealed(leaf: Digest, purpose: &str) -> Content {
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
