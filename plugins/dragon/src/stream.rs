//! Positions one after another, as fast as memory takes them.
//!
//! Blocks of radix^m segments are turned copies of at most two shapes, and a lattice has 4 or 6 directions: the vertices
//! of all blocks are those of 8 (12) templates moved to where the block starts. A block costs one addition per coordinate,
//! many at a time, so that the stream runs at the speed of the buffer's memory. Coordinates are `i32`.

use octavo_plugin::simd::{self, Kernel};

use crate::curve::Curve;
use crate::plane::{Lattice, Plane};

/// Most segments of a template: with 8 directions and shapes 32 KiB, which stay in the nearest cache.
const TEMPLATE: u64 = 512;
/// Headings are sums of at most 64 turns either way.
const MOST_TURNS: i32 = 64;

/// The vertices of a curve on a lattice, given out in order into a buffer of the caller.
///
/// ```
/// use octavo_dragon::{curve::Curve, plane::Lattice, rule::{Rule, Word}, stream::Stream};
///
/// let square = Lattice::of_angle(90.0).expect("a right angle has a lattice");
/// let curve = Curve::new(Rule::Halves(Word::all_up(2)), square);
/// let mut stream = Stream::new(&curve).expect("4 segments fit");
/// let mut buffer = [[0; 2]; 4];
/// assert_eq!(stream.fill(&mut buffer), 4);
/// assert_eq!(buffer, [[0, 0], [1, 0], [1, 1], [0, 1]]);
/// assert_eq!(stream.fill(&mut buffer), 1);
/// assert_eq!(buffer[0], [0, 2]);
/// assert_eq!(stream.fill(&mut buffer), 0);
/// ```
#[derive(Clone, Debug)]
pub struct Stream<'a> {
    curve: &'a Curve<Lattice>,
    /// Level of a block.
    level: u32,
    /// Vertices of the blocks, without the last, seen from the first: by shape, then by direction.
    templates: Vec<Vec<[i32; 2]>>,
    /// From each template's first vertex to its end.
    ends: Vec<[i32; 2]>,
    /// Direction of every heading from -64 to 64.
    directions: Vec<usize>,
    /// The next vertex.
    index: u64,
    /// Where the block of the next vertex starts.
    start: [i32; 2],
}

impl<'a> Stream<'a> {
    /// A stream from vertex 0, or nothing if a coordinate would not fit in 32 bits.
    pub fn new(curve: &'a Curve<Lattice>) -> Option<Self> {
        let whole = curve.boxes(&|[a, b]| [a as f64, b as f64]).whole();
        let fits = |x: f64| x.abs() < f64::from(i32::MAX);
        if !whole.low.iter().chain(&whole.high).all(|x| fits(*x)) {
            return None;
        }
        let (rule, plane) = (curve.rule, curve.plane);
        let level = (0..=rule.folds()).take_while(|level| rule.power(*level) <= TEMPLATE).last()?;
        let shapes = [0, rule.power(level)].map(|start| shape(curve, start, rule.power(level)));
        let turned = |direction: usize| {
            shapes.iter().map(move |shape| {
                let turn = |point: &[i64; 2]| plane.turned(*point, direction).map(|x| x as i32);
                shape.iter().map(turn).collect::<Vec<_>>()
            })
        };
        let mut templates: Vec<_> = (0..plane.directions()).flat_map(turned).collect();
        let ends = templates.iter_mut().map(|points| points.pop().expect("a block has two ends")).collect();
        let directions = (-MOST_TURNS..=MOST_TURNS).map(|heading| plane.direction(heading)).collect();
        Some(Self { curve, level, templates, ends, directions, index: 0, start: [0, 0] })
    }

    /// Writes the next vertices and says how many: as many as fit until the last vertex has been written, then 0.
    pub fn fill(&mut self, buffer: &mut [[i32; 2]]) -> usize {
        simd::dispatch(Fill { stream: self, buffer })
    }

    #[inline(always)]
    fn template(&self, block: u64) -> usize {
        let rule = self.curve.rule;
        let first = block * rule.power(self.level);
        let direction = self.directions[(rule.heading(first) + MOST_TURNS) as usize];
        2 * direction + usize::from(rule.is_odd(self.level, first))
    }
}

/// The vertices of the block that starts at a segment, turned so that its first segment has the direction of x.
fn shape(curve: &Curve<Lattice>, start: u64, size: u64) -> Vec<[i64; 2]> {
    let (rule, plane) = (curve.rule, curve.plane);
    let mut point = plane.origin();
    let mut points = vec![point];
    for segment in start..start + size {
        point = plane.add(point, plane.rotate(plane.unit(), rule.heading(segment) - rule.heading(start)));
        points.push(point);
    }
    points
}

struct Fill<'s, 'a, 'b> {
    stream: &'s mut Stream<'a>,
    buffer: &'b mut [[i32; 2]],
}

impl Kernel for Fill<'_, '_, '_> {
    type Output = usize;

    #[inline(always)]
    fn run(self) -> usize {
        let Self { stream, buffer } = self;
        let segments = stream.curve.segments();
        let size = stream.templates[0].len();
        let mut written = 0;
        while written < buffer.len() && stream.index < segments {
            let template = stream.template(stream.index / size as u64);
            let from = (stream.index % size as u64) as usize;
            let count = (size - from).min(buffer.len() - written);
            let points = &stream.templates[template][from..from + count];
            moved(points, stream.start, &mut buffer[written..written + count]);
            if from + count == size {
                let [x, y] = stream.ends[template];
                stream.start = [stream.start[0] + x, stream.start[1] + y];
            }
            stream.index += count as u64;
            written += count;
        }
        if written < buffer.len() && stream.index == segments {
            buffer[written] = stream.start;
            stream.index += 1;
            written += 1;
        }
        written
    }
}

/// Every point plus the same vector.
#[inline(always)]
fn moved(points: &[[i32; 2]], [x, y]: [i32; 2], out: &mut [[i32; 2]]) {
    for (out, point) in out.iter_mut().zip(points) {
        *out = [point[0].wrapping_add(x), point[1].wrapping_add(y)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Rule, Word};
    use proptest::prelude::*;

    fn check(curve: &Curve<Lattice>, sizes: &[usize]) {
        let mut stream = Stream::new(curve).unwrap();
        let mut index = 0;
        for size in sizes.iter().cycle() {
            let mut buffer = vec![[i32::MAX; 2]; *size];
            let count = stream.fill(&mut buffer);
            for point in &buffer[..count] {
                assert_eq!(point.map(i64::from), curve.vertex(index), "{:?}, vertex {index}", curve.rule);
                index += 1;
            }
            if count == 0 {
                break;
            }
        }
        assert_eq!(index, curve.segments() + 1);
    }

    proptest! {
        #[test]
        fn the_stream_gives_every_vertex(word in "[UD]{0,13}", angle in prop::sample::select(vec![60.0, 90.0, 120.0, 180.0]),
                                         sizes in prop::collection::vec(1..3000_usize, 1..4)) {
            let lattice = Lattice::of_angle(angle).unwrap();
            check(&Curve::new(Rule::Halves(Word::parse(&word)), lattice), &sizes);
            check(&Curve::new(Rule::Thirds(word.len() as u32 / 2), Lattice::TERDRAGON), &sizes);
        }
    }

    #[test]
    fn coordinates_beyond_32_bits_are_refused() {
        let flat = |folds| Curve::new(Rule::Halves(Word::all_up(folds)), Lattice::of_angle(180.0).unwrap());
        assert!(Stream::new(&flat(30)).is_some());
        assert!(Stream::new(&flat(31)).is_none());
    }
}
