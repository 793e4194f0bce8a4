//! Successive folds of a sheet of paper, as a network.
//!
//! Folding along a line takes the coordinate z across it to |z| and keeps the one along it. As layers: ReLU(z), ReLU(-z) and
//! a third neuron, shifted so that it is always on, which carries the other coordinate. The regions of that network are the
//! facets of the sheet, its creases the creases, and its two outputs the place of each point in the folded sheet.

use octavo_plugin::{Activation, Failure, Layer, Network, RunContext, math, sum};

use super::params::{Crease, FoldsParams};
use crate::networks::layer;
use crate::space::{Side, Space};
use crate::split::{Partition, Region, partition};

/// The folds so far.
struct Sheet {
    hidden: Vec<Layer>,
    /// The folded coordinates from the last layer's outputs: one row each for x and y, and what is added.
    rows: [Vec<f64>; 2],
    bias: [f64; 2],
    /// More than any distance within the folded sheet, a power of two.
    shift: f64,
}

/// The network of a folded sheet, which lies on the domain. Each crease is chosen from the sheet as it is folded so far.
///
/// # Errors
/// If the run is stopped.
pub(super) fn network(params: &FoldsParams, context: &RunContext<'_>) -> Result<Network, Failure> {
    let mut sheet = Sheet::new(params.domain);
    let mut stream = context.stream("folds");
    for fold in 0..params.count {
        context.step(fold as u64, params.count as u64 + 1)?;
        let space = Space::new(&sheet.network(), params.domain)?;
        let partition = partition(&space, context)?;
        let (normal, point) = match params.crease {
            Crease::Centroid => {
                let (sin, cos) = math::sin_cos(stream.between(0.0, std::f64::consts::TAU));
                ([cos, sin], centroid(&partition))
            }
            Crease::Halving => {
                let normal = if fold % 2 == 0 { [1.0, 0.0] } else { [0.0, 1.0] };
                (normal, middle(&partition))
            }
        };
        sheet.fold(normal, point);
    }
    Ok(sheet.network())
}

impl Sheet {
    fn new([low, high]: [[f64; 2]; 2]) -> Self {
        let diagonal = math::hypot(high[0] - low[0], high[1] - low[1]);
        let mut shift = 1.0;
        while shift < 2.0 * diagonal {
            shift *= 2.0;
        }
        Self { hidden: Vec::new(), rows: [vec![1.0, 0.0], vec![0.0, 1.0]], bias: [0.0; 2], shift }
    }

    /// The network whose outputs are the folded coordinates.
    fn network(&self) -> Network {
        let mut layers = self.hidden.clone();
        layers.push(layer(&[&self.rows[0], &self.rows[1]], &self.bias, Activation::Identity));
        Network { layers }
    }

    /// Folds along the line through `point`; what lies against the direction of `normal` is turned over.
    fn fold(&mut self, normal: [f64; 2], point: [f64; 2]) {
        let along = [-normal[1], normal[0]];
        let row = |n: [f64; 2]| -> Vec<f64> {
            self.rows[0].iter().zip(&self.rows[1]).map(|(x, y)| n[0] * x + n[1] * y).collect()
        };
        let bias = |n: [f64; 2]| n[0] * (self.bias[0] - point[0]) + n[1] * (self.bias[1] - point[1]);
        let across = row(normal);
        let opposite: Vec<f64> = across.iter().map(|weight| -weight).collect();
        let fold = layer(
            &[&across, &opposite, &row(along)],
            &[bias(normal), -bias(normal), bias(along) + self.shift],
            Activation::Relu,
        );
        self.hidden.push(fold);
        self.rows = [0, 1].map(|axis| vec![normal[axis], normal[axis], along[axis]]);
        self.bias = [0, 1].map(|axis| point[axis] - self.shift * along[axis]);
    }
}

/// Where a point of a facet lies in the folded sheet.
pub(super) fn folded(region: &Region, [x, y]: [f64; 2]) -> [f64; 2] {
    [region.map[0].at(x, y), region.map[1].at(x, y)]
}

/// The centre of mass of the folded sheet, every layer of paper counted.
fn centroid(partition: &Partition) -> [f64; 2] {
    let places: Vec<(f64, [f64; 2])> =
        partition.regions.iter().map(|region| (region.area, folded(region, region.centre))).collect();
    let total = sum::sum(&places.iter().map(|(area, _)| *area).collect::<Vec<f64>>());
    [0, 1].map(|axis| {
        let moments: Vec<f64> = places.iter().map(|(area, place)| area * place[axis]).collect();
        sum::sum(&moments) / total
    })
}

/// The middle of the folded sheet's bounding box.
fn middle(partition: &Partition) -> [f64; 2] {
    let corners = partition
        .regions
        .iter()
        .flat_map(|region| region.cell.iter().map(|corner| folded(region, [corner.x, corner.y])));
    let start = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    let ranges = corners.fold(start, |ranges, corner| {
        [0, 1].map(|axis| [ranges[axis][0].min(corner[axis]), ranges[axis][1].max(corner[axis])])
    });
    ranges.map(|[least, most]| f64::midpoint(least, most))
}

/// Whether a facet shows the sheet's upper face after the first `folds` folds.
pub(super) fn face_up(space: &Space, region: &Region, folds: usize) -> bool {
    (0..folds).filter(|&fold| !region.is_on(space, Side::of(fold, 0))).count() % 2 == 0
}

/// For each facet, how many layers of paper lie over its centre.
///
/// # Errors
/// If the run is stopped.
pub(super) fn layers_of_paper(regions: &[Region], context: &RunContext<'_>) -> Result<Vec<usize>, Failure> {
    let facets: Vec<Facet> = regions.iter().map(Facet::new).collect();
    let count = |region: &Region| {
        context.go_on()?;
        let centre = folded(region, region.centre);
        Ok(facets.iter().filter(|facet| facet.covers(centre)).count().max(1))
    };
    regions.iter().map(count).collect()
}

/// A facet in its folded place.
struct Facet {
    corners: Vec<[f64; 2]>,
    low: [f64; 2],
    high: [f64; 2],
}

impl Facet {
    fn new(region: &Region) -> Self {
        let corners: Vec<[f64; 2]> =
            region.cell.iter().map(|corner| folded(region, [corner.x, corner.y])).collect();
        let low = [0, 1].map(|axis| corners.iter().fold(f64::INFINITY, |least, c| least.min(c[axis])));
        let high = [0, 1].map(|axis| corners.iter().fold(f64::NEG_INFINITY, |most, c| most.max(c[axis])));
        Self { corners, low, high }
    }

    fn covers(&self, [x, y]: [f64; 2]) -> bool {
        if x < self.low[0] || x > self.high[0] || y < self.low[1] || y > self.high[1] {
            return false;
        }
        let next = self.corners.iter().cycle().skip(1);
        let cross =
            |([ax, ay], [bx, by]): (&[f64; 2], &[f64; 2])| (bx - ax) * (y - ay) - (by - ay) * (x - ax);
        let (mut left, mut right) = (false, false);
        for side in self.corners.iter().zip(next).map(cross) {
            left |= side > 0.0;
            right |= side < 0.0;
        }
        // A facet that was turned over runs clockwise.
        !(left && right)
    }
}
