//! Reading (查阅): how a program outside Terrace is let in to read this office, and what it is answered.
//!
//! [`Reading`] issues reader certificates, writes them down in `readers.json`, and judges every call by that
//! list; [`service`] answers, out of rows and folds alone. A certificate covers the office whose authority
//! signed it, the scopes it names, until it ends or is revoked.
//!
//! It never writes an entry and never answers before the checkpoint file is level with what it shows.

mod answer;
pub mod service;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use tonic::Status;

use crate::enrolment::Admitting;
use crate::folder::Folder;
use crate::identity::authority::AuthorityError;
use crate::identity::certificate::{Certificate, CertificateError, Holder};
use crate::identity::files::FilesError;
use crate::identity::name::NameError;
use crate::identity::reader::{ReaderName, Scope, Scopes};
use crate::identity::readers::{Issued, Readers, ReadersError};
use crate::identity::{TransportName, Validity};
use crate::office::Office;
use crate::port::Caller;
use crate::surroundings::SystemChance;

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

/// How an office is read.
#[derive(Debug)]
pub struct Reading {
    folder: Folder,
    office: Arc<Office>,
    admitting: Arc<Admitting>,
    list: Mutex<Readers>,
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
        Ok(Self { folder: folder.clone(), office, admitting, list })
    }

    /// Issues a certificate for the key in a PKCS#10 request; it is written down before it is given away.
    ///
    /// # Errors
    ///
    /// [`IssuingError`].
    pub fn issue(
        &self,
        name: &ReaderName,
        scopes: Scopes,
        days: u32,
        request: &[u8],
    ) -> Result<NewReader, IssuingError> {
        let me = self.office.identity().me.author;
        if !crate::identity::authority::may_have_authority(me) {
            return Err(IssuingError::Township(me));
        }
        let (authority, credentials) = self
            .admitting
            .authority()
            .zip(self.admitting.credentials())
            .ok_or(IssuingError::NotEnrolled)?;
        let address = self.admitting.address().ok_or(IssuingError::NoAddress)?.to_owned();
        if !(1..=LONGEST_TERM).contains(&days) {
            return Err(IssuingError::Term(days));
        }
        let now = self.office.now();
        let mut list = self.list.lock().expect("no one panics while holding it");
        list.free(name, now)?;
        let validity = Validity::days(now, days);
        let signed = authority.sign_reader(name, scopes, request, validity, &mut SystemChance)?;
        let until = Certificate::read(&signed)?.not_after;
        let mut changed = list.clone();
        changed.add(Issued {
            name: name.clone(),
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

    /// Who calls, if it may read this.
    fn reader(&self, caller: Option<&Caller>, scope: Scope) -> Result<ReaderName, Status> {
        let own = caller.and_then(|caller| caller.certificates.first());
        let own = own.ok_or_else(|| {
            Status::unauthenticated(
                "reading needs a reader certificate: show the one this office issued",
            )
        })?;
        let denied = |why: &dyn std::fmt::Display| Status::permission_denied(why.to_string());
        let reach = match Certificate::read(own).map_err(|error| denied(&error))?.holder {
            Holder::Reader(reach) => reach,
            Holder::Office(division) | Holder::Authority(division) => {
                return Err(Status::permission_denied(format!(
                    "reading needs a reader certificate, and this is one of the office {} itself",
                    division.short()
                )));
            }
        };
        let me = self.office.identity().me.author;
        if reach.office != me {
            return Err(Status::permission_denied(format!(
                "this certificate is for reading {}, and this office is {}",
                reach.office.short(),
                me.short()
            )));
        }
        let list = self.list.lock().expect("no one panics while holding it");
        let issued = list.known(own, self.office.now()).map_err(|error| denied(&error))?;
        if reach.scopes.cover(scope) {
            return Ok(issued.name.clone());
        }
        Err(Status::permission_denied(format!(
            "this certificate covers {}, and not {scope}",
            reach.scopes
        )))
    }
}
