//! Figures.
pub mod palette;
mod paint;
pub mod png;
pub mod scene;
pub mod svg;
pub mod text;
