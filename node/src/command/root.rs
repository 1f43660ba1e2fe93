//! `root`, and how other commands are told which root to believe.
//!
//! The root's key is one word, short enough for a notice board: whoever has it from paper needs no office to check
//! a receipt or an export.

use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::json;
use terrace_proto::admission::Keyring;
use terrace_proto::division::DivisionCode;
use terrace_proto::journal::Checkpoint;
use terrace_proto::note;

use super::Data;
use crate::identity::{Fingerprint, RootJournal};

/// Print the root's key, for paper and notice boards.
#[derive(Debug, Args)]
pub struct Root {
    #[command(flatten)]
    data: Data,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Root {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let credentials = self.data.folder().credentials()?;
        let root = RootJournal::read(credentials.root())?;
        let word = note::verifier(&Checkpoint::origin(root.id()), &root.key);
        let fingerprint = Fingerprint::of(credentials.root());
        if self.json {
            println!("{}", json!({ "root": word, "certificate": fingerprint.to_string() }));
        } else {
            println!("根密钥 root key: {word}\n根证书指纹 root certificate: {fingerprint}");
        }
        Ok(())
    }
}

/// Which root to believe: the word that `root` prints, or the root certificate in a file.
#[derive(Debug, Clone, Args)]
pub(super) struct Believed {
    /// The root's key as `root` prints it, or a file with that line or the root certificate / 根密钥或根证书文件
    #[arg(long, value_name = "KEY|FILE", env = "TERRACE_ROOT")]
    root: Option<String>,
}

impl Believed {
    /// A keyring with that root alone; `None` if none was named.
    pub(super) fn keyring(&self) -> anyhow::Result<Option<Keyring>> {
        let Some(text) = &self.root else { return Ok(None) };
        // A file may hold the printed line itself.
        let line = std::fs::read_to_string(text).unwrap_or_default();
        let printed = note::read_verifier(text).or_else(|| note::read_verifier(line.trim()));
        if let Some((name, key)) = printed {
            let journal = Checkpoint::read_origin(&name);
            let journal = journal.filter(|journal| journal.author == DivisionCode::HUB);
            let journal =
                journal.context("--root: this is the key of an office, not of the root")?;
            return Ok(Some(Keyring::of_root(journal, key)));
        }
        let certificate = CertificateDer::from_pem_file(Path::new(text)).map_err(|error| {
            anyhow::anyhow!(
                "--root {text}: neither a key as `root` prints it nor a certificate: {error}"
            )
        })?;
        let root = RootJournal::read(&certificate)?;
        Ok(Some(Keyring::of_root(root.id(), root.key)))
    }
}
