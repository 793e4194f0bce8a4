//! A site of one page, for tests.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use octavo::locale::Locale;
use octavo::number::format_number;
use octavo::prose::{
    Bibliography, CitationStyle, CitedWork, Part, Placed, Prose, ProseHost, ProseOptions, Rendered, SafeHtml,
    ShownValue,
};
use octavo::render::parts;
use octavo::render::shared::words;
use octavo::source::SourceFile;
use octavo::theme::Theme;
use octavo_plugin::Value;

/// Works that tests cite.
const BIBLIOGRAPHY: &str = include_str!("works.bib");

/// The built-in one.
fn theme() -> &'static Theme {
    static THEME: LazyLock<Theme> = LazyLock::new(|| {
        Theme::new(&BTreeMap::new(), &octavo::config::Theme::default()).expect("it is good")
    });
    &THEME
}

/// Answers with what it was asked; values come from a fixed list.
pub(crate) struct Host {
    pub(crate) locale: Locale,
    pub(crate) bibliography: Bibliography,
    /// The value of the name `hostile`.
    pub(crate) hostile: String,
    pub(crate) style: CitationStyle,
}

impl Host {
    pub(crate) fn new(language: &str) -> Self {
        let (bibliography, diagnostics) = Bibliography::parse(&SourceFile::new("works.bib", BIBLIOGRAPHY));
        assert_eq!(diagnostics, []);
        Self {
            locale: Locale::built_in(language).expect("a bundled language"),
            bibliography,
            hostile: String::new(),
            style: CitationStyle::default(),
        }
    }

    fn block(class: &str, target: &str, placed: Option<&Placed<'_>>) -> SafeHtml {
        // A test cannot make markup, only text: the block is its own description.
        let description = placed.map_or(String::new(), |placed| {
            let caption = placed.caption.as_ref().map_or("", SafeHtml::as_str);
            format!(" #{} number {} caption {caption}", placed.id, placed.number)
        });
        SafeHtml::text(&format!("[{class} {target}{description}]"))
    }
}

impl ProseHost for Host {
    fn figure(&self, placed: Placed<'_>) -> SafeHtml {
        Self::block("figure", placed.target, Some(&placed))
    }

    fn table(&self, placed: Placed<'_>) -> SafeHtml {
        Self::block("table", placed.target, Some(&placed))
    }

    fn value(&self, target: &str, format: Option<&str>) -> Result<ShownValue, String> {
        let value = match target {
            "rate" => Value::from(0.316_22),
            "small" => Value::from(1.5e-9),
            "regions" => Value::from(500_501),
            "hostile" => Value::from(self.hostile.as_str()),
            _ => return Err(format!("there is no value `{target}`")),
        };
        let missing = matches!(value, Value::Missing(_)).then(|| value.to_string());
        Ok(ShownValue { text: format_number(&value, format, &self.locale)?, missing, stale: None })
    }

    fn verdict(&self, _target: &str) -> Result<octavo::prose::ShownVerdict, String> {
        Ok(octavo::prose::ShownVerdict { verdict: "refuted".to_owned(), words: "is refuted".to_owned() })
    }

    fn claim(&self, _target: &str, id: &str) -> SafeHtml {
        Self::block("claim", id, None)
    }

    fn part(&self, part: Part<'_>, locale: &Locale) -> SafeHtml {
        parts::html(theme(), part, words(locale)).expect("the built-in templates are good")
    }

    fn link(&self, target: &str) -> Result<String, String> {
        if target.contains("missing") {
            Err(format!("there is no `{target}`"))
        } else {
            Ok(target.replace(".md", ".html"))
        }
    }

    fn citation(&self, key: &str) -> Option<&CitedWork> {
        self.bibliography.get(key)
    }

    fn citation_style(&self) -> CitationStyle {
        self.style
    }
}

/// A page in one language: what was rendered, and every message with its place.
pub(crate) fn page(markdown: &str, host: &Host, raw_html: bool) -> (Rendered, Vec<String>) {
    let source = SourceFile::new("page.md", markdown);
    let (prose, mut diagnostics) =
        Prose::parse(&source, &ProseOptions { raw_html, ..ProseOptions::default() });
    diagnostics.extend(host.bibliography.check(prose.references()));
    let rendered = prose.render(host, &host.locale);
    diagnostics.extend(rendered.diagnostics.iter().cloned());
    let messages = diagnostics
        .iter()
        .map(|problem| {
            let at = problem.location.as_ref().expect("every problem of a page has a place");
            let (line, column) = at.source.line_column(at.span.start);
            let help = problem.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
            format!("{line}:{column} {}: {}{help}", problem.code, problem.message)
        })
        .collect();
    (rendered, messages)
}
