//! A whole project with mistakes: whatever they are, checking it ends, every problem has a place, and what passes the check builds.

#![no_main]

#[path = "../../tests/mutator/mod.rs"]
#[allow(dead_code, reason = "mutations by number are for tests")]
mod mutator;

use libfuzzer_sys::fuzz_target;
use mutator::choices::Choices;
use mutator::{examine, mutant};

fuzz_target!(|bytes: &[u8]| {
    let mutant = mutant(&mut Choices::Bytes(bytes));
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let (root, mut wrong) = (folder.path().join("project"), Vec::new());
    examine::write(&root, &mutant.files);
    if let Some(good) = examine::check(&root, &mutant.files, &mut wrong) {
        examine::build(&root, &folder.path().join("site"), &mutant.files, good, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}\n{}", mutant.story.join("\n"), wrong.join("\n"));
});
