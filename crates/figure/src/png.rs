//! Scenes as PNG: drawn by tiny-skia in the light theme with the bundled font, encoded with fixed settings.

mod brush;
mod form;

use std::convert::Infallible;
use std::rc::Rc;

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use tiny_skia::{
    Color, FillRule, FilterQuality, LineCap, LineJoin, Paint as Ink, Path, PathBuilder, Pixmap, PixmapPaint,
    Rect, Stroke as SkiaStroke, StrokeDash, Transform,
};
use ttf_parser::OutlineBuilder;

use super::fallback::Fallback;
use super::indexed;
use super::paint::{self, FINE, SharedPen};
use super::palette::LIGHT;
use super::scene;
use super::scene::{Dash, Element, Group, Image, Paint, Rgb, Role, Scene, Style, Text};
use super::stamps::{self, Stamps};
use super::text;
use form::{Form, encode_rgba, packed};

/// The largest side of a picture in pixels.
const LARGEST: f64 = 16_000.0;

/// The scene as PNG on white; `scale` is the number of PNG pixels for a pixel of the scene. Letters that the bundled fonts lack
/// are taken from the other one.
pub fn encode(scene: &Scene, scale: f64, fallback: Option<&Fallback>) -> Vec<u8> {
    encode_with_recipe(scene, scale, fallback, None)
}

/// The same with the figure's recipe as an `iTXt` chunk.
pub fn encode_with_recipe(
    scene: &Scene,
    scale: f64,
    fallback: Option<&Fallback>,
    recipe: Option<&str>,
) -> Vec<u8> {
    let margin = Scene::MARGIN;
    let (width, height) = (scene.width + 2.0 * margin, scene.height + 2.0 * margin);
    let scale = within_largest(scene, scale);
    let mut pixmap = pixmap(width, height, scale);
    let Rgb(red, green, blue) = LIGHT.paper;
    pixmap.fill(Color::from_rgba8(red, green, blue, 255));
    paint_on(&mut pixmap, &scene.groups, scale, [-margin, -margin], fallback);
    // What is drawn on an opaque paper is opaque, so that no colour is multiplied by its opacity.
    debug_assert!(pixmap.pixels().iter().all(|pixel| pixel.is_opaque()));
    encode_drawing(pixmap.data(), [pixmap.width() as usize, pixmap.height() as usize], recipe)
}

/// The scale at which a scene is drawn that is asked for at this one: no side of a PNG has more than 16,000 pixels.
pub fn within_largest(scene: &Scene, scale: f64) -> f64 {
    scale.min(LARGEST / (scene.width.max(scene.height) + 2.0 * Scene::MARGIN))
}

/// A finished PNG that says how many pixels an inch has, as a `pHYs` chunk.
pub fn with_density(png: &[u8], dpi: u32) -> Vec<u8> {
    let a_metre = (f64::from(dpi) / 0.0254).round() as u32;
    let chunk = [b"pHYs".as_slice(), &a_metre.to_be_bytes(), &a_metre.to_be_bytes(), &[1]].concat();
    with_chunk(png, &chunk)
}

/// A finished PNG with a recipe behind its head, as an `iTXt` chunk.
pub fn with_recipe(png: &[u8], recipe: &str) -> Vec<u8> {
    let mut chunk = b"iTXtoctavo\0\0\0\0\0".to_vec();
    chunk.extend_from_slice(recipe.as_bytes());
    with_chunk(png, &chunk)
}

/// The file with one more chunk, of which the name is the beginning.
fn with_chunk(png: &[u8], chunk: &[u8]) -> Vec<u8> {
    // Signature, then length, name, 13 bytes and sum of the head.
    const HEAD: usize = 8 + 25;
    let mut sum = flate2::Crc::new();
    sum.update(chunk);
    let (head, rest) = png.split_at(HEAD.min(png.len()));
    let length = u32::try_from(chunk.len() - 4).expect("a chunk is shorter than 4 GB");
    [head, &length.to_be_bytes(), chunk, &sum.sum().to_be_bytes(), rest].concat()
}

/// A drawing as PNG bytes, with its recipe.
pub(super) fn encode_drawing(rgba: &[u8], size: [usize; 2], recipe: Option<&str>) -> Vec<u8> {
    let pixels = rgba.as_chunks::<4>().0;
    // A drawing is areas, lines and letters, whose edges have hundreds of shades: half of the file if each were kept to the bit.
    let few = indexed::close(pixels);
    encode_rgba(rgba, few, size, recipe)
}

/// An empty picture of so many units by so many, with `scale` pixels a unit.
pub(super) fn pixmap(width: f64, height: f64, scale: f64) -> Pixmap {
    let side = |length: f64| ((length * scale).ceil() as u32).max(1);
    Pixmap::new(side(width), side(height)).expect("the sides are positive and bounded")
}

/// The elements drawn as an image that covers `frame` (left, top, width, height) at `scale` times its size. If all are of one
/// theme paint, the image is a mask for that paint, in sixteen levels.
pub(super) fn raster(elements: Vec<Element>, frame: [f64; 4], scale: f64) -> Image {
    let [left, top, width, height] = frame;
    let tint = single_theme_paint(&elements);
    let mut pixmap = pixmap(width, height, scale);
    let group = Group { role: Role::Marks, elements };
    paint_on(&mut pixmap, std::slice::from_ref(&group), scale, [left, top], None);
    let mut rgba = straight(&pixmap);
    if tint.is_some() {
        for pixel in rgba.as_chunks_mut::<4>().0 {
            *pixel = [((u16::from(pixel[3]) + 8) / 17 * 17) as u8; 4];
        }
    }
    let (columns, rows) = (pixmap.width() as usize, pixmap.height() as usize);
    let frame = [left, top, columns as f64 / scale, rows as f64 / scale];
    Image { frame, width: columns, height: rows, rgba: rgba.into(), smooth: true, tint }
}

fn single_theme_paint(elements: &[Element]) -> Option<Paint> {
    let paints =
        elements.iter().flat_map(|e| e.style.fill.into_iter().chain(e.style.stroke.map(|s| s.paint)));
    let mut one = None;
    for paint in paints {
        if matches!(paint, Paint::Colour(_)) || one.is_some_and(|other| other != paint) {
            return None;
        }
        one = Some(paint);
    }
    one
}

/// The pixels as red, green, blue and opacity. Most are opaque, or nothing at all, and then the same with their colours multiplied.
pub(super) fn straight(pixmap: &Pixmap) -> Vec<u8> {
    let mut rgba = pixmap.data().to_vec();
    for (bytes, pixel) in rgba.as_chunks_mut::<4>().0.iter_mut().zip(pixmap.pixels()) {
        if !matches!(pixel.alpha(), 0 | 255) {
            let colour = pixel.demultiply();
            *bytes = [colour.red(), colour.green(), colour.blue(), colour.alpha()];
        }
    }
    rgba
}

/// An image as PNG bytes: grey in sixteen levels for a mask, else as few bytes as its colours need.
pub(super) fn encode_image(image: &Image) -> Vec<u8> {
    if image.tint.is_some() {
        // The levels are multiples of 17 ([`raster`]), which are the sixteen of half a byte.
        let grey: Vec<u8> = image.rgba.as_chunks::<4>().0.iter().map(|pixel| pixel[3] / 17).collect();
        let samples = packed(grey, image.width, 4);
        return Form { colour: png::ColorType::Grayscale, bits: 4, palette: Vec::new() }.encode(
            &samples,
            png::Filter::NoFilter,
            [image.width, image.height],
            None,
        );
    }
    let few = indexed::exact(image.rgba.as_chunks::<4>().0);
    encode_rgba(&image.rgba, few, [image.width, image.height], None)
}

/// Draws groups of a scene, with `origin` at the upper left corner.
pub(super) fn paint_on(
    pixmap: &mut Pixmap,
    groups: &[Group],
    scale: f64,
    origin: [f64; 2],
    fallback: Option<&Fallback>,
) {
    let pen = paint::pen();
    // Marks beyond the size of a drawing are left out, and those drawn here stand as far away as the origin, in units of the scene,
    // of which a small picture has more than pixels.
    let fine = FINE / scale.min(1.0);
    let reach =
        |pixels: u32, origin: f64| ((f64::from(pixels) + origin.max(0.0) * scale) * fine).ceil() as u32;
    let size = (reach(pixmap.width(), origin[0]), reach(pixmap.height(), origin[1]));
    let scale32 = scale as f32;
    let transform =
        Transform::from_translate(-origin[0] as f32, -origin[1] as f32).post_scale(scale32, scale32);
    let discs = groups.iter().flat_map(|group| &group.elements).map(|element| match &element.form {
        scene::Form::Circle(..) => 1,
        scene::Form::Circles(centres, _) => centres.len(),
        _ => 0,
    });
    let discs: usize = discs.sum();
    let stamps = (discs > stamps::MANY).then(Stamps::default);
    paint::draw(groups, Backend { pixmap, size, transform, pen: Rc::clone(&pen), fallback, stamps }, &pen);
}

struct Backend<'a> {
    pixmap: &'a mut Pixmap,
    size: (u32, u32),
    transform: Transform,
    pen: SharedPen,
    fallback: Option<&'a Fallback>,
    /// Where there are very many discs.
    stamps: Option<Stamps>,
}

type Outcome = Result<(), DrawingErrorKind<Infallible>>;

fn pixels(coordinate: i32) -> f32 {
    (f64::from(coordinate) / FINE) as f32
}

fn colour(paint: Paint, opacity: f64) -> Color {
    let Rgb(red, green, blue) = LIGHT.rgb(paint);
    Color::from_rgba8(red, green, blue, (opacity.clamp(0.0, 1.0) * 255.0).round() as u8)
}

fn ink(paint: Paint, opacity: f64) -> Ink<'static> {
    let mut ink = Ink { anti_alias: true, ..Ink::default() };
    ink.set_color(colour(paint, opacity));
    ink
}

impl Backend<'_> {
    fn paint(&mut self, path: &Path, transform: Transform) {
        let Style { fill, stroke, opacity } = self.pen.borrow().style;
        let outline = stroke.map(|stroke| {
            let dash = match stroke.dash {
                Dash::Solid => None,
                Dash::Dashed => StrokeDash::new(vec![6.0, 4.0], 0.0),
                Dash::Dotted => StrokeDash::new(vec![0.1, 4.0], 0.0),
            };
            let line_cap = if stroke.dash == Dash::Dashed { LineCap::Butt } else { LineCap::Round };
            let width = stroke.width as f32;
            (
                SkiaStroke { width, dash, line_cap, line_join: LineJoin::Round, ..SkiaStroke::default() },
                stroke.paint,
            )
        });
        let behind = self.pen.borrow().text.is_some();
        if let (Some((stroke, paint)), true) = (&outline, behind) {
            self.pixmap.stroke_path(path, &ink(*paint, opacity), stroke, transform, None);
        }
        if let Some(fill) = fill {
            self.pixmap.fill_path(path, &ink(fill, opacity), FillRule::Winding, transform, None);
        }
        if let (Some((stroke, paint)), false) = (&outline, behind) {
            self.pixmap.stroke_path(path, &ink(*paint, opacity), stroke, transform, None);
        }
    }

    /// Puts a disc without an outline there as a stamp, where there are very many.
    fn stamped(&mut self, [x, y]: [f32; 2], radius: f32) -> Option<()> {
        let Style { fill, stroke: None, opacity } = self.pen.borrow().style else { return None };
        let Transform { sx, tx, sy, ty, .. } = self.transform;
        let ink = colour(fill?, opacity);
        self.stamps.as_mut()?.press(self.pixmap, [x * sx + tx, y * sy + ty], radius * sx, ink)
    }

    /// Draws a solid line of very many vertices with a brush.
    fn brushed(&mut self, points: &[[f32; 2]]) -> Option<()> {
        let Style { fill: None, stroke: Some(stroke), opacity } = self.pen.borrow().style else {
            return None;
        };
        if points.len() < brush::MANY || stroke.dash != Dash::Solid {
            return None;
        }
        let Transform { sx, tx, sy, ty, .. } = self.transform;
        let placed = points.iter().map(|[x, y]| [x * sx + tx, y * sy + ty]);
        brush::stroke(self.pixmap, placed, stroke.width as f32 * sx / 2.0, colour(stroke.paint, opacity))
    }

    fn paint_points(&mut self, points: impl IntoIterator<Item = BackendCoord>, closed: bool) {
        let points: Vec<[f32; 2]> = points.into_iter().map(|(x, y)| [pixels(x), pixels(y)]).collect();
        if !closed && self.brushed(&points).is_some() {
            return;
        }
        let mut builder = PathBuilder::new();
        for [x, y] in points {
            if builder.is_empty() { builder.move_to(x, y) } else { builder.line_to(x, y) }
        }
        if closed {
            builder.close();
        }
        if let Some(path) = builder.finish() {
            self.paint(&path, self.transform);
        }
    }

    fn paint_image(&mut self, image: &Image, opacity: f64) {
        let mut rgba = image.rgba.as_ref().clone();
        if let Some(tint) = image.tint {
            let Rgb(red, green, blue) = LIGHT.rgb(tint);
            rgba.as_chunks_mut::<4>().0.iter_mut().for_each(|p| p[..3].copy_from_slice(&[red, green, blue]));
        }
        let mut source = Pixmap::new(image.width as u32, image.height as u32).expect("an image has pixels");
        for (pixel, [r, g, b, a]) in source.pixels_mut().iter_mut().zip(rgba.as_chunks::<4>().0) {
            *pixel = tiny_skia::ColorU8::from_rgba(*r, *g, *b, *a).premultiply();
        }
        let [left, top, wide, high] = image.frame;
        let (sx, sy) = (wide / image.width as f64, high / image.height as f64);
        let place = Transform::from_row(sx as f32, 0.0, 0.0, sy as f32, left as f32, top as f32);
        let quality = if image.smooth { FilterQuality::Bilinear } else { FilterQuality::Nearest };
        let paint = PixmapPaint { opacity: opacity as f32, quality, ..PixmapPaint::default() };
        self.pixmap.draw_pixmap(0, 0, source.as_ref(), &paint, place.post_concat(self.transform), None);
    }

    fn paint_text(&mut self, text: &Text) {
        let mut outline = Outline(PathBuilder::new());
        text::outline(text, self.fallback, &mut outline);
        if let Some(path) = outline.0.finish() {
            let place = Transform::from_rotate(text.rotation as f32)
                .post_translate(text.at[0] as f32, text.at[1] as f32)
                .post_concat(self.transform);
            self.paint(&path, place);
        }
    }
}

impl DrawingBackend for Backend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Outcome {
        Ok(())
    }

    fn present(&mut self) -> Outcome {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, _color: BackendColor) -> Outcome {
        let step = FINE as i32;
        self.paint_points([(x, y), (x + step, y), (x + step, y + step), (x, y + step)], true);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        _style: &S,
    ) -> Outcome {
        self.paint_points(path, false);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, _style: &S) -> Outcome {
        self.paint_points([from, to], false);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        _style: &S,
    ) -> Outcome {
        self.paint_points(vertices, true);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        _style: &S,
        _fill: bool,
    ) -> Outcome {
        if let Some(rect) = Rect::from_ltrb(pixels(left), pixels(top), pixels(right), pixels(bottom)) {
            self.paint(&PathBuilder::from_rect(rect), self.transform);
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        _style: &S,
        _fill: bool,
    ) -> Outcome {
        if self.stamped([pixels(x), pixels(y)], pixels(radius as i32)).is_some() {
            return Ok(());
        }
        if let Some(circle) = PathBuilder::from_circle(pixels(x), pixels(y), pixels(radius as i32)) {
            self.paint(&circle, self.transform);
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, _text: &str, _style: &T, _at: BackendCoord) -> Outcome {
        let text = self.pen.borrow().text.clone().expect("the pen is set before a text is drawn");
        self.paint_text(&text);
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        _text: &str,
        _style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((0, 0))
    }

    fn blit_bitmap(&mut self, _at: BackendCoord, _size: (u32, u32), _pixels: &[u8]) -> Outcome {
        let (image, opacity) = {
            let pen = self.pen.borrow();
            (pen.image.clone().expect("the pen is set before an image is drawn"), pen.style.opacity)
        };
        self.paint_image(&image, opacity);
        Ok(())
    }
}

/// Gathers glyph outlines as a path.
struct Outline(PathBuilder);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}
