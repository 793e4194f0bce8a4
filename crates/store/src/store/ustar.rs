//! The part of the tar format that an exported store needs (ustar, POSIX.1-1988): headers of plain files with short names, whose other
//! fields never differ.

/// Headers are as long, and files are filled up to a multiple of it.
pub(super) const BLOCK: usize = 512;
/// The largest file, in bytes: 11 octal digits.
pub(super) const LARGEST: u64 = 0o77_777_777_777;
/// The first second of 1980: some programs doubt what is older.
const TIME: u64 = 315_532_800;
/// Where the checksum stands.
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Why a header is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Its checksum is not that of its bytes.
    Checksum,
    /// It is of a link or folder, or has an owner, a time or a mode of its own.
    Foreign,
}

/// The header of a file; its name has at most 99 bytes, and it has at most [`LARGEST`] bytes.
pub(super) fn header(name: &str, size: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000444");
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    put(136, &format!("{TIME:011o}"));
    put(156, "0");
    put(257, "ustar\x0000");
    let sum = sum(&block);
    block[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// The name in a header, as far as it is one.
pub(super) fn name(block: &[u8; BLOCK]) -> String {
    let end = block[..100].iter().position(|byte| *byte == 0).unwrap_or(100);
    String::from_utf8_lossy(&block[..end]).into_owned()
}

/// The size of the file that a header is of.
pub(super) fn size(block: &[u8; BLOCK]) -> Result<u64, Wrong> {
    if &block[CHECKSUM][..6] != format!("{:06o}", sum(block)).as_bytes() {
        return Err(Wrong::Checksum);
    }
    let digits = std::str::from_utf8(&block[124..135]).map_err(|_| Wrong::Foreign)?;
    let size = u64::from_str_radix(digits, 8).map_err(|_| Wrong::Foreign)?;
    let name = name(block);
    // Whatever else a header can say, it is what this program says of all files, or it is not this program's.
    let own = name.len() < 100 && header(&name, size) == *block;
    own.then_some(size).ok_or(Wrong::Foreign)
}

/// How many bytes follow a file up to the next header.
pub(super) fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

/// The sum of all bytes, with spaces in place of the checksum itself.
fn sum(block: &[u8; BLOCK]) -> u32 {
    let all: u32 = block.iter().copied().map(u32::from).sum();
    let own: u32 = block[CHECKSUM].iter().copied().map(u32::from).sum();
    all - own + 8 * u32::from(b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_what_it_is_of_and_any_changed_byte_is_noticed() {
        let good = header("blobs/ab/cd", 0o1750);
        assert_eq!((name(&good), size(&good)), ("blobs/ab/cd".to_owned(), Ok(1000)));
        assert_eq!(size(&header("x", LARGEST)), Ok(LARGEST));
        for at in 0..BLOCK {
            let mut bad = good;
            bad[at] ^= 1;
            assert!(size(&bad).is_err(), "byte {at}");
        }
        // A link with a checksum that fits.
        let mut link = good;
        link[156] = b'2';
        let sum = sum(&link);
        link[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert_eq!(size(&link), Err(Wrong::Foreign));
        assert_eq!([0, 1, 511, 512, 513].map(padding), [0, 511, 1, 0, 511]);
    }
}
