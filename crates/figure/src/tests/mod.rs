//! Whole figures: goldens, honesty of what is drawn, odd data.

use std::path::PathBuf;

use crate::scene::{Element, Form, Paint, Role, Scene, Style};
use crate::{CheckedFigure, Drawn, FigureError, Source, png, svg};
use octavo_definition::locale::Locale;
use octavo_plugin::figure::Figure;

mod files;
mod fixtures;
mod honesty;
mod interval;
mod labels;
mod left_out;
mod odd;
mod pixels;

/// Figures small enough to keep as goldens.
const GOLDEN: &[&str] = &[
    "lines",
    "linear",
    "bars",
    "errors",
    "lying",
    "diverging",
    "symlog",
    "notes",
    "huge",
    "long",
    "parts",
    "clipped",
];

/// Draws a figure as it is written.
fn draw(figure: &Figure, source: &dyn Source, locale: &Locale) -> Result<Drawn, FigureError> {
    crate::draw(&CheckedFigure::read(figure, &mut Vec::new()), source, locale)
}

fn drawn(name: &str, language: &str) -> Drawn {
    let (_, figure, tables) = fixtures::all().into_iter().find(|(other, ..)| *other == name).unwrap();
    draw(&figure, &tables, &Locale::built_in(language).unwrap()).unwrap()
}

fn file(scene: &Scene) -> String {
    svg::file(scene, &svg::Pictures::default())
}

fn scene(name: &str) -> Scene {
    drawn(name, "en").frames.remove(0).scene
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn goldens_hold() {
    for name in GOLDEN {
        let path = folder("src/tests/golden").join(format!("{name}.svg"));
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        let language = if *name == "symlog" { "fr" } else { "en" };
        let found = file(&drawn(name, language).frames[0].scene).replace("><", ">\n<");
        assert!(
            found == expected,
            "`{name}` differs from its golden; look at `cargo test -- --ignored gallery`, and if it is right, run \
             `cargo test -- --ignored write_goldens`"
        );
    }
}

#[test]
#[ignore = "writes the goldens anew"]
fn write_goldens() {
    for name in GOLDEN {
        let path = folder("src/tests/golden").join(format!("{name}.svg"));
        let language = if *name == "symlog" { "fr" } else { "en" };
        std::fs::write(path, file(&drawn(name, language).frames[0].scene).replace("><", ">\n<")).unwrap();
    }
    goldens_hold();
}

/// Every figure on one page, inline (light and dark), as a file and as PNG, for looking at.
#[test]
#[ignore = "writes target/gallery/index.html to look at"]
fn gallery() {
    let out = folder("target/gallery");
    std::fs::create_dir_all(&out).unwrap();
    let theme = |theme: &crate::palette::Theme| theme.css();
    for (language, dark) in [("en", false), ("fr", true)] {
        let colours = if dark { theme(&crate::palette::DARK) } else { theme(&crate::palette::LIGHT) };
        let mut page = format!(
            "<!doctype html><meta charset=utf-8><style>:root{{{colours}}}body{{background:var(--paper);color:var(--ink);\
             font-family:Inter,sans-serif;display:flex;flex-wrap:wrap;gap:8px 40px}}figure{{margin:0}}svg{{display:block}}</style>"
        );
        for (name, figure, tables) in fixtures::all() {
            let drawn = draw(&figure, &tables, &Locale::built_in(language).unwrap()).unwrap();
            for (index, frame) in drawn.frames.iter().enumerate() {
                let (label, scene) = (&frame.label, &frame.scene);
                let inline = svg::inline(scene, &format!("{name}-{index}"));
                let phone = svg::inline(&frame.phone, &format!("{name}-{index}-phone"));
                page.push_str(&format!(
                    "<figure><b>{name}</b> {label} {} bytes{inline}{phone}</figure>",
                    inline.len()
                ));
                std::fs::write(
                    out.join(format!("{name}-{index}-{language}.png")),
                    png::encode(scene, 2.0, None),
                )
                .unwrap();
                std::fs::write(out.join(format!("{name}-{index}-{language}.svg")), file(scene)).unwrap();
            }
        }
        std::fs::write(out.join(format!("{language}.html")), page).unwrap();
    }
    assert!(out.join("en.html").exists());
}

#[test]
fn both_serialisations_are_well_formed() {
    for (name, figure, tables) in fixtures::all() {
        let drawn = draw(&figure, &tables, &Locale::built_in("fr").unwrap()).unwrap();
        let scene = &drawn.frames[0].scene;
        for text in [
            svg::inline(scene, "fig"),
            svg::file_with_recipe(scene, Some("a <b> & \u{1}"), &svg::Pictures::default()),
        ] {
            balanced(&text).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        }
        assert!(!svg::inline(scene, "fig").contains("<style"), "{name}");
    }
}

/// Tags nest, attributes are quoted and distinct, no bare markup characters.
fn balanced(text: &str) -> Result<(), String> {
    let mut open = Vec::new();
    let text = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap_or(text).trim_end();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let content = &rest[..start];
        if content.contains('>') || content.chars().any(|c| c.is_control() && c != '\n') {
            return Err(format!("text `{content}`"));
        }
        let end = rest.find('>').ok_or("an open tag at the end")?;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("`</{name}>` closes nothing"));
            }
            continue;
        }
        let (body, closes) = tag.strip_suffix('/').map_or((tag, false), |body| (body, true));
        if body.matches('"').count() % 2 == 1 || body.contains('<') {
            return Err(format!("tag `{body}`"));
        }
        let name = body.split(' ').next().unwrap_or_default();
        let mut names: Vec<&str> =
            body.split('"').step_by(2).map(|a| a.trim().trim_end_matches('=')).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1] && !pair[0].is_empty()) {
            return Err(format!("an attribute twice in `{body}`"));
        }
        if !closes {
            open.push(name);
        }
    }
    if open.is_empty() && rest.is_empty() { Ok(()) } else { Err(format!("unclosed {open:?}")) }
}

#[test]
fn the_same_figure_gives_the_same_bytes() {
    for name in ["lines", "regions", "many", "image"] {
        assert_eq!(file(&scene(name)), file(&scene(name)), "{name}");
        assert_eq!(png::encode(&scene(name), 2.0, None), png::encode(&scene(name), 2.0, None), "{name}");
    }
}

#[test]
fn pictures_have_twice_the_size_and_something_on_them() {
    let scene = scene("lines");
    let bytes = png::encode_with_recipe(&scene, 2.0, None, Some("analysis = \"curvature\""));
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
    assert_eq!(reader.info().utf8_text[0].keyword, "octavo");
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let side = |length: f64| ((length + 2.0 * Scene::MARGIN) * 2.0) as u32;
    assert_eq!((info.width, info.height), (side(scene.width), side(scene.height)));
    let dark = pixels.chunks(3).filter(|pixel| pixel.iter().all(|c| *c < 120)).count();
    assert!(dark > 500 && dark < pixels.len() / 9, "{dark} dark pixels");
}

#[test]
fn very_many_marks_become_one_image_under_vector_axes() {
    for name in ["many", "dragon-large"] {
        let scene = scene(name);
        let marks: Vec<_> =
            scene.groups.iter().filter(|g| g.role == Role::Marks).flat_map(|g| &g.elements).collect();
        assert!(
            matches!(marks[..], [element] if matches!(&element.form, Form::Image(image) if image.tint.is_some())),
            "{name}"
        );
    }
}

/// A small mark, far to the right and far below, as in the last of many panels.
#[test]
fn an_image_of_marks_shows_them_wherever_it_stands() {
    for at in [[0.0, 0.0], [900.0, 20.0], [20.0, 1500.0]] {
        let form = Form::Rect([at[0] + 5.0, at[1] + 5.0, 10.0, 10.0]);
        let element = Element { form, style: Style::fill(Paint::Series(0)) };
        let image = png::raster(&[element], [at[0], at[1], 20.0, 20.0], 2.0);
        let covered = image.rgba.chunks_exact(4).filter(|pixel| pixel[3] > 0).count();
        assert_eq!(covered, 20 * 20, "at {at:?}");
    }
}

#[test]
fn a_heatmap_is_one_image() {
    let scene = scene("heatmap");
    let marks: Vec<_> =
        scene.groups.iter().filter(|g| g.role == Role::Marks).flat_map(|g| &g.elements).collect();
    assert!(matches!(marks[..], [picture, _line] if matches!(picture.form, Form::Image(_))));
}
