//! How the files of the standing release looked when it was published: whether nobody has touched one since.
//!
//! A file that is only carried over into the next release is not read, as long as it looks as it did ([`Look`]). A file that
//! looks otherwise is read, and its digest decides.
//!
//! What is remembered stands in the project's store and is worth time only: without it, every file is read once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use octavo_plugin::Digest;
use rayon::prelude::*;

use super::target::Target;
use crate::disk::{self, DiskError, Look, Temporary};

const HEADER: &str = "octavo release 1 ";

/// The looks of a release's files, each with the digest of the file, by route.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Standing(BTreeMap<String, (Digest, Look)>);

impl Standing {
    /// What is remembered of a target; nothing if it is missing or damaged.
    pub(super) fn read(target: &Target) -> Result<Self, DiskError> {
        let path = file(target);
        let Some(file) = disk::open_plain(&path)? else { return Ok(Self::default()) };
        let bytes = disk::read_open(&file, &path)?;
        Ok(std::str::from_utf8(&bytes).ok().and_then(Self::parse).unwrap_or_default())
    }

    /// Looks at every file that was just published, and remembers it.
    pub(super) fn remember(target: &Target, files: &BTreeMap<String, Digest>) -> Result<(), DiskError> {
        let mut looks = BTreeMap::new();
        for (route, digest) in files {
            if let Some(metadata) = disk::metadata(&target.path.join(route))? {
                looks.insert(route.clone(), (*digest, Look::from(&metadata)));
            }
        }
        let standing = Self(looks);
        let path = file(target);
        if let Some(folder) = path.parent() {
            disk::create_folders(folder)?;
        }
        let newest = standing.0.values().map(|(_, look)| look.changed).max();
        disk::write_durably_from(&target.store.join("tmp"), &path, standing.to_text().as_bytes())?;
        newest.map_or(Ok(()), |newest| wait_past(target, newest))
    }

    /// Forgets a target.
    pub(super) fn forget(target: &Target) -> Result<(), DiskError> {
        disk::remove_file(&file(target))
    }

    /// Whether a file looks as it did when it was published with these bytes.
    pub(super) fn holds(&self, route: &str, digest: &Digest, metadata: &Metadata) -> bool {
        metadata.is_file() && self.0.get(route) == Some(&(*digest, Look::from(metadata)))
    }

    /// A name for this release as it stands; `None` for none.
    pub(super) fn id(&self) -> Option<Digest> {
        (!self.0.is_empty()).then(|| Digest::of(self.to_text().as_bytes()))
    }

    /// Number of files.
    pub(super) fn files(&self) -> usize {
        self.0.len()
    }

    /// Whether these are its files, and each looks as it did.
    pub(super) fn is_whole(
        &self,
        target: &Target,
        present: &BTreeMap<String, bool>,
    ) -> Result<bool, DiskError> {
        if !present.keys().eq(self.0.keys()) {
            return Ok(false);
        }
        let stands = |(route, (_, look)): (&String, &(Digest, Look))| {
            let metadata = disk::metadata(&target.path.join(route))?;
            Ok(metadata.is_some_and(|metadata| metadata.is_file() && Look::from(&metadata) == *look))
        };
        let all: Vec<bool> = self.0.par_iter().map(stands).collect::<Result<_, DiskError>>()?;
        Ok(all.into_iter().all(|stands| stands))
    }

    /// The digest with which a route was published.
    pub(super) fn digest(&self, route: &str) -> Option<Digest> {
        self.0.get(route).map(|(digest, _)| *digest)
    }

    fn to_text(&self) -> String {
        let mut body = String::new();
        for (route, (digest, look)) in &self.0 {
            let Look { inode, size, modified, changed } = look;
            let times = format!("{} {} {} {}", modified.0, modified.1, changed.0, changed.1);
            let _ = writeln!(body, "{} {inode} {size} {times} {route}", digest.hex());
        }
        format!("{HEADER}{}\n{body}", Digest::of(body.as_bytes()).hex())
    }

    fn parse(text: &str) -> Option<Self> {
        let (checksum, body) = text.strip_prefix(HEADER)?.split_once('\n')?;
        (checksum == Digest::of(body.as_bytes()).hex()).then_some(())?;
        body.lines().map(parse_line).collect::<Option<_>>().map(Self)
    }
}

fn parse_line(line: &str) -> Option<(String, (Digest, Look))> {
    let mut words = line.splitn(8, ' ');
    let digest = words.next()?.parse().ok()?;
    let (inode, size) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let mut number = || words.next()?.parse::<i64>().ok();
    let look = Look { inode, size, modified: (number()?, number()?), changed: (number()?, number()?) };
    Some((words.next()?.to_owned(), (digest, look)))
}

/// Two targets of one project are two files.
fn file(target: &Target) -> PathBuf {
    let name = Digest::of(target.path.as_os_str().as_encoded_bytes()).hex();
    target.store.join("releases").join(&name[..32])
}

/// Waits until the file system's clock shows another time than this. It advances in steps of some milliseconds; a file that is
/// written within the step of its publication would look as if nobody had.
fn wait_past(target: &Target, time: (i64, i64)) -> Result<(), DiskError> {
    const STEPS: usize = 50;
    for _ in 0..STEPS {
        let (_probe, file) = Temporary::create(&target.store.join("tmp"), "")?;
        let now = disk::metadata_open(&file, Path::new("tmp"))?;
        if (now.ctime(), now.ctime_nsec()) > time {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    // The site may be on another file system, whose clock is ahead. Then writing within its step is not noticed.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_come_back_and_any_changed_byte_loses_them() {
        let look = Look { inode: 5, size: 7, modified: (-3, 999), changed: (1 << 40, 0) };
        let digest = Digest::of(b"x");
        let routes = ["index.html", "a b/c d.html", "é.css"].map(|route| (route.to_owned(), (digest, look)));
        let standing = Standing(routes.into());
        let text = standing.to_text();
        assert_eq!(Standing::parse(&text), Some(standing));
        for at in 0..text.len() {
            let mut bad = text.clone().into_bytes();
            bad[at] ^= 1;
            let read = std::str::from_utf8(&bad).ok().and_then(Standing::parse);
            assert_eq!(read, None, "byte {at}");
        }
    }
}
