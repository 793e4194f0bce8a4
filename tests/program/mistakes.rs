//! What is wrong is refused before anything runs: with its code, its place and the next step, all of it at once.

use serde_json::Value as Json;

use crate::harness::{CONFIG, Place};

const HEAD: &str = "title = \"T\"\nanalysis = \"dragon\"\n";

/// A file with a mistake, and what is said about it: code, the start of `line:column` (empty if it
/// has none), and other parts.
struct Mistake {
    file: &'static str,
    text: String,
    code: &'static str,
    place: &'static str,
    parts: &'static [&'static str],
}

fn mistake(
    file: &'static str,
    text: impl Into<String>,
    code: &'static str,
    place: &'static str,
    parts: &'static [&'static str],
) -> Mistake {
    Mistake { file, text: text.into(), code, place, parts }
}

/// A mistake in an experiment after two good lines.
fn after_head(
    text: &str,
    code: &'static str,
    place: &'static str,
    parts: &'static [&'static str],
) -> Mistake {
    mistake("a.toml", format!("{HEAD}{text}"), code, place, parts)
}

fn mistakes() -> Vec<Mistake> {
    [keys_and_values(), moved(), points_and_inputs(), declared_files(), figures_and_claims(), pages()]
        .into_iter()
        .flatten()
        .collect()
}

fn moved() -> Vec<Mistake> {
    let old = |rest: &str| format!("title = \"T\"\nanalysis = \"regions\"\n{rest}");
    vec![
        mistake(
            "a.toml",
            old("[params]\nlines = { count = 10 }\n"),
            "moved-key",
            "4:1",
            &[
                "`lines` is no key of the parameters of `regions` any more",
                "`analysis = \"lines\"`",
                "`[params]`",
            ],
        ),
        mistake(
            "a.toml",
            old("[sweep]\n\"formula.folds\" = [1, 2]\n"),
            "moved-key",
            "4:1",
            &["`formula.folds`", "`analysis = \"zaslavsky\"`"],
        ),
    ]
}

fn keys_and_values() -> Vec<Mistake> {
    vec![
        after_head("[params]\nfodls = 3\n", "unknown-key", "4:1", &["fodls", "did you mean `folds`?"]),
        after_head("sede = 3\n", "unknown-key", "3:1", &["sede", "did you mean `seed`?"]),
        after_head("[params]\nfolds = \"three\"\n", "wrong-type", "4:9", &["folds"]),
        after_head("[params]\nfolds = 99\n", "out-of-range", "4:9", &["99", "60"]),
        after_head("[params]\nangle = 2e300\n", "out-of-range", "4:9", &["is 2e300, outside"]),
        after_head("[params]\nangle = nan\n", "not-finite", "4:9", &["angle"]),
        after_head("[params]\nangle = -inf\n", "not-finite", "4:9", &["angle"]),
        after_head(
            "[tables.t]\nfrom = \"vertices\"\ncolumns = [{ field = \"indx\" }]\n",
            "unknown-column",
            "5:22",
            &["`indx`", "did you mean `index`?"],
        ),
        after_head(
            "[tables.t]\nfrom = \"vertices\"\ncolumns = [{ field = \"x\", fromat = \"%.1f\" }]\n",
            "unknown-key",
            "5:27",
            &["`fromat`", "did you mean `format`?"],
        ),
        after_head("[tables.t]\nfrom = \"vertices\"\nrows = 0\n", "out-of-range", "5:8", &["1 to 10000"]),
        after_head("[params]\nword = \"UXU\"\n", "bad-parameters", "4:8", &["`X`", "`U`"]),
        mistake(
            "a.toml",
            "title = \"T\"\nanalysis = \"dargon\"\n",
            "unknown-analysis",
            "2:12",
            &["did you mean `dragon`?"],
        ),
        mistake("a.toml", "analysis = \"dragon\"\n", "missing-key", "1:1", &["title"]),
        mistake("a.toml", "", "missing-key", "1:1", &["title"]),
        after_head("seed = = 3\n", "toml-syntax", "3:8", &[]),
        after_head(
            "replicates = 9000\n[profiles.full]\nparams.fodls = 3\n",
            "unknown-key",
            "5:8",
            &["folds"],
        ),
    ]
}

fn points_and_inputs() -> Vec<Mistake> {
    let sinkhorn = |name: &str| {
        format!(
            "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nsource = {{ from = \"{name}\", artifact = \"target\" }}\n"
        )
    };
    let after_a_file = sinkhorn("a")
        .replace("source", "target")
        .replace("[params]\n", "[params]\nsource = { file = \"a.toml\" }\n");
    vec![
        after_head(
            "[sweep]\nfolds = { from = 0, to = 1, step = 1e-9 }\n",
            "bad-range",
            "4:9",
            &["more than a million"],
        ),
        after_head(
            "[sweep]\nangle = { from = 1, to = 90, steps = 20000 }\n",
            "too-many-tasks",
            "",
            &["20000", "10000"],
        ),
        after_head("[sweep]\nfolds = [3, 3]\n", "repeated-value", "4:13", &["`folds = 3` twice"]),
        after_head(
            "[sweep]\nfolds = [3]\n[[zip]]\nfolds = [4]\nangle = [5]\n",
            "repeated-axis",
            "6:1",
            &["`folds` is there twice"],
        ),
        after_head(
            "[sweep]\nfolds = { from = 1, to = 4, steps = 3 }\n",
            "bad-range",
            "4:9",
            &["the value 2.5, and whole numbers are needed"],
        ),
        after_head("[zip]\n", "wrong-type", "3:1", &["zip"]),
        mistake("a.toml", sinkhorn("a"), "cycle", "4:10", &["`a`"]),
        mistake("a.toml", after_a_file, "cycle", "5:10", &["`a`"]),
        mistake("a.toml", sinkhorn("b"), "unknown-experiment", "4:10", &["`b`"]),
        mistake(
            "a.toml",
            "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { file = \"no.csv\" }\n",
            "bad-input",
            "4:",
            &["there is no file `no.csv`"],
        ),
        mistake(
            "a.toml",
            "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { file = \"../../secret.csv\" }\n",
            "bad-input",
            "4:",
            &["leads out of the project"],
        ),
    ]
}

fn declared_files() -> Vec<Mistake> {
    vec![
        mistake(
            "a.toml",
            "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { file = \"index.md\", decimal = \",\", thousands = \",\" }\n",
            "bad-input",
            "4:58",
            &["groups of digits and decimals are both parted by `,`", "change `decimal` or `thousands`"],
        ),
        mistake(
            "a.toml",
            "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { file = \"a.JSON\", encoding = \"latin-1\" }\n",
            "bad-input",
            "4:40",
            &["`encoding` says how a CSV file is written, and `a.JSON` is none"],
        ),
        mistake(
            "a.toml",
            "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { file = \"index.md\", separator = \"/\" }\n",
            "unknown-word",
            "4:43",
            &["`source.separator` is `/`"],
        ),
    ]
}

fn figures_and_claims() -> Vec<Mistake> {
    let figure = "[figures.f]\nfrom = \"scalars\"\nmark = \"point\"\n";
    vec![
        after_head(
            &format!("{figure}x = \"segmets\"\ny = \"creases\"\n"),
            "unknown-column",
            "6:5",
            &["did you mean `segments`?"],
        ),
        after_head(
            &format!("{figure}x = \"segments\"\ny = {{ label = \"folds\" }}\n"),
            "no-source",
            "7:1",
            &["`y` names neither", "add `field"],
        ),
        after_head(
            "[claims.c]\ntext = \"T\"\ncheck = \"segments >\"\n",
            "expression",
            "5:20",
            &["check = \"segments >\""],
        ),
        after_head(
            "[claims.c]\ntext = \"T\"\ncheck = \"segmnts > 3\"\n",
            "expression",
            "5:10",
            &["did you mean `segments`?"],
        ),
        after_head(
            "[figures.f]\nfrom = \"levels\"\nmark = \"band\"\nx = \"n\"\ny = \"segments\"\n",
            "incomplete-mark",
            "5:8",
            &["one edge alone", "p05-p95"],
        ),
        after_head(
            "[figures.f]\nfrom = \"levels\"\nmark = \"line\"\nx = \"n\"\ny = { field = \"segments\", scale = \"log\", domain = [0, 9] }\n",
            "bad-domain",
            "7:51",
            &["lies above 0"],
        ),
        after_head(
            "[figures.f]\nfrom = \"levels\"\nmark = \"line\"\nx = \"n\"\ny = \"segments\"\nsize = \"n\"\n",
            "unused-channel",
            "8:8",
            &["`size` changes nothing", "`stroke`"],
        ),
        after_head(
            "[figures.f]\nfrom = \"levels\"\nmark = \"bar\"\nx = \"n\"\ny = { field = \"segments\", zero = false }\n",
            "unused-key",
            "7:34",
            &["bars begin at zero"],
        ),
    ]
}

fn pages() -> Vec<Mistake> {
    vec![
        mistake(
            "index.md",
            "# T\n\n![C](figure:good#grwth)\n",
            "unknown-name",
            "3:",
            &["did you mean `growth`?"],
        ),
        mistake(
            "index.md",
            "# T\n\n{{ value(\"nothing#x\") }}\n",
            "unknown-experiment",
            "3:",
            &["`nothing`"],
        ),
        mistake("index.md", "# T\n\n$\\nothing{2}$\n", "math", "3:", &[]),
        mistake("index.md", "# T\n\n[link](missing.md)\n", "broken-link", "3:", &["missing.md"]),
        mistake("index.md", "# T\n\n<script>alert(1)</script>\n", "raw-html", "3:1", &[]),
        mistake("index.md", "# T\n\n[@nobody2020]\n", "citation", "3:", &["nobody2020"]),
        mistake("index.md", "+++\norder = \"one\"\n+++\n", "front-matter", "2:", &["order"]),
        mistake("index.md", "# T\n\nHalf is $\\frac{1}{2$ here.\n", "math", "3:9", &["no whole formula"]),
        mistake("index.md", "# T\n\nHalf is $\\frac{1}{2}\n", "math", "3:9", &["no whole formula"]),
        mistake("404.md", "# Gone\n", "same-route", "1:1", &["404.html", "rename the file"]),
        mistake("index.md", "# T\n\nSee [@fig:none].\n", "cross-reference", "3:", &["none"]),
    ]
}

const GOOD: &str = "title = \"T\"\nanalysis = \"dragon\"\n[figures.growth]\nfrom = \"levels\"\nmark = \"line\"\nx = \"n\"\ny = \"segments\"\n";

/// What is missing from the answer to a mistake, if anything.
fn missing(mistake: &Mistake) -> Option<String> {
    let Mistake { file, text, code, place, parts } = mistake;
    let project = Place::project(&[("good.toml", GOOD), (file, text)]);
    let shown = project.octavo(&["check"]).run();
    let told = project.octavo(&["build", "--log-format", "json"]).run();
    let at = format!("experiments/{file}:{place}");
    let mut wanted = vec![format!("error[{code}]: ")];
    wanted.extend(parts.iter().map(|part| (*part).to_owned()));
    wanted.extend((!place.is_empty()).then_some(at));
    let mut found: Vec<_> = wanted.iter().filter(|part| !shown.err.contains(*part)).cloned().collect();
    if (shown.code, told.code) != (Some(2), Some(2)) || !(shown.out.is_empty() && told.out.is_empty()) {
        found.push(format!("exit codes {:?} and {:?}, and silence", shown.code, told.code));
    }
    if project.exists("site") || project.exists(".octavo") {
        found.push("a clean folder".to_owned());
    }
    let fits = |line: &Json| {
        let at = &line["place"];
        let here = at["file"] == format!("experiments/{file}")
            && format!("{}:{}", at["line"], at["column"]).starts_with(place);
        let sentence = line["message"].as_str().is_some_and(|text| !text.is_empty() && !text.ends_with('.'));
        line["severity"] == "error" && line["code"] == *code && (place.is_empty() || here) && sentence
    };
    if !told.lines().iter().any(fits) {
        found.push(format!("the same as JSON in {}", told.err));
    }
    (!found.is_empty()).then(|| format!("{text}\nmisses {found:#?} in\n{}", shown.err))
}

#[test]
fn every_mistake_is_shown_with_code_place_and_help() {
    let found: Vec<_> = mistakes().iter().filter_map(missing).collect();
    assert!(found.is_empty(), "{}", found.join("\n----\n"));
}

#[test]
fn problems_of_all_files_are_shown_at_once_and_sorted() {
    let project = Place::project(&[
        ("a.toml", "title = \"T\"\nanalysis = \"dragon\"\nsede = 1\n[params]\nfolds = 99\n"),
        ("b.toml", "title = \"T\"\nanalysis = \"dargon\"\n"),
        ("c.md", "# T\n\n[link](missing.md)\n\n$\\nothing{2}$\n"),
    ]);
    let done = project.octavo(&["check"]).run().exits(2).says(&["5 errors; nothing was run"]);
    let order = ["a.toml:3:1", "a.toml:5:9", "b.toml:2:12", "c.md:3:", "c.md:5:"];
    let places: Vec<_> = order.iter().map(|place| done.err.find(place).expect(place)).collect();
    assert!(places.is_sorted(), "{}", done.err);
    let lines = project.octavo(&["check", "--log-format", "json"]).run().exits(2).lines();
    let codes: Vec<_> = lines.iter().filter_map(|line| line["code"].as_str()).collect();
    assert_eq!(codes, ["unknown-key", "out-of-range", "unknown-analysis", "broken-link", "math"]);
    assert_eq!(
        lines[0]["place"],
        serde_json::json!({ "file": "experiments/a.toml", "line": 3, "column": 1 })
    );
    assert_eq!(lines[0]["help"], "did you mean `seed`?");
}

#[test]
fn files_that_are_no_text_and_routes_that_clash_are_refused() {
    let project = Place::project(&[("index.md", "# T\n")]);
    project.write("experiments/latin.toml", b"title = \"caf\xe9\"\n");
    project.octavo(&["build"]).run().exits(2).says(&[
        "error[not-utf8]",
        "experiments/latin.toml:1:13",
        "the byte `\\xe9`",
    ]);

    let project = Place::project(&[("One.md", "# 1\n"), ("one.md", "# 2\n")]);
    project.octavo(&["build"]).run().exits(2).says(&["error[same-route]", "rename one of them"]);

    let project = Place::project(&[("Big Name.toml", GOOD)]);
    project.octavo(&["build"]).run().exits(2).says(&["error[bad-id]", "Big Name"]);
}

#[test]
fn a_wrong_project_file_and_a_wrong_command_line_are_refused() {
    let place = Place::with(&[("octavo.toml", "octavo = \"2\"\ntitle = \"T\"\n")]);
    place.octavo(&["build"]).run().exits(2).says(&["octavo.toml:1:10", "unknown-word"]);
    place.write("octavo.toml", CONFIG);
    place.octavo(&["build"]).run().exits(2).says(&["error[no-experiments]"]);
    place.write("octavo.toml", format!("{CONFIG}colour = 3\n"));
    place.octavo(&["build"]).run().exits(2).says(&["octavo.toml:3:1", "colour"]);

    let empty = Place::new();
    empty.octavo(&["build"]).run().exits(2).says(&["octavo new project"]);
    empty.octavo(&["biuld"]).run().exits(2).says(&["build"]).prints_nothing();
    empty.octavo(&["-C", "nowhere", "build"]).run().exits(2).says(&["nowhere"]);
    empty.octavo(&["build", "-j", "0"]).run().exits(2).says(&["--jobs"]);
    let lines = empty.octavo(&["build", "--log-format", "json"]).run().exits(2).lines();
    assert_eq!(lines.iter().map(|line| &line["code"]).collect::<Vec<_>>(), [&Json::from("no-project")]);
}
