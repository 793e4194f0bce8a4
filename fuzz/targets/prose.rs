//! A page: whatever it holds, it is read and written, every problem has a place, and no script gets in.

#![no_main]

use libfuzzer_sys::fuzz_target;
use octavo_definition::locale::Locale;
use octavo_definition::source::SourceFile;
use octavo_prose::{CitedWork, Listed, Part, Placed, Prose, ProseHost, ProseOptions, SafeHtml, ShownValue};

struct Host;

impl ProseHost for Host {
    fn figure(&self, placed: Placed<'_>) -> SafeHtml {
        SafeHtml::text(placed.id)
    }

    fn table(&self, placed: Placed<'_>) -> SafeHtml {
        SafeHtml::text(placed.id)
    }

    fn value(&self, target: &str, _format: Option<&str>) -> Result<ShownValue, String> {
        Ok(ShownValue { text: target.to_owned(), ..ShownValue::default() })
    }

    fn claim(&self, target: &str, _id: &str) -> SafeHtml {
        SafeHtml::text(target)
    }

    fn part(&self, part: Part<'_>, _locale: &Locale) -> SafeHtml {
        let text = |list: Vec<Listed>| list.into_iter().map(|one| one.content.into_string()).collect();
        SafeHtml::trusted(match part {
            Part::Callout { title, content, .. }
            | Part::Exercise { title, content, .. }
            | Part::Solution { title, content } => title.unwrap_or_default().into_string() + content.as_str(),
            Part::Footnotes(list) | Part::References { works: list, .. } => text(list),
        })
    }

    fn link(&self, target: &str) -> Result<String, String> {
        Ok(target.to_owned())
    }

    fn citation(&self, _key: &str) -> Option<&CitedWork> {
        None
    }
}

fuzz_target!(|text: &str| {
    let source = SourceFile::new("fuzz.md", text);
    let (prose, problems) = Prose::parse(&source, &ProseOptions::default());
    for problem in &problems {
        let at = problem.location.as_ref().expect("a problem of a page has a place");
        assert!(at.span.end <= text.len(), "{problem:?}");
    }
    for language in ["en", "fr"] {
        let locale = Locale::built_in(language).expect("it is built in");
        let html = prose.render(&Host, &locale).html.into_string().to_lowercase();
        assert!(!html.contains("<script") && !html.contains("href=\"javascript:"), "{html}");
    }
});
