//! The messages of the wire contract, as generated from `proto/terrace/v1/*.proto`.
//!
//! Nothing here is trusted: each message is read into a value of its own room before anyone uses it.

#![allow(
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    clippy::allow_attributes_without_reason,
    clippy::all,
    clippy::too_many_lines,
    clippy::wildcard_enum_match_arm,
    clippy::unwrap_used,
    reason = "generated code"
)]

include!(concat!(env!("OUT_DIR"), "/terrace.v1.rs"));

/// The contract itself, comments included, as an encoded `FileDescriptorSet`: what reflection answers with.
#[cfg(feature = "grpc")]
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/terrace.v1.bin"));

impl std::fmt::Debug for PetitionerWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PetitionerWords(sealed)")
    }
}

impl std::fmt::Debug for RatingWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RatingWords(sealed)")
    }
}

impl std::fmt::Debug for ReportWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReportWords(sealed)")
    }
}
