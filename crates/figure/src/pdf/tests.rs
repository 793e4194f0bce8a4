use std::io::Read as _;

use super::*;
use crate::scene::{Anchor, Group, Role, plain};

fn page(elements: Vec<Element>) -> Vec<u8> {
    let groups = vec![Group { role: Role::Marks, elements }];
    let scene = Scene {
        language: "en".into(),
        title: "Growth".into(),
        description: "It grows.".into(),
        groups,
        ..Scene::empty(76.0, 36.0)
    };
    file(&scene, None)
}

/// What is drawn on the page.
fn drawn(pdf: &[u8]) -> String {
    let text = String::from_utf8_lossy(pdf);
    assert!(text.starts_with("%PDF-1.7") && text.trim_end().ends_with("%%EOF"), "{text}");
    let start = pdf.windows(7).position(|part| part == b"4 0 obj").unwrap();
    let start = start + pdf[start..].windows(7).position(|part| part == b"stream\n").unwrap() + 7;
    let mut content = String::new();
    flate2::read::ZlibDecoder::new(&pdf[start..]).read_to_string(&mut content).unwrap();
    content
}

fn text(words: &str) -> Element {
    let text = Text::new([10.0, 20.0], plain(words), 12.0, Anchor::Start);
    Element { form: Form::Text(text), style: Style::fill(Paint::Ink) }
}

#[test]
fn a_page_is_as_large_as_the_figure_and_says_what_it_shows() {
    let pdf = page(vec![]);
    let told = String::from_utf8_lossy(&pdf).into_owned();
    for part in ["/MediaBox [0 0 75 45]", "/Alt (It grows.)", "/Title (Growth)", "/Lang (en)", "/Count 1"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("Date"));
    octavo_plugin::Picture::new(
        "x",
        octavo_plugin::ImageFile::svg(
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>",
        )
        .unwrap(),
    )
    .unwrap()
    .with_pdf(pdf)
    .unwrap();
}

#[test]
fn letters_are_those_of_an_embedded_font_if_it_has_them() {
    let pdf = page(vec![text("Größe")]);
    let told = String::from_utf8_lossy(&pdf).into_owned();
    assert!(told.contains("/CIDFontType0C") && told.contains("+Inter-Regular"), "{told}");
    let content = drawn(&pdf);
    assert!(content.contains("/f0 12 Tf") && content.contains("1 0 0 -1 10 20 Tm"), "{content}");
    let content = drawn(&page(vec![text("中 a")]));
    assert!(!content.contains("Tf") && content.contains(" c\n"), "{content}");
}

#[test]
fn forms_are_drawn_as_they_are() {
    let line = Style::line(Paint::Ink, 1.5).dashed(Dash::Dashed).faded(0.5);
    let content = drawn(&page(vec![
        Element { form: Form::Path(vec![[0.0, 0.0], [10.004, 5.0]]), style: line },
        Element { form: Form::Circle([5.0, 5.0], 2.0), style: Style::fill(Paint::Ink) },
    ]));
    for part in ["/o500 gs", "[6 4] 0 d", "0 J\n0 0 m\n10 5 l\nS", "7 5 m\n7 6.1 6.1 7 5 7 c"] {
        assert!(content.contains(part), "{part}: {content}");
    }
}

#[test]
fn pixels_that_are_not_seen_are_in_a_picture_of_their_own() {
    let image = |alpha: u8| Image {
        frame: [1.0, 2.0, 4.0, 4.0],
        width: 2,
        height: 1,
        rgba: vec![255, 0, 0, 255, 0, 0, 255, alpha].into(),
        smooth: false,
        tint: None,
    };
    let page =
        |alpha| page(vec![Element { form: Form::Image(image(alpha)), style: Style::fill(Paint::Ink) }]);
    assert!(String::from_utf8_lossy(&page(9)).contains("/SMask 8 0 R"));
    assert!(!String::from_utf8_lossy(&page(255)).contains("/SMask"));
    assert!(drawn(&page(255)).contains("4 0 0 -4 1 6 cm\n/i7 Do"));
}
