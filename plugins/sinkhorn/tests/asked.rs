//! What is asked for comes out as it does with everything, and what is not asked for is left out.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use octavo_plugin::context::Silent;
use octavo_plugin::{Artifacts, CancelToken, DynAnalysis, Inputs, RunContext, Seed, Wanted};
use octavo_sinkhorn::Sinkhorn;
use serde_json::{Value as Json, json};

fn run(params: &Json, wanted: &Wanted) -> Artifacts {
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let params = Sinkhorn.prepare(params).unwrap().params;
    let context = RunContext::new(Seed(3), &inputs, &cancel, &Silent).asking(wanted);
    DynAnalysis::run(&Sinkhorn, &params, &context).unwrap()
}

/// Values and uncertainty of a scalar.
fn scalar(artifacts: &Artifacts, name: &str) -> Option<(f64, f64)> {
    let scalar = artifacts.scalars.get(name)?;
    Some((scalar.value.as_f64()?, scalar.uncertainty.unwrap_or(0.0)))
}

#[test]
fn each_output_alone_is_what_it_is_among_all() {
    let cloud = |seed: f64, count: usize| -> Vec<[f64; 2]> {
        let at = |k: usize| (k as f64 * seed).fract();
        (0..count).map(|k| [at(k + 1), at(3 * k + 2)]).collect()
    };
    let line = json!({ "source": { "points": [[0.0], [1.0], [4.0]] }, "target": { "points": [[0.5], [2.0]] }, "epsilon": [0.5, 0.1] });
    let plane = json!({
        "source": { "points": cloud(0.618_033_988_7, 40) }, "target": { "points": cloud(0.414_213_562_4, 30) },
        "epsilon": [0.1], "cost": { "power": 3.0 },
    });
    for params in [line, plane] {
        let all = run(&params, &Wanted::ALL);
        let declared = Sinkhorn.prepare(&params).unwrap().outputs;
        for name in declared.names() {
            let wanted = Wanted::only([name.clone()]);
            let part = run(&params, &wanted);
            // The simplex method begins elsewhere when it is asked for one cost alone.
            if let (Some((found, uncertainty)), Some((among, _))) =
                (scalar(&part, &name), scalar(&all, &name))
            {
                let near = (found - among).abs() <= 2.0 * uncertainty;
                assert!(found.total_cmp(&among).is_eq() || near, "{name}: {found} {among}");
                assert_eq!((part.scalars.len(), part.tables.len(), part.drawings.len()), (1, 0, 0), "{name}");
            } else {
                assert!(part == all.clone().only(&wanted), "{name}");
            }
        }
    }
}

#[test]
fn nothing_that_is_not_asked_for_is_solved() {
    // Of a temperature at which nothing converges in one step, and of a cost that the exact method refuses.
    let params = json!({
        "source": { "points": [[0.0], [1.0]] }, "target": { "points": [[0.25], [3.0]] },
        "epsilon": [1e-3], "max_iterations": 1, "method": "plain",
    });
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let canonical = Sinkhorn.prepare(&params).unwrap().params;
    let context = RunContext::new(Seed(3), &inputs, &cancel, &Silent);
    assert!(DynAnalysis::run(&Sinkhorn, &canonical, &context).unwrap_err().message.contains("iteration"));
    let found = run(&params, &Wanted::only(["w1".to_owned()]));
    assert_eq!(scalar(&found, "w1").unwrap().0, 1.125);
}
