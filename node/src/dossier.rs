//! The file of a case (卷宗) as an office gives it out: an index with the whole course in both languages, every document,
//! the entries as JSON, the proofs, and a signed manifest of all of them.
//!
//! It never opens a sealed part: who the petitioner is does not leave with the file.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use prost::Message as _;
use terrace_proto::case::Case;
use terrace_proto::dossier::{MANIFEST, Manifest, PROOFS};
use terrace_proto::entry::{EntryId, JournalId};
use terrace_proto::wire;

use crate::archive::ArchiveError;
use crate::archive::enrolling::Proved;
use crate::notice::form::Form;
use crate::office::Office;
use crate::view::{self, hour, name_of, words};

/// The index.
#[derive(Debug, Template)]
#[template(path = "dossier.html")]
struct Index {
    number: String,
    office: String,
    made_at: String,
    matter: String,
    state: (String, String),
    steps: Vec<Step>,
    papers: Vec<(String, String)>,
}

/// One entry of the course.
#[derive(Debug)]
struct Step {
    at: String,
    office: String,
    zh: String,
    en: String,
    words: Vec<(String, String)>,
    aside: bool,
}

/// The papers of a case by name, the manifest among them.
///
/// # Errors
///
/// [`ArchiveError`] when the store does not answer, or an entry of the case cannot be proved from here.
pub async fn papers(
    office: &Office,
    case: &Case,
) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let mut papers = BTreeMap::new();
    let notices = office.notices();
    let mut listed = Vec::new();
    for (number, notice) in (1..).zip(notices.of(case).await?) {
        // A template that is wrong keeps no other paper back; the index has the words all the same.
        let Ok(html) = notices.write(&notice) else { continue };
        let name = format!("{number:02}-{}.html", notice.form.code());
        listed.push((name.clone(), Form::zh(notice.form).to_owned()));
        papers.insert(name, html.into_bytes());
    }
    let shown = view::case(office.store().as_ref(), case, office.now()).await?;
    papers.insert("case.json".into(), format!("{shown:#}\n").into_bytes());
    let index = index(office, case, listed).await?;
    papers.insert("index.html".into(), index.into_bytes());
    papers.insert(PROOFS.into(), proofs(office, case).await?);
    let identity = office.identity();
    let manifest = Manifest::sign(identity.me, &identity.signer, case.id(), &papers);
    papers.insert(MANIFEST.into(), manifest);
    Ok(papers)
}

async fn index(
    office: &Office,
    case: &Case,
    papers: Vec<(String, String)>,
) -> Result<String, ArchiveError> {
    let entries = view::entries(office.store().as_ref(), case).await?;
    let steps = case.timeline().into_iter().map(|fact| {
        let header = fact.header();
        let content = entries.get(&header.id()).and_then(terrace_proto::entry::Entry::content);
        let said = content.as_ref().map(words::words).unwrap_or_default();
        let said = said.into_iter().filter(|word| !word.text_zh.is_empty());
        Step {
            at: hour(header.recorded_at),
            office: format!("{} {}", name_of(header.journal.author), header.hand.organ),
            zh: header.kind.zh().to_owned(),
            en: header.kind.en().to_owned(),
            words: said.map(|word| (word.zh.to_owned(), word.text_zh)).collect(),
            aside: case.aside().contains_key(&fact.leaf()),
        }
    });
    let state = case.leading().map(|thread| thread.state());
    let index = Index {
        number: case.called().unwrap_or_default(),
        office: name_of(office.identity().me.author),
        made_at: hour(office.now()),
        matter: case.title().to_owned(),
        state: state.map(|one| (one.zh().to_owned(), one.en().to_owned())).unwrap_or_default(),
        steps: steps.collect(),
        papers,
    };
    Ok(index.render().unwrap_or_default())
}

/// Every entry of the case with its proof, and the admissions that lead from the root to each author and to this office.
async fn proofs(office: &Office, case: &Case) -> Result<Vec<u8>, ArchiveError> {
    let ids: Vec<EntryId> = case.timeline().iter().map(|fact| fact.header().id()).collect();
    let mut authors: BTreeSet<JournalId> = ids.iter().map(|id| id.journal).collect();
    authors.insert(office.identity().me);
    let mut admissions: Vec<wire::Proved> = Vec::new();
    for journal in authors {
        let chain = office.write().await.archive.admission_chain(journal).await?;
        for one in chain.into_iter().map(proved) {
            if !admissions.contains(&one) {
                admissions.push(one);
            }
        }
    }
    // Held after the writer's turn, which waits for whoever holds it.
    let _level = office.level().read().await?;
    let entries = office.proofs().of(&ids).await?.into_values().map(|(checkpoint, mut item)| {
        // Ciphertext is of no use to whoever has no key, and proves nothing the header does not.
        item.sealed = None;
        proved((checkpoint, item))
    });
    Ok(wire::Dossier { admissions, entries: entries.collect() }.encode_to_vec())
}

fn proved((checkpoint, item): Proved) -> wire::Proved {
    wire::Proved { checkpoint, item: Some(item.into_wire()) }
}
