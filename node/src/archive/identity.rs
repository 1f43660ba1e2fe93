//! Who the office is that the archive writes for: its journal, the key that signs it, its superior, and the row its journal
//! begins with. It holds no certificate and opens no file.

use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::journal::Frontier;
use terrace_proto::key::Signer;

use crate::store::JournalRecord;

/// Who the office is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Its journal.
    pub me: JournalId,
    /// Its key.
    pub signer: Signer,
    /// Its superior, unless it is the root.
    pub superior: Option<DivisionCode>,
}

/// The row of an office's own journal before its first entry.
#[must_use]
pub fn own_journal(me: JournalId, signer: &Signer) -> JournalRecord {
    JournalRecord {
        id: me,
        key: signer.public(),
        admitted_by: None,
        whole: true,
        frontier: Frontier::default(),
        checkpoint: None,
        stored_at: None,
    }
}
