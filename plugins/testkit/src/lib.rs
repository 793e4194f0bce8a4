//! The conformance suite that every analysis passes.
//!
//! An analysis's tests call [`conforms`] with a few parameter sets. It checks the schema, the declaration against what
//! comes out, determinism over threads and, where it is promised, over seeds, cancellation, the documentation and its example, the
//! default figures, and the golden digest of the outputs: bits that move under an unmoved revision fail.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// In which the parameters of a [`Case`] are written.
pub use serde_json::json;

use octavo_plugin::context::Silent;
use octavo_plugin::schema::{Field, Schema, SchemaKind};
use octavo_plugin::{
    About, Artifacts, CancelToken, DynAnalysis, Failure, FailureKind, Identity, Inputs, NUMERICS_REVISION,
    Next, Prepared, Progress, RunContext, Seed, StopReason, Translation, Wanted,
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
    seeded(analysis, params, inputs, Seed::of_replicate(2016, 0))
}

fn seeded(
    analysis: &dyn DynAnalysis,
    params: &Json,
    inputs: &Inputs,
    seed: Seed,
) -> Result<Artifacts, Failure> {
    let cancel = CancelToken::new();
    let params = analysis.prepare(params)?.params;
    analysis.run(&params, &RunContext::new(seed, inputs, &cancel, &Silent))
}

/// Checks everything that holds for every analysis.
///
/// # Panics
/// With a sentence that says what does not hold.
pub fn conforms(analysis: &dyn DynAnalysis, cases: &[Case]) {
    documented(analysis);
    points_of_a_sweep(analysis, cases);
    for case in cases {
        let prepared =
            analysis.prepare(&case.params).unwrap_or_else(|failure| panic!("{}: {failure}", case.name));
        assert_eq!(prepared.problems, [], "{}: the parameters have problems", case.name);
        assert_eq!(
            analysis.prepare(&prepared.params).as_ref(),
            Ok(&prepared),
            "{}: of the canonical form something else is said",
            case.name
        );
        figures_name_declared_outputs(&prepared, case.name);
        let stochastic = prepared.stochastic;
        translated(analysis, prepared, case.name);
        asked_in_part(analysis, case);
        deterministic(analysis, case);
        written_down(analysis, case);
        if !stochastic {
            same_for_another_seed(analysis, case);
        }
        cancellable(analysis, case);
    }
}

fn documented(analysis: &dyn DynAnalysis) {
    let (about, name) = (analysis.about(), analysis.identity().name);
    for language in languages(&about) {
        assert!(about.title.covers(language), "`{name}` has no title in `{language}`");
        assert!(about.summary.covers(language), "`{name}` has no summary in `{language}`");
    }
    for heading in ["## Definition", "## Method", "## Cost", "## Accuracy", "## References"] {
        assert!(about.documentation.contains(heading), "the README of `{name}` has no `{heading}`");
    }
    fields_documented(&analysis.schema(), &name);
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

/// English, and the languages that an analysis brings along.
fn languages(about: &About) -> impl Iterator<Item = &'static str> {
    std::iter::once("en").chain(about.translations.iter().map(|translation| translation.language))
}

/// A language that an analysis brings along has all of its words, and each of them says something.
fn translated(analysis: &dyn DynAnalysis, mut prepared: Prepared, case: &str) {
    let about = analysis.about();
    let words = analysis.translations();
    prepared.translate(&words);
    let of_figures = prepared.figures.values_mut().flat_map(|figure| figure.texts_mut());
    for text in prepared.outputs.labels_mut().chain(of_figures).filter(|text| !text.is_none()) {
        for language in languages(&about) {
            assert!(text.covers(language), "{case}: in `{language}` there is nothing for {text:?}");
        }
    }
    let about_tables = prepared.outputs.tables.values().map(|table| &table.about);
    let about_drawings = prepared.outputs.drawings.values().map(|drawing| &drawing.about);
    let meanings: Vec<&String> =
        about_tables.chain(about_drawings).filter(|about| !about.is_empty()).collect();
    let mut schema = analysis.schema();
    let docs: Vec<String> = schema.docs_mut().into_iter().map(|doc| doc.replace('\n', " ")).collect();
    for Translation { language, documentation, .. } in about.translations {
        let all =
            words.keys().into_iter().chain(docs.iter().chain(meanings.iter().copied()).map(String::as_str));
        let said = |key: &&str| words.get(language, key).is_some_and(|text| !text.trim().is_empty());
        let missing: Vec<&str> = all.filter(|key| !said(key)).collect();
        assert!(missing.is_empty(), "{case}: in `{language}` there is nothing for {missing:#?}");
        let headings = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        let [own, english] = [documentation, about.documentation.as_ref()].map(headings);
        assert_eq!(own, english, "the documentation in `{language}` has other headings than the English one");
    }
}

/// Of a run that is asked for one scalar or table, that comes out as it does with everything.
fn asked_in_part(analysis: &dyn DynAnalysis, case: &Case) {
    let cancel = CancelToken::new();
    let prepared = analysis.prepare(&case.params).expect("checked before");
    let all = run(analysis, &case.params, &case.inputs)
        .unwrap_or_else(|failure| panic!("{}: {failure}", case.name));
    let names = prepared.outputs.scalars.keys().take(1).chain(prepared.outputs.tables.keys().take(1));
    for name in names {
        let wanted = Wanted::only([name.clone()]);
        let context =
            RunContext::new(Seed::of_replicate(2016, 0), &case.inputs, &cancel, &Silent).asking(&wanted);
        let part = analysis
            .run(&prepared.params, &context)
            .unwrap_or_else(|failure| panic!("{}: {failure}", case.name));
        assert!(part == all.clone().only(&wanted), "{}: asked for `{name}` alone, it is another", case.name);
    }
}

fn figures_name_declared_outputs(prepared: &Prepared, case: &str) {
    let declared = &prepared.outputs;
    for (name, figure) in &prepared.figures {
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
    let found = (analysis.identity().revision, digests[0].as_str());
    assert_eq!(
        found, case.golden,
        "{}: the outputs (left) are not the golden ones (right); if this is intended, move the revision",
        case.name
    );
}

/// Adds a case to `FOLDER/ANALYSIS.jsonl`, where `OCTAVO_CASES` names a folder, so that the analysis's module is held against it (docs/lab.md).
/// Cases with inputs are left out: a module takes none.
#[expect(
    clippy::disallowed_methods,
    reason = "a test aid: a folder is named, and a run timed for the reader"
)]
fn written_down(analysis: &dyn DynAnalysis, case: &Case) {
    let Some(folder) = std::env::var_os("OCTAVO_CASES").filter(|_| case.inputs.is_empty()) else { return };
    let Identity { name, revision, .. } = analysis.identity();
    let params = analysis.prepare(&case.params).expect("checked before").params;
    let seed = Seed::of_replicate(2016, 0).0;
    let ask = json!({
        "analysis": name, "revision": revision, "numerics": NUMERICS_REVISION, "params": params, "seed": seed,
    });
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started");
    let start = Instant::now();
    let artifacts = pool.install(|| run(analysis, &case.params, &case.inputs)).expect("it ran before");
    let seconds = start.elapsed().as_secs_f64();
    let line = json!({
        "name": case.name, "ask": ask.to_string(), "digest": artifacts.digest().hex(), "seconds": seconds,
    });
    let file = Path::new(&folder).join(format!("{name}.jsonl"));
    let written = OpenOptions::new().create(true).append(true).open(&file);
    written.and_then(|mut file| writeln!(file, "{line}")).expect("the folder can be written");
}

/// Results of what is not stochastic are remembered for all seeds.
fn same_for_another_seed(analysis: &dyn DynAnalysis, case: &Case) {
    let artifacts = seeded(analysis, &case.params, &case.inputs, Seed(1));
    let digest = artifacts.unwrap_or_else(|failure| panic!("{}: {failure}", case.name)).digest();
    let same = digest.hex()[..16] == *case.golden.1;
    assert!(same, "{}: the outputs depend on the seed, and `stochastic` says that they do not", case.name);
}

struct StopAtOnce<'a>(&'a CancelToken);

impl Progress for StopAtOnce<'_> {
    fn report(&self, _done: u64, _total: u64) {
        self.0.stop(StopReason::Cancelled);
    }
}

/// What is said of a point after another is what is said of it alone.
fn points_of_a_sweep(analysis: &dyn DynAnalysis, cases: &[Case]) {
    let prepared: Vec<Prepared> =
        cases.iter().filter_map(|case| analysis.prepare(&case.params).ok()).collect();
    for first in &prepared {
        let follow = analysis.follow(first);
        for alone in &prepared {
            let expected = Next {
                params: alone.params.clone(),
                problems: alone.problems.clone(),
                stochastic: alone.stochastic,
                same_outputs: alone.outputs == first.outputs,
            };
            let (next, first) = (follow(&alone.params), &first.params);
            assert_eq!(next, Ok(expected), "after {first}, of {} something else is said", alone.params);
        }
    }
}

fn cancellable(analysis: &dyn DynAnalysis, case: &Case) {
    let cancel = CancelToken::new();
    let params = analysis.prepare(&case.params).expect("checked before").params;
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
