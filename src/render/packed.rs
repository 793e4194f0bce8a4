//! Large data files, made small.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

/// A file of more bytes than this is compressed: below, what a reader gains is less than the trouble.
const LARGE: usize = 256 * 1024;

/// A file as it is published, and whether it is compressed.
pub(super) struct Packed {
    /// What is written.
    pub(super) bytes: Vec<u8>,
    /// Whether that is in gzip's format.
    pub(super) is_compressed: bool,
}

impl Packed {
    /// Compresses what is large. Neither time nor system stands in the file, so that the same bytes give the same bytes.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        if bytes.len() <= LARGE {
            return Self { bytes, is_compressed: false };
        }
        let mut packed =
            GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::new(6));
        let packed = packed.write_all(&bytes).and_then(|()| packed.finish());
        Self { bytes: packed.expect("a vector takes everything"), is_compressed: true }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn large_files_are_compressed_and_small_ones_are_not() {
        let small = vec![b'7'; LARGE];
        let kept = Packed::of(small.clone());
        assert!(!kept.is_compressed && kept.bytes == small);
        let large: Vec<u8> = (0..LARGE as u32).flat_map(|n| format!("{}\n", n % 97).into_bytes()).collect();
        let packed = Packed::of(large.clone());
        assert!(packed.is_compressed && 3 * packed.bytes.len() < large.len());
        let mut found = Vec::new();
        flate2::read::GzDecoder::new(packed.bytes.as_slice()).read_to_end(&mut found).unwrap();
        assert_eq!(found, large);
        // Magic, method, no flags, no time (RFC 1952).
        assert_eq!(packed.bytes[..8], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    }
}
