//! Organs as entries: what offices proposed and registered makes the registry of organs, kept folded beside the rules.
//!
//! A registration goes down to the registrar's whole subtree, a proposal climbs and a decline goes to whoever proposed.
//! The registry is read once out of its roll and grows with every commit; after an error it is read again, like all that
//! is cached. It judges nothing: what an office may say of organs is judged by the fold, in [`terrace_proto::organ`].

use std::sync::Arc;

use terrace_proto::case::standing::day_of;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{Content, EntryId, VerifiedEntry};
use terrace_proto::organ::Registry;
use terrace_proto::roll::{Listed, Roll};

use super::{Archive, ArchiveError};

impl Archive {
    /// The organs that are known at this office.
    #[must_use]
    pub fn organs(&self) -> &Arc<Registry> {
        &self.organs
    }

    /// Reads the registry anew.
    pub(super) async fn load_organs(&mut self) -> Result<(), ArchiveError> {
        let listed = self.listed(Roll::Organs, None).await?;
        self.organs = Arc::new(Registry::of(&listed, self.tree));
        Ok(())
    }

    /// Takes what was committed about organs.
    pub(super) fn learn_organs(&mut self, entries: Vec<Listed>) {
        if entries.is_empty() {
            return;
        }
        let registry = Arc::make_mut(&mut self.organs);
        for entry in entries {
            registry.take(&entry, self.tree);
        }
    }

    /// The registrations of an office.
    pub(super) async fn registrations(
        &self,
        office: DivisionCode,
    ) -> Result<Vec<EntryId>, ArchiveError> {
        let all = self.whole_roll(Roll::Organs, Some(office)).await?.into_iter();
        let said = all.filter(|one| matches!(one.content, Some(Content::OrganRegistered(_))));
        Ok(said.map(|one| one.entry).collect())
    }
}

/// Those of some entries that are about organs, with their words.
pub(super) fn about_organs(entries: &[VerifiedEntry]) -> Vec<Listed> {
    let about = entries.iter().filter(|entry| Roll::of(entry.header()) == Some(Roll::Organs));
    let listed = about.filter_map(|entry| {
        let header = entry.header();
        Some(Listed {
            leaf: entry.leaf(),
            office: header.journal.author,
            case: header.case,
            recorded_on: day_of(header.recorded_at),
            content: entry.content()?,
        })
    });
    listed.collect()
}
