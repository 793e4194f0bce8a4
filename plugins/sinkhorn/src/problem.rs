//! The two measures of a run and the costs between them.

use octavo_plugin::{Failure, RunContext, interchange};

use crate::cost::Ground;
use crate::grid::Grid;
use crate::measure::{Given, Measure, Place, given};
use crate::measure_params::Rows;
use crate::params::{Cost, Params};

/// Both measures and where their points went.
pub(crate) struct Problem {
    pub(crate) source: Measure,
    pub(crate) target: Measure,
    pub(crate) source_places: Vec<Place>,
    pub(crate) target_places: Vec<Place>,
    pub(crate) source_grid: Option<Grid>,
    pub(crate) target_grid: Option<Grid>,
    /// The axes of both, if they are images on the same pixels.
    pub(crate) axes: Option<[Vec<f64>; 2]>,
    /// Canonical forms of both, where the cost wants the points in the order given.
    pub(crate) canonical: Option<[Measure; 2]>,
    /// Whether both are given at the same points, and how many points are given.
    pub(crate) same_points: bool,
    pub(crate) counts: [usize; 2],
}

impl Problem {
    pub(crate) fn read(params: &Params, context: &RunContext<'_>) -> Result<Self, Failure> {
        let first = given(&params.source, "source", None, context)?;
        let second = given(&params.target, "target", Some(&first), context)?;
        let (a, b) = (first.points.dimension, second.points.dimension);
        if a != b {
            let message =
                format!("the source has {} and the target {b}", octavo_plugin::counted(a, "coordinate"));
            return Err(Failure::user(message).help("transport needs points of one space"));
        }
        // With a cost of one's own, equal points may still differ.
        let by_distance = params.cost.power().is_some();
        let measure = if by_distance { Measure::new } else { Measure::as_given };
        let (source, source_places) = measure(&first.points)?;
        let (target, target_places) = measure(&second.points)?;
        let canonical = match by_distance {
            true => None,
            false => Some([Measure::new(&first.points)?.0, Measure::new(&second.points)?.0]),
        };
        let grid = |given: &Given| {
            let axes = given.axes.clone();
            axes.map(|[columns, rows]| Grid::new(columns, rows, &given.points.weights)).transpose()
        };
        let (source_grid, target_grid) = (grid(&first)?, grid(&second)?);
        let same_points = first.points.coordinates == second.points.coordinates;
        let counts = [first.points.len(), second.points.len()];
        let axes = first.axes.filter(|axes| second.axes.as_ref() == Some(axes));
        Ok(Self {
            source,
            target,
            source_places,
            target_places,
            source_grid,
            target_grid,
            axes,
            canonical,
            same_points,
            counts,
        })
    }

    /// Both in canonical form, whatever the cost.
    pub(crate) fn in_space(&self) -> [&Measure; 2] {
        match &self.canonical {
            Some([source, target]) => [source, target],
            None => [&self.source, &self.target],
        }
    }
}

/// The costs between the measures, and within each if they are known.
pub(crate) struct Costs {
    pub(crate) across: Ground,
    pub(crate) within: Option<[Ground; 2]>,
}

impl Costs {
    pub(crate) fn new(params: &Params, problem: &Problem, context: &RunContext<'_>) -> Result<Self, Failure> {
        let matrix = match &params.cost {
            Cost::Matrix { matrix: Rows::Read(input) } => interchange::matrix(context.input(input)?)?,
            Cost::Matrix { matrix: Rows::Listed(matrix) } => {
                interchange::Rows::of(matrix.iter().map(Vec::as_slice))
            }
            _ => {
                let ground = params.cost.power().map_or(Ground::SQUARE, Ground::Power);
                return Ok(Self { within: Some([ground.clone(), ground.clone()]), across: ground });
            }
        };
        let [rows, columns] = problem.counts;
        if matrix.len() != rows || matrix.iter().any(|row| row.len() != columns) {
            let found = (matrix.len(), matrix.get(0).map_or(0, <[f64]>::len));
            let message = format!(
                "the cost matrix is {} by {}, and there are {rows} points of the source and {columns} of the target",
                found.0, found.1
            );
            return Err(Failure::user(message)
                .help("give a row for each point of the source and a column for each of the target"));
        }
        let pick = |from: &[Place], to: &[Place]| Ground::Matrix {
            columns: to.len(),
            entries: from.iter().flat_map(|i| to.iter().map(|j| matrix[i.row][j.row])).collect(),
        };
        let (first, second) = (&problem.source_places, &problem.target_places);
        let symmetric =
            problem.same_points && (0..rows).all(|i| (0..i).all(|j| matrix[i][j] == matrix[j][i]));
        let within = symmetric.then(|| [pick(first, first), pick(second, second)]);
        Ok(Self { across: pick(first, second), within })
    }
}
