//! The examples of docs/experiments.md are definitions that the program accepts.

use crate::harness::{CONFIG, Place};

/// The TOML blocks of the page.
fn blocks() -> Vec<String> {
    let guide = include_str!("../../docs/experiments.md");
    let mut parts = guide.split("```toml\n");
    parts.next();
    parts.map(|part| part.split("```").next().expect("a part").to_owned()).collect()
}

#[test]
fn every_example_of_the_guide_is_accepted() {
    let blocks = blocks();
    assert!(blocks.len() >= 9, "{}", blocks.len());
    let points = "title = \"Points\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [5, 6]\n";
    for block in blocks {
        let place = Place::with(&[
            ("project/octavo.toml", CONFIG),
            ("project/experiments/other/points.toml", points),
            ("project/experiments/dragon/index.md", "# Dragon\n\n## Data\n"),
            ("project/experiments/a.csv", "x1,x2\n0,1\n1,0\n"),
            ("project/experiments/b.csv", "x1;x2\n0,5;1\n1;NA\n"),
            ("shared-data/a.csv", ""),
        ]);
        let font = include_bytes!("../../templates/fonts/sans.otf");
        place.write("project/fonts/DejaVuSans.ttf", font);
        if block.contains("octavo = \"1\"") {
            place.write("project/octavo.toml", &block);
        } else if ["[paths]", "[figures]", "[[menu]]"].iter().any(|start| block.starts_with(start)) {
            place.write("project/octavo.toml", format!("{CONFIG}{block}"));
        } else {
            let complete = block.contains("analysis =");
            let header = if complete { "" } else { "title = \"Example\"\nanalysis = \"dragon\"\n" };
            place.write("project/experiments/example.toml", format!("{header}{block}"));
        }
        place.octavo(&["-C", "project", "check"]).run().exits(0);
    }
}
