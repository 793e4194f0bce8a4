//! The pixels of a view that are drawn.

use octavo_plugin::Raster;
use rayon::prelude::*;

use crate::params::EscapeParams;
use crate::view::View;

/// Every k-th pixel of a view, with the smallest k for which there are few enough.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawn {
    view: View,
    every: usize,
    size: [usize; 2],
    extent: [[f64; 2]; 2],
}

impl Drawn {
    /// Of deep places, coordinates are distances from the middle times the zoom: doubles have no others.
    pub(crate) fn new(view: View, params: &EscapeParams) -> Self {
        let most = params.picture as usize;
        let every = view.size.map(|size| size.div_ceil(most)).into_iter().fold(1, usize::max);
        let size = view.size.map(|size| size.div_ceil(every));
        let (low, pixel) = if params.center.is_some() {
            let pixel = view.pixel * params.zoom;
            (view.size.map(|size| -0.5 * pixel * size as f64), pixel)
        } else {
            (view.origin, view.pixel)
        };
        let high = [0, 1].map(|axis| low[axis] + pixel * (size[axis] * every) as f64);
        Self { view, every, size, extent: [low, high] }
    }

    /// Number of pixels.
    fn len(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// The values of `of` at all pixels, row by row from the lowest. It gets the pixel's index in the view and its centre.
    pub(crate) fn each<T: Send>(&self, of: impl Fn(usize, [f64; 2]) -> T + Sync) -> Vec<T> {
        let pixel = |index: usize| {
            let [column, row] = [index % self.size[0] * self.every, index / self.size[0] * self.every];
            let point = [self.view.coordinate(0, column), self.view.coordinate(1, row)];
            of(row * self.view.size[0] + column, point)
        };
        (0..self.len()).into_par_iter().with_min_len(64).map(pixel).collect()
    }

    /// The raster of values row by row from the lowest.
    pub(crate) fn raster(&self, values: &[f64]) -> Raster {
        let values = values.chunks(self.size[0]).rev().flatten().copied().collect();
        Raster { width: self.size[0], height: self.size[1], extent: self.extent, values }
    }
}
