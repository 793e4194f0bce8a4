//! What a figure or table does not show is said, at its place: empty selections before anything runs where that can be known, and at
//! the build where not.

use crate::harness::{Done, Place};

const HEAD: &str = "title = \"T\"\nanalysis = \"dragon\"\n[sweep]\nfolds = { from = 1, to = 6 }\n";

fn project(definition: &str, page: &str) -> Place {
    Place::project(&[("a.toml", &format!("{HEAD}{definition}")), ("index.md", page)])
}

fn check(definition: &str) -> Done {
    project(definition, "# T\n").octavo(&["check"]).run()
}

#[test]
fn a_condition_that_no_value_of_an_axis_meets_is_known_to_the_check() {
    let figure = "[figures.f]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"segments\"\ny = \"creases\"\n";
    let value = "[values.v]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n";
    for (definition, place, parts) in [
        (
            format!("{figure}where = {{ folds = 50 }}\n"),
            "a.toml:10:",
            &["no value of the axis `folds` meets `50`", "values of `folds`: 1, 2, 3, 4, 5, 6"][..],
        ),
        (format!("{figure}where = {{ folds = \">6\" }}\n"), "a.toml:10:", &["meets `>6`"]),
        (
            format!("{figure}where = {{ folds = [0, 7, \"10..20\"] }}\n"),
            "a.toml:10:",
            &["meets `[0,7,\"10..20\"]`"],
        ),
        (format!("{value}where = {{ folds = 7 }}\n"), "a.toml:8:", &["meets `7`", "1, 2, 3, 4, 5, 6"]),
        (
            format!("{value}where = {{ replicate = 3 }}\n"),
            "a.toml:8:",
            &["`replicate` meets `3`", "values of `replicate`: 0"],
        ),
        (
            format!("[tables.t]\nfrom = \"scalars\"\nwhere = {{ folds = \"<1\" }}\n{value}"),
            "a.toml:7:",
            &["meets `<1`"],
        ),
        (
            format!(
                "[tables.late]\nfrom = \"scalars\"\nwhere = {{ folds = \">=4\" }}\n{}where = {{ folds = 2 }}\n",
                figure.replace("scalars", "late")
            ),
            "a.toml:13:",
            &["meets `2`", "values of `folds`: 4, 5, 6"],
        ),
        (format!("{figure}[[figures.f.layers]]\nwhere = {{ folds = 9 }}\n"), "a.toml:11:", &["meets `9`"]),
    ] {
        let done = check(&definition).exits(0);
        let done = done.says(&["warning[unmet-condition]", place]).says(parts);
        assert_eq!(done.err.matches("unmet-condition").count(), 1, "{}", done.err);
        project(&definition, "# T\n")
            .octavo(&["check", "--strict"])
            .run()
            .exits(2)
            .says(&["error[unmet-condition]"]);
    }
}

#[test]
fn conditions_that_something_meets_are_good() {
    let figure = "[figures.f]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"segments\"\ny = \"creases\"\n";
    for condition in [
        "folds = 6",
        "folds = [6, 50]",
        "folds = \"2..3\"",
        "folds = \"!=1\"",
        "folds = 3.0",
        "replicate = 0",
    ] {
        check(&format!("{figure}where = {{ {condition} }}\n")).exits(0).says_nothing_of("unmet");
    }
    // A column that is only called like an axis is none.
    let table = "[tables.t]\nfrom = \"scalars\"\nstats = { folds = \"10 * max(folds)\" }\n";
    let value = "[values.v]\nfrom = \"t\"\nwhere = { folds = 60 }\nexpr = \"count()\"\n";
    check(&format!("{table}{value}")).exits(0).says_nothing_of("unmet");
}

#[test]
fn axes_that_advance_together_have_few_of_all_pairs() {
    let head = "title = \"T\"\nanalysis = \"dragon\"\n[[zip]]\nfolds = [3, 4]\nangle = [60, 90]\n";
    let figure = "[figures.f]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"segments\"\ny = \"creases\"\n";
    let done = |condition: &str| {
        let text = format!("{head}{figure}where = {{ {condition} }}\n");
        Place::project(&[("a.toml", &text), ("index.md", "# T\n")]).octavo(&["check"]).run().exits(0)
    };
    done("folds = 3, angle = 60").says_nothing_of("unmet");
    done("folds = 3, angle = 90")
        .says(&["no point of the sweep meets `folds = 3` and `angle = 90` together"]);
}

#[test]
fn what_a_derived_table_leaves_empty_is_told_by_the_build_and_fails_a_strict_one() {
    let definition = "[tables.none]\nfrom = \"scalars\"\nwhere = { segments = \">1000000\" }\n[figures.f]\nfrom = \"none\"\n\
                      mark = \"point\"\nx = \"folds\"\ny = \"segments\"\n";
    let place = project(definition, "# T\n\n![f](figure:a#f)\n\n![t](table:a#none)\n");
    let parts = [
        "[no-rows]",
        "the figure `a#f` draws nothing: `none` has no rows",
        "a.toml:9:",
        "the table `a#none` has no rows",
        "index.md:5:",
    ];
    place.octavo(&["build"]).run().exits(0).says(&["warning[no-rows]"]).says(&parts);
    place.octavo(&["build"]).run().exits(0).says(&parts);
    let strict = project(definition, "# T\n\n![f](figure:a#f)\n");
    strict.octavo(&["build", "--strict"]).run().exits(1).says(&["error[no-rows]", "nothing was published"]);
    assert!(!strict.exists("site/index.html"));
    let table = project(definition, "# T\n\n{{ table(\"a#none\") }}\n");
    table.octavo(&["build", "--strict"]).run().exits(1).says(&["error[no-rows]", "index.md:3:"]);
}

#[test]
fn a_layer_without_a_mark_and_letters_without_a_form_are_told() {
    let definition = "[figures.far]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"folds\"\ny = { field = \"segments\", domain = [1000, 2000] }\n\
                      [figures.kana]\nfrom = \"scalars\"\nmark = \"point\"\nx = { field = \"folds\", label = \"\u{6298}\" }\ny = \"segments\"\n";
    let place = project(definition, "# T\n\n![f](figure:a#far)\n\n![k](figure:a#kana)\n");
    let done = place.octavo(&["build"]).run().exits(0);
    done.says(&[
        "warning[no-marks]",
        "the figure `a#far` draws nothing of `scalars`",
        "a.toml:7:",
        "[missing-letters]",
        "(U+6298)",
    ]);
    let page = place.read("site/index.html");
    assert!(page.contains("<span class=\"note\">not in the PNG: \u{6298}</span>"), "{page}");
}

#[test]
fn a_band_that_does_not_fit_its_statistic_is_refused() {
    let figure = |y: &str| {
        format!(
            "[figures.f]\nfrom = \"scalars\"\nmark = [\"line\", \"band\"]\nx = \"folds\"\ny = {{ field = \"segments\", {y} }}\n"
        )
    };
    for (y, parts) in [
        (
            "stat = \"median\", band = \"ci95\"",
            &["unfit-band", "interval of the mean", "p2.5-p97.5", "a.toml:9:"][..],
        ),
        ("stat = \"median\", band = \"sd\"", &["unfit-band", "deviation from the mean"]),
        ("stat = \"sum\", band = \"p05-p95\"", &["unfit-band", "no spread"]),
        ("stat = \"mean\", band = \"p2.5p97.5\"", &["unknown-band", "`p2.5-p97.5`"]),
    ] {
        check(&figure(y)).exits(2).says(parts);
    }
    for y in [
        "stat = \"median\", band = \"p2.5-p97.5\"",
        "stat = \"mean\", band = \"ci95\"",
        "band = \"sd\", skip_missing = true",
    ] {
        check(&figure(y)).exits(0);
    }
    let point = "[figures.f]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"folds\"\n";
    for y in [
        "y = { field = \"segments\", skip_missing = true }\n",
        "y = \"segments\"\ncolor = { field = \"creases\", stat = \"mean\" }\n",
    ] {
        check(&format!("{point}{y}")).exits(2).says(&["unused-statistic", "takes no statistic"]);
    }
}

#[test]
fn a_font_of_the_project_is_read_in_it_and_must_be_one() {
    let page = "# T\n\n![k](figure:a#kana)\n";
    let figure = "[figures.kana]\nfrom = \"scalars\"\nmark = \"point\"\nx = { field = \"folds\", label = \"\u{6298}\" }\ny = \"segments\"\n";
    let place = project(figure, page);
    let config =
        |font: &str| format!("octavo = \"1\"\ntitle = \"T\"\n[figures]\nfont_fallback = \"{font}\"\n");
    place.write("octavo.toml", config("fonts/x.ttf"));
    place.octavo(&["check"]).run().exits(2).says(&[
        "error[unreadable]",
        "octavo.toml:4:17",
        "there is no file `fonts/x.ttf`",
    ]);
    place.write("fonts/x.ttf", "no font");
    place.octavo(&["check"]).run().exits(2).says(&[
        "error[bad-font]",
        "octavo.toml:4:17",
        "TrueType or OpenType",
    ]);
    place.write("fonts/x.ttf", include_bytes!("../../templates/fonts/sans.otf"));
    // It is a font, and has no such letter either.
    place.octavo(&["build"]).run().exits(0).says(&["warning[missing-letters]", "(U+6298)"]);
    place.write("octavo.toml", config("../x.ttf"));
    place.octavo(&["check"]).run().exits(2).says(&["octavo.toml:4:17"]);
}
