//! Divisions (行政区划): the places of China, their codes, and who stands above whom.
//!
//! A place has a twelve-digit code ([`DivisionCode`]), a level, a kind and a name. All places known
//! to this build stand in one [`Tree`], read once from a table compiled into the program. The tree
//! answers the questions that routing, audience and custody ask: which node is the superior of this
//! one, is this place within that one, which subordinate is the next step towards it. Places that
//! only statistics know (pseudo-prefectures, functional zones, the Corps, unconfirmed units) are in
//! the tree, so that a clerk who types such a code learns which node answers for it, but they never
//! have a node and nobody is subordinate to them.
//!
//! It never takes a parent from the digits of a code, never reads a file or a network, and never
//! changes while the program runs: a new edition of the table is a new build.
//!
//! Invariants:
//! 1. Every place but the hub has exactly one superior, and that superior has a node.
//! 2. Going up from any place reaches the hub in at most four steps.
//! 3. The superior of a place has a smaller code than the place.

mod code;
mod error;
mod level;
mod outline;
pub mod show;
mod tree;

pub use code::{CodeError, DivisionCode};
pub use error::{DivisionError, UnknownDivision};
pub use level::{Kind, Level};
pub use tree::{Division, Tree};
