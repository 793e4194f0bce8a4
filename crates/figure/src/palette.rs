//! Colours: roles in two themes, and ramps that are the same in both.
//!
//! Categorical colours keep 3:1 against their background (WCAG 2, 1.4.11), those of the light theme against both
//! backgrounds; their lightness differs too, so that they stay apart for readers with a colour vision deficiency. Ramps are
//! interpolated in OKLab (B. Ottosson, 2020), where equal steps look equal.

use octavo_plugin::figure::Palette;
use octavo_plugin::math;

use super::scene::{Paint, Rgb};

/// Number of categorical colours.
pub const SERIES: usize = 6;

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Text.
    pub ink: Rgb,
    /// Quiet text and references.
    pub muted: Rgb,
    /// Lines behind the data.
    pub grid: Rgb,
    /// Background.
    pub paper: Rgb,
    /// Categories.
    pub series: [Rgb; SERIES],
}

/// Dark on white: the colours of the pages (`templates/assets/style.css`), on the paper of a file.
pub const LIGHT: Theme = Theme {
    ink: Rgb(0x1d, 0x20, 0x24),
    muted: Rgb(0x5a, 0x60, 0x68),
    grid: Rgb(0xe3, 0xe1, 0xdb),
    paper: Rgb(0xff, 0xff, 0xff),
    series: [
        Rgb(0x1f, 0x5f, 0xd6),
        Rgb(0xb9, 0x3c, 0x0a),
        Rgb(0x37, 0x9a, 0x87),
        Rgb(0x99, 0x3c, 0xaa),
        Rgb(0xb9, 0x7e, 0x0c),
        Rgb(0x8c, 0x84, 0xe6),
    ],
};

/// Light on near black, as the pages are where a reader wants them dark.
pub const DARK: Theme = Theme {
    ink: Rgb(0xe6, 0xe4, 0xdf),
    muted: Rgb(0xa2, 0xa8, 0xb0),
    grid: Rgb(0x2d, 0x32, 0x39),
    paper: Rgb(0x14, 0x17, 0x1b),
    series: [
        Rgb(0x66, 0xa3, 0xff),
        Rgb(0xf2, 0x74, 0x3f),
        Rgb(0x4f, 0xd0, 0xb0),
        Rgb(0xea, 0x5f, 0xb0),
        Rgb(0xf0, 0xc2, 0x4a),
        Rgb(0xc9, 0xc2, 0xff),
    ],
};

impl Theme {
    /// What a paint looks like.
    pub fn rgb(&self, paint: Paint) -> Rgb {
        match paint {
            Paint::Ink => self.ink,
            Paint::Muted => self.muted,
            Paint::Grid => self.grid,
            Paint::Paper => self.paper,
            Paint::Series(index) => self.series[index % SERIES],
            Paint::Colour(rgb) => rgb,
        }
    }

    /// The theme as CSS declarations: `--ink`, `--muted`, `--grid`, `--paper`, `--series-1` and so on.
    pub fn css(&self) -> String {
        self.roles().map(|(name, rgb)| format!("--{name}:{};", rgb.hex())).collect()
    }

    /// Names and colours of all roles.
    pub fn roles(&self) -> impl Iterator<Item = (String, Rgb)> {
        let fixed = [("ink", self.ink), ("muted", self.muted), ("grid", self.grid), ("paper", self.paper)];
        let series = self.series.into_iter().enumerate().map(|(i, rgb)| (format!("series-{}", i + 1), rgb));
        fixed.into_iter().map(|(name, rgb)| (name.to_owned(), rgb)).chain(series)
    }
}

/// The name of a role in CSS; `None` for a colour of a ramp.
pub fn role(paint: Paint) -> Option<String> {
    match paint {
        Paint::Ink => Some("ink".to_owned()),
        Paint::Muted => Some("muted".to_owned()),
        Paint::Grid => Some("grid".to_owned()),
        Paint::Paper => Some("paper".to_owned()),
        Paint::Series(index) => Some(format!("series-{}", index % SERIES + 1)),
        Paint::Colour(_) => None,
    }
}

/// What a colour of a ramp is for: areas may be as light or dark as they like, thin marks must stand out on both papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Cells, polygons, images.
    Area,
    /// Lines, points, text.
    Thin,
}

/// Dark violet over green to yellow, evenly in lightness (the anchors of viridis, by S. van der Walt and N. Smith, CC0).
const SEQUENTIAL: [u32; 11] = [
    0x44_0154, 0x48_2475, 0x41_4487, 0x35_5f8d, 0x2a_788e, 0x21_918c, 0x22_a884, 0x44_bf70, 0x7a_d151,
    0xbd_df26, 0xfd_e725,
];
/// Blue over near white to red, of equal lightness at equal distance.
const DIVERGING: [u32; 9] =
    [0x1c_3f86, 0x2f_6fb9, 0x6c_a3d8, 0xb3_d0ea, 0xf4_f3f1, 0xf2_c4ae, 0xe0_8e6d, 0xc0_5039, 0x85_2017];
/// Blue over violet to orange, all between the two papers' 3:1 limits.
const SEQUENTIAL_THIN: [u32; 5] = [0x2b_5fd9, 0x7f_4fd6, 0xb8_3fb0, 0xd3_4a6c, 0xd0_6a1a];
const DIVERGING_THIN: [u32; 3] = [0x1f_6fd6, 0x86_868a, 0xd0_4a24];

/// The colour at t in [0, 1] of a ramp. `Categorical` gives evenly spread hues.
pub fn ramp(palette: Palette, usage: Use, t: f64) -> Rgb {
    let t = t.clamp(0.0, 1.0);
    match (palette, usage) {
        (Palette::Sequential, Use::Area) => between(&SEQUENTIAL, t),
        (Palette::Sequential, Use::Thin) => between(&SEQUENTIAL_THIN, t),
        (Palette::Diverging, Use::Area) => between(&DIVERGING, t),
        (Palette::Diverging, Use::Thin) => between(&DIVERGING_THIN, t),
        (Palette::Cyclic, Use::Area) => hue(t, 0.72, 0.125),
        (Palette::Cyclic | Palette::Categorical, Use::Thin) => hue(t, 0.6, 0.12),
        (Palette::Categorical, Use::Area) => hue(t, 0.66, 0.12),
    }
}

/// The paint of the category with this index: a series colour, and beyond those hues a golden angle apart.
pub fn category(index: usize, usage: Use) -> Paint {
    if index < SERIES {
        return Paint::Series(index);
    }
    let turn = (index as f64 * 0.618_033_988_749_895).fract();
    let lightness = match usage {
        Use::Area => [0.62, 0.76, 0.54][index % 3],
        Use::Thin => [0.55, 0.64, 0.6][index % 3],
    };
    Paint::Colour(hue(turn, lightness, 0.11))
}

fn between(anchors: &[u32], t: f64) -> Rgb {
    let at = t * (anchors.len() - 1) as f64;
    let left = (at.floor() as usize).min(anchors.len() - 2);
    let (a, b) = (oklab(from_hex(anchors[left])), oklab(from_hex(anchors[left + 1])));
    let part = at - left as f64;
    srgb(std::array::from_fn(|axis| a[axis] + (b[axis] - a[axis]) * part))
}

fn hue(turn: f64, lightness: f64, chroma: f64) -> Rgb {
    let (sin, cos) = math::sin_cos(turn * std::f64::consts::TAU);
    srgb([lightness, chroma * cos, chroma * sin])
}

fn from_hex(hex: u32) -> Rgb {
    let [_, red, green, blue] = hex.to_be_bytes();
    Rgb(red, green, blue)
}

fn linear(channel: u8) -> f64 {
    let c = f64::from(channel) / 255.0;
    if c <= 0.040_45 { c / 12.92 } else { math::powf((c + 0.055) / 1.055, 2.4) }
}

fn encoded(c: f64) -> u8 {
    let c = c.clamp(0.0, 1.0);
    let c = if c <= 0.003_130_8 { 12.92 * c } else { 1.055 * math::powf(c, 1.0 / 2.4) - 0.055 };
    (c * 255.0).round() as u8
}

fn oklab(Rgb(red, green, blue): Rgb) -> [f64; 3] {
    let [r, g, b] = [linear(red), linear(green), linear(blue)];
    let l = math::cbrt(0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b);
    let m = math::cbrt(0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b);
    let s = math::cbrt(0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b);
    [
        0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s,
    ]
}

fn srgb([lightness, a, b]: [f64; 3]) -> Rgb {
    let cube = |x: f64| x * x * x;
    let l = cube(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
    let m = cube(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
    let s = cube(lightness - 0.089_484_177_5 * a - 1.291_485_548 * b);
    Rgb(
        encoded(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
        encoded(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
        encoded(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s),
    )
}

/// Relative luminance of a colour, from 0 (black) to 1 (white): WCAG 2.
pub fn luminance(Rgb(red, green, blue): Rgb) -> f64 {
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// Contrast ratio of two colours, from 1 to 21: WCAG 2.
pub fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_follows_the_formula() {
        assert!((contrast(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 1e-12);
        assert!((contrast(Rgb(0x77, 0x77, 0x77), LIGHT.paper) - 4.478).abs() < 1e-3);
    }

    #[test]
    fn roles_stand_out_on_their_paper() {
        for theme in [LIGHT, DARK] {
            assert!(contrast(theme.ink, theme.paper) >= 7.0);
            assert!(contrast(theme.muted, theme.paper) >= 4.5);
            for series in theme.series {
                assert!(contrast(series, theme.paper) >= 3.0, "{series:?}");
            }
        }
        for series in LIGHT.series {
            assert!(contrast(series, DARK.paper) >= 3.0, "{series:?}: a raster layer keeps its colours");
        }
    }

    #[test]
    fn thin_ramps_stand_out_on_both_papers() {
        for palette in [Palette::Sequential, Palette::Diverging, Palette::Cyclic, Palette::Categorical] {
            for step in 0..=100 {
                let rgb = ramp(palette, Use::Thin, f64::from(step) / 100.0);
                for paper in [LIGHT.paper, DARK.paper] {
                    assert!(
                        contrast(rgb, paper) >= 3.0,
                        "{palette:?} {step} {rgb:?} {}",
                        contrast(rgb, paper)
                    );
                }
            }
        }
    }

    #[test]
    fn the_sequential_ramp_rises_evenly() {
        let lightness: Vec<f64> = (0..=20)
            .map(|step| oklab(ramp(Palette::Sequential, Use::Area, f64::from(step) / 20.0))[0])
            .collect();
        let steps: Vec<f64> = lightness.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| *step > 0.015 && *step < 0.06), "{steps:?}");
    }

    #[test]
    fn the_diverging_ramp_has_its_lightest_colour_in_the_middle() {
        let middle = luminance(ramp(Palette::Diverging, Use::Area, 0.5));
        for step in [0.0, 0.2, 0.45, 0.55, 0.8, 1.0] {
            assert!(luminance(ramp(Palette::Diverging, Use::Area, step)) < middle);
        }
    }

    #[test]
    fn the_cyclic_ramp_closes() {
        assert_eq!(ramp(Palette::Cyclic, Use::Area, 0.0), ramp(Palette::Cyclic, Use::Area, 1.0));
    }

    /// Dichromacy after G. Machado and others (2009), severity 1, on linear light.
    #[test]
    fn series_stay_apart_without_one_kind_of_cone() {
        const KINDS: [[[f64; 3]; 3]; 2] = [
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
            [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_82, 0.042_94, 0.968_881],
            ],
        ];
        for theme in [LIGHT, DARK] {
            for kind in KINDS {
                let seen = theme.series.map(|Rgb(r, g, b)| {
                    let light = [linear(r), linear(g), linear(b)];
                    let mixed = kind.map(|row| encoded(row.iter().zip(light).map(|(k, c)| k * c).sum()));
                    oklab(Rgb(mixed[0], mixed[1], mixed[2]))
                });
                for (index, a) in seen.iter().enumerate() {
                    for b in &seen[..index] {
                        let distance: f64 =
                            a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
                        assert!(distance > 0.06, "{index}: {distance}");
                    }
                }
            }
        }
    }
}
