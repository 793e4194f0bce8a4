//! Answers what a page's prose asks for: figures, tables, values, claims, links, works.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use minijinja::context;
use minijinja::value::{Serde, Value as Templated};
use octavo_plugin::figure::Where;
use octavo_plugin::{Digest, Localized, Value};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::claims;
use super::evidence;
use super::figures::{self, Drawn};
use super::last_good::{GoodValue, LastGood, Origin};
use super::packed::{FullTable, Packed};
use super::shared::Shared;
use super::tables::{Look, Shown};
use super::{Files, lab, memory, paper, parts, tables, typed};
use crate::config::BibliographyStyle;
use crate::diagnostic::Diagnostic;
use crate::figure::scene::{self, Level, Span};
use crate::ids::{ClaimRef, FigureRef, Ref, Route, TableRef, ValueRef, kinds, relative};
use crate::locale::Locale;
use crate::names::{self, LinkTarget};
use crate::number::format_number;
use crate::prose::{
    CitationStyle, CitedWork, CodeMarkup, Csl, Glossary, Numeral, Part, Placed, ProseHost, SafeHtml,
    ShownValue, ShownVerdict, escape, inline_html,
};
use crate::publish::Content;
use crate::site::Page;

mod frames;

/// A value or why there is none, as the store remembers it.
#[derive(Serialize, Deserialize)]
enum Found {
    Value(#[serde(with = "memory::plain")] Value),
    Nothing(String),
}

/// The host of one page in one language.
pub struct PageHost<'a> {
    /// What all pages share.
    pub shared: &'a Shared<'a>,
    /// The page.
    pub page: &'a Page,
    /// The language of the interface.
    pub locale: &'a Locale,
    /// The page's own route.
    pub route: &'a Route,
    /// Files that the page needs.
    pub files: RefCell<Files>,
    /// Claims shown on the page, with their ids.
    pub shown_claims: RefCell<Vec<(ClaimRef, String)>>,
    /// What the appendix tells of what was shown.
    pub(super) told: RefCell<paper::Told>,
    /// How often each figure was placed on the page so far.
    pub placed_figures: RefCell<BTreeMap<String, usize>>,
    /// Tables without rows, as the page names them.
    pub empty_tables: RefCell<BTreeSet<String>>,
    /// Errors of templates.
    pub errors: RefCell<Vec<Diagnostic>>,
    /// Values and tables of today that the page shows.
    pub good: RefCell<LastGood>,
    /// Named values of the experiments that the page shows, once a typed number asks for them.
    pub(super) known: OnceCell<Vec<typed::Known>>,
}

impl PageHost<'_> {
    fn url(&self, route: &Route) -> String {
        relative(self.route, route)
    }

    fn template(&self, name: &str, context: Templated) -> SafeHtml {
        let html = self.shared.material.theme.render(name, context);
        parts::or_failure(html.map(SafeHtml::trusted), &self.errors)
    }

    fn words(&self) -> Templated {
        self.shared.words(self.locale)
    }

    fn add(&self, route: &Route, bytes: Vec<u8>) -> String {
        self.files.borrow_mut().insert(route.to_owned(), Content::Bytes(bytes));
        self.url(route)
    }

    fn caption(&self, own: Option<SafeHtml>, fallback: &[&Localized]) -> SafeHtml {
        own.filter(|caption| !caption.is_empty()).unwrap_or_else(|| {
            let text = fallback.iter().find_map(|text| text.get(&self.locale.tag)).unwrap_or_default();
            inline_html(text, self.locale, &self.shared.macros)
        })
    }

    /// The thing of an experiment that the page names.
    pub(super) fn named<K>(&self, target: &str) -> Result<Ref<K>, String> {
        Ref::parse(target, &self.page.id).map_err(|wrong| no_experiment(&wrong.0))
    }

    fn figure_context(&self, placed: &Placed<'_>, drawn: &Drawn, figure: &FigureRef) -> Templated {
        let FigureRef { experiment: id, name, .. } = figure;
        let (origin, captions) = self.origin(figure, drawn);
        self.told.borrow_mut().figure(self.shared, placed.number, id, &origin, drawn);
        let count = self.count_figure(&figures::svg_prefix(figure));
        let frames = self.frames(drawn, &count);
        let caption = self.caption(placed.caption.clone(), &captions.each_ref());
        let reference = super::reference::exists(self.shared, &origin.analysis)
            .then(|| self.url(&super::reference::route(self.shared, &self.locale.tag, &origin.analysis)));
        // Another figure of the experiment may be good and have another definition.
        let today = self.shared.material.experiments.get(id).map(|experiment| &experiment.source.text);
        let differs = drawn.stale.is_some() && today.is_some_and(|text| *text != origin.definition);
        let kept = if differs { format!(".{name}.last-good") } else { String::new() };
        let definition =
            self.add(&Route::new(format!("data/{id}{kept}.toml")), origin.definition.into_bytes());
        context! {
            anchor => placed.id,
            number => placed.number,
            caption => Templated::from_safe_string(caption.into_string()),
            wide => drawn.wide,
            frames => frames,
            initial => drawn.initial,
            csvs => self.csvs(drawn),
            json => self.url(&drawn.json),
            tables => if drawn.stale.is_none() { self.full_tables(figure) } else { Vec::new() },
            experiment => id.as_str(),
            analysis => origin.analysis,
            reference => reference,
            revision => origin.revision,
            seed => origin.seed,
            replicates => origin.replicates,
            definition => definition,
            file => format!("{}.toml", id.slug()),
            frame_name => figures::common_name(&drawn.frames),
            frame_name_shown => figures::common_name(&drawn.frames).map(|name| lowered(&name)),
            rows => drawn.rows,
            clipped => drawn.clipped,
            notes => drawn.notes.lines(self.locale),
            digest => drawn.digest.short(),
            lab => lab::context(self.shared.material, figure, drawn, self.locale, &|route| self.url(route)),
            error => (),
            stale => drawn.stale.clone(),
            frame_label => (),
        }
    }

    /// Where a drawing comes from, and its caption and title: from today's definition, or as they were.
    fn origin(&self, figure: &FigureRef, drawn: &Drawn) -> (Origin, [Localized; 2]) {
        let material = self.shared.material;
        if drawn.stale.is_some()
            && let Some(good) = material.last_good.figures.get(&figure.clone().in_language(&self.locale.tag))
        {
            return (good.origin.clone(), good.captions.clone());
        }
        let experiment = &material.experiments[&figure.experiment];
        let figure = &experiment.manifest.figures[&figure.name];
        (Origin::of(experiment), [figure.caption.clone(), figure.title.clone()])
    }

    /// Counts a figure of the page: the prefix of its ids, and its number among those with this prefix, from 1.
    fn count_figure(&self, prefix: &str) -> (String, usize) {
        let mut placed = self.placed_figures.borrow_mut();
        let count = placed.entry(prefix.to_owned()).or_default();
        *count += 1;
        (prefix.to_owned(), *count)
    }

    /// Links to the whole tables that a figure draws rows of.
    pub(super) fn full_tables(&self, figure: &FigureRef) -> Vec<Templated> {
        let FigureRef { experiment: id, name, .. } = figure;
        let mut seen = BTreeSet::new();
        let layers = self.shared.material.experiments[id].manifest.figures[name].all_layers();
        let names = layers.iter().filter_map(|layer| layer.from.as_deref());
        let mut links = Vec::new();
        for from in names.filter(|from| seen.insert((*from).to_owned())) {
            let Ok(of) = TableRef::parse(from, id) else { continue };
            if let Some(table) = FullTable::of(self.shared.material, &of) {
                let packed = table.packed.map(|bytes| self.locale.file_size(bytes));
                let sample = table.sample_in(self.locale, &of);
                let link = context! { url => self.url(&table.route), name => of.name, packed => packed, sample => sample };
                links.push(link);
            }
        }
        links
    }

    /// A table as text, and, if it is the last good one, why there is no other.
    fn shown_table(&self, table: &TableRef, rows: Option<u32>) -> Result<(Shown, Option<String>), String> {
        let material = self.shared.material;
        let key = table.clone().in_language(&self.locale.tag);
        match self.table_today(table, rows) {
            Ok((shown, record)) => {
                self.good.borrow_mut().tables.extend(record.map(|record| (key, record)));
                Ok((shown, None))
            }
            Err(why) => {
                let record = material.last_good.tables.get(&key);
                let shown = record.and_then(|record| material.memo.find::<Result<Shown, String>>(record));
                shown.and_then(|found| found.data.ok()).map(|shown| (shown, Some(why.clone()))).ok_or(why)
            }
        }
    }

    /// A table of today's results, and the key under which it is remembered.
    fn table_today(
        &self,
        TableRef { experiment: id, name, .. }: &TableRef,
        rows: Option<u32>,
    ) -> Result<(Shown, Option<Digest>), String> {
        let related = self.shared.material.related.get(id).ok_or_else(|| self.missing(id))?;
        if let Some(failure) = related.results.failure_in(name, &Where::new()) {
            return Err(failure.to_owned());
        }
        let relation = related.results.relation(name).map_err(|problem| problem.message)?;
        let experiment = self.shared.material.experiments.get(id);
        let look = experiment.and_then(|experiment| experiment.manifest.tables.get(name)).map(Look::of);
        let look = look.unwrap_or_default().with_rows(rows);
        let asked = json!([id, name, self.locale.tag, self.locale.decimal, self.locale.thousands, look]);
        let show = || tables::show(&relation, &look, self.locale);
        let (shown, key) =
            memory::recall_key(self.shared.material, related, "octavo table on a page", &asked, show);
        Ok((shown.map_err(|why| self.bad_table(id, name, why))?, key))
    }

    /// Tells of a table that cannot be shown as its definition asks.
    fn bad_table(&self, id: &str, name: &str, why: String) -> String {
        let problem = Diagnostic::error("bad-table", format!("the table `{name}`: {why}"));
        let place = self
            .shared
            .material
            .experiments
            .get(id)
            .map(|experiment| experiment.node.place_of(&["tables", name, "pivot"]));
        let help = "group the rows, so that each place has one value: `group`, `stats`";
        self.errors.borrow_mut().push(Diagnostic { location: place, ..problem.help(help) });
        why
    }

    /// Why there are no results of an experiment.
    fn missing(&self, id: &str) -> String {
        let why = self.shared.material.unavailable.get(id).cloned();
        why.unwrap_or_else(|| no_experiment(id))
    }

    /// A value of an experiment: a defined one, or a scalar if there is no sweep.
    pub(super) fn find_value(&self, value: &ValueRef) -> Result<Value, String> {
        let ValueRef { experiment: id, name, .. } = value;
        let material = self.shared.material;
        let (experiment, related) = match (material.experiments.get(id), material.related.get(id)) {
            (Some(experiment), Some(related)) => (experiment, related),
            _ => return Err(self.missing(id)),
        };
        let results = &related.results;
        let defined = experiment.definitions.values.get(name).cloned().or_else(|| results.scalar(name));
        let checked = defined.ok_or_else(|| format!("the experiment `{id}` has no value `{name}`"))?;
        if let Some(why) = results.failure_in(&checked.from, &checked.selection) {
            return Err(why.to_owned());
        }
        let asked = json!(checked.definition());
        let find = || {
            let value = results.value(&checked);
            value.map_or_else(|problem| Found::Nothing(problem.message), Found::Value)
        };
        match memory::recall(material, related, "octavo value", &asked, find) {
            Found::Value(value) => Ok(value),
            Found::Nothing(why) => Err(why),
        }
    }
}

fn no_experiment(id: &str) -> String {
    format!("there is no experiment `{id}`")
}

/// A label of a figure for a page, with its indices lowered as in the drawing.
fn lowered(text: &str) -> Templated {
    let run = |span: &Span| match span.level {
        Level::Lowered => format!("<sub>{}</sub>", escape(&span.text)),
        _ => escape(&span.text),
    };
    Templated::from_safe_string(scene::label(text).iter().map(run).collect())
}

impl ProseHost for PageHost<'_> {
    fn figure(&self, placed: Placed<'_>) -> SafeHtml {
        let drawn = self.named::<kinds::Figure>(placed.target).and_then(|figure| {
            match self.shared.figures.get(&figure.clone().in_language(&self.locale.tag)) {
                Some(Ok(drawn)) => Ok((figure, drawn)),
                Some(Err(error)) => Err(error.clone()),
                None => Err("it was not drawn".to_owned()),
            }
        });
        let figure = match drawn {
            Ok((figure, drawn)) => self.figure_context(&placed, drawn, &figure),
            Err(error) => {
                let caption = self.caption(placed.caption.clone(), &[]);
                context! {
                    anchor => placed.id,
                    number => placed.number,
                    caption => Templated::from_safe_string(caption.into_string()),
                    wide => false,
                    error => error,
                }
            }
        };
        self.template("figure.html", context! { figure => figure, words => self.words() })
    }

    fn table(&self, placed: Placed<'_>) -> SafeHtml {
        let caption = self.caption(placed.caption.clone(), &[]);
        let base = context! {
            anchor => placed.id,
            number => placed.number,
            caption => Templated::from_safe_string(caption.into_string()),
        };
        let shown =
            self.named(placed.target).and_then(|table| Ok((self.shown_table(&table, placed.rows)?, table)));
        let table = match shown {
            Ok(((shown, stale), of)) => {
                if shown.rows.is_empty() && stale.is_none() {
                    self.empty_tables.borrow_mut().insert(placed.target.to_owned());
                }
                let Packed { bytes, is_compressed } = Packed::of(shown.csv.clone().into_bytes());
                let packed = is_compressed.then(|| self.locale.file_size(bytes.len()));
                let route = Packed::of_table(&of, is_compressed, false);
                self.told.borrow_mut().table(self.shared, placed.number, &of, &route);
                let csv = self.add(&route, bytes);
                context! { packed => packed, groups => Templated::from(Serde(shown.groups)), note => shown.note, columns => Templated::from(Serde(shown.titles)), rows => Templated::from(Serde(shown.rows)), wide => shown.wide, csv => csv, error => (), stale => stale, ..base }
            }
            Err(error) => context! { error => error, stale => (), wide => false, ..base },
        };
        self.template("table.html", context! { table => table, words => self.words() })
    }

    fn value(&self, target: &str, format: Option<&str>) -> Result<ShownValue, String> {
        let key = self.named(target)?;
        let (value, stale) = match self.find_value(&key) {
            Ok(value) => (value, None),
            Err(why) => match self.shared.material.last_good.values.get(&key) {
                Some(GoodValue(value)) => (value.clone(), Some(why)),
                None => return Err(why),
            },
        };
        let missing = match &value {
            Value::Missing(why) => Some(why.clone()),
            _ => None,
        };
        if stale.is_none() && missing.is_none() {
            self.good.borrow_mut().values.insert(key, GoodValue(value.clone()));
        }
        Ok(ShownValue { text: format_number(&value, format, self.locale)?, missing, stale })
    }

    fn typed(&self, numeral: &Numeral, locale: &Locale) -> Option<String> {
        typed::equal(self.known.get_or_init(|| typed::known(self)), numeral, locale)
    }

    fn verdict(&self, target: &str) -> Result<ShownVerdict, String> {
        let claim = self.named(target)?;
        let judged = self.shared.claims.get(&claim);
        let verdict = judged.map(|judged| judged.verdict().to_owned());
        let verdict = verdict.ok_or_else(|| self.missing(&claim.experiment))?;
        let words = self.locale.word(&format!("says-{verdict}")).to_owned();
        Ok(ShownVerdict { verdict, words })
    }

    fn claim(&self, target: &str, id_on_page: &str) -> SafeHtml {
        let judged = self
            .named::<kinds::Claim>(target)
            .and_then(|claim| self.shared.claims.get(&claim).ok_or_else(|| self.missing(&claim.experiment)));
        let judged = match judged {
            Ok(judged) => judged,
            Err(why) => {
                let html = format!("<p class=\"failure\" role=\"alert\">{}</p>", escape(&why));
                return SafeHtml::trusted(html);
            }
        };
        let text = judged.text.get(&self.locale.tag).unwrap_or_default();
        self.shown_claims.borrow_mut().push((judged.claim.clone(), id_on_page.to_owned()));
        let claim = context! {
            number => self.shown_claims.borrow().len(),
            anchor => id_on_page,
            text => Templated::from_safe_string(inline_html(text, self.locale, &self.shared.macros).into_string()),
            verdict => judged.verdict(),
            as_expected => judged.as_expected(),
            short => claims::short(judged, self.locale),
            check => judged.check.clone(),
            stale => judged.stale.clone(),
            experiment => judged.claim.experiment.as_str(),
            explanation => judged.decision.parts.is_empty().then(|| judged.decision.explanation.clone()),
            parts => evidence::parts(judged, self.locale),
        };
        self.told.borrow_mut().claims.push(claim.clone());
        self.template("claim.html", context! { claim => claim, words => self.words() })
    }

    fn part(&self, part: Part<'_>, locale: &Locale) -> SafeHtml {
        parts::or_failure(
            parts::html(self.shared.material.theme, part, self.shared.words(locale)),
            &self.errors,
        )
    }

    fn link(&self, target: &str) -> Result<String, String> {
        let material = self.shared.material;
        let assets = |path: &str| (material.has_file)(path);
        match names::resolve(material.site, self.page.folder(), target, &assets)? {
            LinkTarget::Page(id, anchor) => {
                let page = material.site.find(&id).ok_or_else(|| format!("there is no page `{id}`"))?;
                let languages = &material.site.languages;
                let url = self.url(&page.route(&self.locale.tag, languages));
                // Headings are named after their texts: a place may be on the page in another language alone.
                let shown = page.text(&self.locale.tag, languages).prose.anchors();
                let anchor = anchor.filter(|anchor| shown.contains(anchor));
                Ok(anchor.map_or(url.clone(), |anchor| format!("{url}#{anchor}")))
            }
            LinkTarget::Static(route) => Ok(self.url(&route)),
            LinkTarget::Asset(path) => Ok(self.url(&names::asset_route(&path))),
        }
    }

    fn code(&self, language: &str, text: &str, write: &dyn Fn() -> CodeMarkup) -> CodeMarkup {
        self.shared.material.code.get_or_write(language, text, write)
    }

    fn glossary(&self, locale: &Locale) -> Option<(&Glossary, String)> {
        let glossary = self.shared.glossaries.get(&locale.tag)?;
        Some((glossary, self.url(&super::glossary::route(self.shared, &self.locale.tag))))
    }

    fn citation(&self, key: &str) -> Option<&CitedWork> {
        self.shared.material.bibliography.get(key)
    }

    fn citation_style(&self) -> CitationStyle {
        match self.shared.material.config.bibliography_style {
            BibliographyStyle::Own(style) => style,
            BibliographyStyle::File(_) => CitationStyle::default(),
        }
    }

    fn csl(&self) -> Option<&Csl> {
        self.shared.material.csl
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_on_pages_have_lowered_indices_and_no_markup() {
        assert_eq!(lowered("σ_w = 2").as_str(), Some("σ<sub>w</sub> = 2"));
        assert_eq!(lowered("x_{<b>} a_b_c").as_str(), Some("x<sub>&lt;b&gt;</sub> a_b_c"));
    }
}
