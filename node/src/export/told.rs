//! What a check found, in sentences, Chinese and English, and as JSON for programs.

mod sentence;

use serde_json::{Value, json};
use terrace_proto::division::DivisionCode;
use terrace_proto::export::{Finding, What};

use self::sentence::Sentences;
use super::reading::Checked;
use crate::view::name_of;

/// A finding for programs: one object.
#[must_use]
pub fn finding(finding: &Finding) -> Value {
    let (zh, en) = sentences(finding);
    json!({
        "finding": finding.what.name(),
        "office": finding.answers.short(),
        "office_name": name_of(finding.answers),
        "journal": finding.journal.map(|journal| journal.to_string()),
        "sequence": finding.sequence,
        "proved": finding.what.is_proved_by_its_own_signatures(),
        "zh": zh,
        "en": en,
    })
}

/// What was seen, for programs: one object.
#[must_use]
pub fn summary(checked: &Checked) -> Value {
    let (manifest, tally) = (&checked.manifest, checked.tally);
    json!({
        "exporter": manifest.exporter.author.short(),
        "exporter_name": name_of(manifest.exporter.author),
        "journal": manifest.exporter.to_string(),
        "exported_at": manifest.exported_at.to_string(),
        "subtree": manifest.subtree.short(),
        "left_out": manifest.left_out,
        "admissions": tally.admissions,
        "journals": tally.journals,
        "entries": tally.entries,
        "passages": tally.passages,
        "findings": checked.findings,
    })
}

/// A finding for people: where, which office must answer, and what it is.
#[must_use]
pub fn text(finding: &Finding) -> String {
    let (zh, en) = sentences(finding);
    let place = match (finding.journal, finding.sequence) {
        (Some(journal), Some(sequence)) => format!("  {journal}#{sequence}"),
        (Some(journal), None) => format!("  {journal}"),
        (None, _) => String::new(),
    };
    let office = finding.answers;
    format!(
        "[{}] 由{} ({}) 答复 must answer{place}\n  {zh}\n  {en}",
        finding.what.name(),
        name_of(office),
        office.short()
    )
}

fn sentences(finding: &Finding) -> Sentences {
    let office = &name_of(finding.answers);
    match &finding.what {
        What::BackDated { recorded_at, after, count } => {
            sentence::back_dated(office, *count, *recorded_at, *after)
        }
        What::BeforeCosigned { recorded_at, cosigned_at, by, count } => {
            sentence::before_cosigned(office, *count, *recorded_at, *by, *cosigned_at)
        }
        What::AddresseeGap { to, number } => sentence::addressee_gap(*to, *number),
        What::WithoutCustody { thread } => sentence::without_custody(office, *thread),
        What::Contested { thread, settler } => sentence::contested(*thread, *settler),
        What::Fork { size, by } => sentence::fork(office, *size, *by),
        What::Silent { since } => sentence::silent(office, *since),
        What::Raised { entry, kind, ground, proved } => {
            sentence::raised(office, *entry, *kind, (*ground, *proved))
        }
        What::Passage { from, to, number } => sentence::passage(*from, *to, *number),
        What::PassageSignature { from, to, number, by } => {
            sentence::passage_signature(*from, *to, *number, *by)
        }
        What::Cosignature { by } => sentence::cosignature(office, *by),
        What::RaisedNowhere(entry) => sentence::raised_nowhere(office, *entry),
        What::Admission(why) => sentence::admission(office, why),
        What::Entry(why) => sentence::entry(office, why),
        What::Proof(why) => sentence::proof(office, why),
        What::NotAdmitted => sentence::not_admitted(office),
        What::Gap => sentence::gap(office),
        What::Words => sentence::words(office),
        What::Root => sentence::root(office),
        What::HeadSignature => sentence::head_signature(office),
    }
}

/// An office for people: its name and its code.
#[must_use]
pub fn office(code: DivisionCode) -> String {
    format!("{} ({})", name_of(code), code.short())
}
