//! How a file looks without being read: whether anybody has touched it since.
//!
//! A file is trusted as long as its inode, size and both times (of the last change of its bytes and of the last change of anything)
//! are what they were. Whoever writes into a file changes one of these, also if the time of last change is set back afterwards.
//! It shows writing; it does not show a failing disk, which only reading does.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use serde::{Deserialize, Serialize};

/// What is known of a file or folder without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Its number in the file system.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// Seconds and nanoseconds since 1970 of the last change of the bytes; of a folder, of its names.
    pub modified: (i64, i64),
    /// The same of the last change of the bytes, the mode, the owner or the number of names.
    pub changed: (i64, i64),
}

impl From<&Metadata> for Look {
    fn from(metadata: &Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}
