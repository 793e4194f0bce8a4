//! Figures drawn over results, each once per language, remembered by digest of everything they depend on.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use octavo_plugin::figure::{Figure, Where, Width};
use octavo_plugin::{ContentHasher, Digest};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::packed::Packed;
use super::recipe::{self, Recipe};
use super::{Files, Material};
use crate::figure::files::{self, FileName};
use crate::figure::notes::{self, Notes};
use crate::figure::weight::lightened;
use crate::figure::{self, CheckedFigure, LayerData, Source, data, png, svg};
use crate::ids::{ExperimentId, FigureIn, FigureRef, ItemRef, Route, TableRef};
use crate::locale::{self, Locale};
use crate::memo::{Answer, Made, Memo};
use crate::publish::Content;
use crate::relation::Relation;
use crate::results;
use crate::timings::{TimedKind, timed};

/// One frame of a drawn figure.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What the frame shows; empty if it is the only one.
    pub label: String,
    /// The drawing for the page.
    pub inline: Placed,
    /// The drawing for a phone held upright.
    pub phone: Placed,
    /// Route of the SVG file.
    pub svg: Route,
    /// Route of the PNG file.
    pub png: Route,
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
    /// Digest of the drawn rows.
    digest: Digest,
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
    /// Digest of the drawn rows; it stands on the page, so nothing of the program may be in it.
    pub digest: Digest,
    /// What the drawing is remembered by.
    pub key: Digest,
    /// Why this is not today's drawing but the last good one.
    pub stale: Option<String>,
}

/// A drawn figure with its files, or why there is none.
type Outcome = Result<(Drawn, Files), String>;

/// Pixels of the PNG per pixel of the figure.
const PNG_SCALE: f64 = 2.0;

/// Most bytes of marks that a figure adds to a page; what is more becomes pictures beside the page.
const MARKS: usize = 40_000;
/// The same for each of many frames.
const MARKS_OF_FRAME: usize = 6_000;
/// The drawings of a frame: names of their outputs, and pixels of a picture per pixel of the drawing.
const COPIES: [(&str, f64); 2] = [("inline", 2.0), ("phone", 3.0)];

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
    // Tables are put together once for all figures of an experiment, and dropped with the last of them.
    let of_experiment = |figures: &BTreeMap<&FigureRef, Vec<&FigureIn>>| -> Vec<(FigureIn, Outcome)> {
        let relations = Relations::default();
        let one = |(figure, ids): (&&FigureRef, &Vec<&FigureIn>)| {
            timed(TimedKind::Figure, || figure.to_string(), || in_languages(material, ids, &relations))
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

/// One figure in these languages.
fn in_languages(
    material: &Material<'_>,
    ids: &[&FigureIn],
    relations: &Relations,
) -> Vec<(FigureIn, Outcome)> {
    let shared = Shared {
        relations,
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
    let key = key(material, figure, experiment, locale, recipe);
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
) -> Digest {
    let mut hasher = ContentHasher::new("octavo figure");
    hasher
        .add(&material.program)
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
    let empty = empty_layers(checked.figure(), &source);
    let drawn = figure::draw(checked, &source, locale).map_err(|error| match &error.help {
        Some(help) => format!("{error} ({help})"),
        None => error.to_string(),
    })?;
    let own = Notes { letters: notes::letters(&drawn.frames, material.font), ..drawn.notes.clone() };
    let prefix = svg_prefix(of);
    let rows = shared.rows.get_or_init(|| RowFiles::of(&drawn.data()));
    let recipe = shared.recipe.get().and_then(|recipe| text_of(recipe, &rows.digest));
    let recipe = recipe.as_deref();
    let mut outputs: Vec<(String, Vec<u8>)> = Vec::new();
    let most = (MARKS / drawn.frames.len()).max(MARKS_OF_FRAME);
    for (index, frame) in drawn.frames.iter().enumerate() {
        let id = if drawn.frames.len() == 1 { prefix.clone() } else { format!("{prefix}-{index}") };
        outputs.push((
            format!("svg/{index}"),
            svg::file_with_recipe(&frame.scene, recipe, &shared.pictures).into_bytes(),
        ));
        outputs.push((
            format!("png/{index}"),
            png::encode_with_recipe(&frame.scene, PNG_SCALE, material.font, recipe),
        ));
        for ((copy, scale), scene) in COPIES.into_iter().zip([&frame.scene, &frame.phone]) {
            let id = if copy == "inline" { id.clone() } else { format!("{id}-{copy}") };
            let drawing = svg::linked(&lightened(scene, most, scale), &id, &shared.pictures);
            outputs.push((format!("{copy}/{index}"), drawing.text.into_bytes()));
            let images = drawing.images.into_iter().enumerate();
            outputs.extend(images.map(|(n, bytes)| (format!("{copy}-image/{index}/{n}"), bytes.to_vec())));
        }
    }
    outputs.extend(rows.outputs.iter().cloned());
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
        digest: rows.digest,
    };
    Ok((sheet, outputs))
}

/// What the drawings of one figure in all languages share.
struct Shared<'a> {
    relations: &'a Relations,
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

/// The drawn rows of a figure as files; data are neutral, so they are the same in every language.
struct RowFiles {
    outputs: Vec<(String, Vec<u8>)>,
    /// What the links to the CSV files say, in order.
    names: Vec<FileName>,
    /// Bytes of those that are compressed.
    packed: Vec<Option<usize>>,
    /// Number of rows drawn.
    rows: usize,
    /// Digest of the JSON, and with it of all rows.
    digest: Digest,
}

impl RowFiles {
    fn of(data: &[LayerData]) -> Self {
        let layers: Vec<Json> = data.iter().map(layer_json).collect();
        let (mut outputs, mut names, mut digests, mut packed) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (index, file) in files::files(data).into_iter().enumerate() {
            let bytes = file.csv().into_bytes();
            // Of the rows themselves, however they are packed.
            digests.push(Digest::of(&bytes).hex());
            let file_of_rows = Packed::of(bytes);
            packed.push(file_of_rows.is_compressed.then_some(file_of_rows.bytes.len()));
            outputs.push((format!("csv/{index}"), file_of_rows.bytes));
            names.push(file.name);
        }
        let mut json = json!({ "layers": layers });
        if data.iter().any(|layer| layer.relation.rows > ROWS_IN_JSON) {
            json["csv"] = digests.into();
        }
        let json = json.to_string().into_bytes();
        let digest = Digest::of(&json);
        outputs.push(("json".to_owned(), json));
        Self { outputs, names, packed, rows: data.iter().map(|layer| layer.relation.rows).sum(), digest }
    }
}

/// Rows of a layer that its JSON repeats; more of them are in the CSV file alone.
const ROWS_IN_JSON: usize = 1_000;

/// A drawn layer: its rows, or their number, the CSV files having them and their digests standing beside.
fn layer_json(layer: &LayerData) -> Json {
    let rows = &layer.relation;
    let rows = if rows.rows > ROWS_IN_JSON { rows.rows.into() } else { data::json(rows) };
    json!({ "from": layer.from, "rows": rows })
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

/// Gives the outputs their routes.
fn placed(
    material: &Material<'_>,
    Answer { data: sheet, files: kept, .. }: &Answer<Sheet>,
    FigureIn { of, language }: &FigureIn,
    wide: bool,
    key: Digest,
) -> Result<(Drawn, Files), String> {
    let first = locale::is_first(&material.site.languages, language);
    let tag = if first { String::new() } else { format!(".{language}") };
    let base = base(of);
    let content = |output: &str| -> Result<Content, String> {
        let content = kept.get(output).cloned();
        content.ok_or_else(|| format!("the remembered figure lacks `{output}`"))
    };
    let mut files = Files::new();
    let mut file = |route: &str, output: &str| {
        let route = Route::new(route);
        files.insert(route.clone(), content(output)?);
        Ok::<_, String>(route)
    };
    let mut frames = Vec::new();
    for (index, label) in sheet.labels.iter().enumerate() {
        let number = if sheet.labels.len() == 1 { String::new() } else { format!("-{}", index + 1) };
        let svg = file(&format!("{base}{number}{tag}.svg"), &format!("svg/{index}"))?;
        let png = file(&format!("{base}{number}{tag}.png"), &format!("png/{index}"))?;
        let mut copy = |copy: &str| {
            let outputs = (0..).map(|n| (n, format!("{copy}-image/{index}/{n}")));
            let stored = outputs.take_while(|(_, output)| kept.contains_key(output));
            // Most pictures have no words: languages that draw the same share the file.
            let route = |output: &str| {
                Ok::<_, String>(format!("{base}.{copy}-{}.png", content(output)?.digest().short()))
            };
            let images =
                stored.map(|(_, output)| file(&route(&output)?, &output)).collect::<Result<_, _>>()?;
            Ok::<_, String>(Placed { drawing: content(&format!("{copy}/{index}"))?, images })
        };
        let (inline, phone) = (copy("inline")?, copy("phone")?);
        frames.push(Frame { label: label.clone(), inline, phone, svg, png });
    }
    // Data are neutral: one set of files for all languages.
    let mut csv = Vec::new();
    for (index, ((name, table), packed)) in
        sheet.from.iter().zip(&sheet.tables).zip(&sheet.packed).enumerate()
    {
        let number = if index == 0 { String::new() } else { format!("-{}", index + 1) };
        let route = Packed::route(&format!("{base}{number}"), packed.is_some());
        let route = file(&route, &format!("csv/{index}"))?;
        csv.push(CsvFile { route, name: name.clone(), table: *table, packed: *packed });
    }
    let json = file(&format!("{base}.json"), "json")?;
    let Sheet { rows, clipped, initial, empty, notes, digest, .. } = sheet.clone();
    let drawn =
        Drawn { frames, initial, csv, json, rows, clipped, empty, notes, wide, digest, key, stale: None };
    Ok((drawn, files))
}

/// Relations that were put together already.
#[derive(Default)]
struct Relations(Mutex<BTreeMap<TableRef, Arc<Relation>>>);

impl Relations {
    fn get(&self, material: &Material<'_>, table: TableRef) -> Result<Arc<Relation>, String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&table).cloned();
        if let Some(relation) = known {
            return Ok(relation);
        }
        let related = material
            .related
            .get(&table.experiment)
            .ok_or_else(|| format!("there is no experiment `{}`", table.experiment))?;
        let relation = Arc::new(related.results.relation(&table.name).map_err(|problem| problem.message)?);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(table, Arc::clone(&relation));
        Ok(relation)
    }
}

/// The tables of one experiment, and as `folder/slug#name` those of all others.
struct OwnSource<'a> {
    material: &'a Material<'a>,
    experiment: &'a ExperimentId,
    relations: &'a Relations,
}

impl Source for OwnSource<'_> {
    fn relation(&self, from: &str, selection: &Where) -> Result<Relation, String> {
        let table = TableRef::parse(from, self.experiment).map_err(|wrong| wrong.to_string())?;
        let relation = self.relations.get(self.material, table)?;
        results::select(&relation, selection).map_err(|problem| problem.message)
    }
}
