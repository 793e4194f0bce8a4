//! What somebody does on the first day.

use crate::harness::Place;

/// A new project `demo` in a place of its own.
fn demo() -> Place {
    let place = Place::new();
    place.octavo(&["new", "project", "demo"]).run().exits(0).prints_nothing().says(&["octavo build"]);
    for path in ["octavo.toml", "experiments/index.md", "experiments/strip.toml", ".gitignore"] {
        let text = place.read(&format!("demo/{path}"));
        place.write(path, text);
    }
    place
}

#[test]
fn a_new_project_builds_at_once_and_its_page_names_it() {
    let place = Place::new();
    place.octavo(&["new", "project", "demo"]).run().exits(0);
    let done = place.octavo(&["-C", "demo", "build"]).run().exits(0).prints_nothing();
    let done = done.says(&["12 tasks run", "open site/index.html"]);
    assert!(!done.err.contains("warning"), "{}", done.err);
    let page = place.read("demo/site/index.html");
    for part in ["<title>", "demo", "A folded strip", "4096", "<svg"] {
        assert!(page.contains(part), "{part} is not on the page");
    }
    place.octavo(&["new", "project", "demo"]).run().exits(2).says(&["exists", "nothing was changed"]);
}

#[test]
fn only_new_points_run_and_words_recompute_nothing() {
    let place = demo();
    assert_eq!(place.build().ran, 12);
    place.edit("experiments/strip.toml", "to = 12", "to = 14");
    let more = place.build();
    assert_eq!((more.ran, more.remembered), (2, 12));
    assert!(more.touched > 0, "{more:?}");
    place.edit("experiments/strip.toml", "# A named number.", "# A number with a name.");
    let comment = place.build();
    assert_eq!((comment.ran, comment.remembered), (0, 14));
    place.edit("experiments/index.md", "Fold a strip", "Do fold a strip");
    let word = place.build();
    assert_eq!((word.ran, word.remembered), (0, 14));
    assert!(place.read("site/index.html").contains("Do fold a strip"));
    place.edit("experiments/strip.toml", "from = 1, to = 14", "from = 2, to = 14");
    assert_eq!(place.build().ran, 0, "fewer points are no work");
}

#[test]
fn a_parameter_a_seed_and_an_input_recompute_exactly_what_depends_on_them() {
    let place = Place::small();
    let first = place.build();
    let all = first.ran + first.remembered;
    let expect = |edit: &dyn Fn(&Place), ran: u64| {
        edit(&place);
        let next = place.build();
        assert_eq!((next.ran, next.ran + next.remembered), (ran, all));
    };
    expect(&|p| p.edit("experiments/folding/window.toml", "seed = 7", "seed = 8"), 5);
    expect(&|p| p.edit("experiments/folding/net.json", "0.1", "0.15"), 1);
    expect(&|p| p.edit("experiments/transport/points.csv", "0.9,0.25", "0.8,0.25"), 1);
    // The source moves and the target stays: the experiment that reads the target has nothing to do.
    expect(&|p| p.edit("experiments/transport/bumps.toml", "center = 0.2", "center = 0.3"), 1);
    expect(&|p| p.edit("experiments/transport/bumps.toml", "center = 0.7", "center = 0.6"), 2);
    expect(&|p| p.edit("experiments/curvature/circle.toml", "2.5]", "2.75]"), 2);
}

#[test]
fn every_analysis_starts_from_an_example_that_builds() {
    let place = demo();
    let analyses = place.octavo(&["list", "analyses"]).run().exits(0).out;
    let names: Vec<&str> = analyses.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 4, "{analyses}");
    for name in &names {
        let id = format!("x/{name}");
        place.octavo(&["new", "experiment", &id, "--analysis", name]).run().exits(0).says(&[&id]);
    }
    let done = place.octavo(&["build", "--strict", "--log-format", "json"]).run().exits(0);
    assert_eq!(done.published().failed, 0);
    for name in names {
        let page = place.read(&format!("site/x/{name}.html"));
        assert!(page.contains("<svg"), "the page of {name} shows no figure");
    }
}
