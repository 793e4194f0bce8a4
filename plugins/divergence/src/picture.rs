//! Images and sets of images.

/// Images of one size, row by row from the top: one, or the members of a set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pictures {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// The pixels of each image.
    pub(crate) images: Vec<Vec<f64>>,
    /// Whether a distribution over images is meant, rather than an image whose pixels are weights.
    pub(crate) set: bool,
}

impl Pictures {
    /// One image.
    pub(crate) fn one(columns: usize, rows: usize, pixels: Vec<f64>) -> Self {
        Self { columns, rows, images: vec![pixels], set: false }
    }

    /// What stands at a column and row.
    pub(crate) fn index(&self, [column, row]: [usize; 2]) -> Option<usize> {
        (column < self.columns && row < self.rows).then_some(row * self.columns + column)
    }
}
