//! Files of data as they are published: large ones made small.

use std::io::Write as _;
use std::sync::Arc;

use flate2::{Compression, GzBuilder};
use octavo_plugin::figure::Where;
use octavo_plugin::{ContentHasher, Digest};

use super::Material;
use crate::figure;
use crate::ids::{Route, TableRef};
use crate::locale::Locale;
use crate::publish::Content;
use crate::relation::Relation;

/// A file of more bytes than this is compressed: below, what a reader gains is less than the trouble.
const LARGE: usize = 256 * 1024;
/// What the name of a file ends with, before its ending, if it is a sample of a table.
const SAMPLE: &str = ".sample";

/// Whether a file of a site has a sample of a table.
pub fn is_sample(route: &str) -> bool {
    route.starts_with("data/")
        && [".csv", ".csv.gz"]
            .iter()
            .any(|end| route.strip_suffix(end).is_some_and(|base| base.ends_with(SAMPLE)))
}

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

    /// The route of a whole table, or of a sample of it.
    pub(super) fn of_table(table: &TableRef, is_compressed: bool, is_sample: bool) -> Route {
        let part = if is_sample { SAMPLE } else { "" };
        Self::route(&format!("data/{}/{}{part}", table.experiment, table.name), is_compressed)
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

/// A whole table as it is published, or a sample of its rows where the project says that it is too large.
pub struct FullTable {
    /// Its route.
    pub route: Route,
    /// Its bytes.
    pub content: Content,
    /// How many they are, if they are compressed.
    pub packed: Option<usize>,
    /// The rows of the file and of the table, if the file is a sample.
    pub sample: Option<[usize; 2]>,
}

/// What is remembered of a file beside its bytes: its length if it is compressed, and the rows of it and of the table if it is a sample.
type Remembered = (Option<usize>, Option<[usize; 2]>);

/// The rows of a table as a file of at most `most` bytes: all, or each second, third and so on, as few steps as that takes.
fn within(relation: &Relation, most: Option<usize>) -> (Packed, Option<[usize; 2]>) {
    let all = Packed::of(figure::data::csv(relation).into_bytes());
    let Some(most) = most.filter(|most| all.bytes.len() > *most) else { return (all, None) };
    let mut step = all.bytes.len().div_ceil(most).max(2);
    loop {
        let rows: Vec<usize> = (0..relation.rows).step_by(step).collect();
        let sample = Packed::of(figure::data::csv(&relation.take(&rows)).into_bytes());
        // A row is what there is at least, however long it is.
        if sample.bytes.len() <= most || rows.len() <= 1 {
            return (sample, Some([rows.len(), relation.rows]));
        }
        step += step.div_ceil(8);
    }
}

impl FullTable {
    /// A table with all rows, or as many as `limits.download` has room for, remembered by the digest of its results; `None` for a drawing, and where a task has no result.
    pub fn of(material: &Material<'_>, of: &TableRef) -> Option<Self> {
        let related = material.related.get(&of.experiment)?;
        let rows = || related.results.relation(&of.name).map(Arc::new).map_err(|problem| problem.message);
        Self::with_rows(material, of, &rows)
    }

    /// The same with the rows of the table from elsewhere, if they are needed.
    pub(super) fn with_rows(
        material: &Material<'_>,
        of: &TableRef,
        rows: &dyn Fn() -> Result<Arc<Relation>, String>,
    ) -> Option<Self> {
        let TableRef { experiment, name: table, .. } = of;
        let definition = material.experiments.get(experiment)?;
        let related = &material.related[experiment];
        let partial = related.results.failure_in(table, &Where::new()).is_some();
        if partial || definition.outputs.drawings.contains_key(table) {
            return None;
        }
        let mut hasher = ContentHasher::new("octavo table");
        let most = material.config.limits.download.map(|size| (size as usize) << 20);
        hasher.add(&material.program).add(&related.digest).text(experiment).text(table);
        let key = hasher.number(most.unwrap_or(usize::MAX) as u64).finish();
        let made = || {
            let (Packed { bytes, is_compressed }, sample) = within(rows()?.as_ref(), most);
            let remembered: Remembered = (is_compressed.then_some(bytes.len()), sample);
            Ok::<_, String>((remembered, vec![("csv".to_owned(), bytes)]))
        };
        let mut answer = material.memo.get_or_make(&key, made).ok()?;
        let content = answer.files.swap_remove("csv")?;
        let (packed, sample) = answer.data;
        let route = Packed::of_table(of, packed.is_some(), sample.is_some());
        Some(Self { route, content, packed, sample })
    }

    /// How many rows of the table a sample has, and how all are made; none if the file has all.
    pub(super) fn sample_in(&self, locale: &Locale, table: &TableRef) -> Option<String> {
        let [shown, total] = self.sample?.map(|rows| locale.number(&rows.to_string()));
        let command = format!("octavo export FOLDER {}", table.experiment);
        Some(locale.fill("sample", &[("shown", &shown), ("total", &total), ("command", &command)]))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use octavo_plugin::{Column, ColumnSchema, ColumnType, Localized};

    use super::*;
    use crate::relation::Field;

    #[test]
    fn a_sample_has_as_many_rows_as_there_is_room_for() {
        let column = Column::from((0..5000_i64).collect::<Vec<_>>());
        let schema = ColumnSchema { kind: ColumnType::Integer, unit: String::new(), label: Localized::None };
        let n = Field { column, schema };
        let relation = Relation { fields: [("n".to_owned(), n)].into(), rows: 5000, shapes: Vec::new() };
        let whole = figure::data::csv(&relation).into_bytes();
        for most in [None, Some(whole.len())] {
            let (all, sample) = within(&relation, most);
            assert!(sample.is_none() && all.bytes == whole);
        }
        for most in [whole.len() - 1, whole.len() / 2, 500, 20] {
            let (part, sample) = within(&relation, Some(most));
            let text = String::from_utf8(part.bytes).unwrap();
            let rows: Vec<usize> = text.lines().skip(1).map(|line| line.parse().unwrap()).collect();
            assert_eq!(sample, Some([rows.len(), 5000]));
            assert!(text.len() <= most && rows[0] == 0, "{most}");
            assert!(rows.array_windows().all(|[a, b]| b - a == rows[1]), "equal steps: {rows:?}");
            assert!(
                3 * text.len() > most || most < 30,
                "{most} bytes have room for more than {}",
                text.len()
            );
        }
        let (one, sample) = within(&relation, Some(1));
        assert_eq!((one.bytes.as_slice(), sample), (b"n\n0\n".as_slice(), Some([1, 5000])));
    }

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
