//! The contract between Octavo and an analysis.
//!
//! An [`Analysis`] is a documented parameter struct, a declaration of what it gives ([`OutputSchema`]), and a pure
//! function from parameters, [`Seed`] and inputs to [`Artifacts`]. It sees no clock, no disk and no environment: what it
//! may use is in its [`RunContext`]. In exchange the engine gives it validation, sweeps, caching, parallel runs,
//! figures, claims, provenance and pages.
//!
//! The order in which a host uses an analysis:
//!
//! 1. [`DynAnalysis::schema`]: what parameters there are (types, bounds, defaults, units, docs), from the struct alone.
//! 2. [`DynAnalysis::prepare`]: canonical parameters, problems between them that a schema cannot say, and every scalar, table,
//!    column and drawing of a run, before anything runs.
//! 3. [`DynAnalysis::run`]: the computation; the host then holds the artifacts against the declaration
//!    ([`Artifacts::check`]), where NaN and infinity stop.
//!
//! Everything numeric that must give the same bits on every machine stands here too: elementary functions ([`math`]),
//! ordered sums ([`sum`]), products of matrices ([`linalg`]), lane-width dispatch ([`simd`]) and random streams
//! ([`seed`]).

pub mod analysis;
pub mod artifact;
pub mod base64;
pub mod cancel;
pub mod context;
pub mod count;
pub mod delimited;
pub mod digest;
pub mod failure;
pub mod figure;
pub mod input;
pub mod interchange;
pub mod labels;
pub mod linalg;
pub mod math;
pub mod order;
pub mod output;
pub mod picture;
pub mod process;
pub mod rows;
pub mod schema;
pub mod seed;
pub mod simd;
pub mod sum;
pub mod translated;
pub mod value;

pub use analysis::{About, Analysis, DynAnalysis, Follow, Identity, Next, Origin, Prepared, Problem};
pub use artifact::{Artifacts, Column, ColumnData, Drawing, Geometry, Raster, Scalar, Table};
pub use cancel::{CancelToken, StopReason};
pub use context::{Progress, RunContext};
pub use count::{counted, plural};
pub use digest::{ContentHash, ContentHasher, Digest, DigestOf};
pub use failure::{Failure, FailureKind};
pub use input::{Input, InputData, InputLimits, Inputs, Reading};
pub use interchange::{Activation, Image, Layer, Network, PointSet};
pub use labels::{Translation, Translations};
pub use output::{
    ColumnSchema, ColumnType, DrawingKind, DrawingSchema, GeometryKind, OutputSchema, ScalarSchema,
    TableSchema, Wanted,
};
pub use picture::{ImageFile, ImageKind, Picture};
pub use process::serve;
pub use rows::Rows;
pub use schema::{Bounds, Field, Schema, SchemaKind};
pub use seed::{Seed, Stream};
pub use translated::Translated;
pub use value::{Localized, Named, Value};

/// Moves whenever a bit of any result of [`math`], [`sum`], [`linalg`] or [`seed`] moves. It is part of every task key.
pub const NUMERICS_REVISION: u32 = 2;
