//! Paths in the plane: points in a row, joined by segments.
//!
//! File form: CSV with columns `x`, `y` and, if there are several paths, `part`: a number that changes where a path ends and
//! the next begins. A table among the results of another experiment is read like a CSV; of a drawing, paths are as they are
//! and polygons are closed.

use super::points::named_columns;
use crate::artifact::{Artifact, Drawing, Geometry};
use crate::input::InputContent;
use crate::output::GeometryKind;
use crate::{Failure, Reading};

/// Paths, each the list of its vertices. A path of one vertex is a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// At least one path, each with at least one vertex; all coordinates are finite.
    pub parts: Vec<Vec<[f64; 2]>>,
}

impl Paths {
    /// Reads a CSV file, a table or a drawing.
    ///
    /// # Errors
    /// [`FailureKind::User`](crate::FailureKind::User) that names the row and column; as [`Reading::admit`] and
    /// [`Reading::go_on`].
    pub fn from_input<'a>(input: impl Into<Reading<'a>>) -> Result<Self, Failure> {
        let input = input.into();
        if let InputContent::Artifact(Artifact::Drawing(Drawing::Geometry(geometry))) = &input.content {
            return Self::of_geometry(geometry).ok_or_else(|| bad(input, "the drawing is empty"));
        }
        let columns = named_columns(input)?;
        let find =
            |name: &str| columns.iter().find(|column| column.name == name).map(|column| &column.values);
        let (Some(x), Some(y)) = (find("x").or(find("x1")), find("y").or(find("x2"))) else {
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            let message =
                format!("there are no columns `x` and `y`; the columns are `{}`", names.join("`, `"));
            return Err(bad(input, &message));
        };
        let part = find("part");
        let rows: Vec<usize> = (0..x.len()).collect();
        let same = |a: &usize, b: &usize| part.is_none_or(|part| part[*a] == part[*b]);
        let vertices = |rows: &[usize]| rows.iter().map(|row| [x[*row], y[*row]]).collect();
        let parts: Vec<Vec<[f64; 2]>> = rows.chunk_by(same).map(vertices).collect();
        if parts.is_empty() { Err(bad(input, "there is no row")) } else { Ok(Self { parts }) }
    }

    fn of_geometry(geometry: &Geometry) -> Option<Self> {
        let part = |index: usize| match geometry.kind {
            GeometryKind::Polygons => {
                let ring = geometry.part(index);
                ring.iter().chain(ring.first()).copied().collect()
            }
            GeometryKind::Points | GeometryKind::Paths => geometry.part(index).to_vec(),
        };
        let parts: Vec<Vec<[f64; 2]>> = match geometry.kind {
            GeometryKind::Points => geometry.vertices.iter().map(|vertex| vec![*vertex]).collect(),
            _ => (0..geometry.parts()).map(part).filter(|part| !part.is_empty()).collect(),
        };
        (!parts.is_empty()).then_some(Self { parts })
    }

    /// All segments; a single point is one of length 0.
    pub fn segments(&self) -> impl Iterator<Item = [[f64; 2]; 2]> + '_ {
        self.parts.iter().flat_map(|part| {
            let alone = (part.len() == 1).then(|| [part[0]; 2]);
            part.windows(2).map(|pair| [pair[0], pair[1]]).chain(alone)
        })
    }
}

fn bad(input: Reading<'_>, message: &str) -> Failure {
    Failure::user(format!("`{}`: {message}", input.name))
        .help("a path is a CSV file with columns `x`, `y` and, for several paths, `part`, or a drawing of paths or polygons")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InputData;

    fn csv(text: &str) -> Result<Paths, Failure> {
        let content = InputContent::File { extension: "csv".into(), bytes: text.as_bytes().to_vec() };
        Paths::from_input(&InputData { name: "a.csv".into(), content })
    }

    fn drawing(kind: GeometryKind) -> Paths {
        let mut geometry = Geometry::new(kind);
        geometry.push([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]);
        geometry.push([[5.0, 5.0]]);
        let content = InputContent::Artifact(Artifact::Drawing(Drawing::Geometry(geometry)));
        Paths::from_input(&InputData { name: "source".into(), content }).unwrap()
    }

    #[test]
    fn a_column_cuts_rows_into_paths() {
        let paths = csv("y,x,part\n0,1,1\n0,2,1\n7,3,2\n7,4,2\n7,5,2\n").unwrap();
        assert_eq!(paths.parts, [vec![[1.0, 0.0], [2.0, 0.0]], vec![[3.0, 7.0], [4.0, 7.0], [5.0, 7.0]]]);
        assert_eq!(paths.segments().count(), 3);
        assert_eq!(csv("x,y\n0,0\n3,4\n").unwrap().parts.len(), 1);
    }

    #[test]
    fn drawings_are_paths_rings_or_points() {
        let lengths = |kind| drawing(kind).parts.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(GeometryKind::Paths), [3, 1]);
        assert_eq!(lengths(GeometryKind::Polygons), [4, 2]);
        assert_eq!(lengths(GeometryKind::Points), [1, 1, 1, 1]);
        assert_eq!(drawing(GeometryKind::Points).segments().next(), Some([[0.0; 2]; 2]));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for (text, expected) in [
            ("a,b\n1,2\n", "there are no columns `x` and `y`; the columns are `a`, `b`"),
            ("x,y\n", "there is no row"),
            ("x,y\n1,inf\n", "row 1 (line 2), column `y`: `inf` is no finite number"),
        ] {
            let message = csv(text).unwrap_err().message;
            assert!(message.contains(expected), "{message}");
        }
    }
}
