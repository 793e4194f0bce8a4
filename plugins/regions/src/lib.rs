//! Six analyses over one exact method: networks of ReLU layers, lines and folded sheets cut the plane into regions.
//!
//! **Analyses**, each with its parameters, declarations, default figures and words: [`regions`](Regions) of networks,
//! [`lines`](Lines) at random, successive [`folds`](Folds) of a sheet, and [`portraits`](Portraits), which look at a network's
//! function and count nothing; [`zaslavsky`](Zaslavsky) and [`arrangement`](Arrangement) count without geometry, in any
//! dimension.
//!
//! **What they share.** `params` says what a network is and where it is looked at, and `subject` makes it: read (`networks`,
//! `tensors`), trained (`training` on `samples` of `targets`), cut by a `slice`. `space` prepares a network and a domain; `split`
//! makes tasks of the domain and `walk` cuts each into the cells on which every neuron is on or off, with signs from `affine`
//! and `layer_forms` (floats with a bound) or `symbolic` and `exact` (dyadic numbers); `survey` measures cells as they come and `linear`
//! joins those with one affine map. `measure`, `draw` and `figures` say what all partitions give; `closed_form` and `bounds` are
//! closed formulas.

mod affine;
mod arrangement;
mod bounds;
mod cell;
mod closed_form;
mod data;
mod draw;
mod exact;
mod figures;
mod folds;
mod layer_forms;
mod linear;
mod lines;
mod measure;
mod networks;
mod params;
mod portraits;
mod regions;
mod samples;
mod slice;
mod space;
mod split;
mod subject;
mod survey;
mod symbolic;
mod targets;
mod tensors;
mod training;
mod walk;
mod zaslavsky;

pub use arrangement::{Arrangement, ArrangementParams};
pub use bounds::{hanin_rolnick, montufar_lower, raghu_upper, serra_upper};
pub use closed_form::{doubling, zaslavsky};
pub use folds::{Crease, Folds, FoldsParams};
pub use lines::{Lines, LinesParams};
pub use params::{
    FoldNetwork, NetworkSource, Optimizer, RandomNetwork, Slice, Target, TensorNetwork, TentNetwork, Trained,
};
pub use portraits::{Portraits, PortraitsParams};
pub use regions::{Regions, RegionsParams, Sampling};
pub use split::{RegionCounts, count_regions};
pub use zaslavsky::{Zaslavsky, ZaslavskyParams};
