//! Writes small workbooks (XLSX) for tests: one sheet, cells of text, numbers and dates.
//!
//! It is a ZIP archive without compression, and knows no more of either form than a reader insists on.

use std::fmt::Write as _;

/// A cell.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// Words.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A date, as the days since the epoch of the workbook.
    Date(f64),
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// The bytes of a workbook with one sheet; `since_1904` chooses the epoch of its dates.
#[must_use]
pub fn workbook(sheet: &str, rows: &[Vec<Cell<'_>>], since_1904: bool) -> Vec<u8> {
    let types = format!(
        "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
    );
    let root = format!(
        "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let epoch = u8::from(since_1904);
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><workbookPr date1904=\"{epoch}\"/><sheets><sheet name=\"{sheet}\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let parts = format!(
        "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{RELATIONS}/styles\" Target=\"styles.xml\"/></Relationships>"
    );
    let styles = format!(
        "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
    );
    archive(&[
        ("[Content_Types].xml", types),
        ("_rels/.rels", root),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", parts),
        ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", cells(rows)),
    ])
}

fn cells(rows: &[Vec<Cell<'_>>]) -> String {
    let mut data = String::new();
    for (row, cells) in rows.iter().enumerate() {
        let row = row + 1;
        _ = write!(data, "<row r=\"{row}\">");
        for (column, cell) in (b'A'..=b'Z').map(char::from).zip(cells) {
            let at = format!("{column}{row}");
            _ = match cell {
                Cell::Text(text) => {
                    write!(data, "<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
                }
                Cell::Number(number) => write!(data, "<c r=\"{at}\"><v>{number}</v></c>"),
                Cell::Date(days) => write!(data, "<c r=\"{at}\" s=\"1\"><v>{days}</v></c>"),
            };
        }
        data.push_str("</row>");
    }
    format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{data}</sheetData></worksheet>")
}

fn archive(files: &[(&str, String)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let offset = length(&bytes);
        let shape = [
            &20_u16.to_le_bytes()[..],
            &[0; 8],
            &checksum(text.as_bytes()).to_le_bytes(),
            &length(text.as_bytes()).to_le_bytes(),
            &length(text.as_bytes()).to_le_bytes(),
            &u16::try_from(name.len()).unwrap_or(0).to_le_bytes(),
            &[0; 2],
        ]
        .concat();
        bytes.extend([b"PK\x03\x04", &shape[..], name.as_bytes(), text.as_bytes()].concat());
        let place = [&[0; 10][..], &offset.to_le_bytes()].concat();
        directory.extend([b"PK\x01\x02\x14\0", &shape[..], &place, name.as_bytes()].concat());
    }
    let count = u16::try_from(files.len()).unwrap_or(0).to_le_bytes();
    let (size, offset) = (length(&directory).to_le_bytes(), length(&bytes).to_le_bytes());
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &offset, &[0; 2]].concat();
    [bytes, directory, end].concat()
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// CRC-32 as ZIP has it.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)))
}
