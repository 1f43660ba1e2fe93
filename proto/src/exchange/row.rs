//! A row: one record, as far as it may be held here.

use std::collections::BTreeMap;

use super::{Block, Field, Value, Wrong};
use crate::digest::Digest;
use crate::division::DivisionCode;

/// Digits of the code of a division, written whole.
const DIGITS: usize = 12;

/// One record. It holds nothing of the petitioner or of whoever is complained of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    values: BTreeMap<Field, Value>,
}

/// What is wrong with one cell, for whoever mends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} {} {}: {wrong}", .field.code(), .field.zh(), .field.en())]
pub struct FieldError {
    /// Its field.
    pub field: Field,
    /// What is wrong, and what to do.
    pub wrong: Wrong,
}

impl Row {
    /// Reads a row out of its cells; `cell` gives that of a field, or `None` where there is no such column. Cells of the
    /// petitioner and of the accused are checked and not kept.
    ///
    /// # Errors
    ///
    /// Every cell that is wrong, in the order of the fields.
    pub fn read<'a>(cell: impl Fn(Field) -> Option<&'a str>) -> Result<Self, Vec<FieldError>> {
        let (mut row, mut errors) = (Self::default(), Vec::new());
        for field in Field::all() {
            let read = match field.form().read(cell(field).unwrap_or_default()) {
                Ok(None) if field.is_needed() => Err(Wrong::Missing),
                read => read,
            };
            match read {
                Ok(Some(value)) => row.put(field, value),
                Ok(None) => {}
                Err(wrong) => errors.push(FieldError { field, wrong }),
            }
        }
        if errors.is_empty() { Ok(row) } else { Err(errors) }
    }

    /// Fills a field; what is of a person, or not of the field's form, is left out.
    pub(super) fn put(&mut self, field: Field, value: Value) {
        let kept = field.form().read(&value.text()).is_ok_and(|read| read.as_ref() == Some(&value));
        if field.block() == Block::Petition && kept {
            self.values.insert(field, value);
        }
    }

    /// What a field holds.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.values.get(&field)
    }

    /// The cell of a field; empty where it holds nothing.
    #[must_use]
    pub fn cell(&self, field: Field) -> String {
        self.get(field).map(Value::text).unwrap_or_default()
    }

    /// All cells, in the order of the columns.
    #[must_use]
    pub fn cells(&self) -> Vec<String> {
        Field::all().map(|field| self.cell(field)).collect()
    }

    /// The division that registered it, if the row says one that can be.
    #[must_use]
    pub fn division(&self) -> Option<DivisionCode> {
        let digits = self.cell(Field::Division);
        let whole = format!("{digits:0<DIGITS$}");
        whole.parse().ok().filter(|_| !digits.is_empty())
    }

    /// The year in which it was registered.
    #[must_use]
    pub fn year(&self) -> Option<i16> {
        match self.get(Field::RegisteredAt)? {
            Value::Moment(at) => Some(at.year()),
            Value::Flag(_) | Value::Digits(_) | Value::Number(_) | Value::Words(_) => None,
        }
    }

    /// The SHA-256 of its cells, whatever file they stand in.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let cells = self.cells();
        let lengths: Vec<[u8; 8]> =
            cells.iter().map(|cell| (cell.len() as u64).to_be_bytes()).collect();
        let parts = lengths.iter().zip(&cells);
        let parts: Vec<&[u8]> =
            parts.flat_map(|(length, cell)| [&length[..], cell.as_bytes()]).collect();
        Digest::of(&parts)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use proptest::strategy::BoxedStrategy;

    use super::*;
    use crate::exchange::Form;

    fn value(form: Form) -> BoxedStrategy<Option<Value>> {
        match form {
            Form::Moment => (0..92_000_i64, 0..86_400_i64)
                .prop_map(|(day, second)| {
                    let day = date(1949, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
                    let at = day.at(0, 0, 0, 0);
                    Some(Value::Moment(at.checked_add(jiff::Span::new().seconds(second)).unwrap()))
                })
                .boxed(),
            Form::Flag => any::<bool>().prop_map(|yes| Some(Value::Flag(yes))).boxed(),
            Form::Code(digits) => proptest::collection::vec(0..10_u8, usize::from(digits))
                .prop_map(|digits| {
                    Some(Value::Digits(digits.iter().map(ToString::to_string).collect()))
                })
                .boxed(),
            Form::Division => "[0-9]{6}|[0-9]{9}|[0-9]{12}"
                .prop_map(|text: String| Some(Value::Digits(text)))
                .boxed(),
            Form::Number => any::<u32>().prop_map(|number| Some(Value::Number(number))).boxed(),
            Form::Words => any::<String>().prop_map(|text| Value::words(&text)).boxed(),
        }
    }

    proptest! {
        #[test]
        fn a_row_reads_back_from_its_cells(
            values in Field::all().map(|field| proptest::option::of(value(field.form()))).collect::<Vec<_>>(),
        ) {
            let mut row = Row::default();
            for (field, value) in Field::all().zip(values) {
                value.flatten().into_iter().for_each(|value| row.put(field, value));
            }
            for (field, text) in [
                (Field::Number, "410221-2026-1"),
                (Field::Division, "410221000000"),
                (Field::RegisteredAt, "2026/03/02 09:05:00"),
            ] {
                row.put(field, field.form().read(text).unwrap().unwrap());
            }
            let cells = row.cells();
            let read = Row::read(|field| Some(cells[field as usize].as_str()));
            prop_assert_eq!(read.as_ref(), Ok(&row));
            prop_assert_eq!(read.unwrap().digest(), row.digest());
            for field in Field::all().filter(|field| field.block() != Block::Petition) {
                prop_assert_eq!(row.cell(field), "");
            }
        }
    }

    fn read(cells: &[(&'static str, &'static str)]) -> Result<Row, Vec<FieldError>> {
        let of = |field: Field| cells.iter().find(|cell| cell.0 == field.code()).map(|cell| cell.1);
        Row::read(of)
    }

    const NEEDED: [(&str, &str); 3] =
        [("xfjbh", "410221-1"), ("xzqh", "410221"), ("djsj", "2026/03/02 09:05:00")];

    #[test]
    fn every_wrong_cell_is_named_and_those_of_people_are_checked_and_not_kept() {
        let with = |more: &[(&'static str, &'static str)]| read(&[&NEEDED[..], more].concat());
        let row =
            with(&[("xm", "甲"), ("bfyrhdw", "乙局"), ("zjlx", "111"), ("gkxx", "路灯")]).unwrap();
        assert_eq!(row.cell(Field::Summary), "路灯");
        assert!(!row.cells().concat().contains(['甲', '乙']));
        let errors = with(&[("bjbz", "是"), ("zjlx", "身份证"), ("xfrq", "昨天")]).unwrap_err();
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            errors.iter().map(|error| error.field.code()).collect::<Vec<_>>(),
            ["xfrq", "bjbz", "zjlx"]
        );
        assert!(told[0].starts_with("xfrq 信访日期") && told[0].contains("2026/03/02"), "{told:?}");
        let missing = read(&[]).unwrap_err();
        assert!(missing.iter().all(|error| error.wrong == Wrong::Missing) && missing.len() == 3);
    }

    #[test]
    fn division_and_year_are_what_it_is_reconciled_by() {
        let row = read(&NEEDED).unwrap();
        assert_eq!(row.division().unwrap().to_string(), "410221000000");
        assert_eq!(row.year(), Some(2026));
    }
}
