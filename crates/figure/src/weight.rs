//! What a page can carry: marks that would weigh much as forms become pictures beside it. Texts, axes and legends stay forms,
//! and so does everything in the SVG file that a reader takes away.

use super::png;
use super::scene::{Element, Form, Group, Paint, Role, Scene, Style};
use super::svg;

/// Most bytes of marks that a figure adds to a page; what is more becomes pictures.
const MARKS: usize = 28_000;
/// The same for each of many frames.
const MARKS_OF_FRAME: usize = 6_000;
/// The drawings of a frame, for the page and for a phone held upright: what they are called, and pixels of a picture per pixel of the
/// drawing.
pub const COPIES: [(&str, f64); 2] = [("inline", 2.0), ("phone", 3.0)];

/// Most bytes of marks in a drawing of a figure with so many frames.
pub fn most(frames: usize) -> usize {
    (MARKS / frames.max(1)).max(MARKS_OF_FRAME)
}

/// What ids begin with in a drawing of a frame with this id.
pub fn id_of(frame: &str, copy: &str) -> String {
    if copy == COPIES[0].0 { frame.to_owned() } else { format!("{frame}-{copy}") }
}

/// Pieces lighter than this stay forms, in bytes.
const LIGHT: usize = 3000;
/// More pictures than these over each other would weigh more than the forms.
const PICTURES: usize = 6;

/// The scene with its marks as pictures, if they weigh more than `most` bytes. `scale` is the number of pixels of a picture
/// for a pixel of the scene.
pub fn lightened(scene: &Scene, most: usize, scale: f64) -> Scene {
    let marks = |group: &&Group| group.role == Role::Marks;
    let weight: usize = scene.groups.iter().filter(marks).map(|group| weight(scene, &group.elements)).sum();
    if weight <= most {
        return scene.clone();
    }
    let lighter = |group: &Group| match group.role {
        Role::Marks => Group { role: Role::Marks, elements: pictures(scene, &group.elements, scale) },
        _ => group.clone(),
    };
    Scene { groups: scene.groups.iter().map(lighter).collect(), ..scene.clone() }
}

/// The bytes of these elements as forms; pictures and texts do not count.
fn weight(scene: &Scene, elements: &[Element]) -> usize {
    let forms = elements.iter().filter(|element| !matches!(element.form, Form::Image(_) | Form::Text(_)));
    let group = Group { role: Role::Marks, elements: forms.cloned().collect() };
    svg::weight(&Scene { groups: vec![group], ..Scene::empty(scene.width, scene.height) })
}

/// Neighbouring elements that one picture can show in both themes become one.
fn pictures(scene: &Scene, elements: &[Element], scale: f64) -> Vec<Element> {
    let elements = outlines_last(elements);
    let runs: Vec<&[Element]> =
        elements.chunk_by(|a, b| theme(a).is_some() && theme(a) == theme(b)).collect();
    let heavy = |run: &&[Element]| theme(&run[0]).is_some() && weight(scene, run) > LIGHT;
    if runs.iter().filter(|run| heavy(run)).count() > PICTURES {
        return elements;
    }
    let picture = |run: &[Element]| {
        let image = png::raster(run.to_vec(), frame(scene, run), scale);
        Element { form: Form::Image(image), style: Style { fill: None, stroke: None, opacity: 1.0 } }
    };
    let shown = |run: &&[Element]| if heavy(run) { vec![picture(run)] } else { run.to_vec() };
    runs.iter().flat_map(shown).collect()
}

/// What a picture of an element shows: colours that are the same in both themes (`None` inside), or a paint of the theme.
/// `None` if it shows both.
fn theme(element: &Element) -> Option<Option<Paint>> {
    if matches!(element.form, Form::Image(_) | Form::Text(_)) {
        return None;
    }
    let of = |paint: Paint| (!matches!(paint, Paint::Colour(_))).then_some(paint);
    let fill = element.style.fill.map(of);
    let stroke = element.style.stroke.map(|stroke| of(stroke.paint));
    match (fill, stroke) {
        (Some(fill), Some(stroke)) if fill != stroke => None,
        (fill, stroke) => fill.or(stroke),
    }
}

/// Areas next to each other with outlines of another paint: all areas first, then all outlines.
fn outlines_last(elements: &[Element]) -> Vec<Element> {
    let divided = |element: &Element| matches!(element.form, Form::Polygon(_)) && theme(element).is_none();
    let mut all = Vec::with_capacity(elements.len());
    for run in elements.chunk_by(|a, b| divided(a) == divided(b)) {
        if !divided(&run[0]) {
            all.extend_from_slice(run);
            continue;
        }
        let area = |element: &Element| {
            let style = Style { stroke: None, ..element.style };
            Element { style, ..element.clone() }
        };
        let outline = |element: &Element| {
            let mut points = match &element.form {
                Form::Polygon(points) => points.clone(),
                _ => Vec::new(),
            };
            points.extend(points.first().copied());
            let style = Style { fill: None, ..element.style };
            Element { form: Form::Path(points), style }
        };
        all.extend(run.iter().map(area).chain(run.iter().map(outline)));
    }
    all
}

/// What the elements cover, within the scene and on whole pixels.
fn frame(scene: &Scene, elements: &[Element]) -> [f64; 4] {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let mut add = |[x, y]: [f64; 2], around: f64| {
        low = [low[0].min(x - around), low[1].min(y - around)];
        high = [high[0].max(x + around), high[1].max(y + around)];
    };
    for element in elements {
        let line = element.style.stroke.map_or(0.0, |stroke| stroke.width) + 1.0;
        match &element.form {
            Form::Path(points) | Form::Polygon(points) => points.iter().for_each(|point| add(*point, line)),
            Form::Circle(centre, radius) => add(*centre, radius + line),
            Form::Circles(centres, radius) => centres.iter().for_each(|centre| add(*centre, radius + line)),
            Form::Rect([x, y, wide, high]) => {
                [[*x, *y], [x + wide, y + high]].into_iter().for_each(|p| add(p, line));
            }
            Form::Text(_) | Form::Image(_) => {}
        }
    }
    let (left, top) = (low[0].max(0.0).floor(), low[1].max(0.0).floor());
    let (right, bottom) = (high[0].min(scene.width).ceil(), high[1].min(scene.height).ceil());
    [left, top, (right - left).max(1.0), (bottom - top).max(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Rgb;

    fn scene(elements: Vec<Element>) -> Scene {
        Scene { groups: vec![Group { role: Role::Marks, elements }], ..Scene::empty(700.0, 400.0) }
    }

    fn polygons(outline: Option<Paint>) -> Vec<Element> {
        let polygon = |index: usize| {
            let (x, y) = (20.0 * (index % 30) as f64 + 0.3, 10.0 * (index / 30) as f64 + 0.7);
            let style = Style::fill(Paint::Colour(Rgb((index % 251) as u8, 100, 100)));
            let style = outline.map_or(style, |paint| style.outlined(paint, 1.0));
            Element { form: Form::Polygon(vec![[x, y], [x + 20.0, y], [x + 7.3, y + 10.0]]), style }
        };
        (0..900).map(polygon).collect()
    }

    fn images(scene: &Scene) -> Vec<Option<Paint>> {
        let elements = scene.groups.iter().flat_map(|group| &group.elements);
        elements
            .filter_map(|element| match &element.form {
                Form::Image(image) => Some(image.tint),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn heavy_marks_become_a_picture_and_light_ones_stay() {
        let heavy = scene(polygons(None));
        assert_eq!(images(&lightened(&heavy, 10_000, 2.0)), [None]);
        assert_eq!(lightened(&heavy, 1_000_000, 2.0), heavy);
    }

    #[test]
    fn outlines_of_the_theme_become_a_mask_above_the_areas() {
        let light = lightened(&scene(polygons(Some(Paint::Paper))), 10_000, 2.0);
        assert_eq!(images(&light), [None, Some(Paint::Paper)]);
        assert_eq!(light.groups[0].elements.len(), 2);
    }

    #[test]
    fn a_light_line_over_heavy_areas_stays_a_line() {
        let line =
            Element { form: Form::Path(vec![[0.0, 0.0], [9.0, 9.0]]), style: Style::line(Paint::Ink, 1.0) };
        let mut elements = polygons(None);
        elements.push(line.clone());
        assert_eq!(lightened(&scene(elements), 10_000, 2.0).groups[0].elements[1], line);
    }
}
