//! How much may be under way on this line: as much as it carries in a few seconds.
//!
//! It begins small, doubles while answers come quickly and halves when they are slow, so that a township on a
//! slow line is never waited for in vain, and a fast line is soon full. The peer's window bounds it from above.

use jiff::SignedDuration;

use super::{PATIENCE, SLOWEST, WINDOW_BYTES};

/// Bytes under way at first, and never fewer than [`LEAST`].
pub(super) const FIRST: u32 = 128 * 1024;
const LEAST: u32 = 16 * 1024;
/// An answer that comes sooner lets more be under way; one that comes later, less.
const QUICK: SignedDuration = SignedDuration::from_secs(2);
const SLOW: SignedDuration = SignedDuration::from_secs(8);

/// Bytes that may be under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace(u32);

impl Pace {
    pub(super) fn new() -> Self {
        Self(FIRST)
    }

    pub(super) fn bytes(self) -> u32 {
        self.0
    }

    /// A passage was answered after some time.
    pub(super) fn answered(&mut self, after: SignedDuration) {
        if after < QUICK {
            self.0 = self.0.saturating_mul(2).min(WINDOW_BYTES);
        } else if after > SLOW {
            self.0 = (self.0 / 2).max(LEAST);
        }
    }
}

/// How long to wait for an answer while so many bytes are under way.
pub(super) fn patience(bytes: u32) -> SignedDuration {
    PATIENCE + SignedDuration::from_secs(i64::from(bytes / SLOWEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_line_is_soon_full_and_slow_one_never_flooded() {
        let mut pace = Pace::new();
        (0..20).for_each(|_| pace.answered(SignedDuration::from_millis(40)));
        assert_eq!(pace.bytes(), WINDOW_BYTES);
        (0..20).for_each(|_| pace.answered(SignedDuration::from_secs(40)));
        assert_eq!(pace.bytes(), LEAST);
        pace.answered(SignedDuration::from_secs(4));
        assert_eq!(pace.bytes(), LEAST, "neither quick nor slow: it stays");
    }

    #[test]
    fn patience_grows_with_what_is_under_way() {
        assert_eq!(patience(0), PATIENCE);
        assert_eq!(patience(2 * 1024 * 1024), PATIENCE + SignedDuration::from_secs(1_024));
    }
}
