//! Performs a conversation's writes, in order, several in one commit.
//!
//! While one commit runs, deliveries gather; the next takes them all. This is where a link gets its speed:
//! the disk is asked once for thousands of entries.

use std::sync::Arc;

use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::journal::checkpoint::{Checkpoint, Cosigned};
use terrace_proto::ledger::{Head, Record};
use terrace_proto::objection::{Ground, Objection};
use terrace_proto::session::matching::Task;
use terrace_proto::session::{Delivery, HeadOffer};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use tracing::warn;

use super::conduct::Done;
use crate::archive::ArchiveError;
use crate::office::Office;

/// Deliveries in one commit. What the receiving window lets be under way is four large ones, or thousands of a few
/// entries, as they come from a province with many journals; each commit asks the disk once, however much it holds.
const GATHERED: usize = 128;

/// A write that a session asked for.
#[derive(Debug)]
pub(super) enum Write {
    Record(Vec<(Record, u64)>),
    Store(Box<Delivery>),
    Acknowledged { head: Head, stored_at: i64, signature: [u8; 64] },
    Cosigned(Cosigned),
    Witnessed { checkpoint: Checkpoint, by: JournalId, line: String },
    Witness(HeadOffer),
    Object(Objection),
    KeepWraps(Vec<Vec<u8>>),
    WrapsTaken(Vec<Digest>),
    Match(Task),
    Compare { about: JournalId, first: u64, leaves: Vec<Digest>, shown: Vec<u8> },
    Renew { position: u64 },
}

/// Performs writes until there are no more; says what is done.
pub(super) async fn run(
    office: Arc<Office>,
    peer: DivisionCode,
    mut writes: UnboundedReceiver<Write>,
    done: UnboundedSender<Done>,
) {
    let mut gathered = Vec::with_capacity(GATHERED);
    // A closed channel means that the conversation is over and nobody waits for the answer.
    while writes.recv_many(&mut gathered, GATHERED).await > 0 {
        let mut rest = gathered.drain(..).peekable();
        while let Some(write) = rest.next() {
            let result = match write {
                Write::Store(first) => {
                    let mut deliveries = vec![*first];
                    while let Some(Write::Store(next)) =
                        rest.next_if(|w| matches!(w, Write::Store(_)))
                    {
                        deliveries.push(*next);
                    }
                    store(&office, peer, deliveries, &done).await
                }
                Write::Record(records) => {
                    let result = office.write().await.archive.record(peer, records).await;
                    result.map(|()| _ = done.send(Done::Recorded))
                }
                Write::Acknowledged { head, stored_at, signature } => {
                    office
                        .write()
                        .await
                        .archive
                        .acknowledged(peer, head, stored_at, signature)
                        .await
                }
                Write::Cosigned(cosigned) => {
                    let result = office.write().await.archive.cosigned(cosigned).await;
                    result.map(|news| office.tell(&news))
                }
                Write::Witnessed { checkpoint, by, line } => {
                    office.write().await.archive.witnessed(checkpoint, by, &line).await
                }
                Write::Witness(offer) => {
                    let head = offer.head;
                    let result = office.write().await.archive.witness(offer).await;
                    result.map(|(answer, news)| {
                        office.tell(&news);
                        _ = done.send(Done::Witnessed(head, answer));
                    })
                }
                Write::KeepWraps(wraps) => keep_wraps(&office, wraps, &done).await,
                Write::WrapsTaken(digests) => {
                    let result = office.write().await.archive.wraps_taken(peer, digests).await;
                    result.map(|()| _ = done.send(Done::WrapsSettled))
                }
                Write::Match(task) => match_cases(&office, peer, task, &done).await,
                Write::Object(objection) => object(&office, objection).await,
                Write::Compare { about, first, leaves, shown } => {
                    let mut writing = office.write().await;
                    let result = writing.archive.compare(about, first, &leaves, shown).await;
                    result.map(|news| office.tell(&news))
                }
                Write::Renew { position } => {
                    let result = office.write().await.archive.begin_ledger(peer, position).await;
                    result.map(|_| _ = done.send(Done::Renewed))
                }
            };
            if let Err(error) = result {
                office.observe(&error);
                _ = done.send(Done::Failed(error));
                return;
            }
        }
    }
}

async fn keep_wraps(
    office: &Office,
    wraps: Vec<Vec<u8>>,
    done: &UnboundedSender<Done>,
) -> Result<(), ArchiveError> {
    let (kept, news) = office.write().await.archive.take_wraps(wraps).await?;
    office.tell(&news);
    _ = done.send(Done::WrapsKept(kept));
    Ok(())
}

async fn match_cases(
    office: &Office,
    peer: DivisionCode,
    task: Task,
    done: &UnboundedSender<Done>,
) -> Result<(), ArchiveError> {
    let (step, news) = office.write().await.archive.match_cases(peer, task).await?;
    office.tell(&news);
    _ = done.send(Done::Step(step));
    Ok(())
}

async fn object(office: &Office, objection: Objection) -> Result<(), ArchiveError> {
    let about = objection.about.author.short();
    warn!("异议 objection to the journal of {about}: {}", objection.ground.en());
    let news = office.write().await.archive.object(objection).await?;
    office.tell(&news);
    Ok(())
}

async fn store(
    office: &Office,
    peer: DivisionCode,
    deliveries: Vec<Delivery>,
    done: &UnboundedSender<Done>,
) -> Result<(), ArchiveError> {
    let last = deliveries.last().map_or(0, |delivery| delivery.record.head.number);
    let received = office.write().await.archive.receive(peer, deliveries).await;
    if let Err(ArchiveError::Fork { journal, sequence, shown }) = &received {
        let (about, place, shown) = (*journal, *sequence, shown.clone());
        let ground = Ground::Forked;
        let objection = Objection { ground, about, place, shown, held: Vec::new(), since: None };
        object(office, objection).await?;
    }
    office.tell(&received?);
    _ = done.send(Done::Stored(last));
    Ok(())
}
