//! Reading (查阅): how a program outside Terrace is let in to read this office, and what it is answered.
//!
//! [`Reading`] issues reader certificates, writes them down in `readers.json`, and judges every call: one with a
//! certificate of this office by that list, one of an auditor by what the superiors have signed
//! ([`crate::identity::auditor`]). [`visit`] gives auditors their [`turns`] and enters what they read in the journal;
//! [`service`] answers, out of rows and folds alone. [`fetching`] is the other end: an auditor who reads an office.
//!
//! It never answers before the checkpoint file is level with what it shows, nor an auditor before the entry about it
//! is durable; and no caller's words get into the journal.

mod answer;
pub mod fetching;
pub mod service;
pub mod turns;
mod visit;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use terrace_proto::digest::Digest;
use terrace_proto::division::{DivisionCode, Tree};
use tonic::Status;

use crate::enrolment::Admitting;
use crate::folder::Folder;
use crate::identity::auditor::{Auditor, LONGEST_AUDIT};
use crate::identity::authority::AuthorityError;
use crate::identity::authority::may_have_authority;
use crate::identity::certificate::{Certificate, CertificateError, Holder};
use crate::identity::files::FilesError;
use crate::identity::name::NameError;
use crate::identity::reader::{Extent, ReaderName, Scope, Scopes};
use crate::identity::readers::{Issued, Readers, ReadersError};
use crate::identity::{TransportName, Validity};
use crate::office::Office;
use crate::port::Caller;
use crate::surroundings::SystemChance;

use self::turns::Turns;

/// Longest term of a reader certificate, in days.
pub const LONGEST_TERM: u32 = 730;

/// Why no reader certificate is issued or revoked.
#[derive(Debug, thiserror::Error)]
pub enum IssuingError {
    /// A township has neither authority nor port.
    #[error(
        "{0} cannot be read from outside: a township has no authority and no port; its county holds all it wrote, issue the certificate there"
    )]
    Township(DivisionCode),
    /// The office has no certificates itself.
    #[error("this office is not enrolled itself: enrol it with its superior first")]
    NotEnrolled,
    /// It is not reachable.
    #[error(
        "no address to read at: set `listen` in office.toml, so that programs can reach this office"
    )]
    NoAddress,
    /// The term is none.
    #[error("a reader certificate is good for 1 to {LONGEST_TERM} days, not {0}")]
    Term(u32),
    /// The term is too long for an auditor's.
    #[error(
        "an auditor's certificate is good for 1 to {LONGEST_AUDIT} days, not {0}: it cannot be called back"
    )]
    AuditTerm(u32),
    /// Nobody below could be dialled.
    #[error(
        "下级均为乡镇 below {0} there are townships alone, which have no port: this office holds their journals whole. Read it with a certificate of its superior, or with a reader certificate of its own"
    )]
    TownshipsOnly(DivisionCode),
    /// The list does not allow it.
    #[error(transparent)]
    List(#[from] ReadersError),
    /// The authority does not sign.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// What it signed cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The office has no name on a link.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The list could not be kept.
    #[error(transparent)]
    Files(#[from] FilesError),
}

/// A new reader certificate, and how to use it.
#[derive(Debug)]
pub struct NewReader {
    /// The certificate and the authorities up to the root.
    pub chain: Vec<CertificateDer<'static>>,
    /// Where the office is reached.
    pub address: String,
    /// The name its certificate bears.
    pub server_name: String,
    /// When the certificate ends.
    pub until: Timestamp,
}

impl Reader {
    /// What the reader is called, for the log.
    fn name(&self) -> &str {
        match self {
            Self::Listed(name) => name.as_str(),
            Self::Auditor(auditor) => auditor.name.as_str(),
        }
    }
}

/// How an office is read.
#[derive(Debug)]
pub struct Reading {
    folder: Folder,
    office: Arc<Office>,
    admitting: Arc<Admitting>,
    list: Mutex<Readers>,
    turns: Turns,
}

/// Who reads.
#[derive(Debug)]
enum Reader {
    /// One to whom this office has given a certificate.
    Listed(ReaderName),
    /// One to whom a superior has.
    Auditor(Auditor),
}

impl Reading {
    /// Reads the list of certificates issued before.
    ///
    /// # Errors
    ///
    /// [`FilesError`] when it is damaged or another office's.
    pub fn open(
        folder: &Folder,
        office: Arc<Office>,
        admitting: Arc<Admitting>,
    ) -> Result<Self, FilesError> {
        let list = Mutex::new(folder.readers(office.identity().me.author)?);
        Ok(Self { folder: folder.clone(), office, admitting, list, turns: Turns::default() })
    }

    /// Issues a certificate for the key in a PKCS#10 request, good at this office or, for an auditor, at those below;
    /// it is written down before it is given away.
    ///
    /// # Errors
    ///
    /// [`IssuingError`].
    pub fn issue(
        &self,
        name: &ReaderName,
        extent: Extent,
        scopes: Scopes,
        days: u32,
        request: &[u8],
    ) -> Result<NewReader, IssuingError> {
        let me = self.office.identity().me.author;
        if !may_have_authority(me) {
            return Err(IssuingError::Township(me));
        }
        check_term(me, extent, days)?;
        let (authority, credentials) = self
            .admitting
            .authority()
            .zip(self.admitting.credentials())
            .ok_or(IssuingError::NotEnrolled)?;
        let address = self.admitting.address().ok_or(IssuingError::NoAddress)?.to_owned();
        let now = self.office.now();
        let mut list = self.list.lock().expect("no one panics while holding it");
        list.free(name, now)?;
        let validity = Validity::days(now, days);
        let chance = &mut SystemChance;
        let signed = authority.sign_reader(name, extent, scopes, request, validity, chance)?;
        let until = Certificate::read(&signed)?.not_after;
        let mut changed = list.clone();
        changed.add(Issued {
            name: name.clone(),
            audit: extent == Extent::Below,
            scopes: scopes.iter().collect(),
            fingerprint: Digest::of(&[&signed]).0,
            issued_at: now,
            until,
            revoked_at: None,
        })?;
        self.folder.keep_readers(&changed)?;
        *list = changed;
        let mut chain = vec![signed, authority.certificate().clone()];
        if me != DivisionCode::HUB {
            chain.extend_from_slice(&credentials.chain()[1..]);
        }
        let server_name = TransportName::of(me)?.to_string();
        Ok(NewReader { chain, address, server_name, until })
    }

    /// All certificates that were ever issued.
    #[must_use]
    pub fn issued(&self) -> Vec<Issued> {
        self.list.lock().expect("no one panics while holding it").issued().to_vec()
    }

    /// Revokes the certificate of a reader: its next call is refused.
    ///
    /// # Errors
    ///
    /// [`IssuingError`].
    pub fn revoke(&self, name: &ReaderName) -> Result<(), IssuingError> {
        let mut list = self.list.lock().expect("no one panics while holding it");
        let mut changed = list.clone();
        changed.revoke(name, self.office.now())?;
        self.folder.keep_readers(&changed)?;
        *list = changed;
        Ok(())
    }

    /// Who calls, if it may read all of this.
    fn reader(&self, caller: Option<&Caller>, scopes: &[Scope]) -> Result<Reader, Status> {
        let shown = caller.map(|caller| caller.certificates.as_slice()).unwrap_or_default();
        let own = shown.first().ok_or_else(|| {
            Status::unauthenticated(
                "reading needs a reader certificate: show the one that this office, or a superior, has issued",
            )
        })?;
        let reach = match Certificate::read(own).map_err(denied)?.holder {
            Holder::Reader(reach) => reach,
            Holder::Office(division) | Holder::Authority(division) => {
                return Err(denied(format!(
                    "reading needs a reader certificate, and this is one of the office {} itself",
                    division.short()
                )));
            }
        };
        let reader = match reach.extent {
            Extent::Itself => self.listed(own, reach.office).map(Reader::Listed),
            Extent::Below => {
                let credentials = self.admitting.credentials();
                let credentials = credentials.ok_or_else(|| denied(IssuingError::NotEnrolled))?;
                let auditor = Auditor::of(shown, credentials, self.office.now());
                auditor.map(Reader::Auditor).map_err(denied)
            }
        }?;
        match scopes.iter().find(|scope| !reach.scopes.cover(**scope)) {
            None => Ok(reader),
            Some(scope) => {
                let covered = reach.scopes;
                Err(denied(format!("this certificate covers {covered}, and not {scope}")))
            }
        }
    }

    /// To whom this office has given a certificate.
    fn listed(
        &self,
        certificate: &CertificateDer<'_>,
        office: DivisionCode,
    ) -> Result<ReaderName, Status> {
        let me = self.office.identity().me.author;
        if office != me {
            return Err(denied(format!(
                "this certificate is for reading {}, and this office is {}",
                office.short(),
                me.short()
            )));
        }
        let list = self.list.lock().expect("no one panics while holding it");
        let issued = list.known(certificate, self.office.now()).map_err(denied)?;
        Ok(issued.name.clone())
    }
}

fn denied(why: impl std::fmt::Display) -> Status {
    Status::permission_denied(why.to_string())
}

/// How long a certificate may be good for, and whether anyone could be read with it.
fn check_term(me: DivisionCode, extent: Extent, days: u32) -> Result<(), IssuingError> {
    match extent {
        Extent::Itself if (1..=LONGEST_TERM).contains(&days) => Ok(()),
        Extent::Itself => Err(IssuingError::Term(days)),
        Extent::Below => {
            let mut below = Tree::national().children(me);
            if !below.any(|division| may_have_authority(division.code)) {
                return Err(IssuingError::TownshipsOnly(me));
            }
            let short = (1..=LONGEST_AUDIT).contains(&days);
            if short { Ok(()) } else { Err(IssuingError::AuditTerm(days)) }
        }
    }
}
