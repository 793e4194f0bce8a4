//! Scenes as SVG: inline in a page (roles as CSS variables, ids prefixed, no style element) or as a file of its own.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use octavo_plugin::{ContentHasher, Digest};

use super::embedded;
use super::paint;
use super::palette::{self, LIGHT};
use super::png;
use super::scene::{Image, Scene, Weight};

mod backend;
mod course;
mod sink;

use backend::Backend;
use sink::Sink;

const FAMILY: &str = "Inter, system-ui, sans-serif";

/// Pictures as PNG, each encoded once: a scene has the same pictures in a page, in a file, and often in every language.
#[derive(Clone, Debug, Default)]
pub struct Pictures(Rc<RefCell<BTreeMap<Digest, Rc<[u8]>>>>);

impl Pictures {
    fn encoded(&self, image: &Image) -> Rc<[u8]> {
        let mut hasher = ContentHasher::new("picture");
        hasher.number(image.width as u64).number(u64::from(image.tint.is_some())).bytes(&image.rgba);
        let key = hasher.finish();
        let known = self.0.borrow().get(&key).cloned();
        known.unwrap_or_else(|| {
            let png: Rc<[u8]> = png::encode_image(image).into();
            self.0.borrow_mut().insert(key, Rc::clone(&png));
            png
        })
    }
}

/// The scene for a page: one drawing for light and dark through the page's variables `--ink`, `--muted`, `--grid`,
/// `--paper`, `--series-1` ... and `--sans`. `id_prefix` keeps ids apart from those of other figures on the page.
pub fn inline(scene: &Scene, id_prefix: &str) -> String {
    written(scene, id_prefix, false, &Pictures::default()).text
}

/// The same with its larger pictures apart: in the text stand `href="octavo:0"` and so on in their places.
pub fn linked(scene: &Scene, id_prefix: &str, pictures: &Pictures) -> Linked {
    written(scene, id_prefix, true, pictures)
}

/// A drawing for a page, and the pictures beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The drawing.
    pub text: String,
    /// The pictures as PNG, in order.
    pub images: Vec<Rc<[u8]>>,
}

impl Linked {
    /// The drawing with these addresses of its pictures.
    pub fn resolve(text: &str, addresses: &[String]) -> String {
        let address = |text: String, (index, address): (usize, &String)| {
            text.replace(&format!("=\"{LINK}{index}\""), &format!("=\"{}\"", escape(address)))
        };
        addresses.iter().enumerate().fold(text.to_owned(), address)
    }
}

/// What stands before the number of a picture that is not in place.
const LINK: &str = "octavo:";
/// Pictures of more bytes stand beside the page.
const LINKED: usize = 600;

/// The bytes that the scene's groups need in a page.
pub(super) fn weight(scene: &Scene) -> usize {
    body(scene, Placement::Inline, "", false, &Pictures::default()).0.len()
}

fn written(scene: &Scene, id_prefix: &str, links: bool, pictures: &Pictures) -> Linked {
    let prefix = identifier(id_prefix);
    let (body, images) = body(scene, Placement::Inline, &prefix, links, pictures);
    let Scene { width, height, .. } = scene;
    let text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"scene\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\" role=\"img\" lang=\"{2}\" aria-labelledby=\"{prefix}-title {prefix}-desc\" \
         font-family=\"var(--sans, {FAMILY})\"><title id=\"{prefix}-title\">{3}</title>\
         <desc id=\"{prefix}-desc\">{4}</desc>{body}</svg>",
        number(*width),
        number(*height),
        escape(&scene.language),
        escape(&scene.title),
        escape(&scene.description),
    );
    Linked { text, images }
}

/// The scene as a file: its own style, dark on white wherever it comes to stand, since what is around it does not turn dark with it.
pub fn file(scene: &Scene, pictures: &Pictures) -> String {
    file_with_recipe(scene, None, pictures)
}

/// The scene as a file that carries its recipe as text in `<metadata>`.
pub fn file_with_recipe(scene: &Scene, recipe: Option<&str>, pictures: &Pictures) -> String {
    let (body, _) = body(scene, Placement::File, "figure", false, pictures);
    let (margin, width, height) =
        (Scene::MARGIN, scene.width + 2.0 * Scene::MARGIN, scene.height + 2.0 * Scene::MARGIN);
    let frame = format!("width=\"{}\" height=\"{}\"", number(width), number(height));
    let fonts: String = embedded::fonts(scene).iter().map(font_face).collect();
    let recipe = recipe
        .map_or_else(String::new, |text| format!("<metadata id=\"recipe\">{}</metadata>", escape(text)));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" \
         viewBox=\"-{margin} -{margin} {0} {1}\" {frame} role=\"img\" lang=\"{2}\" xml:lang=\"{2}\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\" aria-labelledby=\"title desc\" font-family=\"{FAMILY}\"><title id=\"title\">{3}</title>\
         <desc id=\"desc\">{4}</desc>{recipe}<style>{fonts}{5}</style>\
         <rect class=\"f-paper\" x=\"-{margin}\" y=\"-{margin}\" {frame}/>{body}</svg>\n",
        number(width),
        number(height),
        escape(&scene.language),
        escape(&scene.title),
        escape(&scene.description),
        classes(&LIGHT),
    )
}

/// The letters of a weight as they are on pages, wherever the file is opened.
fn font_face(font: &embedded::Embedded) -> String {
    let weight = if font.weight == Weight::Semibold { 600 } else { 400 };
    let woff = octavo_plugin::base64::packed(&font.woff());
    format!("@font-face{{font-family:Inter;font-weight:{weight};src:url(data:font/woff;base64,{woff})}}")
}

/// A finished SVG, whose root begins the text, with a recipe in it.
pub fn with_recipe(svg: &str, recipe: &str) -> String {
    let (root, rest) = svg.split_once('>').unwrap_or((svg, ""));
    format!("{root}><metadata id=\"recipe\">{}</metadata>{rest}", escape(recipe))
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
enum Placement {
    Inline,
    File,
}

fn body(
    scene: &Scene,
    target: Placement,
    prefix: &str,
    links: bool,
    pictures: &Pictures,
) -> (String, Vec<Rc<[u8]>>) {
    let out = Rc::new(RefCell::new(Sink::new(target, prefix, links, pictures.clone())));
    let pen = paint::pen();
    let size = paint::canvas(scene.width, scene.height);
    paint::draw(&scene.groups, Backend { size, pen: Rc::clone(&pen), out: Rc::clone(&out) }, &pen);
    let mut sink = out.borrow_mut();
    sink.close_group();
    (std::mem::take(&mut sink.text), sink.take_linked())
}

#[cfg(test)]
mod tests {
    use super::backend::path_data;
    use super::*;

    #[test]
    fn decimals_are_short() {
        let cases = [(0, "0"), (5, ".05"), (-30, "-.3"), (100, "1"), (1250, "12.5"), (-123, "-1.23")];
        for (units, text) in cases {
            assert_eq!(decimal(units, 2), text);
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
        assert_eq!(path_data([(0, 0), (16, 0), (16, 0), (16, -8)], false), "M0 0h1v-.5");
        assert_eq!(path_data([(0, 0), (16, 0), (48, 0), (32, 16), (16, -16)], false), "M0 0h1 2l-1 1-1-2");
        assert_eq!(path_data([(16, 16)], true), "M1 1h0z");
    }
}
