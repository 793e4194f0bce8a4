//! An analysis as a process gives the bytes that it gives in process. This program is the test and the plugin: without the
//! usual test harness, whose own output would disturb the protocol.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and says how it went")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use octavo::process::{Limits, Plugin, ProcessAnalysis};
use octavo_plugin::context::Silent;
use octavo_plugin::input::InputContent;
use octavo_plugin::{
    CancelToken, Digest, DynAnalysis, FailureKind, Inputs, Progress, RunContext, Seed, StopReason,
};
use serde_json::{Value as Json, json};

/// What `octavo new plugin --lang rust` writes is a program that compiles.
#[path = "../templates/new/plugin/main.rs"]
#[expect(dead_code, reason = "its `main` is not this one")]
mod template;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("serve-dragon") => octavo_plugin::serve(octavo_dragon::Dragon),
        Some("serve-regions") => octavo_plugin::serve(octavo_regions::Regions),
        Some("serve-sinkhorn") => octavo_plugin::serve(octavo_sinkhorn::Sinkhorn),
        _ => {
            test();
            ExitCode::SUCCESS
        }
    }
}

fn test() {
    dragon_gives_the_same_bytes();
    seeds_and_inputs_arrive();
    problems_and_errors_arrive();
    a_run_can_be_cancelled_and_the_process_goes_on();
    the_golden_requests_are_answered();
    println!("test result: ok. an analysis as a process is the same analysis");
}

fn served(name: &str) -> ProcessAnalysis {
    let this = std::env::current_exe().unwrap().display().to_string();
    let plugin = Plugin {
        name: name.to_owned(),
        command: vec![this, format!("serve-{name}")],
        root: PathBuf::from("/"),
        files: BTreeSet::new(),
        inputs: Vec::new(),
        limits: Limits {
            start: Duration::from_secs(60),
            time: Duration::from_secs(60),
            memory: 4 << 30,
            output: 256 << 20,
            threads: 1,
            processes: 8,
        },
        digest: Digest::of(b"test"),
        octavo: PathBuf::from(env!("CARGO_BIN_EXE_octavo")),
    };
    ProcessAnalysis::new(plugin, Path::new("/nowhere")).unwrap()
}

/// Both ways of computing agree in everything that is declared and in every bit of the result.
fn same(in_process: &impl DynAnalysis, process: &ProcessAnalysis, params: &Json, inputs: &Inputs) {
    assert_eq!(process.schema(), in_process.schema());
    let canonical = in_process.prepare(params).unwrap().params;
    // A program says everything in all the languages that its analysis has words of.
    for params in [params, &canonical] {
        let mut expected = in_process.prepare(params).unwrap();
        expected.translate(&in_process.translations());
        assert_eq!(process.prepare(params).unwrap(), expected);
    }
    let cancel = CancelToken::new();
    let context = RunContext::new(Seed(17), inputs, &cancel, &Silent);
    let (a, b) = (in_process.run(&canonical, &context).unwrap(), process.run(&canonical, &context).unwrap());
    let bytes = |artifacts: &octavo_plugin::Artifacts| -> Vec<(String, Vec<u8>)> {
        artifacts.each().map(|(name, artifact)| (name, artifact.encode())).collect()
    };
    assert!(bytes(&a) == bytes(&b), "{params}: the bytes differ");
}

fn dragon_gives_the_same_bytes() {
    let process = served("dragon");
    let (a, b) = (process.about(), octavo_dragon::Dragon.about_erased());
    assert_eq!((a.documentation, a.example), (b.documentation, b.example));
    let (a, b) = (process.identity(), DynAnalysis::identity(&octavo_dragon::Dragon));
    assert_eq!((a.name, a.revision), (b.name, b.revision));
    for params in [
        json!({}),
        json!({"folds": 0}),
        json!({"folds": 15, "max_vertices": 4000}),
        json!({"folds": 9, "angle": 103.5, "levels": [0, 3, 9]}),
        json!({"kind": "terdragon", "folds": 7, "normalise": true}),
    ] {
        same(&octavo_dragon::Dragon, &process, &params, &Inputs::new());
    }
}

/// `Analysis::about` and `DynAnalysis::about` have one name.
trait AboutErased {
    fn about_erased(&self) -> octavo_plugin::About;
}

impl<A: DynAnalysis> AboutErased for A {
    fn about_erased(&self) -> octavo_plugin::About {
        DynAnalysis::about(self)
    }
}

fn seeds_and_inputs_arrive() {
    let process = served("regions");
    for width in [6, 7] {
        same(
            &octavo_regions::Regions,
            &process,
            &json!({"network": {"widths": [2, width, 1]}}),
            &Inputs::new(),
        );
    }
    let process = served("sinkhorn");
    let mut inputs = Inputs::new();
    let bytes = b"x1,weight\n0,1\n1,2\n3,1\n".to_vec();
    let file = inputs.add("points.csv", InputContent::File { extension: "csv".into(), bytes });
    let table = octavo_plugin::Table::new()
        .with("x1", (0..700).map(|row| f64::from(row) / 7.0).collect::<Vec<_>>())
        .with("name", vec!["a"; 700]);
    let result =
        inputs.add("up#points", InputContent::Artifact(octavo_plugin::artifact::Artifact::Table(table)));
    let input = |input| serde_json::to_value(input).unwrap();
    let params = json!({"source": input(file), "target": input(result), "epsilon": [1.0]});
    same(&octavo_sinkhorn::Sinkhorn, &process, &params, &inputs);
}

fn problems_and_errors_arrive() {
    let process = served("dragon");
    let params = json!({"kind": "terdragon", "folds": 45});
    let expected = DynAnalysis::prepare(&octavo_dragon::Dragon, &params).unwrap().problems;
    assert!(!expected.is_empty());
    assert_eq!(process.prepare(&params).unwrap().problems, expected);
    assert!(process.prepare(&json!({"folds": 99})).unwrap_err().message.contains("`folds` is `99`"));
}

struct StopAtOnce<'a>(&'a CancelToken);

impl Progress for StopAtOnce<'_> {
    fn report(&self, _done: u64, _total: u64) {
        self.0.stop(StopReason::Cancelled);
    }
}

fn a_run_can_be_cancelled_and_the_process_goes_on() {
    let process = served("dragon");
    let params = process.prepare(&json!({"folds": 26})).unwrap().params;
    let (cancel, inputs) = (CancelToken::new(), Inputs::new());
    let stop = StopAtOnce(&cancel);
    let failure = process.run(&params, &RunContext::new(Seed(1), &inputs, &cancel, &stop)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled, "{failure}");
    same(&octavo_dragon::Dragon, &process, &json!({"folds": 3}), &inputs);
}

/// What `serve` answers to every request of the golden dialogues has the same form as there.
fn the_golden_requests_are_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plugin-protocol/v1");
    let this = std::env::current_exe().unwrap();
    for name in ["describe.ndjson", "errors.ndjson", "unknown-fields.ndjson", "other-version.ndjson"] {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let mut child = Command::new(&this)
            .arg("serve-dragon")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut answers = BufReader::new(stdout).lines();
        for line in text.lines() {
            let golden: Json = serde_json::from_str(line).unwrap();
            let Some(message) = golden.get("host") else { continue };
            writeln!(stdin, "{message}").unwrap();
            let answer: Json = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
            assert_eq!(answer.get("id"), message.get("id"), "{name}: {answer}");
            match message.get("request").and_then(Json::as_str) {
                None => assert_eq!(answer, json!({"protocol": "octavo-plugin", "version": 1})),
                Some("describe") => {
                    assert_eq!(answer["reply"], "result");
                    let golden = golden_fields(&folder);
                    let found: Vec<&String> = answer["value"].as_object().unwrap().keys().collect();
                    assert_eq!(found, golden.iter().collect::<Vec<_>>());
                }
                Some("check") => assert_eq!(answer["reply"], "result"),
                // Parameters of another analysis, or a request that does not exist.
                Some("run") => {
                    assert_eq!((&answer["reply"], &answer["kind"]), (&"error".into(), &"user".into()));
                }
                Some(_) => assert_eq!((&answer["reply"], &answer["kind"]), (&"error".into(), &"bug".into())),
            }
        }
        drop(stdin);
        assert!(child.wait().unwrap().success(), "{name}: it ends when its input is closed");
    }
}

fn golden_fields(folder: &Path) -> Arc<[String]> {
    let text = std::fs::read_to_string(folder.join("describe.ndjson")).unwrap();
    let last: Json = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    last["plugin"]["value"].as_object().unwrap().keys().cloned().collect()
}
