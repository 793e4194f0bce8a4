//! Reading everything that is remembered: the one way to notice a disk that changed bytes which nobody has asked for.

use octavo_plugin::Digest;
use rayon::prelude::*;

use super::gc::{digest_of_path, files};
use super::{Store, StoreError};
use crate::disk::DiskError;

/// What was found good. What was not is among [`Store::take_warnings`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Good records: with a right checksum, whose outputs are all there and good.
    pub actions: usize,
    /// Good blobs.
    pub blobs: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Store {
    /// Reads every blob and every record. What is damaged is set aside, so that the next build makes it again.
    pub fn verify(&self) -> Result<VerifyReport, StoreError> {
        let mut report = VerifyReport::default();
        let blobs: Vec<Option<u64>> = self
            .entries("blobs")?
            .par_iter()
            .map(|digest| self.size_if_good(digest))
            .collect::<Result<_, _>>()?;
        for size in blobs.into_iter().flatten() {
            report.blobs += 1;
            report.bytes += size;
        }
        let actions = self.entries("actions")?;
        let good = actions.par_iter().map(|key| Ok(self.lookup(key)?.is_some()));
        report.actions =
            good.collect::<Result<Vec<_>, StoreError>>()?.into_iter().filter(|good| *good).count();
        Ok(report)
    }

    fn size_if_good(&self, digest: &Digest) -> Result<Option<u64>, DiskError> {
        Ok(self.read(digest)?.map(|(_, bytes)| bytes.len() as u64))
    }

    /// The digests that have an entry of a kind.
    pub(super) fn entries(&self, kind: &str) -> Result<Vec<Digest>, DiskError> {
        let paths = files(&self.folder.join(kind), 2)?;
        Ok(paths.iter().filter_map(|(path, _)| digest_of_path(path)).collect())
    }
}
