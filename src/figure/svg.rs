//! Scenes as SVG: inline in a page (roles as CSS variables, ids prefixed, no style element) or as a file of its own.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::rc::Rc;

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::paint::{self, FINE, Pen, SharedPen};
use super::palette::{self, DARK, LIGHT};
use super::png;
use super::scene::{Anchor, Dash, Image, Paint, Role, Scene, Style, Text, Weight};
use super::text::relative;

const FAMILY: &str = "Inter, system-ui, sans-serif";

/// The scene for a page: one drawing for light and dark through the page's variables `--ink`, `--muted`, `--grid`,
/// `--paper`, `--series-1` ... and `--sans`. `id_prefix` keeps ids apart from those of other figures on the page.
pub fn inline(scene: &Scene, id_prefix: &str) -> String {
    let prefix = identifier(id_prefix);
    let body = body(scene, Target::Inline, &prefix);
    let Scene { width, height, .. } = scene;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"scene\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" \
         role=\"img\" lang=\"{2}\" aria-labelledby=\"{prefix}-title {prefix}-desc\" \
         font-family=\"var(--sans, {FAMILY})\"><title id=\"{prefix}-title\">{3}</title>\
         <desc id=\"{prefix}-desc\">{4}</desc>{body}</svg>",
        number(*width),
        number(*height),
        escape(&scene.language),
        escape(&scene.title),
        escape(&scene.description),
    )
}

/// The scene as a file: its own style, light, and dark where the viewer prefers it.
pub fn file(scene: &Scene) -> String {
    file_with_recipe(scene, None)
}

/// The scene as a file that carries its recipe as text in `<metadata>`.
pub fn file_with_recipe(scene: &Scene, recipe: Option<&str>) -> String {
    let body = body(scene, Target::File, "figure");
    let Scene { width, height, .. } = scene;
    let recipe = recipe
        .map_or_else(String::new, |text| format!("<metadata id=\"recipe\">{}</metadata>", escape(text)));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" \
         width=\"{0}\" height=\"{1}\" role=\"img\" lang=\"{2}\" xml:lang=\"{2}\" aria-labelledby=\"title desc\" \
         font-family=\"{FAMILY}\"><title id=\"title\">{3}</title><desc id=\"desc\">{4}</desc>{recipe}\
         <style>{5}@media (prefers-color-scheme:dark){{{6}}}</style>\
         <rect class=\"f-paper\" width=\"{0}\" height=\"{1}\"/>{body}</svg>\n",
        number(*width),
        number(*height),
        escape(&scene.language),
        escape(&scene.title),
        escape(&scene.description),
        classes(&LIGHT),
        classes(&DARK),
    )
}

fn classes(theme: &palette::Theme) -> String {
    let rule = |(name, rgb): (String, super::scene::Rgb)| {
        let hex = rgb.hex();
        format!(".f-{name}{{fill:{hex}}}.s-{name}{{stroke:{hex}}}")
    };
    theme.roles().map(rule).collect()
}

/// The text with markup characters escaped and without characters that XML does not allow.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(character),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// An id from any text: letters, digits, hyphens; begins with a letter.
fn identifier(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' })
        .collect();
    if clean.starts_with(|c: char| c.is_ascii_alphabetic()) { clean } else { format!("f{clean}") }
}

/// A length with at most two decimals and no more than it needs.
fn number(value: f64) -> String {
    decimal((value * 100.0).round() as i64, 2)
}

/// `units` of 10^-`places`, trimmed: `-.3`, `12.4`, `7`.
fn decimal(units: i64, places: usize) -> String {
    if units == 0 {
        return "0".to_owned();
    }
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole == "0" && !fraction.is_empty() { "" } else { whole };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Inline,
    File,
}

fn body(scene: &Scene, target: Target, prefix: &str) -> String {
    let out = Rc::new(RefCell::new(Sink::new(target, prefix)));
    let pen = paint::pen();
    let size = paint::canvas(scene.width, scene.height);
    paint::draw(&scene.groups, Backend { size, pen: Rc::clone(&pen), out: Rc::clone(&out) }, &pen);
    let mut sink = out.borrow_mut();
    sink.close_group();
    std::mem::take(&mut sink.text)
}

/// The text being written. Consecutive lines or areas of one style become one path.
struct Sink {
    text: String,
    target: Target,
    prefix: String,
    role: Option<Role>,
    path: Option<(Style, bool, String)>,
    dots: Option<Style>,
    images: usize,
}

impl Sink {
    fn new(target: Target, prefix: &str) -> Self {
        Self {
            text: String::new(),
            target,
            prefix: prefix.to_owned(),
            role: None,
            path: None,
            dots: None,
            images: 0,
        }
    }

    fn enter(&mut self, role: Role) {
        if self.role != Some(role) {
            self.close_group();
            let _ = write!(self.text, "<g class=\"{}\">", role.class());
            self.role = Some(role);
        }
    }

    fn close_group(&mut self) {
        self.close_path();
        if self.role.take().is_some() {
            self.text.push_str("</g>");
        }
    }

    fn close_path(&mut self) {
        if self.dots.take().is_some() {
            self.text.push_str("</g>");
        }
        if let Some((style, _, data)) = self.path.take() {
            let attributes = self.attributes(&style);
            let _ = write!(self.text, "<path d=\"{data}\"{attributes}/>");
        }
    }

    fn add_path(&mut self, pen: &Pen, data: &str, closed: bool) {
        self.enter(pen.role);
        let joins = pen.style.opacity >= 1.0;
        match &mut self.path {
            Some((style, same, all)) if joins && *style == pen.style && *same == closed => all.push_str(data),
            _ => {
                self.close_path();
                self.path = Some((pen.style, closed, data.to_owned()));
            }
        }
    }

    /// Consecutive circles of one style share a group.
    fn add_dot(&mut self, pen: &Pen, element: &str) {
        self.enter(pen.role);
        if self.dots != Some(pen.style) {
            self.close_path();
            let attributes = self.attributes(&pen.style).replace(" opacity=", " fill-opacity=");
            let _ = write!(self.text, "<g{attributes}>");
            self.dots = Some(pen.style);
        }
        self.text.push_str(element);
    }

    fn add(&mut self, pen: &Pen, element: &str) {
        self.enter(pen.role);
        self.close_path();
        self.text.push_str(element);
    }

    fn attributes(&self, style: &Style) -> String {
        let mut classes = Vec::new();
        let mut text = String::new();
        match style.fill {
            Some(fill) => self.colour("fill", "f", fill, &mut classes, &mut text),
            None => text.push_str(" fill=\"none\""),
        }
        if let Some(stroke) = style.stroke {
            self.colour("stroke", "s", stroke.paint, &mut classes, &mut text);
            let _ = write!(text, " stroke-width=\"{}\"", number(stroke.width));
            text.push_str(match stroke.dash {
                Dash::Solid => " stroke-linejoin=\"round\" stroke-linecap=\"round\"",
                Dash::Dashed => " stroke-dasharray=\"6 4\"",
                Dash::Dotted => " stroke-dasharray=\".1 4\" stroke-linecap=\"round\"",
            });
        }
        if style.opacity < 1.0 {
            let _ = write!(text, " opacity=\"{}\"", number(style.opacity));
        }
        if !classes.is_empty() {
            let _ = write!(text, " class=\"{}\"", classes.join(" "));
        }
        text
    }

    fn colour(
        &self,
        attribute: &str,
        class: &str,
        paint: Paint,
        classes: &mut Vec<String>,
        text: &mut String,
    ) {
        match (palette::role(paint), self.target) {
            (Some(role), Target::Inline) => {
                let _ = write!(text, " {attribute}=\"var(--{role})\"");
            }
            (Some(role), Target::File) => classes.push(format!("{class}-{role}")),
            (None, _) => {
                let _ = write!(text, " {attribute}=\"{}\"", LIGHT.rgb(paint).hex());
            }
        }
    }

    fn add_text(&mut self, pen: &Pen, text: &Text) {
        let [x, y] = text.at;
        let mut out =
            format!("<text x=\"{}\" y=\"{}\" font-size=\"{}\"", number(x), number(y), number(text.size));
        out.push_str(match text.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        });
        if text.weight == Weight::Semibold {
            out.push_str(" font-weight=\"600\"");
        }
        if text.rotation != 0.0 {
            let _ =
                write!(out, " transform=\"rotate({} {} {})\"", number(text.rotation), number(x), number(y));
        }
        if pen.style.stroke.is_some() {
            out.push_str(" paint-order=\"stroke\"");
        }
        out.push_str(&self.attributes(&pen.style));
        out.push('>');
        let mut level = 0.0;
        for span in &text.spans {
            let (part, lift) = relative(span.level);
            let content = escape(&span.text);
            let step = number(text.size * (level - lift));
            if part < 1.0 {
                let size = number(text.size * part);
                let _ = write!(out, "<tspan dy=\"{step}\" font-size=\"{size}\">{content}</tspan>");
            } else if step != "0" {
                let _ = write!(out, "<tspan dy=\"{step}\">{content}</tspan>");
            } else {
                out.push_str(&content);
            }
            level = lift;
        }
        out.push_str("</text>");
        self.add(pen, &out);
    }

    fn add_image(&mut self, pen: &Pen, image: &Image) {
        let [x, y, wide, high] = image.frame.map(number);
        let data = base64(&png::encode_image(image));
        let place = format!("x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\"");
        let element = format!(
            "<image {place} preserveAspectRatio=\"none\" image-rendering=\"{}\" href=\"data:image/png;base64,{data}\"/>",
            if image.tint.is_some() { "auto" } else { "pixelated" },
        );
        let opacity = if pen.style.opacity < 1.0 {
            format!(" opacity=\"{}\"", number(pen.style.opacity))
        } else {
            String::new()
        };
        let out = match image.tint {
            None => element.replacen("<image", &format!("<image{opacity}"), 1),
            Some(tint) => {
                self.images += 1;
                let id = format!("{}-mask-{}", self.prefix, self.images);
                let attributes = self.attributes(&Style { opacity: pen.style.opacity, ..Style::fill(tint) });
                format!("<mask id=\"{id}\">{element}</mask><rect {place}{attributes} mask=\"url(#{id})\"/>")
            }
        };
        self.add(pen, &out);
    }
}

struct Backend {
    size: (u32, u32),
    pen: SharedPen,
    out: Rc<RefCell<Sink>>,
}

type Outcome = Result<(), DrawingErrorKind<Infallible>>;

/// A canvas coordinate in pixels with this many decimals, as an integer.
fn units(coordinate: i32, places: u32) -> i64 {
    let scaled = f64::from(coordinate) / FINE * f64::from(10_u32.pow(places));
    scaled.round() as i64
}

/// Path data: absolute first point, then relative steps; steps that vanish are left out.
fn path_data(points: impl IntoIterator<Item = BackendCoord>, closed: bool) -> String {
    let points: Vec<BackendCoord> = points.into_iter().collect();
    let places = if closed || points.len() > 400 { 1 } else { 2 };
    let mut data = String::new();
    let mut last = None;
    for (x, y) in points {
        let next = (units(x, places), units(y, places));
        let digits = places as usize;
        match last {
            None => {
                let _ = write!(data, "M{} {}l", decimal(next.0, digits), decimal(next.1, digits));
            }
            Some(previous) if previous == next => continue,
            Some((px, py)) => {
                for step in [next.0 - px, next.1 - py] {
                    if !data.ends_with('l') && step >= 0 {
                        data.push(' ');
                    }
                    data.push_str(&decimal(step, digits));
                }
            }
        }
        last = Some(next);
    }
    if data.ends_with('l') {
        data.push_str("0 0");
    }
    if closed {
        data.push('z');
    }
    data
}

impl DrawingBackend for Backend {
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

    fn draw_pixel(&mut self, point: BackendCoord, _color: BackendColor) -> Outcome {
        let corner = (point.0 + FINE as i32, point.1 + FINE as i32);
        let pen = self.pen.borrow();
        let data = path_data([point, (corner.0, point.1), corner, (point.0, corner.1)], true);
        self.out.borrow_mut().add_path(&pen, &data, true);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        _style: &S,
    ) -> Outcome {
        self.out.borrow_mut().add_path(&self.pen.borrow(), &path_data(path, false), false);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome {
        self.draw_path([from, to], style)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        _style: &S,
    ) -> Outcome {
        self.out.borrow_mut().add_path(&self.pen.borrow(), &path_data(vertices, true), true);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        _style: &S,
        _fill: bool,
    ) -> Outcome {
        let pen = self.pen.borrow();
        let mut out = self.out.borrow_mut();
        let [x, y] = [upper_left.0, upper_left.1].map(|c| decimal(units(c, 2), 2));
        let [wide, high] =
            [bottom_right.0 - upper_left.0, bottom_right.1 - upper_left.1].map(|c| decimal(units(c, 2), 2));
        let attributes = out.attributes(&pen.style);
        out.add(&pen, &format!("<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\"{attributes}/>"));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        _style: &S,
        _fill: bool,
    ) -> Outcome {
        let [x, y, r] = [centre.0, centre.1, radius as i32].map(|c| decimal(units(c, 1), 1));
        let r = if radius < 64 { decimal(units(radius as i32, 2), 2) } else { r };
        let dot = format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>");
        self.out.borrow_mut().add_dot(&self.pen.borrow(), &dot);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, _text: &str, _style: &T, _at: BackendCoord) -> Outcome {
        let pen = self.pen.borrow();
        let text = pen.text.as_ref().expect("the pen is set before a text is drawn");
        self.out.borrow_mut().add_text(&pen, text);
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
        let pen = self.pen.borrow();
        let image = pen.image.as_ref().expect("the pen is set before an image is drawn");
        self.out.borrow_mut().add_image(&pen, image);
        Ok(())
    }
}

/// RFC 4648 base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_short() {
        let cases = [(0, "0"), (5, ".05"), (-30, "-.3"), (100, "1"), (1250, "12.5"), (-123, "-1.23")];
        for (units, text) in cases {
            assert_eq!(decimal(units, 2), text);
        }
    }

    #[test]
    fn base64_follows_the_standard() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn markup_and_control_characters_are_harmless() {
        assert_eq!(
            escape("<script>a & 'b'\u{0}\u{1b}</script>"),
            "&lt;script&gt;a &amp; &#39;b&#39;\u{fffd}\u{fffd}&lt;/script&gt;"
        );
        assert_eq!(identifier("4/a\" onload="), "f4-a--onload-");
    }

    #[test]
    fn paths_are_relative_and_drop_still_steps() {
        assert_eq!(path_data([(0, 0), (16, 0), (16, 0), (16, -8)], false), "M0 0l1 0 0-.5");
        assert_eq!(path_data([(16, 16)], true), "M1 1l0 0z");
    }
}
