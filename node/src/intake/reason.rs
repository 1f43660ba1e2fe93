//! Why a row was not taken in, for the person who mends it.

use jiff::civil::Date;
use terrace_proto::division::{CodeError, DivisionError};
use terrace_proto::organ::row::RowError;

use super::encoding::Encoding;
use crate::desk::TEXT_LIMIT;

/// Why a row was rejected. The text names the field and says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Bytes that are no text.
    #[error("含有不属于 {0} 的字节 it holds bytes that are not {0}")]
    Undecodable(Encoding),
    /// Not a JSON object.
    #[error("不是一个 JSON 对象 it is not one JSON object: {0}")]
    Json(String),
    /// A quote without its end.
    #[error("引号未闭合 a quote opens in this line and never closes")]
    Unclosed,
    /// A quote that closes too early, or stands for another that was lost.
    #[error(
        "引号错位 a quote closes in the middle of a field: double it, or add the one that is missing"
    )]
    StrayQuote,
    /// Not as many fields as the header has.
    #[error("应有 {expected} 栏，实有 {found} 栏 expected {expected} fields, found {found}")]
    FieldCount {
        /// As the header has them.
        expected: usize,
        /// As the row has them.
        found: usize,
    },
    /// The annotation of a rejects file was spoilt.
    #[error("_line 应为行号 _line shall be the number of a line, and is {0:?}")]
    Annotation(String),
    /// A NUL in a field.
    #[error("{0} 含空字符 {0} holds a NUL character: remove it")]
    Nul(&'static str),
    /// More than the desk takes.
    #[error(
        "标题与内容共 {0} 字节，超出上限 title and text have {0} bytes, at most {TEXT_LIMIT} are taken"
    )]
    TooLong(usize),
    /// A short field that is not.
    #[error("{field} 共 {size} 字节，超出上限 {field} has {size} bytes, at most {limit} are taken")]
    FieldTooLong {
        /// The field.
        field: &'static str,
        /// Its bytes.
        size: usize,
        /// As many as are taken.
        limit: usize,
    },
    /// Nothing was said.
    #[error("标题与内容皆空 it has neither title nor text")]
    NoWords,
    /// A word that the map does not translate.
    #[error(
        "{field} 的值 {value:?} 未在映射中 {field} {value:?} is not among the values of the map"
    )]
    Untranslated {
        /// The field.
        field: &'static str,
        /// The source's word.
        value: String,
    },
    /// Not a channel.
    #[error(
        "{0:?} 不是信访形式代码 {0:?} is not a channel: LET VIS WEB TEL SMS VID FAX EML APP WCH OTH"
    )]
    Channel(String),
    /// Not a code of a division.
    #[error("区划代码 {text:?} 有误 place {text:?}: {error}")]
    Code {
        /// As it stood.
        text: String,
        /// What is wrong.
        error: CodeError,
    },
    /// No division with a node.
    #[error("区划代码有误 place: {0}")]
    Place(DivisionError),
    /// Not a code of whoever registered it.
    #[error("登记单位代码 {text:?} 有误 registrar {text:?}: {error}")]
    Registrar {
        /// As it stood.
        text: String,
        /// What is wrong.
        error: CodeError,
    },
    /// Neither done nor not.
    #[error("办结标志 {0:?} 应为 1 或 0 done {0:?} shall be 1 or 0")]
    Done(String),
    /// Not a number of persons.
    #[error("人次 {0:?} 应为正整数 persons {0:?} shall be a whole number from 1")]
    Persons(String),
    /// A cell that keeps a row from being an organ.
    #[error(transparent)]
    Organ(RowError),
    /// A report among petitions.
    #[error(
        "信访目的为检举控告，须密封办理，不得在此导入：请用 accusation take its purpose is an accusation, which is sealed: take it with `accusation take`"
    )]
    Report,
    /// Another record came under the same id.
    #[error(
        "同一标识已有另一记录（原编号 {0}）another record is held under this id, with the number {0}: give this one an id of its own"
    )]
    Another(String),
    /// The desk does not take it.
    #[error("{0}")]
    Refused(String),
    /// Not a date.
    #[error("{field} 的日期 {text:?} 无法识别 {field} {text:?} is not a date of the expected form")]
    Date {
        /// The field.
        field: &'static str,
        /// As it stood.
        text: String,
    },
    /// A day that cannot be.
    #[error("{field} 的日期 {day} 超出范围 {field} {day} is not between {first} and {last}")]
    Day {
        /// The field.
        field: &'static str,
        /// The day.
        day: Date,
        /// The first day taken.
        first: Date,
        /// The last day taken.
        last: Date,
    },
}
