//! `rotate-keys`: a new sealing key for an organ of this office, and the old ones retired.
//!
//! The office must not be running. A rotation announces the new key and wraps every case key held here for it; from then
//! on others close for it. Retiring deletes the old keys: what a thief of one of them copied before opens no more than
//! it did.

use clap::Args;
use terrace_proto::entry::JournalId;

use super::Data;
use crate::cabinet::DISCIPLINE;
use crate::premises::Premises;
use crate::surroundings::SystemChance;

/// Make a new sealing key, or retire old ones.
#[derive(Debug, Args)]
pub struct RotateKeys {
    #[command(flatten)]
    data: Data,
    /// The discipline organ's key instead of the petition office's / 纪检监察机关的密钥
    #[arg(long)]
    discipline: bool,
    /// Delete the older keys of the organ; do this once a new recovery copy is locked away / 停用旧密钥
    #[arg(long)]
    retire: bool,
}

impl RotateKeys {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let folder = self.data.folder();
        let (_, author, epoch) = folder.config()?;
        let _ownership = folder.own()?;
        let organ = if self.discipline { DISCIPLINE } else { "" };
        if self.retire {
            anyhow::ensure!(
                !folder.has_recovery_copy(),
                "the recovery copy still lies in the folder: print it, lock it away and delete the file first"
            );
            // Opening wraps for the newest key whatever still needs an older one.
            drop(Premises::open(&folder).await?);
            for path in folder.retire_sealing_keys(organ)? {
                println!("已停用 retired: {}", path.display());
            }
            return Ok(());
        }
        let generation = folder.next_sealing_key(organ, &mut SystemChance)?;
        let premises = Premises::open(&folder).await?;
        let copy = folder.copy_keys(JournalId { author, epoch }, &premises.keys.journal)?;
        println!("第 {generation} 代密钥已公布 generation {generation} is announced");
        println!("恢复副本 recovery copy: {}", copy.display());
        println!(
            "  打印、封存上锁、然后删除 print it, seal and lock it away, then delete the file"
        );
        Ok(())
    }
}
