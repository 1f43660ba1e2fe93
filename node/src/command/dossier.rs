//! `dossier …`: the whole file of a case for a court (卷宗), and its check with the root's key alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use terrace_proto::digest::Digest;
use terrace_proto::division::Tree;
use terrace_proto::dossier::{self, MANIFEST, Manifest, PROOFS};
use terrace_proto::wire::ShowDossierRequest;

use super::root::Believed;
use super::{Data, FOUND, window};
use crate::notice::printing::Printer;

/// What can be done with files of cases.
#[derive(Debug, Subcommand)]
pub enum DossierCommand {
    /// Write the whole file of a case into a new folder / 出卷
    Write(Write),
    /// Check such a folder with the root's key; exit code 3 if it does not hold / 验卷
    Check(Check),
}

/// Write a file.
#[derive(Debug, Args)]
pub struct Write {
    #[command(flatten)]
    data: Data,
    /// Case number, or the 32 digits of its id
    case: String,
    /// The folder; it must not be there yet
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Print index and documents as PDF beside them, by an installed Chromium
    #[arg(long)]
    pdf: bool,
}

/// Check a file.
#[derive(Debug, Args)]
pub struct Check {
    /// The folder
    folder: PathBuf,
    #[command(flatten)]
    believed: Believed,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl DossierCommand {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Write(write) => write.run().await.map(|()| ExitCode::SUCCESS),
            Self::Check(check) => check.run(),
        }
    }
}

impl Write {
    async fn run(self) -> anyhow::Result<()> {
        let printer = self.pdf.then(Printer::find).transpose()?;
        let request = ShowDossierRequest { case_name: self.case };
        let papers = window(&self.data).await?.show_dossier(request).await?.papers;
        std::fs::create_dir(&self.to)
            .with_context(|| format!("{}: a new folder is needed", self.to.display()))?;
        for paper in &papers {
            let path = self.to.join(&paper.name);
            std::fs::write(&path, &paper.bytes).with_context(|| path.display().to_string())?;
        }
        if let Some(printer) = printer {
            for paper in papers.iter().filter(|paper| paper.name.ends_with(".html")) {
                let html = self.to.join(&paper.name);
                printer.print(&html, &html.with_extension("pdf"))?;
            }
        }
        println!("{} 份文件 papers: {}", papers.len(), self.to.display());
        Ok(())
    }
}

impl Check {
    fn run(self) -> anyhow::Result<ExitCode> {
        let keys = self.believed.keyring()?.context("--root: name the root's key")?;
        let read = |name: &str| {
            let path = self.folder.join(name);
            std::fs::read(&path).with_context(|| path.display().to_string())
        };
        let manifest = Manifest::read(&read(MANIFEST)?);
        let found = manifest.and_then(|manifest| {
            let proofs = read(PROOFS).unwrap_or_default();
            dossier::check(&manifest, &proofs, keys, Tree::national()).map(|held| (manifest, held))
        });
        let (manifest, held) = match found {
            Ok(found) => found,
            Err(error) => {
                println!("卷宗无效 the file does not hold: {error}");
                return Ok(ExitCode::from(FOUND));
            }
        };
        let changed = changed(&self.folder, &manifest.papers);
        let state = held.case.leading().map(|thread| thread.state());
        if self.json {
            let told = json!({
                "holds": changed.is_empty(), "changed": changed,
                "office": manifest.by.author.short(), "case": manifest.case.to_string(),
                "number": held.case.called(),
                "entries": held.entries.len(), "state": state.map(|one| one.en()),
            });
            println!("{told}");
        } else {
            for name in &changed {
                println!("{name}: 与签署的不符 not as it was signed");
            }
            let number = held.case.called().unwrap_or_default();
            println!(
                "{number}: {} 条条目均有证明 entries proved; {} {}",
                held.entries.len(),
                state.map_or("", |one| one.zh()),
                state.map_or("", |one| one.en()),
            );
            if changed.is_empty() {
                println!(
                    "卷宗有效 the file holds, as {} signed it",
                    crate::view::name_of(manifest.by.author)
                );
            }
        }
        Ok(if changed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
    }
}

/// The papers that are missing or not as they were signed.
fn changed(folder: &Path, papers: &BTreeMap<String, Digest>) -> Vec<String> {
    let same = |name: &str, hash: &Digest| {
        std::fs::read(folder.join(name)).is_ok_and(|bytes| Digest::of(&[&bytes]) == *hash)
    };
    papers.iter().filter(|(name, hash)| !same(name, hash)).map(|(name, _)| name.clone()).collect()
}
