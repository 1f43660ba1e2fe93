//! What a row is called in its source, so that it is registered once however often it is brought.
//!
//! A row with an id is `system:id`. One without is `system#…`, a digest of its content and of which row of
//! that content it is in its file: brought again it is the same, and two alike in one file are two. Out of a
//! rejects file, where the others are missing, the line it first stood on takes the place of that count.

use std::collections::HashMap;

use terrace_proto::digest::Digest;

use super::row::{Cells, Row};

/// Names the rows of one file, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Naming {
    /// How often a content has come, by the first bytes of its digest: two that share them share a count,
    /// which keeps names apart and the same each time.
    seen: HashMap<u64, u32>,
    unnamed: u64,
}

impl Naming {
    /// Rows so far without an id.
    pub(super) fn unnamed(&self) -> u64 {
        self.unnamed
    }

    /// The name of a row; `id` is empty where the source has none for it.
    pub(super) fn name(&mut self, system: &str, id: &str, row: &Row, cells: &Cells) -> String {
        if !id.is_empty() {
            return format!("{system}:{id}");
        }
        self.unnamed += 1;
        let content = cells.digest();
        let which = if row.mended { format!("line {}", row.line) } else { self.count(content) };
        format!("{system}#{}", Digest::of(&[&content.0, which.as_bytes()]))
    }

    fn count(&mut self, content: Digest) -> String {
        let (first, _) = content.0.split_first_chunk().expect("a digest has 32 bytes");
        let seen = self.seen.entry(u64::from_be_bytes(*first)).or_default();
        *seen += 1;
        seen.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(naming: &mut Naming, text: &str, line: u64, mended: bool) -> String {
        let cells = [("text", text)].into_iter().collect();
        let row = Row { line, mended, raw: Vec::new(), cells: Ok(Cells::default()) };
        naming.name("s", "", &row, &cells)
    }

    #[test]
    fn rows_alike_are_apart_and_the_same_each_time() {
        let mut naming = Naming::default();
        let first: Vec<_> = (1..4).map(|line| name(&mut naming, "灯", line, false)).collect();
        assert!(first[0] != first[1] && first[1] != first[2]);
        let mut again = Naming::default();
        let second: Vec<_> = (5..8).map(|line| name(&mut again, "灯", line, false)).collect();
        assert_eq!(first, second);
        assert_eq!(again.unnamed(), 3);
    }

    #[test]
    fn a_mended_row_is_named_by_the_line_it_stood_on() {
        let one = name(&mut Naming::default(), "灯", 7, true);
        assert_eq!(one, name(&mut Naming::default(), "灯", 7, true));
        assert_ne!(one, name(&mut Naming::default(), "灯", 8, true));
    }

    #[test]
    fn a_row_with_an_id_is_named_by_it() {
        let row = Row { line: 1, mended: false, raw: Vec::new(), cells: Ok(Cells::default()) };
        assert_eq!(Naming::default().name("s", "17", &row, &Cells::default()), "s:17");
    }
}
