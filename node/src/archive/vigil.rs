//! What an office puts on record because nothing came: a subordinate's silence, a question that is not answered.
//!
//! Nobody can prove that he was given nothing. But whoever waited can sign since when, and the ledgers show that the
//! question arrived: "asked at, nothing given". Each is said once, and stands in this office's journal.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, EntryId, Kind};
use terrace_proto::objection::{Ground, Objection, gist_of_question};
use terrace_proto::receipt::Unchecked;
use terrace_proto::route;
use terrace_proto::wire;

use super::{Archive, ArchiveError, Draft, News};
use crate::store::Batch;

/// How long a subordinate may be silent, and a question unanswered, before it is put on record \[M\]: three days, so
/// that a weekend without a line accuses nobody.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(72);
/// Questions looked at in one round, the newest first.
const QUESTIONS: u32 = 256;

impl Archive {
    /// Asks the office that gave a receipt for the entry it signed for. The question goes down to it and stands in
    /// this office's journal; the same question once. The caller has checked the signature.
    pub async fn ask(&mut self, hand: Hand, receipt: &Unchecked) -> Result<News, ArchiveError> {
        self.refresh().await?;
        let said = receipt.receipt();
        let asked = wire::Asked {
            author: said.office().number(),
            epoch: said.entry.journal.epoch.0.to_vec(),
            sequence: said.entry.sequence,
            leaf: said.leaf.0.to_vec(),
            receipt: receipt.note(),
        };
        if !self.store.raised_as(gist_of_question(&asked)).await?.is_empty() {
            return Ok(News::default());
        }
        let mut draft = Draft::plain(hand, None, Content::Asked(asked));
        draft.addressee = Some(said.office());
        let (_, news) = self.append(vec![draft]).await?;
        Ok(news)
    }

    /// Puts on record who has been silent too long at `now`, and which questions of this office were not answered.
    /// Whoever is `connected` is not silent, however little it has to say.
    pub async fn keep_vigil(
        &mut self,
        now: Timestamp,
        connected: &BTreeSet<DivisionCode>,
    ) -> Result<News, ArchiveError> {
        self.refresh().await?;
        let mut objections = self.silent(now, connected);
        objections.extend(self.unanswered(now).await?);
        let mut news = News::default();
        for objection in objections {
            news.join(self.object(objection).await?);
        }
        Ok(news)
    }

    fn silent(&self, now: Timestamp, connected: &BTreeSet<DivisionCode>) -> Vec<Objection> {
        let absent = self.subordinates.iter().filter(|office| !connected.contains(office));
        let records = absent.filter_map(|office| self.admitted(*office));
        let silent = records.filter_map(|record| {
            let since = Timestamp::from_millisecond(record.stored_at?).ok()?;
            (now.duration_since(since) > PATIENCE).then(|| Objection {
                ground: Ground::Silent,
                about: record.id,
                place: record.frontier.size(),
                shown: Vec::new(),
                held: Vec::new(),
                since: Some(since),
            })
        });
        silent.collect()
    }

    async fn unanswered(&self, now: Timestamp) -> Result<Vec<Objection>, ArchiveError> {
        let me = self.identity.me;
        let mut objections = Vec::new();
        for (_, raised) in self.store.raised(u64::MAX, QUESTIONS).await? {
            let own = raised.entry.journal == me && raised.kind == Kind::Asked.number();
            let Ok(asked_at) = Timestamp::from_millisecond(raised.raised_at) else { continue };
            if !own || now.duration_since(asked_at) <= PATIENCE {
                continue;
            }
            let missing = EntryId { journal: raised.about, sequence: raised.place };
            if self.store.entries_at(&[missing]).await?.is_empty() {
                objections.push(Objection {
                    ground: Ground::Withheld,
                    about: raised.about,
                    place: raised.place,
                    shown: Vec::new(),
                    held: Vec::new(),
                    since: Some(asked_at),
                });
            }
        }
        Ok(objections)
    }

    /// Lists an entry that belongs to no case and is addressed to somebody below, on the way down to it.
    pub(super) fn list_addressed(
        &self,
        batch: &mut Batch,
        news: &mut News,
        entry: &terrace_proto::entry::Entry,
    ) {
        let header = entry.header();
        let to = header.address.map(|address| address.division);
        let below = to.filter(|_| header.case.is_none());
        let below = below.and_then(|to| route::towards(self.tree, &self.subordinates, to));
        let Some(next) = below else { return };
        if route::passes_down(self.tree, header.journal.author, next) {
            let chain = self.chain(header.journal, &std::collections::BTreeMap::new());
            batch.parcels.extend(chain.into_iter().chain([header.id()]).map(|entry| (next, entry)));
            news.down.insert(next);
        }
    }
}
