//! What can happen in the world.

use std::fmt;

use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::journal::Held;
use terrace_proto::journal::checkpoint::{Checkpoint, Cosigned};
use terrace_proto::ledger::Record;
use terrace_proto::session::matching::Step;
use terrace_proto::session::{Effect, Heads, Shipment};
use terrace_proto::wire::{Frame, frame::Say};

use crate::network::End;

/// One end of a conversation, in one life of its office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) office: DivisionCode,
    pub(crate) life: u64,
    pub(crate) connection: u64,
}

/// Work of a conversation that finished.
#[derive(Debug)]
pub(crate) enum Done {
    Loaded(Vec<Shipment>),
    Reloaded(Vec<(Record, Shipment)>),
    Recorded,
    Recalled(u64, Option<(Digest, u64)>),
    RecalledIncoming(u64, Option<Digest>),
    LookedUp(JournalId, Box<Option<Held>>),
    Stored(u64),
    Heads(Heads),
    Witnessed(Checkpoint, Result<Cosigned, u64>),
    Wraps(Vec<Vec<u8>>),
    WrapsKept(Vec<Digest>),
    WrapsSettled,
    Step(Step),
    Renewed,
    Failed(String),
}

/// What happens next.
#[derive(Debug)]
pub(crate) enum Event {
    /// A superior admits an office.
    Enrol(DivisionCode),
    /// An office is started.
    Start(DivisionCode),
    /// Some officer somewhere has a moment.
    Officer,
    /// Fate strikes.
    Trouble,
    /// A parting ends.
    Heal(DivisionCode),
    /// A subordinate dials its superior.
    Dial { office: DivisionCode, life: u64 },
    /// A superior is dialled.
    Accept { connection: u64 },
    /// A frame arrives at an end.
    Arrive { connection: u64, end: End, frame: Box<Frame> },
    /// A connection breaks.
    Break { connection: u64 },
    /// An end learns that the connection is gone.
    HungUp { connection: u64, end: End },
    /// Conversations learn that something became durable.
    Bell { office: DivisionCode, life: u64 },
    /// A session's read is performed.
    Read { spot: Spot, effect: Box<Effect> },
    /// The next of a session's writes is performed.
    Write { spot: Spot },
    /// A session is answered.
    Done { spot: Spot, done: Box<Done> },
    /// A session's deadline comes.
    Timer { spot: Spot },
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (connection {})", self.office.short(), self.connection)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enrol(office) => write!(f, "{} enrols", office.short()),
            Self::Start(office) => write!(f, "{} starts", office.short()),
            Self::Officer => f.write_str("an officer"),
            Self::Trouble => f.write_str("trouble"),
            Self::Heal(lower) => write!(f, "the link above {} heals", lower.short()),
            Self::Dial { office, .. } => write!(f, "{} dials", office.short()),
            Self::Accept { connection } => write!(f, "connection {connection} is accepted"),
            Self::Arrive { connection, end, frame } => {
                write!(f, "connection {connection}: {end:?} hears {}", words(frame))
            }
            Self::Break { connection } => write!(f, "connection {connection} breaks"),
            Self::HungUp { connection, end } => {
                write!(f, "connection {connection}: {end:?} finds it gone")
            }
            Self::Bell { office, .. } => write!(f, "{} has news", office.short()),
            Self::Read { spot, effect } => write!(f, "{spot} reads: {}", wish(effect)),
            Self::Write { spot } => write!(f, "{spot} writes"),
            Self::Done { spot, done } => write!(f, "{spot} is answered: {}", answer(done)),
            Self::Timer { spot } => write!(f, "{spot} looks at the clock"),
        }
    }
}

/// A frame in a few words.
pub(crate) fn words(frame: &Frame) -> String {
    match &frame.say {
        Some(Say::Hello(hello)) => {
            let number = |cursor: &Option<terrace_proto::wire::Cursor>| {
                cursor.as_ref().map_or(0, |cursor| cursor.number)
            };
            format!("hello, sent {}, stored {}", number(&hello.sent), number(&hello.stored))
        }
        Some(Say::Passage(passage)) => format!(
            "passage {}: {} of {:012}{}",
            passage.number,
            passage.items.len(),
            passage.author,
            if passage.run { ", a run" } else { "" }
        ),
        Some(Say::Stored(stored)) => {
            let cosigned = stored.cosignature.as_ref().map(|c| c.size);
            format!("stored {}, cosigned {cosigned:?}", stored.number)
        }
        Some(Say::Probe(probe)) => format!("probe {}", probe.number),
        Some(Say::Place(place)) => format!("place {}", place.number),
        Some(Say::HeadOffered(head)) => {
            format!("head of {:012} from {}", head.author, head.from_size)
        }
        Some(Say::HeadAnswered(head)) => {
            let word = if head.line.is_empty() { "not signed" } else { "signed" };
            format!("head of {:012} at {} {word}", head.author, head.size)
        }
        Some(Say::Witnessed(told)) => format!("witnessed {} by {:012}", told.size, told.division),
        Some(Say::KeysHanded(handed)) => format!("{} key wraps", handed.wraps.len()),
        Some(Say::KeysTaken(taken)) => format!("{} key wraps kept", taken.digests.len()),
        Some(Say::SameCaseAsked(said)) => format!("asks about {} cases", said.cases.len()),
        Some(Say::SameCaseEvaluated(said)) => format!("{} cases evaluated", said.cases.len()),
        Some(Say::SameCaseMarked(said)) => format!("marks of {} cases", said.cases.len()),
        Some(Say::SameCaseAnswered(said)) => {
            let same = said.answers.iter().filter(|answer| answer.same).count();
            format!("{same} of {} cases the same", said.answers.len())
        }
        Some(Say::Refusal(refusal)) => format!("refusal: {}", refusal.detail),
        None => "nothing".into(),
    }
}

fn wish(effect: &Effect) -> String {
    match effect {
        Effect::Load { after, entries, .. } => format!("{entries} behind {after}"),
        Effect::Reload { from, .. } => format!("passages from {from} again"),
        Effect::Recall { number } => format!("own passage {number}"),
        Effect::RecallIncoming { number, .. } => format!("received passage {number}"),
        Effect::LookUp(journal) => format!("journal {journal:?}"),
        Effect::LoadHeads { .. } => "heads".into(),
        Effect::LoadWraps { .. } => "key wraps".into(),
        Effect::Send(_)
        | Effect::Record { .. }
        | Effect::Store(_)
        | Effect::Acknowledged { .. }
        | Effect::Cosigned(_)
        | Effect::Witnessed { .. }
        | Effect::Witness(_)
        | Effect::Object(_)
        | Effect::KeepWraps(_)
        | Effect::WrapsTaken(_)
        | Effect::Match(_)
        | Effect::Compare { .. }
        | Effect::Renew { .. }
        | Effect::Close(_) => "what is not read".into(),
    }
}

fn answer(done: &Done) -> String {
    match done {
        Done::Loaded(shipments) => format!("{} loaded", shipments.len()),
        Done::Reloaded(passages) => format!("{} reloaded", passages.len()),
        Done::Recorded => "recorded".into(),
        Done::Recalled(number, recalled) => format!("recalled {number}: {}", recalled.is_some()),
        Done::RecalledIncoming(number, digest) => format!("place {number}: {}", digest.is_some()),
        Done::LookedUp(journal, held) => {
            format!(
                "{journal:?} held up to {:?}",
                held.as_ref().as_ref().map(|held| held.frontier.size())
            )
        }
        Done::Stored(number) => format!("stored {number}"),
        Done::Heads(heads) => format!("{} heads", heads.offers.len()),
        Done::Witnessed(head, answer) => format!("head at {}: {}", head.size, answer.is_ok()),
        Done::Wraps(wraps) => format!("{} key wraps due", wraps.len()),
        Done::WrapsKept(kept) => format!("{} key wraps kept", kept.len()),
        Done::WrapsSettled => "key wraps settled".into(),
        Done::Step(Step::Ask(cases)) => format!("{} cases to ask about", cases.len()),
        Done::Step(_) => "a step of asking about cases".into(),
        Done::Renewed => "a new ledger".into(),
        Done::Failed(why) => format!("failed: {why}"),
    }
}
