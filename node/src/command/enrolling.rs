//! `admit` and `enrol`: the two ends of a code sheet.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use terrace_proto::entry::JournalId;

use super::{Data, window};
use crate::archive::Identity;
use crate::enrolment::enrol;
use crate::folder::SuperiorConfig;
use crate::identity::{CodeSheet, Fingerprint, OneTimeCode};
use crate::premises::open_archive;
use crate::store::IfHeld;
use crate::surroundings::{Clock as _, SystemClock};

/// Admit a subordinate.
#[derive(Debug, Args)]
pub struct Admit {
    #[command(flatten)]
    data: Data,
    /// Division of the subordinate, short or with 12 digits
    division: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Admit {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let json = window(&self.data).await?.admit(&self.division).await?;
        if self.json {
            println!("{json}");
        } else {
            let sheet: CodeSheet = serde_json::from_str(&json)?;
            print!("{sheet}");
        }
        Ok(())
    }
}

/// Join the superior.
#[derive(Debug, Args)]
pub struct Enrol {
    #[command(flatten)]
    data: Data,
    /// The code sheet as JSON, as `admit --json` printed it
    #[arg(long, value_name = "FILE", required_unless_present = "code")]
    sheet: Option<PathBuf>,
    /// The one-time code, from paper
    #[arg(long, requires_all = ["superior", "address", "root"], conflicts_with = "sheet")]
    code: Option<OneTimeCode>,
    /// The superior's division
    #[arg(long)]
    superior: Option<String>,
    /// The superior's address, host:port
    #[arg(long)]
    address: Option<String>,
    /// Fingerprint of the root certificate, from paper
    #[arg(long)]
    root: Option<Fingerprint>,
}

impl Enrol {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let folder = self.data.folder();
        let (mut config, division, epoch) = folder.config()?;
        let sheet = self.sheet(division)?;
        anyhow::ensure!(
            sheet.division == division,
            "the code sheet is for {}, but this office is {}",
            sheet.division.short(),
            division.short()
        );
        let _ownership = folder.own()?;
        let keys = folder.keys(division)?;
        let enrolled = enrol(&sheet, epoch, &keys, SystemClock.now()).await?;
        let identity = Identity {
            me: JournalId { author: division, epoch },
            signer: keys.journal,
            superior: None,
        };
        let store = folder.store(&config).open(IfHeld::Refuse).await?;
        let mut archive = open_archive(&folder, identity, store).await?;
        let root = (enrolled.root.id(), enrolled.root.key);
        archive.enrolled(root, enrolled.chain).await?;
        folder.keep_certificates(&enrolled.credentials, enrolled.authority.as_ref())?;
        config.superior =
            Some(SuperiorConfig { division: sheet.superior.short(), address: sheet.address });
        folder.write_config(&config)?;
        println!("已入网 enrolled: {} → {}", division.short(), sheet.superior.short());
        Ok(())
    }

    fn sheet(&self, division: terrace_proto::division::DivisionCode) -> anyhow::Result<CodeSheet> {
        if let Some(path) = &self.sheet {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            return serde_json::from_str(&text).with_context(|| path.display().to_string());
        }
        let missing = || anyhow::anyhow!("--code needs --superior, --address and --root beside it");
        let superior = self.superior.as_ref().ok_or_else(missing)?;
        Ok(CodeSheet {
            division,
            superior: superior.parse().map_err(|error| anyhow::anyhow!("--superior: {error}"))?,
            address: self.address.clone().ok_or_else(missing)?,
            code: self.code.clone().ok_or_else(missing)?,
            root_fingerprint: self.root.ok_or_else(missing)?,
        })
    }
}
