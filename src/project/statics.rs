//! Files in `static/`, which are copied to the root of the site as they are.

use super::Project;
use super::walk::{Found, Walk};
use crate::diagnostic::Diagnostic;
use crate::file;
use crate::ids::Route;

/// The folder of these files.
pub const STATIC: &str = "static";

impl Project {
    /// Finds them. Pages name them as they lie beside the folder of pages: `../static/paper.pdf`.
    pub(super) fn find_statics(&mut self, problems: &mut Vec<Diagnostic>) {
        let path = self.root.join(STATIC);
        if !path.is_dir() && !path.is_symlink() {
            return;
        }
        let folder = match self.reach.follow(&path) {
            Ok(folder) => folder,
            Err(why) => {
                let problem = Diagnostic::error(why.code(), why.sentence(STATIC));
                problems.push(problem.at(file::place(STATIC)).help(why.help()));
                return;
            }
        };
        let walk = Walk { folder: &folder, shown: STATIC, leave_out: false, reach: &self.reach };
        for Found { relative, path } in walk.files(&mut self.seen, problems) {
            let relative = file::composed(&relative).into_owned();
            self.statics.insert(Route::new(relative), path);
        }
    }

    /// Whether pages may link to a file at this path, seen from their folder.
    pub fn has_file(&self, path: &str) -> bool {
        let outside = || path.strip_prefix("../static/").is_some_and(|name| self.statics.contains_key(name));
        self.assets.contains_key(path) || outside()
    }

    /// The icon of the site among these files.
    pub fn icon(&self) -> Option<&'static str> {
        ["favicon.svg", "favicon.png", "favicon.ico"]
            .into_iter()
            .find(|name| self.statics.contains_key(*name))
    }
}
