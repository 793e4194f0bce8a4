//! Figures drawn over results, each once per language, remembered by digest of everything they depend on.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use octavo_plugin::figure::{Figure, Width};
use octavo_plugin::{ContentHasher, Digest};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::recipe::{self, Recipe};
use super::{Files, Material};
use crate::figure::files::FileName;
use crate::figure::notes::{self, Notes};
use crate::figure::weight::{self, COPIES, lightened};
use crate::figure::{self, CheckedFigure, FigureError, Source, svg, thumbnail};
use crate::ids::{ExperimentId, FigureIn, FigureRef, ItemRef, Route, TableRef};
use crate::locale::Locale;
use crate::memo::{Made, Memo};
use crate::publish::Content;
use crate::timings::{TimedKind, timed};

mod downloads;
mod own;
mod routes;
mod rows;
mod source;

use downloads::files;
use routes::placed;
use rows::RowFiles;
use source::{OwnSource, Relations};

/// One frame of a drawn figure.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What the frame shows; empty if it is the only one.
    pub label: String,
    /// What stands on the page.
    pub look: Look,
    /// Files for download, by their endings.
    pub files: Vec<(&'static str, Route)>,
}

impl Frame {
    /// The file for download with this ending.
    pub fn file(&self, ending: &str) -> Option<&Route> {
        self.files.iter().find(|(own, _)| *own == ending).map(|(_, route)| route)
    }
}

/// What stands on a page for a frame.
#[derive(Clone, Debug)]
pub enum Look {
    /// A drawing in the page itself.
    Drawing {
        /// For the page.
        inline: Placed,
        /// For a phone held upright.
        phone: Placed,
    },
    /// A picture that the analysis drew, as a file of its own.
    Picture(ShownPicture),
}

/// A picture that the analysis drew, on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownPicture {
    /// What stands for it where it cannot be seen.
    pub alt: String,
    /// The file for light pages.
    pub light: Route,
    /// The file for dark pages, if there is one.
    pub dark: Option<Route>,
    /// Width and height in pixels of CSS.
    pub size: [f64; 2],
}

/// A drawing that stands in a page, and the routes of the pictures in it. It is read when a page is written that shows it.
#[derive(Clone, Debug)]
pub struct Placed {
    drawing: Content,
    images: Vec<Route>,
}

impl Placed {
    /// The drawing for a page that has these addresses for routes.
    ///
    /// # Errors
    /// Why what is remembered of it cannot be read.
    pub fn on(&self, memo: Memo<'_>, address: impl Fn(&Route) -> String) -> Result<String, String> {
        let addresses: Vec<String> = self.images.iter().map(address).collect();
        Ok(svg::Linked::resolve(&memo.text(&self.drawing)?, &addresses))
    }
}

/// What is remembered of a drawn figure beside its files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sheet {
    /// What each frame shows.
    labels: Vec<String>,
    /// What the links to the files of drawn rows say.
    from: Vec<String>,
    /// Whether that is the name of a table, for each.
    tables: Vec<bool>,
    /// How many bytes the file has, if it is compressed, for each.
    packed: Vec<Option<usize>>,
    rows: usize,
    clipped: usize,
    initial: usize,
    empty: Vec<usize>,
    notes: Notes,
    /// Width and height of the small picture, if it has one.
    thumbnail: Option<[u32; 2]>,
    /// The pictures of the frames, if they are an analysis's own.
    #[serde(default)]
    pictures: Vec<own::PictureSheet>,
    /// Whether each frame is a PDF, too.
    #[serde(default)]
    has_pdf: bool,
    /// Digest of the drawn rows.
    digest: Digest,
}

/// A small picture of a figure, for lists of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    /// Its route.
    pub route: Route,
    /// Width and height in pixels.
    pub size: [u32; 2],
}

/// A file of drawn rows.
#[derive(Clone, Debug)]
pub struct CsvFile {
    /// Its route.
    pub route: Route,
    /// What its link says.
    pub name: String,
    /// Whether that is the name of a table rather than words of the language.
    pub table: bool,
    /// Its bytes, if it is compressed.
    pub packed: Option<usize>,
}

/// A figure in one language, ready to be placed.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The frames, at least one.
    pub frames: Vec<Frame>,
    /// The place of the frame that is shown first.
    pub initial: usize,
    /// The drawn rows as CSV.
    pub csv: Vec<CsvFile>,
    /// Route of the drawn rows as JSON.
    pub json: Route,
    /// Number of rows drawn.
    pub rows: usize,
    /// Number of rows outside the axes.
    pub clipped: usize,
    /// Layers without a row, by their place among all layers.
    pub empty: Vec<usize>,
    /// What else is to be known of it.
    pub notes: Notes,
    /// Whether it stands wider than the text.
    pub wide: bool,
    /// Its small picture, if it is the first figure of a page.
    pub thumbnail: Option<Thumbnail>,
    /// Digest of the drawn rows; it stands on the page, so nothing of the program may be in it.
    pub digest: Digest,
    /// What the drawing is remembered by.
    pub key: Digest,
    /// Why this is not today's drawing but the last good one.
    pub stale: Option<String>,
}

/// The name before `=` that the labels of all frames share.
pub(super) fn common_name(frames: &[Frame]) -> Option<String> {
    let name = |frame: &Frame| frame.label.split_once(" = ").map(|(name, _)| name.to_owned());
    let first = name(frames.first()?)?;
    frames.iter().all(|frame| name(frame).as_ref() == Some(&first)).then_some(first)
}

/// A drawn figure with its files, or why there is none.
type Outcome = Result<(Drawn, Files), String>;

/// Most pixels of a small picture: a card of 280 by 150 with two pixels a unit.
const THUMBNAIL: [u32; 2] = [560, 300];

/// Draws these figures, or finds them in the store. The files are added to `files`.
pub fn draw_all(
    material: &Material<'_>,
    wanted: &[FigureIn],
    files: &mut Files,
) -> BTreeMap<FigureIn, Result<Drawn, String>> {
    let mut experiments: BTreeMap<&ExperimentId, BTreeMap<&FigureRef, Vec<&FigureIn>>> = BTreeMap::new();
    for id in wanted {
        experiments.entry(&id.of.experiment).or_default().entry(&id.of).or_default().push(id);
    }
    let experiments: Vec<_> = experiments.into_values().collect();
    let first = first_figures(material);
    // Tables are put together once for all figures of an experiment, and dropped with the last of them.
    let of_experiment = |figures: &BTreeMap<&FigureRef, Vec<&FigureIn>>| -> Vec<(FigureIn, Outcome)> {
        let relations = Relations::default();
        let one = |(figure, ids): (&&FigureRef, &Vec<&FigureIn>)| {
            timed(
                TimedKind::Figure,
                || figure.to_string(),
                || in_languages(material, ids, &relations, first.contains(*figure)),
            )
        };
        figures.par_iter().flat_map_iter(one).collect()
    };
    let drawn: Vec<(FigureIn, Outcome)> = experiments.par_iter().flat_map(of_experiment).collect();
    let mut figures = BTreeMap::new();
    for (id, result) in drawn {
        let result = result.map(|(drawn, own)| {
            files.extend(own);
            drawn
        });
        figures.insert(id, result);
    }
    figures
}

/// The figures that are the first of a page: lists of pages show them.
fn first_figures(material: &Material<'_>) -> BTreeSet<FigureRef> {
    let site = material.site;
    let of_page = |page: &crate::site::Page| {
        let first = |locale: &Locale| page.first_figure(&locale.tag, &site.languages);
        site.languages.iter().filter_map(first).collect::<Vec<_>>()
    };
    site.pages.iter().flat_map(of_page).collect()
}

/// One figure in these languages.
fn in_languages(
    material: &Material<'_>,
    ids: &[&FigureIn],
    relations: &Relations,
    is_first: bool,
) -> Vec<(FigureIn, Outcome)> {
    let shared = Shared {
        relations,
        is_first,
        pictures: svg::Pictures::default(),
        rows: OnceCell::new(),
        recipe: OnceCell::new(),
    };
    let one = |id: &&FigureIn| {
        let made = match material.unavailable.get(&id.of.experiment) {
            Some(why) => Err(why.clone()),
            None => draw(material, id, &shared),
        };
        ((*id).clone(), made.or_else(|error| last_good(material, id, error)))
    };
    ids.iter().map(one).collect()
}

fn draw(material: &Material<'_>, id: &FigureIn, shared: &Shared<'_>) -> Outcome {
    let FigureIn { of, language } = id;
    let experiment = &of.experiment;
    let checked = material.figures.get(of).ok_or("it is not defined")?;
    let figure = checked.figure();
    if !material.related.contains_key(experiment) {
        return Err("it has no results".to_owned());
    }
    refuse_failed(material, experiment, figure)?;
    let locale =
        material.site.languages.iter().find(|locale| locale.tag == *language).ok_or("it has no language")?;
    let recipe = shared
        .recipe
        .get_or_init(|| material.recipes.of(of, figure, &|experiment| recipe::gave(material, experiment)));
    let key = key(material, figure, experiment, locale, recipe, shared.is_first);
    let wide = figure.width == Width::Wide;
    let answer = material.memo.get_or_make(&key, || make(material, checked, id, locale, shared))?;
    placed(material, &answer, id, wide, key)
}

/// A figure that lacks rows of failed tasks would show something else than it says.
fn refuse_failed(material: &Material<'_>, experiment: &ExperimentId, figure: &Figure) -> Result<(), String> {
    for layer in figure.all_layers() {
        let Some(from) = &layer.from else { continue };
        let table = TableRef::parse(from, experiment).map_err(|wrong| wrong.to_string())?;
        let related = material.related.get(&table.experiment);
        if let Some(why) = related.and_then(|found| found.results.failure_in(&table.name, &layer.selection)) {
            return Err(why.to_owned());
        }
    }
    Ok(())
}

/// The last good drawing, marked as stale, if the store still has it; else the error.
fn last_good(material: &Material<'_>, id: &FigureIn, error: String) -> Outcome {
    let Some(good) = material.last_good.figures.get(id) else { return Err(error) };
    let Some(answer) = material.memo.find(&good.key) else { return Err(error) };
    match placed(material, &answer, id, good.wide, good.key) {
        Ok((drawn, files)) => Ok((Drawn { stale: Some(error), ..drawn }, files)),
        Err(_) => Err(error),
    }
}

/// Everything that the drawing depends on.
fn key(
    material: &Material<'_>,
    figure: &Figure,
    experiment: &ExperimentId,
    locale: &Locale,
    recipe: &Result<Recipe, String>,
    is_first: bool,
) -> Digest {
    let mut hasher = ContentHasher::new("octavo figure");
    hasher
        .add(&material.program)
        .number(u64::from(is_first))
        .text(&locale.tag)
        .text(&locale.decimal)
        .text(&locale.thousands)
        .text(experiment);
    for (key, word) in &locale.words {
        hasher.text(key).text(word);
    }
    if let Ok(text) = recipe.as_ref().map_err(String::clone).and_then(Recipe::text) {
        hasher.text(&text);
    }
    if let Some(font) = material.font {
        hasher.add(&font.digest);
    }
    hasher.add(&json!(figure)).add(&material.related[experiment].digest);
    for layer in figure.all_layers() {
        if let Some(other) = layer.from.as_deref().and_then(|from| ItemRef::parse(from).experiment)
            && let Some(related) = material.related.get(other)
        {
            hasher.text(other).add(&related.digest);
        }
    }
    hasher.finish()
}

fn make(
    material: &Material<'_>,
    checked: &CheckedFigure,
    FigureIn { of, .. }: &FigureIn,
    locale: &Locale,
    shared: &Shared<'_>,
) -> Result<Made<Sheet>, String> {
    let source = OwnSource { material, experiment: &of.experiment, relations: shared.relations };
    if checked.shows_pictures() {
        return own::make(checked, &source, locale, shared);
    }
    let empty = empty_layers(checked.figure(), &source);
    let planned = figure::plan(checked, &source, locale).map_err(|error| told(&error))?;
    let (drawn, rows) = together(material, of, checked, &planned, shared);
    let own = Notes { letters: notes::letters(&drawn.frames, material.font), ..drawn.notes.clone() };
    let prefix = svg_prefix(of);
    let recipe = shared.recipe.get().and_then(|recipe| text_of(recipe, &rows.digest));
    let recipe = recipe.as_deref();
    let mut outputs: Vec<(String, Vec<u8>)> = Vec::new();
    let most = weight::most(drawn.frames.len());
    for (index, frame) in drawn.frames.iter().enumerate() {
        let id = if drawn.frames.len() == 1 { prefix.clone() } else { format!("{prefix}-{index}") };
        outputs.extend(files(material, checked, frame, recipe, shared, index));
        for ((copy, scale), scene) in COPIES.into_iter().zip([&frame.scene, &frame.phone]) {
            let id = weight::id_of(&id, copy);
            let drawing = svg::linked(&lightened(scene, most, scale), &id, &shared.pictures);
            outputs.push((format!("{copy}/{index}"), drawing.text.into_bytes()));
            let images = drawing.images.into_iter().enumerate();
            outputs.extend(images.map(|(n, bytes)| (format!("{copy}-image/{index}/{n}"), bytes.to_vec())));
        }
    }
    outputs.extend(rows.outputs.iter().cloned());
    let shown = drawn.frames.get(drawn.initial).filter(|_| shared.is_first);
    let small = shown.and_then(|frame| thumbnail::encode(&frame.scene, THUMBNAIL));
    let thumbnail = small.map(|(bytes, size)| {
        outputs.push(("thumbnail".to_owned(), bytes));
        size
    });
    let sheet = Sheet {
        labels: drawn.frames.iter().map(|frame| frame.label.clone()).collect(),
        from: rows.names.iter().map(|name| name.text(locale).to_owned()).collect(),
        tables: rows.names.iter().map(|name| matches!(name, FileName::Table(_))).collect(),
        packed: rows.packed.clone(),
        rows: rows.rows,
        clipped: drawn.clipped,
        initial: drawn.initial,
        empty,
        notes: own,
        thumbnail,
        pictures: Vec::new(),
        has_pdf: checked.figure().file.is_some(),
        digest: rows.digest,
    };
    Ok((sheet, outputs))
}

/// The drawing and its files of rows, and those of the whole tables that its page links to, which take as long as it does.
fn together<'s>(
    material: &Material<'_>,
    of: &FigureRef,
    checked: &CheckedFigure,
    planned: &figure::Planned<'_>,
    shared: &'s Shared<'_>,
) -> (figure::Drawn, &'s RowFiles) {
    let (is_new, relations) = (shared.rows.get().is_none(), shared.relations);
    let rows = || is_new.then(|| RowFiles::of(&planned.data()));
    let tables = || relations.pack(material, of, checked.figure());
    let (drawn, (rows, ())) = rayon::join(|| planned.draw(), || rayon::join(rows, tables));
    (drawn, shared.rows.get_or_init(|| rows.expect("they were made just now")))
}

/// Why a figure cannot be drawn, with the next step.
fn told(error: &FigureError) -> String {
    match &error.help {
        Some(help) => format!("{error} ({help})"),
        None => error.to_string(),
    }
}

/// What the drawings of one figure in all languages share.
struct Shared<'a> {
    relations: &'a Relations,
    /// Whether it is the first figure of a page.
    is_first: bool,
    pictures: svg::Pictures,
    rows: OnceCell<RowFiles>,
    /// What the downloaded files carry, or why it cannot be written down.
    recipe: OnceCell<Result<Recipe, String>>,
}

/// A recipe with the digest of the drawn rows.
fn text_of(recipe: &Result<Recipe, String>, rows: &Digest) -> Option<String> {
    let recipe = recipe.as_ref().ok()?.clone();
    Recipe { rows: rows.hex(), ..recipe }.text().ok()
}

/// What the routes of a figure's files begin with, before a `.` or `-`.
pub fn base(figure: &FigureRef) -> String {
    format!("figures/{}/{}", figure.experiment, figure.name)
}

/// What the ids in a figure's drawings begin with, before a `-`.
pub(super) fn svg_prefix(figure: &FigureRef) -> String {
    format!("fig-{}-{}", figure.experiment.replace('/', "-"), figure.name)
}

/// Layers without a row: most likely a condition is wrong, theirs or that of their table.
fn empty_layers(figure: &Figure, source: &dyn Source) -> Vec<usize> {
    let is_empty = |layer: &octavo_plugin::figure::Layer| {
        let rows = layer.from.as_ref().and_then(|from| source.relation(from, &layer.selection).ok());
        rows.is_some_and(|rows| rows.rows == 0)
    };
    let layers = figure.all_layers();
    (0..layers.len()).filter(|index| is_empty(&layers[*index])).collect()
}
