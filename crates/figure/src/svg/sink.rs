//! The text of an SVG while it is written: groups by role, paths of one style joined, paints as variables or classes.

use std::fmt::Write as _;
use std::rc::Rc;

use super::{LINK, LINKED, Pictures, Placement, decimal, escape, number};
use crate::paint::Pen;
use crate::palette::{self, LIGHT};
use crate::scene::{Anchor, Dash, Image, Paint, Role, Stroke, Style, Text, Weight};
use crate::text::relative;

/// The text being written. Consecutive lines or areas of one style become one path; paths that differ in their paint
/// alone share a group.
pub(super) struct Sink {
    pub(super) text: String,
    target: Placement,
    prefix: String,
    role: Option<Role>,
    path: Option<(Style, bool, String)>,
    lines: Vec<(Style, String)>,
    dots: Option<Style>,
    masks: usize,
    /// Pictures that stand beside the page; `None` if all are written in place.
    linked: Option<Vec<Rc<[u8]>>>,
    pictures: Pictures,
}

impl Sink {
    pub(super) fn new(target: Placement, prefix: &str, links: bool, pictures: Pictures) -> Self {
        Self {
            text: String::new(),
            target,
            prefix: prefix.to_owned(),
            role: None,
            path: None,
            lines: Vec::new(),
            dots: None,
            masks: 0,
            linked: links.then(Vec::new),
            pictures,
        }
    }

    fn enter(&mut self, role: Role) {
        if self.role != Some(role) {
            self.close_group();
            let _ = write!(self.text, "<g class=\"{}\">", role.class());
            self.role = Some(role);
        }
    }

    pub(super) fn close_group(&mut self) {
        self.flush();
        if self.role.take().is_some() {
            self.text.push_str("</g>");
        }
    }

    /// Writes whatever is still open.
    fn flush(&mut self) {
        if self.dots.take().is_some() {
            self.text.push_str("</g>");
        }
        self.close_path();
        self.close_lines();
    }

    fn close_path(&mut self) {
        let Some((style, _, data)) = self.path.take() else { return };
        let key =
            |style: &Style| (style.fill.is_some(), style.stroke.map(|stroke| (stroke.width, stroke.dash)));
        if self.lines.last().is_some_and(|(last, _)| key(last) != key(&style)) {
            self.close_lines();
        }
        let one_paint = style.fill.is_none_or(|fill| style.stroke.is_some_and(|stroke| stroke.paint == fill));
        if one_paint && style.stroke.is_some() {
            self.lines.push((style, data));
        } else {
            let attributes = self.attributes(&style);
            let _ = write!(self.text, "<path d=\"{data}\"{attributes}/>");
        }
    }

    fn close_lines(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        match &lines[..] {
            [] => {}
            [(style, data)] => {
                let attributes = self.attributes(style);
                let _ = write!(self.text, "<path d=\"{data}\"{attributes}/>");
            }
            [(Style { stroke: Some(stroke), fill, .. }, _), ..] => {
                let inside = if fill.is_none() { " fill=\"none\"" } else { "" };
                let _ = write!(self.text, "<g{inside}{}>", form(stroke));
                for (style, data) in &lines {
                    let (mut classes, mut text) = (Vec::new(), String::new());
                    if let Some(fill) = style.fill {
                        self.colour("fill", "f", fill, &mut classes, &mut text);
                    }
                    if let Some(stroke) = style.stroke {
                        self.colour("stroke", "s", stroke.paint, &mut classes, &mut text);
                    }
                    finish(style, &classes, &mut text);
                    let _ = write!(self.text, "<path d=\"{data}\"{text}/>");
                }
                self.text.push_str("</g>");
            }
            _ => unreachable!("only lines are kept"),
        }
    }

    pub(super) fn add_path(&mut self, pen: &Pen, data: &str, closed: bool) {
        self.enter(pen.role);
        let joins = pen.style.opacity >= 1.0;
        match &mut self.path {
            Some((style, same, all)) if joins && *style == pen.style && *same == closed => all.push_str(data),
            _ => {
                if self.dots.is_some() {
                    self.flush();
                }
                self.close_path();
                self.path = Some((pen.style, closed, data.to_owned()));
            }
        }
    }

    /// Consecutive circles of one style share a group.
    pub(super) fn add_dot(&mut self, pen: &Pen, element: &str) {
        self.enter(pen.role);
        if self.dots != Some(pen.style) {
            self.flush();
            let attributes = self.attributes(&pen.style).replace(" opacity=", " fill-opacity=");
            let _ = write!(self.text, "<g{attributes}>");
            self.dots = Some(pen.style);
        }
        self.text.push_str(element);
    }

    pub(super) fn add(&mut self, pen: &Pen, element: &str) {
        self.enter(pen.role);
        self.flush();
        self.text.push_str(element);
    }

    pub(super) fn attributes(&self, style: &Style) -> String {
        let mut classes = Vec::new();
        let mut text = String::new();
        match style.fill {
            Some(fill) => self.colour("fill", "f", fill, &mut classes, &mut text),
            None => text.push_str(" fill=\"none\""),
        }
        if let Some(stroke) = style.stroke {
            self.colour("stroke", "s", stroke.paint, &mut classes, &mut text);
            text.push_str(&form(&stroke));
        }
        finish(style, &classes, &mut text);
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
            (Some(role), Placement::Inline) => {
                let _ = write!(text, " {attribute}=\"var(--{role})\"");
            }
            (Some(role), Placement::File) => classes.push(format!("{class}-{role}")),
            (None, _) => {
                let _ = write!(text, " {attribute}=\"{}\"", LIGHT.rgb(paint).hex());
            }
        }
    }

    pub(super) fn add_text(&mut self, pen: &Pen, text: &Text) {
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

    /// The address of a picture: its bytes, or where it stands among the linked ones.
    fn source(&mut self, png: Rc<[u8]>) -> String {
        match &mut self.linked {
            Some(linked) if png.len() > LINKED => {
                linked.push(png);
                format!("{LINK}{}", linked.len() - 1)
            }
            _ => format!("data:image/png;base64,{}", octavo_plugin::base64::packed(&png)),
        }
    }

    /// The pictures that stand beside the page.
    pub(super) fn take_linked(&mut self) -> Vec<Rc<[u8]>> {
        self.linked.take().unwrap_or_default()
    }

    pub(super) fn add_image(&mut self, pen: &Pen, image: &Image) {
        let png = self.pictures.encoded(image);
        let source = self.source(png);
        let out = match image.tint {
            None if self.target == Placement::Inline => layer(image, &source, &opacity(&pen.style)),
            None => picture(image, &source, &opacity(&pen.style)),
            Some(tint) if self.target == Placement::Inline => {
                let id = self.mask();
                let attributes = format!(" filter=\"url(#{id})\"{}", opacity(&pen.style));
                self.tinted(&id, tint) + &layer(image, &source, &attributes)
            }
            Some(tint) => {
                let id = self.mask();
                let picture = picture(image, &source, "");
                let attributes = self.attributes(&Style { opacity: pen.style.opacity, ..Style::fill(tint) });
                let place = place(image);
                format!("<mask id=\"{id}\">{picture}</mask><rect {place}{attributes} mask=\"url(#{id})\"/>")
            }
        };
        self.add(pen, &out);
    }

    /// The id of one more mask.
    fn mask(&mut self) -> String {
        self.masks += 1;
        format!("{}-mask-{}", self.prefix, self.masks)
    }

    /// What makes a picture of greys the mask of a paint. An element `mask` does the same, but its picture is fetched at once, wherever
    /// on the page it stands.
    fn tinted(&self, id: &str, tint: Paint) -> String {
        let (mut classes, mut paint) = (Vec::new(), String::new());
        self.colour("flood-color", "", tint, &mut classes, &mut paint);
        format!(
            "<filter id=\"{id}\" x=\"0\" y=\"0\" width=\"1\" height=\"1\" color-interpolation-filters=\"sRGB\">\
             <feColorMatrix type=\"luminanceToAlpha\" result=\"mask\"/><feFlood{paint}/><feComposite operator=\"in\" in2=\"mask\"/></filter>"
        )
    }
}

/// A picture as an element of an SVG file.
fn picture(image: &Image, source: &str, attributes: &str) -> String {
    let edges = if image.smooth { "" } else { " image-rendering=\"pixelated\"" };
    let place = place(image);
    format!("<image {place}{attributes} preserveAspectRatio=\"none\"{edges} href=\"{source}\"/>")
}

fn place(image: &Image) -> String {
    let [x, y, wide, high] = image.frame.map(number);
    format!("x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\"")
}

fn opacity(style: &Style) -> String {
    if style.opacity < 1.0 { format!(" opacity=\"{}\"", number(style.opacity)) } else { String::new() }
}

/// A picture as an image of HTML within the drawing: a browser fetches it when it comes near to the screen, which it does not do for an
/// `<image>` of SVG. It has its own pixels as its size and is then scaled, so that no browser rounds its edges to whole units of the drawing.
fn layer(image: &Image, source: &str, attributes: &str) -> String {
    let ([x, y, wide, high], width, height) = (image.frame, image.width, image.height);
    let scale = |length: f64, pixels: usize| decimal((length / pixels as f64 * 1e6).round() as i64, 6);
    let edges = if image.smooth { "" } else { " class=\"pixels\"" };
    // What stands in place is there already.
    let lazy = if source.starts_with("data:") { "" } else { " loading=\"lazy\"" };
    format!(
        "<foreignObject width=\"{width}\" height=\"{height}\"{attributes} \
         transform=\"translate({} {})scale({} {})\"><img{edges} src=\"{source}\" width=\"{width}\" height=\"{height}\" alt=\"\"{lazy}/>\
         </foreignObject>",
        number(x),
        number(y),
        scale(wide, width),
        scale(high, height),
    )
}

/// Everything about a stroke but its paint. Round joins and ends are those of the whole drawing.
fn form(stroke: &Stroke) -> String {
    let ends = match stroke.dash {
        Dash::Solid => "",
        Dash::Dashed => " stroke-dasharray=\"6 4\" stroke-linecap=\"butt\"",
        Dash::Dotted => " stroke-dasharray=\".1 4\"",
    };
    format!(" stroke-width=\"{}\"{ends}", number(stroke.width))
}

fn finish(style: &Style, classes: &[String], text: &mut String) {
    text.push_str(&opacity(style));
    if !classes.is_empty() {
        let _ = write!(text, " class=\"{}\"", classes.join(" "));
    }
}
