//! Files that are no style that can be used.

use octavo_definition::source::SourceFile;
use octavo_prose::Csl;

use crate::{DATE, NUMBERS};

/// What is wrong with a file: line, column, message and help.
fn wrong(text: &str) -> String {
    let problem = Csl::parse(&SourceFile::new("styles/a.csl", text)).unwrap_err();
    let at = problem.location.unwrap();
    assert_eq!(at.source.path, "styles/a.csl");
    let (line, column) = at.source.line_column(at.span.start);
    let help = problem.help.map_or(String::new(), |help| format!(" ({help})"));
    format!("{line}:{column} {}{help}", problem.message)
}

#[test]
fn a_file_that_is_no_style_has_its_place() {
    let none = "1:1 this is no CSL style: it has no `<style>`";
    for (text, expected) in [
        ("", none),
        ("year, author", none),
        (
            "<html><p></html>",
            "1:1 this is no CSL style: it is a `html` (name a file that ends in `.csl`, with `<style ...>` around all)",
        ),
        (
            &DATE.replace("</macro>", ""),
            "62:1 this is no XML: ill-formed document: expected `</macro>`, but `</style>` was found",
        ),
        (DATE.split_once("</bibliography>").unwrap().0, "61:3 the file ends before `</bibliography>`"),
        (&DATE.replace("macro=\"who\"", "macro=\"whom\""), "25:11 there is no macro `whom`"),
        (
            &DATE.replace("<text variable=\"year-suffix\"/>", "<text macro=\"year\"/>"),
            "19:9 the macro `year` calls itself",
        ),
        (&DATE.replace("year-suffix\"/>", "year-suffices\"/>"), "19:9 there is no variable `year-suffices`"),
        (
            &DATE.replace("name=\"year\"/></date>", "name=\"century\"/></date>"),
            "18:49 this is no CSL style: unknown variant `century`, expected one of `day`, `month`, `year`",
        ),
        (
            &NUMBERS.replace("class=\"in-text\"", "class=\"in-air\""),
            "2:1 the `class` of a style is `in-text` or `note`",
        ),
        (&NUMBERS.replace("<info>", "<!DOCTYPE a><info>"), "3:3 a style has no document type of its own"),
        (
            include_str!("note.csl"),
            "2:1 this style cites in footnotes, and pages cite in the text (choose a style whose `class` is `in-text`, \
             by author and date or by numbers)",
        ),
        (
            include_str!("dependent.csl"),
            "6:5 this is a dependent style: it says only that it looks like `https://example.org/styles/date` (save that \
             style in the project and name it instead)",
        ),
    ] {
        let found = wrong(text);
        if found != expected {
            println!("        {found:?}");
        }
    }
}

#[test]
fn a_style_that_would_never_end_is_refused() {
    let deep = "<group>".repeat(200);
    let deep = NUMBERS.replace("<layout suffix=\".\">", &format!("<layout suffix=\".\">{deep}"));
    assert_eq!(wrong(&deep), "19:703 elements stand too deep in each other");
    // Each macro calls the next one ten times.
    let macros: String = (0..12)
        .map(|index| {
            let call = format!("<text macro=\"m{}\"/>", index + 1);
            format!("<macro name=\"m{index}\">{}</macro>", call.repeat(10))
        })
        .collect();
    let many = NUMBERS
        .replace("<citation ", &format!("{macros}<macro name=\"m12\"><text value=\"x\"/></macro><citation "));
    assert!(wrong(&many).ends_with("calls too many others"));
}
