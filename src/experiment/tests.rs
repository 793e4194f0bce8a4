use std::sync::atomic::{AtomicUsize, Ordering};

use octavo_plugin::{About, Artifacts, Failure, Identity, Prepared, RunContext, Translations, Value};
use serde_json::Value as Json;

use super::*;
use crate::testing::{Sample, check, no_overrides};

fn problems(text: &str) -> Vec<String> {
    let (experiment, problems) = check("a", text, &no_overrides());
    assert_eq!(experiment.is_none(), !problems.is_empty());
    let shown = problems.iter().map(|problem| {
        let text = problem.location.as_ref().map(|at| at.source.text[at.span.clone()].to_owned());
        format!("{} `{}`", problem.code, text.unwrap_or_default())
    });
    shown.collect()
}

#[test]
fn parameters_and_sweeps_are_checked_where_they_stand() {
    assert_eq!(problems(""), Vec::<String>::new());
    assert_eq!(problems("[params]\na = 101\n"), ["out-of-range `101`"]);
    assert_eq!(problems("[sweep]\na = [1, 200]\n"), ["out-of-range `200`"]);
    assert_eq!(problems("[sweep]\naa = [1]\n"), ["unknown-parameter `aa`"]);
    assert_eq!(problems("[params]\nend = \"goood\"\n"), ["unknown-word `\"goood\"`"]);
    assert_eq!(problems("[params]\nb = nan\n"), ["not-finite `nan`"]);
    assert_eq!(problems("[sweep]\nb = { from = 1, to = 5000 }\n"), ["too-many-tasks `sweep`"]);
    let axes = ["a", "b"].map(|axis| format!("{axis} = {{ from = 1, to = 90, steps = 100000 }}\n")).concat();
    assert_eq!(problems(&format!("[sweep]\n{axes}")), ["too-many-tasks `sweep`"]);
    let replicates = "replicates = 600\n[sweep]\na = [1, 2]\n";
    assert_eq!(problems(replicates), Vec::<String>::new(), "nothing is drawn, so nothing is repeated");
    let drawn = format!("{replicates}[params]\nnoise = true\n");
    assert_eq!(problems(&drawn), ["too-many-tasks `600`"]);
    assert_eq!(problems("[params]\na = \"x\"\n[figures.f]\nmark = 3\n").len(), 2);
    assert_eq!(problems("title = \"T\"\nanalysis = \"smaple\"\n"), ["unknown-analysis `\"smaple\"`"]);
}

/// The problems of a definition for the analyses that come with Octavo: code, marked text and help.
fn of_built_in(analysis: &str, text: &str, set: &[&str]) -> Vec<String> {
    let source = SourceFile::new("a.toml", format!("title = \"T\"\nanalysis = \"{analysis}\"\n{text}"));
    let set = set.iter().map(|setting| (*setting).to_owned()).collect();
    let (_, problems) = Experiment::check(
        &ExperimentId::like("a"),
        &source,
        &Registry::built_in(),
        &Overrides { set, ..no_overrides() },
    );
    let shown = problems.iter().map(|problem| {
        let at = problem.location.as_ref().unwrap();
        let help = problem.help.clone().unwrap_or_default();
        format!("{} {} {help}", problem.code, &at.source.text[at.span.clone()])
    });
    shown.collect()
}

#[test]
fn what_was_a_parameter_of_regions_is_told_its_analysis_and_that_one_takes_it() {
    let network = "network = { widths = [2, 4, 1] }\n";
    for (old, analysis, params) in [
        ("lines = { count = 3, plane = true }", "lines", "count = 3\nplane = true"),
        ("folds = { count = 3, crease = \"halving\" }", "folds", "count = 3\ncrease = \"halving\""),
        ("formula = { folds = 9, dimensions = [2] }", "zaslavsky", "folds = 9\ndimensions = [2]"),
        (
            "arrangement = { hyperplanes = 3, dimensions = [2] }",
            "arrangement",
            "hyperplanes = 3\ndimensions = [2]",
        ),
        ("portrait = { points = 9, gain = 2 }", "portraits", "points = 9\ngain = 2"),
    ] {
        let (key, _) = old.split_once(' ').unwrap();
        let network = if key == "portrait" { network } else { "" };
        let found = of_built_in("regions", &format!("[params]\n{network}{old}\n"), &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        let start =
            format!("moved-key {key} it is an analysis of its own now: write `analysis = \"{analysis}\"`");
        assert!(found[0].starts_with(&start), "{found:?}");
        assert_eq!(of_built_in(analysis, &format!("[params]\n{network}{params}\n"), &[]), [""; 0]);
    }
    let sweep = of_built_in("regions", "[sweep]\n\"folds.count\" = [1, 2]\n", &[]);
    assert!(sweep.len() == 1 && sweep[0].contains("`analysis = \"folds\"`"), "{sweep:?}");
    let profile = format!("[params]\n{network}[profiles.full]\nsweep.lines.count = [1, 2]\n");
    assert!(of_built_in("regions", &profile, &[])[0].starts_with("moved-key"));
    let set = of_built_in("regions", &format!("[params]\n{network}"), &["params.lines.count=3"]);
    assert!(set[0].starts_with("moved-key"), "{set:?}");
    assert!(of_built_in("lines", "[params]\nlines = { count = 3 }\n", &[])[0].starts_with("unknown-key"));
    assert!(of_built_in("regions", "", &[])[0].starts_with("missing-key"));
}

#[test]
fn settings_and_profiles_replace_parameters() {
    let text = "[params]\na = 3\n[sweep]\nb = [1, 2]\n[profiles.full]\nreplicates = 4\nsweep.b = [1, 2, 3]\n";
    let with = |overrides: &Overrides| check("a", text, overrides).0.unwrap();
    let full = with(&Overrides { profile: Some("full".into()), ..no_overrides() });
    assert_eq!((full.points.len(), full.replicates), (3, 4));
    let set = with(&Overrides { set: vec!["params.a=7".into(), "params.b=0.5".into()], ..no_overrides() });
    assert_eq!(set.points.len(), 1);
    assert_eq!(set.points[0].params.json()["a"], 7.0);
    assert_eq!(set.points[0].params.json()["b"], 0.5);
    let (_, problems) = check("a", text, &Overrides { set: vec!["params.a=x y".into()], ..no_overrides() });
    assert_eq!(problems[0].code, "toml-syntax");
    let zipped = "[[zip]]\na = [1, 2]\nb = [3, 4]\n";
    let (set, _) = check("a", zipped, &Overrides { set: vec!["params.a = 9".into()], ..no_overrides() });
    let points: Vec<_> = set.unwrap().points.iter().map(|point| point.params.json()["a"].clone()).collect();
    assert_eq!(points, [9.0, 9.0]);
}

#[test]
fn a_profile_is_checked_before_it_is_chosen() {
    let profile = |text: &str| problems(&format!("[params]\na = 1\n[profiles.full]\n{text}\n"));
    assert_eq!(profile("params.a = 2\nsweep.b = [1, 2]"), Vec::<String>::new());
    assert_eq!(profile("params.aa = 2"), ["unknown-key `aa`"]);
    assert_eq!(profile("params.a = 200"), ["out-of-range `200`"]);
    assert_eq!(profile("sweep.bb = [1]"), ["unknown-parameter `bb`"]);
    assert_eq!(profile("sweep.a = [1, 200]"), ["out-of-range `200`"]);
    assert_eq!(profile("sweep.a = []"), ["empty-axis `[]`"]);
}

#[test]
fn a_wrong_setting_is_marked_where_it_is_wrong() {
    let marked = |setting: &str| {
        let (_, problems) = check("a", "", &Overrides { set: vec![setting.into()], ..no_overrides() });
        let place = problems[0].location.clone().unwrap();
        place.source.text[place.span].to_owned()
    };
    assert_eq!(marked("params.a=300"), "300");
    assert_eq!(marked("params.aa = 3"), "aa");
    assert_eq!(marked("params.source={ file = \"data.txt\", form = 3 }"), "form");
}

/// [`Sample`], and how often it was asked.
#[derive(Default)]
struct Counting(AtomicUsize);

impl DynAnalysis for Counting {
    fn identity(&self) -> Identity {
        DynAnalysis::identity(&Sample)
    }

    fn about(&self) -> About {
        DynAnalysis::about(&Sample)
    }

    fn translations(&self) -> Translations {
        Sample.translations()
    }

    fn json_schema(&self) -> Json {
        Sample.json_schema()
    }

    fn schema(&self) -> Schema {
        Sample.schema()
    }

    fn prepare(&self, params: &Json) -> Result<Prepared, Failure> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Sample.prepare(params)
    }

    fn run(&self, params: &Json, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        DynAnalysis::run(&Sample, params, context)
    }
}

/// A checked sweep, what is wrong with it, and how often the analysis was asked.
fn counted(sweep: &str) -> (Option<Experiment>, Vec<Diagnostic>, usize) {
    let analysis = Arc::new(Counting::default());
    let registry = Registry::of([Arc::clone(&analysis) as Arc<dyn DynAnalysis>]);
    let source = SourceFile::new("a.toml", format!("title = \"T\"\nanalysis = \"sample\"\n{sweep}"));
    let overrides = Overrides::default();
    let (experiment, problems) = Experiment::check(&ExperimentId::like("a"), &source, &registry, &overrides);
    (experiment, problems, analysis.0.load(Ordering::SeqCst))
}

#[test]
fn the_analysis_is_asked_once_a_point_and_points_keep_what_is_their_own() {
    let whole = |index: usize| f64::from(u32::try_from(index).unwrap());
    type Expected<'a> = &'a dyn Fn(usize) -> (f64, f64);
    let cases: [(&str, usize, Expected<'_>); 3] = [
        ("[sweep]\na = { from = 0, to = 59 }\nb = { from = 0, to = 49 }\n", 3_000, &|n| {
            (whole(n / 50), whole(n % 50))
        }),
        ("[sweep]\nb = { from = 0, to = 4999 }\n", 5_000, &|n| (1.0, whole(n))),
        (
            "[params]\nnoise = true\n[sweep]\nend = [\"good\", \"nan\"]\n[[zip]]\na = { from = 0, to = 99 }\nb = { from = 100, to = 199 }\n",
            200,
            &|n| (whole(n % 100), whole(n % 100 + 100)),
        ),
    ];
    for (sweep, count, expected) in cases {
        let (experiment, problems, asked) = counted(sweep);
        assert_eq!((problems, asked), (Vec::new(), count));
        let points = experiment.unwrap().points;
        assert_eq!(points.len(), count);
        for (index, point) in points.iter().enumerate() {
            let (json, number) = (point.params.json(), |key| point.values.get(key).and_then(Value::as_f64));
            let (a, b) = expected(index);
            assert_eq!((json["a"].as_f64(), json["b"].as_f64()), (Some(a), Some(b)), "{index}");
            assert_eq!((number("a").unwrap_or(1.0), number("b")), (a, Some(b)), "{index}");
            let own = point.params.beside(&points[0].params);
            assert!(own.is_some_and(|own| own <= point.values.keys().count()), "{index}: {own:?}");
        }
    }
    // A million of each fit into memory.
    assert!(size_of::<Point>() <= 48 && size_of::<crate::plan::Task>() <= 112);
}

#[test]
fn what_is_wrong_with_many_points_is_told_once() {
    for (sweep, told) in [
        ("[sweep]\na = [1, 200]\nb = { from = 0, to = 2999 }\n", 1),
        ("[params]\nend = \"x\"\n[sweep]\nb = { from = 0, to = 2999 }\n", 1),
        ("[sweep]\na = [1, 200, 300]\nb = { from = 0, to = 999 }\nnoise = [true, 3]\n", 3),
    ] {
        let (experiment, problems, _) = counted(sweep);
        assert!(experiment.is_none());
        assert_eq!(problems.len(), told, "{problems:?}");
    }
}
