//! Bounds of a quantity from the intervals of the aggregates in it, each with its part of the error. This serves quantiles, which have
//! exact intervals of their own, and functions with kinks, where no mean of replicates and no jackknife is right.

use octavo_plugin::Value;

use super::super::estimate::Sampler;
use super::{Basis, MIN_FOR_MEANS, Method, Obstacle, Quantity, Samplers, jackknife, successes};
use crate::expr::{Bounds, Nature, Node, enclose};
use crate::statistics::{mean, quantile_interval};

/// One aggregate, or a whole value.
enum Leaf<'a> {
    /// By its own basis about its own value.
    Based(f64, Basis<'a>),
    /// A quantile of the sorted values, one of each replicate.
    Quantile(f64, Vec<f64>),
}

impl Leaf<'_> {
    fn varies(&self) -> bool {
        !matches!(self, Self::Based(_, Basis::Point(_)))
    }

    fn interval(&self, level: f64) -> Option<Bounds> {
        match self {
            Self::Based(value, basis) => basis.interval(*value, level),
            Self::Quantile(q, sorted) => quantile_interval(sorted, *q, level),
        }
    }
}

/// The leaves of one value, and the expression that joins them; without one, the only leaf is the value.
struct Tree<'a> {
    root: Option<&'a Node>,
    leaves: Vec<Leaf<'a>>,
}

impl Tree<'_> {
    fn interval(&self, level: f64) -> Option<Bounds> {
        let leaves = self.leaves.iter().map(|leaf| leaf.interval(level)).collect::<Option<Vec<_>>>()?;
        match self.root {
            Some(root) => enclose(root, &|_| None, &leaves),
            None => leaves.first().copied(),
        }
    }
}

/// The bounds that the leaves of all values give a quantity.
pub(super) fn bounds<'a>(
    samplers: &'a Samplers<'a>,
    quantity: Quantity<'a>,
    replicates: &[u32],
) -> Basis<'a> {
    let mut trees = indexmap::IndexMap::new();
    for (name, sampler) in samplers {
        match tree(sampler, replicates) {
            Ok(tree) => trees.insert(name.as_str(), tree),
            Err(obstacle) => return Basis::None(obstacle),
        };
    }
    let varying = trees.values().flat_map(|tree| &tree.leaves).filter(|leaf| leaf.varies()).count();
    if varying == 0 {
        return Basis::Point(Method::Agreement);
    }
    #[expect(clippy::cast_precision_loss, reason = "few aggregates")]
    let parts = varying as f64;
    Basis::Bounds(Box::new(move |level| {
        let each = 1.0 - (1.0 - level) / parts;
        quantity.enclose(&|name| trees.get(name)?.interval(each))
    }))
}

fn tree<'a>(sampler: &'a Sampler<'a>, replicates: &[u32]) -> Result<Tree<'a>, Obstacle> {
    if let Some(successes) = successes(sampler, replicates) {
        let basis = Basis::Share { successes, trials: replicates.len(), ends: (0.0, 1.0) };
        return Ok(Tree { root: None, leaves: vec![Leaf::Based(f64::NAN, basis)] });
    }
    let Some((prepared, rows)) = sampler.rows() else {
        return Ok(Tree { root: None, leaves: vec![mixed(sampler, replicates)?] });
    };
    let of = |draw: &[u32], index: usize| -> Option<f64> {
        let rows: Vec<usize> = draw.iter().filter_map(|one| rows.get(one)).flatten().copied().collect();
        prepared.aggregates(&rows).ok()?.get(index).and_then(Value::as_f64)
    };
    let leaf = |(index, nature): (usize, Nature)| -> Result<Leaf<'a>, Obstacle> {
        let none = || Obstacle::Other("a replicate has no value");
        let each =
            replicates.iter().map(|one| of(&[*one], index)).collect::<Option<Vec<f64>>>().ok_or_else(none)?;
        let whole = of(replicates, index).ok_or_else(none)?;
        if each.iter().all(|x| *x == whole) && replicates.len() >= MIN_FOR_MEANS {
            return Ok(Leaf::Based(whole, Basis::Point(Method::Agreement)));
        }
        if let Some(q) = sampler.expr().quantile_share(index) {
            let alone = replicates.iter().all(|one| rows.get(one).is_some_and(|rows| rows.len() == 1));
            let mut sorted = each;
            sorted.sort_by(f64::total_cmp);
            let joined = Obstacle::Other(
                "rows of one replicate are not independent, so that their quantile has no interval",
            );
            return if alone { Ok(Leaf::Quantile(q, sorted)) } else { Err(joined) };
        }
        let near = mean(&each).is_some_and(|mean| (mean - whole).abs() <= 1e-9 * whole.abs().max(mean.abs()));
        let have = replicates.len();
        let basis = match nature {
            Nature::Average | Nature::Total if near && have >= MIN_FOR_MEANS => {
                Basis::Mean(Method::Student, each)
            }
            Nature::Average if near => Basis::None(Obstacle::TooFew { have, need: MIN_FOR_MEANS }),
            _ => jackknife(replicates, whole, nature == Nature::Total, &|draw| of(draw, index)),
        };
        based(whole, basis)
    };
    let leaves = sampler.expr().natures().enumerate().map(leaf).collect::<Result<_, _>>()?;
    Ok(Tree { root: Some(sampler.expr().root()), leaves })
}

/// A value before which replicates mix.
fn mixed<'a>(sampler: &'a Sampler<'a>, replicates: &[u32]) -> Result<Leaf<'a>, Obstacle> {
    let natures: Vec<Nature> = sampler.natures().chain(sampler.natures_before()).collect();
    if natures.contains(&Nature::Quantile) {
        return Err(Obstacle::Other(
            "its quantile is taken in a table in which replicates mix; take it in the value",
        ));
    }
    let whole = sampler.whole().as_f64().ok_or(Obstacle::Other("a value is no number"))?;
    let over = |draw: &[u32]| sampler.over(draw).ok()?.as_f64();
    based(whole, jackknife(replicates, whole, natures.contains(&Nature::Total), &over))
}

fn based<'a>(whole: f64, basis: Basis<'a>) -> Result<Leaf<'a>, Obstacle> {
    match basis {
        Basis::None(obstacle) => Err(obstacle),
        basis => Ok(Leaf::Based(whole, basis)),
    }
}
