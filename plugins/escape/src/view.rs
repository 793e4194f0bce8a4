//! Where the pixels of a picture lie.

use crate::params::EscapeParams;

/// A grid of pixels in the plane. Pixel (i, j) has the centre origin + pixel (i + 1/2, j + 1/2), y upwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The lower left corner.
    pub origin: [f64; 2],
    /// The side of a pixel.
    pub pixel: f64,
    /// Columns and rows.
    pub size: [usize; 2],
}

impl View {
    /// The view that the parameters ask for, but for deep places.
    pub fn new(params: &EscapeParams) -> Self {
        let size = params.size.map(|n| n as usize);
        let pixel = params.pixel();
        let centre = params.middle();
        let half = |axis: usize| 0.5 * size[axis] as f64 * pixel;
        let origin = params.origin.filter(|_| params.center.is_none());
        Self { origin: origin.unwrap_or([centre[0] - half(0), centre[1] - half(1)]), pixel, size }
    }

    /// A coordinate of the centres of column (axis 0) or row (axis 1) number `index`.
    #[inline(always)]
    pub fn coordinate(&self, axis: usize, index: usize) -> f64 {
        self.origin[axis] + self.pixel * (index as f64 + 0.5)
    }

    /// Number of pixels.
    pub fn pixels(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// The rectangle that the pixels cover.
    pub fn extent(&self) -> [[f64; 2]; 2] {
        let end = |axis: usize| self.origin[axis] + self.pixel * self.size[axis] as f64;
        [self.origin, [end(0), end(1)]]
    }

    /// For each row the lower one of which it is the exact mirror image about the real axis, if there is one.
    pub fn mirrors(&self) -> Vec<Option<usize>> {
        let mirror = |row: usize| {
            let y = self.coordinate(1, row);
            let partner = ((-y - self.origin[1]) / self.pixel - 0.5).round();
            (partner >= 0.0 && partner < row as f64)
                .then_some(partner as usize)
                .filter(|partner| self.coordinate(1, *partner) == -y)
        };
        (0..self.size[1]).map(mirror).collect()
    }
}
