//! What a module needs of an office, as something that can be asked for without writing anything.

use std::fmt;

use terrace_proto::entry::channel::channel;
use terrace_proto::entry::{Content, Kind, body};
use terrace_proto::roll::Roll;
use terrace_proto::rules::Duty;

/// Something an office has, or lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A channel by which it registers, by its code.
    Channel(&'static str),
    /// An act that its desk knows a room for.
    Act(Kind),
    /// A roll that it lists.
    Roll(Roll),
    /// A survey through the cases it holds, by its name.
    Survey(&'static str),
    /// A term for a duty in the rules that are in force there.
    Term(Duty),
    /// The documents of written acts.
    Notices,
    /// A case with its course, as the petitioner is told of it.
    Course,
    /// The examination of a petitioner's receipt.
    Receipt,
    /// A call at its window that reads and never writes, by its name: this program need not know it.
    Call(&'static str),
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(code) => {
                let (_, zh, en) = channel(code).copied().unwrap_or((code, "", ""));
                write!(f, "信访形式 channel {code} {zh} {en}")
            }
            Self::Act(kind) => write!(f, "办理步骤 act {} {}", kind.zh(), kind.en()),
            Self::Roll(roll) => write!(f, "台账 roll {} {}", roll.name(), roll.zh()),
            Self::Survey(what) => write!(f, "统计 survey {what}"),
            Self::Term(duty) => write!(f, "期限 term {} {}", duty.number(), duty.zh()),
            Self::Notices => f.write_str("文书 notices"),
            Self::Course => f.write_str("办理过程 course of a case"),
            Self::Receipt => f.write_str("回执核验 receipts examined"),
            Self::Call(name) => write!(f, "窗口 call {name}"),
        }
    }
}

/// The tags of a body on the wire, of which the first 15 are not of contents.
const TAGS: std::ops::Range<u16> = 16..1_024;

/// An entry of a kind that says nothing, to ask whether it would be heard; `None` for a kind without words.
///
/// No kind is looked for by its tag: a body with one empty field is read for each tag, as any office would read it.
pub(super) fn blank(kind: Kind) -> Option<Content> {
    let mut contents = TAGS.filter_map(|tag| body::content(&empty_field(tag)));
    contents.find(|content| body::kind(content) == kind)
}

/// A field of length 0 in the encoding of Protocol Buffers: its tag with wire type 2 as a varint, and a zero.
fn empty_field(tag: u16) -> Vec<u8> {
    let mut key = u32::from(tag) << 3 | 2;
    let mut bytes = Vec::new();
    while key >= 0x80 {
        bytes.push((key & 0x7f) as u8 | 0x80);
        key >>= 7;
    }
    bytes.extend([key as u8, 0]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::MODULES;

    #[test]
    fn what_modules_need_can_be_asked_for() {
        let needs: Vec<&Need> = MODULES.iter().flat_map(|module| module.needs).collect();
        for need in needs {
            match need {
                Need::Act(kind) => assert!(blank(*kind).is_some(), "{kind:?} has no words"),
                Need::Channel(code) => assert!(channel(code).is_some(), "{code}"),
                Need::Roll(_)
                | Need::Survey(_)
                | Need::Term(_)
                | Need::Notices
                | Need::Course
                | Need::Receipt
                | Need::Call(_) => {}
            }
        }
        assert_eq!(blank(Kind::Unknown(9_999)), None);
    }
}
