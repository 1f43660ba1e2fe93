//! One office of the world: what it keeps through a crash, and what runs while it runs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use terrace_node::archive::shipping::Shipping;
use terrace_node::archive::{Archive, ArchiveError, Identity, Level};
use terrace_node::cabinet::{Cabinet, IndexKeys, MemoryKeys, SealingKeys};
use terrace_node::desk::{Desk, Numbering};
use terrace_node::store::Store;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::JournalId;
use terrace_proto::key::Signer;
use terrace_proto::ledger::LedgerId;
use terrace_proto::seal::{IndexKey, SealingKey};
use terrace_proto::session::{Closing, Effect, Session, Side};

use super::hour::{Hour, OfficeClock};
use crate::dice::Dice;
use crate::disk::{Disk, Mark, at_once};
use crate::network::End;

/// First and longest wait before the superior is dialled again, in milliseconds.
const REDIAL: (i64, i64) = (100, 60_000);

/// An office, running or not.
#[derive(Debug)]
pub struct Office {
    /// Who it is.
    pub identity: Identity,
    /// Its database.
    pub disk: Disk,
    /// Its checkpoint file.
    pub mark: Mark,
    /// Its cabinet of case keys, a disk of its own.
    pub keys: MemoryKeys,
    /// Its clock.
    pub clock: Arc<OfficeClock>,
    /// A copy of its disk, made some time ago.
    pub(super) copy: Option<Disk>,
    /// Whether its superior has admitted it; the root needs nobody.
    pub enrolled: bool,
    /// Whether its officers sometimes bypass the desk.
    pub rogue: bool,
    /// Why it could not be started, if so.
    pub refuses: Option<String>,
    /// How often it was started.
    pub life: u64,
    /// What runs, if it runs.
    pub running: Option<Running>,
    pub(super) redial: Redial,
    dice: Dice,
}

/// What a crash takes away.
#[derive(Debug)]
pub struct Running {
    /// The one writer.
    pub archive: Archive,
    /// The numbers given out since the start.
    pub numbering: Numbering,
    /// The reader for the links.
    pub(super) shipping: Shipping,
    /// Conversations, by neighbour.
    pub(super) conversations: BTreeMap<DivisionCode, Conversation>,
}

/// One end of a conversation.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) connection: u64,
    pub(super) peer: DivisionCode,
    pub(super) side: Side,
    pub(super) outgoing: LedgerId,
    pub(super) session: Session,
    /// Writes the session asked for, in order.
    pub(super) writes: VecDeque<Effect>,
    /// Whether a write event is on its way.
    pub(super) writing: bool,
    /// When the last answer to a write comes: answers keep the order of the writes.
    pub(super) answered: i64,
    /// Number of the last passage sent: each is sent once in a conversation.
    pub(super) passed: u64,
    /// A write failed: none is performed after it.
    pub(super) failed: bool,
    /// Nobody listens any more; what was asked to be written still is.
    pub(super) over: bool,
    /// The session has said its last.
    pub(super) closed: bool,
    /// Said by the session, done once the new ledger is durable.
    pub(super) renewing: Option<Closing>,
    /// When the event that looks at the deadline comes.
    pub(super) timer: Option<i64>,
}

impl Conversation {
    /// Which end of the connection this is.
    pub(super) fn end(&self) -> End {
        match self.side {
            Side::Subordinate => End::Lower,
            Side::Superior => End::Upper,
        }
    }
}

/// The schedule of dialling: doubling, never giving up, begun anew by any contact.
#[derive(Debug, Clone, Default)]
pub(super) struct Redial(u32);

impl Redial {
    pub(super) fn wait(&mut self, dice: &mut Dice) -> i64 {
        let whole = (REDIAL.0 << self.0.min(20)).min(REDIAL.1);
        self.0 += 1;
        whole * dice.between(70, 130) / 100
    }

    pub(super) fn reset(&mut self) {
        self.0 = 0;
    }
}

impl Office {
    /// A new office with an empty disk.
    pub(super) fn new(division: DivisionCode, hour: &Hour, skew: i64, dice: &mut Dice) -> Self {
        let mut dice = dice.fork();
        let mut secret = [0; 32];
        let mut epoch = [0; 16];
        terrace_node::surroundings::Chance::fill(&mut dice, &mut secret);
        terrace_node::surroundings::Chance::fill(&mut dice, &mut epoch);
        let me = JournalId { author: division, epoch: terrace_proto::digest::Epoch(epoch) };
        let superior = Tree::national().superior(division);
        Self {
            identity: Identity { me, signer: Signer::from_secret(&secret), superior },
            disk: Disk::default(),
            mark: Mark::default(),
            keys: MemoryKeys::default(),
            copy: None,
            clock: Arc::new(OfficeClock::new(hour.clone(), skew)),
            enrolled: superior.is_none(),
            rogue: false,
            refuses: None,
            life: 0,
            running: None,
            redial: Redial::default(),
            dice,
        }
    }

    /// Its division.
    #[must_use]
    pub fn division(&self) -> DivisionCode {
        self.identity.me.author
    }

    /// Opens the archive over what the disk holds.
    pub(super) fn start(&mut self) -> Result<(), ArchiveError> {
        self.life += 1;
        let store: Arc<dyn Store> = Arc::new(self.disk.clone());
        let archive = at_once(Archive::open(
            self.identity.clone(),
            store.clone(),
            Box::new(self.mark.clone()),
            self.clock.clone(),
            Box::new(self.dice.fork()),
        ))?;
        let mut archive = archive.with_cabinet(self.cabinet());
        at_once(archive.settle_keys())?;
        self.running = Some(Running {
            archive,
            numbering: Numbering::default(),
            shipping: Shipping::new(store, Level::default()),
            conversations: BTreeMap::new(),
        });
        Ok(())
    }

    /// Its cabinet, with sealing and index keys made of its journal key: in a world they are never lost apart.
    #[must_use]
    pub fn cabinet(&self) -> Cabinet {
        let seed = self.identity.signer.secret();
        let keys = SealingKeys::default().with("", 1, SealingKey::from_seed(&seed));
        let index = IndexKeys::of(1, IndexKey::of(&seed));
        Cabinet::new(Arc::new(self.keys.clone()), keys).with_index(index)
    }

    /// The conversation over a connection, if this life of the office has it.
    pub(super) fn conversation(&mut self, connection: u64) -> Option<&mut Conversation> {
        let conversations = &mut self.running.as_mut()?.conversations;
        conversations.values_mut().find(|talk| talk.connection == connection)
    }
}

impl Running {
    /// The desk over the archive.
    pub fn desk(&mut self) -> Desk<'_> {
        Desk::new(&mut self.archive, &mut self.numbering)
    }

    /// Whether a neighbour is being talked to.
    #[must_use]
    pub fn is_talking_to(&self, peer: DivisionCode) -> bool {
        self.conversations.get(&peer).is_some_and(|talk| !talk.over && talk.session.is_talking())
    }

    /// Writes that conversations asked for and that are still to be done.
    #[must_use]
    pub fn waiting_writes(&self) -> usize {
        self.conversations.values().map(|talk| talk.writes.len()).sum()
    }
}
