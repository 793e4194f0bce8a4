//! Diffusion-limited aggregation on the square lattice.

use octavo_plugin::{Failure, RunContext, Stream, math};

use crate::shape::Segment;

/// Sides of blocks of the lattice; a walker far from all that is filled jumps as far as it surely may.
const BLOCKS: [i64; 3] = [64, 16, 4];

/// Particles of a lattice with the origin in its middle.
struct Lattice {
    half: i64,
    side: usize,
    filled: Vec<bool>,
    /// For each size of blocks, those that hold a particle or have a neighbour that does.
    near: [Vec<bool>; 3],
}

impl Lattice {
    fn new(half: i64) -> Self {
        let half = (half / BLOCKS[0] + 2) * BLOCKS[0];
        let side = half.unsigned_abs() as usize * 2;
        let near = BLOCKS.map(|block| {
            let across = side / block.unsigned_abs() as usize;
            vec![false; across * across]
        });
        Self { half, side, filled: vec![false; side * side], near }
    }

    fn place(&self, [x, y]: [i64; 2]) -> [usize; 2] {
        [x + self.half, y + self.half].map(|x| x.unsigned_abs() as usize)
    }

    fn contains(&self, point: [i64; 2]) -> bool {
        let [x, y] = self.place(point);
        self.filled[y * self.side + x]
    }

    fn fill(&mut self, point: [i64; 2]) {
        let [x, y] = self.place(point);
        self.filled[y * self.side + x] = true;
        for (block, near) in BLOCKS.into_iter().zip(&mut self.near) {
            let block = block.unsigned_abs() as usize;
            let across = self.side / block;
            for row in (y / block).saturating_sub(1)..=(y / block + 1).min(across - 1) {
                for column in (x / block).saturating_sub(1)..=(x / block + 1).min(across - 1) {
                    near[row * across + column] = true;
                }
            }
        }
    }

    /// How far from here nothing is filled, at least; 0 if that is not known.
    fn free(&self, point: [i64; 2]) -> i64 {
        let [x, y] = self.place(point);
        let empty = |(block, near): &(i64, &Vec<bool>)| {
            let block = block.unsigned_abs() as usize;
            !near[y / block * (self.side / block) + x / block]
        };
        BLOCKS.into_iter().zip(&self.near).find(empty).map_or(0, |(block, _)| block - 2)
    }
}

/// So many particles, each with the segment to the one that it touched first. The first lies at the origin. Walkers start
/// on a circle around the cluster, where one from far away first arrives anywhere with the same probability.
pub(super) fn cluster(
    size: usize,
    stream: &mut Stream,
    context: &RunContext<'_>,
) -> Result<Vec<Segment>, Failure> {
    // The radius grows like size^(1/1.71); three times that is room enough.
    #[expect(clippy::cast_possible_truncation, reason = "a few thousand")]
    let half = (3.0 * math::powf(size as f64, 1.0 / 1.71)) as i64 + 50;
    let mut lattice = Lattice::new(3 * half);
    lattice.fill([0, 0]);
    let (mut segments, mut radius) = (Vec::with_capacity(size), 1.0_f64);
    while segments.len() + 1 < size {
        if segments.len() % 64 == 0 {
            context.step(segments.len() as u64, size as u64)?;
        }
        let (point, touched) = arrive(&lattice, radius, stream, context)?;
        lattice.fill(point);
        let [end, start] = [point, touched].map(|point| point.map(|x| x as f64));
        radius = radius.max(distance(point));
        segments.push([start, end]);
        if radius + 8.0 > half as f64 {
            break;
        }
    }
    Ok(segments)
}

/// A free point beside the cluster at which a walker arrives, and a neighbour of it that is filled.
fn arrive(
    lattice: &Lattice,
    radius: f64,
    stream: &mut Stream,
    context: &RunContext<'_>,
) -> Result<([i64; 2], [i64; 2]), Failure> {
    let launch = radius + 4.0;
    let mut point = around([0, 0], launch, stream);
    for steps in 0_u64.. {
        if steps % 65_536 == 65_535 {
            context.go_on()?;
        }
        let away = distance(point);
        if away > 2.0 * launch + 100.0 {
            point = around([0, 0], launch, stream);
            continue;
        }
        let free = lattice.free(point).max((away - launch) as i64);
        if free > 1 {
            point = around(point, free as f64 - 0.5, stream);
            continue;
        }
        let touched = neighbours(point).into_iter().find(|point| lattice.contains(*point));
        if let Some(touched) = touched.filter(|_| !lattice.contains(point)) {
            return Ok((point, touched));
        }
        point = neighbours(point)[stream.below(4) as usize];
    }
    unreachable!("a walk in the plane returns");
}

/// The distance from the origin; squares of coordinates are exact.
fn distance(point: [i64; 2]) -> f64 {
    let [x, y] = point.map(|x| x as f64);
    (x * x + y * y).sqrt()
}

fn neighbours([x, y]: [i64; 2]) -> [[i64; 2]; 4] {
    [[x + 1, y], [x, y + 1], [x - 1, y], [x, y - 1]]
}

/// A point of the lattice near a random one on a circle, inside it.
fn around([x, y]: [i64; 2], radius: f64, stream: &mut Stream) -> [i64; 2] {
    let (sin, cos) = math::sin_cos(std::f64::consts::TAU * stream.uniform());
    [x + (radius * cos) as i64, y + (radius * sin) as i64]
}
