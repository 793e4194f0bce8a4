//! From a scene to drawing calls: plotters draws, on a canvas sixteen times finer than pixels, through backends of ours.
//!
//! plotters knows integer coordinates and RGB only. The finer canvas is divided again on output, and the paint, dash and
//! width of an element stand beside plotters in a shared [`Pen`] that is set before each of its calls.
//!
//! In a browser the same calls come without plotters (`direct`): for that target it is built with all that a page can do.

#[cfg(any(target_family = "wasm", test))]
mod direct;
#[cfg(not(target_family = "wasm"))]
mod plotted;

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use plotters_backend::{BackendCoord, DrawingBackend};

use super::scene::{Group, Image, Point, Role, Style, Text};

#[cfg(target_family = "wasm")]
use direct::draw_all;
#[cfg(not(target_family = "wasm"))]
use plotted::draw_all;

/// Canvas units in a pixel.
pub(super) const FINE: f64 = 16.0;

/// What plotters cannot carry for the element that it is drawing.
#[derive(Clone, Debug)]
pub(super) struct Pen {
    pub(super) role: Role,
    pub(super) style: Style,
    pub(super) text: Option<Text>,
    pub(super) image: Option<Image>,
}

/// The pen, shared between [`draw`] and a backend.
pub(super) type SharedPen = Rc<RefCell<Pen>>;

/// A pen that has drawn nothing yet.
pub(super) fn pen() -> SharedPen {
    let style = Style { fill: None, stroke: None, opacity: 1.0 };
    Rc::new(RefCell::new(Pen { role: Role::Marks, style, text: None, image: None }))
}

/// The size of a canvas for a scene of this size in pixels.
pub(super) fn canvas(width: f64, height: f64) -> (u32, u32) {
    ((width * FINE).ceil() as u32, (height * FINE).ceil() as u32)
}

/// Draws groups on a backend, in order. `pen` is the one that the backend reads.
pub(super) fn draw<B>(groups: &[Group], backend: B, pen: &SharedPen)
where
    B: DrawingBackend<ErrorType = Infallible>,
{
    draw_all(groups, backend, pen);
}

fn fine([x, y]: Point) -> BackendCoord {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

fn fine_points(points: &[Point]) -> Vec<BackendCoord> {
    points.iter().map(|point| fine(*point)).collect()
}
