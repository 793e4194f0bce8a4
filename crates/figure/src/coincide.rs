//! Lines that run along each other from end to end: told, and drawn so that both are seen.

use super::plot::Course;
use super::scene::{Dash, Element, Form, Point};

/// The largest distance of two places that nobody sees, in pixels.
const UNSEEN: f64 = 0.5;

/// The pairs of lines of one panel, by their places among them, that lie on each other. Lines of one layer and colour are one series.
pub(crate) fn pairs(courses: &[Course]) -> Vec<[usize; 2]> {
    let one_series = |a: &Course, b: &Course| (a.layer, &a.color) == (b.layer, &b.color);
    let mut found = Vec::new();
    for (later, course) in courses.iter().enumerate() {
        let same = |other: &&Course| !one_series(other, course) && is_same(&other.points, &course.points);
        if let Some(earlier) = courses[..later].iter().position(|other| same(&other)) {
            found.push([earlier, later]);
        }
    }
    found
}

fn is_same(one: &[Point], other: &[Point]) -> bool {
    let near = |(a, b): (&Point, &Point)| (a[0] - b[0]).abs() < UNSEEN && (a[1] - b[1]).abs() < UNSEEN;
    one.len() > 1 && one.len() == other.len() && one.iter().zip(other).all(near)
}

/// Of areas with one outline the first stays, so that their colours do not mix; of lines with one course the later ones are dashed, so
/// that the first shows between.
pub(crate) fn told_apart(elements: &mut Vec<Element>) {
    let mut kept: Vec<Element> = Vec::with_capacity(elements.len());
    for mut element in elements.drain(..) {
        let twin = kept.iter().any(|other| are_twins(other, &element));
        match &element.form {
            Form::Polygon(_) if twin => continue,
            Form::Path(_)
                if twin && element.style.stroke.is_some_and(|stroke| stroke.dash == Dash::Solid) =>
            {
                element.style = element.style.dashed(Dash::Dashed);
            }
            _ => {}
        }
        kept.push(element);
    }
    *elements = kept;
}

/// Whether two forms of different colours lie on each other.
fn are_twins(one: &Element, other: &Element) -> bool {
    match (&one.form, &other.form) {
        (Form::Path(a), Form::Path(b)) => {
            let paint = |element: &Element| element.style.stroke.map(|stroke| stroke.paint);
            paint(one) != paint(other) && is_same(a, b)
        }
        (Form::Polygon(a), Form::Polygon(b)) => {
            one.style.fill != other.style.fill && other.style.opacity < 0.5 && is_same(a, b)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Paint, Style};

    fn course(layer: usize, color: &str, y: f64) -> Course {
        Course { color: Some(color.to_owned()), layer, points: vec![[0.0, y], [10.0, y + 5.0]] }
    }

    #[test]
    fn lines_that_nobody_can_tell_apart_are_pairs() {
        let all = [
            course(0, "a", 1.0),
            course(0, "b", 9.0),
            course(0, "c", 1.3),
            course(1, "a", 9.0),
            course(0, "a", 1.0),
        ];
        assert_eq!(pairs(&all), [[0, 2], [1, 3], [2, 4]]);
        assert!(pairs(&[course(0, "a", 1.0), course(0, "b", 1.6)]).is_empty());
    }

    #[test]
    fn of_two_lines_both_are_seen_and_of_two_areas_one() {
        let points = vec![[0.0, 0.0], [5.0, 5.0], [9.0, 0.0]];
        let line = |series: usize| Element {
            form: Form::Path(points.clone()),
            style: Style::line(Paint::Series(series), 2.0),
        };
        let area = |series: usize| {
            let style = Style::fill(Paint::Series(series)).faded(0.2);
            Element { form: Form::Polygon(points.clone()), style }
        };
        let mut all = vec![area(0), line(0), area(1), line(1)];
        told_apart(&mut all);
        let dashes: Vec<Option<Dash>> =
            all.iter().map(|element| element.style.stroke.map(|stroke| stroke.dash)).collect();
        assert_eq!(dashes, [None, Some(Dash::Solid), Some(Dash::Dashed)]);
    }
}
