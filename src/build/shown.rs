//! What figures do not show: rows that are not there, marks that have no place, letters that the font lacks.

use octavo_plugin::counted;
use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::experiment::Experiment;
use crate::figure::notes::Notes;
use crate::ids::{FigureIn, FigureRef};
use crate::render::Material;
use crate::render::figures::Drawn;

/// Every figure of today with something that it does not show, once for all languages.
pub(super) fn check(
    material: &Material<'_>,
    figures: &BTreeMap<FigureIn, Result<Drawn, String>>,
) -> Vec<Diagnostic> {
    let mut told: BTreeSet<&FigureRef> = BTreeSet::new();
    let mut problems = Vec::new();
    for (FigureIn { of, .. }, drawn) in figures {
        let Some(drawn) = drawn.as_ref().ok().filter(|drawn| drawn.stale.is_none()) else { continue };
        if told.insert(of) {
            let FigureRef { experiment, name, .. } = of;
            let experiment = &material.experiments[experiment];
            let figure = FigureAt { experiment, name };
            // A figure that an analysis draws by default may be of an output that this run does not have; it says so itself.
            let written = experiment.node.get("figures").is_some_and(|figures| figures.get(name).is_some());
            let empty = drawn.empty.iter().filter(|_| written);
            problems.extend(empty.map(|layer| figure.without_rows(*layer)));
            problems.extend(drawn.notes.overlaid.iter().map(|layer| figure.overlaid(*layer)));
            problems.extend(drawn.notes.idle.iter().map(|layer| figure.without_marks(*layer)));
            problems.extend(figure.notes(&drawn.notes));
        }
    }
    problems
}

/// A figure in its definition.
struct FigureAt<'a> {
    experiment: &'a Experiment,
    name: &'a str,
}

impl FigureAt<'_> {
    fn warning(&self, code: &'static str, message: String, keys: &[&str], help: &str) -> Diagnostic {
        let path: Vec<&str> = ["figures", self.name].into_iter().chain(keys.iter().copied()).collect();
        Diagnostic::warning(code, message).at(self.experiment.node.place_of(&path)).help(help)
    }

    fn title(&self) -> String {
        format!("the figure `{}`", FigureRef::new(&self.experiment.id, self.name))
    }

    /// What is told of a layer, at one of its keys.
    fn of_layer(
        &self,
        code: &'static str,
        layer: usize,
        key: &str,
        what: impl Fn(&str) -> String,
        help: &str,
    ) -> Diagnostic {
        let figure = &self.experiment.manifest.figures[self.name];
        let from = figure.all_layers()[layer].from.clone().unwrap_or_default();
        let (number, _) = figure.own_layers()[layer];
        let number = number.map(|number| number.to_string());
        let mut keys: Vec<&str> = Vec::new();
        keys.extend(number.as_ref().into_iter().flat_map(|number| ["layers", number.as_str()]));
        keys.push(key);
        self.warning(code, format!("{} {}", self.title(), what(&from)), &keys, help)
    }

    fn without_rows(&self, layer: usize) -> Diagnostic {
        let figure = &self.experiment.manifest.figures[self.name];
        if figure.all_layers()[layer].selection.is_empty() {
            let what = |from: &str| format!("draws nothing: `{from}` has no rows");
            let help = "compare the `where` of the table with the values in the table that it takes rows of";
            return self.of_layer("no-rows", layer, "from", what, help);
        }
        let what = |from: &str| format!("selects no row of `{from}`");
        self.of_layer("no-rows", layer, "where", what, "compare its `where` with the values in the table")
    }

    fn without_marks(&self, layer: usize) -> Diagnostic {
        let what = |from: &str| {
            format!("draws nothing of `{from}`: every row has a missing value or lies outside the axes")
        };
        let help = "look at the rows in its data file; `skip_missing = true` takes a statistic of the values that are there";
        self.of_layer("no-marks", layer, "mark", what, help)
    }

    fn overlaid(&self, layer: usize) -> Diagnostic {
        let what = |from: &str| {
            format!("draws several bars of `{from}` at one place: nobody sees more than the longest")
        };
        let help = "take one value of them, `y = { field = \"y\", stat = \"mean\" }`, divide them by `color`, or choose some with `where`";
        self.of_layer("overlaid-bars", layer, "mark", what, help)
    }

    fn notes(&self, notes: &Notes) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let title = self.title();
        for (column, count) in &notes.merged {
            let message = format!(
                "{title} draws {count} different integers of `{column}` where others stand: beyond 2^53 = 9007199254740992 \
                 places do not tell them apart"
            );
            let help = "draw their difference to a number near them, `{ expr = \"n - 9007199254740992\" }`, or their logarithm";
            problems.push(self.warning("shared-place", message, &[], help));
        }
        if notes.unnamed > 0 {
            let message =
                format!("{title} has no room for the names of {}", counted(notes.unnamed, "category"));
            let help = "put them on `y`, give the figure a larger `height` or `width = \"wide\"`, or choose some with `where`";
            problems.push(self.warning("unnamed-category", message, &[], help));
        }
        if !notes.letters.is_empty() {
            let message =
                format!("{title} writes {}, which the font of its PNG lacks", listed(&notes.letters));
            let help = "the SVG shows them; name a font of the project that has them, `[figures] font_fallback = \"fonts/x.ttf\"`, \
                        or give other `names`";
            problems.push(self.warning("missing-letters", message, &[], help));
        }
        problems
    }
}

/// Letters, each in quotation marks with its number.
fn listed(letters: &str) -> String {
    let one = |letter: char| format!("`{letter}` (U+{:04X})", u32::from(letter));
    letters.chars().map(one).collect::<Vec<_>>().join(", ")
}
