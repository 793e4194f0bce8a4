//! The good projects that mistakes are made in. Everything in them is cheap to compute.

use super::Files;
use super::choices::Choices;

/// The small project of `tests/program`, file by file.
const SMALL: &[(&str, &str)] = &[
    ("octavo.toml", include_str!("../program/small/octavo.toml")),
    ("experiments/works.bib", include_str!("../program/small/experiments/works.bib")),
    ("experiments/index.md", include_str!("../program/small/experiments/index.md")),
    ("experiments/index.fr.md", include_str!("../program/small/experiments/index.fr.md")),
    ("experiments/folding/index.md", include_str!("../program/small/experiments/folding/index.md")),
    ("experiments/folding/index.fr.md", include_str!("../program/small/experiments/folding/index.fr.md")),
    ("experiments/folding/strip.toml", include_str!("../program/small/experiments/folding/strip.toml")),
    ("experiments/folding/edge.toml", include_str!("../program/small/experiments/folding/edge.toml")),
    ("experiments/folding/square.toml", include_str!("../program/small/experiments/folding/square.toml")),
    ("experiments/folding/window.toml", include_str!("../program/small/experiments/folding/window.toml")),
    ("experiments/folding/net.toml", include_str!("../program/small/experiments/folding/net.toml")),
    ("experiments/folding/net.json", include_str!("../program/small/experiments/folding/net.json")),
    ("experiments/curvature/circle.md", include_str!("../program/small/experiments/curvature/circle.md")),
    (
        "experiments/curvature/circle.fr.md",
        include_str!("../program/small/experiments/curvature/circle.fr.md"),
    ),
    ("experiments/curvature/circle.toml", include_str!("../program/small/experiments/curvature/circle.toml")),
    ("experiments/transport/index.md", include_str!("../program/small/experiments/transport/index.md")),
    ("experiments/transport/index.fr.md", include_str!("../program/small/experiments/transport/index.fr.md")),
    ("experiments/transport/bumps.toml", include_str!("../program/small/experiments/transport/bumps.toml")),
    ("experiments/transport/back.toml", include_str!("../program/small/experiments/transport/back.toml")),
    ("experiments/transport/points.csv", include_str!("../program/small/experiments/transport/points.csv")),
    ("experiments/divergence/index.md", include_str!("../program/small/experiments/divergence/index.md")),
    (
        "experiments/divergence/index.fr.md",
        include_str!("../program/small/experiments/divergence/index.fr.md"),
    ),
    (
        "experiments/divergence/defect.toml",
        include_str!("../program/small/experiments/divergence/defect.toml"),
    ),
    ("experiments/gan/index.md", include_str!("../program/small/experiments/gan/index.md")),
    ("experiments/gan/index.fr.md", include_str!("../program/small/experiments/gan/index.fr.md")),
    ("experiments/gan/ring.toml", include_str!("../program/small/experiments/gan/ring.toml")),
];

/// One experiment with every kind of table, value, claim and figure, and a page with everything that pages may hold.
const RICH: &[(&str, &str)] = &[
    ("octavo.toml", include_str!("rich/octavo.toml")),
    ("experiments/works.bib", include_str!("rich/works.bib")),
    ("experiments/index.md", include_str!("rich/index.md")),
    ("experiments/strip.md", include_str!("rich/strip.md")),
    ("experiments/strip.fr.md", include_str!("rich/strip.fr.md")),
    ("experiments/strip.toml", include_str!("rich/strip.toml")),
    ("experiments/cloud.toml", include_str!("rich/cloud.toml")),
    ("experiments/points.csv", "x1;weight\n0,1;0,25\n0,4;0,5\n0,9;0,25\n"),
    (
        "experiments/mark.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><path d=\"M0 0L9 9\"/></svg>\n",
    ),
    ("templates/labels/dragon.fr.toml", include_str!("../../plugins/dragon/labels/fr.toml")),
    ("templates/locales/fr.toml", include_str!("../../templates/locales/fr.toml")),
    ("templates/page.html", include_str!("../../templates/page.html")),
    ("templates/assets/style.css", "body { color: #123; }\n"),
];

/// What makes a part of the small project a project.
const COMMON: &[&str] = &["octavo.toml", "experiments/works.bib"];

/// Seed projects: a name, and the folder of the small project that is left.
const PARTS: &[(&str, &str)] = &[
    ("rich", ""),
    ("folding", "experiments/folding/"),
    ("transport", "experiments/transport/"),
    ("curvature", "experiments/curvature/"),
    ("divergence", "experiments/divergence/"),
    ("gan", "experiments/gan/"),
    ("small", "experiments/"),
];

/// A seed project. The richest comes up as often as all others.
pub(super) fn choose(choices: &mut Choices<'_>) -> (&'static str, Files) {
    let (name, folder) = match choices.below(2) {
        0 => PARTS[0],
        _ => *choices.pick(&PARTS[1..]),
    };
    let bytes = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
    if folder.is_empty() {
        return (name, RICH.iter().map(bytes).collect());
    }
    let part = SMALL.iter().filter(|(path, _)| path.starts_with(folder) || COMMON.contains(path));
    (name, part.map(bytes).collect())
}

/// All texts of all seed projects, with their paths.
pub(super) fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    SMALL.iter().chain(RICH).copied()
}
