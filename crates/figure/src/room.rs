//! Room for texts in a panel: where they cover no marks and no other texts.

use octavo_plugin::math;

use super::clip::{self, Frame};
use super::scene::{Element, Form, Point};

/// Room that a text keeps around itself.
const PAD: f64 = 2.0;
/// Areas that let through more than this can be written on.
const SHEER: f64 = 0.5;

/// What a text could cover.
#[derive(Clone, Debug)]
enum Obstacle {
    Line(Vec<Point>),
    Area(Vec<Point>),
    Discs(Vec<Point>, f64),
    Box(Frame),
}

/// What stands in a panel.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    frame: Frame,
    obstacles: Vec<Obstacle>,
}

/// Left, top, width and height of a text, and how many marks and texts it covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spot {
    /// Where it stands.
    pub(crate) frame: Frame,
    /// Number of marks and texts behind it.
    pub(crate) covers: usize,
}

impl Room {
    /// The room between these elements.
    pub(crate) fn new(frame: Frame, elements: &[Element]) -> Self {
        let obstacles = elements.iter().filter_map(|element| match &element.form {
            Form::Path(points) => Some(Obstacle::Line(points.clone())),
            Form::Polygon(points) if element.style.opacity > SHEER && element.style.fill.is_some() => {
                Some(Obstacle::Area(points.clone()))
            }
            Form::Circle(centre, radius) => Some(Obstacle::Discs(vec![*centre], *radius)),
            Form::Circles(centres, radius) => Some(Obstacle::Discs(centres.clone(), *radius)),
            Form::Rect(frame) if element.style.opacity > SHEER && element.style.fill.is_some() => {
                Some(Obstacle::Box(*frame))
            }
            Form::Text(text) => {
                let [left, top, right, bottom] = super::text::bounds(text);
                Some(Obstacle::Box([left, top, right - left, bottom - top]))
            }
            // What lies on a picture has a halo.
            Form::Polygon(_) | Form::Rect(_) | Form::Image(_) => None,
        });
        Self { frame, obstacles: obstacles.collect() }
    }

    /// The first of these places, within the panel, that covers least. `None` if none is within.
    pub(crate) fn best(&self, places: impl IntoIterator<Item = Frame>) -> Option<Spot> {
        let mut best: Option<Spot> = None;
        for frame in places {
            let [left, top, wide, high] = frame;
            let ends = [[left, top], [left + wide, top + high]];
            if !ends.iter().all(|end| clip::inside(self.frame, *end)) {
                continue;
            }
            let around = [left - PAD, top - PAD, wide + 2.0 * PAD, high + 2.0 * PAD];
            let covers = self.obstacles.iter().map(|obstacle| obstacle.marks_in(around)).sum();
            if best.is_none_or(|best| covers < best.covers) {
                best = Some(Spot { frame, covers });
            }
            if covers == 0 {
                break;
            }
        }
        best
    }

    /// With a text, and the line that leads to it.
    pub(crate) fn take(&mut self, frame: Frame, leader: Option<[Point; 2]>) {
        self.obstacles.push(Obstacle::Box(frame));
        self.obstacles.extend(leader.map(|ends| Obstacle::Line(ends.to_vec())));
    }
}

impl Obstacle {
    /// How many of its marks reach into a frame.
    fn marks_in(&self, frame: Frame) -> usize {
        let crosses = |a: Point, b: Point| clip::segment(frame, a, b).is_some();
        let is_in = match self {
            Self::Line(points) if points.len() == 1 => clip::inside(frame, points[0]),
            Self::Line(points) => points.windows(2).any(|pair| crosses(pair[0], pair[1])),
            Self::Area(points) => {
                let next = |place: usize| points[(place + 1) % points.len()];
                let middle = [frame[0] + frame[2] / 2.0, frame[1] + frame[3] / 2.0];
                points.iter().enumerate().any(|(place, point)| crosses(*point, next(place)))
                    || encloses(points, middle)
            }
            Self::Discs(centres, radius) => {
                let beyond = |at: f64, low: f64, length: f64| (low - at).max(at - low - length).max(0.0);
                let is_in = |[x, y]: &&Point| {
                    math::hypot(beyond(*x, frame[0], frame[2]), beyond(*y, frame[1], frame[3])) < *radius
                };
                return centres.iter().filter(is_in).count();
            }
            Self::Box([left, top, wide, high]) => {
                let apart = |a: f64, long: f64, b: f64, other: f64| a + long <= b || b + other <= a;
                !apart(*left, *wide, frame[0], frame[2]) && !apart(*top, *high, frame[1], frame[3])
            }
        };
        usize::from(is_in)
    }
}

/// Whether a point lies in a polygon: a ray to the right crosses its border an odd number of times.
fn encloses(points: &[Point], [x, y]: Point) -> bool {
    let next = |place: usize| points[(place + 1) % points.len()];
    let crossed = points.iter().enumerate().filter(|(place, [ax, ay])| {
        let [bx, by] = next(*place);
        (*ay > y) != (by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax)
    });
    crossed.count() % 2 == 1
}

/// Places for a text of this width and height around a point, the nearest first: at the right before the left, above before below.
pub(crate) fn around([x, y]: Point, [wide, high]: [f64; 2]) -> Vec<Frame> {
    const DISTANCES: [f64; 6] = [7.0, 13.0, 22.0, 34.0, 50.0, 70.0];
    const DIRECTIONS: [[f64; 2]; 12] = [
        [1.0, 0.0],
        [0.7, -0.7],
        [0.7, 0.7],
        [0.0, -1.0],
        [0.0, 1.0],
        [-0.7, -0.7],
        [-1.0, 0.0],
        [-0.7, 0.7],
        [0.4, -0.9],
        [0.4, 0.9],
        [-0.4, -0.9],
        [-0.4, 0.9],
    ];
    let place = |distance: f64, [right, down]: [f64; 2]| {
        // The side or corner that is nearest to the point lies in the direction.
        let start = |part: f64, length: f64| match part {
            part if part > 0.3 => 0.0,
            part if part < -0.3 => -length,
            _ => -length / 2.0,
        };
        [x + right * distance + start(right, wide), y + down * distance + start(down, high), wide, high]
    };
    DISTANCES
        .into_iter()
        .flat_map(|distance| DIRECTIONS.map(|direction| place(distance, direction)))
        .collect()
}

/// The point of a frame that is nearest to another point.
pub(crate) fn nearest([left, top, wide, high]: Frame, [x, y]: Point) -> Point {
    [x.clamp(left, left + wide), y.clamp(top, top + high)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Paint, Style};

    fn line(points: &[Point]) -> Element {
        Element { form: Form::Path(points.to_vec()), style: Style::line(Paint::Ink, 1.0) }
    }

    const FRAME: Frame = [0.0, 0.0, 100.0, 100.0];

    #[test]
    fn a_text_stands_where_it_covers_nothing() {
        let room = Room::new(FRAME, &[line(&[[0.0, 50.0], [100.0, 50.0]])]);
        let spot = room.best(around([50.0, 50.0], [20.0, 10.0])).unwrap();
        assert_eq!(spot.covers, 0);
        assert!(spot.frame[1] + 10.0 < 48.0, "above the line: {spot:?}");
        let full: Vec<Element> =
            (0..40).map(|y| line(&[[0.0, 2.5 * f64::from(y)], [100.0, 2.5 * f64::from(y)]])).collect();
        assert!(Room::new(FRAME, &full).best(around([50.0, 50.0], [20.0, 10.0])).unwrap().covers > 0);
        assert_eq!(room.best(around([50.0, 50.0], [200.0, 10.0])), None, "too long for the panel");
    }

    #[test]
    fn texts_keep_off_each_other() {
        let mut room = Room::new(FRAME, &[]);
        let mut all: Vec<Frame> = Vec::new();
        for _ in 0..6 {
            let spot = room.best(around([50.0, 50.0], [25.0, 10.0])).unwrap();
            assert_eq!(spot.covers, 0);
            let apart = |other: &Frame| {
                other[0] + other[2] <= spot.frame[0]
                    || spot.frame[0] + 25.0 <= other[0]
                    || other[1] + other[3] <= spot.frame[1]
                    || spot.frame[1] + 10.0 <= other[1]
            };
            assert!(all.iter().all(apart), "{spot:?} {all:?}");
            room.take(spot.frame, None);
            all.push(spot.frame);
        }
    }

    #[test]
    fn areas_count_where_they_hide_a_text_and_discs_by_their_radius() {
        let square = Form::Polygon(vec![[20.0, 20.0], [80.0, 20.0], [80.0, 80.0], [20.0, 80.0]]);
        let covers = |opacity: f64| {
            let element = Element { form: square.clone(), style: Style::fill(Paint::Ink).faded(opacity) };
            Room::new(FRAME, &[element]).best([[45.0, 45.0, 10.0, 10.0]]).unwrap().covers
        };
        assert_eq!((covers(1.0), covers(0.2)), (1, 0));
        let disc = |radius: f64| {
            let element = Element { form: Form::Circle([0.0, 5.0], radius), style: Style::fill(Paint::Ink) };
            Room::new(FRAME, &[element]).best([[7.0, 0.0, 10.0, 10.0]]).unwrap().covers
        };
        assert_eq!((disc(4.9), disc(5.1)), (0, 1));
    }
}
