//! A slow count that shares nothing with the analysis: polygons with rational corners, clipped by every neuron in turn.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use octavo_plugin::{Activation, Network};

/// A reduced fraction with a positive denominator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fraction(BigInt, BigInt);

impl Fraction {
    fn new(top: BigInt, bottom: BigInt) -> Self {
        let (mut a, mut b) = (top.abs(), bottom.abs());
        while !b.is_zero() {
            (a, b) = (b.clone(), a % b);
        }
        let divisor = if bottom.is_negative() { -a } else { a };
        Self(top / &divisor, bottom / divisor)
    }

    /// Of a float that is a multiple of 2^-20.
    fn of(value: f64) -> Self {
        let scaled = value * f64::from(1 << 20);
        assert_eq!(scaled.fract(), 0.0);
        Self::new(BigInt::from(scaled as i64), BigInt::from(1 << 20))
    }

    fn zero() -> Self {
        Self(BigInt::zero(), BigInt::one())
    }

    fn plus(&self, other: &Self) -> Self {
        Self::new(&self.0 * &other.1 + &other.0 * &self.1, &self.1 * &other.1)
    }

    fn minus(&self, other: &Self) -> Self {
        self.plus(&Self(-&other.0, other.1.clone()))
    }

    fn times(&self, other: &Self) -> Self {
        Self::new(&self.0 * &other.0, &self.1 * &other.1)
    }

    fn over(&self, other: &Self) -> Self {
        Self::new(&self.0 * &other.1, &self.1 * &other.0)
    }

    fn less(&self, other: &Self) -> bool {
        self.minus(other).0.is_negative()
    }
}

type Point = [Fraction; 2];
type Form = [Fraction; 3];

fn at(form: &Form, point: &Point) -> Fraction {
    form[0].times(&point[0]).plus(&form[1].times(&point[1])).plus(&form[2])
}

struct Cell {
    corners: Vec<Point>,
    forms: Vec<Form>,
}

/// What the slow count finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) after: Vec<usize>,
    pub(crate) affine_functions: usize,
    pub(crate) linear_regions: usize,
}

/// Counts the regions of a small network on [-1, 1]².
pub(crate) fn count(network: &Network) -> Counts {
    let number = |value: i32| Fraction::of(f64::from(value));
    let corner = |x: i32, y: i32| [number(x), number(y)];
    let corners = vec![corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
    let inputs = vec![[number(1), number(0), number(0)], [number(0), number(1), number(0)]];
    let mut cells = vec![Cell { corners, forms: inputs }];
    let mut after = Vec::new();
    for layer in &network.layers {
        for cell in &mut cells {
            cell.forms = (0..layer.outputs)
                .map(|output| {
                    let start = [Fraction::zero(), Fraction::zero(), Fraction::of(layer.bias[output])];
                    layer.row(output).iter().zip(&cell.forms).fold(start, |sum, (weight, form)| {
                        [0, 1, 2].map(|i| sum[i].plus(&Fraction::of(*weight).times(&form[i])))
                    })
                })
                .collect();
        }
        if layer.activation == Activation::Relu {
            for neuron in 0..layer.outputs {
                cells = cells.into_iter().flat_map(|cell| clip(cell, neuron)).collect();
            }
            cells.iter_mut().for_each(switch_off);
            after.push(cells.len());
        }
    }
    let maps: BTreeSet<&Vec<Form>> = cells.iter().map(|cell| &cell.forms).collect();
    Counts { after, affine_functions: maps.len(), linear_regions: classes(&cells) }
}

fn clip(cell: Cell, neuron: usize) -> Vec<Cell> {
    let values: Vec<Fraction> = cell.corners.iter().map(|corner| at(&cell.forms[neuron], corner)).collect();
    if !(values.iter().any(|v| v.0.is_positive()) && values.iter().any(|v| v.0.is_negative())) {
        return vec![cell];
    }
    [-1, 1]
        .map(|sign| {
            let inside = |value: &Fraction| !(&value.0 * BigInt::from(sign)).is_negative();
            let mut corners = Vec::new();
            for i in 0..values.len() {
                let j = (i + 1) % values.len();
                if inside(&values[i]) {
                    corners.push(cell.corners[i].clone());
                }
                if (&values[i].0 * &values[j].0).is_negative() {
                    let share = values[i].over(&values[i].minus(&values[j]));
                    let (p, q) = (&cell.corners[i], &cell.corners[j]);
                    corners.push([0, 1].map(|axis| p[axis].plus(&share.times(&q[axis].minus(&p[axis])))));
                }
            }
            Cell { corners, forms: cell.forms.clone() }
        })
        .into()
}

/// Sets the forms of neurons that are off to zero, judged at an inner point.
fn switch_off(cell: &mut Cell) {
    let share = Fraction::new(BigInt::one(), BigInt::from(cell.corners.len()));
    let middle = [0, 1].map(|axis| {
        cell.corners.iter().fold(Fraction::zero(), |sum, corner| sum.plus(&corner[axis].times(&share)))
    });
    for form in &mut cell.forms {
        if !at(form, &middle).0.is_positive() {
            *form = [Fraction::zero(), Fraction::zero(), Fraction::zero()];
        }
    }
}

/// Classes of cells joined by labels: every pair is looked at, until nothing changes.
fn classes(cells: &[Cell]) -> usize {
    let mut labels: Vec<usize> = (0..cells.len()).collect();
    loop {
        let before = labels.clone();
        for i in 0..cells.len() {
            for j in 0..i {
                if labels[i] != labels[j] && cells[i].forms == cells[j].forms && touch(&cells[i], &cells[j]) {
                    let least = labels[i].min(labels[j]);
                    (labels[i], labels[j]) = (least, least);
                }
            }
        }
        if labels == before {
            return labels.iter().collect::<BTreeSet<_>>().len();
        }
    }
}

fn touch(one: &Cell, other: &Cell) -> bool {
    let sides = |cell: &Cell| -> Vec<[Point; 2]> {
        (0..cell.corners.len())
            .map(|i| [cell.corners[i].clone(), cell.corners[(i + 1) % cell.corners.len()].clone()])
            .collect()
    };
    sides(one).iter().any(|one| sides(other).iter().any(|other| overlap(one, other)))
}

fn overlap([p, q]: &[Point; 2], [r, s]: &[Point; 2]) -> bool {
    let direction = [q[0].minus(&p[0]), q[1].minus(&p[1])];
    let cross = |point: &Point| {
        let (x, y) = (point[0].minus(&p[0]), point[1].minus(&p[1]));
        direction[0].times(&y).minus(&direction[1].times(&x))
    };
    let along = |point: &Point| point[0].times(&direction[0]).plus(&point[1].times(&direction[1]));
    if !cross(r).0.is_zero() || !cross(s).0.is_zero() {
        return false;
    }
    let sorted = |a: Fraction, b: Fraction| if a.less(&b) { [a, b] } else { [b, a] };
    let ([p, q], [r, s]) = (sorted(along(p), along(q)), sorted(along(r), along(s)));
    p.less(&s) && r.less(&q)
}
