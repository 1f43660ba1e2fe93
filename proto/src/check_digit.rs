//! The check digit (校验位) of numbers that people copy by hand: H. M. Damm's, over the decimal digits of a text.
//!
//! It catches every single wrong digit and every swap of neighbours. It is no signature and keeps nobody from making up
//! a number.

/// A quasigroup of order ten that is totally anti-symmetric, as Damm published it.
const TABLE: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The check digit over the digits of a text; whatever is no digit is passed over.
pub(crate) fn check_digit(text: &str) -> u8 {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .fold(0, |interim, byte| TABLE[usize::from(interim)][usize::from(byte - b'0')])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damm_has_its_published_example() {
        assert_eq!(check_digit("572"), 4);
    }
}
