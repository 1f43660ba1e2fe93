//! The desk as a service: what commands beside a running office ask over its Unix socket.
//!
//! It turns messages into calls of the desk and views, and errors into words. Whoever can open the socket is
//! the office: the data folder is its owner's alone.

use std::sync::Arc;

use serde_json::{Value, json};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, date_of};
use terrace_proto::entry::{Content, Header, Holder};
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::desk_service_server::DeskService;
use terrace_proto::wire::{self, ActRequest, ActResponse};
use tonic::{Request, Response, Status};

use super::{DeskError, Registration, Taken};
use crate::archive::ArchiveError;
use crate::enrolment::Admitting;
use crate::inspection::inspect;
use crate::office::Office;
use crate::store::StoreError;
use crate::view;

/// Most rows of a list in one answer.
const LIST_LIMIT: u32 = 1_000;

/// The service over one office.
#[derive(Debug, Clone)]
pub struct Service {
    office: Arc<Office>,
    admitting: Arc<Admitting>,
}

impl Service {
    /// Serves `office`.
    #[must_use]
    pub fn new(office: Arc<Office>, admitting: Arc<Admitting>) -> Self {
        Self { office, admitting }
    }

    fn status(&self, error: &DeskError) -> Status {
        if let DeskError::Archive(error) = error {
            self.office.observe(error);
        }
        status_of(error)
    }

    async fn find(&self, name: &str) -> Result<CaseId, Status> {
        let mut writing = self.office.write().await;
        let found = writing.desk().find(name).await;
        found.map_err(|error| self.status(&error))
    }

    async fn taken(&self, case: CaseId, taken: Taken) -> Result<Response<ActResponse>, Status> {
        self.office.tell(&taken.news);
        let records =
            self.office.store().cases(&[case]).await.map_err(|error| store_status(&error))?;
        Ok(Response::new(ActResponse {
            number: records.into_iter().next().and_then(|record| record.number).unwrap_or_default(),
            leaf: taken.entry.leaf().0.to_vec(),
            sequence: taken.entry.header().sequence,
            holder: taken.holder.map_or(0, |holder| holder.division.number()),
        }))
    }

    async fn neighbours(&self) -> Result<Vec<Value>, StoreError> {
        let identity = self.office.identity();
        let subordinates = self.office.write().await.archive.subordinates().clone();
        let contacts = self.office.contacts();
        let mut rows = Vec::new();
        for peer in identity.superior.into_iter().chain(subordinates) {
            let contact = contacts.get(&peer);
            let up = Some(peer) == identity.superior;
            rows.push(json!({
                "division": peer.short(),
                "name": view::name_of(peer),
                "side": if up { "superior" } else { "subordinate" },
                "connected": contact.is_some_and(|contact| contact.connected),
                "since": contact.map(|contact| contact.since.to_string()),
                "last_word": contact.and_then(|contact| contact.last_word.clone()),
                "ledgers": view::ledgers(self.office.store().as_ref(), peer, up).await?,
            }));
        }
        Ok(rows)
    }

    /// What of the own journal the superior has not cosigned yet.
    async fn uncosigned(&self) -> Result<Value, StoreError> {
        if self.office.identity().superior.is_none() {
            return Ok(Value::Null);
        }
        let store = self.office.store();
        let me = self.office.identity().me;
        let size = store.journal(me).await?.map_or(0, |journal| journal.frontier.size());
        let cosigned = store.cosignature().await?;
        let from = cosigned.as_ref().map_or(0, |cosignature| cosignature.size);
        let oldest = store.entries(me, from, 1).await?.pop();
        let oldest = oldest.and_then(|entry| Header::read(&entry.header).ok());
        let age =
            oldest.map(|header| self.office.now().duration_since(header.recorded_at).as_secs());
        Ok(json!({
            "cosigned_size": from,
            "cosigned_at": cosigned.and_then(|c| jiff::Timestamp::from_second(i64::try_from(c.at).ok()?).ok()).map(|at| at.to_string()),
            "entries": size.saturating_sub(from),
            "oldest_seconds": age,
        }))
    }

    async fn describe(&self) -> Result<Value, StoreError> {
        let store = self.office.store();
        let me = self.office.identity().me;
        let journal = store.journal(me).await?;
        let tally = store.tally().await?;
        Ok(json!({
            "division": me.author.short(),
            "name": view::name_of(me.author),
            "level": me.author.level().en(),
            "pid": std::process::id(),
            "epoch": me.epoch.to_string(),
            "journal_size": journal.map_or(0, |journal| journal.frontier.size()),
            "entries": tally.entries,
            "cases": tally.cases,
            "waiting": tally.waiting,
            "parked": tally.parked,
            "contested": tally.contested,
            "refusing": self.office.refusing(),
            "link_held": *self.office.held().borrow(),
            "not_cosigned": self.uncosigned().await?,
            "certificate_days_left": self.admitting.certificate_days_left(self.office.now()),
            "neighbours": self.neighbours().await?,
        }))
    }
}

#[tonic::async_trait]
impl DeskService for Service {
    async fn register(
        &self,
        request: Request<wire::RegisterRequest>,
    ) -> Result<Response<wire::RegisterResponse>, Status> {
        let request = request.into_inner();
        let registrations =
            request.registrations.into_iter().map(registration).collect::<Result<_, _>>()?;
        let mut writing = self.office.write().await;
        let result = writing.desk().register(&hand(request.hand), registrations).await;
        drop(writing);
        let (registered, news) = result.map_err(|error| self.status(&error))?;
        self.office.tell(&news);
        let registered = registered
            .into_iter()
            .map(|one| wire::Registered {
                number: one.number,
                case_id: one.case.0.to_vec(),
                known: one.known,
            })
            .collect();
        Ok(Response::new(wire::RegisterResponse { registered }))
    }

    async fn act(&self, request: Request<ActRequest>) -> Result<Response<ActResponse>, Status> {
        let request = request.into_inner();
        let case = self.find(&request.case_name).await?;
        let hand = hand(request.hand);
        let act = request.act.ok_or_else(|| Status::invalid_argument("no act was named"))?;
        let mut writing = self.office.write().await;
        let mut desk = writing.desk();
        let result = match act {
            Act::Transfer(hop) => {
                let to = holder(&hop)?;
                desk.hop(case, &hand, to, hop.words, None).await
            }
            Act::Assign(hop) => {
                let to = holder(&hop)?;
                let due = hop
                    .due_on
                    .ok_or_else(|| Status::invalid_argument("an assignment needs a due date"))?;
                let due =
                    date_of(due).map_err(|error| Status::invalid_argument(error.to_string()))?;
                desk.hop(case, &hand, to, hop.words, Some(due)).await
            }
            Act::Receive(received) => desk.step(case, &hand, Content::Received(received)).await,
            Act::Accept(accepted) => desk.step(case, &hand, Content::Accepted(accepted)).await,
            Act::Decide(decided) => desk.step(case, &hand, Content::Decided(decided)).await,
            Act::Serve(served) => desk.step(case, &hand, Content::Served(served)).await,
            Act::Close(closed) => desk.step(case, &hand, Content::Closed(closed)).await,
            Act::Note(noted) => desk.note(case, &hand, noted.text).await,
            Act::Settle(settle) => {
                let applies = Digest::read(&settle.applies).ok_or_else(|| {
                    Status::invalid_argument("an entry is named by 64 hexadecimal digits")
                })?;
                desk.settle(case, &hand, applies, settle.reason).await
            }
        };
        drop(writing);
        let taken = result.map_err(|error| self.status(&error))?;
        self.taken(case, taken).await
    }

    async fn show_case(
        &self,
        request: Request<wire::ShowCaseRequest>,
    ) -> Result<Response<wire::ShowCaseResponse>, Status> {
        let name = request.into_inner().case_name;
        let id = self.find(&name).await?;
        let case = self.office.write().await.archive.case(id).await;
        let case = case.map_err(|error| self.status(&error.into()))?;
        let case =
            case.ok_or_else(|| Status::not_found(DeskError::UnknownCase(name).to_string()))?;
        let json = view::case(self.office.store().as_ref(), &case, self.office.now()).await;
        let json = json.map_err(|error| store_status(&error))?.to_string();
        Ok(Response::new(wire::ShowCaseResponse { json }))
    }

    async fn list_cases(
        &self,
        request: Request<wire::ListCasesRequest>,
    ) -> Result<Response<wire::ListCasesResponse>, Status> {
        let request = request.into_inner();
        let me = self.office.identity().me.author;
        let after = request.after.parse().unwrap_or(0);
        let limit = if request.limit == 0 { LIST_LIMIT } else { request.limit.min(LIST_LIMIT) };
        let records =
            self.office.store().cases_after(after, limit).await.map_err(|e| store_status(&e))?;
        let next = records.last().map(|record| record.row);
        let here = |record: &&crate::store::CaseRecord| {
            !request.held_here
                || record.holder.as_ref().is_some_and(|(division, _)| *division == me)
        };
        let rows: Vec<view::CaseRow> =
            records.iter().filter(here).map(view::CaseRow::from).collect();
        let json = json!({ "cases": rows, "after": next }).to_string();
        Ok(Response::new(wire::ListCasesResponse { json }))
    }

    async fn show_status(
        &self,
        _request: Request<wire::ShowStatusRequest>,
    ) -> Result<Response<wire::ShowStatusResponse>, Status> {
        let json = self.describe().await.map_err(|error| store_status(&error))?.to_string();
        Ok(Response::new(wire::ShowStatusResponse { json }))
    }

    async fn admit(
        &self,
        request: Request<wire::AdmitRequest>,
    ) -> Result<Response<wire::AdmitResponse>, Status> {
        let text = request.into_inner().division;
        let division: DivisionCode = text
            .parse()
            .map_err(|error| Status::invalid_argument(format!("division {text:?}: {error}")))?;
        let sheet = self
            .admitting
            .prepare(division)
            .map_err(|error| Status::failed_precondition(error.to_string()))?;
        let json =
            serde_json::to_string(&sheet).map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(wire::AdmitResponse { json }))
    }

    async fn audit(
        &self,
        _request: Request<wire::AuditRequest>,
    ) -> Result<Response<wire::AuditResponse>, Status> {
        // Nothing may be written while folds and journals are compared.
        let writing = self.office.write().await;
        let report = inspect(self.office.store(), self.office.identity().me.author)
            .await
            .map_err(|error| store_status(&error))?;
        drop(writing);
        let json =
            serde_json::to_string(&report).map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(wire::AuditResponse { json }))
    }

    async fn set_link(
        &self,
        request: Request<wire::SetLinkRequest>,
    ) -> Result<Response<wire::SetLinkResponse>, Status> {
        let hold = !request.into_inner().connected;
        self.office.hold(hold).map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(wire::SetLinkResponse {}))
    }
}

fn hand(hand: Option<wire::Hand>) -> Hand {
    let hand = hand.unwrap_or_default();
    Hand { organ: hand.organ, officer: hand.officer, on_behalf_of: hand.on_behalf_of }
}

fn registration(message: wire::Registration) -> Result<Registration, Status> {
    let received_on = message
        .received_on
        .map(date_of)
        .transpose()
        .map_err(|error| Status::invalid_argument(error.to_string()))?;
    let intake = message.intake.unwrap_or_default();
    Ok(Registration { intake, received_on, closed: message.closed })
}

fn holder(hop: &wire::Hop) -> Result<Holder, Status> {
    let division = hop.division.parse().map_err(|error| {
        Status::invalid_argument(format!("division {:?}: {error}", hop.division))
    })?;
    Ok(Holder { division, organ: hop.organ.clone() })
}

fn status_of(error: &DeskError) -> Status {
    let text = error.to_string();
    match error {
        DeskError::UnknownCase(_) => Status::not_found(text),
        DeskError::Number(_)
        | DeskError::Target(_)
        | DeskError::DueDate { .. }
        | DeskError::Words
        | DeskError::NotContesting(_) => Status::invalid_argument(text),
        DeskError::Archive(ArchiveError::Store(StoreError::Full(_))) => {
            Status::resource_exhausted(text)
        }
        DeskError::Archive(ArchiveError::TooLarge { .. }) => Status::invalid_argument(text),
        DeskError::Archive(_) => Status::unavailable(text),
        DeskError::SeveralCases { .. }
        | DeskError::Incomplete
        | DeskError::NotHolder { .. }
        | DeskError::Contested { .. }
        | DeskError::NothingToSettle(_)
        | DeskError::Parked(_)
        | DeskError::Unlawful { .. }
        | DeskError::AlreadyThere(_) => Status::failed_precondition(text),
    }
}

fn store_status(error: &StoreError) -> Status {
    Status::unavailable(error.to_string())
}
