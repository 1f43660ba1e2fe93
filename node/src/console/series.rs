//! A figure month by month, as a line beside that of the year before.
//!
//! A month in which nothing was due, or of which no day has passed, has no point: the line is not drawn down to nothing.

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use terrace_proto::division::DivisionCode;
use terrace_proto::figure::period::Period;
use terrace_proto::figure::share::Share;
use terrace_proto::figure::tally::Tally;
use terrace_proto::figure::{Figure, Shape};

use super::frame::Frame;

const WIDTH: f64 = 1_120.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 34.0;
/// Months of a year.
const MONTHS: i32 = 12;
/// Lines across.
const STEPS: u32 = 4;

/// The picture.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) now: Track,
    pub(super) before: Track,
    pub(super) months: Vec<Tick>,
    pub(super) steps: Vec<Tick>,
    pub(super) rows: Vec<Month>,
}

/// One year's line.
#[derive(Debug, Default)]
pub(super) struct Track {
    /// Pieces of the line, each of points that follow one another.
    pub(super) lines: Vec<String>,
    pub(super) points: Vec<Point>,
}

/// One month of a line.
#[derive(Debug)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) told: String,
}

/// A word at an axis.
#[derive(Debug)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) told: String,
}

/// A month in the table beside the picture.
#[derive(Debug)]
pub(super) struct Month {
    pub(super) month: String,
    pub(super) now: String,
    pub(super) before: String,
}

impl Series {
    /// The year of months up to the end of a period.
    pub(super) fn months(period: Period) -> Period {
        let last = period.last.last_of_month();
        let first = last.first_of_month().saturating_sub(Span::new().months(MONTHS - 1));
        Period { first, last }
    }

    /// The line of a division through the months up to the end of a period, as far as they have passed at an hour.
    pub(super) fn of(
        frame: &Frame,
        figure: Figure,
        tally: &Tally,
        (at, period, now): (DivisionCode, Period, Timestamp),
    ) -> Self {
        let year = Self::months(period);
        let month = |number: i32, back: i32| {
            let first = year.first.saturating_add(Span::new().months(number - MONTHS * back));
            Period { first, last: first.last_of_month() }
        };
        // Of a month that has not begun to pass there is nothing to tell.
        let share = |period: Period| {
            let passed = period.passed(now);
            (passed.first <= passed.last).then(|| tally.share(figure, at, passed))
        };
        let of_year = |back: i32| -> Vec<(Date, Option<Share>)> {
            let months = (0..MONTHS).map(|number| month(number, back));
            months.map(|one| (one.first, share(one))).collect()
        };
        let (now, before) = (of_year(0), of_year(1));
        let told_of = now.iter().chain(&before).filter_map(|(_, share)| *share);
        let most = told_of.map(|share| share.of).max().unwrap_or(0);
        let full = if figure.shape() == Shape::Share { 1_000.0 } else { round_up(most) };
        let told = |share: &Share| match figure.shape() {
            Shape::Share => share.to_string(),
            Shape::Count | Shape::Visits => share.of.to_string(),
        };
        let height = |share: &Share| match figure.shape() {
            Shape::Share => share.tenths().map(|tenths| number(tenths) / full),
            Shape::Count | Shape::Visits => Some(number(share.of) / full),
        };
        let rows = now.iter().zip(&before).map(|((first, now), (_, before))| Month {
            month: first.strftime("%Y-%m").to_string(),
            now: now.as_ref().map_or_else(|| "–".to_owned(), told),
            before: before.as_ref().map_or_else(|| "–".to_owned(), told),
        });
        let rows = rows.collect();
        let months = now.iter().enumerate().map(|(place, (first, _))| Tick {
            at: x_of(place),
            told: format!("{}{}", first.month(), frame.l("月", "")),
        });
        let months = months.collect();
        let steps = (0..=STEPS).map(|step| {
            let part = f64::from(step) / f64::from(STEPS);
            let told = match figure.shape() {
                Shape::Share => format!("{:.0}%", part * 100.0),
                Shape::Count | Shape::Visits => format!("{:.0}", part * full),
            };
            Tick { at: y_of(part), told }
        });
        Self {
            width: WIDTH,
            height: HEIGHT,
            now: track(&now, &height, &told),
            before: track(&before, &height, &told),
            months,
            steps: steps.collect(),
            rows,
        }
    }
}

fn track(
    months: &[(Date, Option<Share>)],
    height: &impl Fn(&Share) -> Option<f64>,
    told: &impl Fn(&Share) -> String,
) -> Track {
    let (mut track, mut line) = (Track::default(), Vec::new());
    for (place, (first, share)) in months.iter().enumerate() {
        let Some((share, part)) = share.and_then(|share| Some((share, height(&share)?))) else {
            track.lines.extend(joined(&mut line));
            continue;
        };
        let (x, y) = (x_of(place), y_of(part));
        line.push(format!("{x:.1},{y:.1}"));
        let told =
            format!("{} {}（{}/{}）", first.strftime("%Y-%m"), told(&share), share.of, share.all);
        track.points.push(Point { x, y, told });
    }
    track.lines.extend(joined(&mut line));
    track
}

fn joined(line: &mut Vec<String>) -> Option<String> {
    let line = std::mem::take(line);
    (line.len() > 1).then(|| line.join(" "))
}

fn x_of(place: usize) -> f64 {
    let place = f64::from(u32::try_from(place).unwrap_or(0));
    LEFT + (WIDTH - LEFT - 24.0) * place / f64::from(MONTHS - 1)
}

fn y_of(part: f64) -> f64 {
    TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - part.clamp(0.0, 1.0))
}

fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The next number with a single digit, at least as many as there are steps.
fn round_up(most: u64) -> f64 {
    let most = most.max(STEPS.into());
    let mut unit = 1_u64;
    while unit.saturating_mul(10) <= most {
        unit = unit.saturating_mul(10);
    }
    number(most.div_ceil(unit).saturating_mul(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_a_round_number() {
        assert_eq!([0, 4, 9, 37, 1_001].map(round_up), [4.0, 4.0, 9.0, 40.0, 2_000.0]);
    }

    #[test]
    fn a_year_ends_with_the_month_of_the_period() {
        let months = Series::months(Period::read("2026-03").unwrap());
        assert_eq!(months.to_string(), "2025-04-01..2026-03-31");
        assert_eq!(
            Series::months(Period::read("2026").unwrap()).to_string(),
            "2026-01-01..2026-12-31"
        );
    }

    #[test]
    fn a_month_in_which_nothing_was_due_breaks_the_line() {
        let month = |number: i8| jiff::civil::date(2026, number, 1);
        let kept = Share { of: 1, all: 2 };
        let shares = [Some(kept), Some(kept), Some(Share::default()), Some(kept), None];
        let months: Vec<_> = (1..).map(month).zip(shares).collect();
        let height = |share: &Share| share.tenths().map(|tenths| number(tenths) / 1_000.0);
        let track = track(&months, &height, &ToString::to_string);
        assert_eq!((track.points.len(), track.lines.len()), (3, 1));
    }
}
