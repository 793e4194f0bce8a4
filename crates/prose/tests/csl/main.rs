//! Citations and lists by CSL styles: what is written on a page, and what its reader sees.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use octavo_definition::locale::Locale;
use octavo_definition::source::SourceFile;
use octavo_prose::{
    Bibliography, CitedWork, Csl, Part, Placed, Prose, ProseHost, ProseOptions, Rendered, SafeHtml,
    ShownValue, ShownVerdict, escape,
};

mod refused;
mod written;

const DATE: &str = include_str!("date.csl");
const NUMBERS: &str = include_str!("numbers.csl");
const WORKS: &str = include_str!("works.bib");

/// A site of one page.
struct Host {
    locale: Locale,
    works: Bibliography,
    csl: Csl,
}

impl Host {
    fn new(style: &str, language: &str) -> Self {
        Self::of(style, language, WORKS)
    }

    fn of(style: &str, language: &str, works: &str) -> Self {
        let (works, problems) = Bibliography::parse(&SourceFile::new("works.bib", works));
        assert_eq!(problems, []);
        let csl = Csl::parse(&SourceFile::new("a.csl", style)).unwrap();
        Self { locale: Locale::built_in(language).unwrap(), works, csl }
    }

    fn page(&self, markdown: &str) -> Rendered {
        let source = SourceFile::new("page.md", markdown);
        let (prose, problems) = Prose::parse(&source, &ProseOptions::default());
        assert_eq!(problems, []);
        let rendered = prose.render(self, &self.locale);
        assert_eq!(rendered.diagnostics, []);
        let html = rendered.html.as_str();
        assert!(!html.contains(|c: char| c.is_control() && c != '\n'), "{html:?}");
        rendered
    }
}

impl ProseHost for Host {
    fn figure(&self, placed: Placed<'_>) -> SafeHtml {
        placed.caption.unwrap_or_default()
    }

    fn table(&self, placed: Placed<'_>) -> SafeHtml {
        placed.caption.unwrap_or_default()
    }

    fn value(&self, _target: &str, _format: Option<&str>) -> Result<ShownValue, String> {
        Err("there is no value".to_owned())
    }

    fn verdict(&self, _target: &str) -> Result<ShownVerdict, String> {
        Err("there is no claim".to_owned())
    }

    fn claim(&self, _target: &str, _id: &str) -> SafeHtml {
        SafeHtml::default()
    }

    /// The works alone, each with its links back.
    fn part(&self, part: Part<'_>, _locale: &Locale) -> SafeHtml {
        let Part::References { works, styled, .. } = part else { return SafeHtml::default() };
        let class = if styled { " class=\"styled\"" } else { "" };
        let back = |place: &String| format!(" <a class=\"back\" href=\"#{}\">b</a>", escape(place));
        let work = |work: &octavo_prose::Listed| {
            let back: String = work.places.iter().map(back).collect();
            format!("<li id=\"{}\">{}{back}</li>\n", escape(&work.id), work.content)
        };
        SafeHtml::trusted(format!(
            "<section>\n<ul{class}>\n{}</ul>\n</section>\n",
            works.iter().map(work).collect::<String>()
        ))
    }

    fn link(&self, target: &str) -> Result<String, String> {
        Ok(target.to_owned())
    }

    fn citation(&self, key: &str) -> Option<&CitedWork> {
        self.works.get(key)
    }

    fn csl(&self) -> Option<&Csl> {
        Some(&self.csl)
    }
}

/// The words of HTML.
fn words(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.replace('\u{a0}', "~").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
}

/// The text of a page before its list, as words.
fn text(rendered: &Rendered) -> String {
    let html = rendered.html.as_str();
    words(html.split("<section").next().unwrap()).trim().to_owned()
}

/// The list of a page, each work as HTML without links back.
fn list(rendered: &Rendered) -> Vec<String> {
    let html = rendered.html.as_str().replace('\u{a0}', "~");
    let items = html.split("<li id=\"ref-").skip(1);
    let item =
        |item: &str| item.split_once("\">").unwrap().1.split(" <a class=\"back\"").next().unwrap().to_owned();
    items.map(item).collect()
}
