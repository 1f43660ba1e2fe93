//! Notices (文书): what an office gives a petitioner or another office on paper, for every written act.
//!
//! A document is a [`Form`], filled by a [`Sheet`] out of entries alone, written by a template that an office can change
//! without a compiler, and printed by a browser. The same entries give the same document at every office that holds
//! them; another than the author's is marked as a copy. Nothing is written down here, and no sealed part is opened.

pub mod form;
pub mod printing;
pub mod sheet;
pub mod template;

use std::collections::BTreeMap;

use jiff::Timestamp;
use terrace_proto::case::Case;
use terrace_proto::digest::Digest;
use terrace_proto::entry::{Content, Entry, EntryId};

use self::form::Form;
use self::sheet::{Material, Sheet};
use self::template::{TemplateError, Templates};
use crate::office::Office;
use crate::qr;
use crate::store::StoreError;
use crate::view;

/// A document that can be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its form.
    pub form: Form,
    /// The act, by leaf.
    pub leaf: Digest,
    /// When the act says it was recorded.
    pub made_at: Timestamp,
    /// What stands on it.
    pub sheet: Sheet,
}

/// What an office does with notices.
#[derive(Debug, Clone, Copy)]
pub struct Notices<'a> {
    office: &'a Office,
}

impl Office {
    /// What this office does with notices.
    #[must_use]
    pub fn notices(&self) -> Notices<'_> {
        Notices { office: self }
    }
}

impl Notices<'_> {
    /// The documents of a case in the order of their acts: of those that count, and whose words are here.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn of(self, case: &Case) -> Result<Vec<Notice>, StoreError> {
        let entries = view::entries(self.office.store().as_ref(), case).await?;
        let said: BTreeMap<EntryId, Content> = entries
            .iter()
            .filter_map(|(id, entry): (_, &Entry)| Some((*id, entry.content()?)))
            .collect();
        let rules = self.office.write().await.archive.rules().clone();
        let (tree, me) = (self.office.tree(), self.office.identity().me.author);
        let material = Material { case, said: &said, rules: &rules, tree, me };
        let mut notices = Vec::new();
        for fact in case.timeline() {
            let Some(content) = said.get(&fact.header().id()) else { continue };
            for form in Form::of(case, fact, content) {
                let sheet = material.sheet(form, fact, content);
                let (leaf, made_at) = (fact.leaf(), fact.header().recorded_at);
                notices.push(Notice { form, leaf, made_at, sheet });
            }
        }
        if notices.iter().any(|notice| notice.form == Form::Slip) {
            self.add_receipts(case, &mut notices).await?;
        }
        Ok(notices)
    }

    /// A slip bears the receipt of its intake: whoever scans it finds the same case, without a line.
    async fn add_receipts(self, case: &Case, notices: &mut [Notice]) -> Result<(), StoreError> {
        let given = self.office.receipts().given(case).await?;
        for notice in notices.iter_mut().filter(|notice| notice.form == Form::Slip) {
            let receipt = given.iter().find(|given| given.receipt.leaf == notice.leaf);
            notice.sheet.qr = receipt.and_then(|given| qr::svg(&given.note, "回执二维码 receipt"));
        }
        Ok(())
    }

    /// Writes one, as a whole HTML document.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] with file and line, where a template of the office's own is wrong.
    pub fn write(self, notice: &Notice) -> Result<String, TemplateError> {
        Templates::of(self.office.templates()).write(notice.form, &notice.sheet)
    }
}
