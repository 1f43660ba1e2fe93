//! How a text is filled up before sealing, so that its size says little.
//!
//! The text is preceded by its length (4 bytes, big-endian) and followed by zeros up to the next step:
//! multiples of 256 B up to 4 KiB, then of 4 KiB up to 64 KiB, then of 64 KiB up to 1 MiB. It knows nothing
//! of keys.

use zeroize::Zeroizing;

/// Bytes before the text that say how long it is.
const LENGTH: usize = 4;
/// The largest padded size, in bytes.
pub const LARGEST: usize = 1024 * 1024;
/// The longest text that can be sealed, in bytes. More belongs into an attachment.
pub const TEXT_LIMIT: usize = LARGEST - LENGTH;

/// Up to this many padded bytes, sizes are multiples of the second number.
const STEPS: [(usize, usize); 3] = [(4 * 1024, 256), (64 * 1024, 4 * 1024), (LARGEST, 64 * 1024)];

/// The padded size of a text of `length` bytes, or `None` above [`TEXT_LIMIT`].
#[must_use]
pub fn size_of(length: usize) -> Option<usize> {
    let least = length.checked_add(LENGTH)?;
    let (_, step) = STEPS.iter().find(|(upto, _)| least <= *upto)?;
    Some(least.next_multiple_of(*step))
}

/// Whether some text is padded to exactly `size` bytes.
#[must_use]
pub fn is_step(size: usize) -> bool {
    size > 0
        && STEPS
            .iter()
            .find(|(upto, _)| size <= *upto)
            .is_some_and(|(_, s)| size.is_multiple_of(*s))
}

/// `text` filled up, with `spare` bytes of room behind it so that no copy is left in a buffer that grew.
/// `None` if it is too long.
#[must_use]
pub fn pad(text: &[u8], spare: usize) -> Option<Zeroizing<Vec<u8>>> {
    let size = size_of(text.len())?;
    let length = u32::try_from(text.len()).ok()?;
    let mut padded = Zeroizing::new(Vec::with_capacity(size + spare));
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(text);
    padded.resize(size, 0);
    Some(padded)
}

/// The text in `padded`, or `None` if that was not made by [`pad`].
#[must_use]
pub fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_first_chunk::<LENGTH>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (text, zeros) = rest.split_at_checked(length)?;
    let ours = size_of(length) == Some(padded.len()) && zeros.iter().all(|byte| *byte == 0);
    ours.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_go_in_steps() {
        let sizes = [0, 252, 253, 4092, 4093, 65_532, 65_533, TEXT_LIMIT].map(size_of);
        let expected = [256, 256, 512, 4096, 8192, 65_536, 131_072, LARGEST].map(Some);
        assert_eq!(sizes, expected);
        assert_eq!(size_of(TEXT_LIMIT + 1), None);
        assert_eq!(size_of(usize::MAX), None);
    }

    #[test]
    fn only_steps_are_steps() {
        for length in (0..=TEXT_LIMIT).step_by(97) {
            assert!(is_step(size_of(length).unwrap()), "{length}");
        }
        for size in [0, 1, 255, 257, 4096 + 256, 65_536 + 4096, LARGEST + 65_536] {
            assert!(!is_step(size), "{size}");
        }
    }

    #[test]
    fn what_was_not_padded_here_is_refused() {
        let padded = pad(b"abc", 0).unwrap();
        assert_eq!(unpad(&padded), Some(&b"abc"[..]));
        let mut dirty = padded.to_vec();
        dirty[200] = 1;
        assert_eq!(unpad(&dirty), None);
        let mut long = padded.to_vec();
        long.resize(512, 0);
        assert_eq!(unpad(&long), None, "a step too many");
        assert_eq!(unpad(&[0xff; 256]), None);
        assert_eq!(unpad(&[0, 0]), None);
    }
}
