//! Records of the past (历史件) are taken over: one entry each, thousands in a command, and no clock starts.
//!
//! A record that was done where it was kept begins and ends its case with the entry that takes it over. One that was not
//! done is registered like any other, without a day from which a clock could run.
//!
//! While some are made durable, the next are named, looked up and written out on another thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use terrace_proto::case::CaseNumber;
use terrace_proto::case::past::NUMBER_LIMIT;
use terrace_proto::digest::{CaseId, ThreadId};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, Holder};
use terrace_proto::wire;

use super::{Desk, DeskError, HANDLE, PAST_COMMIT, Registered, Registration, thread_of_source};
use crate::archive::fair_copy::{Copyist, FairCopy, Stamps};
use crate::archive::{Archive, ArchiveError, Draft, News};
use crate::store::{CaseRecord, Store};
use crate::surroundings::name;

/// Longest outcome, in bytes.
const OUTCOME_LIMIT: usize = 64 * 1024;

impl Desk<'_> {
    /// Takes over records of the past, all or none of each [`PAST_COMMIT`] of them. What came before from the same source is
    /// known and written once.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`](crate::store::StoreError::Conflict) where the first records of a long command are new and a
    /// later one is not: what is before it is taken over, and the same command again takes over the rest.
    pub(super) async fn take_over(
        &mut self,
        hand: &Hand,
        registrations: Vec<Registration>,
    ) -> Result<(Vec<Registered>, News), DeskError> {
        let (mut registered, mut news) = (Vec::with_capacity(registrations.len()), News::default());
        if registrations.is_empty() {
            return Ok((registered, news));
        }
        let mut rest = registrations.into_iter().peekable();
        let mut writing = Writing::begin(self.archive, hand).await?;
        let mut before: Option<FairCopy> = None;
        // The first are few: nothing is made durable while they are written out.
        let mut size = PAST_COMMIT / 8;
        while rest.peek().is_some() || before.is_some() {
            let some: Vec<Registration> = rest.by_ref().take(size).collect();
            size = PAST_COMMIT;
            let lot = Lot::of(some, self.archive, before.is_some());
            let enter = async {
                match before.take() {
                    Some(copy) => self.archive.enter(copy).await,
                    None => Ok(News::default()),
                }
            };
            let (entered, written) = tokio::join!(enter, writing.write_out(lot));
            news.join(entered?);
            let (after, copy, some) = written?;
            (writing, before) = (after, copy);
            registered.extend(some);
        }
        Ok((registered, news))
    }
}

/// What is held of a source under an id.
pub(super) struct Held {
    /// What it is called by.
    pub(super) number: String,
    /// The number it had where it was kept before; empty where it had none.
    pub(super) former: String,
}

impl Held {
    pub(super) fn of(record: CaseRecord) -> Self {
        let number = record.number.unwrap_or_default();
        // A record that was done is called by the number it had.
        let own = number.parse::<CaseNumber>().is_ok();
        let former = record.former.unwrap_or_else(|| match own {
            true => String::new(),
            false => number.clone(),
        });
        Self { number, former }
    }

    /// What is answered to whoever brings it again; or brings another record under the same id, which two systems that
    /// each count from one will do. Those have numbers of their own.
    pub(super) fn known(&self, case: CaseId, intake: &wire::IntakeRegistered) -> Registered {
        let brought = former(intake);
        let is_other = ![brought, &self.former].contains(&"") && brought != self.former;
        Registered {
            number: self.number.clone(),
            case,
            known: true,
            same: Vec::new(),
            code: None,
            other: is_other.then(|| self.former.clone()),
        }
    }
}

/// Records that are written out together.
struct Lot {
    registrations: Vec<Registration>,
    /// Threads of those that name no source.
    unnamed: Vec<ThreadId>,
    stamps: Stamps,
    /// Whether others are made durable meanwhile.
    beside: bool,
}

impl Lot {
    fn of(registrations: Vec<Registration>, archive: &mut Archive, beside: bool) -> Self {
        let unnamed = registrations.iter().filter(|one| one.intake.source.is_empty());
        let unnamed = unnamed.map(|_| ThreadId(name(archive.chance()))).collect();
        let stamps = archive.stamps(registrations.len());
        Self { registrations, unnamed, stamps, beside }
    }
}

/// Writes records out, lot after lot.
struct Writing {
    copyist: Copyist,
    store: Arc<dyn Store>,
    me: DivisionCode,
    hand: Hand,
    /// Cases begun so far.
    begun: BTreeMap<CaseId, Held>,
    lookup: Lookup,
}

/// Whether the next records are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lookup {
    /// They are the first.
    First,
    /// Some of the first were known: each is looked up.
    Each,
    /// None of the first was known. The rest of the command is taken to be new as well: the store refuses what is not, and
    /// whoever brings it again finds its first records known.
    NoMore,
}

impl Writing {
    async fn begin(archive: &mut Archive, hand: &Hand) -> Result<Self, ArchiveError> {
        let copyist = archive.copyist().await?;
        let (store, me) = (archive.store().clone(), archive.identity().me.author);
        Ok(Self {
            copyist,
            store,
            me,
            hand: hand.clone(),
            begun: BTreeMap::new(),
            lookup: Lookup::First,
        })
    }

    /// Writes out what is not known of a lot, as far as that is asked, and says by which number each of it is called; no
    /// copy where there is nothing to write.
    async fn write_out(
        self,
        lot: Lot,
    ) -> Result<(Self, Option<FairCopy>, Vec<Registered>), DeskError> {
        if lot.registrations.is_empty() {
            return Ok((self, None, Vec::new()));
        }
        let (store, beside) = (self.store.clone(), lot.beside);
        let (mut writing, lot, named) = aside(beside, move || {
            let named = self.named(&lot);
            (self, lot, named)
        })
        .await;
        let mut known = Vec::new();
        if writing.lookup != Lookup::NoMore {
            let ids: Vec<CaseId> = named.iter().map(|(case, _)| *case).collect();
            known = store.cases(&ids).await.map_err(ArchiveError::from)?;
            if writing.lookup == Lookup::First {
                writing.lookup = if known.is_empty() { Lookup::NoMore } else { Lookup::Each };
            }
        }
        let known = known.into_iter().map(|case| (case.id, Held::of(case))).collect();
        aside(beside, move || writing.copied(lot, named, &known)).await
    }

    /// The case of each record, with its thread.
    fn named(&self, lot: &Lot) -> Vec<(CaseId, ThreadId)> {
        let mut unnamed = lot.unnamed.iter();
        let thread = |one: &Registration| match one.intake.source.as_str() {
            "" => *unnamed.next().expect("a thread was drawn for each without a source"),
            source => thread_of_source(self.copyist.signer(), source),
        };
        let threads = lot.registrations.iter().map(thread);
        threads.map(|thread| (CaseId::of(self.me, thread), thread)).collect()
    }

    fn copied(
        mut self,
        lot: Lot,
        named: Vec<(CaseId, ThreadId)>,
        known: &BTreeMap<CaseId, Held>,
    ) -> Result<(Self, Option<FairCopy>, Vec<Registered>), DeskError> {
        let mut registered = Vec::with_capacity(named.len());
        let Self { copyist, me, hand, begun, .. } = &mut self;
        let drafts =
            lot.registrations.into_iter().zip(named).filter_map(|(one, (case, thread))| {
                if let Some(held) = known.get(&case).or_else(|| begun.get(&case)) {
                    registered.push(held.known(case, &one.intake));
                    return None;
                }
                let number = former(&one.intake).to_owned();
                begun.insert(case, Held { number: number.clone(), former: number.clone() });
                registered.push(Registered {
                    number,
                    case,
                    known: false,
                    same: Vec::new(),
                    code: None,
                    other: None,
                });
                Some(draft(hand, *me, (case, thread), whole(one)))
            });
        let copy = copyist.copy(drafts, lot.stamps)?;
        Ok((self, Some(copy).filter(|copy| !copy.is_empty()), registered))
    }
}

/// Works on another thread where something else is done meanwhile.
async fn aside<T: Send + 'static>(beside: bool, work: impl FnOnce() -> T + Send + 'static) -> T {
    if !beside {
        return work();
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Refuses a record of the past that nobody can have registered so where it was kept, done or not.
pub(super) fn plausible(registration: &Registration) -> Result<(), DeskError> {
    let outcome = registration.past.as_ref().map_or(0, |past| past.outcome.len());
    if outcome > OUTCOME_LIMIT {
        return Err(DeskError::Entered("the outcome of a record of the past has at most 64 KiB"));
    }
    let Some(from) = &registration.intake.provenance else { return Ok(()) };
    if from.number.len() > NUMBER_LIMIT {
        return Err(DeskError::Entered("the number of a record of the past has at most 512 bytes"));
    }
    if from.registrar != 0 && DivisionCode::from_number(from.registrar).is_err() {
        return Err(DeskError::Entered("whoever registered a record of the past is a division"));
    }
    Ok(())
}

/// The number a record had where it was kept.
pub(super) fn former(intake: &wire::IntakeRegistered) -> &str {
    intake.provenance.as_ref().map(|from| from.number.as_str()).unwrap_or_default()
}

/// What is written of a record, with its intake in it.
fn whole(registration: Registration) -> Box<wire::PastTakenOver> {
    let mut past = registration.past.unwrap_or_default();
    past.intake = Some(registration.intake);
    past
}

fn draft(
    hand: &Hand,
    me: DivisionCode,
    (case, thread): (CaseId, ThreadId),
    past: Box<wire::PastTakenOver>,
) -> Draft {
    let here = Holder { division: me, organ: hand.organ.clone() };
    let mut draft = Draft::plain(hand.clone(), Some(case), Content::PastTakenOver(past));
    draft.place = Some(Place { thread, stage: HANDLE, predecessor: None });
    draft.custody = Some((None, here));
    draft.audience_added = vec![me];
    draft
}
