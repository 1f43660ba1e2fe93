//! Records of the past (历史件) are taken over: one entry each, thousands in a commit, and no clock starts.
//!
//! A record that was done where it was kept begins and ends its case with the entry that takes it over. One that was not
//! done is registered like any other, without a day from which a clock could run.

use std::collections::{BTreeMap, BTreeSet};

use terrace_proto::case::past::NUMBER_LIMIT;
use terrace_proto::digest::{CaseId, ThreadId};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, Holder};
use terrace_proto::wire;

use super::{Desk, DeskError, HANDLE, PAST_BATCH, Registered, Registration};
use crate::archive::{ArchiveError, Draft, News};

/// Longest outcome, in bytes.
const OUTCOME_LIMIT: usize = 64 * 1024;

impl Desk<'_> {
    /// Takes over records of the past, all or none of one batch of [`PAST_BATCH`]. What came before from the same source
    /// is known and written once.
    pub(super) async fn take_over(
        &mut self,
        hand: &Hand,
        registrations: Vec<Registration>,
    ) -> Result<(Vec<Registered>, News), DeskError> {
        let (mut registered, mut news) = (Vec::with_capacity(registrations.len()), News::default());
        let mut rest = registrations.into_iter().peekable();
        while rest.peek().is_some() {
            let chunk: Vec<Registration> = rest.by_ref().take(PAST_BATCH).collect();
            let (some, said) = self.take_over_batch(hand, chunk).await?;
            registered.extend(some);
            news.join(said);
        }
        Ok((registered, news))
    }

    async fn take_over_batch(
        &mut self,
        hand: &Hand,
        registrations: Vec<Registration>,
    ) -> Result<(Vec<Registered>, News), DeskError> {
        let me = self.archive.identity().me.author;
        let threads: Vec<ThreadId> = registrations.iter().map(|one| self.thread(one)).collect();
        let ids: Vec<CaseId> = threads.iter().map(|thread| CaseId::of(me, *thread)).collect();
        let known = self.archive.store().cases(&ids).await.map_err(ArchiveError::from)?;
        let known: BTreeMap<CaseId, Option<String>> =
            known.into_iter().map(|case| (case.id, case.number)).collect();
        let mut begun: BTreeSet<CaseId> = BTreeSet::new();
        let mut drafts = Vec::with_capacity(registrations.len());
        let mut registered = Vec::with_capacity(registrations.len());
        for ((registration, thread), case) in registrations.into_iter().zip(threads).zip(ids) {
            let number = known.get(&case).cloned().flatten();
            let number = number.unwrap_or_else(|| former(&registration.intake).to_owned());
            let fresh = !known.contains_key(&case) && begun.insert(case);
            if fresh {
                drafts.push(draft(hand, me, (case, thread), whole(registration)));
            }
            registered.push(Registered {
                number,
                case,
                known: !fresh,
                same: Vec::new(),
                code: None,
            });
        }
        let news = self.archive.append_begun(drafts).await?;
        Ok((registered, news))
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
fn former(intake: &wire::IntakeRegistered) -> &str {
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
