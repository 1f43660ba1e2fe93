//! Receipts at an office: given for its own intakes, completed with evidence where there is some, examined whoever
//! shows them.
//!
//! A receipt is signed when it is asked for, out of entries that are durable and covered by the checkpoint file; the
//! same intake gives the same receipt every time. Nothing is written.

pub mod told;

use jiff::Timestamp;
use terrace_proto::admission::Keyring;
use terrace_proto::case::{Case, Fact};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{Content, Entry, EntryId, JournalId, Kind};
use terrace_proto::journal::ParcelItem;
use terrace_proto::journal::checkpoint::{Checkpoint, Cosigned, SignedCheckpoint};
use terrace_proto::receipt::verdict::{Answer, Question};
use terrace_proto::receipt::{Evidence, Here, Receipt, Unchecked, Verdict, code_of, examine};
use terrace_proto::wire;

use crate::archive::ArchiveError;
use crate::archive::enrolling::Proved;
use crate::office::Office;
use crate::store::{JournalRecord, StoreError};
use crate::view::access::Access;
use crate::view::{self, access};

/// A receipt with the office's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What it says.
    pub receipt: Receipt,
    /// The signed note.
    pub note: String,
}

/// What an office does with receipts.
#[derive(Debug, Clone, Copy)]
pub struct Receipts<'a> {
    office: &'a Office,
}

impl Office {
    /// What this office does with receipts.
    #[must_use]
    pub fn receipts(&self) -> Receipts<'_> {
        Receipts { office: self }
    }
}

impl Receipts<'_> {
    /// The receipts for the intakes of a case that were registered at this office, the first one first; none while
    /// the case has no number here.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn given(self, case: &Case) -> Result<Vec<Given>, StoreError> {
        let _level = self.office.level().read().await?;
        let me = self.office.identity().me;
        let Some(number) = case.number().copied() else { return Ok(Vec::new()) };
        let due = self.due(case).await?;
        let intakes: Vec<EntryId> = case
            .timeline()
            .iter()
            .map(|fact| fact.header())
            .filter(|header| header.kind == Kind::IntakeRegistered && header.journal == me)
            .map(|header| header.id())
            .collect();
        let mut stored = self.office.store().entries_at(&intakes).await?;
        stored.sort_by_key(|entry| entry.id);
        let entries = stored.into_iter().filter_map(|one| Entry::read(one.header, one.body).ok());
        let signer = &self.office.identity().signer;
        let given = entries.filter_map(|entry| {
            let receipt = Receipt::of(&entry, number, &due)?;
            let note = String::from_utf8(receipt.sign(signer)).ok()?;
            Some(Given { receipt, note })
        });
        Ok(given.collect())
    }

    /// The intake held here whose case has this number, and whose leaf begins with this short code.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn coded(self, number: &str, code: &str) -> Result<Option<EntryId>, StoreError> {
        let plain = |text: &str| {
            text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase()
        };
        let cases = self.office.store().cases_numbered(number.trim()).await?;
        let found = cases.iter().find_map(|record| {
            let case = Case::read(record.id, &record.facts, self.office.tree()).ok()?;
            let fits = |fact: &&Fact| {
                fact.header().kind == Kind::IntakeRegistered
                    && plain(&code_of(&fact.leaf())) == plain(code)
            };
            case.facts().values().find(fits).map(|fact| fact.header().id())
        });
        Ok(found)
    }

    /// The access log of the case that a receipt belongs to, for whoever brings the receipt. Nothing where the office's
    /// signature on it was not found good, where the case is not held or nothing of it is sealed, or where it belongs to
    /// a sealed report: who reads reports is for nobody to see.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn accesses(self, verdict: &Verdict) -> Result<Option<Vec<Access>>, StoreError> {
        let genuine = verdict.points.iter().any(|point| {
            point.question == Question::Signed && matches!(point.answer, Answer::Holds(_))
        });
        let store = self.office.store();
        let id = verdict.receipt.entry;
        let stored = store.entries_at(&[id]).await?.pop().filter(|_| genuine);
        let entry = stored.and_then(|one| one.into_entry().ok());
        let entry = entry.filter(|entry| {
            entry.leaf() == verdict.receipt.leaf && entry.header().kind == Kind::IntakeRegistered
        });
        let Some(case) = entry.and_then(|entry| entry.header().case) else { return Ok(None) };
        let Some(record) = store.cases(&[case]).await?.pop() else { return Ok(None) };
        let read = Case::read(record.id, &record.facts, self.office.tree());
        let Some(case) = read.ok().filter(|case| case.sealed_parts().next().is_some()) else {
            return Ok(None);
        };
        let entries = view::entries(store.as_ref(), &case).await?;
        Ok(Some(access::log(&case, |id| entries.get(&id).and_then(Entry::content))))
    }

    /// What the opening of a case pins.
    async fn due(self, case: &Case) -> Result<Vec<wire::Due>, StoreError> {
        let opening = case.first().and_then(|thread| thread.steps().first());
        let opening = opening.and_then(|leaf| case.facts().get(leaf));
        let Some(opening) = opening.map(|fact| fact.header().id()) else { return Ok(Vec::new()) };
        let stored = self.office.store().entries_at(&[opening]).await?.pop();
        let entry = stored.and_then(|one| Entry::read(one.header, one.body).ok());
        Ok(match entry.and_then(|entry| entry.content()) {
            Some(Content::CaseOpened(opened)) => opened.due,
            Some(_) | None => Vec::new(),
        })
    }

    /// Everything that proves a receipt by the root's key alone, as far as this office holds it: at the office that
    /// gave it up to the head its superior has signed, at a superior up to the newest head held, which it signs
    /// itself. `None` where the entry is not held, or is not the one the receipt names.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when the store does not answer.
    pub async fn evidence(self, receipt: &Receipt) -> Result<Option<Evidence>, ArchiveError> {
        let id = receipt.entry;
        let stored = self.office.store().entries_at(&[id]).await?.pop();
        let entry =
            stored.as_ref().and_then(|one| Entry::read(one.header.clone(), one.body.clone()).ok());
        let (Some(stored), Some(entry)) = (stored, entry) else { return Ok(None) };
        if entry.leaf() != receipt.leaf {
            return Ok(None);
        }
        let Some(record) = self.office.store().journal(id.journal).await? else { return Ok(None) };
        let (checkpoint, path, cosigned) = match stored.proof {
            Some((checkpoint, path)) => (checkpoint, path, Vec::new()),
            None => {
                let Some((checkpoint, size, cosigned)) = self.head(&record, id.sequence).await?
                else {
                    return Ok(None);
                };
                (checkpoint, self.office.proofs().to(id, size).await?, cosigned)
            }
        };
        let mut admissions: Vec<Proved> = Vec::new();
        let signers = cosigned.iter().map(|signed| signed.by);
        for journal in std::iter::once(id.journal).chain(signers) {
            let chain = self.office.write().await.archive.admission_chain(journal).await?;
            admissions.extend(
                chain.into_iter().filter(|one| !admissions.contains(one)).collect::<Vec<_>>(),
            );
        }
        let item = ParcelItem { header: stored.header, body: stored.body, sealed: None, path };
        Ok(Some(Evidence::new(wire::Evidence {
            intake: Some(proved((checkpoint, item))),
            cosigners: cosigned.iter().map(cosigner).collect(),
            admissions: admissions.into_iter().map(proved).collect(),
        })))
    }

    /// The signed head by which an entry is best proved, with who else signed it.
    async fn head(
        self,
        record: &JournalRecord,
        sequence: u64,
    ) -> Result<Option<(Vec<u8>, u64, Vec<Cosigned>)>, ArchiveError> {
        let _level = self.office.level().read().await?;
        let identity = self.office.identity();
        let signed = self.office.store().cosignatures(record.id).await?;
        let covering = signed.into_iter().filter(|signed| signed.size > sequence);
        let best = covering
            .max_by_key(|signed| (Some(signed.by.author) == identity.superior, signed.size));
        if let Some(best) = best.filter(|_| record.id == identity.me) {
            let checkpoint = Checkpoint { journal: record.id, size: best.size, root: best.root };
            // Signed again: the same head and key give the same note.
            let note = checkpoint.sign(&identity.signer).note().to_vec();
            let others = self.office.store().cosignatures(record.id).await?;
            let level = others.into_iter().filter(|other| other.size == best.size);
            let cosigned = level.map(|other| Cosigned {
                checkpoint,
                by: other.by,
                at: other.at,
                line: other.line,
            });
            return Ok(Some((note, best.size, cosigned.collect())));
        }
        let Some(note) = record.checkpoint.clone() else { return Ok(None) };
        let Some(head) = SignedCheckpoint::read(&note, record.id, &record.key) else {
            return Ok(None);
        };
        let head = *head.checkpoint();
        let mut cosigned = Vec::new();
        if record.id != identity.me && record.whole {
            let seconds = u64::try_from(self.office.now().as_second()).unwrap_or(0);
            cosigned.push(Cosigned::sign(head, identity.me, &identity.signer, seconds));
        }
        Ok((head.size > sequence).then_some((note, head.size, cosigned)))
    }

    /// Examines a receipt with what this office holds.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when the store does not answer.
    pub async fn examine(self, shown: &Unchecked) -> Result<Verdict, ArchiveError> {
        let here = self.here(shown).await?;
        let keyring = self.keyring().await?;
        let now = self.office.now();
        Ok(examine(shown, keyring, here.as_ref(), now, self.office.tree()))
    }

    /// The root, as this office was enrolled under it; an office not enrolled yet believes itself alone.
    async fn keyring(self) -> Result<Keyring, ArchiveError> {
        let journals = self.office.store().journals_of(DivisionCode::HUB).await?;
        let root = journals.iter().find(|journal| journal.admitted_by.is_none());
        let identity = self.office.identity();
        let own = (identity.me, identity.signer.public());
        let (journal, key) = root.map_or(own, |root| (root.id, root.key));
        Ok(Keyring::of_root(journal, key))
    }

    async fn here(self, shown: &Unchecked) -> Result<Option<Here>, ArchiveError> {
        let id = shown.receipt().entry;
        let store = self.office.store();
        let Some(record) = store.journal(id.journal).await? else { return Ok(None) };
        let stored = store.entries_at(&[id]).await?.pop();
        let size = record.frontier.size();
        let claimed = shown.evidence().and_then(|evidence| evidence.claimed_size(id.journal));
        let root_then = match claimed.filter(|claimed| record.whole && *claimed <= size) {
            Some(claimed) => Some(self.office.proofs().root(id.journal, claimed).await?),
            None => None,
        };
        let millis = record.stored_at.map(Timestamp::from_millisecond);
        Ok(Some(Here {
            key: record.key,
            whole: record.whole,
            size,
            leaf: stored.as_ref().map(|entry| terrace_proto::entry::leaf_of(&entry.header)),
            words: stored.is_some_and(|entry| entry.body.is_some()),
            stored_at: millis.and_then(Result::ok),
            root_then,
        }))
    }
}

fn proved((checkpoint, item): Proved) -> wire::Proved {
    wire::Proved { checkpoint, item: Some(item.into_wire()) }
}

fn cosigner(signed: &Cosigned) -> wire::Cosigner {
    let JournalId { author, epoch } = signed.by;
    wire::Cosigner { division: author.number(), epoch: epoch.0.to_vec(), line: signed.line.clone() }
}
