//! Sealing: what two offices must agree on so that one can open what the other closed.
//!
//! Identity and contact of petitioners, and whole reports (检举控告), are sealed per case. A small random
//! [`CaseKey`] closes each [`SealedPart`]; the key itself is [`Wrap`]ped for the [`SealingKey`] of every office
//! that may read, and wrapped anew when custody moves. Wraps stand beside the journals and never in an entry,
//! so that they can be destroyed: without its key a sealed part says nothing, and the proof that it stood
//! there stays. Reading order: [`case_key`], [`part`] (with its [`padding`]), [`plain`] (what is sealed:
//! [`identity`], [`report`]), [`sealing_key`], [`wrap`], [`index`] (finding the same person again),
//! [`recovery`] (an office's secrets on paper).
//!
//! It draws nothing at random (keys, nonces and the chance of a wrap are arguments), keeps nothing, and never
//! decides who may read: that is the desk's.
//!
//! Invariants: 1. no secret and no plain word is shown by any `Debug` or `Display` here, nor by an error;
//! 2. a key that opens is the one the part or wrap names, because its id commits to it; 3. every byte of a
//! sealed part and of a wrap is covered by its tag or its signature; 4. secrets are wiped when dropped.

pub mod case_key;
mod given;
pub mod identity;
pub mod index;
pub mod padding;
pub mod part;
pub mod plain;
pub mod recovery;
pub mod report;
pub mod sealing_key;
pub mod wrap;

pub use case_key::{CaseKey, KeyId};
pub use identity::{IdKind, Identity, Petitioner, Role};
pub use index::matching::{self, Blinding, MatchingKey};
pub use index::{IndexKey, Mark};
pub use part::{PartError, SealedPart};
pub use plain::{Plain, PlainError};
pub use recovery::{Label, RecoveryCopy, RecoveryError};
pub use report::Report;
pub use sealing_key::{SealingError, SealingKey, SealingPublic};
pub use wrap::{Recipient, VerifiedWrap, Wrap, WrapError};
pub use zeroize::Zeroizing;
