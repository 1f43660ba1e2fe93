//! The forms that fields have, and what a cell of each holds.
//!
//! Dates are `yyyy/MM/dd hh:mm:ss` with hours from 00 to 23, told in China. A day without an hour is read as its
//! beginning; `-` is read for `/`, because sheets write dates so.

use jiff::civil::{Date, DateTime, Time};

/// The first and the last year that is believed.
const YEARS: std::ops::RangeInclusive<i16> = 1949..=2199;

/// The form of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A day and an hour, `yyyy/MM/dd hh:mm:ss`.
    Moment,
    /// 0 no, 1 yes.
    Flag,
    /// So many digits, no fewer and no more.
    Code(u8),
    /// The code of a division: 6, 9 or 12 digits (GB/T 2260, GB/T 10114).
    Division,
    /// A whole number from 0.
    Number,
    /// Any words. Also what is a code of a table that was not found.
    Words,
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// An hour in China.
    Moment(DateTime),
    /// Yes or no.
    Flag(bool),
    /// Digits.
    Digits(String),
    /// A number.
    Number(u32),
    /// Words, never empty.
    Words(String),
}

/// What is wrong with a cell, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Not of the form of a date.
    #[error(
        "不是 yyyy/MM/dd hh:mm:ss is no date: 请写如 write it like 2026/03/02 09:05:00, hours from 00 to 23"
    )]
    Moment,
    /// A day that there is not, or cannot be.
    #[error("无此日期或超出 1949 至 2199 年 is no day from 1949 to 2199: 请核对 look the day up")]
    NoSuchDay,
    /// Neither 0 nor 1.
    #[error("应为 0 或 1 is neither 0 nor 1: 0 否 no, 1 是 yes")]
    Flag,
    /// Too few or too many digits.
    #[error(
        "应为 {digits} 位数字 shall be {digits} digits: 首位 0 丢失时请将该栏设为文本 where a leading 0 is lost, make the column text"
    )]
    Code {
        /// As many as there shall be.
        digits: u8,
    },
    /// Not the code of a division.
    #[error("应为 6、9 或 12 位区划代码 shall be the 6, 9 or 12 digits of a division (GB/T 2260)")]
    Division,
    /// Not a whole number.
    #[error("应为非负整数 shall be a whole number from 0")]
    Number,
    /// Empty, and needed.
    #[error("不得为空 is empty and needed: 请填写 fill it in")]
    Missing,
}

impl Form {
    /// Its name, in Chinese and English.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Moment => "日期 date `yyyy/MM/dd hh:mm:ss`".to_owned(),
            Self::Flag => "标志 flag 0/1".to_owned(),
            Self::Code(digits) => format!("{digits} 位代码 code of {digits} digits"),
            Self::Division => "区划代码 division, 6, 9 or 12 digits".to_owned(),
            Self::Number => "整数 number".to_owned(),
            Self::Words => "文字 words".to_owned(),
        }
    }

    /// What a cell holds; `None` where there is nothing but blanks in it.
    ///
    /// # Errors
    ///
    /// [`Wrong`] where it is not of this form.
    pub fn read(self, cell: &str) -> Result<Option<Value>, Wrong> {
        let text = cell.trim();
        if text.is_empty() {
            return Ok(None);
        }
        match self {
            Self::Moment => moment(text).map(Value::Moment),
            Self::Flag => match text {
                "0" => Ok(Value::Flag(false)),
                "1" => Ok(Value::Flag(true)),
                _ => Err(Wrong::Flag),
            },
            Self::Code(digits) => digits_of(text, &[usize::from(digits)], Wrong::Code { digits }),
            Self::Division => digits_of(text, &[6, 9, 12], Wrong::Division),
            Self::Number => text.parse().map(Value::Number).map_err(|_| Wrong::Number),
            Self::Words => return Ok(Value::words(cell)),
        }
        .map(Some)
    }
}

impl Value {
    /// Words without blanks around them, each line end a line feed, and a blank for what no cell of a sheet can hold;
    /// `None` where nothing is left.
    #[must_use]
    pub fn words(text: &str) -> Option<Self> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let fit = |letter: char| match letter {
            '\n' | '\t' => letter,
            '\u{FFFE}' | '\u{FFFF}' => ' ',
            _ if letter.is_control() => ' ',
            _ => letter,
        };
        let text: String = text.chars().map(fit).collect();
        let text = text.trim();
        (!text.is_empty()).then(|| Self::Words(text.to_owned()))
    }

    /// As a cell writes it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Moment(at) => at.strftime("%Y/%m/%d %H:%M:%S").to_string(),
            Self::Flag(yes) => u8::from(*yes).to_string(),
            Self::Digits(text) | Self::Words(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

fn digits_of(text: &str, lengths: &[usize], wrong: Wrong) -> Result<Value, Wrong> {
    let all = text.bytes().all(|byte| byte.is_ascii_digit());
    if all && lengths.contains(&text.len()) {
        Ok(Value::Digits(text.to_owned()))
    } else {
        Err(wrong)
    }
}

fn moment(text: &str) -> Result<DateTime, Wrong> {
    let (day, hour) = text.split_once(' ').map_or((text, None), |(day, hour)| (day, Some(hour)));
    let mark = if day.contains('-') { '-' } else { '/' };
    let [year, month, date] = numbers(day, mark)?;
    let [hour, minute, second] = hour.map_or(Ok([0; 3]), |hour| numbers(hour.trim(), ':'))?;
    if !YEARS.contains(&year) {
        return Err(Wrong::NoSuchDay);
    }
    let small = |number: i16| i8::try_from(number).map_err(|_| Wrong::NoSuchDay);
    let date = Date::new(year, small(month)?, small(date)?).map_err(|_| Wrong::NoSuchDay)?;
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, 0);
    Ok(date.to_datetime(time.map_err(|_| Wrong::Moment)?))
}

/// Three numbers with a mark between them.
fn numbers(text: &str, mark: char) -> Result<[i16; 3], Wrong> {
    let plain = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<i16> =
        text.split(mark).filter(plain).filter_map(|part| part.parse().ok()).collect();
    let all = text.split(mark).count() == parts.len();
    parts.try_into().ok().filter(|_| all).ok_or(Wrong::Moment)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_date_is_read_as_the_form_and_as_sheets_write_it() {
        let at = date(2026, 3, 2).at(9, 5, 0, 0);
        for text in ["2026/03/02 09:05:00", "2026-03-02 09:05:00", " 2026/3/2 9:05:00 "] {
            assert_eq!(Form::Moment.read(text), Ok(Some(Value::Moment(at))), "{text}");
        }
        let day = Value::Moment(date(2026, 3, 2).at(0, 0, 0, 0));
        assert_eq!(Form::Moment.read("2026/03/02"), Ok(Some(day.clone())));
        assert_eq!(day.text(), "2026/03/02 00:00:00");
        let wrong = |text| Form::Moment.read(text).unwrap_err();
        for text in [
            "昨天",
            "2026/03",
            "2026/03/02 9点",
            "2026/03/02 09:05",
            "2026/+3/02",
            "02/03/2026 25:00:00",
        ] {
            assert!(matches!(wrong(text), Wrong::Moment | Wrong::NoSuchDay), "{text}");
        }
        for text in ["2026/02/29", "1899/12/31 00:00:00", "2200/01/01", "2026/999/01"] {
            assert_eq!(wrong(text), Wrong::NoSuchDay, "{text}");
        }
        assert_eq!(wrong("2026/03/02 25:00:00"), Wrong::Moment);
    }

    #[test]
    fn a_cell_that_is_not_of_its_form_is_said_to_be() {
        let code = Wrong::Code { digits: 6 };
        for (form, text, wrong) in [
            (Form::Flag, "是", Wrong::Flag),
            (Form::Flag, "2", Wrong::Flag),
            (Form::Code(6), "30000", code),
            (Form::Code(6), "03000x", code),
            (Form::Code(6), "０３００００", code),
            (Form::Division, "41022", Wrong::Division),
            (Form::Division, "4102", Wrong::Division),
            (Form::Number, "-1", Wrong::Number),
            (Form::Number, "1.5", Wrong::Number),
            (Form::Number, "4294967296", Wrong::Number),
        ] {
            assert_eq!(form.read(text), Err(wrong), "{text}");
        }
        for form in [Form::Moment, Form::Flag, Form::Code(2), Form::Division, Form::Number] {
            assert_eq!(form.read(" \t"), Ok(None));
        }
    }

    #[test]
    fn words_hold_nothing_that_a_sheet_cannot() {
        let words = |text| Value::words(text).map(|value| value.text());
        assert_eq!(words(" 路灯\r\n坏了\u{0}\u{B}。\r"), Some("路灯\n坏了  。".to_owned()));
        assert_eq!(words("\u{0} \r\n"), None);
    }
}
