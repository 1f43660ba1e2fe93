//! An organ as a row of a table: its columns, how each is read, and how it is written.
//!
//! Columns are found by name, in Chinese or English, in any order; those that are not there are empty. A cell that is
//! wrong is named with its column. Which coding and which quotes a file has is not asked here.

use jiff::civil::Date;

use super::{Category, Organ, OrganCode, OrganCodeError};
use crate::division::{CodeError, DivisionCode};

/// The columns, in the order in which they are written.
pub const COLUMNS: [(&str, &str); 9] = [
    ("code", "机构编码"),
    ("division", "区划"),
    ("category", "类别"),
    ("name", "名称"),
    ("superior", "上级机构"),
    ("valid_from", "起始日期"),
    ("valid_to", "终止日期"),
    ("successor", "继任机构"),
    ("revision", "变更次数"),
];

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// A code that is none.
    #[error("{column}: {error}")]
    Code {
        /// Its column.
        column: &'static str,
        /// What is wrong.
        error: OrganCodeError,
    },
    /// A division that is none.
    #[error("区划 division: {0}")]
    Division(CodeError),
    /// A code of another division.
    #[error(
        "编码 {code} 不属区划 {division} the code is of another division: leave the division away, or give a code of its own"
    )]
    Elsewhere {
        /// The code.
        code: OrganCode,
        /// The division of the row.
        division: DivisionCode,
    },
    /// A category there is none of.
    #[error("类别 {0:?} 未知 no such category; there are: {all}", all = known())]
    Category(String),
    /// A day that is none.
    #[error("{column} 的日期 {text:?} 应为 YYYY-MM-DD is no day of that form")]
    Day {
        /// Its column.
        column: &'static str,
        /// As it stood.
        text: String,
    },
    /// A number that is none.
    #[error("变更次数 {0:?} 应为整数 the revision shall be a whole number, 0 for a new organ")]
    Revision(String),
}

/// The categories there are, for whoever wrote another.
fn known() -> String {
    let all = Category::all().map(|one| format!("{} {} {}", one.number(), one.zh(), one.en()));
    all.collect::<Vec<_>>().join(", ")
}

/// Reads an organ out of the cells of a row; `cell` is asked for a column's cell by its English and its Chinese name.
///
/// # Errors
///
/// [`RowError`] names the column and says what would be right.
pub fn read<'a>(cell: impl Fn(&str, &str) -> &'a str) -> Result<Organ, RowError> {
    let text = |place: usize| {
        let (en, zh) = COLUMNS[place];
        (en, cell(en, zh).trim())
    };
    let code = |(column, text): (&'static str, &str)| {
        text.parse::<OrganCode>().map_err(|error| RowError::Code { column, error })
    };
    let code_if = |place: usize| {
        let cell = text(place);
        (!cell.1.is_empty()).then(|| code(cell)).transpose()
    };
    let day = |place: usize| {
        let (column, text) = text(place);
        text.parse::<Date>().map_err(|_| RowError::Day { column, text: text.to_owned() })
    };
    let own = code(text(0))?;
    let (_, place) = text(1);
    if !place.is_empty() {
        let division: DivisionCode = place.parse().map_err(RowError::Division)?;
        if division != own.division() {
            return Err(RowError::Elsewhere { code: own, division });
        }
    }
    let (_, category) = text(2);
    let (_, revision) = text(8);
    Ok(Organ {
        code: own,
        category: Category::named(category)
            .ok_or_else(|| RowError::Category(category.to_owned()))?,
        name: text(3).1.to_owned(),
        superior: code_if(4)?,
        valid_from: day(5)?,
        valid_to: (!text(6).1.is_empty()).then(|| day(6)).transpose()?,
        successor: code_if(7)?,
        revision: match revision {
            "" => 0,
            some => some.parse().map_err(|_| RowError::Revision(some.to_owned()))?,
        },
    })
}

/// The cells of an organ, in the order of [`COLUMNS`].
#[must_use]
pub fn cells(organ: &Organ) -> [String; COLUMNS.len()] {
    let code = |code: Option<OrganCode>| code.map(|code| code.to_string()).unwrap_or_default();
    [
        organ.code.to_string(),
        organ.division().short(),
        organ.category.zh().to_owned(),
        organ.name.clone(),
        code(organ.superior),
        organ.valid_from.to_string(),
        organ.valid_to.map(|day| day.to_string()).unwrap_or_default(),
        code(organ.successor),
        organ.revision.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn county() -> Organ {
        Organ {
            code: "410221000-001-1".parse().unwrap(),
            category: Category::PetitionOffice,
            name: "杞县信访局".into(),
            superior: OrganCode::of("4102".parse().unwrap(), 1),
            valid_from: date(2010, 1, 1),
            valid_to: Some(date(2020, 12, 31)),
            successor: OrganCode::of("410221".parse().unwrap(), 2),
            revision: 1,
        }
    }

    fn read_with(change: (usize, &'static str)) -> Result<Organ, RowError> {
        let mut cells = cells(&county());
        change.1.clone_into(&mut cells[change.0]);
        read(|en, _| {
            let place = COLUMNS.iter().position(|(name, _)| *name == en).unwrap();
            &cells[place]
        })
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(read_with((1, "410221")), Ok(county()));
        assert_eq!(read_with((1, "")), Ok(county()));
        let new = read_with((8, "")).unwrap();
        assert_eq!(new.revision, 0);
    }

    #[test]
    fn each_wrong_cell_is_named() {
        let wrong = |place, text| read_with((place, text)).unwrap_err().to_string();
        assert!(wrong(0, "410221000-001-2").starts_with("code: "));
        assert!(wrong(1, "4102").contains("another division"));
        assert!(wrong(2, "某局").contains("信访部门"));
        assert!(wrong(4, "x").starts_with("superior: "));
        assert!(wrong(5, "").starts_with("valid_from"));
        assert!(wrong(6, "2020/12/31").starts_with("valid_to"));
        assert!(wrong(7, "1").starts_with("successor: "));
        assert!(wrong(8, "-1").contains("revision"));
    }
}
