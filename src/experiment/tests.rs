use super::*;
use crate::testing::{check, no_overrides};

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

#[test]
fn settings_and_profiles_replace_parameters() {
    let text = "[params]\na = 3\n[sweep]\nb = [1, 2]\n[profiles.full]\nreplicates = 4\nsweep.b = [1, 2, 3]\n";
    let with = |overrides: &Overrides| check("a", text, overrides).0.unwrap();
    let full = with(&Overrides { profile: Some("full".into()), ..no_overrides() });
    assert_eq!((full.points.len(), full.replicates), (3, 4));
    let set = with(&Overrides { set: vec!["params.a=7".into(), "params.b=0.5".into()], ..no_overrides() });
    assert_eq!(set.points.len(), 1);
    assert_eq!(set.points[0].params["a"], 7.0);
    assert_eq!(set.points[0].params["b"], 0.5);
    let (_, problems) = check("a", text, &Overrides { set: vec!["params.a=x y".into()], ..no_overrides() });
    assert_eq!(problems[0].code, "toml-syntax");
    let zipped = "[[zip]]\na = [1, 2]\nb = [3, 4]\n";
    let (set, _) = check("a", zipped, &Overrides { set: vec!["params.a = 9".into()], ..no_overrides() });
    let points: Vec<_> = set.unwrap().points.iter().map(|point| point.params["a"].clone()).collect();
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
