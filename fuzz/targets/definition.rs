//! An experiment's file: whatever it holds, reading and checking it ends, and every problem has a place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use octavo_definition::source::SourceFile;
use octavo_definition::{check, manifest, toml_tree};

fuzz_target!(|text: &str| {
    let source = SourceFile::new("fuzz.toml", text);
    let (tree, mut problems) = toml_tree::parse(&source);
    let (_, report) = check::check(&tree, manifest::schema(), "the experiment");
    problems.extend(report.diagnostics);
    for problem in &problems {
        let at = problem.location.as_ref().expect("a problem of a file has a place");
        assert!(at.span.end <= text.len() && text.is_char_boundary(at.span.start), "{problem:?}");
        let _ = problem.render(false);
    }
});
