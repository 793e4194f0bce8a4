//! What a reader may choose.

use octavo_plugin::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plane::Lattice;
use crate::rule::{Rule, Word};

/// Most folds of a strip folded in two: 2^60 segments.
pub const MAX_FOLDS: u32 = 60;
/// Most levels of a terdragon: 3^37 segments, less than 2^60.
pub const MAX_TERDRAGON: u32 = 37;
/// Most segments on which visits are counted at 90° and 180°.
pub const MAX_COUNTED: u64 = 1 << 32;
/// Most segments on which visits are counted on the other lattice.
pub const MAX_WALKED: u64 = 1 << 31;
/// Most segments of the levels that are counted of a longer strip.
pub const MAX_BESIDE: u64 = 1 << 22;
/// Most segments among which crossings are looked for.
pub const MAX_COMPARED: u64 = 1 << 20;
/// Folds if neither `folds` nor `word` is given.
pub const DEFAULT_FOLDS: u32 = 10;

/// Which curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The strip folded in two, opened to `angle`.
    #[default]
    Dragon,
    /// The strip folded in three, zigzag, opened to 60°: 3^folds segments.
    Terdragon,
    /// The dragon and its copy turned by a half-turn, end to end: a closed curve of 2^(folds + 1) segments.
    Twindragon,
}

/// Which levels are drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Levels {
    /// All from 0 to `folds`, or the last alone.
    All(bool),
    /// These.
    These(Vec<u32>),
}

/// Parameters of the analysis `dragon`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DragonParams {
    /// The curve: the folded strip, its relative folded in three, or two strips end to end.
    pub kind: Kind,
    /// Number of folds, at most 37 for the terdragon. If left out: the length of `word`, or else 10. Visits are counted up to
    /// 32 folds at 90° and 180°, 30 at other angles and 19 for the terdragon; of a longer strip, at its first 22 (13) levels.
    #[schemars(range(min = 0, max = 60))]
    pub folds: Option<u32>,
    /// Interior angle at every crease, in degrees: 90 is the dragon, 180 the flat strip, near 0 the strip still folded. The
    /// terdragon has 60 and takes no other.
    #[schemars(range(max = 180.0), extend("exclusiveMinimum" = 0.0, "x-unit" = "°"))]
    pub angle: f64,
    /// The direction of each fold, the first fold first: `U` makes the crease in the middle of the strip turn left, `D`
    /// right. If left out, every fold is `U`. Its length is the number of folds.
    pub word: Option<String>,
    /// Whether the picture is turned and scaled so that the curve starts at 0 and ends at 1. It concerns `end_*`, `min_*`,
    /// `max_*`, the table `vertices` and the drawing; otherwise the first segment runs from (0, 0) to (1, 0).
    pub normalise: bool,
    /// Which levels the table `vertices` and the drawing hold: `true` for all from 0 to `folds`, `false` for the last alone,
    /// or a list. Level m is the strip after its first m folds.
    pub levels: Levels,
    /// Most segments of a level in the table `vertices` and in the drawing. A longer curve is given by every 2^k-th vertex
    /// (3^k-th for the terdragon), with the smallest k that fits.
    #[schemars(range(min = 64, max = 4_194_304))]
    pub max_vertices: u32,
    /// Whether pairs of segments that cross or touch are counted: `crossings` and `touches`, on at most 2^20 segments. The
    /// time grows with the number of layers in which the strip lies, so it is long near 0°.
    pub crossings: bool,
    /// Draws the visited points as a raster, `coverage`, of at most so many pixels in each direction: at 90°, for strips
    /// folded in two. If left out, there is no such drawing.
    #[schemars(range(min = 256, max = 8192))]
    pub pixels: Option<u32>,
}

impl Default for DragonParams {
    fn default() -> Self {
        Self {
            kind: Kind::Dragon,
            folds: None,
            angle: 90.0,
            word: None,
            normalise: false,
            levels: Levels::All(false),
            max_vertices: 16_384,
            crossings: false,
            pixels: None,
        }
    }
}

impl DragonParams {
    /// Problems between parameters.
    pub fn problems(&self) -> Vec<Problem> {
        let word = self.word.as_deref().map(|word| self.word_problem(word));
        let problems = [
            word.flatten(),
            self.terdragon_problem(),
            self.levels_problem(),
            self.crossings_problem(),
            self.pixels_problem(),
        ];
        problems.into_iter().flatten().collect()
    }

    fn word_problem(&self, word: &str) -> Option<Problem> {
        let length = word.chars().count();
        if let Some(letter) = word.chars().find(|letter| !matches!(letter, 'U' | 'D')) {
            return Some(
                Problem::at("word", format!("the letter `{letter}` is no fold"))
                    .help("a word consists of `U` (the first crease turns left) and `D` (right)"),
            );
        }
        if length > MAX_FOLDS as usize {
            return Some(Problem::at("word", format!("{length} folds are more than {MAX_FOLDS}")));
        }
        match self.folds {
            Some(folds) if folds as usize != length => Some(
                Problem::at(
                    "folds",
                    format!("`folds` is {folds} and `word` has {}", octavo_plugin::counted(length, "letter")),
                )
                .help("leave out `folds`: the word says it"),
            ),
            _ => None,
        }
    }

    fn terdragon_problem(&self) -> Option<Problem> {
        if self.kind != Kind::Terdragon {
            return None;
        }
        if self.word.is_some() {
            return Some(Problem::at("word", "the terdragon has no word").help("leave out `word`"));
        }
        if self.angle != 90.0 && self.angle != 60.0 {
            return Some(
                Problem::at("angle", format!("the terdragon has the angle 60, not {}", self.angle))
                    .help("leave out `angle`"),
            );
        }
        (self.folds() > MAX_TERDRAGON).then(|| {
            let message = format!("{} levels of the terdragon are more than {MAX_TERDRAGON}", self.folds());
            Problem::at("folds", message).help("3^37 segments are nearly as many as 2^60")
        })
    }

    fn levels_problem(&self) -> Option<Problem> {
        let Levels::These(levels) = &self.levels else { return None };
        if levels.is_empty() {
            return Some(
                Problem::at("levels", "the list is empty").help("`false` stands for the last level"),
            );
        }
        let beyond = levels.iter().find(|level| **level > self.folds())?;
        Some(Problem::at(
            "levels",
            format!("there is no level {beyond} of {}", octavo_plugin::counted(self.folds(), "fold")),
        ))
    }

    fn crossings_problem(&self) -> Option<Problem> {
        let most =
            if self.kind == Kind::Terdragon { 12 } else { 20 - u32::from(self.kind == Kind::Twindragon) };
        (self.crossings && self.folds() > most).then(|| {
            let message = format!("crossings are counted up to {most} folds, not {}", self.folds());
            Problem::at("crossings", message).help("take fewer folds")
        })
    }

    fn pixels_problem(&self) -> Option<Problem> {
        self.pixels?;
        if self.kind == Kind::Terdragon || self.angle != 90.0 {
            return Some(
                Problem::at("pixels", "visited points are drawn at 90° only")
                    .help("leave out `pixels`: the drawing `curve` shows any angle"),
            );
        }
        (1 << self.folds().min(MAX_FOLDS) > MAX_COUNTED).then(|| {
            let message = format!("visited points are drawn up to 32 folds, not {}", self.folds());
            Problem::at("pixels", message).help("take fewer folds")
        })
    }

    /// The number of folds.
    pub fn folds(&self) -> u32 {
        let word = self.word.as_ref().and_then(|word| u32::try_from(word.len()).ok());
        word.or(self.folds).unwrap_or(DEFAULT_FOLDS)
    }

    /// How the curve turns.
    pub fn rule(&self) -> Rule {
        match (self.kind, &self.word) {
            (Kind::Terdragon, _) => Rule::Thirds(self.folds()),
            (_, Some(word)) => Rule::Halves(Word::parse(word)),
            (_, None) => Rule::Halves(Word::all_up(self.folds())),
        }
    }

    /// The lattice on which the vertices lie, if the angle has one.
    pub fn lattice(&self) -> Option<Lattice> {
        match self.kind {
            Kind::Terdragon => Some(Lattice::TERDRAGON),
            _ => Lattice::of_angle(self.angle),
        }
    }

    /// Whether points that use up all edges of the lattice measure an area: at 90° and for the terdragon.
    pub fn encloses_area(&self) -> bool {
        self.kind == Kind::Terdragon || self.angle == 90.0
    }

    /// The levels to be drawn, ascending, each once.
    pub fn drawn_levels(&self) -> Vec<u32> {
        match &self.levels {
            Levels::All(true) => (0..=self.folds()).collect(),
            Levels::All(false) => vec![self.folds()],
            Levels::These(levels) => {
                let mut levels = levels.clone();
                levels.sort_unstable();
                levels.dedup();
                levels
            }
        }
    }
}
