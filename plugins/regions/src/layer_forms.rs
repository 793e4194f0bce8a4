//! All forms of a layer side by side, and the two kernels that run over them: composing and filtering.
//!
//! **Error bound.** A sum of products, each term off by e, in which no term passes through more than d roundings, is off by
//! at most Σ |w| e + d u Σ |term|. Both sums are carried along. Terms are summed in groups of [`GROUP`], which keeps d
//! far below their number.

use octavo_plugin::simd::{self, Kernel, LANES};

use crate::affine::{Form, Reach, SLACK, UNIT};

/// Number of terms that are summed before they meet the sum so far.
const GROUP: usize = 8;

/// Sixteen forms a·x + b·y + c.
#[derive(Clone, Copy, Debug)]
struct Block {
    a: [f64; LANES],
    b: [f64; LANES],
    c: [f64; LANES],
    /// As in [`Form`]; of a sum that is not whole, the sum of |weight| · error.
    error: [f64; LANES],
    /// A bound on the form's terms; of a sum that is not whole, the sum of |weight| · size.
    size: [f64; LANES],
}

impl Block {
    const ZERO: Self = {
        let zeros = [0.0; LANES];
        Self { a: zeros, b: zeros, c: zeros, error: zeros, size: zeros }
    };
}

/// The forms of all neurons of a layer, filled up with zeros to whole blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forms {
    blocks: Vec<Block>,
    /// How many roundings a term has passed through at most.
    depth: usize,
}

impl Forms {
    fn zeros(width: usize) -> Self {
        Self { blocks: vec![Block::ZERO; width.div_ceil(LANES)], depth: 0 }
    }

    /// Exact forms.
    pub(crate) fn exactly(forms: impl ExactSizeIterator<Item = Form>, reach: &Reach) -> Self {
        let mut all = Self::zeros(forms.len());
        for (neuron, form) in forms.enumerate() {
            let (block, lane) = (&mut all.blocks[neuron / LANES], neuron % LANES);
            (block.a[lane], block.b[lane], block.c[lane]) = (form.a, form.b, form.c);
            block.size[lane] = reach.size(&form);
        }
        all
    }

    /// What a sum of a layer's forms begins with: its biases.
    pub(crate) fn start(bias: &[f64]) -> Self {
        let mut all = Self::zeros(bias.len());
        for (neuron, bias) in bias.iter().enumerate() {
            let (block, lane) = (&mut all.blocks[neuron / LANES], neuron % LANES);
            (block.c[lane], block.size[lane]) = (*bias, bias.abs());
        }
        all
    }

    pub(crate) fn get(&self, neuron: usize) -> Form {
        let (block, lane) = (&self.blocks[neuron / LANES], neuron % LANES);
        Form { a: block.a[lane], b: block.b[lane], c: block.c[lane], error: block.error[lane] }
    }

    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.blocks.clone_from(&other.blocks);
        self.depth = other.depth;
    }
}

/// The weights of a layer: for each block of outputs, and within it for each input, sixteen side by side.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    weights: Vec<[f64; LANES]>,
    inputs: usize,
    blocks: usize,
}

impl Columns {
    /// From row-major weights.
    pub(crate) fn new(weights: &[f64], inputs: usize, outputs: usize) -> Self {
        let blocks = outputs.div_ceil(LANES);
        let mut columns = vec![[0.0; LANES]; inputs * blocks];
        for output in 0..outputs {
            for input in 0..inputs {
                columns[output / LANES * inputs + input][output % LANES] = weights[output * inputs + input];
            }
        }
        Self { weights: columns, inputs, blocks }
    }
}

/// Sums `weights · forms` over the inputs that are on.
pub(crate) struct Compose<'a> {
    pub(crate) columns: &'a Columns,
    /// The inputs that are added.
    pub(crate) on: &'a [u32],
    pub(crate) inputs: &'a Forms,
    /// The sum so far.
    pub(crate) from: &'a Forms,
    pub(crate) to: &'a mut Forms,
    /// Whether the sum is whole: errors are rounded up, and bounds for the next layer set.
    pub(crate) finish: Option<&'a Reach>,
}

impl Compose<'_> {
    pub(crate) fn run(self) {
        debug_assert_eq!(self.from.blocks.len(), self.columns.blocks);
        simd::dispatch(self);
    }
}

impl Kernel for Compose<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { columns, on, inputs, from, to, finish } = self;
        to.blocks.resize(columns.blocks, Block::ZERO);
        to.depth = from.depth.max(GROUP) + on.len().div_ceil(GROUP);
        #[expect(clippy::cast_precision_loss, reason = "widths are far below 2^53")]
        let gamma = (to.depth + 1) as f64 * UNIT * SLACK;
        for (index, (from, to)) in from.blocks.iter().zip(&mut to.blocks).enumerate() {
            let Block { mut a, mut b, mut c, mut error, mut size } = *from;
            let columns = &columns.weights[index * columns.inputs..][..columns.inputs];
            for group in on.chunks(GROUP) {
                let (mut p, mut q, mut r) = ([0.0_f64; LANES], [0.0_f64; LANES], [0.0_f64; LANES]);
                for &input in group {
                    let input = input as usize;
                    let (form, lane) = (&inputs.blocks[input / LANES], input % LANES);
                    let weights = &columns[input];
                    let (x, y, z) = (form.a[lane], form.b[lane], form.c[lane]);
                    let (e, s) = (form.error[lane], form.size[lane]);
                    for lane in 0..LANES {
                        p[lane] = weights[lane].mul_add(x, p[lane]);
                        q[lane] = weights[lane].mul_add(y, q[lane]);
                        r[lane] = weights[lane].mul_add(z, r[lane]);
                        error[lane] = weights[lane].abs().mul_add(e, error[lane]);
                        size[lane] = weights[lane].abs().mul_add(s, size[lane]);
                    }
                }
                for lane in 0..LANES {
                    a[lane] += p[lane];
                    b[lane] += q[lane];
                    c[lane] += r[lane];
                }
            }
            if let Some(reach) = finish {
                for lane in 0..LANES {
                    // Underflow costs at most one subnormal step a product.
                    error[lane] = (error[lane] + gamma * size[lane]) * SLACK + 1e-300;
                    size[lane] = a[lane].abs() * reach.x + b[lane].abs() * reach.y + c[lane].abs();
                }
            }
            *to = Block { a, b, c, error, size };
        }
    }
}

/// How sixteen lines lie to a cell, one bit each; a line in neither set is certainly off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    /// Certainly positive on the whole cell.
    pub(crate) on: u16,
    /// Crossing the cell, or in doubt.
    pub(crate) open: u16,
}

/// Compares all lines of a layer with a cell. Corners are given by their coordinates and the largest of their errors.
pub(crate) struct Filter<'a> {
    pub(crate) forms: &'a Forms,
    pub(crate) corners: &'a [[f64; 2]],
    pub(crate) error: f64,
    pub(crate) sides: &'a mut Vec<Sides>,
}

impl Filter<'_> {
    pub(crate) fn run(self) {
        simd::dispatch(self);
    }
}

impl Kernel for Filter<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { forms, corners, error, sides } = self;
        sides.clear();
        for block in &forms.blocks {
            let mut least = [f64::INFINITY; LANES];
            let mut most = [f64::NEG_INFINITY; LANES];
            for [x, y] in corners {
                for lane in 0..LANES {
                    let value = block.a[lane].mul_add(*x, block.b[lane].mul_add(*y, block.c[lane]));
                    least[lane] = if value < least[lane] { value } else { least[lane] };
                    most[lane] = if value > most[lane] { value } else { most[lane] };
                }
            }
            let mut found = Sides::default();
            for lane in 0..LANES {
                let (a, b) = (block.a[lane].abs(), block.b[lane].abs());
                let doubt =
                    block.error[lane] + 4.0 * UNIT * block.size[lane] + (a + b) * error + f64::MIN_POSITIVE;
                let doubt = doubt * SLACK;
                let on = least[lane] > doubt;
                let off = most[lane] < -doubt;
                found.on |= u16::from(on) << lane;
                found.open |= u16::from(!on && !off) << lane;
            }
            sides.push(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Dyadic;
    use octavo_plugin::Seed;

    #[test]
    fn the_bound_covers_the_error_of_a_composition() {
        let mut stream = Seed(5).stream("forms");
        let reach = Reach::new([[-1.0, -2.0], [3.0, 1.0]]);
        for _ in 0..50 {
            let mut form = || Form::exactly(stream.normal(), stream.normal(), 1e3 * stream.normal());
            let forms: Vec<Form> = (0..9).map(|_| form()).collect();
            let (weights, bias) = (stream.normals(9 * 20, 1.0), stream.normals(20, 1.0));
            let inputs = Forms::exactly(forms.iter().copied(), &reach);
            let columns = Columns::new(&weights, 9, 20);
            let (mut half, mut whole) = (Forms::default(), Forms::default());
            let start = Forms::start(&bias);
            let (columns, inputs) = (&columns, &inputs);
            Compose { columns, on: &[5, 0], inputs, from: &start, to: &mut half, finish: None }.run();
            let finish = Some(&reach);
            Compose { columns, on: &[2, 8, 3], inputs, from: &half, to: &mut whole, finish }.run();
            for output in [0, 7, 19] {
                let composed = whole.get(output);
                let mut c = Dyadic::from_f64(bias[output]);
                for input in [0, 2, 3, 5, 8] {
                    let weight = Dyadic::from_f64(weights[output * 9 + input]);
                    c = c.add(&weight.mul(&Dyadic::from_f64(forms[input].c)));
                }
                let off = c.sub(&Dyadic::from_f64(composed.c)).ratio(&Dyadic::from_f64(1.0));
                assert!(off.abs() <= composed.error, "{off} > {}", composed.error);
                assert!(composed.error < 1e-10);
            }
        }
    }

    #[test]
    fn lines_are_on_off_or_open() {
        let reach = Reach::new([[-1.0, -1.0], [1.0, 1.0]]);
        let lines = [[1.0, 0.0, 2.0], [1.0, 0.0, -2.0], [1.0, 0.0, 0.5], [1.0, 0.0, -1.0], [0.0; 3]];
        let forms = Forms::exactly(lines.iter().map(|[a, b, c]| Form::exactly(*a, *b, *c)), &reach);
        let mut sides = Vec::new();
        let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]];
        Filter { forms: &forms, corners: &corners, error: 0.0, sides: &mut sides }.run();
        // The fourth line touches the cell; the fifth, and all that fill up the block, are zero.
        assert_eq!(sides, [Sides { on: 0b101, open: 0xfff8 }]);
    }
}
