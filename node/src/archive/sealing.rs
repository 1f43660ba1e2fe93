//! Case keys as they follow their cases: made where a part is sealed, wrapped for whoever may read, carried on for
//! others, and destroyed where an entry says so.
//!
//! A part's key is kept before the entry that holds the part is written. A key is handed on, and destroyed, after the
//! entry that says so is durable; what a crash or a restored copy left undone is done at the next start.
//! It never judges who may read, and never opens a part.

use std::collections::BTreeSet;

use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, EntryId, Kind, VerifiedEntry};
use terrace_proto::roll::Roll;
use terrace_proto::route;
use terrace_proto::seal::part::NONCE_LENGTH;
use terrace_proto::seal::sealing_key::{CHANCE_LENGTH, SUITE};
use terrace_proto::seal::{
    CaseKey, KeyId, Plain, Recipient, SealedPart, SealingPublic, VerifiedWrap, Wrap,
};
use terrace_proto::wire;

use super::{Archive, ArchiveError, Draft, News};
use crate::cabinet::{self, Cabinet, Change, DISCIPLINE, Kept};
use crate::store::{AnnouncedKey, Batch, ReportRecord};

impl Archive {
    /// Seals and opens with the keys of this cabinet from here on.
    #[must_use]
    pub fn with_cabinet(mut self, cabinet: Cabinet) -> Self {
        self.cabinet = cabinet;
        self
    }

    /// The cabinet.
    #[must_use]
    pub fn cabinet(&self) -> &Cabinet {
        &self.cabinet
    }

    /// Announces the newest sealing key of each organ, unless it is on record already.
    pub async fn announce_keys(&mut self) -> Result<News, ArchiveError> {
        self.refresh().await?;
        let me = self.identity.me;
        let known = self.store.sealing_keys(me.author).await?;
        let mut drafts = Vec::new();
        for organ in self.cabinet.keys().organs() {
            let Some((generation, key)) = self.cabinet.keys().newest(organ) else { continue };
            let same = |one: &AnnouncedKey| {
                one.entry.journal == me && one.organ == organ && one.key.bytes() == key.bytes()
            };
            if !known.iter().any(same) {
                let announced = Content::SealingKeyAnnounced(wire::SealingKeyAnnounced {
                    organ: organ.to_owned(),
                    generation,
                    suite: SUITE,
                    key: key.bytes().to_vec(),
                });
                drafts.push(Draft::plain(Hand::default(), None, announced));
            }
        }
        if drafts.is_empty() {
            return Ok(News::default());
        }
        let (_, news) = self.append(drafts).await?;
        Ok(news)
    }

    /// The key to close for an organ of an office: the newest it announced in the journal that counts.
    pub async fn closing_key(
        &mut self,
        office: DivisionCode,
        organ: &str,
    ) -> Result<Option<SealingPublic>, ArchiveError> {
        self.refresh().await?;
        let me = self.identity.me;
        let counts = if office == me.author {
            Some(me)
        } else {
            self.admitted(office).map(|journal| journal.id)
        };
        let keys = self.store.sealing_keys(office).await?;
        let of_it =
            keys.into_iter().filter(|k| Some(k.entry.journal) == counts && k.organ == organ);
        Ok(of_it.max_by_key(|key| key.generation).map(|key| key.key))
    }

    /// Seals `plain` under a new key of `case`, which nobody has yet.
    pub fn seal(
        &mut self,
        case: CaseId,
        plain: &Plain,
    ) -> Result<(CaseKey, SealedPart), ArchiveError> {
        let (mut secret, mut nonce) = ([0; 32], [0; NONCE_LENGTH]);
        self.chance.fill(&mut secret);
        self.chance.fill(&mut nonce);
        let key = CaseKey::of(case, &secret);
        let part = SealedPart::seal(&key, &plain.encode(), &nonce)?;
        Ok((key, part))
    }

    /// Wraps a case key for an office, or blindly for whoever can open it.
    pub fn wrap(
        &mut self,
        key: &CaseKey,
        recipient: Recipient,
        to: &SealingPublic,
    ) -> Result<VerifiedWrap, ArchiveError> {
        let mut chance = [0; CHANCE_LENGTH];
        self.chance.fill(&mut chance);
        let Self { identity, .. } = self;
        Ok(Wrap::make(key, recipient, to, identity.me, &identity.signer, &chance)?)
    }

    /// What is to become of a wrap here: kept if this office can open it, passed on if it is another's, and a blind
    /// one passed upwards whoever has opened it, so that nobody can tell from its way who did.
    #[must_use]
    pub fn placed(&self, wrap: VerifiedWrap) -> Kept {
        let me = self.identity.me.author;
        let line = (me, self.identity.superior);
        let due = match wrap.recipient() {
            Recipient::Blind => self.identity.superior,
            Recipient::Named(to) => route::next_hop(self.tree, &self.subordinates, line, to),
        };
        let held = cabinet::names(&wrap, me) || self.cabinet.opens(&wrap);
        Kept { wrap, held, due }
    }

    /// Keeps wraps; durable when this returns.
    pub async fn keep(&self, wraps: Vec<VerifiedWrap>) -> Result<(), ArchiveError> {
        let keep = wraps.into_iter().map(|wrap| self.placed(wrap)).collect();
        Ok(self.cabinet.store().change(Change { keep, ..Change::default() }).await?)
    }

    /// The key with this id of a case, if this office holds it and this organ can open it.
    pub async fn case_key(
        &mut self,
        organ: &str,
        case: CaseId,
        wanted: KeyId,
    ) -> Result<Option<CaseKey>, ArchiveError> {
        let keys = self.case_keys(organ, case).await?;
        Ok(keys.into_iter().find(|key| key.id() == wanted))
    }

    pub(super) async fn case_keys(
        &mut self,
        organ: &str,
        case: CaseId,
    ) -> Result<Vec<CaseKey>, ArchiveError> {
        self.refresh().await?;
        let believed = |bytes: &[u8]| self.believed(bytes);
        Ok(self.cabinet.case_keys(organ, case, believed).await?)
    }

    /// A wrap whose maker is known and signed it.
    fn believed(&self, bytes: &[u8]) -> Option<VerifiedWrap> {
        let wrap = Wrap::read(bytes).ok()?;
        let key = self.journals.get(&wrap.by())?.key;
        wrap.verify(&key).ok()
    }

    /// Wraps the keys of a case for an office that may read it from now on. Nothing happens where this office has none
    /// of them, or knows no key to close for; the latter is made good when the office announces one.
    /// What is sealed for the discipline organ goes to the discipline organ.
    pub async fn hand_on(&mut self, case: CaseId, to: DivisionCode) -> Result<(), ArchiveError> {
        for organ in ["", DISCIPLINE] {
            let keys = self.case_keys(organ, case).await?;
            if keys.is_empty() {
                continue;
            }
            let Some(closing) = self.closing_key(to, organ).await? else { continue };
            self.keep_wrapped(&keys, to, &closing).await?;
        }
        Ok(())
    }

    async fn keep_wrapped(
        &mut self,
        keys: &[CaseKey],
        to: DivisionCode,
        closing: &SealingPublic,
    ) -> Result<(), ArchiveError> {
        let wraps = keys.iter().map(|key| self.wrap(key, Recipient::Named(to), closing));
        let wraps = wraps.collect::<Result<Vec<_>, _>>()?;
        self.keep(wraps).await
    }

    /// Wraps anew, for offices that announced a key, every case key held here that they may have: they are new, have
    /// changed their keys, or have lost them.
    async fn hand_on_all(&mut self, to: &BTreeSet<DivisionCode>) -> Result<(), ArchiveError> {
        if to.is_empty() {
            return Ok(());
        }
        for id in self.cabinet.store().cases().await? {
            let Some(case) = self.case(id).await? else { continue };
            for office in to.iter().filter(|office| case.is_reader(**office)) {
                self.hand_on(id, *office).await?;
            }
        }
        Ok(())
    }

    /// Checks wraps that a neighbour hands over, keeps those whose maker is known, and names them.
    pub async fn take_wraps(
        &mut self,
        wraps: Vec<Vec<u8>>,
    ) -> Result<(Vec<Digest>, News), ArchiveError> {
        self.refresh().await?;
        let believed: Vec<VerifiedWrap> =
            wraps.iter().filter_map(|bytes| self.believed(bytes)).collect();
        let digests = believed.iter().map(|wrap| cabinet::digest_of(&wrap.bytes())).collect();
        let me = self.identity.me.author;
        let handed: BTreeSet<CaseId> = believed
            .iter()
            .filter(|wrap| cabinet::names(wrap, me))
            .map(|wrap| wrap.case())
            .collect();
        self.keep(believed).await?;
        for case in &handed {
            self.pass_to_holder(*case).await?;
        }
        self.index(&handed.into_iter().collect::<Vec<_>>()).await?;
        Ok((digests, News { up: true, ..News::default() }))
    }

    /// A key that came after the case had gone on, or was taken up from above, goes to who holds it now.
    async fn pass_to_holder(&mut self, id: CaseId) -> Result<(), ArchiveError> {
        let Some(case) = self.case(id).await? else { return Ok(()) };
        let Some(to) = case.leading().map(|thread| thread.holder().division) else {
            return Ok(());
        };
        let due = to != self.identity.me.author && case.is_reader(to);
        if due && !self.cabinet.store().handed(id).await?.contains(&to) {
            self.hand_on(id, to).await?;
        }
        Ok(())
    }

    /// Wraps that are due to a neighbour.
    pub async fn due_wraps(
        &self,
        to: DivisionCode,
        limit: u32,
    ) -> Result<Vec<Vec<u8>>, ArchiveError> {
        Ok(self.cabinet.store().due(to, limit).await?)
    }

    /// A neighbour has kept these wraps.
    pub async fn wraps_taken(
        &self,
        by: DivisionCode,
        digests: Vec<Digest>,
    ) -> Result<(), ArchiveError> {
        let taken = digests.into_iter().map(|digest| (by, digest)).collect();
        Ok(self.cabinet.store().change(Change { taken, ..Change::default() }).await?)
    }

    /// What became durable may give the right to a key, or end it.
    pub(super) async fn follow_keys(&mut self, news: &News) -> Result<(), ArchiveError> {
        self.destroy(news.erased.iter().copied().collect()).await?;
        let mut announced = news.announced.clone();
        announced.remove(&self.identity.me.author);
        self.hand_on_all(&announced).await?;
        for (case, office) in &news.joined {
            self.hand_on(*case, *office).await?;
        }
        Ok(())
    }

    /// Destroys the keys of these cases for good.
    pub(super) async fn destroy(&self, cases: Vec<CaseId>) -> Result<(), ArchiveError> {
        if cases.is_empty() {
            return Ok(());
        }
        Ok(self.cabinet.store().change(Change { destroy: cases, ..Change::default() }).await?)
    }

    /// Wraps for the newest own key of each organ the keys of a case that only an older one opens.
    async fn renew(&mut self, case: CaseId) -> Result<(), ArchiveError> {
        let organs: Vec<String> = self.cabinet.keys().organs().map(str::to_owned).collect();
        for organ in organs {
            let held = self.cabinet.store().wraps(case).await?;
            let held = held.iter().filter_map(|bytes| self.believed(bytes));
            let own = self.cabinet.keys();
            let current: BTreeSet<KeyId> = held
                .filter(|wrap| own.newest_opens(&organ, wrap))
                .map(|wrap| wrap.key_id())
                .collect();
            let Some((_, newest)) = own.newest(&organ) else { continue };
            let newest = newest.clone();
            let mut keys = self.case_keys(&organ, case).await?;
            keys.retain(|key| !current.contains(&key.id()));
            if !keys.is_empty() {
                self.keep_wrapped(&keys, self.identity.me.author, &newest).await?;
            }
        }
        Ok(())
    }

    /// Does what a crash left undone, and what a restored copy has undone: keys of erased cases are destroyed again, and
    /// whoever may have a key and was never handed it is. After a rotation the own keys are wrapped for the newest.
    pub async fn settle_keys(&mut self) -> Result<(), ArchiveError> {
        let (me, mut erased) = (self.identity.me.author, Vec::new());
        for id in self.cabinet.store().cases().await? {
            // A sealed report is folded into no case, and its key is renewed like any other.
            self.renew(id).await?;
            let Some(case) = self.case(id).await? else { continue };
            if case.erasure().is_some() {
                erased.push(id);
                continue;
            }
            let handed = self.cabinet.store().handed(id).await?;
            for reader in case.audience() {
                if *reader != me && !handed.contains(reader) {
                    self.hand_on(id, *reader).await?;
                }
            }
        }
        self.destroy(erased).await?;
        let held = self.cabinet.store().cases().await?;
        self.index_left(&held).await
    }

    /// Announced keys and sealed reports among entries, to be found without reading journals.
    pub(super) fn learn_sealed(batch: &mut Batch, entries: &[VerifiedEntry]) {
        batch.sealing_keys.extend(entries.iter().filter_map(announced));
        batch.reports.extend(entries.iter().filter_map(report));
    }

    /// Lists what this office or one above announces to all below, a sealing key, rules, an expert or organs, for every
    /// subordinate.
    pub(super) fn list_announced(&self, batch: &mut Batch, news: &mut News, entry: &VerifiedEntry) {
        let header = entry.header();
        let above = self.tree.is_within(self.identity.me.author, header.journal.author);
        let announced = [
            Kind::SealingKeyAnnounced,
            Kind::RulesIssued,
            Kind::ExpertEnlisted,
            Kind::ExpertRemoved,
            Kind::OrganRegistered,
        ];
        if !announced.contains(&header.kind) || !above {
            return;
        }
        for to in &self.subordinates {
            let chain = self.chain(header.journal, &std::collections::BTreeMap::new());
            batch.parcels.extend(chain.into_iter().chain([header.id()]).map(|id| (*to, id)));
            news.down.insert(*to);
        }
    }

    /// Lists for a newcomer the announcements of this office and of those above.
    pub(super) fn list_announcements(
        &self,
        batch: &mut Batch,
        news: &mut News,
        (to, known): (DivisionCode, &[EntryId]),
    ) {
        for entry in known {
            let chain = self.chain(entry.journal, &std::collections::BTreeMap::new());
            batch.parcels.extend(chain.into_iter().chain([*entry]).map(|id| (to, id)));
            news.down.insert(to);
        }
    }

    /// What this office and those above have announced to all below: sealing keys, rules, experts, and organs.
    pub(super) async fn announcements(&self) -> Result<Vec<EntryId>, ArchiveError> {
        let above = self.tree.path(self.identity.me.author);
        let rules = self.store.issued_rules().await?.into_iter().map(|rules| rules.entry);
        let mut said: Vec<EntryId> =
            rules.filter(|entry| above.contains(&entry.journal.author)).collect();
        for office in above {
            let keys = self.store.sealing_keys(office).await?;
            let experts = self.whole_roll(Roll::Experts, Some(office)).await?;
            said.extend(keys.into_iter().map(|key| key.entry));
            said.extend(experts.into_iter().map(|one| one.entry));
            said.extend(self.registrations(office).await?);
        }
        Ok(said)
    }
}

fn announced(entry: &VerifiedEntry) -> Option<AnnouncedKey> {
    if entry.header().kind != Kind::SealingKeyAnnounced {
        return None;
    }
    let Some(Content::SealingKeyAnnounced(said)) = entry.content() else { return None };
    // A key of a later suite, or one that is none, is not closed for; the entry is kept all the same.
    let key = SealingPublic::read(said.suite, &said.key).ok()?;
    Some(AnnouncedKey { entry: entry.id(), organ: said.organ, generation: said.generation, key })
}

fn report(entry: &VerifiedEntry) -> Option<ReportRecord> {
    let header = entry.header();
    let case = header.case.filter(|_| header.kind == Kind::ReportSealed)?;
    Some(ReportRecord {
        entry: entry.id(),
        leaf: entry.leaf(),
        case,
        key: entry.sealed().map(SealedPart::key_id),
        recorded_at: header.recorded_at.as_millisecond(),
    })
}
