//! Who the office is that the archive writes for: its journal, the key that signs it, and its superior. It holds no
//! certificate and opens no file.

use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::key::Signer;

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
