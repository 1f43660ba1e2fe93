//! Exchange (交换) with the national system: its record of one petition, as a pure value.
//!
//! A [`Row`] is what such a record may hold here, by its [`Field`]s; each field has a [`Form`] and is read with errors
//! that name it. [`Row::of`] folds a case of Terrace to a row, [`Totals`] count rows so that both ends can be reconciled.
//!
//! The record has 48 fields of the petition, one of which is [`Forbidden`] here and has no field; the fields of the
//! petitioner and of whoever is complained of are read to be checked and never kept, so that no row can carry them on.
//! No row is made of a report (检举控告).
//!
//! It never reads a file, and never writes one.
//!
//! Reading order: [`field`], [`form`], [`forbidden`], [`row`], [`fold`] and what it fills ([`filling`]), [`totals`].
//!
//! Invariants: 1. whatever text a row gives, it reads back as the same row; 2. a forbidden field has no variant, so
//! nothing can write it; 3. a cell of a petitioner or of an accused is empty in every row.

pub mod field;
pub mod filling;
pub mod fold;
pub mod forbidden;
pub mod form;
pub mod row;
pub mod totals;

pub use field::{Block, Field};
pub use filling::Filling;
pub use fold::is_accusing;
pub use forbidden::{Forbidden, Heading};
pub use form::{Form, Value, Wrong};
pub use row::{FieldError, Row};
pub use totals::Totals;

/// The name under which an office keeps rows of the national system: their source is `national:` and their own id.
pub const SYSTEM: &str = "national";
