//! The subtree as a picture: one row for each rung, every division as wide as the number of places below it,
//! coloured by how fresh its journal is here.
//!
//! Width is how many offices there are, never how many cases: the picture shows what is known and how well.

use jiff::SignedDuration;
use terrace_proto::division::{DivisionCode, Tree};

use super::frame::{Frame, hour_of};
use super::subtree::{Knowledge, Known};
use crate::view::name_of;

const WIDTH: f64 = 1_120.0;
const ROW: f64 = 64.0;
/// Rungs shown at once.
const ROWS: u32 = 3;
/// Pieces in a row, at most: more would be a blur, and the row is left to those who zoom in.
const PIECES: usize = 500;
/// Width of a character.
const CHARACTER: f64 = 13.0;
/// Narrower pieces cannot be hit; the table leads to their offices.
const HIT: f64 = 24.0;

/// How long ago the newest entries of an office were stored here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    Hour,
    Day,
    Week,
    Longer,
    Absent,
}

impl Freshness {
    pub(super) const ALL: [Self; 5] =
        [Self::Hour, Self::Day, Self::Week, Self::Longer, Self::Absent];

    /// Of an office as it is known at an hour, in milliseconds since 1970 UTC.
    pub(super) fn of(known: &Known, now: i64) -> Self {
        let Some(at) = known.stored_at else { return Self::Absent };
        match SignedDuration::from_millis(now.saturating_sub(at)).as_hours() {
            i64::MIN..1 => Self::Hour,
            1..24 => Self::Day,
            24..168 => Self::Week,
            168.. => Self::Longer,
        }
    }

    /// For the style.
    pub(super) fn class(&self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Longer => "longer",
            Self::Absent => "absent",
        }
    }

    /// In words.
    pub(super) fn told(self, frame: &Frame) -> &'static str {
        match self {
            Self::Hour => frame.l("一小时内有新条目", "new entries within the hour"),
            Self::Day => frame.l("一天内", "within a day"),
            Self::Week => frame.l("一周内", "within a week"),
            Self::Longer => frame.l("一周以上", "longer ago"),
            Self::Absent => frame.l("未入网或尚无条目", "not enrolled, or nothing yet"),
        }
    }
}

/// The picture.
#[derive(Debug)]
pub(super) struct Icicle {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) pieces: Vec<Piece>,
}

/// One division.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) address: String,
    pub(super) class: &'static str,
    /// What fits into it.
    pub(super) words: Vec<String>,
    pub(super) middle: f64,
    /// All that is known of it, in a sentence.
    pub(super) told: String,
    /// Whether one can zoom into it: pieces too narrow to hit are left to the table.
    pub(super) leads: bool,
}

/// How a division looks in a picture, and what is said of it.
#[derive(Debug)]
pub(super) struct Look {
    /// For the style.
    pub(super) class: &'static str,
    /// Where its piece leads.
    pub(super) address: String,
    /// All that is known of it, in a sentence.
    pub(super) told: String,
    /// Lines below its name, where they fit.
    pub(super) words: Vec<String>,
}

impl Icicle {
    /// The picture of a division and the rungs below it, by how fresh each is.
    pub(super) fn of(frame: &Frame, knowledge: &Knowledge, at: DivisionCode, now: i64) -> Self {
        Self::drawn(at, |code| {
            let known = knowledge.get(&code).cloned().unwrap_or_default();
            fresh(frame, &known, now, code)
        })
    }

    /// The picture of a division and the rungs below it; `look` says how each is drawn.
    pub(super) fn drawn(at: DivisionCode, look: impl Fn(DivisionCode) -> Look) -> Self {
        let mut picture = Self { width: WIDTH, height: ROW, pieces: Vec::new() };
        for (rung, row) in (0..).zip(rungs(at)) {
            let y = f64::from(rung) * ROW;
            picture.height = y + ROW;
            let pieces =
                row.into_iter().map(|(code, x, width)| piece(code, look(code), (x, y, width)));
            picture.pieces.extend(pieces);
        }
        picture
    }

    /// The divisions that such a picture shows.
    pub(super) fn divisions(at: DivisionCode) -> Vec<DivisionCode> {
        rungs(at).into_iter().flatten().map(|(code, ..)| code).collect()
    }
}

/// The rungs that are shown: each division with where it begins and how wide it is.
fn rungs(at: DivisionCode) -> Vec<Vec<(DivisionCode, f64, f64)>> {
    let (mut rungs, mut row) = (Vec::new(), vec![(at, 0.0, WIDTH)]);
    for _ in 0..ROWS {
        if row.is_empty() || row.len() > PIECES {
            break;
        }
        let next = row.iter().copied().flat_map(below).collect();
        rungs.push(std::mem::replace(&mut row, next));
    }
    rungs
}

/// The divisions that answer to one, side by side below it.
fn below((code, x, width): (DivisionCode, f64, f64)) -> Vec<(DivisionCode, f64, f64)> {
    let tree = Tree::national();
    let codes: Vec<DivisionCode> = tree.answering_to(code).map(|below| below.code).collect();
    let places = |code: DivisionCode| tree.nodes_within(code).max(1);
    let all: usize = codes.iter().map(|code| places(*code)).sum();
    let mut left = x;
    let place = |code: DivisionCode| {
        let (x, width) = (left, width * share(places(code), all));
        left += width;
        (code, x, width)
    };
    codes.into_iter().map(place).collect()
}

fn share(part: usize, all: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(part) / number(all.max(1))
}

/// How a division looks by its freshness.
fn fresh(frame: &Frame, known: &Known, now: i64, code: DivisionCode) -> Look {
    let open = format!("{} {}", frame.l("未结", "open"), known.open);
    let over = format!("{} {}", frame.l("逾期", "overdue"), known.overdue);
    let stored = known.stored_at.map_or_else(|| frame.l("无", "none").to_owned(), hour_of);
    let told = format!(
        "{} {}: {open}, {over}; {} {}, {stored}",
        name_of(code),
        code.short(),
        frame.l("检查点", "checkpoint"),
        known.size.map_or_else(|| "–".to_owned(), |size| size.to_string()),
    );
    let words = [Some(open), Some(over).filter(|_| known.overdue > 0)];
    let words = words.into_iter().flatten().filter(|_| known.size.is_some()).collect();
    let address = format!("/subtree/{}", code.short());
    Look { class: Freshness::of(known, now).class(), address, told, words }
}

fn piece(code: DivisionCode, look: Look, (x, y, width): (f64, f64, f64)) -> Piece {
    let name = name_of(code);
    let fits = |text: &str| CHARACTER * text.chars().count() as f64 + 6.0 <= width;
    let short = short_name(&name).to_owned();
    let named = [name, short].into_iter().find(|name| fits(name));
    let words = named.into_iter().chain(look.words.into_iter().filter(|text| fits(text)));
    Piece {
        x,
        y,
        width,
        height: ROW,
        address: look.address,
        class: look.class,
        words: words.collect(),
        middle: x + width / 2.0,
        told: look.told,
        leads: width >= HIT,
    }
}

/// A name without the word for its rung, where something is left of it.
fn short_name(name: &str) -> &str {
    let rungs =
        ["省", "市", "县", "区", "镇", "乡", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区"];
    let stripped = rungs.iter().filter_map(|rung| name.strip_suffix(rung));
    stripped.filter(|rest| rest.chars().count() >= 2).min_by_key(|rest| rest.len()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_to_what_is_said() {
        let short = ["河南省", "内蒙古自治区", "宁夏回族自治区", "杞县", "北京市"].map(short_name);
        assert_eq!(short, ["河南", "内蒙古", "宁夏", "杞县", "北京"]);
    }

    #[test]
    fn freshness_is_how_long_ago_the_newest_entries_came() {
        let hour = 3_600_000;
        let of = |ago: i64| {
            let known = Known { stored_at: Some(1_000 * hour), ..Known::default() };
            Freshness::of(&known, 1_000 * hour + ago)
        };
        assert_eq!(of(0), Freshness::Hour);
        assert_eq!(of(-5 * hour), Freshness::Hour, "a clock set back does not make news old");
        assert_eq!(of(hour), Freshness::Day);
        assert_eq!(of(24 * hour), Freshness::Week);
        assert_eq!(of(168 * hour), Freshness::Longer);
        assert_eq!(Freshness::of(&Known::default(), 0), Freshness::Absent);
    }
}
