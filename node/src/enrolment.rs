//! Enrolment over the wire: how a new office gets its certificates, and its superior's journal its key.
//!
//! The superior ([`Admitting`]) prepares code sheets and answers requests; the new office ([`enrol`]) dials
//! with nothing but its code sheet. A code is bound to the first key that uses it and stays good for that
//! key until the office has held a conversation on the link, so a broken connection never burns it.

use std::sync::{Arc, Mutex};

use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use terrace_proto::digest::{Digest, Epoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::entry::header::Hand;
use terrace_proto::journal::ParcelItem;
use terrace_proto::key::{Algorithm, JournalKey};
use terrace_proto::wire::enrolment_service_client::EnrolmentServiceClient;
use terrace_proto::wire::enrolment_service_server::EnrolmentService;
use terrace_proto::wire::{EnrolRequest, EnrolResponse, Proved};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Endpoint, Uri};
use tonic::{Request, Response, Status};
use tower::service_fn;
use tracing::{info, warn};

use crate::archive::enrolling;
use crate::folder::Folder;
use crate::identity::authority::{may_have_authority, request, requested_key_hash};
use crate::identity::enrolment::{Admissions, Applicant, EnrolmentRequest, Use};
use crate::identity::files::FilesError;
use crate::identity::transport::pinned_client_config;
use crate::identity::{
    Authority, CodeSheet, Credentials, Keys, OneTimeCode, RootJournal, TransportName, Validity,
};
use crate::link::HANDSHAKE;
use crate::office::Office;
use crate::surroundings::SystemChance;

/// Years a transport certificate is good for.
const TRANSPORT_YEARS: i64 = 2;
/// Years an authority is good for.
const AUTHORITY_YEARS: i64 = 10;

/// Why no code sheet can be prepared.
#[derive(Debug, thiserror::Error)]
pub enum AdmittingError {
    /// This office has nobody below.
    #[error("{0} admits nobody: no office stands below it")]
    NobodyBelow(DivisionCode),
    /// It is not reachable.
    #[error(
        "no address to write on the code sheet: set `listen` in office.toml, so that subordinates can reach this office"
    )]
    NoAddress,
    /// The division cannot be admitted here.
    #[error(transparent)]
    Issue(#[from] crate::identity::enrolment::IssueError),
    /// The book of admissions could not be kept.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The office has no certificates itself.
    #[error("this office is not enrolled itself: enrol it with its superior first")]
    NotEnrolled,
}

/// The superior's side.
#[derive(Debug)]
pub struct Admitting {
    folder: Folder,
    office: Arc<Office>,
    authority: Option<Authority>,
    credentials: Option<Credentials>,
    /// Where subordinates reach this office.
    address: Option<String>,
    book: Mutex<Admissions>,
}

impl Admitting {
    /// Reads what an office admits with; one that is not enrolled yet, or has nobody below, admits nobody.
    pub fn open(
        folder: &Folder,
        office: Arc<Office>,
        address: Option<String>,
    ) -> Result<Self, FilesError> {
        let me = office.identity().me.author;
        let enrolled = folder.is_enrolled();
        let authority =
            (enrolled && may_have_authority(me)).then(|| folder.authority()).transpose()?;
        let credentials = enrolled.then(|| folder.credentials()).transpose()?;
        let book = Mutex::new(folder.admissions(me)?);
        Ok(Self { folder: folder.clone(), office, authority, credentials, address, book })
    }

    /// The certificates this office shows; none before it is enrolled.
    #[must_use]
    pub fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The authority that signs for others; none before enrolment, and where nobody stands below.
    #[must_use]
    pub fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    /// Where others reach this office.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// Whole days until this office's certificate ends.
    #[must_use]
    pub fn certificate_days_left(&self, now: Timestamp) -> Option<i64> {
        let credentials = self.credentials.as_ref()?;
        let read = crate::identity::certificate::Certificate::read(credentials.transport()).ok()?;
        Some(read.days_left(now))
    }

    /// Prepares a code sheet for a direct subordinate.
    pub fn prepare(&self, division: DivisionCode) -> Result<CodeSheet, AdmittingError> {
        let me = self.office.identity().me.author;
        let credentials = self.credentials.as_ref().ok_or(AdmittingError::NotEnrolled)?;
        if self.authority.is_none() {
            return Err(AdmittingError::NobodyBelow(me));
        }
        let address = self.address.clone().ok_or(AdmittingError::NoAddress)?;
        let code = OneTimeCode::draw(&mut SystemChance);
        let mut book = self.book.lock().expect("no one panics while holding it");
        let mut changed = book.clone();
        changed.issue(division, &code, self.office.now())?;
        self.folder.keep_admissions(&changed)?;
        *book = changed;
        Ok(CodeSheet {
            division,
            superior: me,
            address,
            code,
            root_fingerprint: credentials.fingerprint(),
        })
    }

    /// A subordinate held a conversation: its code is burnt.
    pub fn confirm(&self, journal: JournalId, key: &JournalKey) {
        let applicant = Applicant { journal_key: key.bytes(), epoch: journal.epoch };
        let mut book = self.book.lock().expect("no one panics while holding it");
        let mut changed = book.clone();
        if !changed.confirm(journal.author, applicant) {
            return;
        }
        match self.folder.keep_admissions(&changed) {
            Ok(()) => *book = changed,
            Err(error) => warn!("the code of {} stays good: {error}", journal.author.short()),
        }
    }

    /// Checks a request and binds its code; durable when this returns.
    fn redeem(
        &self,
        message: &EnrolRequest,
    ) -> Result<(DivisionCode, JournalId, JournalKey), Status> {
        let invalid = |what: &str| Status::invalid_argument(format!("enrolment: {what}"));
        let division = DivisionCode::from_number(message.division)
            .map_err(|error| invalid(&error.to_string()))?;
        let code: OneTimeCode =
            message.code.parse().map_err(|error: crate::identity::code::OneTimeCodeError| {
                invalid(&error.to_string())
            })?;
        let epoch = Epoch::read(&message.epoch).ok_or_else(|| invalid("an epoch has 16 bytes"))?;
        let request = EnrolmentRequest {
            division,
            code: &code,
            epoch,
            algorithm: message.algorithm,
            journal_key: &message.journal_key,
            transport_request: &message.transport_request,
            authority_request: &message.authority_request,
        };
        let (key, applicant) =
            request.verify(&message.signature).map_err(|error| invalid(&error.to_string()))?;
        let mut book = self.book.lock().expect("no one panics while holding it");
        let mut changed = book.clone();
        let used = changed
            .redeem(division, &code, applicant, self.office.now())
            .map_err(|error| Status::permission_denied(error.to_string()))?;
        if used == Use::First {
            self.folder
                .keep_admissions(&changed)
                .map_err(|error| Status::unavailable(error.to_string()))?;
            *book = changed;
        }
        Ok((division, JournalId { author: division, epoch }, key))
    }

    fn certify(
        &self,
        division: DivisionCode,
        message: &EnrolRequest,
    ) -> Result<[Vec<u8>; 2], Status> {
        let authority = self.authority.as_ref().ok_or_else(|| {
            Status::failed_precondition(AdmittingError::NobodyBelow(division).to_string())
        })?;
        let refused = |error: crate::identity::authority::AuthorityError| {
            Status::invalid_argument(error.to_string())
        };
        let now = self.office.now();
        let years = |years| Validity::years(now, years);
        let transport = authority
            .sign_transport(
                division,
                &message.transport_request,
                years(TRANSPORT_YEARS),
                &mut SystemChance,
            )
            .map_err(refused)?;
        let mut own_authority = Vec::new();
        if may_have_authority(division) {
            let signed = authority.sign_authority(
                division,
                &message.authority_request,
                years(AUTHORITY_YEARS),
                &mut SystemChance,
            );
            own_authority = signed.map_err(refused)?.to_vec();
        }
        Ok([transport.to_vec(), own_authority])
    }

    /// The authorities a subordinate's chain consists of: this office's and those above it, up to the root.
    fn authorities(&self) -> Vec<Vec<u8>> {
        let own = self.authority.iter().map(Authority::certificate);
        let above =
            self.credentials.iter().flat_map(|credentials| credentials.chain().iter().skip(1));
        let mut chain: Vec<Vec<u8>> =
            own.chain(above).map(|certificate| certificate.to_vec()).collect();
        chain.dedup(); // At the root, its authority and the end of its chain are one.
        chain
    }
}

#[tonic::async_trait]
impl EnrolmentService for ArcAdmitting {
    async fn enrol(
        &self,
        request: Request<EnrolRequest>,
    ) -> Result<Response<EnrolResponse>, Status> {
        let message = request.into_inner();
        let answer = self.0.answer(&message).await;
        match &answer {
            Ok(_) => info!(division = message.division, "an office enrolled"),
            Err(status) => {
                warn!(division = message.division, "an enrolment was refused: {}", status.message())
            }
        }
        answer.map(Response::new)
    }
}

/// The service handle: requests share one book.
#[derive(Debug, Clone)]
pub struct ArcAdmitting(pub Arc<Admitting>);

impl Admitting {
    async fn answer(&self, message: &EnrolRequest) -> Result<EnrolResponse, Status> {
        let (division, journal, key) = self.redeem(message)?;
        let [transport_certificate, authority_certificate] = self.certify(division, message)?;
        let transport_key = requested_key_hash(&message.transport_request)
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let me = self.office.identity().me;
        let chain = self.enter(journal, key, transport_key).await.map_err(|error| {
            self.office.observe(&error);
            Status::unavailable(error.to_string())
        })?;
        Ok(EnrolResponse {
            transport_certificate,
            authority_certificate,
            authorities_above: self.authorities(),
            superior: me.author.number(),
            superior_epoch: me.epoch.0.to_vec(),
            chain: chain.into_iter().map(proved_message).collect(),
        })
    }

    /// Enters the admission in the journal, and gives the chain that ends with it.
    async fn enter(
        &self,
        journal: JournalId,
        key: JournalKey,
        transport_key: Digest,
    ) -> Result<Vec<enrolling::Proved>, crate::archive::ArchiveError> {
        let mut writing = self.office.write().await;
        let news = writing.archive.admit(Hand::default(), journal, key, transport_key).await?;
        let chain = writing.archive.admission_chain(journal).await?;
        drop(writing);
        self.office.tell(&news);
        Ok(chain)
    }
}

fn proved_message((checkpoint, item): enrolling::Proved) -> Proved {
    Proved { checkpoint, item: Some(item.into_wire()) }
}

fn proved(message: Proved) -> enrolling::Proved {
    (message.checkpoint, ParcelItem::off_wire(message.item.unwrap_or_default()))
}

/// What enrolment gives a new office.
#[derive(Debug)]
pub struct Enrolled {
    /// Its certificates, verified up to the pinned root.
    pub credentials: Credentials,
    /// Its authority's certificate, where it may admit others.
    pub authority: Option<CertificateDer<'static>>,
    /// The root's journal, as the pinned certificate names it.
    pub root: RootJournal,
    /// The admissions from the root down to this office.
    pub chain: Vec<enrolling::Proved>,
}

/// Asks the superior named on the code sheet, believing only what leads to the pinned root.
pub async fn enrol(
    sheet: &CodeSheet,
    epoch: Epoch,
    keys: &Keys,
    now: Timestamp,
) -> anyhow::Result<Enrolled> {
    let transport_request = request(sheet.division, &keys.transport)?;
    let authority_request = keys
        .authority
        .as_ref()
        .map(|key| request(sheet.division, key))
        .transpose()?
        .unwrap_or_default();
    let journal_key = keys.journal.public().bytes();
    let asked = EnrolmentRequest {
        division: sheet.division,
        code: &sheet.code,
        epoch,
        algorithm: Algorithm::Ed25519 as u32,
        journal_key: &journal_key,
        transport_request: &transport_request,
        authority_request: &authority_request,
    };
    let message = EnrolRequest {
        division: sheet.division.number(),
        code: sheet.code.to_string(),
        epoch: epoch.0.to_vec(),
        algorithm: asked.algorithm,
        journal_key: journal_key.to_vec(),
        signature: asked.sign(&keys.journal).to_vec(),
        transport_request: transport_request.clone(),
        authority_request: authority_request.clone(),
    };
    let (answer, root_certificate) = ask(sheet, message).await?;
    anyhow::ensure!(
        answer.superior == sheet.superior.number(),
        "another office answered than the code sheet names"
    );
    let above = answer.authorities_above.into_iter().map(CertificateDer::from).collect();
    let credentials = Credentials::new(CertificateDer::from(answer.transport_certificate), above)?;
    anyhow::ensure!(
        credentials.division() == sheet.division && credentials.root() == &root_certificate,
        "the certificates lead to another office or another root than the code sheet names"
    );
    credentials.verify(now)?;
    let authority =
        Some(answer.authority_certificate).filter(|der| !der.is_empty()).map(CertificateDer::from);
    let root = RootJournal::read(&root_certificate)?;
    Ok(Enrolled {
        credentials,
        authority,
        root,
        chain: answer.chain.into_iter().map(proved).collect(),
    })
}

async fn ask(
    sheet: &CodeSheet,
    message: EnrolRequest,
) -> anyhow::Result<(EnrolResponse, CertificateDer<'static>)> {
    let (config, pinned) = pinned_client_config(sheet.root_fingerprint)?;
    let connector = TlsConnector::from(Arc::new(config));
    let name = TransportName::of(sheet.superior)?.server_name();
    let address = sheet.address.clone();
    let connect = service_fn(move |_: Uri| {
        let (connector, name, address) = (connector.clone(), name.clone(), address.clone());
        async move {
            let stream = TcpStream::connect(&address).await?;
            connector.connect(name, stream).await.map(TokioIo::new)
        }
    });
    let channel = Endpoint::from_static("http://superior")
        .connect_timeout(HANDSHAKE)
        .connect_with_connector(connect)
        .await
        .map_err(|error| {
            anyhow::anyhow!("{}: {}", sheet.address, crate::link::dial::reason(&error))
        })?;
    let answer = EnrolmentServiceClient::new(channel)
        .enrol(message)
        .await
        .map_err(|status| anyhow::anyhow!("the superior refused: {}", status.message()))?;
    let root = pinned
        .certificate()
        .ok_or_else(|| anyhow::anyhow!("the superior showed no root certificate"))?;
    Ok((answer.into_inner(), root))
}
