//! A figure as a small picture, for lists of pages.

use tiny_skia::{Color, Pixmap, PixmapPaint, PremultipliedColorU8, Transform};

use super::palette::LIGHT;
use super::png::{encode_drawing, paint_on, pixmap, straight};
use super::scene::{Element, Form, Group, Rgb, Role, Scene};

/// How much larger than in its scene a small picture is drawn at most.
const LARGEST: f64 = 2.0;

/// A picture of the data alone, without axes and words, and how many pixels it is wide and high: the marks of a scene, cut to what they
/// cover, as large as has room in `room` (width, height, in pixels). None if there are no marks.
pub fn encode(scene: &Scene, room: [u32; 2]) -> Option<(Vec<u8>, [u32; 2])> {
    let is_word = |element: &Element| matches!(element.form, Form::Text(_));
    let mut marks: Vec<Group> =
        scene.groups.iter().filter(|group| group.role == Role::Marks).cloned().collect();
    marks.iter_mut().for_each(|group| group.elements.retain(|element| !is_word(element)));
    let drawn = |width: f64, height: f64, scale: f64, origin: [f64; 2]| {
        let mut pixmap = pixmap(width, height, scale);
        paint_on(&mut pixmap, &marks, scale, origin, None);
        pixmap
    };
    let [left, top, wide, high] = covered(&drawn(scene.width, scene.height, 1.0, [0.0, 0.0]))?;
    let scale = (f64::from(room[0]) / wide).min(f64::from(room[1]) / high).min(LARGEST);
    let mut picture = drawn(wide, high, scale, [left, top]);
    let Rgb(red, green, blue) = LIGHT.paper;
    let mut paper = pixmap(wide, high, scale);
    paper.fill(Color::from_rgba8(red, green, blue, 255));
    paper.draw_pixmap(0, 0, picture.as_mut().as_ref(), &PixmapPaint::default(), Transform::identity(), None);
    let rgba = straight(&paper);
    let size = [paper.width(), paper.height()];
    Some((encode_drawing(&rgba, size.map(|side| side as usize), None), size))
}

/// The least frame around all pixels that are not empty, by whole pixels: left, top, width, height.
fn covered(pixmap: &Pixmap) -> Option<[f64; 4]> {
    let wide = pixmap.width() as usize;
    let filled = |(index, pixel): (usize, &PremultipliedColorU8)| {
        (pixel.alpha() > 0).then_some([index % wide, index / wide])
    };
    let places = || pixmap.pixels().iter().enumerate().filter_map(filled);
    let ends = |axis: usize| {
        let places = || places().map(|place| place[axis]);
        Some((places().min()? as f64, places().max()? as f64 + 1.0))
    };
    let ((left, right), (top, bottom)) = (ends(0)?, ends(1)?);
    Some([left, top, right - left, bottom - top])
}
