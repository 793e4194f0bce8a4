//! Our own elementary functions against values of 60 digits, against `libm` over all magnitudes, and against themselves:
//! alone, in a slice, on every instruction set.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a test may panic")]

use octavo_plugin::{ContentHasher, Seed, math, simd};

type Scalar = fn(f64) -> f64;
type Slice = fn(&mut [f64]);

/// Name, value alone, values in a slice, largest error in units in the last place.
const FUNCTIONS: [(&str, Scalar, Slice, f64); 6] = [
    ("exp", |x| math::exp(x), math::exp_slice, 1.2),
    ("ln", |x| math::ln(x), math::ln_slice, 1.0),
    ("tanh", |x| math::tanh(x), math::tanh_slice, 1.2),
    ("erf", |x| math::erf(x), math::erf_slice, 1.2),
    ("sech2", |x| math::sech2(x), math::sech2_slice, 1.8),
    ("gauss", |x| math::gauss(x), math::gauss_slice, 1.2),
];

/// The distance from a value to its larger neighbour.
fn ulp(value: f64) -> f64 {
    f64::from_bits(value.abs().to_bits() + 1) - value.abs()
}

/// Arguments of every exponent and sign, uniform ones where functions bend, and special ones.
fn arguments() -> Vec<f64> {
    let mut stream = Seed(11).stream("elementary");
    let mut all = vec![0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1.0, -1.0, f64::MAX, f64::MIN];
    all.extend([
        f64::MIN_POSITIVE,
        5e-324,
        -5e-324,
        1e-310,
        709.79,
        709.78,
        -745.2,
        -745.1,
        -708.4,
        0.625,
        6.0,
        28.0,
    ]);
    all.extend((0..60_000).map(|_| f64::from_bits(stream.bits())));
    for bound in [1.0, 7.0, 30.0, 750.0] {
        all.extend((0..20_000).map(|_| stream.between(-bound, bound)));
    }
    all
}

#[test]
fn errors_against_sixty_digits() {
    let text = include_str!("reference/elementary.txt");
    let number = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).unwrap());
    for (name, function, _, bound) in FUNCTIONS {
        let (mut count, mut worst): (usize, f64) = (0, 0.0);
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            if words[0] != name {
                continue;
            }
            let [x, nearest, rest] = [1, 2, 3].map(|word| number(words[word]));
            let error = ((function(x) - nearest) - rest).abs() / ulp(nearest);
            assert!(error <= bound, "{name}({x:e}) is {error} units off");
            worst = worst.max(error);
            count += 1;
        }
        assert!(count >= 200, "{name}: {count}");
        println!("{name}: at most {worst:.3} units off");
    }
}

#[test]
fn neighbours_of_libm() {
    let reference: [(Scalar, f64); 6] = [
        (libm::exp, 2.0),
        (libm::log, 2.0),
        (libm::tanh, 3.0),
        (libm::erf, 2.0),
        (|x| if x.abs() < 300.0 { (1.0 / libm::cosh(x)) / libm::cosh(x) } else { math::sech2(x) }, 6.0),
        // The reference loses what x² rounds.
        (|x| libm::exp(-x * x), 1.0),
    ];
    for ((name, function, _, _), (expected, bound)) in FUNCTIONS.into_iter().zip(reference) {
        for x in arguments() {
            let (found, expected) = (function(x), expected(x));
            if expected.is_nan() || expected.is_infinite() || expected == 0.0 {
                let same = found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan());
                assert!(same || found == 5e-324, "{name}({x:e}) = {found:e} for {expected:e}");
                continue;
            }
            let room = if name == "gauss" { bound + x * x } else { bound };
            let off = (found - expected).abs() / ulp(expected);
            assert!(off <= room, "{name}({x:e}) = {found:e} for {expected:e}, {off} units off");
        }
    }
}

#[test]
fn special_values() {
    let same =
        |found: f64, expected: f64| assert_eq!(found.to_bits(), expected.to_bits(), "{found} {expected}");
    let infinity = f64::INFINITY;
    for function in [math::tanh as Scalar, math::erf] {
        same(function(0.0), 0.0);
        same(function(-0.0), -0.0);
        same(function(infinity), 1.0);
        same(function(-infinity), -1.0);
        same(function(5e-324), 5e-324);
        same(function(-f64::MAX), -1.0);
    }
    for (x, expected) in
        [(-infinity, 0.0), (infinity, infinity), (-0.0, 1.0), (710.0, infinity), (-746.0, 0.0)]
    {
        same(math::exp(x), expected);
    }
    for (x, expected) in
        [(0.0, -infinity), (-0.0, -infinity), (1.0, 0.0), (infinity, infinity), (-1.0, f64::NAN)]
    {
        same(math::ln(x), expected);
    }
    same(math::exp(-745.0), 5e-324);
    for (_, function, _, _) in FUNCTIONS {
        same(function(f64::NAN), f64::NAN);
        same(function(-f64::NAN), f64::NAN);
    }
}

#[test]
fn oddness_and_monotony_near_the_seams() {
    for (name, function, seam) in [("tanh", math::tanh as Scalar, 0.625), ("erf", math::erf, 1.0)] {
        let mut x: f64 = seam - 400.0 * f64::EPSILON;
        for _ in 0..800 {
            let next = f64::from_bits(x.to_bits() + 1);
            assert!(function(next) >= function(x) - f64::EPSILON / 2.0, "{name} at {x}");
            assert_eq!(function(-x).to_bits(), (-function(x)).to_bits());
            x = next;
        }
    }
}

/// A value in a slice has the bits of the value alone, whatever its place and the slice's length.
#[test]
fn slices_have_the_bits_of_single_values() {
    let all = arguments();
    for (name, function, slice, _) in FUNCTIONS {
        for length in [0, 1, 3, 7, 8, 15, 16, 17, 33, all.len()] {
            let mut values = all[..length].to_vec();
            slice(&mut values);
            for (x, found) in all.iter().zip(&values) {
                assert_eq!(
                    found.to_bits(),
                    function(*x).to_bits(),
                    "{name}({x:e}) in {length}, {}",
                    simd::level_name()
                );
            }
        }
    }
    for (pair, first, second) in [
        (math::tanh_sech2_slice as fn(&mut [f64], &mut [f64]), math::tanh as Scalar, math::sech2 as Scalar),
        (math::erf_gauss_slice, math::erf, math::gauss),
    ] {
        let (mut values, mut others) = (all.clone(), vec![0.0; all.len()]);
        pair(&mut values, &mut others);
        for (index, x) in all.iter().enumerate() {
            assert_eq!(values[index].to_bits(), first(*x).to_bits());
            assert_eq!(others[index].to_bits(), second(*x).to_bits());
        }
    }
}

/// One digest on every machine: if it moves, `NUMERICS_REVISION` must move too.
#[test]
fn one_digest_everywhere() {
    let mut hasher = ContentHasher::new("elementary functions");
    for (_, _, slice, _) in FUNCTIONS {
        let mut values = arguments();
        slice(&mut values);
        values.iter().for_each(|value| {
            hasher.number(value.to_bits());
        });
    }
    assert_eq!(hasher.finish().short(), "11096e6a08b0");
}

#[test]
fn one_digest_on_every_simd_level() {
    octavo_plugin_test::same_bits_on_every_simd_level("one_digest_everywhere");
}

/// Single precision against double precision, at every 4096th float.
#[test]
fn single_precision_is_as_close_as_it_says() {
    let mut worst = [0.0_f64; 2];
    for bits in
        (0..=f32::INFINITY.to_bits()).step_by(4096).chain([f32::INFINITY.to_bits(), 0x3f20_0000, 0x3f1f_ffff])
    {
        let x = f32::from_bits(bits);
        let (found, expected) = (math::tanh_sech2_f32(x), math::tanh_sech2(f64::from(x)));
        assert_eq!(math::tanh_sech2_f32(-x).map(f32::to_bits), [(-found[0]).to_bits(), found[1].to_bits()]);
        for (which, (found, expected)) in found.into_iter().zip(expected).enumerate() {
            if expected < math::powi(2.0, -124) && which == 1 {
                assert!(found == 0.0 || f64::from(found) < math::powi(2.0, -123), "{x}: {found}");
                continue;
            }
            let nearest = expected as f32;
            let ulp = f64::from(f32::from_bits(nearest.to_bits() + 1)) - f64::from(nearest);
            worst[which] = worst[which].max((f64::from(found) - expected).abs() / ulp);
        }
    }
    println!("errors in units in the last place: tanh {:.2}, sech² {:.2}", worst[0], worst[1]);
    assert!(worst[0] < 2.0 && worst[1] < 4.0, "{worst:?}");
    assert!(math::tanh_sech2_f32(f32::NAN).iter().all(|value| value.is_nan()));
}
