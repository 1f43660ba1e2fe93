//! Witnesses: which sibling signs whose heads, what a witness keeps, and what it objects to.
//!
//! Each direct subordinate's journal is witnessed by the next of its siblings in the order of their codes, around a
//! ring: the map is the admissions in the superior's journal, and nobody else chooses. A witness holds no entries; it
//! signs a head once it has been shown to go on from the one before, so not even a superior and an office together
//! can put another history in the place of the one it has seen.

use std::collections::BTreeMap;

use terrace_proto::digest::Epoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, EntryId, JournalId, Kind, VerifiedEntry};
use terrace_proto::journal::SignedCheckpoint;
use terrace_proto::journal::checkpoint::{Checkpoint, Cosigned};
use terrace_proto::objection::{Objection, gist_of_question};
use terrace_proto::route;
use terrace_proto::session::witnessing::{HeadOffer, Heads, Judgement, judge};

use super::{Archive, ArchiveError, Draft, News};
use crate::store::{Batch, Cosignature, HeadRecord, RaisedRecord};

impl Archive {
    /// What is due to a subordinate as to heads: those of siblings that it witnesses and has not signed as they
    /// stand, and the lines of others on its own journal. `followed` is how far it says it has followed journals.
    pub async fn heads(
        &mut self,
        peer: DivisionCode,
        followed: &BTreeMap<JournalId, u64>,
    ) -> Result<Heads, ArchiveError> {
        self.refresh().await?;
        let mut heads = Heads::default();
        let Some(witness) = self.admitted(peer).map(|journal| journal.id) else {
            return Ok(heads);
        };
        for line in self.store.cosignatures(witness).await? {
            let checkpoint = Checkpoint { journal: witness, size: line.size, root: line.root };
            heads.lines.push(Cosigned { checkpoint, by: line.by, at: line.at, line: line.line });
        }
        let watched = self
            .subordinates
            .iter()
            .copied()
            .filter(|office| route::witness_of(&self.subordinates, *office) == Some(peer));
        for office in watched.collect::<Vec<_>>() {
            heads.offers.extend(self.offer(office, witness, followed).await?);
        }
        Ok(heads)
    }

    async fn offer(
        &self,
        office: DivisionCode,
        witness: JournalId,
        followed: &BTreeMap<JournalId, u64>,
    ) -> Result<Option<HeadOffer>, ArchiveError> {
        let Some(record) = self.admitted(office) else { return Ok(None) };
        let (journal, size) = (record.id, record.frontier.size());
        let Some(note) = record.checkpoint.clone() else { return Ok(None) };
        let signed = self.store.cosignatures(journal).await?;
        let signed = signed.iter().find(|signed| signed.by == witness).map_or(0, |one| one.size);
        let from = followed.get(&journal).copied().unwrap_or(signed);
        if size <= signed || size < from {
            return Ok(None);
        }
        let proof = self.proofs().consistency(journal, from, size).await?;
        let head = Checkpoint { journal, size, root: record.frontier.root() };
        Ok(Some(HeadOffer { head, note, from, proof }))
    }

    /// Judges a head as a witness. One that goes on from the head followed so far is kept before the line is given
    /// back; otherwise the answer is how far the journal was followed, and what contradicts it is put on record.
    pub async fn witness(
        &mut self,
        offer: HeadOffer,
    ) -> Result<(Result<Cosigned, u64>, News), ArchiveError> {
        self.refresh().await?;
        let about = offer.head.journal;
        let Some(key) = self.journals.get(&about).map(|journal| journal.key) else {
            return Ok((Err(0), News::default())); // Its admission is still on its way here.
        };
        let followed = self.store.head(about).await?;
        let held = followed.as_ref().map_or(0, |head| head.size);
        if SignedCheckpoint::read(&offer.note, about, &key).is_none() {
            return Ok((Err(held), News::default()));
        }
        match judge(followed.as_ref().map(|head| (head.size, head.root)), &offer) {
            Judgement::From(held) => Ok((Err(held), News::default())),
            Judgement::Objected(ground) => {
                let held_note = followed.map(|head| head.note).unwrap_or_default();
                let objection = Objection {
                    ground,
                    about,
                    place: held,
                    shown: offer.note,
                    held: held_note,
                    since: None,
                };
                Ok((Err(held), self.object(objection).await?))
            }
            Judgement::Follows => {
                let now = self.clock.now();
                let head = HeadRecord {
                    journal: about,
                    size: offer.head.size,
                    root: offer.head.root,
                    note: offer.note,
                    seen_at: now.as_millisecond(),
                };
                if held < head.size {
                    self.commit(Batch { heads: vec![head], ..Batch::default() }).await?;
                }
                let seconds = u64::try_from(now.as_second()).unwrap_or(0);
                let (me, signer) = (self.identity.me, &self.identity.signer);
                Ok((Ok(Cosigned::sign(offer.head, me, signer, seconds)), News::default()))
            }
        }
    }

    /// Keeps the line of a witness on this office's own head, if that office's key made it and the head is one of
    /// this journal. Anything else is worth nothing and is forgotten.
    pub async fn witnessed(
        &mut self,
        checkpoint: Checkpoint,
        by: JournalId,
        line: &str,
    ) -> Result<(), ArchiveError> {
        self.refresh().await?;
        let own = self.own_journal()?.frontier.size();
        let Some(key) = self.journals.get(&by).map(|journal| journal.key) else { return Ok(()) };
        if checkpoint.journal != self.identity.me || checkpoint.size > own {
            return Ok(());
        }
        let Some(cosigned) = Cosigned::read(checkpoint, line, by, &key) else { return Ok(()) };
        if self.proofs().root(checkpoint.journal, checkpoint.size).await? != checkpoint.root {
            return Ok(());
        }
        self.cosigned(cosigned).await.map(|_| ())
    }

    /// Puts an objection on record in this office's journal, from where it climbs; the same once. Where the
    /// objection does not bring the note its author had signed before, the newest one held here is added.
    pub async fn object(&mut self, mut objection: Objection) -> Result<News, ArchiveError> {
        self.refresh().await?;
        if !self.store.raised_as(objection.gist()).await?.is_empty() {
            return Ok(News::default());
        }
        if objection.held.is_empty()
            && let Some(record) = self.journals.get(&objection.about)
        {
            objection.held = record.checkpoint.clone().unwrap_or_default();
        }
        let mut draft = Draft::plain(Hand::default(), None, objection.content());
        draft.addressee = self.identity.superior;
        let (_, news) = self.append(vec![draft]).await?;
        Ok(news)
    }

    /// What is raised among entries, to be found without reading journals.
    pub(super) fn learn_raised(batch: &mut Batch, entries: &[VerifiedEntry]) {
        batch.raised.extend(entries.iter().filter_map(raised));
    }

    /// Lists for the neighbours in the ring the admissions by which they know each other's keys.
    pub(super) fn list_ring(
        &self,
        batch: &mut Batch,
        news: &mut News,
        admitted: (DivisionCode, EntryId),
    ) {
        let (office, entry) = admitted;
        let mut ring = self.subordinates.clone();
        ring.insert(office);
        let ahead = route::witness_of(&ring, office);
        let behind =
            ring.iter().copied().find(|one| route::witness_of(&ring, *one) == Some(office));
        for neighbour in ahead.into_iter().chain(behind) {
            batch.parcels.push((neighbour, entry));
            let by = self.admitted(neighbour).and_then(|journal| journal.admitted_by);
            batch.parcels.extend(by.map(|by| (office, by)));
            news.down.extend([neighbour, office]);
        }
    }

    /// The row of a cosignature.
    pub(super) fn signed(cosigned: Cosigned) -> Cosignature {
        let Cosigned { checkpoint, by, at, line } = cosigned;
        let Checkpoint { journal, size, root } = checkpoint;
        Cosignature { journal, by, size, root, at, line }
    }
}

fn raised(entry: &VerifiedEntry) -> Option<RaisedRecord> {
    if ![Kind::Objected, Kind::Asked].contains(&entry.header().kind) {
        return None;
    }
    let content = entry.content()?;
    let (about, place, gist) = if let Content::Objected(objected) = content {
        let objection = Objection::read(&objected)?;
        (objection.about, objection.place, objection.gist())
    } else if let Content::Asked(asked) = content {
        let author = DivisionCode::from_number(asked.author).ok()?;
        let about = JournalId { author, epoch: Epoch::read(&asked.epoch)? };
        (about, asked.sequence, gist_of_question(&asked))
    } else {
        return None;
    };
    let header = entry.header();
    let raised_at = header.recorded_at.as_millisecond();
    let kind = header.kind.number();
    Some(RaisedRecord { entry: header.id(), kind, about, place, gist, raised_at })
}
