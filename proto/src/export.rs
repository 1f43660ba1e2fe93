//! The auditor's export (审计导出): a signed file that anyone can check again with nothing but the root's key.
//!
//! An office that holds journals writes down what proves them: the admissions, every header, the signed heads, who
//! else signed them, and the passage ledgers. Records are framed ([`frame`]), read into values ([`record`]) and signed
//! by the exporter's signature over all before it ([`colophon`]), so that an altered or cut file is told apart from a
//! false federation. The checker ([`Check`], then [`Custody`]) is fed record by record and says what does not fit, and
//! **which office must answer** ([`Finding`]).
//!
//! It holds no words of a case, no sealed part and nothing of a petitioner; and it never reads or writes a file.
//!
//! Invariants: 1. only bodies of [`PUBLIC_KINDS`] are carried; 2. nothing is believed that a key on the keyring of the
//! root did not sign, except what the manifest and the hours of storing say, which the exporter alone answers for;
//! 3. the memory of a check does not grow with the number of entries, only with those of journals and divisions.

pub mod check;
pub mod colophon;
pub mod custody;
pub mod finding;
pub mod frame;
pub mod record;

pub use check::{Check, Limits, Tally};
pub use colophon::{Colophon, ColophonCheck};
pub use custody::Custody;
pub use finding::{Finding, What};
pub use frame::{Frame, Unframer};
pub use record::Record;

/// The format this version writes and the newest it reads.
pub const FORMAT: u32 = 1;
/// First line of every export.
pub const MAGIC: &[u8] = b"terrace export 1\n";
/// Kinds whose words are public, by their numbers on the wire: admissions (they carry keys), and questions and
/// objections that offices put on record about each other's journals. No other body is ever exported.
pub const PUBLIC_KINDS: [u32; 3] = [2, 3, 4];
/// Those of them that put something on record about a journal.
pub const RAISING_KINDS: [u32; 2] = [3, 4];
/// Most entries in a page.
pub const PAGE_ENTRIES: usize = 256;
/// Bytes of headers, bodies and paths behind which a page ends.
pub const PAGE_BYTES: usize = 1024 * 1024;
/// Longest record anyone reads, in bytes: a page and one entry more of the largest size.
pub const RECORD_LIMIT: usize = 8 * 1024 * 1024;

/// Why a file cannot be trusted at all, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// It begins otherwise.
    #[error("不是审计导出文件 this is not an export of Terrace: it does not begin as one")]
    NotAnExport,
    /// Written by a later version.
    #[error(
        "导出格式 {0} 比本程序新 the export has format {0}, newer than {FORMAT}: check it with a newer program"
    )]
    Newer(u32),
    /// It ends before its colophon.
    #[error(
        "文件被截断 the file is cut: it ends at byte {at} without its colophon; ask for it again"
    )]
    Cut {
        /// Where, in bytes from the beginning.
        at: u64,
    },
    /// A record is not one.
    #[error("文件已损坏 the file is damaged: the record at byte {at}: {why}; ask for it again")]
    Record {
        /// Where it begins, in bytes.
        at: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The colophon is not on these bytes.
    #[error(
        "文件被改动 the file was altered after {0} signed it: do not use it, and ask for it again"
    )]
    Altered(String),
    /// The exporter's key does not lead to the root that is believed.
    #[error(
        "{0} 的密钥不能由此根密钥证明 no admission in the file leads from this root's key to {0}: another root, or a forged file"
    )]
    OtherRoot(String),
    /// Records stand in an order in which no exporter writes them.
    #[error("文件不合格式 the file breaks its own form: {0}")]
    Order(&'static str),
}
