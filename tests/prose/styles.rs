//! Colours of code: readable in light and dark.

use octavo_plugin::math;

const SHEET: &str = include_str!("../../templates/assets/highlight.css");

/// The blocks of variables: name and colour.
fn themes() -> Vec<Vec<(&'static str, [f64; 3])>> {
    SHEET
        .split('{')
        .map(|block| block.split('}').next().unwrap_or_default().split(';').filter_map(variable).collect())
        .filter(|theme: &Vec<_>| theme.len() > 1)
        .collect()
}

fn variable(line: &'static str) -> Option<(&'static str, [f64; 3])> {
    let (name, colour) = line.trim().strip_prefix("--code-")?.split_once(": #")?;
    let part = |at: usize| {
        f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour is six hexadecimal digits"))
            / 255.0
    };
    Some((name, [part(0), part(2), part(4)]))
}

/// Relative luminance, WCAG 2.2.
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|c| if c <= 0.04045 { c / 12.92 } else { math::powf((c + 0.055) / 1.055, 2.4) });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[test]
fn every_colour_of_code_is_readable() {
    let themes = themes();
    assert_eq!(themes.len(), 3, "light, dark by preference, dark by choice");
    assert_eq!(themes[1], themes[2]);
    for theme in &themes {
        assert_eq!(theme.len(), 10);
        let background = luminance(theme[0].1);
        for (name, colour) in &theme[1..] {
            let own = luminance(*colour);
            let contrast = (own.max(background) + 0.05) / (own.min(background) + 0.05);
            assert!(contrast >= 4.5, "{name}: {contrast}");
        }
    }
}
