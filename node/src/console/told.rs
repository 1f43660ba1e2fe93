//! What an entry says, told in the page's language as pairs of a name and a text.

use terrace_proto::case::Aside;
use terrace_proto::entry::{Content, Header, Kind};

use super::frame::{Frame, place};
use crate::view::words;

/// One thing an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// What it is about.
    pub(super) name: &'static str,
    /// The words.
    pub(super) text: String,
}

/// The kind of an entry.
pub(super) fn kind(frame: &Frame, kind: Kind) -> String {
    if let Kind::Unknown(number) = kind {
        return format!("{} {number}", frame.l("新版本的类别", "a later version's kind"));
    }
    frame.l(kind.zh(), kind.en()).to_owned()
}

/// Why an entry is not applied.
pub(super) fn aside(frame: &Frame, aside: Aside) -> &'static str {
    match aside {
        Aside::Waiting => frame.l("待前件", "waits for an entry before it"),
        Aside::Irregular => {
            frame.l("不合规条目：作者当时不持有", "irregular: its author did not hold the case")
        }
        Aside::Unsigned => {
            frame.l("无信访人签名，不起作用", "not signed by the petitioner: it moves nothing")
        }
        Aside::Overstepping => {
            frame.l("越权陈述：不由该单位说", "overstepping: not this office's to say")
        }
        Aside::Contesting => frame.l("存争", "contesting"),
        Aside::SetAside => frame.l("未采用", "set aside"),
    }
}

/// An entry that went on in a thread after another had taken its place.
pub(super) fn late(frame: &Frame) -> &'static str {
    frame.l("迟到：另线已接办", "late: another thread leads")
}

/// Who made an entry.
pub(super) fn author(header: &Header) -> String {
    let place = place(header.journal.author);
    if header.hand.organ.is_empty() { place } else { format!("{place} / {}", header.hand.organ) }
}

/// The words of an entry; those that say nothing are left out.
pub(super) fn words(frame: &Frame, content: &Content) -> Vec<Said> {
    let mut said: Vec<Said> = words::words(content)
        .into_iter()
        .map(|word| {
            let english = frame.tag() == "en";
            let text = if english { word.text_en } else { word.text_zh };
            Said { name: frame.l(word.zh, word.en), text }
        })
        .collect();
    said.retain(|said| !said.text.is_empty());
    said
}
