//! Lane-width dispatch through the `pulp` crate, without unsafe code.
//!
//! A [`Kernel`] is plain code over arrays of [`LANES`] floats, marked `#[inline(always)]`. [`dispatch`] compiles it for
//! several instruction sets and picks one at run time. Since the operations and their order are the same on each, so
//! are the bits; `mul_add` is a single rounding everywhere (a slow library call on the scalar path).

use std::sync::LazyLock;

/// The virtual lane width, on every machine.
pub const LANES: usize = 16;

/// A computation to be compiled for several instruction sets. Mark `run`, and what it calls, `#[inline(always)]`.
pub trait Kernel {
    /// What it gives.
    type Output;
    /// Runs it.
    fn run(self) -> Self::Output;
}

/// Instruction sets that a kernel can be compiled for.
#[derive(Clone, Copy, Debug)]
enum Level {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    V3(pulp::x86::V3),
    #[cfg(target_arch = "x86_64")]
    V4(pulp::x86::V4),
}

/// The level asked for by `OCTAVO_SIMD` (a test aid) or else the widest that this processor has.
static LEVEL: LazyLock<Level> = LazyLock::new(|| {
    #[expect(clippy::disallowed_methods, reason = "declared: a test aid that changes no result")]
    let asked = std::env::var("OCTAVO_SIMD").unwrap_or_default();
    level(&asked)
});

#[cfg(target_arch = "x86_64")]
fn level(asked: &str) -> Level {
    let v4 = || pulp::x86::V4::try_new().map(Level::V4);
    let v3 = || pulp::x86::V3::try_new().map(Level::V3);
    match asked {
        "scalar" => None,
        "v3" => v3(),
        _ => v4().or_else(v3),
    }
    .unwrap_or(Level::Scalar)
}

#[cfg(not(target_arch = "x86_64"))]
fn level(_asked: &str) -> Level {
    Level::Scalar
}

/// The name of the level in use: `scalar`, `v3` or `v4`.
pub fn level_name() -> &'static str {
    match *LEVEL {
        Level::Scalar => "scalar",
        #[cfg(target_arch = "x86_64")]
        Level::V3(_) => "v3",
        #[cfg(target_arch = "x86_64")]
        Level::V4(_) => "v4",
    }
}

pub use pulp::Simd;

/// A computation over whole registers, for loops whose state must not leave them. Mark `run`, and what it calls,
/// `#[inline(always)]`. Its bits must not depend on how many lanes a register has.
pub trait RegisterKernel {
    /// What it gives.
    type Output;
    /// Runs it.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

struct RegisterAdapter<K>(K);

impl<K: RegisterKernel> pulp::WithSimd for RegisterAdapter<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> K::Output {
        self.0.run(simd)
    }
}

/// Runs a kernel over the widest registers available.
pub fn dispatch_registers<K: RegisterKernel>(kernel: K) -> K::Output {
    match *LEVEL {
        Level::Scalar => kernel.run(pulp::Scalar::new()),
        #[cfg(target_arch = "x86_64")]
        Level::V3(simd) => Simd::vectorize(simd, RegisterAdapter(kernel)),
        #[cfg(target_arch = "x86_64")]
        Level::V4(simd) => Simd::vectorize(simd, RegisterAdapter(kernel)),
    }
}

struct Adapter<K>(K);

impl<K: Kernel> pulp::WithSimd for Adapter<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> K::Output {
        self.0.run()
    }
}

/// A computation over register tiles of `ROWS` rows times `VECTORS` registers. Mark `run`, and what it calls,
/// `#[inline(always)]`. Its bits must not depend on the tile.
pub(crate) trait TileKernel {
    /// Runs it.
    fn run<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S);
}

struct TileAdapter<K, const ROWS: usize, const VECTORS: usize>(K);

impl<K: TileKernel, const ROWS: usize, const VECTORS: usize> pulp::WithSimd
    for TileAdapter<K, ROWS, VECTORS>
{
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.0.run::<S, ROWS, VECTORS>(simd);
    }
}

/// Rows and columns of a register tile.
pub(crate) struct TileShape {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// Columns of one register.
    pub(crate) lane: usize,
}

/// The tile of the level in use, for numbers of `size` bytes: of 32 registers of 64 bytes 24 hold entries, of 16 registers
/// of 32 bytes 12, and without lanes there are 4 by 4 entries. A step of k takes as many registers more as a tile has in a row,
/// and two at least for what is the same in a row: three in a row would not leave those of the 16.
pub(crate) fn tile_shape(size: usize) -> TileShape {
    match *LEVEL {
        Level::Scalar => TileShape { rows: 4, columns: 4, lane: 1 },
        #[cfg(target_arch = "x86_64")]
        Level::V3(_) => TileShape { rows: 6, columns: 2 * 32 / size, lane: 32 / size },
        #[cfg(target_arch = "x86_64")]
        Level::V4(_) => TileShape { rows: 8, columns: 3 * 64 / size, lane: 64 / size },
    }
}

/// Runs a kernel over tiles of [`tile_shape`].
pub(crate) fn dispatch_tiles<K: TileKernel>(kernel: K) {
    match *LEVEL {
        Level::Scalar => kernel.run::<_, 4, 4>(pulp::Scalar::new()),
        #[cfg(target_arch = "x86_64")]
        Level::V3(simd) => Simd::vectorize(simd, TileAdapter::<K, 6, 2>(kernel)),
        #[cfg(target_arch = "x86_64")]
        Level::V4(simd) => Simd::vectorize(simd, TileAdapter::<K, 8, 3>(kernel)),
    }
}

/// Runs a kernel on the widest instruction set available.
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    match *LEVEL {
        Level::Scalar => kernel.run(),
        #[cfg(target_arch = "x86_64")]
        Level::V3(simd) => Simd::vectorize(simd, Adapter(kernel)),
        #[cfg(target_arch = "x86_64")]
        Level::V4(simd) => Simd::vectorize(simd, Adapter(kernel)),
    }
}
