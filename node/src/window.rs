//! The window (窗口): how a command reaches its office.
//!
//! If the office runs, through the socket in its data folder; if not, this process takes the folder, opens
//! the store and answers itself. Either way the same desk does the work.

use futures::StreamExt as _;
use futures::stream::BoxStream;
use hyper_util::rt::TokioIo;
use terrace_proto::digest::Digest;
use terrace_proto::wire::desk_service_client::DeskServiceClient;
use terrace_proto::wire::desk_service_server::DeskService as _;
use terrace_proto::wire::{
    ActRequest, ActResponse, AdmitRequest, AskForEntryRequest, AskForEntryResponse, AuditRequest,
    AuditResponse, ContinueReportRequest, ContinueReportResponse, EnterRequest, EnterResponse,
    ExamineReceiptRequest, ExamineReceiptResponse, ExplainRulesRequest, GivenReceipt,
    IssueReaderRequest, IssueReaderResponse, IssueRulesRequest, ListCasesRequest,
    ListReadersRequest, ListReportsRequest, LookUpRequest, LookUpResponse, NoticeShown,
    OpenReportRequest, OpenReportResponse, ProposeOrgansRequest, ProposeOrgansResponse,
    RegisterRequest, RegisterResponse, RevokeReaderRequest, SetLinkRequest, ShowCaseRequest,
    ShowDeskRequest, ShowDeskResponse, ShowDossierRequest, ShowDossierResponse, ShowNoticesRequest,
    ShowOrgansRequest, ShowReceiptsRequest, ShowRollRequest, ShowRollResponse, ShowRulesRequest,
    ShowSamenessRequest, ShowSamenessResponse, ShowStatusRequest, SurveyRequest, SurveyResponse,
    TakeReportRequest, TakeReportResponse, UnsealRequest, UnsealResponse,
};
use tokio::net::UnixStream;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Request, Status};
use tower::service_fn;

use crate::desk::service::Service;
use crate::folder::{Folder, FolderError, Ownership};
use crate::premises::{Premises, PremisesError};

/// Longest answer a command takes, in bytes.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// Why a command did not reach its office, or was turned down there.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The office cannot be opened.
    #[error(transparent)]
    Premises(#[from] PremisesError),
    /// The office does not answer on its socket.
    #[error("the office does not answer: {0}")]
    Silent(String),
    /// What it builds on has changed meanwhile: nothing is wrong, and the same again may be taken.
    #[error("已有变动，请再试一次 it has changed meanwhile, try again: {0}")]
    Overtaken(String),
    /// The office turned it down.
    #[error("{0}")]
    TurnedDown(String),
}

impl WindowError {
    /// Whether the office went away in the middle, so that the command may be tried again.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Silent(_) | Self::Folder(FolderError::Running(_)))
    }
}

/// A window open to an office.
#[derive(Debug)]
pub enum Window {
    /// To a running office.
    Running(DeskServiceClient<Channel>),
    /// To an office this process has opened itself.
    Opened(Box<Service>, Ownership),
}

macro_rules! ask {
    ($self:ident, $call:ident, $request:expr) => {
        match $self {
            Self::Running(client) => client.$call($request).await,
            Self::Opened(service, _) => service.$call(Request::new($request)).await,
        }
        .map(tonic::Response::into_inner)
        .map_err(turned_down)
    };
}

impl Window {
    /// Opens the window of the office in `folder`.
    pub async fn open(folder: &Folder) -> Result<Self, WindowError> {
        folder.config()?;
        match folder.own() {
            Ok(ownership) => {
                let premises = Premises::open(folder).await?;
                Ok(Self::Opened(Box::new(premises.service()), ownership))
            }
            Err(FolderError::Running(_)) => Self::knock(folder).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the window of a running office alone; never opens the store.
    pub async fn knock(folder: &Folder) -> Result<Self, WindowError> {
        let client = DeskServiceClient::new(Self::connect(folder).await?)
            .max_decoding_message_size(ANSWER_LIMIT)
            .max_encoding_message_size(ANSWER_LIMIT);
        Ok(Self::Running(client))
    }

    /// The line to the socket of a running office, for whoever asks what the window has.
    pub async fn connect(folder: &Folder) -> Result<Channel, WindowError> {
        let path = folder.socket();
        let connector = service_fn(move |_: Uri| {
            let path = path.clone();
            async move { UnixStream::connect(path).await.map(TokioIo::new) }
        });
        Endpoint::from_static("http://desk")
            .connect_with_connector(connector)
            .await
            .map_err(|error| WindowError::Silent(error.to_string()))
    }

    /// Registers intakes.
    pub async fn register(
        &mut self,
        request: RegisterRequest,
    ) -> Result<RegisterResponse, WindowError> {
        ask!(self, register, request)
    }

    /// Takes a step in a case.
    pub async fn act(&mut self, request: ActRequest) -> Result<ActResponse, WindowError> {
        ask!(self, act, request)
    }

    /// A case, as JSON.
    pub async fn show_case(&mut self, case_name: &str) -> Result<String, WindowError> {
        let request = ShowCaseRequest { case_name: case_name.to_owned() };
        ask!(self, show_case, request).map(|answer| answer.json)
    }

    /// Issues a rule pack or a calendar; gives what names it.
    pub async fn issue_rules(&mut self, request: IssueRulesRequest) -> Result<String, WindowError> {
        let answer = ask!(self, issue_rules, request)?;
        Ok(Digest::read(&answer.digest).map(|digest| digest.to_string()).unwrap_or_default())
    }

    /// The rules this office knows, as JSON.
    pub async fn show_rules(&mut self) -> Result<String, WindowError> {
        ask!(self, show_rules, ShowRulesRequest {}).map(|answer| answer.json)
    }

    /// Proposes organs of the office's own subtree.
    pub async fn propose_organs(
        &mut self,
        request: ProposeOrgansRequest,
    ) -> Result<ProposeOrgansResponse, WindowError> {
        ask!(self, propose_organs, request)
    }

    /// What the registry of organs says, as JSON.
    pub async fn show_organs(&mut self, request: ShowOrgansRequest) -> Result<String, WindowError> {
        ask!(self, show_organs, request).map(|answer| answer.json)
    }

    /// Which rule set each deadline of a case, as JSON.
    pub async fn explain_rules(
        &mut self,
        request: ExplainRulesRequest,
    ) -> Result<String, WindowError> {
        ask!(self, explain_rules, request).map(|answer| answer.json)
    }

    /// The documents of a case.
    pub async fn show_notices(&mut self, case_name: &str) -> Result<Vec<NoticeShown>, WindowError> {
        let request = ShowNoticesRequest { case_name: case_name.to_owned() };
        ask!(self, show_notices, request).map(|answer| answer.notices)
    }

    /// Opens the sealed parts of a case.
    pub async fn unseal(&mut self, request: UnsealRequest) -> Result<UnsealResponse, WindowError> {
        ask!(self, unseal, request)
    }

    /// Enters what is of the office itself and of no case.
    pub async fn enter(&mut self, request: EnterRequest) -> Result<EnterResponse, WindowError> {
        ask!(self, enter, request)
    }

    /// Entries of a roll.
    pub async fn show_roll(
        &mut self,
        request: ShowRollRequest,
    ) -> Result<ShowRollResponse, WindowError> {
        ask!(self, show_roll, request)
    }

    /// The whole file of a case.
    pub async fn show_dossier(
        &mut self,
        request: ShowDossierRequest,
    ) -> Result<ShowDossierResponse, WindowError> {
        ask!(self, show_dossier, request)
    }

    /// Looks through the cases held here.
    pub async fn survey(&mut self, request: SurveyRequest) -> Result<SurveyResponse, WindowError> {
        ask!(self, survey, request)
    }

    /// The open cases on an officer's desk.
    pub async fn show_desk(
        &mut self,
        request: ShowDeskRequest,
    ) -> Result<ShowDeskResponse, WindowError> {
        ask!(self, show_desk, request)
    }

    /// The cases of a petitioner who gives an id number or a telephone.
    pub async fn look_up(&mut self, request: LookUpRequest) -> Result<LookUpResponse, WindowError> {
        ask!(self, look_up, request)
    }

    /// Whether there are other cases of the same petitioner about the same place.
    pub async fn show_sameness(
        &mut self,
        request: ShowSamenessRequest,
    ) -> Result<ShowSamenessResponse, WindowError> {
        ask!(self, show_sameness, request)
    }

    /// Continues a report as a case of this office.
    pub async fn continue_report(
        &mut self,
        request: ContinueReportRequest,
    ) -> Result<ContinueReportResponse, WindowError> {
        ask!(self, continue_report, request)
    }

    /// Takes a report in.
    pub async fn take_report(
        &mut self,
        request: TakeReportRequest,
    ) -> Result<TakeReportResponse, WindowError> {
        ask!(self, take_report, request)
    }

    /// The sealed reports that concern the office, as JSON.
    pub async fn list_reports(&mut self, limit: u32) -> Result<String, WindowError> {
        ask!(self, list_reports, ListReportsRequest { limit }).map(|answer| answer.json)
    }

    /// Opens a report.
    pub async fn open_report(
        &mut self,
        request: OpenReportRequest,
    ) -> Result<OpenReportResponse, WindowError> {
        ask!(self, open_report, request)
    }

    /// The receipts for a case's intakes that were registered at this office.
    pub async fn show_receipts(
        &mut self,
        request: ShowReceiptsRequest,
    ) -> Result<Vec<GivenReceipt>, WindowError> {
        ask!(self, show_receipts, request).map(|answer| answer.receipts)
    }

    /// The verdict on a receipt as JSON, and the receipt with all evidence the office can add.
    pub async fn examine_receipt(
        &mut self,
        text: String,
    ) -> Result<ExamineReceiptResponse, WindowError> {
        ask!(self, examine_receipt, ExamineReceiptRequest { text })
    }

    /// Asks the office that gave a receipt for the entry it signed for.
    pub async fn ask_for_entry(
        &mut self,
        request: AskForEntryRequest,
    ) -> Result<AskForEntryResponse, WindowError> {
        ask!(self, ask_for_entry, request)
    }

    /// A page of cases, as JSON.
    pub async fn list_cases(&mut self, request: ListCasesRequest) -> Result<String, WindowError> {
        ask!(self, list_cases, request).map(|answer| answer.json)
    }

    /// How the office stands, as JSON.
    pub async fn show_status(&mut self) -> Result<String, WindowError> {
        ask!(self, show_status, ShowStatusRequest {}).map(|answer| answer.json)
    }

    /// A code sheet for a subordinate, as JSON.
    pub async fn admit(&mut self, division: &str) -> Result<String, WindowError> {
        let request = AdmitRequest { division: division.to_owned() };
        ask!(self, admit, request).map(|answer| answer.json)
    }

    /// An audit, each row as JSON, as they come.
    pub async fn audit(
        &mut self,
        request: AuditRequest,
    ) -> Result<BoxStream<'static, Result<String, WindowError>>, WindowError> {
        let json =
            |row: Result<AuditResponse, Status>| row.map(|row| row.json).map_err(turned_down);
        Ok(match self {
            Self::Running(client) => {
                client.audit(request).await.map_err(turned_down)?.into_inner().map(json).boxed()
            }
            Self::Opened(service, _) => {
                let rows = service.audit(Request::new(request)).await.map_err(turned_down)?;
                rows.into_inner().map(json).boxed()
            }
        })
    }

    /// A reader certificate, for the key of a PKCS#10 request.
    pub async fn issue_reader(
        &mut self,
        request: IssueReaderRequest,
    ) -> Result<IssueReaderResponse, WindowError> {
        ask!(self, issue_reader, request)
    }

    /// The reader certificates, as JSON.
    pub async fn list_readers(&mut self) -> Result<String, WindowError> {
        ask!(self, list_readers, ListReadersRequest {}).map(|answer| answer.json)
    }

    /// Revokes a reader certificate.
    pub async fn revoke_reader(&mut self, name: &str) -> Result<(), WindowError> {
        let request = RevokeReaderRequest { name: name.to_owned() };
        ask!(self, revoke_reader, request).map(|_| ())
    }

    /// Holds the link to the superior, or lets it go on.
    pub async fn set_link(&mut self, connected: bool) -> Result<(), WindowError> {
        ask!(self, set_link, SetLinkRequest { connected }).map(|_| ())
    }
}

/// A broken pipe and a restarting office look like `Unavailable` or `Unknown`; everything else is the
/// office's own word.
fn turned_down(status: Status) -> WindowError {
    use tonic::Code;
    let broken = matches!(
        status.code(),
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal
    );
    let text = status.message().to_owned();
    if broken {
        WindowError::Silent(text)
    } else if status.code() == Code::Aborted {
        WindowError::Overtaken(text)
    } else {
        WindowError::TurnedDown(text)
    }
}
