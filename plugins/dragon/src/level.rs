//! A level of the strip: its curve after some of the folds, and what is counted and measured on it.

use octavo_plugin::Value;

use crate::curve::{Curve, Extent};
use crate::params::{DragonParams, Kind};
use crate::plane::{Lattice, Plane, length, quotient};
use crate::visits::Visits;

/// Most that rounding may amount to, for end points at 0 and 1, in what should be zero.
const MOST_ROUNDING: f64 = 1e-6;

/// Whether there are two strands.
pub(crate) fn twin(params: &DragonParams) -> bool {
    params.kind == Kind::Twindragon
}

/// A curve with what is counted and measured on it.
pub(crate) struct Level<'a, P: Plane> {
    pub(crate) params: &'a DragonParams,
    pub(crate) curve: Curve<P>,
    pub(crate) visits: Option<Visits>,
}

impl<P: Plane> Level<'_, P> {
    /// Strands of paper: 2 of a twindragon.
    pub(crate) fn strands(&self) -> u64 {
        if twin(self.params) { 2 } else { 1 }
    }

    /// Segments of all strands.
    pub(crate) fn segments(&self) -> u64 {
        self.strands() * self.curve.segments()
    }

    /// Creases of all strands.
    pub(crate) fn creases(&self) -> u64 {
        self.strands() * (self.curve.segments() - 1)
    }

    /// The end point of the first strand.
    pub(crate) fn end(&self) -> [f64; 2] {
        self.curve.plane.cartesian(self.curve.end())
    }

    /// A vertex of the first strand, or beyond its end of the second one, which is the first turned by a half-turn.
    pub(crate) fn vertex(&self, index: u64) -> P::Point {
        match index.checked_sub(self.curve.segments()) {
            Some(beyond) if beyond > 0 => {
                self.curve.plane.subtract(self.curve.end(), self.curve.vertex(beyond))
            }
            _ => self.curve.vertex(index),
        }
    }

    /// Every vertex, or every `stride`-th, from the first to the last.
    pub(crate) fn vertices(&self, stride: u64) -> Vec<P::Point> {
        let plane = &self.curve.plane;
        if stride > 1 || !P::EXACT {
            return (0..=self.segments() / stride).map(|number| self.vertex(number * stride)).collect();
        }
        // Sums that do not depend on their order need no digits: a vertex is the one before it and a segment.
        let mut points = Vec::with_capacity(self.segments() as usize + 1);
        let mut point = plane.origin();
        points.push(point);
        for segment in 0..self.curve.segments() {
            point = plane.add(point, plane.rotate(plane.unit(), self.curve.rule.heading(segment)));
            points.push(point);
        }
        for beyond in 1..=self.segments() - self.curve.segments() {
            points.push(plane.subtract(self.curve.end(), points[beyond as usize]));
        }
        points
    }

    /// A bound on the distance of a vertex from a line through two others that rounding may make or hide: vertices are
    /// sums of at most n turned displacements, which are products of at most n factors.
    pub(crate) fn rounding(&self, points: &[[f64; 2]]) -> f64 {
        let factors = f64::from(self.curve.rule.folds() + 1);
        let size = points.iter().flatten().fold(1.0_f64, |size, x| size.max(x.abs()));
        32.0 * factors * factors * f64::EPSILON * size
    }

    /// Where a point is drawn.
    pub(crate) fn place(&self, point: P::Point) -> [f64; 2] {
        let point = self.curve.plane.cartesian(point);
        if self.params.normalise { quotient(point, self.end()) } else { point }
    }

    /// What should be zero with the end points held at 0 and 1, unless they are so near to each other that it is rounding.
    pub(crate) fn held(&self, value: Value) -> Value {
        let Extent { low, high } = self.curve.boxes(&|point| self.curve.plane.cartesian(point)).whole();
        let rounding = self.rounding(&[low, high]) / length(self.end());
        if self.params.lattice().is_some() || rounding < MOST_ROUNDING {
            return value;
        }
        Value::Missing(
            "the end points are so near to each other that, held at 0 and 1, nothing but rounding is seen"
                .to_owned(),
        )
    }

    /// The box around all strands, as they are drawn.
    pub(crate) fn extent(&self) -> Extent {
        let first = self.curve.boxes(&|point| self.place(point)).whole();
        if twin(self.params) {
            first.join(first.opposite().shift(self.place(self.curve.end())))
        } else {
            first
        }
    }

    /// What is counted of visits, or why nothing is.
    pub(crate) fn visit(&self, of: impl Fn(&Visits) -> u64) -> Value {
        match &self.visits {
            Some(visits) => of(visits).into(),
            None if self.params.lattice().is_some() => Value::Missing(format!(
                "visits are counted on shorter strips than one of {} folds",
                self.curve.rule.folds()
            )),
            None => Value::Missing(format!(
                "at {}° vertices have no lattice on which visits can be counted exactly; 60°, 90°, 120° and 180° have one",
                self.params.angle
            )),
        }
    }

    /// As [`Level::visit`], for what means something only where all edges at a point can be drawn.
    fn filled<V: Into<Value>>(&self, of: impl Fn(&Visits) -> V) -> Value {
        match &self.visits {
            Some(visits) if self.params.encloses_area() => of(visits).into(),
            None if self.params.encloses_area() => self.visit(|_| 0),
            _ => Value::Missing("area and boundary are counted at 90° and for the terdragon".to_owned()),
        }
    }

    /// The cells of the points of which all edges are drawn, for end points at distance 1.
    pub(crate) fn area(&self) -> Value {
        let cell = self.params.lattice().map_or(1.0, Lattice::cell_area);
        let [x, y] = self.end();
        self.filled(|visits| visits.full as f64 * cell / (x * x + y * y))
    }

    /// Points with a free edge.
    pub(crate) fn boundary_points(&self) -> Value {
        self.filled(|visits| visits.distinct - visits.full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plane::Turned;

    fn same<P: Plane>(params: &DragonParams, plane: P) {
        let level = Level { params, curve: Curve::new(params.rule(), plane), visits: None };
        for stride in [1, 2] {
            let each = (0..=level.segments() / stride).map(|number| level.vertex(number * stride));
            assert_eq!(level.vertices(stride), each.collect::<Vec<_>>(), "{params:?}, every {stride}");
        }
    }

    #[test]
    fn vertices_one_after_another_are_those_of_their_numbers() {
        for kind in [Kind::Dragon, Kind::Terdragon, Kind::Twindragon] {
            for angle in [60.0, 90.0, 120.0, 180.0] {
                let params = DragonParams { kind, folds: Some(6), angle, ..DragonParams::default() };
                same(&params, params.lattice().unwrap());
            }
            let params = DragonParams { kind, folds: Some(6), angle: 97.0, ..DragonParams::default() };
            same(&params, Turned::new(97.0, 64));
        }
        let word = Some("UDDUDU".to_owned());
        let params = DragonParams { word, ..DragonParams::default() };
        same(&params, params.lattice().unwrap());
    }
}
