use super::*;
use crate::schema::Schema;

#[test]
fn the_schema_of_a_figure_is_within_the_subset() {
    let schema = Schema::of::<Figure>();
    let keys: Vec<_> = schema.fields().map(|(key, _)| key.as_str()).collect();
    for key in ["title", "from", "where", "mark", "x", "y", "layers", "facet", "frame", "aspect"] {
        assert!(keys.contains(&key), "{key} is not in {keys:?}");
    }
}

#[test]
fn json_round_trips() {
    let figure = Figure::new("layers", Mark::Line, "Growth")
        .xy(
            "layer",
            Channel { field: Some("length".into()), scale: Some(ScaleKind::Log), ..Channel::default() },
        )
        .color("stage");
    let json = serde_json::to_value(&figure).unwrap();
    assert_eq!(json["y"]["scale"], "log");
    assert_eq!(serde_json::from_value::<Figure>(json).unwrap(), figure);
}

#[test]
fn a_layer_takes_over_what_it_does_not_say() {
    let mut figure = Figure::new("layers", Mark::Line, "a").xy("layer", "length").color("stage");
    figure.layers.push(Layer { mark: Some(Marks::One(Mark::Point)), ..Layer::default() });
    let layers = figure.all_layers();
    assert_eq!(layers[1].from.as_deref(), Some("layers"));
    assert_eq!(layers[1].color, Some("stage".into()));
}

#[test]
fn a_band_between_two_constants_takes_no_place_from_the_base() {
    let figure: Figure = serde_json::from_value(serde_json::json!({
        "from": "t", "mark": "line", "x": "a", "y": "b", "color": "c",
        "layers": [
            { "mark": "band", "y": { "value": 1 }, "y2": { "value": 2 } },
            { "mark": "band", "x": { "value": 1 }, "x2": { "value": 2 } },
            { "mark": "band", "y2": { "value": 2 } }
        ]
    }))
    .unwrap();
    let places: Vec<[bool; 2]> =
        figure.all_layers().iter().map(|layer| [layer.x.is_some(), layer.y.is_some()]).collect();
    assert_eq!(places, [[true, true], [false, true], [true, false], [true, true]]);
    let across: Vec<bool> = figure.all_layers().iter().map(Layer::is_reference_band).collect();
    assert_eq!(across, [false, true, true, false]);
}
