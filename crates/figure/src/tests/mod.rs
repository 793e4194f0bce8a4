//! Whole figures: goldens, honesty of what is drawn, odd data.

use std::path::PathBuf;

use crate::palette::LIGHT;
use crate::scene::{Element, Form, Group, Paint, Role, Scene, Style};
use crate::{CheckedFigure, Drawn, FigureError, Source, png, svg, thumbnail};
use octavo_definition::locale::Locale;
use octavo_plugin::figure::Figure;

mod boxes;
mod densities;
mod errorbars;
mod files;
mod fixtures;
mod grids;
mod histograms;
mod honesty;
mod interval;
mod labels;
mod left_out;
mod named;
mod odd;
mod pixels;
mod places;
mod stacks;
mod times;

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
    "errorbars",
    "errorbars-points",
    "errorbars-lying",
    "boxes",
    "boxes-lying",
    "strip",
    "histogram",
    "histogram-several",
    "violins",
    "densities",
    "staircase",
    "grid",
    "ticks",
    "stacked",
    "stacked-areas",
    "decades",
    "dates",
    "hours",
    "across",
    "notes-beside",
    "coincident",
    "close-ends",
    "crowded-ends",
    "numbered-ends",
    "early-ends",
    "pairs",
    "contours",
    "contours-filled",
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

/// What is drawn as marks, in order.
fn marks(scene: &Scene) -> impl Iterator<Item = &Form> {
    let groups = scene.groups.iter().filter(|group| group.role == Role::Marks);
    groups.flat_map(|group| &group.elements).map(|element| &element.form)
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A file without its fonts, which nobody can read.
fn without_fonts(svg: &str) -> String {
    let (start, mut rest) = svg.split_once("<style>").expect("each file has a style");
    while let Some((_, after)) = rest.strip_prefix("@font-face{").and_then(|font| font.split_once('}')) {
        rest = after;
    }
    assert_ne!(start.len() + rest.len() + 7, svg.len(), "a file carries its letters");
    format!("{start}<style>{rest}")
}

#[test]
fn goldens_hold() {
    for name in GOLDEN {
        let path = folder("src/tests/golden").join(format!("{name}.svg"));
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        let language = if *name == "symlog" { "fr" } else { "en" };
        let found = without_fonts(&file(&drawn(name, language).frames[0].scene)).replace("><", ">\n<");
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
        let text = without_fonts(&file(&drawn(name, language).frames[0].scene));
        std::fs::write(path, text.replace("><", ">\n<")).unwrap();
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
        let colours = if dark { theme(&crate::palette::DARK) } else { theme(&LIGHT) };
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
    let mut decoder = ::png::Decoder::new(std::io::Cursor::new(&bytes));
    decoder.set_transformations(::png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    assert_eq!(reader.info().utf8_text[0].keyword, "octavo");
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let side = |length: f64| ((length + 2.0 * Scene::MARGIN) * 2.0) as u32;
    assert_eq!((info.width, info.height), (side(scene.width), side(scene.height)));
    let dark = pixels.chunks(3).filter(|pixel| pixel.iter().all(|c| *c < 120)).count();
    assert!(dark > 500 && dark < pixels.len() / 9, "{dark} dark pixels");
}

/// An image of 21 by 5 pixels.
fn image(pixel: impl Fn(usize) -> [u8; 4], tint: Option<Paint>) -> crate::scene::Image {
    let rgba: Vec<u8> = (0..105).flat_map(pixel).collect();
    let frame = [0.0, 0.0, 21.0, 5.0];
    crate::scene::Image { frame, width: 21, height: 5, rgba: rgba.into(), smooth: false, tint }
}

#[test]
fn a_small_picture_has_the_marks_alone_and_nothing_around_them() {
    let group = |role, at: [f64; 4], series| {
        let corners = [[at[0], at[1]], [at[2], at[1]], [at[2], at[3]], [at[0], at[3]]];
        let element =
            Element { form: Form::Polygon(corners.to_vec()), style: Style::fill(Paint::Series(series)) };
        Group { role, elements: vec![element] }
    };
    // Words would be too small to be read.
    let mut words = scene("notes").groups;
    words.iter_mut().for_each(|group| group.role = Role::Marks);
    words.retain_mut(|group| {
        group.elements.retain(|element| matches!(element.form, Form::Text(_)));
        !group.elements.is_empty()
    });
    assert!(!words.is_empty());
    let groups = vec![
        group(Role::Axes, [0.0, 0.0, 700.0, 400.0], 0),
        group(Role::Marks, [100.0, 50.0, 180.0, 90.0], 1),
        group(Role::Marks, [300.0, 210.0, 500.0, 250.0], 2),
    ];
    let groups = groups.into_iter().chain(words).collect();
    let scene = Scene { width: 700.0, height: 400.0, groups, ..scene("scatter") };
    // 400 by 200 units are drawn, so that the height decides.
    let (bytes, size) = thumbnail::encode(&scene, [560, 100]).expect("there are marks");
    assert_eq!(size, [200, 100]);
    let (pixels, ..) = decoded(&bytes);
    let colour = |x: usize, y: usize| pixels[4 * (200 * y + x)..][..3].to_vec();
    let [one, two] =
        [1, 2].map(|series| LIGHT.rgb(Paint::Series(series))).map(|rgb| vec![rgb.0, rgb.1, rgb.2]);
    let paper = vec![LIGHT.paper.0, LIGHT.paper.1, LIGHT.paper.2];
    assert_eq!(
        [colour(1, 1), colour(38, 18), colour(198, 98), colour(102, 82)],
        [one.clone(), one, two.clone(), two]
    );
    assert_eq!([colour(60, 10), colour(20, 90), colour(198, 1)], [paper.clone(), paper.clone(), paper]);
    assert_eq!(
        thumbnail::encode(&scene, [4000, 4000]).expect("there are marks").1,
        [800, 400],
        "not beyond twice"
    );
    let bare = Scene { groups: scene.groups[..1].to_vec(), ..scene };
    assert!(thumbnail::encode(&bare, [560, 100]).is_none());
}

/// The pixels of a PNG as red, green, blue and opacity, and the form in which they stood there.
fn decoded(bytes: &[u8]) -> (Vec<u8>, ::png::ColorType, ::png::BitDepth) {
    let mut decoder = ::png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(::png::Transformations::EXPAND | ::png::Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    let (colour, depth) = (reader.info().color_type, reader.info().bit_depth);
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    (pixels, colour, depth)
}

#[test]
fn pictures_keep_every_pixel_in_as_few_bits_as_their_colours_need() {
    use ::png::{BitDepth::*, ColorType::*};
    let byte = |n: usize| (n % 256) as u8;
    for (colours, depth) in
        [(1, One), (2, One), (3, Two), (4, Two), (5, Four), (16, Four), (17, Eight), (105, Eight)]
    {
        for opacity in [255, 90] {
            let image = image(
                |n| [byte(n % colours * 7), 9, byte(n % colours), opacity.max(byte(n % colours))],
                None,
            );
            let (pixels, colour, found) = decoded(&png::encode_image(&image));
            assert!(
                pixels == *image.rgba && colour == Indexed && found == depth,
                "{colours} {colour:?} {found:?}"
            );
        }
    }
}

#[test]
fn pictures_of_more_colours_and_masks_keep_every_pixel_too() {
    use ::png::{BitDepth::*, ColorType::*};
    let wide = |opacity: u8| {
        let pixel = |n: u32| {
            [(n % 251) as u8, (n % 7 * 30) as u8, (n / 300) as u8, if n == 5 { opacity } else { 255 }]
        };
        let rgba: Vec<u8> = (0..3000).flat_map(pixel).collect();
        let frame = [0.0, 0.0, 60.0, 50.0];
        crate::scene::Image { frame, width: 60, height: 50, rgba: rgba.into(), smooth: false, tint: None }
    };
    for (opacity, form) in [(255, Rgb), (7, Rgba)] {
        let image = wide(opacity);
        let (pixels, colour, _) = decoded(&png::encode_image(&image));
        assert!(pixels == *image.rgba && colour == form, "{colour:?}");
    }
    let mask = image(|n| [(n % 16 * 17) as u8; 4], Some(Paint::Series(0)));
    let (pixels, colour, depth) = decoded(&png::encode_image(&mask));
    assert_eq!((colour, depth), (Grayscale, Four));
    assert!(
        pixels
            .as_chunks::<2>()
            .0
            .iter()
            .zip(mask.rgba.as_chunks::<4>().0)
            .all(|(grey, level)| grey[0] == level[3])
    );
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

/// A page must not fetch the pictures of a figure far below what its reader sees, also not where they follow the theme.
#[test]
fn pictures_of_marks_on_a_page_are_fetched_late_and_follow_the_theme() {
    let scene = scene("dragon-large");
    let linked = svg::linked(&scene, "f", &svg::Pictures::default());
    let page = svg::Linked::resolve(&linked.text, &["a.png".to_owned()]);
    assert!(page.contains("src=\"a.png\"") && page.contains(" loading=\"lazy\"/>"), "{page}");
    assert!(
        page.contains("<feFlood flood-color=\"var(--series-1)\"/>")
            && page.contains(" filter=\"url(#f-mask-1)\""),
        "{page}"
    );
    assert!(!page.contains("<mask") && !page.contains("<image"), "{page}");
    let file = svg::file(&scene, &svg::Pictures::default());
    assert!(file.contains("<mask") && !file.contains("<filter"), "{file}");
}

/// A small mark, far to the right and far below, as in the last of many panels.
#[test]
fn an_image_of_marks_shows_them_wherever_it_stands() {
    for at in [[0.0, 0.0], [900.0, 20.0], [20.0, 1500.0]] {
        let form = Form::Rect([at[0] + 5.0, at[1] + 5.0, 10.0, 10.0]);
        let element = Element { form, style: Style::fill(Paint::Series(0)) };
        let image = png::raster(vec![element], [at[0], at[1], 20.0, 20.0], 2.0);
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
