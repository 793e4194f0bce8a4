//! `outputs = [...]`: what is asked for is computed and nothing else, and a name that means nothing is refused.

use serde_json::Value as Json;

use crate::harness::Place;

const ENTROPIC: &str = r#"
title = "T"
analysis = "sinkhorn"
OUTPUTS
[params]
source = { points = [[0.0], [1.0]] }
target = { points = [[0.5], [3.0]] }
epsilon = [1.0]
"#;

fn project(outputs: &str) -> Place {
    Place::project(&[("a.toml", &ENTROPIC.replace("OUTPUTS", outputs)), ("index.md", "# T\n")])
}

#[test]
fn what_is_asked_for_is_all_that_is_there() {
    let place = project("outputs = [\"w2_squared\", \"epsilon.transport_cost\"]");
    place.build();
    let out = place.octavo(&["run", "a", "--format", "json"]).run().exits(0).out;
    let run: Json = serde_json::from_str(&out).unwrap();
    let task = &run["tasks"][0];
    let names = |group: &Json| group.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        (names(&task["scalars"]), names(&task["tables"])),
        (vec!["w2_squared".into()], vec!["epsilon".into()]),
        "{out}"
    );
    assert_eq!(names(&task["tables"]["epsilon"]["columns"]), ["transport_cost"], "{out}");
    // Everything else is another question, with a key of its own; the same question is not asked twice.
    assert_eq!(place.build().ran, 0);
    place.edit("experiments/a.toml", "outputs = [\"w2_squared\", \"epsilon.transport_cost\"]", "");
    assert_eq!(place.build().ran, 1);
    place.edit(
        "experiments/a.toml",
        "analysis = \"sinkhorn\"\n",
        "analysis = \"sinkhorn\"\noutputs = [\"epsilon.transport_cost\", \"w2_squared\"]\n",
    );
    assert_eq!(place.build().ran, 0, "the order of names does not matter");
}

#[test]
fn a_name_that_is_not_declared_is_refused_at_its_place() {
    for (outputs, at, says) in [
        ("outputs = [\"w2_sqared\"]", "a.toml:4:12", "did you mean `w2_squared`?"),
        ("outputs = [\"w1\", \"epsilon.cost\"]", "a.toml:4:18", "`sinkhorn` gives no `epsilon.cost`"),
        ("outputs = []", "a.toml:4:11", "outputs"),
        ("outputs = [3]", "a.toml:4:12", "3"),
    ] {
        let done = project(outputs).octavo(&["check"]).run().exits(2);
        assert!(done.err.contains(at) && done.err.contains(says), "{outputs}: {}", done.err);
    }
    let place = project("outputs = [\"w1\"]");
    place.write("experiments/index.md", "# T\n\n{{ table(\"a#epsilon\") }}\n");
    place.octavo(&["check"]).run().exits(2).says(&["epsilon"]);
}

#[test]
fn a_program_is_told_what_is_asked_for_and_may_give_more() {
    let config = "octavo = \"1\"\ntitle = \"T\"\n[plugins.walk]\ncommand = [\"python3\", \"walk.py\"]\n";
    let program = include_str!("plugins/labelled.py");
    for program in [program.to_owned(), program.replace("run.wants(\"dear\")", "True")] {
        let place = Place::with(&[
            ("octavo.toml", config),
            ("walk.py", &program),
            ("octavo_plugin.py", include_str!("../../plugins/python/octavo_plugin.py")),
            ("experiments/walk.toml", "title = \"T\"\nanalysis = \"walk\"\noutputs = [\"steps\"]\n"),
            ("experiments/index.md", "# T\n\n{{ table(\"walk#steps\") }}\n"),
        ]);
        place.build();
        let out = place.octavo(&["run", "walk"]).run().exits(0).out;
        assert!(
            out.starts_with("walk: T\n")
                && out.ends_with("\n\nsteps: 3 rows\n  step\n     1\n     2\n     3\n"),
            "{out}"
        );
    }
}
