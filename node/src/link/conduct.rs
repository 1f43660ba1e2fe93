//! One conversation: a loop that feeds the session and performs its effects.
//!
//! Reads run beside the loop, writes go to the [`super::scribe`] in order, frames go out as the session says
//! them. Invariant: whatever order things finish in, the session alone decides what follows.

use std::sync::Arc;
use std::time::Duration;

use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::journal::Held;
use terrace_proto::journal::checkpoint::{Checkpoint, Cosigned};
use terrace_proto::ledger::{LedgerId, Record};
use terrace_proto::session::matching::Step;
use terrace_proto::session::{Closing, Effect, Heads, Session, Shipment, Side, Start};
use terrace_proto::wire::frame::Say;
use terrace_proto::wire::{Frame, Refusal, RefusalReason};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_stream::{Stream, StreamExt as _};

use super::raised;
use super::scribe::{self, Write};
use crate::archive::ArchiveError;
use crate::office::{Meeting, Office, Rung};

/// How long the other end may take to hear a last word.
const LAST_WORD: Duration = Duration::from_secs(2);

/// Work that finished.
#[derive(Debug)]
pub(super) enum Done {
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
    Failed(ArchiveError),
}

/// How a conversation ended.
#[derive(Debug)]
pub enum Ended {
    /// The session closed it.
    Closed(Closing),
    /// The transport broke or the other end went away.
    Broken(String),
    /// This end's store failed.
    Failed(ArchiveError),
    /// This office stops, or another connection of the same neighbour has taken over.
    Stopped,
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Closed(closing) => closing.fmt(f),
            Self::Broken(why) => write!(f, "the connection broke: {why}"),
            Self::Failed(error) => write!(f, "this office could not store: {error}"),
            Self::Stopped => f.write_str("stopped"),
        }
    }
}

struct Conversation {
    office: Arc<Office>,
    session: Session,
    side: Side,
    peer: DivisionCode,
    meeting: Meeting,
    outgoing: LedgerId,
    /// How often the bell was rung for entries that are due to the peer.
    rung: u64,
    frames: UnboundedSender<Frame>,
    writes: UnboundedSender<Write>,
    done: UnboundedSender<Done>,
    /// Said by the session, told once a new ledger is durable.
    closing: Option<Closing>,
}

/// Carries a conversation to its end. Frames to send go to `frames`, which needs no bound of its own: the
/// session never has more under way than the peer's credit.
pub async fn conduct<S, E>(
    office: Arc<Office>,
    start: Start,
    mut incoming: S,
    frames: UnboundedSender<Frame>,
    mut stop: tokio::sync::watch::Receiver<bool>,
) -> Ended
where
    S: Stream<Item = Result<Frame, E>> + Unpin,
    E: std::fmt::Display,
{
    let (done, mut finished) = mpsc::unbounded_channel();
    let (writes, to_write) = mpsc::unbounded_channel();
    let peer = start.peer.journal.author;
    let meeting = office.meet(peer);
    let scribe = tokio::spawn(scribe::run(office.clone(), peer, to_write, done.clone()));
    let (side, outgoing) = (start.side, start.outgoing.ledger);
    let session = Session::new(start, office.now());
    let mut talk = Conversation {
        office: office.clone(),
        session,
        side,
        peer,
        meeting,
        outgoing,
        rung: 0,
        frames,
        writes,
        done,
        closing: None,
    };
    let ended = talk.run(&mut incoming, &mut finished, &mut stop).await;
    drop(talk);
    if matches!(ended, Ended::Closed(_)) {
        let silence = async { while incoming.next().await.is_some_and(|frame| frame.is_ok()) {} };
        _ = tokio::time::timeout(LAST_WORD, silence).await;
    }
    // What was asked of the scribe before the end is still written: nothing waits for the answer.
    _ = scribe.await;
    office.contact(meeting, false, Some(ended.to_string()));
    ended
}

impl Conversation {
    async fn run<S, E>(
        &mut self,
        incoming: &mut S,
        finished: &mut UnboundedReceiver<Done>,
        stop: &mut tokio::sync::watch::Receiver<bool>,
    ) -> Ended
    where
        S: Stream<Item = Result<Frame, E>> + Unpin,
        E: std::fmt::Display,
    {
        let tree = self.office.tree();
        let mut bell = self.office.bell();
        loop {
            if let Some(ended) = self.perform() {
                return ended;
            }
            let now = self.office.now();
            let timeout = self.session.poll_timeout().map_or(Duration::from_secs(3_600), |at| {
                Duration::try_from(at.duration_since(now)).unwrap_or_default()
            });
            tokio::select! {
                frame = incoming.next() => match frame {
                    Some(Ok(frame)) => {
                        let greeted = self.session.is_talking();
                        self.session.handle_frame(self.office.now(), frame, tree);
                        if !greeted && self.session.is_talking() {
                            self.office.contact(self.meeting, true, None);
                        }
                    }
                    Some(Err(error)) => return Ended::Broken(error.to_string()),
                    None => return Ended::Broken("the other end hung up".into()),
                },
                Some(done) = finished.recv() => if let Some(ended) = self.finished(done) {
                    return ended;
                },
                Ok(()) = bell.changed() => self.told(&bell.borrow_and_update()),
                () = tokio::time::sleep(timeout) => self.session.handle_timeout(self.office.now()),
                () = raised(stop) => return Ended::Stopped,
            }
        }
    }

    /// The bell was rung. A root with many subordinates commits far more often than it has entries for any one of them,
    /// and looking for them costs the database.
    fn told(&mut self, rung: &Rung) {
        let times = rung.for_entries(self.peer, self.office.identity().superior);
        if std::mem::replace(&mut self.rung, times) == times {
            self.session.handle_growth(self.office.now());
        } else {
            self.session.handle_news(self.office.now());
        }
    }

    fn finished(&mut self, done: Done) -> Option<Ended> {
        let now = self.office.now();
        let greeted = self.session.is_talking();
        match done {
            Done::Loaded(shipments) => self.session.handle_loaded(now, shipments),
            Done::Reloaded(passages) => self.session.handle_reloaded(now, passages),
            Done::Recorded => self.session.handle_recorded(now),
            Done::Recalled(number, recalled) => self.session.handle_recalled(now, number, recalled),
            Done::RecalledIncoming(number, digest) => self.session.answer_probe(number, digest),
            Done::LookedUp(journal, held) => {
                self.session.handle_looked_up(journal, *held, self.office.tree());
            }
            Done::Stored(number) => self.session.handle_stored(now, number),
            Done::Heads(heads) => self.session.handle_heads(heads),
            Done::Witnessed(head, answer) => self.session.handle_witnessed(head, answer),
            Done::Wraps(wraps) => self.session.handle_wraps(wraps),
            Done::WrapsKept(digests) => self.session.handle_wraps_kept(&digests),
            Done::WrapsSettled => self.session.handle_wraps_settled(),
            Done::Step(step) => self.session.handle_step(now, step),
            Done::Renewed => return self.closing.take().map(Ended::Closed),
            Done::Failed(error) => {
                self.apologise(&error);
                return Some(Ended::Failed(error));
            }
        }
        if !greeted && self.session.is_talking() {
            self.office.contact(self.meeting, true, None);
        }
        None
    }

    /// Tells the neighbour why this end hangs up, so that both ends show the same reason.
    fn apologise(&self, error: &ArchiveError) {
        let mut refusal = Refusal { detail: error.to_string(), ..Refusal::default() };
        refusal.set_reason(match error {
            ArchiveError::Fork { .. } => RefusalReason::Fork,
            ArchiveError::Store(_)
            | ArchiveError::Watermark(_)
            | ArchiveError::TooLarge { .. }
            | ArchiveError::Uncleared
            | ArchiveError::Part(_)
            | ArchiveError::Wrap(_)
            | ArchiveError::NotAdmitted(_) => RefusalReason::Store,
        });
        _ = self.frames.send(Frame { say: Some(Say::Refusal(refusal)) });
    }

    /// Performs effects until there are none; a send or write that finds nobody means the end is near, and
    /// the loop will hear why.
    fn perform(&mut self) -> Option<Ended> {
        let mut renewing = false;
        while let Some(effect) = self.session.poll_effect() {
            match effect {
                Effect::Send(frame) => _ = self.frames.send(frame),
                Effect::Record { records } => self.write(Write::Record(records)),
                Effect::Store(delivery) => self.write(Write::Store(delivery)),
                Effect::Acknowledged { head, stored_at, signature } => {
                    self.write(Write::Acknowledged { head, stored_at, signature });
                }
                Effect::Cosigned(cosigned) => self.write(Write::Cosigned(cosigned)),
                Effect::Witnessed { checkpoint, by, line } => {
                    self.write(Write::Witnessed { checkpoint, by, line });
                }
                Effect::Witness(offer) => self.write(Write::Witness(offer)),
                Effect::KeepWraps(wraps) => self.write(Write::KeepWraps(wraps)),
                Effect::WrapsTaken(digests) => self.write(Write::WrapsTaken(digests)),
                Effect::Match(task) => self.write(Write::Match(task)),
                Effect::Object(objection) => self.write(Write::Object(objection)),
                Effect::Compare { about, first, leaves, shown } => {
                    self.write(Write::Compare { about, first, leaves, shown });
                }
                Effect::Renew { position } => {
                    renewing = true;
                    self.write(Write::Renew { position });
                }
                Effect::Close(closing) if renewing => self.closing = Some(closing),
                Effect::Close(closing) => return Some(Ended::Closed(closing)),
                read @ (Effect::Load { .. }
                | Effect::Reload { .. }
                | Effect::Recall { .. }
                | Effect::RecallIncoming { .. }
                | Effect::LoadHeads { .. }
                | Effect::LoadWraps { .. }
                | Effect::LookUp(_)) => self.read(read),
            }
        }
        None
    }

    fn write(&self, write: Write) {
        _ = self.writes.send(write);
    }

    /// Reads beside the loop; the answer comes back through it.
    fn read(&self, effect: Effect) {
        let (office, done) = (self.office.clone(), self.done.clone());
        let (side, peer, outgoing) = (self.side, self.peer, self.outgoing);
        tokio::spawn(async move {
            let answer = look(&office, side, peer, outgoing, effect).await;
            _ = done.send(answer.unwrap_or_else(|error| {
                office.observe(&error);
                Done::Failed(error)
            }));
        });
    }
}

async fn look(
    office: &Office,
    side: Side,
    peer: DivisionCode,
    outgoing: LedgerId,
    effect: Effect,
) -> Result<Done, ArchiveError> {
    let shipping = office.shipping();
    Ok(match effect {
        Effect::Load { after, entries, bytes } => Done::Loaded(match side {
            Side::Subordinate => shipping.up(after, entries, bytes).await?,
            Side::Superior => shipping.down(peer, after, entries, bytes).await?,
        }),
        Effect::Reload { from, entries, bytes } => {
            Done::Reloaded(shipping.again(outgoing, from, entries, bytes).await?)
        }
        Effect::Recall { number } => {
            let passage = office.store().passages(outgoing, number, 1).await?.pop();
            let passage = passage.filter(|passage| passage.record.head.number == number);
            Done::Recalled(number, passage.map(|p| (p.record.head.digest, p.position)))
        }
        Effect::RecallIncoming { ledger, number } => {
            let passage = office.store().passages(ledger, number, 1).await?.pop();
            let passage = passage.filter(|passage| passage.record.head.number == number);
            Done::RecalledIncoming(number, passage.map(|p| p.record.head.digest))
        }
        Effect::LoadHeads { followed } => {
            Done::Heads(office.write().await.archive.heads(peer, &followed).await?)
        }
        Effect::LoadWraps { limit } => {
            Done::Wraps(office.write().await.archive.due_wraps(peer, limit).await?)
        }
        Effect::LookUp(journal) => {
            // What was taken in this conversation the session knows itself, so what is durable is enough: behind the
            // writing hand, each journal's first passage would wait for a commit.
            let held = office.store().journal(journal).await?;
            Done::LookedUp(journal, Box::new(held.map(|journal| journal.held())))
        }
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
        | Effect::Close(_) => unreachable!("only reads are looked up"),
    })
}
