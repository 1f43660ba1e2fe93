//! CSV: delimited fields below a header, as RFC 4180 has them.
//!
//! Records are cut out of the file by their bytes, because rejected ones are kept byte for byte. A quote
//! matters at the beginning of a field and inside a quoted one; elsewhere it is a letter. A quote that never
//! closes, or closes in the middle of a field, spoils its own line alone: the next line is read for itself, so
//! that a lost quote does not swallow the rows behind it. In a rejects file `_line` and `_reason` stand before the first column.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::encoding::Encoding;
use super::input::{FileError, Input};
use super::lines::{LONGEST, Lines, Place};
use super::reason::Reason;
use super::row::{Cells, Names, Row};

/// The columns that a rejects file puts before the others.
pub(super) const ANNOTATIONS: [&str; 2] = ["_line", "_reason"];

/// Most columns of a file: as many as a sheet can have.
const COLUMNS: usize = 16_384;

/// Reads the rows of a file.
#[derive(Debug)]
pub(crate) struct Csv {
    lines: Lines,
    encoding: Encoding,
    delimiter: u8,
    header: Vec<u8>,
    names: Names,
    annotated: bool,
    /// Whether it begins with a byte order mark.
    marked: bool,
}

/// Where the fields of a record lie in its bytes, as far as they have been read.
#[derive(Debug)]
struct Fields {
    delimiter: u8,
    state: State,
    begin: usize,
    read: usize,
    ranges: Vec<Range<usize>>,
    /// Whether a quote closed in the middle of a field.
    stray: bool,
}

/// A record as it was cut out of the file.
#[derive(Debug)]
struct Record {
    /// The line it begins on.
    line: u64,
    /// Its bytes; of a broken one those of its first line.
    raw: Vec<u8>,
    /// Where its fields lie, or why it has none.
    fields: Result<Vec<Range<usize>>, Reason>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning of a field.
    Begin,
    /// In a field without quotes, or behind the closing one.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that closes the field or is the first of two.
    Quote,
}

impl Csv {
    pub(super) fn open(
        input: &Input,
        encoding: Encoding,
        delimiter: u8,
    ) -> Result<Self, FileError> {
        let mark = encoding.mark();
        let skipped = if input.head().starts_with(mark) { mark.len() } else { 0 };
        let lines = Lines::open(input, skipped)?;
        let (header, names) = (Vec::new(), Names::default());
        let (annotated, marked) = (false, skipped > 0);
        let mut csv = Self { lines, encoding, delimiter, header, names, annotated, marked };
        csv.read_header(input)?;
        Ok(csv)
    }

    /// The bytes of the header, without the columns of a rejects file.
    pub(super) fn header(&self) -> &[u8] {
        &self.header
    }

    /// Whether it begins with a byte order mark.
    pub(super) fn is_marked(&self) -> bool {
        self.marked
    }

    pub(super) fn names_mut(&mut self) -> &mut Names {
        &mut self.names
    }

    pub(super) fn columns(&self) -> Vec<String> {
        self.names.iter().map(ToString::to_string).collect()
    }

    pub(super) fn place(&self) -> Place {
        self.lines.place()
    }

    pub(super) fn seek(&mut self, place: Place) -> Result<(), FileError> {
        self.lines.seek(place)
    }

    /// The next row; lines with nothing on them are none.
    pub(super) fn next(&mut self) -> Result<Option<Row>, FileError> {
        let Some(Record { line, raw, fields }) = self.record()? else { return Ok(None) };
        let skipped = if self.annotated { ANNOTATIONS.len() } else { 0 };
        let cells =
            fields.and_then(|ranges| self.cells(&raw, ranges.get(skipped..).unwrap_or_default()));
        let mut row = Row { line, mended: self.annotated, raw, cells };
        if self.annotated {
            self.strip(&mut row);
        }
        Ok(Some(row))
    }

    /// Takes what a rejects file put before a row away from it. It was written without quotes.
    fn strip(&self, row: &mut Row) {
        let mut ends = row.raw.iter().enumerate().filter(|(_, byte)| **byte == self.delimiter);
        let (Some((line, _)), Some((reason, _))) = (ends.next(), ends.next()) else { return };
        let text = String::from_utf8_lossy(&row.raw[..line]).replace('"', "");
        match text.trim().parse() {
            Ok(line) => row.line = line,
            Err(_) => row.cells = Err(Reason::Annotation(text.chars().take(80).collect())),
        }
        row.raw.drain(..=reason);
    }

    /// The next record.
    fn record(&mut self) -> Result<Option<Record>, FileError> {
        let (mut raw, mut first) = (Vec::new(), None);
        let mut fields = Fields::new(self.delimiter);
        loop {
            let more = self.lines.read(&mut raw)?;
            if more && first.is_none() && raw.trim_ascii().is_empty() {
                raw.clear();
                continue;
            }
            let now = more.then_some((self.lines.place(), raw.len()));
            let Some((after, length)) = first.or(now) else { return Ok(None) };
            first = Some((after, length));
            fields.read(&raw);
            let line = after.lines;
            if fields.state != State::Quoted && !fields.stray {
                return Ok(Some(Record { line, raw, fields: Ok(fields.ranges) }));
            }
            if fields.stray || !more {
                self.lines.seek(after)?;
                raw.truncate(length);
                let why = if fields.stray { Reason::StrayQuote } else { Reason::Unclosed };
                return Ok(Some(Record { line, raw, fields: Err(why) }));
            }
            if raw.len() > LONGEST {
                return Err(self.lines.too_long(line));
            }
        }
    }

    fn cells(&self, raw: &[u8], ranges: &[Range<usize>]) -> Result<Cells, Reason> {
        let (expected, found) = (self.names.len(), ranges.len());
        let undecodable = || Reason::Undecodable(self.encoding);
        let mut cells = Cells::below(self.names.clone(), raw.len());
        // What is UTF-8 as a whole is so in every cell, since these end at letters of ASCII.
        let whole = match self.encoding {
            Encoding::Utf8 => Some(std::str::from_utf8(raw).map_err(|_| undecodable())?),
            Encoding::Gb18030 => None,
        };
        for range in ranges {
            match (whole, unquoted(&raw[range.clone()])) {
                (Some(text), Cow::Borrowed(_)) => cells.push(&text[range.clone()]),
                (_, bytes) => cells.push(&self.encoding.decode(&bytes).ok_or_else(undecodable)?),
            }
        }
        if expected != found {
            return Err(Reason::FieldCount { expected, found });
        }
        Ok(cells)
    }

    fn read_header(&mut self, input: &Input) -> Result<(), FileError> {
        let path = || input.path().to_path_buf();
        let Some(Record { line, raw, fields }) = self.record()? else {
            return Err(FileError::Empty(path()));
        };
        let bad = |why: &str| FileError::Header { path: path(), line, why: why.to_owned() };
        let ranges = fields.map_err(|reason| bad(&reason.to_string()))?;
        if ranges.len() > COLUMNS {
            return Err(bad("it has more columns than any sheet"));
        }
        let names = ranges.iter().map(|range| {
            let name = self.encoding.decode(&unquoted(&raw[range.clone()]))?.trim().to_owned();
            Some(name)
        });
        let names: Option<Vec<String>> = names.collect();
        let mut names = names.ok_or_else(|| bad("it holds bytes that are not of its coding"))?;
        self.annotated = names.iter().take(ANNOTATIONS.len()).eq(ANNOTATIONS);
        let mut begin = 0;
        if self.annotated {
            names.drain(..ANNOTATIONS.len());
            begin = ranges.get(ANNOTATIONS.len()).map_or(0, |range| range.start);
        }
        no_duplicates(&names, input, line)?;
        self.names = names.into_iter().map(Into::into).collect();
        self.header = raw[begin..].to_vec();
        Ok(())
    }
}

/// Refuses two columns of one name; columns without a name are no columns.
pub(super) fn no_duplicates(names: &[String], input: &Input, line: u64) -> Result<(), FileError> {
    let mut known = HashMap::new();
    for (second, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        if let Some(first) = known.insert(name, second) {
            let (path, name) = (input.path().to_path_buf(), name.clone());
            let (first, second) = (first + 1, second + 1);
            return Err(FileError::DuplicateColumn { path, line, first, second, name });
        }
    }
    Ok(())
}

/// A record of these fields, each quoted where it must be.
pub(crate) fn record<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let quoted = fields.map(|field| {
        let plain = !field.contains(['"', ',', '\r', '\n']) && field.trim() == field;
        if plain { field.to_owned() } else { format!("\"{}\"", field.replace('"', "\"\"")) }
    });
    format!("{}\r\n", quoted.collect::<Vec<_>>().join(","))
}

impl Fields {
    fn new(delimiter: u8) -> Self {
        Self { delimiter, state: State::Begin, begin: 0, read: 0, ranges: Vec::new(), stray: false }
    }

    /// Reads on in a record that has grown.
    fn read(&mut self, raw: &[u8]) {
        for (at, byte) in raw.iter().enumerate().skip(self.read) {
            self.stray |=
                self.state == State::Quote && ![b'"', b'\r', b'\n', self.delimiter].contains(byte);
            self.state = match (self.state, *byte) {
                (State::Quoted, b'"') => State::Quote,
                (State::Quoted, _) | (State::Quote | State::Begin, b'"') => State::Quoted,
                (_, b'\n') => State::Plain,
                (_, byte) if byte == self.delimiter => {
                    self.ranges.push(self.begin..at);
                    self.begin = at + 1;
                    State::Begin
                }
                (State::Begin | State::Plain | State::Quote, _) => State::Plain,
            };
        }
        self.read = raw.len();
        if self.state != State::Quoted {
            let end = raw.strip_suffix(b"\n").unwrap_or(raw);
            let end = end.strip_suffix(b"\r").unwrap_or(end).len();
            self.ranges.push(self.begin..end);
        }
    }
}

/// The value of a field: without its quotes, two quotes inside being one.
fn unquoted(field: &[u8]) -> Cow<'_, [u8]> {
    let Some(inside) = field.strip_prefix(b"\"") else { return Cow::Borrowed(field) };
    let (mut value, mut quoted, mut bytes) = (Vec::new(), true, inside.iter().peekable());
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.peek() == Some(&&b'"') => value.extend(bytes.next()),
            b'"' if quoted => quoted = false,
            byte => value.push(*byte),
        }
    }
    Cow::Owned(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(record: &str) -> Vec<String> {
        let mut fields = Fields::new(b',');
        fields.read(record.as_bytes());
        let raw = record.as_bytes();
        let texts = fields.ranges.iter().map(|range| unquoted(&raw[range.clone()]));
        texts.map(|bytes| String::from_utf8(bytes.into_owned()).unwrap()).collect()
    }

    #[test]
    fn fields_are_what_the_csv_crate_reads() {
        for record in [
            "a,b,c\n",
            "a,,\r\n",
            "\"a\",\"b,c\",\"d\"\"e\"\n",
            "\"two\nlines\",x\r\n",
            "a\"b,c\"\n",
            "\"\",\"\"\"\"\n",
            " \"a\",b\n",
            "最后,一行",
        ] {
            let mut oracle = csv::ReaderBuilder::new();
            let mut oracle = oracle.has_headers(false).from_reader(record.as_bytes());
            let expected: Vec<String> =
                oracle.records().next().unwrap().unwrap().iter().map(Into::into).collect();
            assert_eq!(split(record), expected, "{record:?}");
        }
    }

    #[test]
    fn a_quote_that_closes_in_the_middle_of_a_field_is_seen() {
        for (record, stray) in
            [("\"a\"b,c\n", true), ("\"a\",\"b\"\r\n", false), ("a\"b\"c\n", false)]
        {
            let mut fields = Fields::new(b',');
            fields.read(record.as_bytes());
            assert_eq!(fields.stray, stray, "{record:?}");
        }
    }

    #[test]
    fn a_record_that_is_written_is_read_again() {
        let fields = ["a", "b,c", "d\"e", "f\r\ng", "", " h"];
        assert_eq!(split(&record(fields.into_iter())), fields);
    }
}
