//! Where work stands still (入口不顺、程序空转、出口不畅): somebody drew a ticket and was not registered, nothing happened for
//! long, an opinion was not served, or was not carried out.
//!
//! It is asked at a day, of the tickets of a hall and of a case, and is no state of either. Whoever holds the case owes the
//! next step; the hall owes the registration (R2022 22: registering is unconditional).

use jiff::Span;
use jiff::civil::Date;

use super::pace::Pace;
use super::reception::Ticket;

/// Days without an entry after which a case stands still.
pub const IDLE_DAYS: i32 = 15;

/// Days after which somebody who drew a ticket is to be registered.
pub const ENTRY_DAYS: i32 = 1;

/// How a case stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stall {
    /// No entry for more than [`IDLE_DAYS`] (程序空转).
    Idle,
    /// Decided, and not served (未送达).
    Unserved,
    /// Supported and served, and not carried out (未执行).
    Unexecuted,
}

impl Stall {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Idle, Self::Unserved, Self::Unexecuted];

    /// Whether a case stands still so at a day.
    #[must_use]
    pub fn is_of(self, pace: &Pace, today: Date) -> bool {
        match self {
            Self::Idle => pace.idle_since.is_some_and(|since| since < idle_before(today)),
            Self::Unserved => pace.unserved,
            Self::Unexecuted => pace.unexecuted,
        }
    }

    /// Its name in Chinese and English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Idle => ("程序空转", "no step for more than 15 days"),
            Self::Unserved => ("已作出意见未送达", "decided and not served"),
            Self::Unexecuted => ("支持诉求未执行", "supported and not carried out"),
        }
    }
}

/// The day before which the last entry of a case lies that is idle at a day.
#[must_use]
pub fn idle_before(today: Date) -> Date {
    today.saturating_sub(Span::new().days(IDLE_DAYS))
}

/// Whether whoever drew a ticket should have been registered by a day, and was not (入口不顺).
#[must_use]
pub fn is_late(ticket: &Ticket, today: Date) -> bool {
    let waits = !ticket.ended && !ticket.registered;
    waits && (today - ticket.drawn_on).get_days() > ENTRY_DAYS
}
