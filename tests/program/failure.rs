//! Something fails while it runs: the rest is published, the page says so, and the exit code does.

use crate::harness::{Place, assert_whole, differences};

/// One experiment that works, one that runs out of iterations, and one that needs its result.
fn half_broken() -> Place {
    let sinkhorn = "title = \"Slow\"\nanalysis = \"sinkhorn\"\n[params]\nmethod = \"plain\"\nepsilon = [0.001]\nmax_iterations = 3\n[figures.costs]\nfrom = \"epsilon\"\nmark = \"point\"\nx = \"epsilon\"\ny = \"ot_eps\"\n[values.cost]\nfrom = \"epsilon\"\nexpr = \"max(ot_eps)\"\n";
    let after = "title = \"After\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { from = \"slow\", artifact = \"target\" }\n";
    let strip = "title = \"Strip\"\nanalysis = \"dragon\"\n[figures.growth]\nfrom = \"levels\"\nmark = \"line\"\nx = \"n\"\ny = \"segments\"\n";
    Place::project(&[
        ("slow.toml", sinkhorn),
        ("slow.md", "# Slow\n\n![Costs.](figure:costs)\n\nIt costs {{ value(\"cost\") }}.\n"),
        ("after.toml", after),
        ("after.md", "# After\n\nIt takes {{ value(\"after#w1\") }}.\n"),
        ("strip.toml", strip),
        ("strip.md", "# Strip\n\n![Growth.](figure:growth)\n"),
        ("index.md", "# Home\n"),
    ])
}

#[test]
fn a_task_that_fails_takes_nothing_else_down() {
    let place = half_broken();
    let done = place.octavo(&["build"]).run().exits(1).prints_nothing();
    done.says(&["slow", "failed", "1 task run", "1 failed, 1 waited for these", "open site/index.html"]);
    let site = place.tree("site");
    assert_whole(&site);
    let page = place.read("site/slow.html");
    assert!(page.contains("role=\"alert\"") && page.contains("iterations"), "{page}");
    assert!(!page.contains("<svg class=\"figure"), "there is nothing to draw");
    assert!(place.read("site/after.html").contains("slow"), "the page says what it waited for");
    let good = place.read("site/strip.html");
    assert!(good.contains("<svg") && !good.contains("role=\"alert\""));
    assert!(site.contains_key("figures/strip/growth.svg") && !site.contains_key("figures/slow/costs.svg"));
}

#[test]
fn a_failure_is_not_remembered_and_mending_it_runs_only_what_failed() {
    let place = half_broken();
    place.octavo(&["build"]).run().exits(1);
    let again = place.octavo(&["build", "--log-format", "json"]).run().exits(1);
    assert_eq!((again.published().failed, again.published().remembered), (1, 1));
    let failure = again.lines().into_iter().find(|line| line["outcome"]["state"] == "failed").unwrap();
    assert_eq!(failure["task"], "slow");
    assert!(failure["outcome"]["failure"]["message"].is_string(), "{failure}");
    place.edit("experiments/slow.toml", "max_iterations = 3\n", "");
    place.edit("experiments/slow.toml", "0.001", "0.5");
    let mended = place.build();
    assert_eq!((mended.ran, mended.remembered), (2, 1));
    assert!(!place.read("site/slow.html").contains("role=\"alert\""));
}

#[test]
fn the_last_good_figure_stands_in_for_one_that_fails_and_says_so() {
    let place = half_broken();
    place.edit("experiments/slow.toml", "max_iterations = 3\n", "");
    place.edit("experiments/slow.toml", "0.001", "0.5");
    place.build();
    let before = place.tree("site");
    place.edit("experiments/slow.toml", "0.5", "0.001");
    place.edit("experiments/slow.toml", "epsilon = [0.001]\n", "epsilon = [0.001]\nmax_iterations = 3\n");
    place.octavo(&["build"]).run().exits(1).says(&["the figure `slow#costs` has no drawing"]);
    let page = place.read("site/slow.html");
    assert!(page.contains("<svg") && page.contains("The last good result is shown"), "{page}");
    let site = place.tree("site");
    assert_whole(&site);
    assert_eq!(site["figures/slow/costs.svg"], before["figures/slow/costs.svg"]);
}

#[test]
fn strict_publishes_everything_or_nothing() {
    let place = half_broken();
    let done = place.octavo(&["build", "--strict"]).run().exits(1).prints_nothing();
    done.says(&["nothing was published"]);
    assert!(!place.exists("site"));
    place.edit("experiments/slow.toml", "max_iterations = 3\n", "");
    place.edit("experiments/slow.toml", "0.001", "0.5");
    place.octavo(&["build", "--strict"]).run().exits(0);
    let site = place.tree("site");
    place.edit("experiments/slow.toml", "0.5", "0.001\n]\nmax_iterations = 1 #");
    place.octavo(&["build", "--strict"]).run().exits(1);
    assert_eq!(place.tree("site"), site, "the last good site stands");
}

#[test]
fn a_wrong_template_or_language_leaves_the_old_site() {
    let place = half_broken();
    place.write("experiments/slow.toml", "title = \"Slow\"\nanalysis = \"dragon\"\n");
    place.write("experiments/slow.md", "# Slow\n");
    place.write("experiments/after.toml", "title = \"After\"\nanalysis = \"dragon\"\n");
    place.write("experiments/after.md", "# After\n");
    place.build();
    let site = place.tree("site");
    for (file, text, parts) in [
        ("templates/page.html", "<p>\n{{ page.titel }}</p>", ["templates/page.html:2:", "undefined value"]),
        ("templates/figure.html", "{{ nothing }}", ["templates/figure.html:1:", "undefined value"]),
        ("templates/base.html", "{% if %}", ["templates/base.html:1:", "error[template]"]),
        ("templates/404.html", "{{ t(\"no-such-word\") }}", ["templates/404.html:1:", "no-such-word"]),
        ("templates/locales/en.toml", "name = \"Eng", ["templates/locales/en.toml:1:", "error[bad-locale]"]),
    ] {
        place.write(file, text);
        place.octavo(&["build"]).run().exits(2).says(&parts);
        assert_eq!(place.tree("site"), site, "{file}: the old site stands");
        std::fs::remove_file(place.path(file)).unwrap();
    }
    assert_eq!(place.build().touched, 0);
}

#[test]
fn a_missing_value_is_told_with_its_place_and_reason() {
    let strip = "title = \"T\"\nanalysis = \"dragon\"\n[values.miss]\nfrom = \"levels\"\nwhere = { n = 99 }\nexpr = \"max(segments)\"\n";
    let place = Place::project(&[("a.toml", strip), ("a.md", "# A\n\nIt is {{ value(\"miss\") }}.\n")]);
    let parts = ["[missing-value]: the value `miss` is missing: no row of `levels` is selected", "a.md:3:7"];
    place.octavo(&["build"]).run().exits(0).says(&parts);
    assert!(place.read("site/a.html").contains("missing"));
    let site = place.tree("site");
    place.edit("experiments/a.md", "It is", "It always is");
    place
        .octavo(&["build", "--strict"])
        .run()
        .exits(1)
        .says(&["error[missing-value]", "nothing was published"]);
    assert_eq!(place.tree("site"), site);
}

#[test]
fn a_figure_that_selects_nothing_is_told() {
    let strip = "title = \"T\"\nanalysis = \"dragon\"\n[figures.f]\nfrom = \"levels\"\nmark = \"line\"\nx = \"n\"\ny = \"segments\"\nwhere = { n = \">99\" }\n";
    let place = Place::project(&[("a.toml", strip), ("a.md", "# A\n\n![F.](figure:f)\n")]);
    for _ in 0..2 {
        let done = place.octavo(&["build"]).run().exits(0);
        done.says(&["warning[no-rows]: the figure `a#f` selects no row of `levels`", "a.toml:8:"]);
    }
    place.octavo(&["build", "--strict"]).run().exits(1).says(&["error[no-rows]", "nothing was published"]);
}

#[test]
fn a_failed_point_takes_down_what_needs_it_and_nothing_else() {
    let sweep = "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nmethod = \"plain\"\nepsilon = [0.001]\n[sweep]\nmax_iterations = [2, 1000000]\n[values.bad]\nfrom = \"scalars\"\nwhere = { max_iterations = 2 }\nexpr = \"max(w1)\"\n[values.good]\nfrom = \"scalars\"\nwhere = { max_iterations = \">2\" }\nexpr = \"max(w1)\"\n[claims.good]\ntext = \"Good\"\ncheck = \"good > 0\"\n[claims.bad]\ntext = \"Bad\"\ncheck = \"good > 0 and bad > 0\"\nexpect = \"undecided\"\n[figures.good]\nfrom = \"epsilon\"\nwhere = { max_iterations = 1000000 }\nmark = \"point\"\nx = \"epsilon\"\ny = \"ot_eps\"\n[figures.bad]\nfrom = \"epsilon\"\nmark = \"point\"\nx = \"epsilon\"\ny = \"ot_eps\"\n";
    let page = "# A\n\n![Good.](figure:good)\n\n![Bad.](figure:bad)\n\n{{ value(\"good\") }} and {{ claim(\"good\") }}\n";
    let page = page.replace(" and {{ claim", "\n\n{{ claim");
    let place = Place::project(&[("a.toml", sweep), ("a.md", &page)]);
    place.octavo(&["build"]).run().exits(1).says(&["the figure `a#bad` has no drawing", "1 failed"]);
    let site = place.tree("site");
    assert!(site.contains_key("figures/a/good.svg") && !site.contains_key("figures/a/bad.svg"));
    let manifest: serde_json::Value = serde_json::from_str(&place.read("site/octavo.json")).unwrap();
    let verdicts: Vec<_> =
        manifest["claims"].as_array().unwrap().iter().map(|c| c["verdict"].clone()).collect();
    assert_eq!(verdicts, ["undecided", "holds"]);
    let good = &manifest["claims"][1];
    assert_eq!((&good["text"]["en"], &good["page"]), (&"Good".into(), &"a.html#claim-good".into()));
    let experiment = &manifest["experiments"][0];
    assert_eq!((&experiment["tasks"], &experiment["failed"]), (&2.into(), &1.into()));
    assert_eq!(experiment["results"].as_str().map(str::len), Some(64));
}

#[test]
fn the_page_for_wrong_addresses_works_at_any_depth_once_the_address_is_known() {
    let place = Place::project(&[("index.md", "# Home\n"), ("a/b.md", "# B\n")]);
    place.build();
    assert!(place.read("site/404.html").contains("href=\"index.html\""));
    place.write("octavo.toml", "octavo = \"1\"\ntitle = \"T\"\nbase_url = \"https://example.org/notes/\"\n");
    place.build();
    let page = place.read("site/404.html");
    let links: Vec<&str> = page
        .split(&[' ', '\n'][..])
        .filter_map(|word| word.split_once("=\""))
        .filter(|(name, _)| ["href", "src"].contains(name))
        .map(|(_, value)| value)
        .collect();
    assert!(
        links.len() > 4 && links.iter().all(|link| link.starts_with("/notes/") || link.starts_with('#')),
        "{links:?}"
    );
    assert!(place.read("site/a/b.html").contains("href=\"../index.html\""), "other pages stay relative");
}

#[test]
fn no_two_places_of_a_page_have_one_id() {
    let strip = |n: i32| {
        format!(
            "title = \"T\"\nanalysis = \"dragon\"\n[claims.c]\ntext = \"So it is {n}\"\ncheck = \"segments == 1024\"\n[figures.growth]\nfrom = \"levels\"\nmark = \"line\"\nx = \"n\"\ny = \"segments\"\n"
        )
    };
    let page = "# A\n\n{{ claim(\"c\") }}\n\n{{ claim(\"c\") }}\n\n{{ claim(\"b#c\") }}\n\n![One.](figure:growth)\n\n![Two.](figure:growth)\n";
    let place = Place::project(&[("a.toml", &strip(1)), ("b.toml", &strip(2)), ("a.md", page)]);
    place.build();
    let html = place.read("site/a.html");
    let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let distinct: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
    for id in ["claim-c", "claim-c-2", "claim-c-3", "fig-growth", "fig-growth-2"] {
        assert!(distinct.contains(id), "{id} is not in {ids:?}");
    }
    let list = place.read("site/claims.html");
    assert!(list.contains("a.html#claim-c\"") && list.contains("a.html#claim-c-3\""), "{list}");
}

#[test]
fn a_missing_translation_is_a_warning_and_with_strict_an_error() {
    let place =
        Place::project(&[("index.md", "# Home\n"), ("index.fr.md", "# Accueil\n"), ("a.md", "# A\n")]);
    place.write("octavo.toml", "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"en\", \"fr\"]\n");
    place.octavo(&["build"]).run().exits(0).says(&["warning[missing-translation]", "a.fr.md"]);
    place.octavo(&["build", "--strict"]).run().exits(2).says(&["error[missing-translation]"]);
}

#[test]
fn a_claim_that_is_not_as_expected_is_published_and_told() {
    let claim = |check: &str, expect: &str| {
        format!(
            "title = \"T\"\nanalysis = \"dragon\"\n[claims.c]\ntext = \"So it is\"\ncheck = \"{check}\"\nexpect = \"{expect}\"\n"
        )
    };
    let place = Place::project(&[("a.md", "# A\n\n{{ claim(\"c\") }}\n")]);
    for (check, expect, code, verdict) in [
        ("segments == 1024", "holds", 0, "holds"),
        ("segments == 1023", "holds", 4, "refuted"),
        ("segments == 1023", "refuted", 0, "refuted"),
        ("segments == 1024", "refuted", 4, "holds"),
    ] {
        place.write("experiments/a.toml", claim(check, expect));
        let done = place.octavo(&["build"]).run().exits(code).prints_nothing();
        if code == 4 {
            done.says(&["unexpected-claim", "a#c", verdict, expect]);
        }
        let manifest: serde_json::Value = serde_json::from_str(&place.read("site/octavo.json")).unwrap();
        let said = &manifest["claims"][0];
        assert_eq!((&said["verdict"], &said["as_expected"]), (&verdict.into(), &(code == 0).into()));
    }
    place.write("experiments/a.toml", claim("segments == 1", "holds"));
    let before = place.tree("site");
    place.octavo(&["build", "--strict"]).run().exits(4).says(&["nothing was published"]);
    assert_eq!(place.tree("site"), before);
}

/// A plugin whose figure, table, value and claim a page shows.
fn with_plugin(command: &str) -> Place {
    let points = "title = \"P\"\nanalysis = \"points\"\nseed = 7\n[params]\nend = \"good\"\n[figures.cloud]\ntitle = \"A cloud\"\nfrom = \"points\"\nmark = \"point\"\nx = \"x\"\ny = \"x\"\n\
                  [values.most]\nfrom = \"points\"\nexpr = \"max(x)\"\n[claims.positive]\ntext = \"Some are positive\"\ncheck = \"most > 0\"\n";
    let page = "# P\n\n![](figure:cloud)\n\n![Rows.](table:points)\n\nAt most {{ value(\"most\") }}.\n\n{{ claim(\"positive\") }}\n";
    let place = Place::project(&[
        ("p.toml", points),
        ("p.md", page),
        ("index.md", "# Home\n\nIt is {{ value(\"p#most\") }}.\n"),
    ]);
    place.write("plugins/points.sh", include_str!("plugins/hostile.sh").replace("hostile", "points"));
    place.write("octavo.toml", config(command));
    place
}

fn config(command: &str) -> String {
    format!("octavo = \"1\"\ntitle = \"Test\"\n[plugins.points]\ncommand = [{command}]\n")
}

/// Everything that a page had is still there and marked; and when the plugin starts again, so is the site.
#[test]
fn a_plugin_that_does_not_start_takes_no_figure_off_the_site() {
    let good = "\"sh\", \"plugins/points.sh\"";
    for broken in
        ["\"no-such-program\", \"plugins/points.sh\"", "\"sh\", \"plugins/points.sh\", \"dies\"", "\"false\""]
    {
        let place = with_plugin(good);
        place.build();
        let before = place.tree("site");
        place.write("octavo.toml", config(broken));
        place.octavo(&["build"]).run().exits(1).says(&["error[plugin]", "`points`"]);
        let after = place.tree("site");
        assert_whole(&after);
        // What searches know of pages that are gone, and of what stands on pages that are marked, changes with these.
        let kept = |path: &&String| !(path.starts_with("analyses") || path.starts_with("search/"));
        for path in before.keys().filter(kept) {
            assert!(after.contains_key(path), "{broken}: `{path}` is gone");
            assert!(
                path.ends_with(".html") || path == "octavo.json" || after[path] == before[path],
                "{broken}: `{path}`"
            );
        }
        let page = place.read("site/p.html");
        // One each for figure, table and claim, and two for the value: what is shown and what is read aloud.
        assert_eq!(page.matches("The last good result is shown").count(), 5, "{broken}: {page}");
        assert!(
            page.contains("class=\"stale\"")
                && page.contains("A cloud")
                && page.contains("Some are positive")
        );
        assert!(place.read("site/index.html").contains("class=\"stale\""));
        assert!(place.read("site/claims.html").contains("The last good result is shown"));
        // A second build, and one into a new folder, show the same.
        place.octavo(&["build"]).run().exits(1).says(&["nothing changed"]);
        place.octavo(&["build", "-o", "other"]).run().exits(1);
        assert_eq!(differences(&place.tree("other"), &after), "");
        place.octavo(&["build", "--strict"]).run().exits(2);
        assert_eq!(place.tree("site"), after);
        place.write("octavo.toml", config(good));
        place.build();
        assert_eq!(differences(&place.tree("site"), &before), "");
    }
}

#[test]
fn a_failed_value_and_table_show_the_last_good_one_and_never_a_raw_error() {
    let place = half_broken();
    place.edit("experiments/slow.md", "It costs", "![Rows.](table:epsilon)\n\nIt costs");
    place.octavo(&["build"]).run().exits(1);
    let never = place.read("site/slow.html");
    assert!(never.contains(">This result could not be computed</span>"), "{never}");
    place.edit("experiments/slow.toml", "max_iterations = 3\n", "");
    place.edit("experiments/slow.toml", "0.001", "0.5");
    place.build();
    let good = place.read("site/slow.html");
    let value = good.split("It costs ").nth(1).unwrap().split('.').next().unwrap().to_owned();
    place.edit("experiments/slow.toml", "0.5", "0.001");
    place.edit("experiments/slow.toml", "epsilon = [0.001]\n", "epsilon = [0.001]\nmax_iterations = 3\n");
    place.octavo(&["build"]).run().exits(1).says(&["error[value]", "slow.md:7:10"]);
    let page = place.read("site/slow.html");
    assert_eq!(page.matches("The last good result is shown").count(), 4, "{page}");
    assert!(page.contains(&format!("It costs <span class=\"stale\">{value}")), "{value}: {page}");
}

/// What stands in for a failure is checked like everything else: without it the standing release stays, however often one builds.
#[test]
fn a_damaged_memory_of_good_results_keeps_the_standing_site() {
    let good = "\"sh\", \"plugins/points.sh\"";
    for damage in ["byte", "empty", "folder", "drawing"] {
        let place = with_plugin(good);
        place.build();
        let before = place.tree("site");
        let memory = place.path(".octavo/last-good");
        let text = std::fs::read_to_string(&memory).unwrap();
        match damage {
            "byte" => std::fs::write(&memory, text.replace("\"holds\"", "\"hoLds\"")).unwrap(),
            "empty" => std::fs::write(&memory, "").unwrap(),
            "folder" => {
                std::fs::remove_file(&memory).unwrap();
                std::fs::create_dir(&memory).unwrap();
            }
            _ => std::fs::remove_dir_all(place.path(".octavo/blobs")).unwrap(),
        }
        place.write("octavo.toml", config("\"no-such-program\", \"plugins/points.sh\""));
        for _ in 0..2 {
            let done = place.octavo(&["build"]).run().exits(1);
            done.says(&["nothing was published, since what stands in for a failure is damaged"]);
            assert_eq!(differences(&place.tree("site"), &before), "", "{damage}");
        }
        place.write("octavo.toml", config(good));
        place.octavo(&["build"]).run().exits(0);
        assert_eq!(differences(&place.tree("site"), &before), "", "{damage}");
        place.octavo(&["build"]).run().exits(0).says_nothing_of("damaged");
    }
}
