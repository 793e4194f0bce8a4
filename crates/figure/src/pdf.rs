//! Scenes as PDF: one page as large as the figure, for papers. Lines stay lines, and letters stay letters of the bundled fonts.

use std::collections::BTreeMap;

use pdf_writer::types::{LineCapStyle, LineJoinStyle, StructRole, TextRenderingMode};
use pdf_writer::{Chunk, Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use ttf_parser::OutlineBuilder;

use super::embedded::{self, Embedded, packed};
use super::fallback::Fallback;
use super::palette::LIGHT;
use super::scene::{Dash, Element, Form, Image, Paint, Point, Rgb, Scene, Stroke, Style, Text};
use super::text;

mod fonts;

use fonts::write_font;

/// Points of a page in a pixel of CSS.
const POINT: f64 = 72.0 / 96.0;
/// How a circle is made of four curves: how far their handles reach, in radii.
const HANDLE: f64 = 0.552_284_749_8;

/// The scene as a page, dark on white.
pub fn file(scene: &Scene, fallback: Option<&Fallback>) -> Vec<u8> {
    let mut page = Page::new(scene, fallback);
    for element in scene.groups.iter().flat_map(|group| &group.elements) {
        page.element(element);
    }
    page.finish(scene)
}

/// The objects that are always there, by number.
mod fixed {
    use pdf_writer::Ref;

    pub(super) const CATALOG: Ref = Ref::new(1);
    pub(super) const PAGES: Ref = Ref::new(2);
    pub(super) const PAGE: Ref = Ref::new(3);
    pub(super) const CONTENT: Ref = Ref::new(4);
    pub(super) const INFO: Ref = Ref::new(5);
    pub(super) const FIGURE: Ref = Ref::new(6);
    pub(super) const FIRST_FREE: i32 = 7;
}

struct Page<'a> {
    content: Content,
    fonts: Vec<Embedded>,
    fallback: Option<&'a Fallback>,
    /// Opacities in thousandths that are used.
    opacities: BTreeMap<u16, String>,
    /// Pictures with their names, as chunks of objects.
    images: Vec<(Ref, Chunk)>,
    next: i32,
}

/// A length without more digits than anybody sees.
fn short(value: f64) -> f32 {
    ((value * 100.0).round() / 100.0) as f32
}

impl<'a> Page<'a> {
    fn new(scene: &Scene, fallback: Option<&'a Fallback>) -> Self {
        let mut content = Content::new();
        let margin = Scene::MARGIN;
        content.begin_marked_content_with_properties(Name(b"Figure")).properties().identify(0);
        content.save_state();
        // Pixels of CSS from the upper left corner of the scene, y downwards.
        let (left, top) = (margin * POINT, (scene.height + margin) * POINT);
        content.transform([POINT as f32, 0.0, 0.0, -POINT as f32, left as f32, top as f32]);
        let [red, green, blue] = parts(LIGHT.paper);
        content.set_fill_rgb(red, green, blue);
        let [wide, high] = [scene.width, scene.height].map(|side| short(side + 2.0 * margin));
        content.rect(-margin as f32, -margin as f32, wide, high).fill_nonzero();
        content.set_line_join(LineJoinStyle::RoundJoin).set_line_cap(LineCapStyle::RoundCap);
        Self {
            content,
            fonts: embedded::fonts(scene),
            fallback,
            opacities: BTreeMap::new(),
            images: Vec::new(),
            next: fixed::FIRST_FREE,
        }
    }

    fn element(&mut self, element: &Element) {
        let style = &element.style;
        self.content.save_state();
        self.opacity(style.opacity);
        // All that is said of a path is said before it begins.
        if !matches!(element.form, Form::Image(_)) {
            self.inks(style);
        }
        match &element.form {
            Form::Path(points) => {
                self.points(points);
                self.paint(&Style { fill: None, ..*style });
            }
            Form::Polygon(points) => {
                self.points(points);
                self.content.close_path();
                self.paint(style);
            }
            Form::Rect([x, y, wide, high]) => {
                self.content.rect(short(*x), short(*y), short(*wide), short(*high));
                self.paint(style);
            }
            Form::Circle(centre, radius) => {
                self.circle(*centre, *radius);
                self.paint(style);
            }
            Form::Circles(centres, radius) => centres.iter().for_each(|centre| {
                self.circle(*centre, *radius);
                self.paint(style);
            }),
            Form::Text(text) => self.text(text, style),
            Form::Image(image) => self.image(image),
        }
        self.content.restore_state();
    }

    fn opacity(&mut self, opacity: f64) {
        if opacity < 1.0 {
            let thousandths = (opacity.max(0.0) * 1000.0).round() as u16;
            let name = self.opacities.entry(thousandths).or_insert_with(|| format!("o{thousandths}"));
            self.content.set_parameters(Name(name.as_bytes()));
        }
    }

    fn points(&mut self, points: &[Point]) {
        for (index, [x, y]) in points.iter().enumerate() {
            let (x, y) = (short(*x), short(*y));
            if index == 0 {
                self.content.move_to(x, y)
            } else {
                self.content.line_to(x, y)
            };
        }
    }

    fn circle(&mut self, [x, y]: Point, radius: f64) {
        let reach = radius * HANDLE;
        let at = |dx: f64, dy: f64| (short(x + dx), short(y + dy));
        let (start_x, start_y) = at(radius, 0.0);
        self.content.move_to(start_x, start_y);
        for [dx, dy] in [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]] {
            let (x1, y1) = at(radius * dx - reach * dy, radius * dy + reach * dx);
            let (x2, y2) = at(-radius * dy + reach * dx, radius * dx + reach * dy);
            let (x3, y3) = at(-radius * dy, radius * dx);
            self.content.cubic_to(x1, y1, x2, y2, x3, y3);
        }
        self.content.close_path();
    }

    /// What is filled and stroked with, from here on.
    fn inks(&mut self, style: &Style) {
        if let Some(fill) = style.fill {
            self.fill_with(fill);
        }
        if let Some(stroke) = &style.stroke {
            self.stroke_with(stroke);
        }
    }

    /// Fills and strokes the path that stands.
    fn paint(&mut self, style: &Style) {
        match (style.fill.is_some(), style.stroke.is_some()) {
            (true, true) => self.content.fill_nonzero_and_stroke(),
            (true, false) => self.content.fill_nonzero(),
            (false, true) => self.content.stroke(),
            (false, false) => self.content.end_path(),
        };
    }

    fn fill_with(&mut self, paint: Paint) {
        let [red, green, blue] = parts(LIGHT.rgb(paint));
        self.content.set_fill_rgb(red, green, blue);
    }

    fn stroke_with(&mut self, stroke: &Stroke) {
        let [red, green, blue] = parts(LIGHT.rgb(stroke.paint));
        self.content.set_stroke_rgb(red, green, blue).set_line_width(short(stroke.width));
        match stroke.dash {
            Dash::Solid => {}
            Dash::Dashed => {
                self.content.set_dash_pattern([6.0, 4.0], 0.0).set_line_cap(LineCapStyle::ButtCap);
            }
            Dash::Dotted => {
                self.content.set_dash_pattern([0.1, 4.0], 0.0);
            }
        }
    }

    /// A line of text; as outlines if it has letters that the bundled font lacks.
    fn text(&mut self, text: &Text, style: &Style) {
        let font = self.fonts.iter().position(|font| font.weight == text.weight);
        let letters = || text.spans.iter().flat_map(|span| span.text.chars());
        let font = font.filter(|font| letters().all(|letter| self.fonts[*font].glyphs.contains_key(&letter)));
        // A halo lies behind all letters.
        for behind in [true, false] {
            if behind && style.stroke.is_none() || !behind && style.fill.is_none() {
                continue;
            }
            match font {
                Some(font) => self.letters(text, font, behind),
                None => self.outlines(text, behind),
            }
        }
    }

    fn letters(&mut self, text: &Text, font: usize, behind: bool) {
        let wide = text::width(&text.spans, text.size, text.weight);
        let (sine, cosine) = turn(text);
        let mut x = -text::shift(text.anchor, wide);
        let mode = if behind { TextRenderingMode::Stroke } else { TextRenderingMode::Fill };
        self.content.begin_text().set_text_rendering_mode(mode);
        for span in &text.spans {
            let (part, lift) = text::relative(span.level);
            let up = text.size * lift;
            let at = [text.at[0] + x * cosine + up * sine, text.at[1] + x * sine - up * cosine];
            let glyphs = &self.fonts[font].glyphs;
            let codes: Vec<u8> = span
                .text
                .chars()
                .filter_map(|letter| glyphs.get(&letter))
                .flat_map(|(glyph, _)| glyph.to_be_bytes())
                .collect();
            self.content
                .set_font(Name(name(font).as_bytes()), short(text.size * part))
                .set_text_matrix(
                    [cosine, sine, sine, -cosine, at[0], at[1]]
                        .map(|value| (value * 1e4).round() as f32 / 1e4),
                )
                .show(Str(&codes));
            x += text::width(std::slice::from_ref(span), text.size, text.weight);
        }
        self.content.end_text();
    }

    fn outlines(&mut self, text: &Text, behind: bool) {
        let (sine, cosine) = turn(text);
        let mut pen = Outlines { content: &mut self.content, at: text.at, sine, cosine, last: [0.0; 2] };
        text::outline(text, self.fallback, &mut pen);
        if behind {
            self.content.stroke()
        } else {
            self.content.fill_nonzero()
        };
    }

    /// Pixels, and how much of each is seen as a picture of its own. Of a mask there is one pixel, and the rest is in the other picture.
    fn image(&mut self, image: &Image) {
        let pixels = image.rgba.as_chunks::<4>().0;
        let (colours, [columns, rows]) = match image.tint {
            Some(tint) => {
                let Rgb(red, green, blue) = LIGHT.rgb(tint);
                (vec![red, green, blue], [1, 1])
            }
            None => {
                (pixels.iter().flat_map(|pixel| pixel[..3].to_vec()).collect(), [image.width, image.height])
            }
        };
        let seen: Vec<u8> = pixels.iter().map(|pixel| pixel[3]).collect();
        let (picture, mask) = (Ref::new(self.next), Ref::new(self.next + 1));
        self.next += 2;
        let is_masked = seen.iter().any(|alpha| *alpha != 255);
        let mut chunk = Chunk::new();
        let packed_colours = packed(&colours);
        let mut object = chunk.image_xobject(picture, &packed_colours);
        object.width(columns as i32).height(rows as i32).bits_per_component(8).filter(Filter::FlateDecode);
        object.color_space().device_rgb();
        object.interpolate(image.smooth);
        if is_masked {
            object.s_mask(mask);
        }
        object.finish();
        if is_masked {
            let packed_seen = packed(&seen);
            let mut object = chunk.image_xobject(mask, &packed_seen);
            object
                .width(image.width as i32)
                .height(image.height as i32)
                .bits_per_component(8)
                .filter(Filter::FlateDecode);
            object.color_space().device_gray();
            object.interpolate(image.smooth);
            object.finish();
        }
        let [x, y, wide, high] = image.frame.map(short);
        let name = format!("i{}", picture.get());
        self.content.transform([wide, 0.0, 0.0, -high, x, y + high]).x_object(Name(name.as_bytes()));
        self.images.push((picture, chunk));
    }

    fn finish(mut self, scene: &Scene) -> Vec<u8> {
        self.content.restore_state().end_marked_content();
        let mut pdf = Pdf::new();
        let fonts: Vec<Ref> =
            (0..self.fonts.len() as i32).map(|font| Ref::new(self.next + 5 * font)).collect();
        describe(&mut pdf, scene);
        let mut page = pdf.page(fixed::PAGE);
        let [wide, high] =
            [scene.width, scene.height].map(|side| short((side + 2.0 * Scene::MARGIN) * POINT));
        page.media_box(Rect::new(0.0, 0.0, wide, high))
            .parent(fixed::PAGES)
            .contents(fixed::CONTENT)
            .struct_parents(0);
        let mut resources = page.resources();
        let mut names = resources.fonts();
        for (font, id) in fonts.iter().enumerate() {
            names.pair(Name(name(font).as_bytes()), *id);
        }
        names.finish();
        let mut names = resources.x_objects();
        for (id, _) in &self.images {
            names.pair(Name(format!("i{}", id.get()).as_bytes()), *id);
        }
        names.finish();
        let mut states = resources.ext_g_states();
        for (thousandths, name) in &self.opacities {
            let opacity = f32::from(*thousandths) / 1000.0;
            states
                .insert(Name(name.as_bytes()))
                .start::<pdf_writer::writers::ExtGraphicsState<'_>>()
                .non_stroking_alpha(opacity)
                .stroking_alpha(opacity);
        }
        states.finish();
        resources.finish();
        page.finish();
        pdf.stream(fixed::CONTENT, &packed(self.content.finish().as_slice())).filter(Filter::FlateDecode);
        for (font, first) in self.fonts.iter().zip(&fonts) {
            write_font(&mut pdf, font, *first);
        }
        self.images.iter().for_each(|(_, chunk)| pdf.extend(chunk));
        pdf.finish()
    }
}

/// What the page is: its title and language, and one figure with words for those who cannot see it. No date and no name of a machine.
fn describe(pdf: &mut Pdf, scene: &Scene) {
    let mut catalog = pdf.catalog(fixed::CATALOG);
    catalog.pages(fixed::PAGES).lang(TextStr(&scene.language));
    catalog.viewer_preferences().display_doc_title(true);
    catalog.mark_info().marked(true);
    let mut tree = catalog.struct_tree_root();
    tree.child(fixed::FIGURE);
    let mut parents = tree.parent_tree();
    parents.nums().insert(0, fixed::FIGURE);
    parents.finish();
    tree.finish();
    catalog.finish();
    let mut figure = pdf.struct_element(fixed::FIGURE);
    figure.kind(StructRole::Figure).page(fixed::PAGE).alt(TextStr(&scene.description));
    figure.children().marked_content_id(0);
    figure.finish();
    pdf.document_info(fixed::INFO).title(TextStr(&scene.title)).producer(TextStr("Octavo"));
    pdf.pages(fixed::PAGES).kids([fixed::PAGE]).count(1);
}

fn name(font: usize) -> String {
    format!("f{font}")
}

/// The sine and cosine by which a text is turned.
fn turn(text: &Text) -> (f64, f64) {
    let angle = text.rotation.to_radians();
    (octavo_plugin::math::sin(angle), octavo_plugin::math::cos(angle))
}

fn parts(Rgb(red, green, blue): Rgb) -> [f32; 3] {
    [red, green, blue].map(|part| (f32::from(part) / 255.0 * 1000.0).round() / 1000.0)
}

/// Outlines of letters, turned and put in their place.
struct Outlines<'a> {
    content: &'a mut Content,
    at: Point,
    sine: f64,
    cosine: f64,
    last: Point,
}

impl Outlines<'_> {
    fn map(&self, [x, y]: Point) -> (f32, f32) {
        let turned = [x * self.cosine - y * self.sine, x * self.sine + y * self.cosine];
        (short(self.at[0] + turned[0]), short(self.at[1] + turned[1]))
    }
}

impl OutlineBuilder for Outlines<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.last = [x.into(), y.into()];
        let (x, y) = self.map(self.last);
        self.content.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.last = [x.into(), y.into()];
        let (x, y) = self.map(self.last);
        self.content.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ([a, b], [x1, y1, x2, y2]) = (self.last, [x1, y1, x, y].map(f64::from));
        let third = |from: f64, to: f64| (from + 2.0 * to) / 3.0;
        let handles = [[third(a, x1), third(b, y1)], [third(x2, x1), third(y2, y1)]];
        self.curve(handles[0], handles[1], [x2, y2]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let [x1, y1, x2, y2, x, y] = [x1, y1, x2, y2, x, y].map(f64::from);
        self.curve([x1, y1], [x2, y2], [x, y]);
    }

    fn close(&mut self) {
        self.content.close_path();
    }
}

impl Outlines<'_> {
    fn curve(&mut self, one: Point, other: Point, end: Point) {
        self.last = end;
        let ((x1, y1), (x2, y2), (x, y)) = (self.map(one), self.map(other), self.map(end));
        self.content.cubic_to(x1, y1, x2, y2, x, y);
    }
}

#[cfg(test)]
mod tests;
