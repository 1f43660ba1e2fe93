//! A table that fits the terminal: columns are narrowed and words wrapped; without a terminal, as wide as it is.

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};

/// One line below the headings and nothing else: it is read, and copied, without decoration in the way.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table with these headings.
pub(super) fn table<const N: usize>(headings: [&str; N]) -> Table {
    let mut table = plain();
    table.set_header(headings);
    table
}

/// A table without headings: names and what belongs to them.
pub(super) fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table
}
