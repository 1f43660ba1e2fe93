//! A share, as a rate is told: rounded half up to one decimal, and "n/a" of nothing.
//!
//! It keeps numerator and denominator, so that a rate can be followed down to what was counted.

use std::fmt;

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Those counted.
    pub of: u64,
    /// All of them.
    pub all: u64,
}

impl Share {
    /// In tenths of a per cent, rounded half up; `None` of nothing.
    #[must_use]
    pub fn tenths(self) -> Option<u64> {
        (self.of * 2_000 + self.all).checked_div(self.all * 2)
    }
}

impl std::ops::Add for Share {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { of: self.of + other.of, all: self.all + other.all }
    }
}

impl std::iter::Sum for Share {
    fn sum<I: Iterator<Item = Self>>(shares: I) -> Self {
        shares.fold(Self::default(), std::ops::Add::add)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tenths() {
            Some(tenths) => write!(f, "{}.{} %", tenths / 10, tenths % 10),
            None => f.write_str("n/a"),
        }
    }
}

/// The place of one share among others, the greatest first; equals stand equally high. `None` for a share of nothing, or
/// where there is none at `at`.
#[must_use]
pub fn place(shares: &[Share], at: usize) -> Option<usize> {
    let one = shares.get(at).filter(|share| share.all > 0)?;
    let exceeds = |other: &&Share| {
        u128::from(other.of) * u128::from(one.all) > u128::from(one.of) * u128::from(other.all)
    };
    Some(shares.iter().filter(|other| other.all > 0).filter(exceeds).count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up_and_nothing_has_none() {
        let told = |of, all| Share { of, all }.to_string();
        assert_eq!(told(13_424, 14_403), "93.2 %");
        assert_eq!((told(768, 1_000), told(577, 1_000)), ("76.8 %".into(), "57.7 %".into()));
        assert_eq!(
            (told(1, 2_000), told(3, 3), told(0, 7)),
            ("0.1 %".into(), "100.0 %".into(), "0.0 %".into())
        );
        assert_eq!(told(5, 0), "n/a");
    }
}
