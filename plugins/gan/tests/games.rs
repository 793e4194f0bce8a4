//! Whole games.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use octavo_gan::Gan;
use octavo_plugin::input::InputContent;
use octavo_plugin::{Artifacts, Inputs, Value};
use serde_json::{Value as Json, json};

fn play(params: &Json) -> Artifacts {
    octavo_plugin_test::run(&Gan, params, &Inputs::new()).unwrap()
}

fn number(artifacts: &Artifacts, name: &str) -> f64 {
    artifacts.scalars[name].value.as_f64().unwrap()
}

fn column(artifacts: &Artifacts, table: &str, name: &str) -> Vec<f64> {
    let column = artifacts.tables[table].column(name).unwrap();
    (0..column.len()).map(|row| column.number(row).unwrap()).collect()
}

/// Every game brings its generator nearer to the target than it was.
#[test]
fn generators_learn() {
    for (loss, rate) in
        [("minimax", 0.003), ("non-saturating", 0.003), ("wasserstein", 0.003), ("sinkhorn", 0.01)]
    {
        let net = json!({ "hidden": [32, 32] });
        let params = json!({ "loss": loss, "generator": net, "critic": net, "batch": 32, "budget": 800.0, "epsilon": 0.5,
            "generator_rate": rate, "critic_rate": rate, "checkpoints": 1, "samples": 128 });
        let divergence = column(&play(&params), "history", "divergence");
        assert!(divergence[1] < 0.7 * divergence[0], "{loss}: {divergence:?}");
    }
}

/// On disjoint targets an adversary that is not answered becomes sure: its loss falls to 0, so that log 4 minus it is twice
/// the largest Jensen–Shannon divergence, log 2, and minimax leaves no slope.
#[test]
fn a_sure_adversary_silences_minimax() {
    let params = json!({ "target": "line", "opponent": "shifted", "loss": "minimax", "critic_rate": 0.01, "batch": 32,
        "critic": { "hidden": [32, 32] }, "budget": 100.0, "checkpoints": 4, "samples": 32, "exam": [] });
    let found = play(&params);
    let (loss, pull) =
        (found.tables["history"].column("critic_loss").unwrap(), column(&found, "history", "pull"));
    assert!(loss.number(4).unwrap() < 1e-3, "{loss:?}");
    assert!(pull[4] < 1e-3 * pull[0], "{pull:?}");
}

/// The best critic of two points at distance θ has the slope 1 + θ / 2λ.
#[test]
fn the_penalty_holds_the_slope() {
    for penalty in [5.0, 20.0] {
        let params = json!({ "target": "line", "opponent": "shifted", "shift": 2.0, "loss": "wasserstein", "penalty": penalty,
            "critic_rate": 0.003, "critic": { "hidden": [32], "activation": "tanh" }, "batch": 32, "budget": 150.0,
            "checkpoints": 1, "samples": 64, "exam": [] });
        let pull = column(&play(&params), "history", "pull");
        let expected = 1.0 + 2.0 / (2.0 * penalty);
        assert!((pull[1] - expected).abs() < 0.2, "{penalty}: {pull:?}");
    }
}

#[test]
fn games_end_when_the_work_is_done() {
    for loss in ["minimax", "wasserstein", "sinkhorn"] {
        let params = json!({ "loss": loss, "budget": 20.0, "batch": 16, "checkpoints": 3, "samples": 32, "epsilon": 1.0,
            "generator": { "hidden": [8] }, "critic": { "hidden": [8] } });
        let found = play(&params);
        let (work, steps) = (number(&found, "work"), number(&found, "steps"));
        // The last turn is not cut short; a turn is some thousandth of the whole here, and of Sinkhorn's some more.
        assert!((20e6..22e6).contains(&work), "{loss}: {work} after {steps} steps");
        assert_eq!(column(&found, "history", "spent").len(), 4);
        assert_eq!(column(&found, "samples", "x").len(), 4 * 32);
    }
}

#[test]
fn a_reader_s_points_are_a_target() {
    let file = |text: &str| {
        let mut inputs = Inputs::new();
        let content = InputContent::File { extension: "csv".into(), bytes: text.as_bytes().to_vec() };
        let input = inputs.add("points.csv", content);
        let params = json!({ "target": input, "budget": 1.0, "checkpoints": 1, "samples": 32,
            "generator": { "hidden": [8] }, "critic": { "hidden": [8] } });
        octavo_plugin_test::run(&Gan, &params, &inputs)
    };
    let found = file("x,y,weight\n1,2,1\n3,4,0\n").unwrap();
    assert!(column(&found, "target", "x").iter().all(|x| *x == 1.0));
    assert!(matches!(found.scalars["modes"].value, Value::Missing(_)));
    let failure = file("x1,x2,x3\n1,2,3\n").unwrap_err();
    assert!(failure.message.contains("points of dimension 3"), "{failure}");
}
