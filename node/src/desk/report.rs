//! The desk and reports against offices and officials (检举控告).
//!
//! A report is sealed where it is typed in; this office keeps neither its words nor its key, unless it is itself the one
//! above the accused. There the discipline organ opens it, and continues it as a case of its own: the words are sealed
//! again, inside, for that organ, and what is public of the case says no more than that there is a report.
//!
//! Where such a case may go is found in [`crate::archive::clearance`].

use jiff::civil::Date;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Entry};
use terrace_proto::route;
use terrace_proto::seal::{KeyId, Plain, Recipient, Report, SealingPublic};
use terrace_proto::wire;

use super::sealed::{Opened, store, unsealed, worded};
use super::{Desk, DeskError, Registered, Registration};
use crate::archive::{Draft, News};
use crate::cabinet::DISCIPLINE;
use crate::store::ReportRecord;
use crate::surroundings::name;

/// Reports looked through at once.
const PAGE: u32 = 256;
/// What is public of a report that is continued.
const TITLE: &str = "检举控告（密封） sealed report";

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
    /// Takes in that somebody is leaned on for a case (打击报复; R2005 3, R2022 18, 46(6)): a report past every office that
    /// has held it, sealed for the discipline organ above all of them.
    ///
    /// # Errors
    ///
    /// As [`Desk::take_report`]; [`DeskError::UnknownCase`] where the case is not held here: name the office then.
    pub async fn take_retaliation(
        &mut self,
        hand: &Hand,
        mut report: Report,
        case: &str,
        received_on: Option<Date>,
    ) -> Result<TakenReport, DeskError> {
        let case = self.find(case).await?;
        let case = self.known(case).await?;
        let holders = case.audience().iter().copied();
        let highest = holders.min_by_key(|office| (office.level(), *office));
        report.accused_division = highest.ok_or(DeskError::Incomplete)?;
        report.leads.extend(case.audience().iter().copied());
        report.retaliation = case.called().unwrap_or_default();
        self.take_report(hand, report, received_on).await
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
        let accused: Vec<DivisionCode> =
            [report.accused_division].into_iter().chain(report.leads.clone()).collect();
        let (addressee, closing) = self.addressee(me, &accused).await?;
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

    /// The office a report is sealed to, and its discipline organ's key: the lowest above all that is accused whose key is
    /// known here.
    async fn addressee(
        &mut self,
        me: DivisionCode,
        accused: &[DivisionCode],
    ) -> Result<(DivisionCode, SealingPublic), DeskError> {
        let tree = self.archive.tree();
        for one in accused {
            tree.node(*one)?;
        }
        let mut at = route::sealed_past(tree, me, accused);
        while let Some(office) = at {
            if let Some(key) = self.archive.closing_key(office, DISCIPLINE).await? {
                return Ok((office, key));
            }
            at = tree.superior(office);
        }
        Err(DeskError::NobodyAbove(accused[0]))
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

    /// Continues a report as a case of this office, held by its discipline organ: opened for a purpose that goes on
    /// record, and sealed again under a key of the new case. A report is continued once; the second time gives the case
    /// of the first.
    ///
    /// # Errors
    ///
    /// As [`Desk::open_report`]; [`DeskError::NoSealingKey`].
    pub async fn continue_report(
        &mut self,
        leaf: Digest,
        hand: &Hand,
        purpose: &str,
    ) -> Result<(Registered, News), DeskError> {
        let (opened, mut news) = self.open_report(leaf, hand, purpose).await?;
        let own = self.archive.cabinet().keys().newest(DISCIPLINE).map(|(_, key)| key.clone());
        let own = own.ok_or(DeskError::NoSealingKey)?;
        let intake = wire::IntakeRegistered {
            channel: "OTH".into(),
            title: TITLE.into(),
            source: format!("report {leaf}"),
            persons: 1,
            ..wire::IntakeRegistered::default()
        };
        let registration =
            Registration { intake, received_on: None, past: None, identity: None, coded: false };
        let thread = self.thread(&registration);
        let me = self.archive.identity().me.author;
        let case = CaseId::of(me, thread);
        let known = self.archive.store().cases(&[case]).await.map_err(store)?.pop();
        if let Some(number) = known.map(|record| record.number.unwrap_or_default()) {
            return Ok((
                Registered { number, case, known: true, same: Vec::new(), code: None, other: None },
                news,
            ));
        }
        let (key, part) = self.archive.seal(case, &opened.plain)?;
        let wrap = self.archive.wrap(&key, Recipient::Named(me), &own)?;
        self.archive.keep(vec![wrap]).await?;
        let numbers = self.numbering.take(self.archive, 1).await?;
        let number = numbers.numbers.first().expect("one number was asked for").to_string();
        let drafts =
            self.openings(hand, (case, thread), (registration, Some(part)), number.clone());
        let (_, said) = self.archive.append_with(drafts, Some(numbers.block)).await?;
        news.join(said);
        let registered =
            Registered { number, case, known: false, same: Vec::new(), code: None, other: None };
        Ok((registered, news))
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
