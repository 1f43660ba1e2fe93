//! Rules as entries: a superior issues a pack or a calendar, and every office below counts by it from then on.
//!
//! What an office issues binds its own division and those below, never more; a name belongs to whoever used it first,
//! the packs of the program to the root. A pack that this version cannot read is kept, passed down and not counted by.

use std::collections::BTreeMap;
use std::sync::Arc;

use terrace_proto::digest::Digest;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Kind, VerifiedEntry};
use terrace_proto::rules::calendar::CalendarError;
use terrace_proto::rules::{Calendar, PackError, Rules};
use terrace_proto::wire;

use super::{Archive, ArchiveError, Draft, News};
use crate::store::issued::{CALENDAR, PACK};
use crate::store::{Batch, IssuedRules, Store, StoreError};

/// Why rules are not issued.
#[derive(Debug, thiserror::Error)]
pub enum IssuingRulesError {
    /// The text is no pack.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The text is no calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A pack for places that are not this office's.
    #[error(
        "a pack of scope {scope} cannot be issued at {office}: an office binds itself and those below"
    )]
    Scope {
        /// The scope.
        scope: String,
        /// The office.
        office: String,
    },
    /// The name is another's.
    #[error("the name {name} belongs to {owner}: choose another")]
    Name {
        /// The name.
        name: String,
        /// Who used it first.
        owner: String,
    },
    /// The archive did not write it.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// The rules of the program with those issued, in the order in which they count.
struct Loading {
    rules: Rules,
    owners: BTreeMap<String, DivisionCode>,
}

impl Loading {
    fn new() -> Self {
        let rules = Rules::built_in().clone();
        let named = rules.packs().iter().map(|pack| (pack.name().to_owned(), DivisionCode::HUB));
        Self { owners: named.collect(), rules }
    }

    fn take(&mut self, author: DivisionCode, one: &IssuedRules) -> Result<(), IssuingRulesError> {
        if one.form == CALENDAR {
            self.rules.publish(Calendar::read(&one.file, &one.text)?);
            return Ok(());
        }
        let mut tried = self.rules.clone();
        let digest = tried.issue(&one.file, &one.text)?;
        let pack = tried.pack_of(&digest).expect("it was issued");
        if !Tree::national().is_within(pack.scope(), author) {
            let (scope, office) = (pack.scope().short(), author.short());
            return Err(IssuingRulesError::Scope { scope, office });
        }
        let owner = *self.owners.entry(pack.name().to_owned()).or_insert(author);
        if owner != author {
            let (name, owner) = (pack.name().to_owned(), owner.short());
            return Err(IssuingRulesError::Name { name, owner });
        }
        self.rules = tried;
        Ok(())
    }
}

impl Archive {
    /// Issues a rule pack, or where the file's name ends in `.csv` a calendar, for this office and all below.
    ///
    /// # Errors
    ///
    /// [`IssuingRulesError`] says what is wrong, with file and line; nothing is written then.
    pub async fn issue_rules(
        &mut self,
        hand: Hand,
        file: &str,
        text: &str,
    ) -> Result<(Digest, News), IssuingRulesError> {
        self.refresh().await?;
        let form = if file.ends_with(".csv") { CALENDAR } else { PACK };
        let me = self.identity.me;
        let entry = terrace_proto::entry::EntryId { journal: me, sequence: u64::MAX };
        let one = IssuedRules { entry, form, file: file.to_owned(), text: text.to_owned() };
        self.loaded().await?.take(me.author, &one)?;
        let said = wire::RulesIssued { form, file: file.to_owned(), text: text.to_owned() };
        let draft = Draft::plain(hand, None, Content::RulesIssued(said));
        let (_, news) = self.append(vec![draft]).await?;
        self.load_rules().await?;
        Ok((Digest::of(&[text.as_bytes()]), news))
    }

    /// Reads the rules anew: those of the program, and those that this office and its superiors issued.
    pub(super) async fn load_rules(&mut self) -> Result<(), ArchiveError> {
        self.rules = Arc::new(self.loaded().await?.rules);
        Ok(())
    }

    async fn loaded(&self) -> Result<Loading, ArchiveError> {
        let me = self.identity.me.author;
        let mut issued = self.store.issued_rules().await?;
        issued.retain(|one| self.tree.is_within(me, one.entry.journal.author));
        issued.sort_by_key(|one| (one.entry.journal.author.level(), one.entry));
        let mut loading = Loading::new();
        for one in &issued {
            // What cannot be read here, or is not its issuer's to say, is not counted by; the entry stays.
            if let Err(error) = loading.take(one.entry.journal.author, one) {
                tracing::warn!(entry = %one.entry, %error, "rules are not counted by");
            }
        }
        Ok(loading)
    }

    /// Rules among entries, to be found without reading journals.
    pub(super) fn learn_issued(batch: &mut Batch, entries: &[VerifiedEntry]) {
        batch.issued.extend(entries.iter().filter_map(issued));
    }
}

/// The rules of the program with everything that any office issued, to look a pack up by its digest; not to choose by.
pub async fn known(store: &dyn Store) -> Result<Rules, StoreError> {
    let mut rules = Rules::built_in().clone();
    for one in store.issued_rules().await? {
        if one.form == CALENDAR {
            if let Ok(calendar) = Calendar::read(&one.file, &one.text) {
                rules.publish(calendar);
            }
        } else {
            // What this version cannot read, it cannot look up either.
            _ = rules.issue(&one.file, &one.text);
        }
    }
    Ok(rules)
}

fn issued(entry: &VerifiedEntry) -> Option<IssuedRules> {
    if entry.header().kind != Kind::RulesIssued {
        return None;
    }
    let Some(Content::RulesIssued(said)) = entry.content() else { return None };
    let wire::RulesIssued { form, file, text } = said;
    Some(IssuedRules { entry: entry.id(), form, file, text })
}
