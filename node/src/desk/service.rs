//! The desk as a service: what commands beside a running office ask over its Unix socket.
//!
//! It turns messages into calls of the desk and views, and errors into words. Whoever can open the socket is
//! the office: the data folder is its owner's alone.

mod message;
mod notices;
mod organs;
mod receipts;
mod rolls;
mod rules;
mod sealed;
mod status;

use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use serde_json::{Value, json};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::date_of;
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::desk_service_server::DeskService;
use terrace_proto::wire::{self, ActRequest, ActResponse};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use message::{code, hand, holder, registration};
use status::{issuing_status, reading_word, status_of, store_status};

use super::{DeskError, Taken};
use crate::audit::{self, AuditError, Books, Question, Row};
use crate::enrolment::Admitting;
use crate::identity::reader::{Extent, ReaderName, Scope, Scopes};
use crate::office::Office;
use crate::reading::Reading;
use crate::store::StoreError;
use crate::view;

/// Most rows of a list in one answer.
const LIST_LIMIT: u32 = 1_000;

/// The service over one office.
#[derive(Debug, Clone)]
pub struct Service {
    office: Arc<Office>,
    admitting: Arc<Admitting>,
    reading: Arc<Reading>,
}

impl Service {
    /// Serves `office`.
    #[must_use]
    pub fn new(office: Arc<Office>, admitting: Arc<Admitting>, reading: Arc<Reading>) -> Self {
        Self { office, admitting, reading }
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

    async fn describe(&self) -> Result<Value, StoreError> {
        let condition = self.office.condition().await?;
        let oldest = self.office.oldest_uncosigned(&condition).await?;
        let neighbours = self.office.neighbours().await?;
        let days_left = self.admitting.certificate_days_left(self.office.now());
        Ok(view::status(&self.office, &condition, oldest, &neighbours, days_left))
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
        let registered = registered.into_iter().map(wire::Registered::from).collect();
        Ok(Response::new(wire::RegisterResponse { registered }))
    }

    async fn act(&self, request: Request<ActRequest>) -> Result<Response<ActResponse>, Status> {
        let request = request.into_inner();
        let case = self.find(&request.case_name).await?;
        let hand = hand(request.hand);
        let act = request.act.ok_or_else(|| Status::invalid_argument("no act was named"))?;
        let code = code(&request.code)?;
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
            Act::ProposeErasure(proposed) => {
                desk.propose_erasure(case, &hand, &proposed.grounds).await
            }
            Act::Say(said) => {
                let content = said.content.ok_or_else(|| {
                    Status::invalid_argument("the entry says nothing that this version knows")
                })?;
                desk.act(case, &hand, content, code.as_ref()).await
            }
            Act::Rate(words) => {
                let code =
                    code.ok_or_else(|| Status::invalid_argument("give the petitioner's code"))?;
                desk.rate(case, &hand, rolls::rating(&words)?, &code).await
            }
            Act::Elect(election) => {
                let identity = sealed::identity(election.representatives);
                let identity =
                    identity.ok_or_else(|| Status::invalid_argument("name who was elected"))?;
                desk.elect(case, &hand, election.persons, identity).await
            }
            Act::Erase(erased) => desk.erase(case, &hand, sealed::leaf(&erased.proposal)?).await,
        };
        drop(writing);
        let taken = result.map_err(|error| self.status(&error))?;
        self.taken(case, taken).await
    }

    async fn enter(
        &self,
        request: Request<wire::EnterRequest>,
    ) -> Result<Response<wire::EnterResponse>, Status> {
        self.entered(request.into_inner()).await.map(Response::new)
    }

    async fn show_roll(
        &self,
        request: Request<wire::ShowRollRequest>,
    ) -> Result<Response<wire::ShowRollResponse>, Status> {
        self.roll_shown(request.into_inner()).await.map(Response::new)
    }

    async fn survey(
        &self,
        request: Request<wire::SurveyRequest>,
    ) -> Result<Response<wire::SurveyResponse>, Status> {
        self.surveyed(request.into_inner()).await.map(Response::new)
    }

    async fn show_desk(
        &self,
        request: Request<wire::ShowDeskRequest>,
    ) -> Result<Response<wire::ShowDeskResponse>, Status> {
        self.desk_shown(request.into_inner()).await.map(Response::new)
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

    async fn unseal(
        &self,
        request: Request<wire::UnsealRequest>,
    ) -> Result<Response<wire::UnsealResponse>, Status> {
        self.unsealed(request.into_inner()).await.map(Response::new)
    }

    async fn look_up(
        &self,
        request: Request<wire::LookUpRequest>,
    ) -> Result<Response<wire::LookUpResponse>, Status> {
        self.looked_up(request.into_inner()).await.map(Response::new)
    }

    async fn show_sameness(
        &self,
        request: Request<wire::ShowSamenessRequest>,
    ) -> Result<Response<wire::ShowSamenessResponse>, Status> {
        self.sameness_shown(request.into_inner()).await.map(Response::new)
    }

    async fn take_report(
        &self,
        request: Request<wire::TakeReportRequest>,
    ) -> Result<Response<wire::TakeReportResponse>, Status> {
        self.report_taken(request.into_inner()).await.map(Response::new)
    }

    async fn list_reports(
        &self,
        request: Request<wire::ListReportsRequest>,
    ) -> Result<Response<wire::ListReportsResponse>, Status> {
        self.reports_listed(request.into_inner()).await.map(Response::new)
    }

    async fn open_report(
        &self,
        request: Request<wire::OpenReportRequest>,
    ) -> Result<Response<wire::OpenReportResponse>, Status> {
        self.report_opened(request.into_inner()).await.map(Response::new)
    }

    async fn continue_report(
        &self,
        request: Request<wire::ContinueReportRequest>,
    ) -> Result<Response<wire::ContinueReportResponse>, Status> {
        self.report_continued(request.into_inner()).await.map(Response::new)
    }

    async fn issue_rules(
        &self,
        request: Request<wire::IssueRulesRequest>,
    ) -> Result<Response<wire::IssueRulesResponse>, Status> {
        self.rules_issued(request.into_inner()).await.map(Response::new)
    }

    async fn show_rules(
        &self,
        _request: Request<wire::ShowRulesRequest>,
    ) -> Result<Response<wire::ShowRulesResponse>, Status> {
        self.rules_shown().await.map(Response::new)
    }

    async fn explain_rules(
        &self,
        request: Request<wire::ExplainRulesRequest>,
    ) -> Result<Response<wire::ExplainRulesResponse>, Status> {
        self.rules_explained(request.into_inner()).await.map(Response::new)
    }

    async fn propose_organs(
        &self,
        request: Request<wire::ProposeOrgansRequest>,
    ) -> Result<Response<wire::ProposeOrgansResponse>, Status> {
        self.organs_proposed(request.into_inner()).await.map(Response::new)
    }

    async fn show_organs(
        &self,
        request: Request<wire::ShowOrgansRequest>,
    ) -> Result<Response<wire::ShowOrgansResponse>, Status> {
        self.organs_shown(request.into_inner()).await.map(Response::new)
    }

    async fn show_notices(
        &self,
        request: Request<wire::ShowNoticesRequest>,
    ) -> Result<Response<wire::ShowNoticesResponse>, Status> {
        self.notices_shown(request.into_inner()).await.map(Response::new)
    }

    async fn show_dossier(
        &self,
        request: Request<wire::ShowDossierRequest>,
    ) -> Result<Response<wire::ShowDossierResponse>, Status> {
        self.dossier_shown(request.into_inner()).await.map(Response::new)
    }

    async fn show_receipts(
        &self,
        request: Request<wire::ShowReceiptsRequest>,
    ) -> Result<Response<wire::ShowReceiptsResponse>, Status> {
        self.receipts_shown(request.into_inner()).await.map(Response::new)
    }

    async fn examine_receipt(
        &self,
        request: Request<wire::ExamineReceiptRequest>,
    ) -> Result<Response<wire::ExamineReceiptResponse>, Status> {
        self.receipt_examined(request.into_inner()).await.map(Response::new)
    }

    async fn ask_for_entry(
        &self,
        request: Request<wire::AskForEntryRequest>,
    ) -> Result<Response<wire::AskForEntryResponse>, Status> {
        self.entry_asked_for(request.into_inner()).await.map(Response::new)
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

    type AuditStream = BoxStream<'static, Result<wire::AuditResponse, Status>>;

    async fn audit(
        &self,
        request: Request<wire::AuditRequest>,
    ) -> Result<Response<Self::AuditStream>, Status> {
        let question = Question::read(request.into_inner())
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let (identity, store) = (self.office.identity(), self.office.store().as_ref());
        let books = Books::open(store, identity.me, identity.superior, self.office.now()).await;
        let books = books.map_err(|error| store_status(&error))?;
        let wraps = self.office.write().await.archive.cabinet().store().clone();
        let rows = audit::ask(question, books.with_wraps(Some(wraps)));
        Ok(Response::new(ReceiverStream::new(rows).map(audit_response).boxed()))
    }

    async fn issue_reader(
        &self,
        request: Request<wire::IssueReaderRequest>,
    ) -> Result<Response<wire::IssueReaderResponse>, Status> {
        let request = request.into_inner();
        let name: ReaderName = reading_word(request.name.parse())?;
        let scopes: Vec<Scope> =
            reading_word(request.scopes.iter().map(|scope| scope.parse()).collect())?;
        let scopes = reading_word(Scopes::of(scopes))?;
        let extent = if request.audit { Extent::Below } else { Extent::Itself };
        let issued = self.reading.issue(&name, extent, scopes, request.days, &request.request);
        let issued = issued.map_err(|error| issuing_status(&error))?;
        Ok(Response::new(wire::IssueReaderResponse {
            chain: issued.chain.iter().map(|one| one.to_vec()).collect(),
            address: issued.address,
            server_name: issued.server_name,
            until: issued.until.as_millisecond(),
        }))
    }

    async fn list_readers(
        &self,
        _request: Request<wire::ListReadersRequest>,
    ) -> Result<Response<wire::ListReadersResponse>, Status> {
        let json = json!({ "readers": self.reading.issued() }).to_string();
        Ok(Response::new(wire::ListReadersResponse { json }))
    }

    async fn revoke_reader(
        &self,
        request: Request<wire::RevokeReaderRequest>,
    ) -> Result<Response<wire::RevokeReaderResponse>, Status> {
        let name: ReaderName = reading_word(request.into_inner().name.parse())?;
        self.reading.revoke(&name).map_err(|error| issuing_status(&error))?;
        Ok(Response::new(wire::RevokeReaderResponse {}))
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

fn audit_response(row: Result<Row, AuditError>) -> Result<wire::AuditResponse, Status> {
    let row = row.map_err(|error| match error {
        AuditError::UnknownCase(_) => Status::not_found(error.to_string()),
        AuditError::Store(error) => store_status(&error),
        AuditError::Unheard => Status::cancelled(error.to_string()),
    })?;
    let json = serde_json::to_string(&row).map_err(|error| Status::internal(error.to_string()))?;
    Ok(wire::AuditResponse { json })
}
