//! Who held which thread, judged from headers alone: the cases of an export, folded a share at a time.
//!
//! The entries of a case stand in several journals, and a file of ten million of them must not be held at once. So the
//! file is read once for each share of the cases, and only that share is folded in memory, by the very fold that every
//! office uses ([`Case`]); it needs no words. A checker's memory is bounded, and it writes nothing anywhere.
//!
//! Entries whose predecessor is not in the file wait, as they do at an office, and are no finding: the export of a
//! county does not hold what its neighbours wrote.

use prost::Message;

use super::{Finding, What};
use crate::case::{Aside, Case};
use crate::digest::{CaseId, ThreadId};
use crate::division::Tree;
use crate::entry::Entry;

/// Bytes of headers kept at once.
const SHARE: u64 = 48 * 1024 * 1024;
/// What keeping a header takes besides its bytes.
const BESIDE: u64 = 64;

/// One share of the cases.
#[derive(Debug)]
pub struct Custody {
    share: u64,
    shares: u64,
    /// Headers, until all of them are here; folded case by case only then, since a fold is far larger than they are.
    headers: Vec<(CaseId, Vec<u8>)>,
}

/// The one field of a header that says which share it is in.
#[derive(Clone, PartialEq, Message)]
struct CaseOnly {
    #[prost(bytes = "vec", tag = "10")]
    case_id: Vec<u8>,
}

impl Custody {
    /// What a header of a case counts for.
    #[must_use]
    pub fn weight(header_bytes: &[u8]) -> u64 {
        header_bytes.len() as u64 + BESIDE
    }

    /// How many shares the cases are judged in whose headers weigh so much.
    #[must_use]
    pub fn shares(weight: u64) -> u64 {
        weight.div_ceil(SHARE)
    }

    /// One of the shares, from 0.
    #[must_use]
    pub fn share(share: u64, shares: u64) -> Self {
        Self { share, shares: shares.max(1), headers: Vec::new() }
    }

    /// The next entry of any journal; those of other shares are passed over.
    pub fn take(&mut self, header_bytes: &[u8]) {
        let Ok(CaseOnly { case_id }) = CaseOnly::decode(header_bytes) else { return };
        let Some(case) = CaseId::read(&case_id) else { return };
        let (first, _) = case.0.split_first_chunk::<8>().expect("a case id has 16 bytes");
        if u64::from_be_bytes(*first) % self.shares != self.share {
            return;
        }
        self.headers.push((case, header_bytes.to_vec()));
    }

    /// What the cases of this share show.
    #[must_use]
    pub fn finish(mut self, tree: &Tree) -> Vec<Finding> {
        self.headers.sort_unstable();
        let mut findings = Vec::new();
        for headers in self.headers.chunk_by(|(one, _), (next, _)| one == next) {
            let mut case = Case::new(headers[0].0);
            for (_, header) in headers {
                // What cannot be read was found when its journal was followed.
                if let Ok(entry) = Entry::read(header.clone(), None) {
                    case.take(&entry);
                }
            }
            case.derive(tree);
            findings.extend(found(&case));
        }
        findings
    }
}

fn found(case: &Case) -> impl Iterator<Item = Finding> {
    case.aside().iter().filter_map(|(leaf, aside)| {
        let header = case.facts().get(leaf)?.header();
        let thread = header.place.as_ref().map_or(ThreadId::default(), |place| place.thread);
        let what = match aside {
            Aside::Irregular => What::WithoutCustody { thread },
            Aside::Contesting => {
                let settler = case.threads().get(&thread)?.contest()?.settler;
                What::Contested { thread, settler }
            }
            // Headers alone show no signature of a petitioner.
            Aside::Overstepping | Aside::Unsigned | Aside::Waiting | Aside::SetAside => {
                return None;
            }
        };
        Some(what.at(header.journal, Some(header.sequence), header.journal.author))
    })
}
