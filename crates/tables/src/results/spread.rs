//! What is known of a quantity beyond its value: how its interval is found, at whatever level is asked. docs/expressions.md has
//! the rules.

mod leaves;

use std::fmt;

use indexmap::IndexMap;
use octavo_plugin::Value;

use super::estimate::Sampler;
use super::uncertainty::uncertainty;
use super::{Problem, Results};
use crate::expr::{Bounds, Expr, Nature, Node, difference, enclose};
use crate::statistics::{mean, mean_interval, pseudo_values, sd, share_interval};

/// Fewest replicates over which Student's t decides.
pub(crate) const MIN_FOR_MEANS: usize = 5;

/// Fewest replicates over which a jackknife decides.
pub(crate) const MIN_FOR_JACKKNIFE: usize = 10;

/// How an interval was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// No spread: the value is exact.
    Exact,
    /// The stated uncertainties of the scalars behind it.
    Uncertainty,
    /// Student's t over the values per replicate.
    Student,
    /// Student's t over the jackknife's pseudo-values.
    Jackknife,
    /// The binomial distribution of a number that is 0 or 1 in every run (Clopper and Pearson).
    Share,
    /// The bounds that the intervals of means, shares and quantiles give together.
    Bounds,
    /// No interval: it is the same in all runs, and a statement about these.
    Agreement,
    /// No interval: an extreme, or a choice of runs, is a statement about these runs.
    TheseRuns,
}

/// Why there is no interval.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Obstacle {
    /// Too few replicates.
    TooFew {
        /// How many finished.
        have: usize,
        /// How many decide.
        need: usize,
    },
    /// Anything else; half a sentence.
    Other(&'static str),
}

/// How the interval of a quantity follows from its replicates.
pub(crate) enum Basis<'a> {
    /// It is the value itself.
    Point(Method),
    /// It is that of the mean of these.
    Mean(Method, Vec<f64>),
    /// It is that of a share, where the quantity has these values for the shares 0 and 1.
    Share { successes: usize, trials: usize, ends: (f64, f64) },
    /// It is computed from those of parts.
    Bounds(Box<dyn Fn(f64) -> Option<Bounds> + 'a>),
    /// There is none.
    None(Obstacle),
}

impl Basis<'_> {
    /// How the interval is found.
    pub(crate) fn method(&self) -> Method {
        match self {
            Self::Point(method) | Self::Mean(method, _) => *method,
            Self::Share { .. } => Method::Share,
            Self::Bounds(_) | Self::None(_) => Method::Bounds,
        }
    }

    /// Standard deviation of the values per replicate, where the interval is that of their mean.
    pub(crate) fn deviation(&self) -> Option<f64> {
        match self {
            Self::Mean(_, values) => sd(values),
            _ => None,
        }
    }

    /// The interval about a value at a level, without uncertainties.
    fn interval(&self, value: f64, level: f64) -> Option<Bounds> {
        match self {
            Self::Point(_) => Some((value, value)),
            Self::Mean(_, values) => mean_interval(values, level),
            Self::Share { successes, trials, ends: (zero, one) } => {
                let (low, high) = share_interval(*successes, *trials, level)?;
                let at = |share: f64| zero + share * (one - zero);
                Some((at(low).min(at(high)), at(low).max(at(high))))
            }
            Self::Bounds(bounds) => bounds(level),
            Self::None(_) => None,
        }
    }
}

impl fmt::Debug for Basis<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.method())
    }
}

/// A quantity made of named values.
#[derive(Clone, Copy)]
pub(crate) enum Quantity<'a> {
    /// A value itself.
    Value(&'a str),
    /// What the left side has more than the right one.
    Difference(&'a Expr, &'a Node, &'a Node),
    /// A truth value.
    Truth(&'a Expr, &'a Node),
}

impl<'a> Quantity<'a> {
    /// Its value, where names stand for these.
    pub(super) fn of(self, name: &dyn Fn(&str) -> Option<Value>) -> Result<Value, Problem> {
        let side = |expr: &Expr, side: &Node| expr.eval_part(side, name).map_err(Problem::expression);
        match self {
            Self::Value(of) => Ok(name(of).unwrap_or_else(|| Value::Missing("there is no value".to_owned()))),
            Self::Difference(expr, left, right) => Ok(difference(&side(expr, left)?, &side(expr, right)?)),
            Self::Truth(expr, node) => side(expr, node),
        }
    }

    /// Its bounds, where names lie between these.
    fn enclose(self, name: &dyn Fn(&str) -> Option<Bounds>) -> Option<Bounds> {
        match self {
            Self::Value(of) => name(of),
            Self::Difference(_, left, right) => {
                let ((a, b), (c, d)) = (enclose(left, name, &[])?, enclose(right, name, &[])?);
                Some((a - d, b - c))
            }
            Self::Truth(..) => None,
        }
    }

    fn nodes(self) -> Vec<&'a Node> {
        match self {
            Self::Value(_) => Vec::new(),
            Self::Difference(_, left, right) => vec![left, right],
            Self::Truth(_, node) => vec![node],
        }
    }
}

/// A quantity with its spread.
#[derive(Debug)]
pub(crate) struct Spread<'a> {
    pub(crate) value: Value,
    pub(crate) per_replicate: Vec<(u32, Value)>,
    pub(crate) uncertainty: Option<f64>,
    pub(crate) basis: Basis<'a>,
}

impl Spread<'_> {
    /// The interval at a level, widened by the uncertainty; `None` for what is no number, and where the replicates give none.
    pub(crate) fn interval(&self, level: f64) -> Option<Bounds> {
        let widening = self.uncertainty.unwrap_or(0.0);
        let (low, high) = self.basis.interval(self.value.as_f64()?, level)?;
        Some((low - widening, high + widening))
    }
}

/// The values by name of which a quantity is made.
pub(crate) type Samplers<'a> = IndexMap<String, Sampler<'a>>;

/// The spread of a quantity.
pub(crate) fn spread<'a>(
    results: &Results,
    samplers: &'a Samplers<'a>,
    quantity: Quantity<'a>,
) -> Result<Spread<'a>, Problem> {
    let value = quantity.of(&|name| samplers.get(name).map(|sampler| sampler.whole().clone()))?;
    let uncertainty = uncertainty(results, samplers, quantity, &value)?;
    if !results.stochastic || samplers.is_empty() {
        let method = if uncertainty.is_some() { Method::Uncertainty } else { Method::Exact };
        return Ok(Spread { value, per_replicate: Vec::new(), uncertainty, basis: Basis::Point(method) });
    }
    let replicates = results.replicates();
    let each =
        replicates.iter().map(|replicate| Ok((*replicate, sample(samplers, &[*replicate], quantity)?)));
    let per_replicate = each.collect::<Result<Vec<_>, Problem>>()?;
    let basis = Replicated { samplers, quantity, replicates: &replicates, whole: &value };
    let basis = basis.basis(&per_replicate);
    Ok(Spread { value, per_replicate, uncertainty, basis })
}

fn sample(samplers: &Samplers<'_>, draw: &[u32], quantity: Quantity<'_>) -> Result<Value, Problem> {
    let values: Result<IndexMap<&str, Value>, Problem> =
        samplers.iter().map(|(name, sampler)| Ok((name.as_str(), sampler.over(draw)?))).collect();
    let values = values?;
    quantity.of(&|name| values.get(name).cloned())
}

/// A quantity over replicates.
struct Replicated<'a, 'r> {
    samplers: &'a Samplers<'a>,
    quantity: Quantity<'a>,
    replicates: &'r [u32],
    whole: &'r Value,
}

impl<'a> Replicated<'a, '_> {
    fn basis(&self, per_replicate: &[(u32, Value)]) -> Basis<'a> {
        // What is the same in all replicates rests on none of them: the largest of equal numbers is each of them.
        let varying: Vec<&Sampler<'_>> =
            self.samplers.values().filter(|sampler| !agrees(sampler, self.replicates)).collect();
        let own: Vec<Nature> = varying.iter().flat_map(|sampler| sampler.natures()).collect();
        let before: Vec<Nature> = varying.iter().flat_map(|sampler| sampler.natures_before()).collect();
        let chosen = self.samplers.values().any(Sampler::chooses_replicates);
        let Some(whole) = self.whole.as_f64() else { return Basis::Point(Method::TheseRuns) };
        if chosen || own.contains(&Nature::Extreme) {
            return Basis::Point(Method::TheseRuns);
        }
        if self.replicates.len() < 2 {
            return self.too_few(MIN_FOR_MEANS);
        }
        let each: Option<Vec<f64>> = per_replicate.iter().map(|(_, value)| value.as_f64()).collect();
        let kinks = self.has_kinks();
        let natures = [own, before].concat();
        if !kinks
            && let Some(each) = &each
            && let Some(basis) = self.average(each, whole, &natures)
        {
            return basis;
        }
        if natures.contains(&Nature::Extreme) {
            return Basis::Point(Method::TheseRuns);
        }
        if kinks || natures.contains(&Nature::Quantile) {
            return leaves::bounds(self.samplers, self.quantity, self.replicates);
        }
        self.jackknife(whole, &natures)
    }

    /// Where the quantity is the mean of its values per replicate. Extremes in tables before it do not matter then: they are of what does
    /// not vary.
    fn average(&self, each: &[f64], whole: f64, natures: &[Nature]) -> Option<Basis<'a>> {
        let agree = each.iter().all(|x| *x == whole);
        let averages =
            natures.iter().all(|nature| matches!(nature, Nature::Average | Nature::Total | Nature::Extreme));
        let size = each.iter().fold(whole.abs(), |size, x| size.max(x.abs()));
        let near = mean(each).is_some_and(|mean| size.is_finite() && (mean - whole).abs() <= 1e-9 * size);
        if averages
            && near
            && let Some(share) = self.share()
        {
            return Some(share);
        }
        if agree {
            let enough = self.replicates.len() >= MIN_FOR_MEANS;
            let basis = if enough { Basis::Point(Method::Agreement) } else { self.too_few(MIN_FOR_MEANS) };
            return Some(basis);
        }
        (averages && near).then(|| match self.replicates.len() < MIN_FOR_MEANS {
            true => self.too_few(MIN_FOR_MEANS),
            false => Basis::Mean(Method::Student, each.to_vec()),
        })
    }

    /// Where one value is 0 or 1 in every run and all others are the same in all: it is then the share of a binomial distribution.
    /// Several such values have the bounds that their shares give together.
    fn share(&self) -> Option<Basis<'a>> {
        let mut shares = Vec::new();
        for (name, sampler) in self.samplers {
            match successes(sampler, self.replicates) {
                Some(successes) => shares.push((name, successes)),
                None if !agrees(sampler, self.replicates) => return None,
                None => {}
            }
        }
        let [(name, successes)] = shares[..] else {
            let several = shares.len() > 1;
            return several.then(|| leaves::bounds(self.samplers, self.quantity, self.replicates));
        };
        let at = |share: f64| {
            let value = |of: &str| match of == name {
                true => Some(Value::Float(share)),
                false => self.samplers.get(of).map(|sampler| sampler.whole().clone()),
            };
            self.quantity.of(&value).ok()?.as_f64()
        };
        Some(Basis::Share { successes, trials: self.replicates.len(), ends: (at(0.0)?, at(1.0)?) })
    }

    fn jackknife(&self, whole: f64, natures: &[Nature]) -> Basis<'a> {
        let over = |draw: &[u32]| sample(self.samplers, draw, self.quantity).ok()?.as_f64();
        jackknife(self.replicates, whole, natures.contains(&Nature::Total), &over)
    }

    fn has_kinks(&self) -> bool {
        let named = self.quantity.nodes().into_iter().any(Node::has_kinks);
        let kinked = |expr: &Expr| expr.root().has_kinks();
        let mixed = |sampler: &Sampler<'_>| {
            sampler.mixing().flat_map(crate::definitions::CheckedTable::expressions).any(kinked)
        };
        named || self.samplers.values().any(|sampler| kinked(sampler.expr()) || mixed(sampler))
    }

    fn too_few(&self, need: usize) -> Basis<'a> {
        Basis::None(Obstacle::TooFew { have: self.replicates.len(), need })
    }
}

/// In how many replicates a value that is 0 or 1 in each is 1; `None` for others, and for what depends on no column.
fn successes(sampler: &Sampler<'_>, replicates: &[u32]) -> Option<usize> {
    let each = replicates.iter().map(|one| sampler.over(&[*one]).ok()?.as_f64());
    let each = each.collect::<Option<Vec<f64>>>()?;
    let binary = each.iter().all(|x| *x == 0.0 || *x == 1.0) && !sampler.expr().names().is_empty();
    binary.then(|| each.iter().filter(|x| **x == 1.0).count())
}

/// Whether a value is the same in all replicates.
fn agrees(sampler: &Sampler<'_>, replicates: &[u32]) -> bool {
    replicates.iter().all(|one| sampler.over(&[*one]).is_ok_and(|value| value == *sampler.whole()))
}

/// The basis of a smooth function of means over replicates. A `total` must not grow with their number, which is seen by taking each
/// replicate twice.
fn jackknife<'a>(
    replicates: &[u32],
    whole: f64,
    total: bool,
    over: &dyn Fn(&[u32]) -> Option<f64>,
) -> Basis<'a> {
    let have = replicates.len();
    let twice: Vec<u32> = [replicates, replicates].concat();
    let same = |doubled: f64| (doubled - whole).abs() <= 1e-9 * whole.abs().max(doubled.abs());
    if total && !over(&twice).is_some_and(same) {
        return Basis::None(Obstacle::Other("it grows with the number of replicates"));
    }
    if have < MIN_FOR_JACKKNIFE {
        return Basis::None(Obstacle::TooFew { have, need: MIN_FOR_JACKKNIFE });
    }
    let without = |index: usize| {
        let draw: Vec<u32> = [&replicates[..index], &replicates[index + 1..]].concat();
        over(&draw)
    };
    match pseudo_values(whole, have, without) {
        Some(values) if values.iter().all(|x| *x == whole) => Basis::Point(Method::Agreement),
        Some(values) => Basis::Mean(Method::Jackknife, values),
        None => Basis::None(Obstacle::Other("without one of the replicates it has no value")),
    }
}
