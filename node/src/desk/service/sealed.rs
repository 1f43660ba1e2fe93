//! What is sealed, over the office's own socket: words in, words out, and nowhere else.
//!
//! Nothing here is logged, and no error repeats a word of what was sealed.

use serde_json::json;
use terrace_proto::case::CaseNumber;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::date_of;
use terrace_proto::receipt::Receipt;
use terrace_proto::seal::{Identity, Petitioner, Plain, Report, Role};
use terrace_proto::wire;
use tonic::Status;

use super::{Service, hand};
use crate::desk::lookup::Sameness;
use crate::desk::report::ReportStanding;
use crate::view;

/// Most reports in one answer.
const LIST_LIMIT: u32 = 1_000;

impl Service {
    pub(super) async fn unsealed(
        &self,
        request: wire::UnsealRequest,
    ) -> Result<wire::UnsealResponse, Status> {
        let case = self.find(&request.case_name).await?;
        let mut writing = self.office.write().await;
        let opened = writing.desk().unseal(case, &hand(request.hand), &request.purpose).await;
        drop(writing);
        let (opened, news) = opened.map_err(|error| self.status(&error))?;
        self.office.tell(&news);
        let parts = opened.into_iter().map(|opened| {
            let entry = opened.entry.to_string();
            match opened.plain {
                Plain::Identity(identity) => {
                    wire::OpenedPart { entry, petitioners: words(identity), report: None }
                }
                Plain::Report(report) => {
                    let report = Some(report_words(report));
                    wire::OpenedPart { entry, petitioners: Vec::new(), report }
                }
                // A rating is opened by nobody but the office that counts.
                Plain::Rating(_) => wire::OpenedPart { entry, ..wire::OpenedPart::default() },
            }
        });
        Ok(wire::UnsealResponse { parts: parts.collect() })
    }

    pub(super) async fn looked_up(
        &self,
        request: wire::LookUpRequest,
    ) -> Result<wire::LookUpResponse, Status> {
        let given = petitioner(request.petitioner.unwrap_or_default());
        let mut writing = self.office.write().await;
        let found = writing.desk().look_up(&hand(request.hand), given, &request.purpose).await;
        drop(writing);
        let (numbers, news) = found.map_err(|error| self.status(&error))?;
        self.office.tell(&news);
        Ok(wire::LookUpResponse { numbers })
    }

    pub(super) async fn sameness_shown(
        &self,
        request: wire::ShowSamenessRequest,
    ) -> Result<wire::ShowSamenessResponse, Status> {
        let case = self.find(&request.case_name).await?;
        let known = self.office.write().await.desk().sameness(case).await;
        let Sameness { here, alike, behind, above } = known.map_err(|error| self.status(&error))?;
        let likeness = here.iter().map(|one| one.likeness).collect();
        Ok(wire::ShowSamenessResponse {
            here: here.into_iter().map(|one| one.number).collect(),
            asked: above.is_some(),
            same_above: above.flatten(),
            likeness,
            alike_likeness: alike.iter().map(|one| one.likeness).collect(),
            alike: alike.into_iter().map(|one| one.number).collect(),
            behind,
        })
    }

    pub(super) async fn report_taken(
        &self,
        request: wire::TakeReportRequest,
    ) -> Result<wire::TakeReportResponse, Status> {
        let words = request.report.unwrap_or_default();
        let (case, named) = (words.retaliation.clone(), !words.accused_division.trim().is_empty());
        let report = report(words)?;
        let received_on = request.received_on.map(date_of).transpose();
        let received_on =
            received_on.map_err(|error| Status::invalid_argument(error.to_string()))?;
        let mut writing = self.office.write().await;
        let (mut desk, hand) = (writing.desk(), hand(request.hand));
        let taken = if case.is_empty() || named {
            desk.take_report(&hand, report, received_on).await
        } else {
            desk.take_retaliation(&hand, report, &case, received_on).await
        };
        drop(writing);
        let taken = taken.map_err(|error| self.status(&error))?;
        self.office.tell(&taken.news);
        let number = taken.number.parse::<CaseNumber>();
        let receipt = number.ok().and_then(|number| Receipt::of(&taken.entry, number, &[]));
        let signed = receipt.map(|receipt| receipt.sign(&self.office.identity().signer));
        Ok(wire::TakeReportResponse {
            number: taken.number,
            leaf: taken.entry.leaf().0.to_vec(),
            sequence: taken.entry.header().sequence,
            receipt: signed.and_then(|note| String::from_utf8(note).ok()).unwrap_or_default(),
        })
    }

    pub(super) async fn report_continued(
        &self,
        request: wire::ContinueReportRequest,
    ) -> Result<wire::ContinueReportResponse, Status> {
        let (leaf, hand) = (leaf(&request.leaf)?, hand(request.hand));
        let mut writing = self.office.write().await;
        let done = writing.desk().continue_report(leaf, &hand, &request.purpose).await;
        drop(writing);
        let (one, news) = done.map_err(|error| self.status(&error))?;
        self.office.tell(&news);
        Ok(wire::ContinueReportResponse { registered: Some(one.into()) })
    }

    pub(super) async fn reports_listed(
        &self,
        request: wire::ListReportsRequest,
    ) -> Result<wire::ListReportsResponse, Status> {
        let limit = if request.limit == 0 { LIST_LIMIT } else { request.limit.min(LIST_LIMIT) };
        let reports = self.office.write().await.desk().reports(limit as usize).await;
        let reports = reports.map_err(|error| self.status(&error))?;
        let rows: Vec<_> = reports.iter().map(row).collect();
        Ok(wire::ListReportsResponse { json: json!({ "reports": rows }).to_string() })
    }

    pub(super) async fn report_opened(
        &self,
        request: wire::OpenReportRequest,
    ) -> Result<wire::OpenReportResponse, Status> {
        let leaf = leaf(&request.leaf)?;
        let mut writing = self.office.write().await;
        let opened = writing.desk().open_report(leaf, &hand(request.hand), &request.purpose).await;
        drop(writing);
        let (opened, news) = opened.map_err(|error| self.status(&error))?;
        self.office.tell(&news);
        let report = match opened.plain {
            Plain::Report(report) => Some(report_words(report)),
            Plain::Identity(_) | Plain::Rating(_) => None,
        };
        Ok(wire::OpenReportResponse { report })
    }
}

/// One sealed report as this office stands to it.
fn row(standing: &ReportStanding) -> serde_json::Value {
    let report = &standing.report;
    let at = jiff::Timestamp::from_millisecond(report.recorded_at).unwrap_or_default();
    json!({
        "entry": report.entry.to_string(),
        "author": report.entry.journal.author.short(),
        "sequence": report.entry.sequence,
        "leaf": report.leaf.to_string(),
        "recorded_at": view::hour(at),
        "readable": standing.readable,
        "owed": standing.owed,
    })
}

/// An entry named by its leaf hash.
pub(super) fn leaf(bytes: &[u8]) -> Result<Digest, Status> {
    let wrong = || Status::invalid_argument("an entry is named by 64 hexadecimal digits");
    Digest::read(bytes).ok_or_else(wrong)
}

/// Who brings a case; nobody for an anonymous one.
pub(super) fn identity(petitioners: Vec<wire::PetitionerWords>) -> Option<Identity> {
    let mut all: Vec<Petitioner> = petitioners.into_iter().map(petitioner).collect();
    // Whoever petitions comes before whoever acts for them.
    all.sort_by_key(|one| one.role() == Role::Agent);
    let mut petitioners = all.into_iter();
    let petitioner = petitioners.next()?;
    Some(Identity { petitioner, others: petitioners.collect() })
}

fn petitioner(words: wire::PetitionerWords) -> Petitioner {
    Petitioner {
        name: words.name,
        id_kind: i32::try_from(words.id_kind).unwrap_or_default(),
        id_number: words.id_number,
        phone: words.phone,
        address: words.address,
        further_contact: words.further_contact,
        role: i32::try_from(words.role).unwrap_or_default(),
    }
}

fn words(identity: Identity) -> Vec<wire::PetitionerWords> {
    std::iter::once(identity.petitioner).chain(identity.others).map(petitioner_words).collect()
}

fn petitioner_words(petitioner: Petitioner) -> wire::PetitionerWords {
    wire::PetitionerWords {
        name: petitioner.name,
        id_kind: u32::try_from(petitioner.id_kind).unwrap_or_default(),
        id_number: petitioner.id_number,
        phone: petitioner.phone,
        address: petitioner.address,
        further_contact: petitioner.further_contact,
        role: u32::try_from(petitioner.role).unwrap_or_default(),
    }
}

fn report(words: wire::ReportWords) -> Result<Report, Status> {
    let place = |text: &str| {
        let code = text.trim().parse::<DivisionCode>();
        code.map_err(|error| Status::invalid_argument(format!("the division accused: {error}")))
    };
    let accused_division = match words.accused_division.trim() {
        // Worked out at the desk, from who has held the case.
        "" if !words.retaliation.is_empty() => DivisionCode::HUB,
        named => place(named)?,
    };
    let leads = words.leads.iter().map(|text| place(text)).collect::<Result<_, _>>()?;
    Ok(Report {
        leads,
        retaliation: words.retaliation,
        accused_division,
        accused_organ: words.accused_organ,
        accused_person: words.accused_person,
        title: words.title,
        text: words.text,
        confidential: words.confidential,
        addressee: DivisionCode::HUB, // Worked out at the desk.
        reporter: words.reporter.map(petitioner),
    })
}

fn report_words(report: Report) -> wire::ReportWords {
    wire::ReportWords {
        accused_division: report.accused_division.short(),
        accused_organ: report.accused_organ,
        accused_person: report.accused_person,
        title: report.title,
        text: report.text,
        confidential: report.confidential,
        reporter: report.reporter.map(petitioner_words),
        addressee: report.addressee.short(),
        leads: report.leads.iter().map(|code| code.short()).collect(),
        retaliation: report.retaliation,
    }
}
