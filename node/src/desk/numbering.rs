//! Case numbers an office gives out, offline, without ever giving one twice.
//!
//! At each start a block is drawn at random that this journal has not used; a database restored from an old
//! copy therefore goes on in another block than the one it has forgotten.

use std::collections::BTreeSet;

use terrace_proto::case::CaseNumber;
use terrace_proto::case::number::{BLOCKS, SERIALS};
use terrace_proto::case::standing::day_of;

use crate::archive::{Archive, ArchiveError};
use crate::store::StoreError;
use crate::surroundings::Chance;

/// The block in use since this start.
#[derive(Debug, Clone, Default)]
pub struct Numbering {
    block: Option<u32>,
    used: u16,
}

/// Numbers of one block.
#[derive(Debug, Clone)]
pub struct Numbers {
    /// The block.
    pub block: u32,
    /// The numbers, in order.
    pub numbers: Vec<CaseNumber>,
}

impl Numbering {
    /// Takes `count` numbers, at most a block's worth. Numbers of a commit that fails are not given again.
    pub async fn take(
        &mut self,
        archive: &mut Archive,
        count: usize,
    ) -> Result<Numbers, ArchiveError> {
        let count = u16::try_from(count).unwrap_or(SERIALS).min(SERIALS);
        let block = match self.block.filter(|_| SERIALS - self.used >= count) {
            Some(block) => block,
            None => self.draw(archive).await?,
        };
        let year = day_of(archive.clock().now()).year();
        let year = u16::try_from(year).unwrap_or(9_999);
        let division = archive.identity().me.author;
        let first = self.used + 1;
        self.used += count;
        let numbers = (first..=self.used)
            .map(|serial| {
                CaseNumber::new(division, year, block, serial)
                    .expect("parts are within their ranges")
            })
            .collect();
        Ok(Numbers { block, numbers })
    }

    async fn draw(&mut self, archive: &mut Archive) -> Result<u32, ArchiveError> {
        let used: BTreeSet<u32> = archive.store().blocks().await?.into_iter().collect();
        if used.len() as u64 >= u64::from(BLOCKS) {
            return Err(StoreError::Conflict("all blocks of case numbers are used".into()).into());
        }
        let block = loop {
            let block = random_block(archive.chance());
            if !used.contains(&block) {
                break block;
            }
        };
        self.block = Some(block);
        self.used = 0;
        Ok(block)
    }
}

/// A block, each as likely as any other.
fn random_block(chance: &mut dyn Chance) -> u32 {
    loop {
        let mut bytes = [0; 4];
        chance.fill(&mut bytes);
        let drawn = u32::from_be_bytes(bytes) >> 15; // 17 bits: 0 to 131,071
        if drawn < BLOCKS {
            return drawn;
        }
    }
}
