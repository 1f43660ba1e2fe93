//! What a session asks of the archive, performed: one write, or one read.

use terrace_node::archive::{Archive, ArchiveError, News};

use terrace_proto::division::DivisionCode;
use terrace_proto::ledger::LedgerId;
use terrace_proto::objection::{Ground, Objection};
use terrace_proto::session::{Delivery, Effect, Side};

use super::event::Done;
use super::office::{Office, Running};
use crate::disk::at_once;

/// Deliveries in one commit, at most.
const GATHERED: usize = 8;

/// What came of a write: the answer, if anyone waits for one, and the news. A write that failed has news as well, where
/// the failure was put on record.
pub(super) struct Written {
    pub(super) done: Result<Option<Done>, ArchiveError>,
    pub(super) news: News,
}

/// Performs the next write of a conversation, deliveries together where `gather` says so.
pub(super) fn write_next(at: &mut Office, connection: u64, gather: bool) -> Option<Written> {
    let talk = at.conversation(connection)?;
    let peer = talk.peer;
    let effect = talk.writes.pop_front()?;
    let mut deliveries = Vec::new();
    if let Effect::Store(first) = effect {
        deliveries.push(*first);
        while gather && deliveries.len() < GATHERED {
            match talk.writes.pop_front() {
                Some(Effect::Store(next)) => deliveries.push(*next),
                Some(other) => {
                    talk.writes.push_front(other);
                    break;
                }
                None => break,
            }
        }
        return Some(store(&mut at.running.as_mut()?.archive, peer, deliveries));
    }
    Some(write(&mut at.running.as_mut()?.archive, peer, effect))
}

/// Performs one write that is no delivery.
fn write(archive: &mut Archive, peer: DivisionCode, effect: Effect) -> Written {
    let mut news = News::default();
    let done = match effect {
        Effect::Record { records } => {
            at_once(archive.record(peer, records)).map(|()| Some(Done::Recorded))
        }
        Effect::Acknowledged { head, stored_at, signature } => {
            at_once(archive.acknowledged(peer, head, stored_at, signature)).map(|()| None)
        }
        Effect::Cosigned(cosigned) => at_once(archive.cosigned(cosigned)).map(|said| {
            news = said;
            None
        }),
        Effect::Witnessed { checkpoint, by, line } => {
            at_once(archive.witnessed(checkpoint, by, &line)).map(|()| None)
        }
        Effect::Witness(offer) => {
            let head = offer.head;
            at_once(archive.witness(offer)).map(|(answer, said)| {
                news = said;
                Some(Done::Witnessed(head, answer))
            })
        }
        Effect::KeepWraps(wraps) => at_once(archive.take_wraps(wraps)).map(|(kept, said)| {
            news = said;
            Some(Done::WrapsKept(kept))
        }),
        Effect::WrapsTaken(digests) => {
            at_once(archive.wraps_taken(peer, digests)).map(|()| Some(Done::WrapsSettled))
        }
        Effect::Match(task) => at_once(archive.match_cases(peer, task)).map(|(step, said)| {
            news = said;
            Some(Done::Step(step))
        }),
        Effect::Object(objection) => at_once(archive.object(objection)).map(|said| {
            news = said;
            None
        }),
        Effect::Compare { about, first, leaves, shown } => {
            at_once(archive.compare(about, first, &leaves, shown)).map(|said| {
                news = said;
                None
            })
        }
        Effect::Renew { position } => {
            at_once(archive.begin_ledger(peer, position)).map(|_| Some(Done::Renewed))
        }
        Effect::Store(_)
        | Effect::Send(_)
        | Effect::Load { .. }
        | Effect::Reload { .. }
        | Effect::Recall { .. }
        | Effect::RecallIncoming { .. }
        | Effect::LookUp(_)
        | Effect::LoadHeads { .. }
        | Effect::LoadWraps { .. }
        | Effect::Close(_) => Ok(None),
    };
    Written { done, news }
}

/// Stores deliveries; a second history is put on record before the conversation ends with it.
fn store(archive: &mut Archive, peer: DivisionCode, deliveries: Vec<Delivery>) -> Written {
    let last = deliveries.last().map_or(0, |delivery| delivery.record.head.number);
    let error = match at_once(archive.receive(peer, deliveries)) {
        Ok(news) => return Written { done: Ok(Some(Done::Stored(last))), news },
        Err(error) => error,
    };
    let mut news = News::default();
    if let ArchiveError::Fork { journal, sequence, shown } = &error {
        let (about, place, shown) = (*journal, *sequence, shown.clone());
        let (ground, held) = (Ground::Forked, Vec::new());
        let objection = Objection { ground, about, place, shown, held, since: None };
        match at_once(archive.object(objection)) {
            Ok(said) => news = said,
            Err(error) => return Written { done: Err(error), news },
        }
    }
    Written { done: Err(error), news }
}

/// Performs a read.
pub(super) fn look(
    running: &mut Running,
    side: Side,
    peer: DivisionCode,
    outgoing: LedgerId,
    effect: Effect,
) -> Result<Done, ArchiveError> {
    let shipping = &running.shipping;
    let store = running.archive.store().clone();
    Ok(match effect {
        Effect::Load { after, entries, bytes } => Done::Loaded(match side {
            Side::Subordinate => at_once(shipping.up(after, entries, bytes))?,
            Side::Superior => at_once(shipping.down(peer, after, entries, bytes))?,
        }),
        Effect::Reload { from, entries, bytes } => {
            Done::Reloaded(at_once(shipping.again(outgoing, from, entries, bytes))?)
        }
        Effect::Recall { number } => {
            let passage = at_once(store.passages(outgoing, number, 1))?.pop();
            let passage = passage.filter(|passage| passage.record.head.number == number);
            Done::Recalled(number, passage.map(|p| (p.record.head.digest, p.position)))
        }
        Effect::RecallIncoming { ledger, number } => {
            let passage = at_once(store.passages(ledger, number, 1))?.pop();
            let passage = passage.filter(|passage| passage.record.head.number == number);
            Done::RecalledIncoming(number, passage.map(|p| p.record.head.digest))
        }
        Effect::LoadHeads { followed } => {
            Done::Heads(at_once(running.archive.heads(peer, &followed))?)
        }
        Effect::LoadWraps { limit } => {
            Done::Wraps(at_once(running.archive.due_wraps(peer, limit))?)
        }
        Effect::LookUp(journal) => {
            Done::LookedUp(journal, Box::new(at_once(running.archive.held(journal))?))
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
        | Effect::Close(_) => Done::Failed("this effect is not a read".into()),
    })
}
