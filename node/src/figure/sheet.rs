//! A table as a sheet: CSV, XLSX and Parquet, one row for each figure of each division (so that Spark, Trino, DuckDB and
//! DataFusion read it as well as a spreadsheet does).
//!
//! All three hold the same columns. Where few persons came the numbers are empty.

use std::sync::Arc;

use parquet::basic::{ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use rust_xlsxwriter::{Workbook, XlsxError};
use terrace_proto::figure::Shape;
use terrace_proto::figure::share::Share;
use terrace_proto::figure::table::{Line, Shown, Table, Value};

use super::told::{FEW, part, points};
use crate::view::name_of;

/// Columns of words, and behind them columns of numbers.
const WORDS: [&str; 10] = [
    "division",
    "name",
    "figure",
    "zh",
    "en",
    "part_zh",
    "part_en",
    "told",
    "told_before",
    "change",
];
const NUMBERS: [&str; 4] = ["of", "all", "of_before", "all_before"];

/// Why no sheet was made.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The writer of CSV failed.
    #[error("CSV: {0}")]
    Csv(String),
    /// The writer of workbooks failed.
    #[error("XLSX: {0}")]
    Xlsx(#[from] XlsxError),
    /// The writer of Parquet failed.
    #[error("Parquet: {0}")]
    Parquet(#[from] ParquetError),
}

/// How one form is written.
pub type Write = fn(&Table) -> Result<Vec<u8>, SheetError>;

/// The forms, by the ending of their files.
pub const FORMS: [(&str, Write); 3] = [("csv", csv), ("xlsx", xlsx), ("parquet", parquet)];

/// One row.
struct Row {
    words: [String; WORDS.len()],
    numbers: [Option<u64>; NUMBERS.len()],
}

fn rows(table: &Table) -> Vec<Row> {
    let all = table.rows.iter();
    let all =
        all.flat_map(|row| row.values.iter().map(|(line, value)| (row.division, line, value)));
    let rows = all.map(|(division, line, value)| {
        let (part_zh, part_en) = part(*line);
        let words = [
            division.to_string(),
            name_of(division),
            line.figure.code().to_owned(),
            line.figure.zh().to_owned(),
            line.figure.en().to_owned(),
            part_zh,
            part_en,
            told(*line, value.now),
            told(*line, value.before),
            change(*line, *value),
        ];
        let number = |shown, of: fn(Share) -> u64| match shown {
            Shown::Share(share) => Some(of(share)),
            Shown::Few => None,
        };
        let numbers = [
            number(value.now, |one| one.of),
            number(value.now, |one| one.all),
            number(value.before, |one| one.of),
            number(value.before, |one| one.all),
        ];
        Row { words, numbers }
    });
    rows.collect()
}

/// A number as people read it: a share in per cent, a count, batches and persons, or that they are few.
#[must_use]
pub fn told(line: Line, shown: Shown) -> String {
    match (shown, line.figure.shape()) {
        (Shown::Few, _) => FEW.to_owned(),
        (Shown::Share(share), Shape::Share) => share.to_string(),
        (Shown::Share(share), Shape::Count) => share.of.to_string(),
        (Shown::Share(share), Shape::Visits) => format!("{} / {}", share.of, share.all),
    }
}

/// How a number changed from the year before, as people read it.
#[must_use]
pub fn change(line: Line, value: Value) -> String {
    let relative = |of: fn(Share) -> u64| {
        value.change(of).map_or_else(|| "n/a".to_owned(), |change| change.to_string())
    };
    match line.figure.shape() {
        Shape::Share => points(value),
        Shape::Count => relative(|share| share.of),
        Shape::Visits => format!("{} / {}", relative(|one| one.of), relative(|one| one.all)),
    }
}

fn csv(table: &Table) -> Result<Vec<u8>, SheetError> {
    let failed = |error: csv::Error| SheetError::Csv(error.to_string());
    // Spreadsheets take UTF-8 for what it is only behind this mark.
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(WORDS.iter().chain(&NUMBERS)).map_err(failed)?;
    for row in rows(table) {
        let numbers = row.numbers.map(|number| number.map_or(String::new(), |n| n.to_string()));
        writer.write_record(row.words.iter().chain(&numbers)).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| SheetError::Csv(error.to_string()))
}

fn xlsx(table: &Table) -> Result<Vec<u8>, SheetError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("统计表")?;
    for (column, name) in (0..).zip(WORDS.iter().chain(&NUMBERS)) {
        sheet.write_string(0, column, *name)?;
    }
    for (place, row) in (1..).zip(rows(table)) {
        for (column, word) in (0..).zip(&row.words) {
            sheet.write_string(place, column, word)?;
        }
        let first = u16::try_from(WORDS.len()).expect("a few columns");
        for (column, number) in (first..).zip(row.numbers) {
            if let Some(number) = number {
                // Exact up to 2^53, which no count reaches.
                sheet.write_number(place, column, number as f64)?;
            }
        }
    }
    Ok(workbook.save_to_buffer()?)
}

fn parquet(table: &Table) -> Result<Vec<u8>, SheetError> {
    let rows = rows(table);
    let mut writer = SerializedFileWriter::new(
        Vec::new(),
        Arc::new(schema()?),
        Arc::new(WriterProperties::builder().build()),
    )?;
    let mut group = writer.next_row_group()?;
    for column in 0..WORDS.len() {
        let words = rows.iter().map(|row| ByteArray::from(row.words[column].as_str()));
        write_column::<ByteArrayType>(&mut group, &words.collect::<Vec<_>>(), None)?;
    }
    for column in 0..NUMBERS.len() {
        let numbers = rows.iter().map(|row| row.numbers[column]);
        let there: Vec<i16> = numbers.clone().map(|number| i16::from(number.is_some())).collect();
        let signed = numbers.flatten().map(|number| i64::try_from(number).unwrap_or(i64::MAX));
        write_column::<Int64Type>(&mut group, &signed.collect::<Vec<_>>(), Some(&there))?;
    }
    group.close()?;
    Ok(writer.into_inner()?)
}

fn schema() -> Result<Type, ParquetError> {
    let words = WORDS.iter().map(|name| {
        Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_converted_type(ConvertedType::UTF8)
            .build()
    });
    let numbers = NUMBERS.iter().map(|name| {
        Type::primitive_type_builder(name, Physical::INT64)
            .with_repetition(Repetition::OPTIONAL)
            .build()
    });
    let fields = words.chain(numbers).map(|field| field.map(Arc::new));
    Type::group_type_builder("table").with_fields(fields.collect::<Result<_, _>>()?).build()
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
    there: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(values, there, None)?;
    column.close()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::RowAccessor as _;
    use terrace_proto::division::{DivisionCode, Tree};
    use terrace_proto::figure::Figure;
    use terrace_proto::figure::cell::Changes;
    use terrace_proto::figure::measured::Measured;
    use terrace_proto::figure::period::Period;
    use terrace_proto::figure::tally::Tally;

    use super::*;

    fn sample() -> Table {
        let measured = |figure, facet, of, all| Measured {
            figure,
            facet,
            office: "410221".parse().unwrap(),
            day: jiff::civil::date(2026, 3, 9),
            share: Share { of, all },
        };
        let measured =
            [measured(Figure::OnSchedule, 0, 3, 4), measured(Figure::CrossLevel, 100, 1, 2)];
        let (mut changes, mut tally) = (Changes::default(), Tally::default());
        changes.add(&measured, Tree::national(), DivisionCode::HUB);
        tally.change(&changes);
        Table::of(Tree::national(), DivisionCode::HUB, Period::read("2026").unwrap(), &tally)
    }

    #[test]
    fn a_sheet_of_csv_has_a_line_for_each_figure_of_each_division() {
        let text = String::from_utf8(csv(&sample()).unwrap()).unwrap();
        let henan =
            text.lines().find(|line| line.contains("410000000000") && line.contains("on_schedule"));
        assert!(
            henan.unwrap().contains("75.0 %") && henan.unwrap().ends_with(",3,4,0,0"),
            "{henan:?}"
        );
        let few = text.lines().find(|line| line.contains("410000000000") && line.contains("到省"));
        assert!(few.unwrap().contains("<5") && few.unwrap().ends_with(",,,0,0"), "{few:?}");
    }

    #[test]
    fn a_sheet_of_parquet_reads_back() {
        let bytes = parquet(&sample()).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
        let of = |figure: &str| {
            let mut found = reader.get_row_iter(None).unwrap().map(Result::unwrap).filter(|row| {
                row.get_string(0).unwrap() == "410000000000" && row.get_string(2).unwrap() == figure
            });
            found.find(|row| row.get_string(7).unwrap() != "0 / 0").unwrap()
        };
        assert_eq!(
            (of("on_schedule").get_long(10).unwrap(), of("on_schedule").get_long(11).unwrap()),
            (3, 4)
        );
        assert!(of("cross_level").get_long(10).is_err(), "few are not told");
        assert_eq!(
            rows.count(),
            csv(&sample()).unwrap().iter().filter(|byte| **byte == b'\n').count() - 1
        );
    }

    #[test]
    fn a_workbook_reads_back() {
        use calamine::Reader as _;
        let bytes = std::io::Cursor::new(xlsx(&sample()).unwrap());
        let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(bytes).unwrap();
        let sheet = book.worksheet_range("统计表").unwrap();
        let row =
            sheet.rows().find(|row| row[0] == "410000000000" && row[2] == "on_schedule").unwrap();
        assert_eq!((row[7].to_string(), row[10].to_string()), ("75.0 %".into(), "3".into()));
    }
}
