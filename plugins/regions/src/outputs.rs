//! What a run gives, declared.

use octavo_plugin::ColumnType::{Bool, Float, Integer, Text};
use octavo_plugin::{GeometryKind, OutputSchema, TableSchema};

use crate::lines::MOST_PANELS;
use crate::params::RegionsParams;

/// Whether every step of the lines is drawn.
pub(crate) fn has_panels(params: &RegionsParams) -> bool {
    params.drawing && params.lines.as_ref().is_some_and(|lines| lines.count <= MOST_PANELS)
}

/// All that a run with these parameters gives.
pub(crate) fn outputs(params: &RegionsParams) -> OutputSchema {
    if params.formula.is_some() {
        return OutputSchema::new().table("formulas", formulas());
    }
    if params.arrangement.is_some() {
        return OutputSchema::new().table("arrangements", arrangements());
    }
    if params.portrait.is_some() {
        return portrait(params);
    }
    let mut outputs = scalars().table("layers", layers());
    if params.lines.is_some() || params.folds.is_some() {
        outputs = outputs.table("steps", steps());
    }
    if let Some(trained) = params.trained() {
        outputs = training(outputs, trained.classifies());
    }
    if params.sampling.is_some() {
        outputs = outputs.table("sampling", sampling());
    }
    if params.maps {
        outputs = outputs.table("maps", maps());
    }
    if has_panels(params) {
        outputs = outputs.table("labels", labels());
    }
    if params.drawing { drawings(params, outputs) } else { outputs }
}

fn scalars() -> OutputSchema {
    OutputSchema::new()
        .scalar("activation_regions", Integer, "", "activation regions", "régions d’activation")
        .scalar("linear_regions", Integer, "", "linear regions", "régions linéaires")
        .scalar("affine_functions", Integer, "", "distinct affine functions", "fonctions affines distinctes")
        .scalar("area", Float, "", "sum of the regions’ areas", "somme des aires des régions")
        .scalar("integral", Float, "", "integral of the first output", "intégrale de la première sortie")
        .scalar(
            "gradient_energy",
            Float,
            "",
            "integral of the first output’s squared slope",
            "intégrale du carré de la pente de la première sortie",
        )
        .scalar("neurons", Integer, "", "hidden neurons", "neurones cachés")
        .scalar("parameters", Integer, "", "weights and biases", "poids et biais")
        .scalar(
            "zaslavsky",
            Integer,
            "",
            "most regions of as many neurons in one layer",
            "plus grand nombre de régions d’autant de neurones en une couche",
        )
        .scalar("layered_bound", Integer, "", "upper bound for these layers", "majorant pour ces couches")
        .scalar(
            "serra_upper",
            Integer,
            "",
            "upper bound of Serra et al. for these layers",
            "majorant de Serra et al. pour ces couches",
        )
        .scalar(
            "montufar_lower",
            Integer,
            "",
            "what the right weights reach, at least",
            "ce que les bons poids atteignent, au moins",
        )
        .scalar(
            "hanin_rolnick",
            Float,
            "",
            "scale of the mean over random networks",
            "ordre de grandeur de la moyenne des réseaux aléatoires",
        )
        .scalar(
            "exact_decisions",
            Integer,
            "",
            "signs decided by exact arithmetic",
            "signes décidés en arithmétique exacte",
        )
}

fn portrait(params: &RegionsParams) -> OutputSchema {
    let outputs = OutputSchema::new()
        .scalar("neurons", Integer, "", "hidden neurons", "neurones cachés")
        .scalar("parameters", Integer, "", "weights and biases", "poids et biais")
        .scalar(
            "crossings",
            Float,
            "",
            "crossings of the median along a line of the grid, mean",
            "traversées de la médiane le long d’une ligne de la grille, moyenne",
        )
        .scalar(
            "variation",
            Float,
            "",
            "ascents and descents along a line of the grid, over the whole range, mean",
            "montées et descentes le long d’une ligne de la grille, rapportées à l’étendue, moyenne",
        );
    if params.dimension() == 2 {
        let about = "The share of the points at which the first output is smaller";
        return outputs.raster("portrait", about, "", "share of lower points", "part des points plus bas");
    }
    let graph = TableSchema::new("A point of the line and the first output there")
        .column("x", Float, "", "x", "x")
        .column("level", Float, "", "output, from lowest to highest", "sortie, du plus bas au plus haut")
        .column("value", Float, "", "first output", "première sortie");
    outputs.table("graph", graph)
}

fn layers() -> TableSchema {
    TableSchema::new("A layer that splits, in the order of the network")
        .column("layer", Integer, "", "layer", "couche")
        .column("neurons", Integer, "", "neurons", "neurones")
        .column("activation_regions", Integer, "", "activation regions", "régions d’activation")
}

fn steps() -> TableSchema {
    TableSchema::new("The first n lines or folds, beside the two formulas")
        .column("n", Integer, "", "folds", "plis")
        .column("regions", Integer, "", "regions", "régions")
        .column("crossed", Integer, "", "regions crossed by the newest", "régions traversées par le dernier")
        .column("parallel", Integer, "", "n(n+1)/2 + 1", "n(n+1)/2 + 1")
        .column("doubling", Integer, "", "2^n", "2^n")
}

fn formulas() -> TableSchema {
    TableSchema::new("A number of hyperplanes in general position in a space of some dimension")
        .column("n", Integer, "", "folds", "plis")
        .column("dimension", Integer, "", "dimension", "dimension")
        .column("regions", Integer, "", "regions of parallel folds", "régions de plis parallèles")
        .column(
            "doubling",
            Integer,
            "",
            "regions of successive folds, 2^n",
            "régions de plis successifs, 2^n",
        )
        .column("digits", Integer, "", "digits of the number of regions", "chiffres du nombre de régions")
        .column("log10_regions", Float, "", "log10 of the regions", "log10 des régions")
        .column("log10_doubling", Float, "", "log10 of 2^n", "log10 de 2^n")
}

fn arrangements() -> TableSchema {
    TableSchema::new("A number of random hyperplanes in a space of some dimension")
        .column("n", Integer, "", "hyperplanes", "hyperplans")
        .column("dimension", Integer, "", "dimension", "dimension")
        .column("counted", Integer, "", "regions counted", "régions comptées")
        .column("zaslavsky", Integer, "", "regions by the formula", "régions selon la formule")
}

fn training(outputs: OutputSchema, classifies: bool) -> OutputSchema {
    let (train, test) = (
        ("error on the training samples", "erreur d’apprentissage"),
        ("error on the test samples", "erreur de test"),
    );
    let wrong = ("share of test samples on the wrong side", "part des tests du mauvais côté");
    let mut table = TableSchema::new("The network after a number of passes through the samples")
        .column("epoch", Integer, "", "epoch", "époque")
        .column("train_loss", Float, "", train.0, train.1)
        .column("test_loss", Float, "", test.0, test.1)
        .column("regions", Integer, "", "activation regions", "régions d’activation");
    let mut outputs = outputs.scalar("train_loss", Float, "", train.0, train.1).scalar(
        "test_loss",
        Float,
        "",
        test.0,
        test.1,
    );
    if classifies {
        table = table.column("misclassified", Float, "", wrong.0, wrong.1);
        outputs = outputs.scalar("misclassified", Float, "", wrong.0, wrong.1);
    }
    outputs.table("training", table)
}

fn sampling() -> TableSchema {
    TableSchema::new("A sample of points and the regions that it sees")
        .column("kind", Text, "", "sample", "échantillon")
        .column("samples", Integer, "", "points", "points")
        .column("seen", Integer, "", "regions seen", "régions vues")
        .column("share", Float, "", "share of the regions", "part des régions")
}

fn maps() -> TableSchema {
    TableSchema::new("The affine map of an output on a region")
        .column("region", Integer, "", "region", "région")
        .column("output", Integer, "", "output", "sortie")
        .column("slope_x", Float, "", "slope in x", "pente en x")
        .column("slope_y", Float, "", "slope in y", "pente en y")
        .column("constant", Float, "", "constant", "constante")
}

fn labels() -> TableSchema {
    TableSchema::new("The middle of the newest line’s stretch in a region that it crosses, numbered along it")
        .column("step", Integer, "", "lines", "droites")
        .column("number", Integer, "", "number", "numéro")
        .column("x", Float, "", "x", "x")
        .column("y", Float, "", "y", "y")
}

fn drawings(params: &RegionsParams, outputs: OutputSchema) -> OutputSchema {
    if params.dimension() == 1 {
        return outputs.geometry("graph", GeometryKind::Paths, partition());
    }
    let (en, fr) = if params.folds.is_some() { ("fold", "pli") } else { ("layer", "couche") };
    let mut creases = TableSchema::new("Where neurons change between on and off")
        .column("layer", Integer, "", en, fr)
        .column("neuron", Integer, "", "neuron", "neurone");
    if params.folds.is_some() {
        creases = creases.column("valley", Bool, "", "valley crease", "pli vallée");
    }
    let mut outputs = outputs.geometry("partition", GeometryKind::Polygons, partition()).geometry(
        "creases",
        GeometryKind::Paths,
        creases,
    );
    if params.folds.is_some() {
        outputs = outputs.geometry("folded", GeometryKind::Polygons, folded());
    }
    if params.by_layer {
        outputs = outputs.geometry("by_layer", GeometryKind::Polygons, by_layer());
    }
    if params.boundary.is_some() {
        let (en, fr) = ("length of the decision boundary", "longueur de la frontière de décision");
        let pieces =
            TableSchema::new("The decision boundary").column("region", Integer, "", "region", "région");
        outputs = outputs.scalar("boundary_length", Float, "", en, fr).geometry(
            "boundary",
            GeometryKind::Paths,
            pieces,
        );
    }
    if has_panels(params) {
        outputs = outputs.geometry("panels", GeometryKind::Polygons, panels()).geometry(
            "panel_lines",
            GeometryKind::Paths,
            panel_lines(),
        );
    }
    outputs
}

fn partition() -> TableSchema {
    TableSchema::new("The activation regions")
        .column("region", Integer, "", "region", "région")
        .column("active", Integer, "", "neurons that are on", "neurones actifs")
        .column("pattern", Integer, "", "colour of the activation pattern", "couleur du motif d’activation")
        .column("slope", Float, "", "slope of the first output", "pente de la première sortie")
        .column("angle", Float, "rad", "direction of the slope", "direction de la pente")
        .column("value", Float, "", "first output in the middle", "première sortie au milieu")
        .column("area", Float, "", "area", "aire")
}

fn by_layer() -> TableSchema {
    TableSchema::new("The regions after each layer")
        .column("layer", Integer, "", "layer", "couche")
        .column("active", Integer, "", "neurons that are on", "neurones actifs")
        .column("pattern", Integer, "", "colour of the activation pattern", "couleur du motif d’activation")
}

fn folded() -> TableSchema {
    TableSchema::new("The facets in their folded places")
        .column("facet", Integer, "", "facet", "facette")
        .column(
            "layers",
            Integer,
            "",
            "layers of paper over its middle",
            "épaisseurs de papier en son milieu",
        )
        .column("upper", Bool, "", "upper face shows", "face supérieure visible")
}

fn panels() -> TableSchema {
    TableSchema::new("The regions of the first lines").column("step", Integer, "", "lines", "droites").column(
        "crossed",
        Integer,
        "",
        "number along the newest line",
        "numéro le long de la dernière droite",
    )
}

fn panel_lines() -> TableSchema {
    TableSchema::new("The first lines within the domain")
        .column("step", Integer, "", "lines", "droites")
        .column("line", Integer, "", "line", "droite")
        .column("newest", Bool, "", "the newest", "la dernière")
}
