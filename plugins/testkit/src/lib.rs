//! The conformance suite that every analysis passes.
//!
//! An analysis's tests call [`conforms`] with a few parameter sets. It checks the schema, the declaration against what
//! comes out, determinism over threads, cancellation, the documentation and its example, the default figures, and the
//! golden digest of the outputs: bits that move under an unmoved revision fail.

use std::path::Path;
use std::process::Command;

use octavo_plugin::context::Silent;
use octavo_plugin::schema::{Field, Schema, SchemaKind};
use octavo_plugin::{
    Artifacts, CancelToken, DynAnalysis, Failure, FailureKind, Inputs, OutputSchema, Progress, RunContext,
    Seed, StopReason,
};
use serde_json::Value as Json;

/// A parameter set with the golden digest of its outputs.
pub struct Case {
    /// A name for messages.
    pub name: &'static str,
    /// The parameters as in a definition; defaults may be left out.
    pub params: Json,
    /// Inputs named in the parameters.
    pub inputs: Inputs,
    /// The analysis's revision and the digest of the artifacts: [`Artifacts::digest`] in hexadecimal, first 16 digits.
    pub golden: (u32, &'static str),
}

/// Runs an analysis once with seed 2016, replicate 0.
///
/// # Errors
/// The analysis's [`Failure`].
pub fn run(analysis: &dyn DynAnalysis, params: &Json, inputs: &Inputs) -> Result<Artifacts, Failure> {
    let cancel = CancelToken::new();
    let params = analysis.canonical(params).map_err(Failure::user)?;
    analysis.run(&params, &RunContext::new(Seed::of_replicate(2016, 0), inputs, &cancel, &Silent))
}

/// Checks everything that holds for every analysis.
///
/// # Panics
/// With a sentence that says what does not hold.
pub fn conforms(analysis: &dyn DynAnalysis, cases: &[Case]) {
    documented(analysis);
    for case in cases {
        let canonical =
            analysis.canonical(&case.params).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(
            analysis.canonical(&canonical).as_ref(),
            Ok(&canonical),
            "{}: the canonical form of the canonical form is another",
            case.name
        );
        assert_eq!(analysis.check(&canonical), [], "{}: the parameters have problems", case.name);
        figures_name_declared_outputs(analysis, &canonical, case.name);
        deterministic(analysis, case);
        cancellable(analysis, case);
    }
}

fn documented(analysis: &dyn DynAnalysis) {
    let about = analysis.about();
    for language in ["en", "fr"] {
        assert!(about.title.covers(language), "`{}` has no title in `{language}`", about.name);
        assert!(about.summary.covers(language), "`{}` has no summary in `{language}`", about.name);
    }
    for heading in ["## Definition", "## Method", "## Cost", "## Accuracy", "## References"] {
        assert!(about.documentation.contains(heading), "the README of `{}` has no `{heading}`", about.name);
    }
    fields_documented(&analysis.schema(), about.name);
}

fn fields_documented(schema: &Schema, path: &str) {
    for (name, Field { schema, .. }) in schema.fields() {
        let path = format!("{path}.{name}");
        assert!(!schema.doc.is_empty(), "the parameter `{path}` has no doc");
        fields_documented(schema, &path);
    }
    if let SchemaKind::OneOf(shapes) = &schema.kind {
        shapes.iter().for_each(|shape| fields_documented(shape, path));
    }
}

fn figures_name_declared_outputs(analysis: &dyn DynAnalysis, params: &Json, case: &str) {
    let declared: OutputSchema = analysis.outputs(params);
    for (what, labels) in declared.scalars.iter().map(|(name, scalar)| (name, &scalar.label)).chain(
        declared
            .tables
            .iter()
            .flat_map(|(_, t)| t.columns.iter().map(|(name, column)| (name, &column.label))),
    ) {
        assert!(
            labels.covers("en") && labels.covers("fr"),
            "{case}: `{what}` lacks a label in English or French"
        );
    }
    for (name, figure) in analysis.figures(params) {
        for layer in figure.all_layers() {
            let from = layer.from.unwrap_or_default();
            let known = from == "scalars"
                || declared.tables.contains_key(&from)
                || declared.drawings.contains_key(&from);
            assert!(known, "{case}: the default figure `{name}` draws `{from}`, which is not declared");
        }
    }
}

fn deterministic(analysis: &dyn DynAnalysis, case: &Case) {
    let digests: Vec<String> = [1, 2, 8]
        .into_iter()
        .map(|threads| {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
            let artifacts = pool.install(|| run(analysis, &case.params, &case.inputs));
            artifacts.unwrap_or_else(|failure| panic!("{}: {failure}", case.name)).digest().hex()[..16]
                .to_owned()
        })
        .collect();
    assert!(
        digests.iter().all(|digest| *digest == digests[0]),
        "{}: the outputs differ between 1, 2 and 8 threads: {digests:?}",
        case.name
    );
    let found = (analysis.about().revision, digests[0].as_str());
    assert_eq!(
        found, case.golden,
        "{}: the outputs (left) are not the golden ones (right); if this is intended, move the revision",
        case.name
    );
}

struct StopAtOnce<'a>(&'a CancelToken);

impl Progress for StopAtOnce<'_> {
    fn report(&self, _done: u64, _total: u64) {
        self.0.stop(StopReason::Cancelled);
    }
}

fn cancellable(analysis: &dyn DynAnalysis, case: &Case) {
    let cancel = CancelToken::new();
    let params = analysis.canonical(&case.params).expect("checked before");
    let stop = StopAtOnce(&cancel);
    let context = RunContext::new(Seed(1), &case.inputs, &cancel, &stop);
    match analysis.run(&params, &context) {
        Err(failure) => assert_eq!(failure.kind, FailureKind::Cancelled, "{}: {failure}", case.name),
        Ok(_) => {
            panic!("{}: the run never reported progress, or ended in spite of being cancelled", case.name)
        }
    }
}

/// Runs one test of the calling test binary in processes of their own with `OCTAVO_SIMD` set to each level. The test
/// itself must be one that compares bits with golden ones, such as the caller of [`conforms`].
///
/// # Panics
/// If the test fails on some level.
pub fn same_bits_on_every_simd_level(test_name: &str) {
    let this = std::env::current_exe().expect("a running test has a path");
    for level in ["scalar", "v3", "v4"] {
        let output = rerun(&this, test_name, level);
        assert!(output.status.success(), "OCTAVO_SIMD={level}: {}", String::from_utf8_lossy(&output.stdout));
        let ran = String::from_utf8_lossy(&output.stdout).contains("1 passed");
        assert!(ran, "there is no test `{test_name}`");
    }
}

fn rerun(program: &Path, test_name: &str, level: &str) -> std::process::Output {
    Command::new(program)
        .args(["--exact", test_name, "--nocapture"])
        .env("OCTAVO_SIMD", level)
        .output()
        .expect("the test binary can be started again")
}
