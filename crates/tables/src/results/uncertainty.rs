//! How far the stated uncertainties of scalars can move a quantity.

use indexmap::IndexMap;
use octavo_plugin::Value;
use octavo_plugin::artifact::Artifact;

use super::estimate::Sampler;
use super::spread::Quantity;
use super::{Problem, Results, SCALARS, Shift, View};
use crate::expr::{difference, equal};

/// Most uncertain scalars that are followed through a value; beyond, its uncertainty is infinite.
const MAX_UNCERTAIN: usize = 4000;

/// The sum, over all scalars with a stated uncertainty, of the largest change that moving the scalar to either end
/// makes. `None` if there is none behind the quantity.
pub(super) fn uncertainty(
    results: &Results,
    samplers: &IndexMap<String, Sampler>,
    quantity: Quantity<'_>,
    value: &Value,
) -> Result<Option<f64>, Problem> {
    let uncertain = uncertain_scalars(results, samplers)?;
    if uncertain.is_empty() || matches!(value, Value::Missing(_)) {
        return Ok(None);
    }
    if uncertain.len() > MAX_UNCERTAIN {
        return Ok(Some(f64::INFINITY));
    }
    let mut total = 0.0;
    for shift in uncertain {
        let mut largest = 0.0;
        for amount in [-shift.amount, shift.amount] {
            let moved = moved(samplers, quantity, Shift { amount, ..shift })?;
            largest = f64::max(largest, change(value, &moved));
        }
        total += largest;
    }
    Ok(Some(total))
}

fn moved(
    samplers: &IndexMap<String, Sampler>,
    quantity: Quantity<'_>,
    shift: Shift,
) -> Result<Value, Problem> {
    let values: Result<IndexMap<&str, Value>, Problem> = samplers
        .iter()
        .map(|(name, sampler)| {
            let value = if sampler.mentions(shift.scalar) {
                sampler.shifted(shift)?
            } else {
                sampler.whole().clone()
            };
            Ok((name.as_str(), value))
        })
        .collect();
    let values = values?;
    quantity.of(&|name| values.get(name).cloned())
}

/// |a - b|; infinite for values that have no difference.
fn change(a: &Value, b: &Value) -> f64 {
    if equal(a, b) == Some(true) {
        return 0.0;
    }
    difference(a, b).as_f64().map_or(f64::INFINITY, f64::abs)
}

fn uncertain_scalars<'a>(
    results: &'a Results,
    samplers: &IndexMap<String, Sampler>,
) -> Result<Vec<Shift<'a>>, Problem> {
    let mentioned: Vec<&String> = results
        .outputs
        .scalars
        .keys()
        .filter(|scalar| samplers.values().any(|sampler| sampler.mentions(scalar)))
        .collect();
    let mut all = Vec::new();
    if mentioned.is_empty() {
        return Ok(all);
    }
    let given = View::all(results).artifacts(SCALARS)?;
    for (run, given) in given.iter().enumerate() {
        let Some(Artifact::Scalars(scalars)) = given.as_deref() else { continue };
        for name in &mentioned {
            let stated = scalars.get(*name).and_then(|scalar| scalar.uncertainty);
            if let Some(amount) = stated.filter(|amount| *amount > 0.0) {
                all.push(Shift { run, scalar: name, amount });
            }
        }
    }
    Ok(all)
}
