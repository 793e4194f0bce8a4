//! Mistakes with whole files.

use super::Files;
use super::choices::Choices;
use super::pool::Pool;

/// Names that are none, and names of other things.
const NAMES: &[&str] = &[
    "experiments/index.md",
    "experiments/index.de.md",
    "experiments/strip.fr.md",
    "experiments/folding/strip.toml",
    "experiments/Big Name.toml",
    "experiments/a.toml.toml",
    "experiments/é.toml",
    "experiments/e\u{301}.md",
    "experiments/404.md",
    "experiments/claims.md",
    "experiments/analyses/dragon.md",
    "experiments/assets/style.css",
    "experiments/figures/x.svg",
    "experiments/data/x.csv",
    "experiments/a#b?c%.md",
    "experiments/octavo.toml",
    "experiments/deep/er/and/deeper/x.toml",
    "experiments/.hidden.md",
    "experiments/x",
    "experiments/mark.svg",
    "experiments/points.csv",
    "templates/base.html",
    "templates/figure.html",
    "templates/table.html",
    "templates/claim.html",
    "templates/nothing.html",
    "templates/mark.svg",
    "templates/locales/en.toml",
    "templates/locales/de.toml",
    "templates/labels/dragon.fr.toml",
    "templates/labels/sinkhorn.de.toml",
    "templates/assets/math.css",
    "templates/fonts/sans.woff2",
    "README.md",
];

/// One mistake, and which it was.
pub(super) fn change(files: &mut Files, choices: &mut Choices<'_>, pool: &Pool) -> String {
    let paths: Vec<String> = files.keys().cloned().collect();
    if paths.is_empty() {
        return "there is no file".to_owned();
    }
    let (one, other) = (choices.pick(&paths).clone(), choices.pick(&paths).clone());
    let name = (*choices.pick(NAMES)).to_owned();
    let bytes = files[&one].clone();
    match choices.below(7) {
        0 => {
            files.remove(&one);
            format!("{one} is gone")
        }
        1 => {
            files.remove(&one);
            insert(files, &name, bytes);
            format!("{one} is called {name}")
        }
        2 => {
            insert(files, &name, bytes);
            format!("{one} is also called {name}")
        }
        3 => {
            let there = files.insert(other.clone(), bytes).expect("the path is one of them");
            files.insert(one.clone(), there);
            format!("{one} and {other} change places")
        }
        4 => {
            files.insert(other.clone(), bytes);
            format!("{other} is a copy of {one}")
        }
        5 => {
            let joined = [bytes, b"\n".to_vec(), files[&other].clone()].concat();
            files.insert(one.clone(), joined);
            format!("{other} stands behind {one}")
        }
        _ => {
            let pieces = [&pool.tables, &pool.blocks][choices.below(2)];
            let text = choices.pick(pieces).clone();
            insert(files, &name, text.into_bytes());
            format!("{name} is new")
        }
    }
}

/// A file, unless a folder has its name or a file that of a folder above it.
fn insert(files: &mut Files, path: &str, bytes: Vec<u8>) {
    let below = |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
    if !files.keys().any(|there| below(there, path) || below(path, there)) {
        files.insert(path.to_owned(), bytes);
    }
}
