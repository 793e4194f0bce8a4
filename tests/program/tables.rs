//! Tables on pages: none is cut without a word, and what is shown is what was asked for.

use crate::harness::Place;

/// A strip of 257 vertices.
const STRIP: &str = "title = \"T\"\nanalysis = \"dragon\"\n[params]\nfolds = 8\n";

fn page(text: &str, definition: &str) -> String {
    let place = Place::project(&[("index.md", text), ("a.toml", &format!("{STRIP}{definition}"))]);
    place.build();
    place.read("site/index.html")
}

/// The rows of tables in the text, which end before the appendix for paper.
fn rows(html: &str) -> usize {
    let text = html.split("class=\"appendix").next().unwrap_or_default();
    text.matches("<tr>").count() - text.matches("<thead>").count()
}

#[test]
fn a_long_table_says_how_many_rows_it_has() {
    let html = page("# T\n\n![All](table:a#vertices)\n", "");
    assert_eq!(rows(&html), 200);
    assert!(html.contains("The first 200 of 257 rows stand here, the file has all."), "{html}");
    assert!(html.contains("href=\"data/a/vertices.csv\" download"), "{html}");
}

#[test]
fn a_page_or_a_definition_says_how_many_rows_are_shown() {
    let html = page("# T\n\n{{ table(\"a#vertices\", rows = 257) }}\n", "");
    assert_eq!((rows(&html), html.contains("rows stand here")), (257, false));
    let table = "[tables.few]\nfrom = \"vertices\"\nrows = 3\nsort = \"-index\"\ncolumns = [\"index\"]\n";
    let html = page("# T\n\n![Few](table:a#few)\n", table);
    assert_eq!(rows(&html), 3);
    assert!(html.contains("The first 3 of 257 rows") && html.contains("<td class=\"n\">256</td>"), "{html}");
    assert!(!html.contains("<td class=\"n\">0</td>"), "{html}");
}

#[test]
fn neighbours_of_one_group_have_one_title_above() {
    let table = "[tables.few]\nfrom = \"vertices\"\nrows = 1\ncolumns = [\"index\", { field = \"x\", group = \"Place\", format = \"%.2f\" }, { field = \"y\", group = \"Place\" }]\n";
    let html = page("# T\n\n![Few](table:a#few)\n", table);
    assert!(html.contains("<th class=\"group\" scope=\"colgroup\" colspan=\"2\">Place</th>"), "{html}");
    assert!(html.contains("<td class=\"n\">0.00</td>"), "{html}");
}

#[test]
fn a_pivot_with_two_values_for_a_place_is_told_and_fails() {
    let table =
        "[tables.wide]\nfrom = \"vertices\"\npivot = { rows = \"level\", columns = \"x\", value = \"y\" }\n";
    let place = Place::project(&[
        ("index.md", "# T\n\n![Wide](table:a#wide)\n"),
        ("a.toml", &format!("{STRIP}{table}")),
    ]);
    let parts = ["error[bad-table]", "a.toml:", "have one place in the pivot"];
    place.octavo(&["build"]).run().exits(1).says(&parts);
}
