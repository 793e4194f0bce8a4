//! An SVG of which what draws is written anew. What is known to be of no use to a reader (notes of programs, comments) is left out; everything else that
//! is not on the lists is refused, with its line: a picture that lacks something without a word would be another picture.

use std::collections::{BTreeMap, BTreeSet};

use super::css::{self, pixels_of, shown};
use super::pixels;
use super::tree::{self, Element, Node};
use super::xml::escape;
use crate::base64::{packed, unpacked};

/// Most bytes of an SVG.
const MOST_BYTES: usize = 8 << 20;
/// Most elements that are drawn, each as often as it is used.
const MOST_DRAWN: u64 = 1_000_000;
const NAMESPACE: &str = "http://www.w3.org/2000/svg";
/// The older way to say where something leads.
const LINKS: &str = "http://www.w3.org/1999/xlink";

const ELEMENTS: &[&str] = &[
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "feBlend",
    "feColorMatrix",
    "feComposite",
    "feFlood",
    "feGaussianBlur",
    "feMerge",
    "feMergeNode",
    "feOffset",
    "filter",
    "g",
    "image",
    "line",
    "linearGradient",
    "marker",
    "mask",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "style",
    "svg",
    "symbol",
    "text",
    "textPath",
    "title",
    "tspan",
    "use",
];

/// Attributes beside the properties of [`css`], `href` and `style`.
const ATTRIBUTES: &[&str] = &[
    "class",
    "clipPathUnits",
    "cx",
    "cy",
    "d",
    "dx",
    "dy",
    "filterUnits",
    "fr",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "id",
    "in",
    "in2",
    "k1",
    "k2",
    "k3",
    "k4",
    "lang",
    "lengthAdjust",
    "markerHeight",
    "markerUnits",
    "markerWidth",
    "maskContentUnits",
    "maskUnits",
    "method",
    "mode",
    "offset",
    "operator",
    "orient",
    "pathLength",
    "patternContentUnits",
    "patternTransform",
    "patternUnits",
    "points",
    "preserveAspectRatio",
    "primitiveUnits",
    "r",
    "refX",
    "refY",
    "result",
    "rotate",
    "rx",
    "ry",
    "side",
    "spacing",
    "spreadMethod",
    "startOffset",
    "stdDeviation",
    "textLength",
    "type",
    "values",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "xml:space",
    "y",
    "y1",
    "y2",
];

/// Attributes that say nothing about the drawing.
const LEFT_OUT: &[&str] = &[
    "baseProfile",
    "contentScriptType",
    "contentStyleType",
    "cursor",
    "enable-background",
    "focusable",
    "role",
    "tabindex",
    "version",
    "xmlns",
    "zoomAndPan",
];

/// Attributes of a link, which nobody can follow in a picture: what it holds is drawn all the same.
const OF_LINKS: &[&str] = &["download", "href", "hreflang", "rel", "target", "type", "xlink:href"];

/// The SVG as it may stand in a site, and its width and height in pixels of CSS.
///
/// # Errors
/// A sentence with the line and the next step.
pub(super) fn clean(bytes: &[u8]) -> Result<(String, [f64; 2]), String> {
    within_limit(bytes.len())?;
    let text = std::str::from_utf8(bytes).map_err(|_| not_text(bytes))?;
    let root = tree::read(text)?;
    if root.name.ends_with(":svg") {
        return Err(prefixed(&root.name));
    }
    if root.name != "svg" || root.get("xmlns") != Some(NAMESPACE) {
        return Err(format!(
            "it is no SVG: its root is `<{}>`, and `<svg xmlns=\"{NAMESPACE}\">` is needed",
            shown(&root.name)
        ));
    }
    let (size, view) = size(&root)?;
    let mut writer = Writer { out: String::with_capacity(text.len()), pixels: 0, prefixes: Vec::new() };
    let frame =
        format!("<svg xmlns=\"{NAMESPACE}\" viewBox=\"{view}\" width=\"{}\" height=\"{}\"", size[0], size[1]);
    writer.out.push_str(&frame);
    writer.attributes(&root, &["viewBox", "width", "height"])?;
    writer.children(&root, "svg")?;
    Uses::of(&root).check(&root)?;
    // Pictures within and quotation marks may take more room than before.
    within_limit(writer.out.len())?;
    Ok((writer.out, size))
}

fn within_limit(bytes: usize) -> Result<(), String> {
    let most = MOST_BYTES >> 20;
    match bytes {
        ..=MOST_BYTES => Ok(()),
        _ => Err(format!("the SVG has {bytes} bytes, more than {most} MiB: draw less, or save it as PNG")),
    }
}

/// What else it is.
fn not_text(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xFF, 0xD8, ..] => "it is a JPEG: save it as PNG",
        [0x1F, 0x8B, ..] => "it is a compressed SVG: save it without compression, as `.svg`",
        _ => "the SVG is not written in UTF-8",
    }
}

fn prefixed(name: &str) -> String {
    format!(
        "`<{}>` has a prefix, and elements of SVG are read without: write them so (in Python, `register_namespace(\"\", \"{NAMESPACE}\")`)",
        shown(name)
    )
}

/// Width and height in pixels, and the view box.
fn size(root: &Element) -> Result<([f64; 2], String), String> {
    let view: Option<Vec<f64>> = root.get("viewBox").map(|text| {
        let numbers = text.split([' ', ',', '\t', '\n', '\r']).filter(|part| !part.is_empty());
        numbers.map(|number| number.parse().unwrap_or(f64::NAN)).collect()
    });
    let good = |view: &Vec<f64>| {
        view.len() == 4 && view.iter().all(|x| x.is_finite()) && view[2] > 0.0 && view[3] > 0.0
    };
    if view.as_ref().is_some_and(|view| !good(view)) {
        return Err("its `viewBox` is not four numbers, the last two above 0".to_owned());
    }
    let none = || {
        "it has no size: give its root `width` and `height`, such as `width=\"600\"`, or a `viewBox`"
            .to_owned()
    };
    let side = |name: &str| -> Result<Option<f64>, String> {
        match root.get(name).map(str::trim) {
            Some(length) if !length.ends_with('%') && length != "auto" => {
                let pixels = pixels_of(length).filter(|pixels| *pixels > 0.0);
                Ok(Some(pixels.ok_or_else(|| {
                    format!(
                        "its `{name}` is `{}`, and a length such as `600` or `160mm` is needed",
                        shown(length)
                    )
                })?))
            }
            _ => Ok(None),
        }
    };
    let of_view = view.as_ref().map(|view| [view[2], view[3]]);
    // A side that is not given follows from the other one, in the proportions of the view box.
    let [width, height] = match (side("width")?, side("height")?, of_view) {
        (Some(width), Some(height), _) => [width, height],
        (Some(width), None, Some([wide, high])) => [width, width * high / wide],
        (None, Some(height), Some([wide, high])) => [height * wide / high, height],
        (None, None, Some(view)) => view,
        _ => return Err(none()),
    };
    let view = view.unwrap_or_else(|| vec![0.0, 0.0, width, height]);
    let view: Vec<String> = view.iter().map(f64::to_string).collect();
    let rounded = [width, height].map(|side| (side * 1000.0).round() / 1000.0);
    Ok((rounded, view.join(" ")))
}

/// Elements of which texts are drawn.
const WRITE: &[&str] = &["text", "textPath", "tspan"];

struct Writer {
    out: String,
    /// Pixels of the pictures within.
    pixels: u64,
    /// Prefixes that stand for SVG or for its links.
    prefixes: Vec<String>,
}

impl Writer {
    fn element(&mut self, element: &Element, within: &str) -> Result<(), String> {
        let name = element.name.as_str();
        if self.is_known_prefix(name) {
            return Err(at(element, &prefixed(name)));
        }
        // What belongs to another vocabulary, and what is told to programs.
        if name.contains(':') || name == "metadata" {
            return Ok(());
        }
        let is_link = name == "a";
        let written = match is_link {
            true if WRITE.contains(&within) => "tspan",
            true => "g",
            false => name,
        };
        if !ELEMENTS.contains(&written) {
            return Err(at(element, &refusal(name)));
        }
        self.out.push_str(&format!("<{written}"));
        self.attributes(element, if is_link { OF_LINKS } else { &[] })?;
        self.children(element, written)
    }

    /// Whether a name has a prefix that stands for SVG or for its links.
    fn is_known_prefix(&self, name: &str) -> bool {
        name.split_once(':').is_some_and(|(prefix, _)| self.prefixes.iter().any(|known| known == prefix))
    }

    /// The attributes that draw, but for those that are written already.
    fn attributes(&mut self, element: &Element, written: &[&str]) -> Result<(), String> {
        for (key, value) in &element.attributes {
            if !written.contains(&key.as_str())
                && let Some((key, value)) =
                    self.attribute(element, key, value).map_err(|message| at(element, &message))?
            {
                self.out.push_str(&format!(" {key}=\"{}\"", escape(&value)));
            }
        }
        Ok(())
    }

    /// An attribute as it may stand; nothing if it says nothing about the drawing.
    fn attribute(
        &mut self,
        element: &Element,
        key: &str,
        value: &str,
    ) -> Result<Option<(String, String)>, String> {
        let name = element.name.as_str();
        if let Some(prefix) = key.strip_prefix("xmlns:")
            && (value == NAMESPACE || (value == LINKS && prefix != "xlink"))
        {
            self.prefixes.push(prefix.to_owned());
            return Ok(None);
        }
        if self.is_known_prefix(key) {
            return Err(format!("`{}` of `<{name}>` has an unusual prefix: write `href`", shown(key)));
        }
        // Written twice for older programs.
        if key == "xlink:href" && element.get("href").is_some() {
            return Ok(None);
        }
        if key == "href" || key == "xlink:href" {
            return Ok(Some(("href".to_owned(), self.href(name, value.trim())?)));
        }
        if key == "xmlns" && value != NAMESPACE {
            return Err(format!("`<{name}>` is not of SVG: leave it out"));
        }
        let of_sheet =
            name == "style" && matches!((key, value), ("type", "text/css") | ("media", "all" | "screen"));
        let foreign =
            (key.contains(':') && key != "xml:space") || key.starts_with("data-") || key.starts_with("aria-");
        if of_sheet || foreign || LEFT_OUT.contains(&key) {
            return Ok(None);
        }
        if key.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on")) {
            return Err(format!("`{}` of `<{name}>` runs a script: leave it out", shown(key)));
        }
        if key == "style" {
            // The size of the whole stands in its attributes.
            let own: &[&str] = if name == "svg" { &["width", "height"] } else { &[] };
            return css::declarations(value, own)
                .map(|style| (!style.is_empty()).then(|| (key.to_owned(), style)));
        }
        if !ATTRIBUTES.contains(&key) && !css::is_property(key) {
            return Err(format!("`{}` of `<{name}>` may not stand in a picture: leave it out", shown(key)));
        }
        if key == "id" && !css::is_id(value) {
            return Err(format!(
                "the id `{}` holds a blank, a quotation mark, a bracket or `#`",
                shown(value)
            ));
        }
        css::check_value(value)?;
        Ok(Some((key.to_owned(), value.to_owned())))
    }

    /// Where something leads: within the file, or to pixels that are written in it.
    fn href(&mut self, name: &str, target: &str) -> Result<String, String> {
        if let Some(id) = target.strip_prefix('#').filter(|id| css::is_id(id)) {
            return Ok(format!("#{id}"));
        }
        let Some(data) = target.strip_prefix("data:image/png;base64,").filter(|_| name == "image") else {
            let start: String = target.chars().take(40).collect();
            return Err(format!(
                "`<{name}>` leads to `{}`: what is used must stand in the file, as `#name` or, of `<image>`, as a PNG in `data:image/png;base64,`",
                shown(&start)
            ));
        };
        let (png, size) = pixels::clean(&unpacked(data)?)?;
        self.pixels += pixels::count(&png)?;
        if self.pixels > pixels::MOST_PIXELS {
            return Err(format!(
                "its pictures have more than {} pixels together: make them smaller",
                pixels::MOST_PIXELS
            ));
        }
        debug_assert!(size[0] > 0.0, "a picture that was read has a size");
        Ok(format!("data:image/png;base64,{}", packed(&png)))
    }

    /// What an element holds, and its end; `name` is what it is written as.
    fn children(&mut self, element: &Element, name: &str) -> Result<(), String> {
        self.out.push('>');
        if name == "style" {
            let sheet = css::sheet(&element.text()).map_err(|message| at(element, &message))?;
            self.out.push_str(&escape(&sheet));
        }
        let writes = WRITE.contains(&name) || matches!(name, "title" | "desc");
        for child in &element.children {
            match child {
                Node::Element(_) if matches!(name, "title" | "desc" | "style") => {
                    return Err(at(element, &format!("`<{name}>` holds another element: leave it out")));
                }
                Node::Element(child) => self.element(child, name)?,
                Node::Text(text) if writes => self.out.push_str(&escape(text)),
                Node::Text(_) => {}
            }
        }
        // An element without content is written short.
        if self.out.ends_with('>') && element.children.is_empty() && name != "svg" {
            self.out.pop();
            self.out.push_str("/>");
        } else {
            self.out.push_str(&format!("</{name}>"));
        }
        Ok(())
    }
}

fn at(element: &Element, message: &str) -> String {
    format!("line {}: {message}", element.line)
}

fn refusal(name: &str) -> String {
    match name {
        "script" => "`<script>` may not stand in a picture: leave it out".to_owned(),
        "foreignObject" => {
            "`<foreignObject>` may not stand in a picture: write texts as `<text>`, as `htmlLabels: false` of some programs does".to_owned()
        }
        _ => format!("`<{}>` may not stand in a picture: leave it out, or save it as PNG", shown(name)),
    }
}

/// What uses what within a file: a few lines that use each other can ask for more elements than there are atoms.
struct Uses<'a> {
    named: BTreeMap<&'a str, &'a Element>,
    drawn: BTreeMap<&'a str, u64>,
    open: BTreeSet<&'a str>,
}

impl<'a> Uses<'a> {
    fn of(root: &'a Element) -> Self {
        let mut uses = Self { named: BTreeMap::new(), drawn: BTreeMap::new(), open: BTreeSet::new() };
        uses.name(root);
        uses
    }

    fn name(&mut self, element: &'a Element) {
        if let Some(id) = element.get("id") {
            self.named.entry(id).or_insert(element);
        }
        for child in &element.children {
            if let Node::Element(child) = child {
                self.name(child);
            }
        }
    }

    fn check(mut self, root: &'a Element) -> Result<(), String> {
        match self.drawn(root)? {
            drawn if drawn > MOST_DRAWN => Err(format!(
                "it draws more than {MOST_DRAWN} elements, those that are used again counted each time: draw less"
            )),
            _ => Ok(()),
        }
    }

    /// How many elements are drawn for one, with all that it holds and uses.
    fn drawn(&mut self, element: &'a Element) -> Result<u64, String> {
        let mut count: u64 = 1;
        for (key, value) in &element.attributes {
            let own = matches!(key.as_str(), "href" | "xlink:href")
                .then(|| value.trim().strip_prefix('#'))
                .flatten();
            for id in own.into_iter().chain(css::targets(value)) {
                count = count.saturating_add(self.used(element, id)?);
            }
        }
        for child in &element.children {
            if let Node::Element(child) = child {
                count = count.saturating_add(self.drawn(child)?);
            }
        }
        Ok(count)
    }

    fn used(&mut self, from: &Element, id: &str) -> Result<u64, String> {
        let Some((id, element)) = self.named.get_key_value(id).map(|(id, element)| (*id, *element)) else {
            return Ok(0);
        };
        if let Some(drawn) = self.drawn.get(id) {
            return Ok(*drawn);
        }
        if !self.open.insert(id) {
            return Err(at(from, &format!("`#{}` uses itself: break the circle", shown(id))));
        }
        let drawn = self.drawn(element)?;
        self.open.remove(id);
        self.drawn.insert(id, drawn);
        Ok(drawn)
    }
}
