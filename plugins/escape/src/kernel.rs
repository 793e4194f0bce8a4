//! Exact counts of many points at once.
//!
//! One step is z² + c in doubles, in this order and without fused operations: zi' = (2 zr) zi + ci, zr' = zr² - zi² + cr. The
//! count is the smallest k >= 1 with |z_k|² > 4. [`first_steps`] starts a row of pixels and follows them for [`FIRST`] steps,
//! which is all that most need; the others are gathered, without gaps, in [`Lanes`] and followed there in rounds. Lanes never
//! speak to each other, so counts depend neither on the width of registers nor on how lanes are gathered.

use octavo_plugin::simd::{self, RegisterKernel, Simd};

use crate::interior;

/// The count of a point that never escapes, as the loops keep it.
pub(crate) const INSIDE: u64 = u64::MAX;
/// The count of a starting point that has already escaped.
pub(crate) const OUTSIDE: u64 = u64::MAX - 1;
/// Steps that are followed where a point stands.
pub(crate) const FIRST: u32 = 12;
/// Lanes that are followed together: a multiple of every register's.
pub(crate) const GROUP: usize = 32;

/// The count of the definition from that of the loops, which is one less: how many values did not escape.
#[inline(always)]
pub(crate) fn settled(count: u64, steps: u64) -> i32 {
    // `INSIDE` becomes 0 and `OUTSIDE` -1; all others are at most 2^31.
    if count == steps { 0 } else { count.wrapping_add(1) as i32 }
}

/// Orbits on the way, a column per quantity, all at the same step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lanes {
    /// z.
    pub(crate) z: [Vec<f64>; 2],
    /// c.
    pub(crate) c: [Vec<f64>; 2],
    /// How many values did not escape.
    pub(crate) count: Vec<u64>,
    /// Where the count belongs.
    pub(crate) place: Vec<u32>,
}

impl Lanes {
    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.z.iter_mut().chain(&mut self.c).for_each(Vec::clear);
        self.count.clear();
        self.place.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.place.len()
    }

    fn resize(&mut self, lanes: usize, count: u64) {
        self.z.iter_mut().chain(&mut self.c).for_each(|column| column.resize(lanes, 0.0));
        self.count.resize(lanes, count);
        self.place.resize(lanes, 0);
    }

    /// Adds those of a group that did not end, the first of which has this place.
    fn gather(
        &mut self,
        z: &[[f64; GROUP]; 2],
        c: &[[f64; GROUP]; 2],
        counts: &[u64],
        steps: u64,
        place: u32,
    ) {
        // All are written, and the next one over each that ended: what does not branch cannot be guessed wrong.
        let mut kept = self.len();
        self.resize(kept + GROUP, 0);
        for (lane, count) in counts.iter().enumerate() {
            for axis in 0..2 {
                self.z[axis][kept] = z[axis][lane];
                self.c[axis][kept] = c[axis][lane];
            }
            self.count[kept] = *count;
            self.place[kept] = place + lane as u32;
            kept += usize::from(*count == steps);
        }
        self.resize(kept, 0);
    }

    /// Adds an orbit.
    #[inline(always)]
    pub(crate) fn push(&mut self, z: [f64; 2], c: [f64; 2], count: u64, place: u32) {
        for axis in 0..2 {
            self.z[axis].push(z[axis]);
            self.c[axis].push(c[axis]);
        }
        self.count.push(count);
        self.place.push(place);
    }

    /// Follows all orbits from step `from` to step `to`, writes the counts of those that ended, and keeps the others.
    pub(crate) fn advance(&mut self, from: u64, to: u64, out: &mut [i32]) {
        let live = self.len();
        self.resize(live.next_multiple_of(GROUP), from);
        simd::dispatch_registers(InFlight(Advance { lanes: self, steps: to - from }));
        self.keep(live, to, out);
    }

    /// Forgets the orbits that are certain to stay, whose counts are 0 already: those near a cycle of at most this period.
    pub(crate) fn drop_trapped(&mut self, most: u32) {
        let mut kept = 0;
        for lane in 0..self.len() {
            let (z, c) = ([self.z[0][lane], self.z[1][lane]], [self.c[0][lane], self.c[1][lane]]);
            for axis in 0..2 {
                self.z[axis][kept] = z[axis];
                self.c[axis][kept] = c[axis];
            }
            self.count[kept] = self.count[lane];
            self.place[kept] = self.place[lane];
            kept += usize::from(interior::trap(z, c, most).is_none());
        }
        self.resize(kept, 0);
    }

    fn keep(&mut self, live: usize, steps: u64, out: &mut [i32]) {
        let Self { z: [re, im], c: [cr, ci], count, place } = self;
        // Slices of one length, so that no index needs a check.
        let [re, im, cr, ci] = [re, im, cr, ci].map(|column| &mut column[..live]);
        let (counts, places) = (&mut count[..live], &mut place[..live]);
        let mut kept = 0;
        for lane in 0..live {
            let (count, place) = (counts[lane], places[lane]);
            out[place as usize] = settled(count, steps);
            (re[kept], im[kept], cr[kept], ci[kept]) = (re[lane], im[lane], cr[lane], ci[lane]);
            (counts[kept], places[kept]) = (count, place);
            kept += usize::from(count == steps);
        }
        self.resize(kept, 0);
    }
}

/// Registers of `V` groups of lanes: z, its squares, c, and the counts.
struct Registers<S: Simd, const V: usize> {
    z: [[S::f64s; V]; 2],
    squares: [[S::f64s; V]; 2],
    c: [[S::f64s; V]; 2],
    alive: [S::m64s; V],
    count: [S::u64s; V],
}

impl<S: Simd, const V: usize> Registers<S, V> {
    #[inline(always)]
    fn new(simd: S, z: [[S::f64s; V]; 2], c: [[S::f64s; V]; 2], count: [S::u64s; V]) -> Self {
        // Loops, not `map`: what is called from here has to be inlined, or it is compiled without wide registers.
        let mut squares = z;
        for v in 0..V {
            squares[0][v] = simd.mul_f64s(z[0][v], z[0][v]);
            squares[1][v] = simd.mul_f64s(z[1][v], z[1][v]);
        }
        let zero = simd.splat_f64s(0.0);
        Self { z, squares, c, alive: [simd.less_than_or_equal_f64s(zero, zero); V], count }
    }

    /// Ends the lanes of which |z|² > 4 (or is no number, after an overflow) and counts the others.
    #[inline(always)]
    fn test(&mut self, simd: S) {
        let (four, one) = (simd.splat_f64s(4.0), simd.splat_u64s(1));
        for v in 0..V {
            let near =
                simd.less_than_or_equal_f64s(simd.add_f64s(self.squares[0][v], self.squares[1][v]), four);
            self.alive[v] = simd.and_m64s(self.alive[v], near);
            let more = simd.add_u64s(self.count[v], one);
            self.count[v] = simd.select_u64s(self.alive[v], more, self.count[v]);
        }
    }

    #[inline(always)]
    fn step(&mut self, simd: S) {
        for v in 0..V {
            let [re, im] = [self.z[0][v], self.z[1][v]];
            let im = simd.add_f64s(simd.mul_f64s(simd.add_f64s(re, re), im), self.c[1][v]);
            let re = simd.add_f64s(simd.sub_f64s(self.squares[0][v], self.squares[1][v]), self.c[0][v]);
            self.z[0][v] = re;
            self.z[1][v] = im;
            self.squares[0][v] = simd.mul_f64s(re, re);
            self.squares[1][v] = simd.mul_f64s(im, im);
        }
    }

    #[inline(always)]
    fn any_alive(&self, simd: S) -> bool {
        let mut any = self.alive[0];
        for v in 1..V {
            any = simd.or_m64s(any, self.alive[v]);
        }
        simd.first_true_m64s(any) < S::F64_LANES
    }
}

/// The registers of group number `group` of a column.
#[inline(always)]
fn load<S: Simd, const V: usize>(simd: S, column: &[f64], group: usize) -> [S::f64s; V] {
    let registers = &S::as_simd_f64s(column).0[group * V..(group + 1) * V];
    let mut loaded = [simd.splat_f64s(0.0); V];
    loaded.copy_from_slice(registers);
    loaded
}

/// A kernel over groups of `V` registers.
trait Groups {
    fn groups<S: Simd, const V: usize>(self, simd: S);
}

/// Runs it with as many registers in flight as hide the time from an operation to its result, if there are so many.
struct InFlight<K>(K);

impl<K: Groups> RegisterKernel for InFlight<K> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match S::F64_LANES {
            4 => self.0.groups::<S, 2>(simd),
            _ => self.0.groups::<S, 4>(simd),
        }
    }
}

struct Advance<'a> {
    lanes: &'a mut Lanes,
    steps: u64,
}

impl Groups for Advance<'_> {
    #[inline(always)]
    fn groups<S: Simd, const V: usize>(self, simd: S) {
        let Lanes { z: [re, im], c: [cr, ci], count, .. } = self.lanes;
        for group in 0..count.len() / (V * S::F64_LANES) {
            let at = group * V..(group + 1) * V;
            let mut counts = [simd.splat_u64s(0); V];
            counts.copy_from_slice(&S::as_simd_u64s(count).0[at.clone()]);
            let z = [load::<S, V>(simd, re, group), load::<S, V>(simd, im, group)];
            let c = [load::<S, V>(simd, cr, group), load::<S, V>(simd, ci, group)];
            let mut registers = Registers::<S, V>::new(simd, z, c, counts);
            for _ in 0..self.steps {
                registers.step(simd);
                registers.test(simd);
            }
            for v in 0..V {
                S::as_mut_simd_f64s(re).0[at.start + v] = registers.z[0][v];
                S::as_mut_simd_f64s(im).0[at.start + v] = registers.z[1][v];
                S::as_mut_simd_u64s(count).0[at.start + v] = registers.count[v];
            }
        }
    }
}

/// A row of pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// The real parts, a multiple of [`GROUP`] of them; what is beyond the row's end may be anything.
    pub(crate) x: &'a [f64],
    /// The imaginary part.
    pub(crate) y: f64,
    /// For Julia sets, their c.
    pub(crate) c: Option<[f64; 2]>,
}

/// Follows a row for `steps` steps (at least 1, at most [`FIRST`]): writes the counts of the points that ended, and adds the
/// others to the lanes, with the index `place` for the first.
pub(crate) fn first_steps(row: Row<'_>, steps: u64, out: &mut [i32], place: u32, lanes: &mut Lanes) {
    simd::dispatch_registers(InFlight(FirstSteps { row, steps, out, place, lanes }));
}

struct FirstSteps<'a> {
    row: Row<'a>,
    steps: u64,
    out: &'a mut [i32],
    place: u32,
    lanes: &'a mut Lanes,
}

impl Groups for FirstSteps<'_> {
    #[inline(always)]
    fn groups<S: Simd, const V: usize>(self, simd: S) {
        let Self { row, steps, out, place, lanes } = self;
        let size = V * S::F64_LANES;
        for (group, out) in out.chunks_mut(size).enumerate() {
            let x = load::<S, V>(simd, row.x, group);
            let (mut registers, done) = start::<S, V>(simd, row, x);
            let mut left = steps - done;
            while left > 0 && registers.any_alive(simd) {
                for _ in 0..left.min(2) {
                    registers.step(simd);
                    registers.test(simd);
                }
                left -= left.min(2);
            }
            let mut counts = [0_u64; GROUP];
            for v in 0..V {
                S::as_mut_simd_u64s(&mut counts).0[v] = registers.count[v];
            }
            for (out, count) in out.iter_mut().zip(&counts) {
                *out = settled(*count, steps);
            }
            if registers.any_alive(simd) {
                let row_place = place + (group * size) as u32;
                gather(&registers, &counts[..out.len()], steps, row_place, lanes);
            }
        }
    }
}

/// The registers of pixels x + iy where their orbits start, and the steps done: for the Mandelbrot set z_1 = c.
#[inline(always)]
fn start<S: Simd, const V: usize>(simd: S, row: Row<'_>, x: [S::f64s; V]) -> (Registers<S, V>, u64) {
    let y = [simd.splat_f64s(row.y); V];
    let zero = [simd.splat_u64s(0); V];
    if let Some(c) = row.c {
        let c = [[simd.splat_f64s(c[0]); V], [simd.splat_f64s(c[1]); V]];
        // |z_0|² is no value that is counted, but one above 4 ends the orbit.
        let mut registers = Registers::new(simd, [x, y], c, zero);
        registers.test(simd);
        let outside = simd.splat_u64s(OUTSIDE);
        for v in 0..V {
            registers.count[v] = simd.select_u64s(registers.alive[v], registers.count[v], outside);
            registers.count[v] = simd.select_u64s(registers.alive[v], simd.splat_u64s(0), registers.count[v]);
        }
        return (registers, 0);
    }
    let mut registers = Registers::new(simd, [x, y], [x, y], zero);
    registers.test(simd);
    let inside = simd.splat_u64s(INSIDE);
    for v in 0..V {
        let bounded = interior::in_largest(simd, x[v], y[v]);
        registers.count[v] = simd.select_u64s(bounded, inside, registers.count[v]);
        registers.alive[v] = simd.and_m64s(registers.alive[v], simd.not_m64s(bounded));
    }
    (registers, 1)
}

/// Adds the lanes that did not end.
#[inline(always)]
fn gather<S: Simd, const V: usize>(
    registers: &Registers<S, V>,
    counts: &[u64],
    steps: u64,
    place: u32,
    lanes: &mut Lanes,
) {
    let mut z = [[0.0; GROUP]; 2];
    let mut c = [[0.0; GROUP]; 2];
    for axis in 0..2 {
        for v in 0..V {
            S::as_mut_simd_f64s(&mut z[axis]).0[v] = registers.z[axis][v];
            S::as_mut_simd_f64s(&mut c[axis]).0[v] = registers.c[axis][v];
        }
    }
    lanes.gather(&z, &c, counts, steps, place);
}
