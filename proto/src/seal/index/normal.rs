//! Two writings of one thing made alike, before they are marked.
//!
//! Full-width letters and digits count as plain ones everywhere, and spaces of every kind are dropped.
//!
//! - **id number**: letters and digits alone, capitals; so the final X may be small, and dashes may stand.
//! - **telephone**: digits alone, without +86, 0086, or a bare 86 before a mobile number, and without the 0 of
//!   long distance. A number of another country keeps its + (or 00, which means the same). An extension is
//!   part of the number.
//! - **name**: the dots between parts of a name (·, •, ・ and their like) are one; letters are capitals.
//!
//! It corrects nothing and judges no check digit: what was written wrongly is another writing. An old id number
//! of 15 digits is not the new one of 18, and a rare character is not the common one it is often replaced by.

use zeroize::Zeroizing;

/// How far full-width forms (U+FF01 to U+FF5E) stand from the plain ones.
const FULL_WIDTH: u32 = 0xfee0;
/// The dots that stand between the parts of a name.
const DOTS: [char; 8] = ['·', '•', '・', '･', '‧', '∙', '⋅', '．'];
/// The country code of China.
const CHINA: &str = "86";

/// The one writing of an id number.
#[must_use]
pub fn id_number(written: &str) -> Zeroizing<String> {
    collect(written, |symbol| symbol.is_ascii_alphanumeric().then(|| symbol.to_ascii_uppercase()))
}

/// The one writing of a telephone number.
#[must_use]
pub fn phone(written: &str) -> Zeroizing<String> {
    let digits = collect(written, |symbol| symbol.is_ascii_digit().then_some(symbol));
    let first = |symbol: char| (symbol == '+' || symbol.is_ascii_digit()).then_some(symbol);
    let international = collect(written, first).starts_with('+');
    let abroad = if international { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    let national = match abroad {
        Some(number) => match number.strip_prefix(CHINA) {
            Some(national) => national,
            None if number.is_empty() => return Zeroizing::default(),
            None => return Zeroizing::new(format!("+{number}")),
        },
        None => digits.strip_prefix(CHINA).filter(|n| is_mobile(n)).unwrap_or(&digits),
    };
    Zeroizing::new(national.strip_prefix('0').unwrap_or(national).to_owned())
}

/// The one writing of a name.
#[must_use]
pub fn name(written: &str) -> Zeroizing<String> {
    // The dot first: a full-width full stop would otherwise become a plain one.
    let dotted = written.chars().map(|symbol| if DOTS.contains(&symbol) { '·' } else { symbol });
    let dotted = Zeroizing::new(dotted.collect::<String>());
    collect(&dotted, |symbol| Some(symbol.to_ascii_uppercase()))
}

/// Eleven digits that begin with 1.
fn is_mobile(number: &str) -> bool {
    number.len() == 11 && number.starts_with('1')
}

/// What `keep` makes of the symbols that are no spaces, full-width forms made plain.
fn collect(written: &str, keep: impl Fn(char) -> Option<char>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(written.len()));
    text.extend(written.chars().filter(|s| !is_blank(*s)).map(plain).filter_map(keep));
    text
}

/// Spaces, and what cannot be seen at all.
fn is_blank(symbol: char) -> bool {
    symbol.is_whitespace()
        || symbol.is_control()
        || matches!(symbol, '\u{200b}'..='\u{200f}' | '\u{feff}')
}

fn plain(symbol: char) -> char {
    match symbol {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(symbol as u32 - FULL_WIDTH).unwrap_or(symbol),
        _ => symbol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_numbers() {
        for written in
            ["41022119800101123X", "41022119800101123x", "４１０２２１１９８００１０１１２３ｘ"]
        {
            assert_eq!(*id_number(written), "41022119800101123X", "{written}");
        }
        assert_eq!(*id_number(" 410221-1980 0101\u{3000}123X\u{200b}"), "41022119800101123X");
        assert_eq!(*id_number("h12345678"), "H12345678", "a travel permit");
        assert_ne!(*id_number("410221800101123"), "41022119800101123X", "the old form is another");
    }

    #[test]
    fn telephone_numbers() {
        let mobile = [
            "13800138000",
            "138-0013-8000",
            "+86 138 0013 8000",
            "+8613800138000",
            "＋８６ １３８００１３８０００",
            "(+86)13800138000",
            "0086 138 0013 8000",
            "86 13800138000",
            "013800138000",
        ];
        for written in mobile {
            assert_eq!(*phone(written), "13800138000", "{written}");
        }
        for written in
            ["0371-65901234", "(0371) 6590 1234", "+86 371 65901234", "+86 0371 65901234"]
        {
            assert_eq!(*phone(written), "37165901234", "{written}");
        }
        assert_eq!(*phone("86501234"), "86501234", "a number that merely begins with 86");
        assert_eq!(*phone("+852 2123 4567"), "+85221234567");
        assert_eq!(*phone("00852 2123 4567"), "+85221234567");
        assert_eq!(*phone("+"), "");
        assert_eq!(*phone("00"), "");
    }

    #[test]
    fn names() {
        assert_eq!(*name(" 王　小 明 "), "王小明");
        for dot in DOTS {
            assert_eq!(*name(&format!("阿依古丽{dot}买买提")), "阿依古丽·买买提");
        }
        assert_eq!(*name("Ｊohn"), "JOHN");
        assert_ne!(*name("王小名"), *name("王小明"));
    }
}
