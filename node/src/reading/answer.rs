//! Rows and folds, as the messages of the contract for readers.
//!
//! It holds nothing and decides nothing, except that the words of a long case are left out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use prost::Message as _;
use terrace_proto::case::{Aside, Case, Fact, State, Thread};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::days_of;
use terrace_proto::entry::{Entry, EntryId, Holder};
use terrace_proto::wire::{self, CaseState, CaseThread, NeighbourSide, StandsAside, TimelineEntry};

use crate::office::condition::Neighbour;
use crate::store::{CaseRecord, Cosignature, JournalRecord, LedgerRecord};
use crate::view::name_of;

/// Bytes of bodies in one answer, so that it stays below the four megabytes that clients accept unasked.
const WORDS: usize = 2 * 1024 * 1024;

pub(super) fn journal(record: &JournalRecord) -> wire::Journal {
    wire::Journal {
        author: record.id.author.number(),
        epoch: record.id.epoch.0.to_vec(),
        size: record.frontier.size(),
        checkpoint: record.checkpoint.clone().unwrap_or_default(),
        key: record.key.bytes().to_vec(),
        whole: record.whole,
    }
}

pub(super) fn countersigned(cosignature: Cosignature) -> wire::Countersigned {
    let seconds = i64::try_from(cosignature.at).unwrap_or(i64::MAX);
    wire::Countersigned {
        size: cosignature.size,
        root: cosignature.root.0.to_vec(),
        cosigned_at: seconds.saturating_mul(1_000),
        line: cosignature.line,
    }
}

pub(super) fn row(record: &CaseRecord) -> wire::CaseRow {
    let state = record.state.and_then(State::from_number);
    let holder = record.holder.as_ref();
    wire::CaseRow {
        case_id: record.id.0.to_vec(),
        number: record.number.clone().unwrap_or_default(),
        state: state.map_or(CaseState::Unspecified, state_of).into(),
        holder: holder.map(|(division, organ)| wire::Holder {
            division: division.number(),
            organ: organ.clone(),
        }),
        waiting: record.waiting,
        parked: record.parked,
        contested: record.contested,
    }
}

pub(super) fn case(
    record: &CaseRecord,
    case: &Case,
    entries: &BTreeMap<EntryId, Entry>,
) -> wire::ReadCaseResponse {
    let mut room = WORDS;
    let timeline = case.timeline().into_iter();
    let timeline = timeline
        .map(|fact| timeline_entry(case, fact, entries.get(&fact.header().id()), &mut room));
    wire::ReadCaseResponse {
        row: Some(row(record)),
        parked_because: case.parked().map(ToString::to_string).unwrap_or_default(),
        audience: case.audience().iter().map(|division| division.number()).collect(),
        timeline: timeline.collect(),
        threads: case.threads().values().map(|one| thread(case, one)).collect(),
    }
}

pub(super) fn state_of(state: State) -> CaseState {
    match state {
        State::Registered => CaseState::Registered,
        State::InTransit => CaseState::InTransit,
        State::Received => CaseState::Received,
        State::Accepted => CaseState::Accepted,
        State::Decided => CaseState::Decided,
        State::Served => CaseState::Served,
        State::Closed => CaseState::Closed,
        State::Triaged => CaseState::Triaged,
        State::Disputed => CaseState::Disputed,
        State::NotAccepted => CaseState::NotAccepted,
        State::NoLongerAccepted => CaseState::NoLongerAccepted,
        State::Diverted => CaseState::Diverted,
        State::Agreed => CaseState::Agreed,
        State::Withdrawn => CaseState::Withdrawn,
        State::ReviewPending => CaseState::ReviewPending,
        State::ReviewDecided => CaseState::ReviewDecided,
        State::ReviewServed => CaseState::ReviewServed,
        State::ReexamPending => CaseState::ReexamPending,
        State::Terminated => CaseState::Terminated,
        State::FinalByLapse => CaseState::FinalByLapse,
        State::SuggestionReview => CaseState::SuggestionReview,
        State::Adopted => CaseState::Adopted,
        State::PartlyAdopted => CaseState::PartlyAdopted,
        State::NotAdopted => CaseState::NotAdopted,
        State::SealedReport => CaseState::SealedReport,
    }
}

pub(super) fn entry_name(id: EntryId) -> wire::EntryName {
    wire::EntryName {
        author: id.journal.author.number(),
        epoch: id.journal.epoch.0.to_vec(),
        sequence: id.sequence,
    }
}

pub(super) fn neighbour(neighbour: Neighbour) -> wire::Neighbour {
    let side = if neighbour.up { NeighbourSide::Superior } else { NeighbourSide::Subordinate };
    let contact = neighbour.contact.as_ref();
    let since = contact.map_or(Timestamp::UNIX_EPOCH, |contact| contact.since);
    wire::Neighbour {
        division: neighbour.division.number(),
        name: name_of(neighbour.division),
        side: side.into(),
        connected: contact.is_some_and(|contact| contact.connected),
        since_at: since.as_millisecond(),
        last_word: contact.and_then(|one| one.last_word.clone()).unwrap_or_default(),
        sent: neighbour.sent.map(ledger),
        received: neighbour.received.map(ledger),
        unsent: neighbour.unsent,
    }
}

fn ledger(record: LedgerRecord) -> wire::LinkLedger {
    wire::LinkLedger {
        link_epoch: record.head.ledger.epoch.0.to_vec(),
        number: record.head.number,
        digest: record.head.digest.0.to_vec(),
        proved_number: record.proved.map_or(0, |(number, _)| number),
        proved_at: record.proved.map_or(0, |_| record.proved_at),
    }
}

fn thread(case: &Case, thread: &Thread) -> CaseThread {
    CaseThread {
        thread: thread.id().0.to_vec(),
        stage: thread.stage(),
        state: state_of(thread.state()).into(),
        holder: Some(holder(thread.holder())),
        steps: thread.steps().iter().map(bytes).collect(),
        due_on: case.due_on(thread).map(days_of),
        contest: thread.contest().map(|contest| wire::Contest {
            entries: contest.entries.iter().map(bytes).collect(),
            settler: contest.settler.number(),
        }),
    }
}

fn timeline_entry(
    case: &Case,
    fact: &Fact,
    entry: Option<&Entry>,
    room: &mut usize,
) -> TimelineEntry {
    let header = fact.header();
    let body = entry.and_then(Entry::body);
    let fits = body.is_some_and(|body| body.len() <= *room);
    let words = body.filter(|_| fits).and_then(words);
    if let (Some(body), Some(_)) = (body, &words) {
        *room -= body.len();
    }
    TimelineEntry {
        entry: Some(entry_name(header.id())),
        leaf: bytes(&fact.leaf()),
        kind: header.kind.number(),
        kind_zh: header.kind.zh().to_owned(),
        kind_en: header.kind.en().to_owned(),
        organ: header.hand.organ.clone(),
        officer: header.hand.officer.clone(),
        on_behalf_of: header.hand.on_behalf_of.clone(),
        recorded_at: header.recorded_at.as_millisecond(),
        received_on: header.received_on.map(days_of),
        thread: header.place.as_ref().map(|place| place.thread.0.to_vec()).unwrap_or_default(),
        custody_from: header.custody_from.as_ref().map(holder),
        custody_to: header.custody_to.as_ref().map(holder),
        aside: case.aside().get(&fact.leaf()).map_or(StandsAside::Unspecified, aside).into(),
        body_here: body.is_some(),
        words,
        words_left_out: body.is_some() && !fits,
    }
}

/// A body without its salt; none where this version does not know its content.
fn words(body: &[u8]) -> Option<wire::Body> {
    let read = wire::Body::decode(body).ok()?;
    read.content.map(|content| wire::Body { salt: Vec::new(), content: Some(content) })
}

fn aside(aside: &Aside) -> StandsAside {
    match aside {
        Aside::Waiting => StandsAside::Waiting,
        Aside::Irregular | Aside::Overstepping | Aside::Unsigned => StandsAside::Irregular,
        Aside::Contesting => StandsAside::Contesting,
        Aside::SetAside => StandsAside::SetAside,
    }
}

fn holder(holder: &Holder) -> wire::Holder {
    let division: DivisionCode = holder.division;
    wire::Holder { division: division.number(), organ: holder.organ.clone() }
}

fn bytes(digest: &Digest) -> Vec<u8> {
    digest.0.to_vec()
}
