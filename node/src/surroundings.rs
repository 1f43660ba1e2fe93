//! Time and chance, as an office sees them.
//!
//! Everything else takes them from here, so that a simulated office lives in simulated time.

use jiff::Timestamp;

/// Where the hour comes from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The hour now.
    fn now(&self) -> Timestamp;
}

/// Where random bytes come from.
pub trait Chance: Send + Sync + std::fmt::Debug {
    /// Fills `bytes` at random.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&mut self, bytes: &mut [u8]) {
        use rand::TryRng as _;
        rand::rngs::SysRng.try_fill_bytes(bytes).expect("the operating system gives random bytes");
    }
}

/// Sixteen random bytes, for an id.
pub fn name(chance: &mut dyn Chance) -> [u8; 16] {
    let mut bytes = [0; 16];
    chance.fill(&mut bytes);
    bytes
}
