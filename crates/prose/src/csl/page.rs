//! The citations of one page: marks while it is written, texts when all are known.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hayagriva::citationberg::IndependentStyle;
use hayagriva::citationberg::taxonomy::Locator as Kind;
use hayagriva::{
    BibliographyDriver, BibliographyRequest, CitationItem, CitationRequest, CitePurpose, LocatorPayload,
    Rendered, SpecificLocator,
};

use super::entry::Converter;
use super::write::Writer;
use super::{Csl, WORDS, language};
use crate::citation::CitedWork;
use crate::cited::{Cited, Locator};
use crate::safe_html::escape;
use octavo_definition::locale::Locale;

/// Around the number of a citation in the HTML: no escaped text has it.
const MARK: char = '\u{0}';
/// In place of the brackets of a citation in a sentence; between two of the first stands the work.
pub(super) const OPEN: char = '\u{10}';
pub(super) const CLOSE: char = '\u{11}';

/// A work in a citation.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) key: String,
    /// How often the work was cited so far, this time counted; `None` of a work that is not there.
    pub(super) count: Option<usize>,
    /// HTML.
    pub(super) prefix: String,
    /// HTML.
    pub(super) suffix: String,
    pub(super) locator: Option<Locator>,
    pub(super) suppressed: bool,
}

/// Works cited in one place.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub(super) narrative: bool,
    pub(super) items: Vec<Item>,
}

/// The citations of a page.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    csl: &'a Csl,
    locale: &'a Locale,
    clusters: Vec<Cluster>,
    /// What takes the places of the marks, as HTML.
    texts: Vec<String>,
}

/// What a style made of the works: the list, each with its key; `None` if the style has no list.
pub(crate) type List = Option<Vec<(String, String)>>;

/// What the library is asked for: which works of which citation, and whether for the middle of a sentence.
pub(super) struct Request {
    pub(super) cluster: usize,
    pub(super) items: Vec<usize>,
    prose: bool,
}

impl<'a> Page<'a> {
    pub(crate) fn new(csl: &'a Csl, locale: &'a Locale) -> Self {
        Self { csl, locale, clusters: Vec::new(), texts: Vec::new() }
    }

    /// Remembers a citation and leaves a mark; `count` says how often each work was cited.
    pub(crate) fn cite(
        &mut self,
        narrative: bool,
        works: &[&Cited<'_>],
        mut count: impl FnMut(&str) -> Option<usize>,
        html: &mut String,
    ) {
        let item = |cited: &&Cited<'_>| Item {
            key: cited.key.to_owned(),
            count: count(cited.key),
            prefix: cited.prefix.clone(),
            suffix: cited.suffix.clone(),
            locator: cited.locator.clone(),
            suppressed: cited.suppressed,
        };
        let items = works.iter().map(item).collect();
        let _ = write!(html, "{MARK}{}{MARK}", self.clusters.len());
        self.clusters.push(Cluster { narrative, items });
    }

    /// Writes all citations and the list. `who` names a work that has no author.
    ///
    /// # Errors
    /// The style cannot be followed.
    pub(crate) fn finish(
        &mut self,
        entries: &BTreeMap<&str, &CitedWork>,
        keys: &[String],
        who: impl Fn(&str) -> String,
    ) -> Result<List, String> {
        let clusters = std::mem::take(&mut self.clusters);
        let mut converter = Converter::new(self.locale);
        let works: Vec<hayagriva::Entry> = keys
            .iter()
            .filter_map(|key| entries.get(key.as_str()))
            .map(|entry| converter.entry(entry))
            .collect();
        let marks = converter.marks;
        let mut setting = Setting::new(self.csl, self.locale, &clusters, &works);
        // A style is a program of somebody else's, and the library stops at what it does not expect.
        let rendered = catch_unwind(AssertUnwindSafe(|| setting.rendered()));
        let Ok(rendered) = rendered else {
            self.texts = clusters.iter().map(failed).collect();
            return Err("the style of citation cannot be followed with the works of this page".to_owned());
        };
        let writer = Writer { csl: self.csl, locale: self.locale, marks: &marks, who: &who };
        self.texts = writer.clusters(&clusters, &setting.requests, &rendered);
        Ok(rendered.bibliography.map(|list| writer.list(&list)))
    }

    /// HTML with its citations in the places of the marks.
    pub(crate) fn filled(&self, html: &str) -> String {
        fill(html, &self.texts)
    }
}

/// Puts texts in the places of their marks. What stands around a work may have citations of its own, which came before.
fn fill(html: &str, texts: &[String]) -> String {
    let mut filled = String::with_capacity(html.len());
    for (index, piece) in html.split(MARK).enumerate() {
        if index % 2 == 0 {
            filled.push_str(piece);
        } else if let Some((number, text)) =
            piece.parse().ok().and_then(|number: usize| Some((number, texts.get(number)?)))
        {
            filled.push_str(&fill(text, &texts[..number]));
        }
    }
    filled
}

/// What is shown if a style cannot be followed.
fn failed(cluster: &Cluster) -> String {
    let keys: Vec<String> = cluster.items.iter().map(|item| escape(&item.key)).collect();
    format!("<span class=\"failed\">{}</span>", keys.join(", "))
}

/// What the library needs to render a page.
struct Setting<'s> {
    csl: &'s Csl,
    locale: &'s Locale,
    clusters: &'s [Cluster],
    works: &'s [hayagriva::Entry],
    requests: Vec<Request>,
    /// For each work a style whose brackets name it, so that no two works read the same in a sentence: they would be given
    /// letters twice.
    prose: BTreeMap<usize, IndependentStyle>,
}

impl<'s> Setting<'s> {
    fn new(csl: &'s Csl, locale: &'s Locale, clusters: &'s [Cluster], works: &'s [hayagriva::Entry]) -> Self {
        let mut setting = Self { csl, locale, clusters, works, requests: Vec::new(), prose: BTreeMap::new() };
        for (index, cluster) in clusters.iter().enumerate() {
            setting.ask(index, cluster);
        }
        setting
    }

    fn ask(&mut self, index: usize, cluster: &Cluster) {
        if !is_single(self.csl, cluster) {
            self.requests.push(Request {
                cluster: index,
                items: (0..cluster.items.len()).collect(),
                prose: false,
            });
            return;
        }
        for (at, item) in cluster.items.iter().enumerate().filter(|(_, item)| item.count.is_some()) {
            // A style of numbers has names for its list alone, and they may be long.
            let narrated = cluster.narrative && at == 0 && !self.csl.is_numeric();
            let prose = narrated || is_suppressed(self.csl, item);
            if let (true, Some(work)) = (prose, self.work(item)) {
                self.prose.entry(work).or_insert_with(|| {
                    let mut style = self.csl.style.clone();
                    style.citation.layout.prefix = Some(format!("{OPEN}{work}{OPEN}"));
                    style.citation.layout.suffix = Some(CLOSE.to_string());
                    style
                });
            }
            self.requests.push(Request { cluster: index, items: vec![at], prose });
        }
    }

    /// Which work an item is.
    fn work(&self, item: &Item) -> Option<usize> {
        self.works.iter().position(|work| work.key() == item.key)
    }

    /// What the library makes of the page. Letters behind years follow the order in which works come, and readers look
    /// for them in that of the list; so this is found first.
    fn rendered(&mut self) -> Rendered {
        let first = self.run(None);
        let letters = self.csl.style.citation.disambiguate_add_year_suffix;
        let Some(list) = first.bibliography.as_ref().filter(|_| letters) else { return first };
        let work = |key: &str| self.works.iter().position(|work| work.key() == key);
        let order: Vec<usize> = list.items.iter().filter_map(|item| work(&item.key)).collect();
        if self.csl.style.citation.sort.is_some() {
            // What the style sorts alike stands as in the list, its letters in order.
            for asked in &mut self.requests {
                let items = &self.clusters[asked.cluster].items;
                let place = |at: &usize| {
                    let work = work(&items[*at].key);
                    order.iter().position(|listed| Some(*listed) == work)
                };
                asked.items.sort_by_cached_key(place);
            }
        }
        self.run(Some(&order))
    }

    fn run(&self, order: Option<&[usize]>) -> Rendered {
        let mut driver = BibliographyDriver::new();
        let code = language(&self.locale.tag);
        let request =
            |items, style| CitationRequest::new(items, style, Some(code.clone()), WORDS.as_slice(), None);
        // All works, hidden: those in sentences have brackets of their own and are told apart from none. They come first, for their
        // letters, unless the style asks what came before.
        let hidden = order.map(|order| {
            let item = |work: &usize| CitationItem::new(&self.works[*work], None, None, true, None);
            request(order.iter().map(item).collect(), &self.csl.bare)
        });
        let (before, after) = if self.csl.positions { (None, hidden) } else { (hidden, None) };
        before.into_iter().for_each(|hidden| driver.citation(hidden));
        for asked in &self.requests {
            let mut style = &self.csl.bare;
            let mut items = Vec::new();
            for at in &asked.items {
                let item = &self.clusters[asked.cluster].items[*at];
                let Some(work) = self.work(item) else { continue };
                let purpose = asked.prose.then_some(CitePurpose::Prose);
                style = self.prose.get(&work).filter(|_| asked.prose).unwrap_or(style);
                items.push(CitationItem::new(&self.works[work], place(item), None, false, purpose));
            }
            driver.citation(request(items, style));
        }
        after.into_iter().for_each(|hidden| driver.citation(hidden));
        let mut rendered =
            driver.finish(BibliographyRequest::new(&self.csl.style, Some(code.clone()), WORDS.as_slice()));
        match (order, self.csl.positions) {
            (Some(_), false) => drop(rendered.citations.remove(0)),
            (Some(_), true) => drop(rendered.citations.pop()),
            (None, _) => {}
        }
        rendered
    }
}

/// Whether each work is asked for by itself: the library knows nothing of words around works.
pub(super) fn is_single(csl: &Csl, cluster: &Cluster) -> bool {
    let own = |item: &Item| {
        !item.prefix.is_empty() || !item.suffix.is_empty() || is_suppressed(csl, item) || item.count.is_none()
    };
    cluster.narrative || cluster.items.iter().any(own)
}

/// Whether the name is left out, where there is one.
pub(super) fn is_suppressed(csl: &Csl, item: &Item) -> bool {
    item.suppressed && !csl.is_numeric()
}

fn place(item: &Item) -> Option<SpecificLocator<'_>> {
    let locator = item.locator.as_ref()?;
    let kind: Kind = locator.kind.parse().unwrap_or(Kind::Page);
    Some(SpecificLocator(kind, LocatorPayload::Str(&locator.text)))
}
