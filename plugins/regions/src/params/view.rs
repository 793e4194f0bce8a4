//! A network, and the plane or line on which it is looked at: what all analyses of networks are given.

use octavo_plugin::Problem;

use super::domain::{self, Domain};
use super::{NetworkSource, Slice, Trained};

/// Most weights of a random network.
const MOST_WEIGHTS: usize = 10_000_000;

/// Number of weights between layers of these widths.
fn weights(widths: &[usize]) -> usize {
    widths.windows(2).map(|pair| pair[0].saturating_mul(pair[1])).sum()
}

/// A network, and where it is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) network: &'a NetworkSource,
    pub(crate) slice: Option<&'a Slice>,
    pub(crate) domain: Domain,
}

impl View<'_> {
    /// Whether the network depends on the seed.
    pub(crate) fn stochastic(&self) -> bool {
        matches!(self.network, NetworkSource::Random(_) | NetworkSource::Trained { .. })
    }

    /// Number of inputs of a random or trained network.
    fn inputs(&self) -> Option<usize> {
        match self.network {
            NetworkSource::Random(random) => random.widths.first().copied(),
            NetworkSource::Trained { trained } => trained.widths.first().copied(),
            _ => None,
        }
    }

    /// 1 on a line, 2 in the plane.
    pub(crate) fn dimension(&self) -> usize {
        match self.slice {
            Some(slice) => slice.points().clamp(2, 3) - 1,
            None if self.inputs() == Some(1) => 1,
            None => 2,
        }
    }

    /// How the network is trained, if it is.
    pub(crate) fn trained(&self) -> Option<&Trained> {
        match self.network {
            NetworkSource::Trained { trained } => Some(trained),
            _ => None,
        }
    }

    /// What the schema cannot say.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let problems = [
            domain::problem(self.domain, self.dimension()).or_else(|| self.powers_problem()),
            self.slice.and_then(Slice::problem),
            self.widths_problem(),
            self.trained().and_then(Trained::problem),
        ];
        problems.into_iter().flatten().collect()
    }

    fn widths_problem(&self) -> Option<Problem> {
        let (path, widths) = match self.network {
            NetworkSource::Random(random) => ("network.widths", &random.widths),
            NetworkSource::Trained { trained } => ("network.trained.widths", &trained.widths),
            _ => return None,
        };
        if self.slice.is_none() && !matches!(widths.first(), Some(1 | 2)) {
            return Some(Problem::at(path, "the first width is neither 1 nor 2").help(
                "the domain is in the plane or on a line: with more inputs, give a `slice` through them",
            ));
        }
        let weights = weights(widths);
        (weights > MOST_WEIGHTS).then(|| {
            Problem::at(path, format!("the network has {weights} weights, and {MOST_WEIGHTS} are allowed"))
                .help("take fewer or narrower layers")
        })
    }

    /// Constructed networks are scaled to the domain, exactly only by powers of two.
    fn powers_problem(&self) -> Option<Problem> {
        let [[x0, y0], [x1, y1]] = self.domain;
        let sides = [x1 - x0, if self.dimension() == 1 { 1.0 } else { y1 - y0 }];
        let constructed = matches!(self.network, NetworkSource::Fold(_) | NetworkSource::Tent(_));
        let exact = |(low, side): (f64, f64)| {
            let start = low / side;
            side.to_bits() << 12 == 0 && start.fract() * 4096.0 % 1.0 == 0.0
        };
        (constructed && ![(x0, sides[0]), (y0, sides[1])].into_iter().all(exact)).then(|| {
            Problem::at("domain", "the constructed networks need a domain with sides that are powers of two")
                .help("take `[[0, 0], [1, 1]]` or `[[-1, -1], [1, 1]]`")
        })
    }
}
