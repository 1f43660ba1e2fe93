//! `recover-keys`: the secrets of an office typed in again from its recovery copy.

use std::path::PathBuf;

use clap::Args;
use terrace_proto::entry::JournalId;
use terrace_proto::seal::{RecoveryCopy, Zeroizing};

use super::Data;

/// Write back the keys that are missing, from the recovery copy.
#[derive(Debug, Args)]
pub struct RecoverKeys {
    #[command(flatten)]
    data: Data,
    /// The text of the copy, as it was typed in
    copy: PathBuf,
}

impl RecoverKeys {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let folder = self.data.folder();
        let (_, author, epoch) = folder.config()?;
        let _ownership = folder.own()?;
        let text = std::fs::read_to_string(&self.copy);
        let text = text.map_err(|error| anyhow::anyhow!("{}: {error}", self.copy.display()))?;
        let copy = RecoveryCopy::read(&Zeroizing::new(text))?;
        anyhow::ensure!(
            copy.journal() == JournalId { author, epoch },
            "this copy is of {}, and the folder holds {}",
            copy.journal(),
            JournalId { author, epoch }
        );
        let written = folder.restore_keys(&copy)?;
        if written.is_empty() {
            println!("无缺失密钥 no key of the copy was missing");
        }
        for path in written {
            println!("已写回 written: {}", path.display());
        }
        Ok(())
    }
}
