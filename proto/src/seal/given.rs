//! Chance that was given: random bytes drawn by the caller, in the shape a library asks for them.
//!
//! A library that wraps a key wants a generator; this one hands out the bytes it was given, in order and once.
//! Asked for more, it hands out zeros and remembers that it ran dry: whoever lends it must ask
//! [`Given::sufficed`] before anything made from it is used. It never panics and never makes bytes of its own.

use hpke::rand_core::{Infallible, TryCryptoRng, TryRng};

/// Random bytes given by the caller, handed out once.
pub(super) struct Given<'a> {
    left: &'a [u8],
    dry: bool,
}

impl<'a> Given<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes, dry: false }
    }

    /// Whether every byte that was asked for was there. If not, what was made is worthless.
    pub(super) fn sufficed(&self) -> bool {
        !self.dry
    }
}

impl TryRng for Given<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, wanted: &mut [u8]) -> Result<(), Infallible> {
        match self.left.split_at_checked(wanted.len()) {
            Some((bytes, left)) => {
                wanted.copy_from_slice(bytes);
                self.left = left;
            }
            None => {
                wanted.fill(0);
                self.dry = true;
            }
        }
        Ok(())
    }
}

impl TryCryptoRng for Given<'_> {}

#[cfg(test)]
mod tests {
    use hpke::rand_core::Rng;

    use super::*;

    #[test]
    fn bytes_are_handed_out_once_and_in_order() {
        let mut given = Given::new(&[1, 2, 3, 4, 5, 6]);
        let mut first = [0; 2];
        given.fill_bytes(&mut first);
        assert_eq!((first, given.next_u32()), ([1, 2], u32::from_le_bytes([3, 4, 5, 6])));
        assert!(given.sufficed());
    }

    #[test]
    fn running_dry_is_remembered() {
        let mut given = Given::new(&[1, 2, 3]);
        let mut wanted = [9; 4];
        given.fill_bytes(&mut wanted);
        assert_eq!(wanted, [0; 4]);
        assert!(!given.sufficed());
        given.fill_bytes(&mut wanted[..1]);
        assert!(!given.sufficed(), "what is left does not make it good again");
    }
}
