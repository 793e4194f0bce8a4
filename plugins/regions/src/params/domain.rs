//! The rectangle in which regions are counted, or a function is looked at.

use octavo_plugin::Problem;

/// A rectangle: its lower left and upper right corners.
pub(crate) type Domain = [[f64; 2]; 2];

/// The domain of a definition that gives none.
pub(crate) fn square() -> Domain {
    [[-1.0, -1.0], [1.0, 1.0]]
}

/// What is wrong with a domain in the plane (`dimension` 2), or on a line, where only the first coordinates count.
pub(crate) fn problem([[x0, y0], [x1, y1]]: Domain, dimension: usize) -> Option<Problem> {
    let sides = [x1 - x0, if dimension == 1 { 1.0 } else { y1 - y0 }];
    let usable = |side: &f64| (1e-6..=1e9).contains(side);
    let near = [x0, y0, x1, y1].iter().all(|x| x.abs() <= 1e9);
    (!near || !sides.iter().all(usable)).then(|| {
        Problem::at("domain", "the domain is no rectangle of a usable size").help(
            "give the lower left corner, then the upper right one, within 1e9 of zero: x and y must each grow by 1e-6 to 1e9",
        )
    })
}
