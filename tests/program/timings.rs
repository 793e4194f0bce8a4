//! `octavo build --timings`: where the time went, and nothing else is changed by asking.

use serde_json::Value as Json;

use crate::harness::Place;

const STRIP: &str = "title = \"A strip\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [2, 3]\n[figures.growth]\nfrom = \"scalars\"\nmark = \"line\"\nx = \"folds\"\ny = \"segments\"\n";

fn project() -> Place {
    Place::project(&[
        ("index.md", "# Home\n"),
        ("strip.toml", STRIP),
        ("strip.md", "# A strip\n\n![](figure:growth)\n"),
    ])
}

/// The trace in a file: the kind and name of everything that was timed.
fn trace(place: &Place, file: &str) -> Vec<(String, String)> {
    let json: Json = serde_json::from_str(&place.read(file)).unwrap();
    let text = |event: &Json, key: &str| event[key].as_str().unwrap().to_owned();
    let events = json["traceEvents"].as_array().unwrap();
    assert!(events.iter().all(|event| event["ph"] == "X" && event["dur"].is_f64() && event["tid"].is_u64()));
    events.iter().map(|event| (text(event, "cat"), text(event, "name"))).collect()
}

#[test]
fn steps_tasks_figures_and_pages_are_told_and_the_site_is_the_same() {
    let (asked, plain) = (project(), project());
    let done = asked.octavo(&["build", "--timings=trace.json"]).run().exits(0);
    done.says(&["steps, in seconds\n", "  check everything\n", "  render pages\n", "  publish\n"]).says(&[
        "2 tasks, ",
        " seconds of all threads together; the slowest\n",
        "  strip folds=3\n",
        "1 figure, ",
        "  strip#growth\n",
        "2 pages, ",
        "  strip.html\n",
    ]);
    plain.build();
    assert!(asked.tree("site") == plain.tree("site"), "the site of a build that was timed is another");
    let timed = trace(&asked, "trace.json");
    for (kind, name) in [
        ("step", "read the project"),
        ("task", "strip folds=2"),
        ("figure", "strip#growth"),
        ("page", "index.html"),
    ] {
        let count = timed.iter().filter(|span| **span == (kind.to_owned(), name.to_owned())).count();
        assert_eq!(count, 1, "{kind} {name}");
    }
}

#[test]
fn what_was_remembered_is_no_task_and_programs_get_an_event() {
    let place = project();
    place.build();
    place.edit("experiments/index.md", "Home", "Start");
    let lines = place.octavo(&["build", "--timings", "--log-format", "json"]).run().exits(0).lines();
    let event = lines.iter().find(|line| line["event"] == "timings").expect("there is an event");
    assert_eq!(event["tasks"], serde_json::json!({ "count": 0, "seconds": 0.0, "slowest": [] }));
    assert_eq!(event["pages"]["count"], 2);
    let steps: Vec<&str> =
        event["steps"].as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect();
    let expected = [
        "read the project",
        "read the locks",
        "check everything",
        "run tasks",
        "render pages",
        "hold results against locks",
        "publish",
        "remember the build",
    ];
    assert_eq!(steps, expected);
    let quiet = place.octavo(&["build", "--timings", "--quiet"]).run().exits(0);
    assert_eq!(quiet.err, "");
}

#[test]
fn a_trace_that_cannot_be_written_is_told_and_the_site_stands() {
    let place = project();
    let done = place.octavo(&["build", "--timings=none/trace.json"]).run().exits(1);
    done.says(&["error[timings]: the trace `none/trace.json` cannot be written"]);
    assert!(place.exists("site/index.html"));
    // A build that is refused has its own exit code.
    place.write("experiments/strip.md", "# A strip\n\n![](figure:grow)\n");
    place.octavo(&["build", "--timings=none/trace.json"]).run().exits(2);
    place.octavo(&["build", "--timings=trace.json"]).run().exits(2);
    assert!(trace(&place, "trace.json").iter().all(|(kind, _)| kind == "step"));
}
