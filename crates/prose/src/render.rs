//! A document to HTML: the page as a whole, with its title, its outline and its notes.

mod block;
mod citations;
mod inline;
mod picture;
mod words;

use indexmap::IndexMap;

use citations::Citations;
use inline::plain_words;

use super::document::Inline;
use super::host::ProseHost;
use super::label::Ids;
use super::part::{Listed, Part};
use super::prose::Prose;
use super::safe_html::SafeHtml;
use super::typography::typeset_text;
use octavo_definition::diagnostic::Diagnostic;
use octavo_definition::locale::Locale;
use octavo_definition::source::Location;

/// A heading of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its id on the page.
    pub id: String,
    /// Its text without markup.
    pub text: String,
}

/// A page, written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// The page's body, without its title, with notes and references at its end.
    pub html: SafeHtml,
    /// Its headings in order.
    pub outline: Vec<Heading>,
    /// Its title as plain text, set by the habits of the language.
    pub title: Option<String>,
    /// Its title with emphasis and mathematics.
    pub title_html: Option<SafeHtml>,
    /// Keys of the works cited, in the order of the text.
    pub citations: Vec<String>,
    /// What went wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Ids of the figures, in order.
    pub figures: Vec<String>,
    /// Whether there is mathematics on the page.
    pub has_math: bool,
}

impl Prose {
    /// The page's title as plain text, with its results.
    pub fn title_with_results(&self, host: &dyn ProseHost) -> Option<String> {
        if self.body.is_none() {
            return self.read_again().title_with_results(host);
        }
        let heading = || {
            let heading = self.body().title.as_ref();
            heading.map(|heading| plain_words(&heading.inlines, self, host))
        };
        self.front.title.clone().or_else(heading)
    }

    /// Writes the page in one language.
    pub fn render(&self, host: &dyn ProseHost, locale: &Locale) -> Rendered {
        match self.body {
            Some(_) => render(self, host, locale),
            None => render(&self.read_again(), host, locale),
        }
    }
}

fn render(prose: &Prose, host: &dyn ProseHost, locale: &Locale) -> Rendered {
    let mut renderer = Renderer {
        prose,
        host,
        locale,
        citations: Citations::new(&prose.references, host, locale),
        diagnostics: Vec::new(),
        notes: IndexMap::new(),
        note_ids: Ids::default(),
        figures: Vec::new(),
        outline: Vec::new(),
        explained: words::Explained::default(),
    };
    let mut html = String::new();
    let title_html = renderer.title();
    renderer.blocks(&prose.body().blocks, &mut html);
    renderer.footnotes(&mut html);
    renderer.typed_numbers();
    let (works, written) = renderer.citations.finish();
    if let Some(works) = works {
        renderer.part(works, &mut html);
    }
    if let Err(why) = written {
        renderer.report(Diagnostic::error("bibliography-style", why), &(0..0));
    }
    let html = renderer.citations.filled(html);
    let title_html =
        title_html.map(|title| SafeHtml::trusted(renderer.citations.filled(title.into_string())));
    // Titles of works and words of galleries have formulas, too.
    let has_math = prose.body().has_math || html.contains("<math ");
    Rendered {
        html: SafeHtml::trusted(html),
        outline: renderer.whole_outline(),
        title: renderer.plain_title(),
        title_html,
        citations: renderer.citations.keys(),
        diagnostics: renderer.diagnostics,
        figures: renderer.figures,
        has_math,
    }
}

/// A footnote that the text has referred to.
struct Note {
    /// What its ids end with.
    name: String,
    /// How often it is referred to.
    count: usize,
}

/// Writes one page.
struct Renderer<'a> {
    prose: &'a Prose,
    host: &'a dyn ProseHost,
    locale: &'a Locale,
    citations: Citations<'a>,
    diagnostics: Vec<Diagnostic>,
    /// Footnotes by label, in the order of their numbers.
    notes: IndexMap<String, Note>,
    note_ids: Ids,
    figures: Vec<String>,
    outline: Vec<Heading>,
    explained: words::Explained,
}

impl Renderer<'_> {
    fn report(&mut self, problem: Diagnostic, span: &std::ops::Range<usize>) {
        self.diagnostics.push(problem.at(Location::new(&self.prose.source, span.clone())));
    }

    /// Tells of numbers that equal a result and do not come from it: they stay when it moves.
    fn typed_numbers(&mut self) {
        for (numeral, span) in &self.prose.body().numerals {
            if !numeral.says_much(self.locale) {
                continue;
            }
            if let Some(name) = self.host.typed(numeral, self.locale) {
                let message = format!("`{}` is the result `{name}`, typed by hand", numeral.text);
                let help = format!(
                    "write `{{{{ value(\"{name}\") }}}}`, which moves with the result, or a formula, `${}$`, if it is none",
                    numeral.in_formula()
                );
                self.report(Diagnostic::warning("typed-number", message).help(help), span);
            }
        }
    }

    fn title(&mut self) -> Option<SafeHtml> {
        if let Some(heading) = &self.prose.body().title {
            return Some(SafeHtml::trusted(self.inline_html(&heading.inlines)));
        }
        self.prose.front.title.as_ref().map(|title| SafeHtml::text(&typeset_text(title, self.locale)))
    }

    /// The title as plain text.
    fn plain_title(&self) -> Option<String> {
        let heading = || self.prose.body().title.as_ref().map(|heading| self.alternative(&heading.inlines));
        let title = self.prose.front.title.clone().or_else(heading)?;
        Some(typeset_text(&title, self.locale))
    }

    /// The headings, with those of the lists at the end.
    fn whole_outline(&mut self) -> Vec<Heading> {
        let mut outline = std::mem::take(&mut self.outline);
        let lists =
            [("footnotes", !self.notes.is_empty()), ("references", !self.citations.keys().is_empty())];
        for (id, _) in lists.into_iter().filter(|(_, there)| *there) {
            outline.push(Heading { level: 2, id: id.to_owned(), text: self.locale.word(id).to_owned() });
        }
        outline
    }

    fn inline_html(&mut self, inlines: &[Inline]) -> String {
        let mut html = String::new();
        self.inlines(inlines, &mut html);
        html
    }

    /// The notes at the end of the page. A note may refer to further notes.
    fn footnotes(&mut self, html: &mut String) {
        if self.notes.is_empty() {
            return;
        }
        let prose = self.prose;
        let mut contents = Vec::new();
        while let Some((label, _)) = self.notes.get_index(contents.len()) {
            let blocks = prose.body().footnotes.get(label.as_str()).map_or(&[][..], Vec::as_slice);
            let content = self.content(blocks);
            contents.push(content);
        }
        let notes = self.notes.values().zip(contents);
        let notes = notes.map(|(note, content)| Listed::note(&note.name, content.as_str(), note.count));
        self.part(Part::Footnotes(notes.collect()), html);
    }
}
