//! Default figures.

use indexmap::IndexMap;
use octavo_plugin::Localized;
use octavo_plugin::figure::{
    Channel, ChannelSpec, Figure, Layer, Mark, Marks, Palette, PanelSpec, Panels, ScaleKind,
};

/// The figures that stand for every run unless the author defines others.
pub(crate) fn figures() -> IndexMap<String, Figure> {
    [
        ("values", values()),
        ("convergence", convergence()),
        ("plan", plan()),
        ("interpolation", interpolation()),
    ]
    .into_iter()
    .map(|(name, figure)| (name.to_owned(), figure))
    .collect()
}

fn log(field: &str) -> ChannelSpec {
    Channel { field: Some(field.to_owned()), scale: Some(ScaleKind::Log), ..Channel::default() }.into()
}

fn values() -> Figure {
    let mut figure = Figure::new("epsilon", Mark::Line, "Values against ε");
    figure.base.mark = None;
    figure.base.x = Some(log("epsilon"));
    let layer = |field: &str, label: &str| Layer {
        mark: Some(Marks::Several(vec![Mark::Line, Mark::Point])),
        y: Some(field.into()),
        label: Localized::en(label),
        ..Layer::default()
    };
    figure.layers = vec![
        layer("ot_eps", "entropic cost OT_ε"),
        layer("transport_cost", "cost of the plan ⟨P, C⟩"),
        layer("sinkhorn_divergence", "Sinkhorn divergence S_ε"),
    ];
    figure
}

fn convergence() -> Figure {
    let epsilon =
        Channel { field: Some("epsilon".into()), scale: Some(ScaleKind::Categorical), ..Channel::default() };
    Figure::new("convergence", Mark::Line, "Error of the marginals by iteration")
        .xy("iteration", log("marginal_error"))
        .color(epsilon)
}

fn plan() -> Figure {
    let mass =
        Channel { field: Some("mass".into()), palette: Some(Palette::Sequential), ..Channel::default() };
    let mut figure = Figure::new("plan", Mark::Cell, "The plan").xy("i", "j").color(mass);
    let label = Localized::All("ε".to_owned());
    figure.frame = Some(PanelSpec::Full(Panels { field: "epsilon".into(), label, ..Panels::default() }));
    figure
}

fn interpolation() -> Figure {
    let mut figure = Figure::new("densities", Mark::Line, "From source to target: displaced and mixed");
    figure.base.mark = None;
    figure.base.x = Some("x".into());
    figure.frame = Some(PanelSpec::Field("t".into()));
    let layer = |field: &str, label: &str| Layer {
        mark: Some(Marks::One(Mark::Line)),
        y: Some(field.into()),
        label: Localized::en(label),
        ..Layer::default()
    };
    figure.layers = vec![layer("displaced", "displaced"), layer("mixed", "mixed")];
    figure
}
