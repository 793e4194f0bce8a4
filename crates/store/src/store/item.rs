//! What entries are called outside a store: in archives, and below the address of a store on another machine.

use octavo_plugin::Digest;

/// An entry, in the order in which they stand in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    Blob(Digest),
    Record(Digest),
}

impl Item {
    pub(super) fn name(self) -> String {
        let (kind, digest) = match self {
            Self::Blob(digest) => ("blobs", digest.hex()),
            Self::Record(key) => ("actions", key.hex()),
        };
        format!("{kind}/{}/{}", &digest[..2], &digest[2..])
    }

    /// The item of a name; why there is none.
    pub(super) fn named(name: &str) -> Result<Self, &'static str> {
        if name.starts_with('/') || name.split('/').any(|part| part == "..") {
            return Err("leads out of the store");
        }
        let item = |name: &str| {
            let (kind, digest) = name.split_once('/')?;
            let digest = digest.replacen('/', "", 1).parse().ok()?;
            let item = match kind {
                "blobs" => Self::Blob(digest),
                "actions" => Self::Record(digest),
                _ => return None,
            };
            (item.name() == name).then_some(item)
        };
        item(name).ok_or("is neither a record nor a result")
    }
}
