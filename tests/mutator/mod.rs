//! Projects that strangers might have written: small good projects, changed by mistakes of all kinds, and what must hold of each.
//!
//! A mutation is drawn by [`choices::Choices`] from a number or from bytes, so that each can be made again: the test
//! `tests/program/mutated.rs` counts, the fuzz target `fuzz/targets/project.rs` takes the fuzzer's bytes. What is inserted comes
//! from [`pool::Pool`] alone. Nothing there names a program, so that no mutated project can start one.

pub(crate) mod choices;
pub(crate) mod examine;
mod files;
mod markup;
mod pool;
mod seeds;
mod text;

use std::collections::BTreeMap;

use choices::Choices;
use pool::Pool;

/// Files of a project by path, with `/` between folders.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A project after a few mistakes, and which they were.
pub(crate) struct Mutant {
    /// The project.
    pub(crate) files: Files,
    /// The seed project and the mistakes, for people.
    pub(crate) story: Vec<String>,
}

/// The project that these choices make.
pub(crate) fn mutant(choices: &mut Choices<'_>) -> Mutant {
    let pool = Pool::get();
    let (name, mut files) = seeds::choose(choices);
    let mut story = vec![name.to_owned()];
    // One mistake leads deepest: after several, most projects are refused at the first.
    let count = 1 + [0, 0, 0, 1, 1, 2, 4][choices.below(7)];
    for _ in 0..count {
        let what = match choices.below(8) {
            0 => Some(files::change(&mut files, choices, pool)),
            _ => change_a_text(&mut files, choices, pool),
        };
        story.extend(what);
    }
    Mutant { files, story }
}

/// One mistake within a file. `None` if there is no file to make it in.
fn change_a_text(files: &mut Files, choices: &mut Choices<'_>, pool: &Pool) -> Option<String> {
    let paths: Vec<String> = files.keys().cloned().collect();
    if paths.is_empty() {
        return None;
    }
    let path = choices.pick(&paths);
    let bytes = files.get_mut(path)?;
    let structured = choices.below(2) == 0;
    let what = match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "toml" if structured => markup::toml(bytes, choices, pool),
        "md" if structured => markup::markdown(bytes, choices, pool),
        "bib" if structured => markup::bibtex(bytes, choices, pool),
        "html" | "css" | "svg" if structured => markup::template(bytes, choices, pool),
        "csv" | "json" if structured => markup::data(bytes, choices, pool),
        _ => text::change(bytes, choices, pool),
    };
    Some(format!("{path}: {what}"))
}
