//! A number beside the one before it: year on year (同比), month on month (环比), and whether a series falls.
//!
//! Of nothing there is no change: "n/a", and never a number without end.

use std::fmt;

/// From one number to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// What it was.
    pub before: u64,
    /// What it is.
    pub now: u64,
}

impl Change {
    /// In tenths of a per cent of what it was, rounded half away from zero; `None` where it was nothing.
    #[must_use]
    pub fn tenths(self) -> Option<i128> {
        let (before, now) = (i128::from(self.before), i128::from(self.now));
        let size = ((now - before).abs() * 2_000 + before).checked_div(before * 2)?;
        Some(if now < before { -size } else { size })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(tenths) = self.tenths() else { return f.write_str("n/a") };
        let sign = match tenths {
            ..0 => "−",
            0 => "",
            1.. => "+",
        };
        let size = tenths.abs();
        write!(f, "{sign}{}.{} %", size / 10, size % 10)
    }
}

/// Whether each number is less than the one before it.
#[must_use]
pub fn is_falling(series: &[u64]) -> bool {
    series.is_sorted_by(|before, now| now < before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: u64, now: u64) -> String {
        Change { before, now }.to_string()
    }

    /// Fixture A5.
    #[test]
    fn cross_level_visits_beside_last_year() {
        assert_eq!((told(1_000, 616), told(5_000, 3_720)), ("−38.4 %".into(), "−25.6 %".into()));
        assert_eq!((told(1_000, 552), told(5_000, 2_040)), ("−44.8 %".into(), "−59.2 %".into()));
        assert_eq!((told(0, 7), told(0, 0)), ("n/a".into(), "n/a".into()));
        assert_eq!((told(7, 7), told(8, 9)), ("0.0 %".into(), "+12.5 %".into()));
        assert_eq!(told(1, u64::MAX).chars().next(), Some('+'));
    }

    /// Fixture B6.
    #[test]
    fn a_series_falls_only_if_every_month_does() {
        assert!(is_falling(&[600, 570, 540, 500, 470, 430]));
        assert!(!is_falling(&[600, 570, 570, 500]));
    }
}
