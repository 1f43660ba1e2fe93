//! The words of entries about organs (机构编码). Of many organs the first few are named, and how many there are.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not about organs is told by the other files of this room"
)]

use terrace_proto::entry::Content;
use terrace_proto::organ::Organ;
use terrace_proto::wire;

use super::{Word, number, office, text};

/// Organs that are named.
const NAMED: usize = 5;

/// What an entry about organs says; `None` for anything else.
pub(super) fn words(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::OrganProposed(said) => organs(&said.organs).into(),
        Content::OrganRegistered(said) => {
            let [count, named] = organs(&said.organs);
            vec![proposer(said.proposer), count, named]
        }
        Content::OrganDeclined(said) => {
            vec![proposer(said.proposer), text(("reason", "理由", "reason"), &said.reason)]
        }
        _ => return None,
    })
}

fn proposer(code: u64) -> Word {
    office(("proposer", "提请单位", "proposed by"), code)
}

fn organs(organs: &[wire::Organ]) -> [Word; 2] {
    let named = organs.iter().take(NAMED).map(|wire| match Organ::read(wire) {
        Ok(organ) => format!("{} {}", organ.code, organ.name),
        Err(why) => why.to_string(),
    });
    let mut told = named.collect::<Vec<_>>().join("、");
    if organs.len() > NAMED {
        told.push('…');
    }
    [
        number(("organs", "机构数", "organs"), organs.len() as u64),
        text(("first", "机构", "which"), &told),
    ]
}
