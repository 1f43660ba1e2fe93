//! What lies between offices: links that carry frames in order, late, and not always.
//!
//! A connection is two pipes, one each way, that keep the order of what they carry. Fate may lose a frame,
//! double it, or flip a byte in a passage; it may cut a connection, and part two neighbours for a time.
//! Nothing here knows what a frame means, except that a flipped byte stands in a passage.

use std::collections::BTreeMap;

use terrace_proto::division::DivisionCode;
use terrace_proto::wire::{Frame, Passage, frame::Say};

use crate::dice::Dice;

/// Shortest and longest time a frame takes, in milliseconds.
const DELAY: (i64, i64) = (15, 250);

/// Which end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The subordinate's, who dialled.
    Lower,
    /// The superior's.
    Upper,
}

impl End {
    /// The end across.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Lower => Self::Upper,
            Self::Upper => Self::Lower,
        }
    }
}

/// How often, per mille, a frame meets which fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weather {
    /// It is lost.
    pub loss: u64,
    /// It arrives twice.
    pub doubling: u64,
    /// A byte of a passage is flipped.
    pub flip: u64,
}

/// A connection between a subordinate and its superior.
#[derive(Debug)]
pub struct Connection {
    /// The subordinate.
    pub lower: DivisionCode,
    /// The superior.
    pub upper: DivisionCode,
    /// Whether fate has touched a frame on it.
    pub faulted: bool,
    /// Whether a frame was lost on it: a stream with a hole goes on for a moment and then breaks.
    pub holed: bool,
    /// Whether it still carries anything.
    alive: bool,
    /// When the last frame towards each end arrives.
    last: [i64; 2],
}

/// All links of a world.
#[derive(Debug, Default)]
pub struct Network {
    connections: BTreeMap<u64, Connection>,
    /// Neighbours that are parted, by the subordinate.
    parted: BTreeMap<DivisionCode, u32>,
    count: u64,
    /// What fate does to frames.
    pub weather: Weather,
}

/// A frame on its way: when it arrives, and as what.
pub type Arrival = (i64, Frame);

impl Network {
    /// Opens a connection; the superior hears of it at the hour given back.
    pub fn open(
        &mut self,
        lower: DivisionCode,
        upper: DivisionCode,
        now: i64,
        dice: &mut Dice,
    ) -> (u64, i64) {
        self.count += 1;
        let heard = now + dice.between(DELAY.0, DELAY.1);
        let connection = Connection {
            lower,
            upper,
            faulted: false,
            holed: false,
            alive: true,
            last: [heard, heard],
        };
        self.connections.insert(self.count, connection);
        (self.count, heard)
    }

    /// A connection, as long as anyone may ask for it.
    #[must_use]
    pub fn connection(&self, id: u64) -> Option<&Connection> {
        self.connections.get(&id)
    }

    /// Whether it still carries frames.
    #[must_use]
    pub fn is_alive(&self, id: u64) -> bool {
        self.connections.get(&id).is_some_and(|connection| connection.alive)
    }

    /// Takes a frame from one end and says when what arrives at the other.
    pub fn carry(
        &mut self,
        id: u64,
        from: End,
        frame: Frame,
        now: i64,
        dice: &mut Dice,
    ) -> Vec<Arrival> {
        let weather = self.weather;
        let Some(connection) = self.connections.get_mut(&id).filter(|c| c.alive) else {
            return Vec::new();
        };
        let mut frame = frame;
        let lost = dice.happens(weather.loss);
        let doubled = dice.happens(weather.doubling);
        let flipped = dice.happens(weather.flip) && flip(&mut frame, dice);
        connection.holed |= lost;
        connection.faulted |= lost || doubled || flipped;
        if lost {
            return Vec::new();
        }
        let copies = if doubled { 2 } else { 1 };
        let mut arrivals = Vec::with_capacity(copies);
        for _ in 0..copies {
            let last = &mut connection.last[from.other() as usize];
            *last = (*last + 1).max(now + dice.between(DELAY.0, DELAY.1));
            arrivals.push((*last, frame.clone()));
        }
        arrivals
    }

    /// What is refused on this connection from now on is not to be wondered at.
    pub(crate) fn taint(&mut self, id: u64) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.faulted = true;
        }
    }

    /// One end hangs up: what it sent still arrives; the other hears of it at the hour given back.
    pub fn hang_up(&mut self, id: u64, by: End, now: i64) -> Option<i64> {
        let connection = self.connections.get(&id).filter(|c| c.alive)?;
        Some(connection.last[by.other() as usize].max(now) + 1)
    }

    /// The connection carries nothing any more; what is on its way is lost.
    pub fn cut(&mut self, id: u64) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.alive = false;
        }
    }

    /// The living connections of an office, to either side.
    #[must_use]
    pub fn of(&self, office: DivisionCode) -> Vec<u64> {
        let touches = |c: &Connection| c.alive && (c.lower == office || c.upper == office);
        self.connections.iter().filter(|(_, c)| touches(c)).map(|(id, _)| *id).collect()
    }

    /// All living connections.
    #[must_use]
    pub fn alive(&self) -> Vec<u64> {
        self.connections.iter().filter(|(_, c)| c.alive).map(|(id, _)| *id).collect()
    }

    /// Parts a subordinate from its superior until it is healed as often.
    pub fn part(&mut self, lower: DivisionCode) {
        *self.parted.entry(lower).or_default() += 1;
    }

    /// Heals one parting.
    pub fn heal(&mut self, lower: DivisionCode) {
        let left = self.parted.remove(&lower).unwrap_or(0).saturating_sub(1);
        if left > 0 {
            self.parted.insert(lower, left);
        }
    }

    /// Heals all partings.
    pub fn heal_all(&mut self) {
        self.parted.clear();
    }

    /// Whether a subordinate is parted from its superior.
    #[must_use]
    pub fn is_parted(&self, lower: DivisionCode) -> bool {
        self.parted.contains_key(&lower)
    }
}

/// Flips one bit of a passage; false when the frame is none.
fn flip(frame: &mut Frame, dice: &mut Dice) -> bool {
    let Some(Say::Passage(passage)) = &mut frame.say else { return false };
    let mut parts = parts(passage);
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() {
        return false;
    }
    let chosen = usize::try_from(dice.below(parts.len() as u64)).expect("an index fits");
    let part = &mut parts[chosen];
    let at = usize::try_from(dice.below(part.len() as u64)).expect("an index fits");
    part[at] ^= 1 << dice.below(8);
    true
}

fn parts(passage: &mut Passage) -> Vec<&mut Vec<u8>> {
    let mut parts = vec![&mut passage.checkpoint, &mut passage.head_signature];
    for item in &mut passage.items {
        parts.push(&mut item.header);
        parts.extend(item.body.as_mut());
        parts.extend(&mut item.path);
    }
    parts
}
