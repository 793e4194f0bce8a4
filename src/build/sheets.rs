//! What is remembered of the texts of a project from one build to the next, in one file of the store.

use std::path::Path;

use octavo_plugin::Digest;

use super::check::Checked;
use super::program;
use crate::lines;
use crate::site::Sheets;
use crate::store::{self, Store};

const FILE: &str = "sheets";

/// What is remembered of a project's texts; nothing if another program built last.
pub(super) fn read(root: &Path) -> Sheets {
    let folder = root.join(store::FOLDER);
    program::known(&folder).map(|program| Sheets(lines::read(&folder, FILE, program))).unwrap_or_default()
}

/// Remembers what a check found of the texts, if it is not what was remembered.
pub fn remember_sheets(store: &Store, program: Digest, checked: &Checked) {
    if checked.sheets != checked.site.sheets {
        lines::write(store.folder(), FILE, program, &checked.site.sheets.0);
    }
}
