//! The read service: what a reader asks, answered.
//!
//! It turns messages into reads of the store and errors into words. Who may ask is [`Reading`]'s to judge, and what an
//! auditor asks is entered by [`Reading::begin`] before it is answered; nothing else here writes.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use terrace_proto::case::{Case, CaseNumber};
use terrace_proto::digest::{CaseId, Digest, Epoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId, leaf_of};
use terrace_proto::inspection::{CaseName, Sought};
use terrace_proto::journal::Checkpoint;
use terrace_proto::note::Note;
use terrace_proto::wire::read_case_request;
use terrace_proto::wire::read_service_server::ReadService;
use terrace_proto::wire::{self, CaseState, ReadEntriesResponse, ReadExportResponse};
use tokio::sync::{RwLockReadGuard, mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use tracing::info;

use super::visit::Visit;
use super::{Reader, Reading, answer};
use crate::export::{self, WriteError};
use crate::identity::reader::Scope;
use crate::link::raised;
use crate::office::Office;
use crate::port::Caller;
use crate::store::{CaseRecord, StoreError};
use crate::view;

/// Rows of a page of cases: when none are asked for, and at most.
const PAGE: (usize, usize) = (100, 1_000);
/// Rows looked at for one page: filters that leave little make a page short instead of long in coming.
const LOOKED_AT: usize = 10_000;
/// Entries read at once for a reader.
const ENTRIES: u32 = 32;
/// Parts of an export on their way at most.
const PARTS: usize = 4;

/// The service over one office.
#[derive(Debug, Clone)]
pub struct Service {
    office: Arc<Office>,
    reading: Arc<Reading>,
    stop: watch::Receiver<bool>,
}

/// What is asked of the list of cases.
#[derive(Debug)]
struct Filter {
    holder: Option<DivisionCode>,
    states: Vec<CaseState>,
}

impl Service {
    /// Answers for the office of `reading`, until told to stop.
    #[must_use]
    pub fn new(reading: Arc<Reading>, stop: watch::Receiver<bool>) -> Self {
        Self { office: reading.office.clone(), reading, stop }
    }

    /// Lets a reader in, and notes that it asked.
    fn admit<T>(
        &self,
        request: &Request<T>,
        scopes: &[Scope],
        call: &str,
    ) -> Result<Reader, Status> {
        let caller = request.extensions().get::<Caller>();
        let reader = self.reading.reader(caller, scopes)?;
        info!(reader = reader.name(), call, "answering a reader");
        Ok(reader)
    }

    /// Held while something is read for a visit.
    async fn level(&self, _: &Visit) -> Result<RwLockReadGuard<'_, bool>, Status> {
        self.office.level().read().await.map_err(|error| unavailable(&error))
    }

    async fn record(&self, name: CaseName) -> Result<CaseRecord, Status> {
        let store = self.office.store();
        let unknown = || Status::not_found("no case of this name is known here");
        let mut found = match name {
            CaseName::Id(id) => store.cases(&[id]).await,
            CaseName::Number(number) => store.cases_numbered(&number.to_string()).await,
        }
        .map_err(|error| unavailable(&error))?;
        match found.len() {
            0 | 1 => found.pop().ok_or_else(unknown),
            several => Err(Status::failed_precondition(format!(
                "{several} cases bear this number: name the one you mean by its id"
            ))),
        }
    }

    /// Where an entry is asked for.
    fn place(&self, name: Option<wire::EntryName>) -> Result<EntryId, Status> {
        let name = name.ok_or_else(|| invalid("no entry was named"))?;
        let me = self.office.identity().me;
        let author = DivisionCode::from_number(name.author).map_err(|error| invalid(&error))?;
        let journal = match Epoch::read(&name.epoch) {
            Some(epoch) => JournalId { author, epoch },
            None if name.epoch.is_empty() && author == me.author => me,
            None => {
                return Err(invalid(
                    "an epoch has 16 bytes; only this office's own may be left out",
                ));
            }
        };
        Ok(EntryId { journal, sequence: name.sequence })
    }

    /// A page of cases behind a place, and the place behind it; 0 when there are no more.
    async fn page(
        &self,
        mut after: u64,
        size: usize,
        filter: &Filter,
    ) -> Result<(Vec<wire::CaseRow>, u64), StoreError> {
        let mut rows = Vec::new();
        let mut looked_at = 0;
        while looked_at < LOOKED_AT {
            let limit = PAGE.1 as u32;
            let records = self.office.store().cases_after(after, limit).await?;
            let last = records.len() < PAGE.1;
            for record in records {
                if rows.len() == size {
                    return Ok((rows, after));
                }
                (after, looked_at) = (record.row, looked_at + 1);
                let row = answer::row(&record);
                if filter.lets_through(&record, row.state()) {
                    rows.push(row);
                }
            }
            if last {
                return Ok((rows, 0));
            }
        }
        Ok((rows, after))
    }
}

#[tonic::async_trait]
impl ReadService for Service {
    async fn read_office(
        &self,
        request: Request<wire::ReadOfficeRequest>,
    ) -> Result<Response<wire::ReadOfficeResponse>, Status> {
        let reader = self.admit(&request, &[Scope::Office], "ReadOffice")?;
        let visit = self.reading.begin(reader, Sought::Office).await?;
        let _level = self.level(&visit).await?;
        let condition = self.office.condition().await.map_err(|error| unavailable(&error))?;
        let me = self.office.identity().me.author;
        let days_left = self.reading.admitting.certificate_days_left(self.office.now());
        Ok(Response::new(wire::ReadOfficeResponse {
            division: me.number(),
            name: view::name_of(me),
            level: me.level().en().to_owned(),
            journal: condition.journal.as_ref().map(answer::journal),
            cosigned: condition.cosignature.map(answer::countersigned),
            entries: condition.tally.entries,
            cases: condition.tally.cases,
            waiting: condition.tally.waiting,
            parked: condition.tally.parked,
            contested: condition.tally.contested,
            certificate_days_left: days_left.unwrap_or_default(),
            refusing: condition.refusing.unwrap_or_default(),
        }))
    }

    async fn read_cases(
        &self,
        request: Request<wire::ReadCasesRequest>,
    ) -> Result<Response<wire::ReadCasesResponse>, Status> {
        let reader = self.admit(&request, &[Scope::Cases], "ReadCases")?;
        let request = request.into_inner();
        let after = match request.page_token.as_str() {
            "" => 0,
            token => token.parse().map_err(|_| invalid("this page token was not given here"))?,
        };
        let size = match usize::try_from(request.page_size).unwrap_or(PAGE.1) {
            0 => PAGE.0,
            size => size.min(PAGE.1),
        };
        let holder = request.holder.map(DivisionCode::from_number).transpose();
        let states = request.states.iter().copied().map(CaseState::try_from).collect();
        let states: BTreeSet<CaseState> = Result::map_err(states, invalid)?;
        let filter = Filter {
            holder: holder.map_err(|error| invalid(&error))?,
            states: states.into_iter().collect(),
        };
        let (holder, states) = (filter.holder, filter.states.clone());
        let sought = Sought::Cases { after, limit: size as u64, holder, states };
        let visit = self.reading.begin(reader, sought).await?;
        let _level = self.level(&visit).await?;
        let page = self.page(after, size, &filter).await;
        let (cases, next) = page.map_err(|error| unavailable(&error))?;
        let next_page_token = if next == 0 { String::new() } else { next.to_string() };
        Ok(Response::new(wire::ReadCasesResponse { cases, next_page_token }))
    }

    async fn read_case(
        &self,
        request: Request<wire::ReadCaseRequest>,
    ) -> Result<Response<wire::ReadCaseResponse>, Status> {
        let reader = self.admit(&request, &[Scope::Cases], "ReadCase")?;
        let name = case_name(request.into_inner())?;
        let visit = self.reading.begin(reader, Sought::Case(name.clone())).await?;
        let _level = self.level(&visit).await?;
        let record = self.record(name).await?;
        let case = Case::read(record.id, &record.facts, self.office.tree());
        let case = case.map_err(|error| Status::data_loss(error.to_string()))?;
        let entries = view::entries(self.office.store().as_ref(), &case).await;
        let entries = entries.map_err(|error| unavailable(&error))?;
        Ok(Response::new(answer::case(&record, &case, &entries)))
    }

    type ReadJournalsStream =
        Pin<Box<dyn Stream<Item = Result<wire::ReadJournalsResponse, Status>> + Send>>;

    async fn read_journals(
        &self,
        request: Request<wire::ReadJournalsRequest>,
    ) -> Result<Response<Self::ReadJournalsStream>, Status> {
        let reader = self.admit(&request, &[Scope::Journal], "ReadJournals")?;
        let visit = self.reading.begin(reader, Sought::Journals).await?;
        let level = self.level(&visit).await?;
        let journals = self.office.store().journals().await;
        drop(level);
        let journals = journals.map_err(|error| unavailable(&error))?.into_iter();
        let answers = journals.map(move |journal| {
            let _ = &visit; // It ends with its answer.
            Ok(wire::ReadJournalsResponse { journal: Some(answer::journal(&journal)) })
        });
        Ok(Response::new(Box::pin(tokio_stream::iter(answers))))
    }

    type ReadEntriesStream =
        Pin<Box<dyn Stream<Item = Result<ReadEntriesResponse, Status>> + Send>>;

    async fn read_entries(
        &self,
        request: Request<wire::ReadEntriesRequest>,
    ) -> Result<Response<Self::ReadEntriesStream>, Status> {
        let reader = self.admit(&request, &[Scope::Journal], "ReadEntries")?;
        let request = request.into_inner();
        let from = self.place(request.from)?;
        let sought = Sought::Entries { from, limit: request.limit };
        let visit = self.reading.begin(reader, sought).await?;
        let level = self.level(&visit).await?;
        let journal = self.office.store().journal(from.journal).await;
        drop(level);
        let unknown = || Status::not_found("this journal is not known here");
        let journal = journal.map_err(|error| unavailable(&error))?.ok_or_else(unknown)?;
        // Of a journal that is not held whole, single entries are here, and nobody says how many.
        let end = if journal.whole { journal.frontier.size() } else { u64::MAX };
        let limit = if request.limit == 0 { u64::MAX } else { request.limit };
        let end = end.min(from.sequence.saturating_add(limit));
        let (entries, answers) = mpsc::channel(ENTRIES as usize);
        let (office, mut stop) = (self.office.clone(), self.stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = send_entries(&office, from, end, &entries) => {}
                why = ended(&visit, &mut stop) => {
                    _ = entries.send(Err(why)).await;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
    }

    async fn prove_entry(
        &self,
        request: Request<wire::ProveEntryRequest>,
    ) -> Result<Response<wire::ProveEntryResponse>, Status> {
        let reader = self.admit(&request, &[Scope::Journal], "ProveEntry")?;
        let id = self.place(request.into_inner().entry)?;
        let visit = self.reading.begin(reader, Sought::Proof(id)).await?;
        let _level = self.level(&visit).await?;
        let proved = self.office.proofs().of(&[id]).await;
        let proved = proved.map_err(|error| unavailable(&error))?.remove(&id);
        let (checkpoint, item) =
            proved.ok_or_else(|| Status::not_found("this entry is not held here"))?;
        let tree_size = size_of(&checkpoint, id.journal)
            .ok_or_else(|| Status::data_loss("the checkpoint of this entry cannot be read"))?;
        Ok(Response::new(wire::ProveEntryResponse {
            entry: Some(answer::entry_name(id)),
            leaf: leaf_of(&item.header).0.to_vec(),
            header: item.header,
            body: item.body,
            checkpoint,
            tree_size,
            path: item.path.iter().map(|Digest(hash)| hash.to_vec()).collect(),
        }))
    }

    async fn read_neighbours(
        &self,
        request: Request<wire::ReadNeighboursRequest>,
    ) -> Result<Response<wire::ReadNeighboursResponse>, Status> {
        let reader = self.admit(&request, &[Scope::Neighbours], "ReadNeighbours")?;
        let _visit = self.reading.begin(reader, Sought::Neighbours).await?;
        let neighbours = self.office.neighbours().await.map_err(|error| unavailable(&error))?;
        // Ledgers name only what left the office, so the checkpoint file is not waited for.
        let neighbours = neighbours.into_iter().map(answer::neighbour).collect();
        Ok(Response::new(wire::ReadNeighboursResponse { neighbours }))
    }

    type ReadExportStream = Pin<Box<dyn Stream<Item = Result<ReadExportResponse, Status>> + Send>>;

    async fn read_export(
        &self,
        request: Request<wire::ReadExportRequest>,
    ) -> Result<Response<Self::ReadExportStream>, Status> {
        let scopes = [Scope::Journal, Scope::Neighbours];
        let reader = self.admit(&request, &scopes, "ReadExport")?;
        let visit = self.reading.begin(reader, Sought::Export).await?;
        let (parts, answers) = mpsc::channel(PARTS);
        let (office, mut stop) = (self.office.clone(), self.stop.clone());
        tokio::spawn(async move {
            let sent = tokio::select! {
                sent = export::send(&office, office.now(), parts.clone()) => sent.map_err(unwritten),
                why = ended(&visit, &mut stop) => Err(why),
            };
            if let Err(why) = sent {
                // Waits until there is room, for a file that ends without a word would pass for a whole one.
                _ = parts.send(Err(why)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
    }
}

/// Waits until an answer must end before its time, and says why.
async fn ended(visit: &Visit, stop: &mut watch::Receiver<bool>) -> Status {
    tokio::select! {
        () = raised(stop) => Status::unavailable("this office stops"),
        () = visit.over() => Status::permission_denied("证书已到期 the certificate has ended"),
    }
}

/// How a case is asked for.
fn case_name(request: wire::ReadCaseRequest) -> Result<CaseName, Status> {
    match request.case_name.ok_or_else(|| invalid("no case was named"))? {
        read_case_request::CaseName::CaseId(id) => {
            let id = CaseId::read(&id).ok_or_else(|| invalid("a case id has 16 bytes"))?;
            Ok(CaseName::Id(id))
        }
        read_case_request::CaseName::Number(number) => {
            let number: CaseNumber = number.parse().map_err(|error| invalid(&error))?;
            Ok(CaseName::Number(number))
        }
    }
}

fn unwritten(error: WriteError) -> Status {
    match error {
        WriteError::Store(error) => unavailable(&error),
        WriteError::NotEnrolled => Status::failed_precondition(error.to_string()),
        WriteError::File { .. } | WriteError::Interrupted | WriteError::HungUp => {
            Status::aborted(error.to_string())
        }
    }
}

impl Filter {
    fn lets_through(&self, record: &CaseRecord, state: CaseState) -> bool {
        let holder = record.holder.as_ref().map(|(division, _)| *division);
        (self.holder.is_none() || self.holder == holder)
            && (self.states.is_empty() || self.states.contains(&state))
    }
}

/// Sends entries up to `end` as the reader takes them. Nothing is held while it does not.
async fn send_entries(
    office: &Office,
    mut from: EntryId,
    end: u64,
    to: &mpsc::Sender<Result<ReadEntriesResponse, Status>>,
) {
    while from.sequence < end {
        let limit = u32::try_from(end - from.sequence).unwrap_or(ENTRIES).min(ENTRIES);
        let page = async {
            let _level = office.level().read().await?;
            office.store().entries(from.journal, from.sequence, limit).await
        };
        let page = match page.await {
            Ok(page) => page,
            Err(error) => {
                _ = to.send(Err(unavailable(&error))).await;
                return;
            }
        };
        let Some(last) = page.last() else { return };
        from.sequence = last.id.sequence + 1;
        for entry in page.into_iter().filter(|entry| entry.id.sequence < end) {
            let sequence = entry.id.sequence;
            let next = ReadEntriesResponse { sequence, header: entry.header, body: entry.body };
            if to.send(Ok(next)).await.is_err() {
                return;
            }
        }
    }
}

/// The size a checkpoint names.
fn size_of(checkpoint: &[u8], journal: JournalId) -> Option<u64> {
    Checkpoint::read(Note::read(checkpoint).ok()?.text(), journal).map(|head| head.size)
}

fn invalid(why: impl std::fmt::Display) -> Status {
    Status::invalid_argument(why.to_string())
}

fn unavailable(error: &StoreError) -> Status {
    Status::unavailable(error.to_string())
}
