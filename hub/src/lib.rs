//! The root office of Terrace: a node with no superior, and the national view.
//!
//! It is an office like any other and follows the journals like any other reader; what it adds is the root
//! of trust ([`terrace_node::command::founding`]), the map of divisions, the schemes by which offices are assessed
//! ([`assessment`]), the fifteen modules as a report on one office ([`modules`]) and the demonstration ([`demo`]).

pub mod assessment;
pub mod command;
pub mod demo;
pub mod modules;
pub mod national;
