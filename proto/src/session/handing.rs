//! Case keys on their way: wraps travel beside the ledger, are kept, and are said to be kept.
//!
//! One batch is under way at a time. What the neighbour has not said to have kept is handed over again in the next
//! conversation; a wrap twice is one wrap. They are bytes here: whoever keeps them checks who made them.

use super::{Effect, Phase, Session};
use crate::digest::Digest;
use crate::seal::wrap::WRAP_LIMIT;
use crate::wire::{self, RefusalReason, frame::Say};

/// Most wraps in one frame.
pub const WRAPS: u32 = 256;

/// The state of this half of a conversation.
#[derive(Debug, Default)]
pub(super) struct Handing {
    /// Being looked for, or handed over and not yet kept there.
    under_way: bool,
    /// Something new may be due since the last look.
    again: bool,
}

impl Session {
    /// Something may be due as to case keys.
    pub(super) fn wraps_may_be_due(&mut self) {
        if self.phase != Phase::Talking {
            return;
        }
        if self.handing.under_way {
            self.handing.again = true;
        } else {
            self.handing.under_way = true;
            self.effects.push_back(Effect::LoadWraps { limit: WRAPS });
        }
    }

    /// The wraps that are due to the neighbour, at most as many as were asked for.
    pub fn handle_wraps(&mut self, wraps: Vec<Vec<u8>>) {
        if wraps.is_empty() {
            self.handing.under_way = false;
            if std::mem::take(&mut self.handing.again) {
                self.wraps_may_be_due();
            }
        } else {
            self.send(Say::KeysHanded(wire::KeysHanded { wraps }));
        }
    }

    /// The neighbour hands wraps over.
    pub(super) fn keys_handed(&mut self, handed: wire::KeysHanded) {
        let within = handed.wraps.len() <= WRAPS as usize
            && handed.wraps.iter().all(|wrap| wrap.len() <= WRAP_LIMIT);
        if within {
            self.effects.push_back(Effect::KeepWraps(handed.wraps));
        } else {
            self.refuse(RefusalReason::Form, "more or longer key wraps than anyone takes".into());
        }
    }

    /// These wraps are durable here, by their digests.
    pub fn handle_wraps_kept(&mut self, digests: &[Digest]) {
        if self.phase != Phase::Closed {
            let digests = digests.iter().map(|digest| digest.0.to_vec()).collect();
            self.send(Say::KeysTaken(wire::KeysTaken { digests }));
        }
    }

    /// The neighbour says which wraps it has kept.
    pub(super) fn keys_taken(&mut self, taken: &wire::KeysTaken) {
        let digests: Vec<Digest> =
            taken.digests.iter().filter_map(|bytes| Digest::read(bytes)).collect();
        // One that keeps none of a batch is asked again in the next conversation.
        let kept_some = !digests.is_empty();
        self.handing.under_way = false;
        if kept_some {
            self.effects.push_back(Effect::WrapsTaken(digests));
        }
    }

    /// What the neighbour has kept is no longer due: there may be more.
    pub fn handle_wraps_settled(&mut self) {
        self.wraps_may_be_due();
    }
}
