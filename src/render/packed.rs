//! Files of data as they are published: large ones made small.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use octavo_plugin::figure::Where;
use octavo_plugin::{ContentHasher, Digest};

use super::Material;
use crate::ids::{Route, TableRef};
use crate::publish::Content;
use crate::relation::Relation;
use crate::{figure, results};

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

    /// The route of a whole table.
    pub(super) fn of_table(table: &TableRef, is_compressed: bool) -> Route {
        Self::route(&format!("data/{}/{}", table.experiment, table.name), is_compressed)
    }

    /// The route of a CSV file, from the route without its ending.
    pub(super) fn route(base: &str, is_compressed: bool) -> Route {
        Route::new(format!("{base}.{}", if is_compressed { "csv.gz" } else { "csv" }))
    }
}

/// The digest of a whole table as it is published.
pub fn digest_of(relation: &Relation) -> Digest {
    Digest::of(&Packed::of(figure::data::csv(relation).into_bytes()).bytes)
}

/// A whole table as it is published.
pub struct FullTable {
    /// Its route.
    pub route: Route,
    /// Its bytes.
    pub content: Content,
    /// How many they are, if they are compressed.
    pub packed: Option<usize>,
}

impl FullTable {
    /// A table with all rows, remembered by the digest of its results; `None` for a drawing, and where a task has no result.
    pub fn of(material: &Material<'_>, of: &TableRef) -> Option<Self> {
        let TableRef { experiment, name: table, .. } = of;
        let definition = material.experiments.get(experiment)?;
        let related = &material.related[experiment];
        let partial = related.results.failure_in(table, &Where::new()).is_some();
        if partial || definition.outputs.drawings.contains_key(table) {
            return None;
        }
        let mut hasher = ContentHasher::new("octavo table");
        let key = hasher.add(&material.program).add(&related.digest).text(experiment).text(table).finish();
        let made = || {
            let relation = related.results.relation(table)?;
            let Packed { bytes, is_compressed } = Packed::of(figure::data::csv(&relation).into_bytes());
            let packed = is_compressed.then_some(bytes.len());
            Ok::<_, results::Problem>((packed, vec![("csv".to_owned(), bytes)]))
        };
        let mut answer = material.memo.get_or_make(&key, made).ok()?;
        let content = answer.files.swap_remove("csv")?;
        let route = Packed::of_table(of, answer.data.is_some());
        Some(Self { route, content, packed: answer.data })
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
