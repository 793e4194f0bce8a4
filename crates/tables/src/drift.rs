//! Is a value still the accepted one? docs/kept-true.md has the rules.

use std::fmt;

use octavo_definition::locale::Locale;
use octavo_definition::lock::{Interval, Quantity};
use octavo_definition::manifest::{Drift, DriftKind};
use octavo_plugin::Value;

use crate::number::{Format, Written};
use crate::statistics::student_quantile;

/// With at most this probability chance alone moves any of the values of a project that intervals decide.
pub const FALSE_ALARMS: f64 = 0.01;

/// The level of the intervals in a lock.
const LEVEL: f64 = 0.95;

/// How far a value may be from the accepted one.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Allowed {
    /// Not at all.
    #[default]
    Exact,
    /// Up to so many floating-point numbers.
    Ulp(u32),
    /// Up to a share of the larger one, or up to an amount.
    Near {
        /// The share.
        rel: f64,
        /// The amount.
        abs: f64,
    },
    /// As long as it is printed the same, in a format or without one.
    Printed(Option<Format>),
    /// As far as chance explains it.
    Stat,
}

impl Allowed {
    /// What a definition allows.
    ///
    /// # Errors
    /// What is wrong with its format.
    pub fn read(drift: &Drift) -> Result<Self, String> {
        Ok(match drift {
            Drift::Kind(DriftKind::Exact) => Self::Exact,
            Drift::Kind(DriftKind::Printed) => Self::Printed(None),
            Drift::Kind(DriftKind::Stat) => Self::Stat,
            Drift::Ulp { ulp } => Self::Ulp(*ulp),
            Drift::Near { rel, abs } => Self::Near { rel: *rel, abs: *abs },
            Drift::Printed { printed } => Self::Printed(Some(Format::parse(printed)?)),
        })
    }

    /// Whether today's value may stand for the accepted one. `several` is how many values of the project intervals decide: together they
    /// give a false alarm with at most the probability [`FALSE_ALARMS`].
    pub fn admits(&self, accepted: &Quantity, today: &Quantity, several: usize) -> bool {
        let (old, new) = (&accepted.value, &today.value);
        if same(old, new) {
            return true;
        }
        let numbers = old.as_f64().zip(new.as_f64());
        match self {
            Self::Exact => false,
            Self::Ulp(most) => ulps(old, new).is_some_and(|apart| apart <= u64::from(*most)),
            Self::Near { rel, abs } => numbers.is_some_and(|(a, b)| {
                let apart = (a - b).abs();
                apart <= *abs || apart <= rel * a.abs().max(b.abs()) && apart.is_finite()
            }),
            Self::Printed(format) => printed(old, format.as_ref()) == printed(new, format.as_ref()),
            Self::Stat => {
                numbers.zip(accepted.interval.zip(today.interval)).is_some_and(|((a, b), (one, other))| {
                    let (one, other) = (half_width(one, several), half_width(other, several));
                    (a - b).abs() <= (one * one + other * other).sqrt()
                })
            }
        }
    }
}

/// Whether both are the same to the last bit. Why a value is missing is words.
pub fn same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Missing(_), Value::Missing(_)) => true,
        _ => old == new,
    }
}

/// How many floating-point numbers lie from one to the other; `None` for what are no floats.
fn ulps(old: &Value, new: &Value) -> Option<u64> {
    let (Value::Float(a), Value::Float(b)) = (old, new) else { return None };
    // Floats of one sign are ordered as their bits are.
    let place = |x: f64| {
        let size = i128::from(x.abs().to_bits());
        if x.is_sign_negative() { -size } else { size }
    };
    u64::try_from((place(*a) - place(*b)).abs()).ok()
}

/// As a page in English prints it.
fn printed(value: &Value, format: Option<&Format>) -> String {
    let locale = Locale::built_in("en").expect("English is built in");
    let written = format.and_then(|format| format.write(value, &locale).ok());
    written.unwrap_or_else(|| Written::of(value, &locale)).text()
}

/// Half the width of the interval at the level at which so many values give a false alarm seldom enough.
fn half_width(interval: Interval, several: usize) -> f64 {
    let half = 0.5 * (interval.high - interval.low);
    if interval.replicates < 2 {
        return half;
    }
    let df = f64::from(interval.replicates - 1);
    #[expect(clippy::cast_precision_loss, reason = "few values")]
    let beyond = FALSE_ALARMS / several.max(1) as f64 / 2.0;
    half * student_quantile(1.0 - beyond, df) / student_quantile(f64::midpoint(1.0, LEVEL), df)
}

/// How far two values are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Apart {
    /// In shares of the first one; `None` if that is 0 or a side is no number.
    pub relative: Option<f64>,
    /// In units in the last place; `None` for what are no floats.
    pub ulps: Option<u64>,
}

impl Apart {
    /// How far the second one is from the first.
    pub fn of(old: &Value, new: &Value) -> Self {
        let numbers = old.as_f64().zip(new.as_f64());
        let relative = numbers.map(|(a, b)| ((b - a) / a).abs()).filter(|share| share.is_finite());
        Self { relative, ulps: ulps(old, new) }
    }
}

impl fmt::Display for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.relative, self.ulps) {
            (Some(relative), Some(ulps)) => write!(f, "relative {relative:.1e}, {} ulp", few_digits(ulps)),
            (Some(relative), None) => write!(f, "relative {relative:.1e}"),
            (None, Some(ulps)) => write!(f, "{} ulp", few_digits(ulps)),
            (None, None) => Ok(()),
        }
    }
}

fn few_digits(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "it is shown with two digits")]
    if count < 100_000 { count.to_string() } else { format!("{:.1e}", count as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Named;

    fn float(value: f64) -> Quantity {
        Value::Float(value).into()
    }

    fn spread(value: f64, half: f64) -> Quantity {
        let interval = Some(Interval { low: value - half, high: value + half, replicates: 20 });
        Quantity { interval, ..float(value) }
    }

    #[test]
    fn each_tolerance_admits_what_it_says() {
        let near = |rel, abs| Allowed::Near { rel, abs };
        let format = Allowed::Printed(Some(Format::parse("%.2f").unwrap()));
        let next = f64::from_bits(0.3_f64.to_bits() + 3);
        let cases = [
            (Allowed::Exact, float(0.3), float(0.3), true),
            (Allowed::Exact, float(0.3), float(next), false),
            (Allowed::Exact, float(0.0), float(-0.0), false),
            (Allowed::Exact, Value::from(4).into(), float(4.0), false),
            (Allowed::Exact, Value::Missing("a".into()).into(), Value::Missing("b".into()).into(), true),
            (Allowed::Ulp(3), float(0.3), float(next), true),
            (Allowed::Ulp(2), float(0.3), float(next), false),
            (Allowed::Ulp(2), float(5e-324), float(-5e-324), true),
            (Allowed::Ulp(1), float(5e-324), float(-5e-324), false),
            (near(1e-3, 0.0), float(1000.0), float(1000.9), true),
            (near(1e-3, 0.0), float(1000.0), float(1001.1), false),
            (near(0.0, 0.5), float(1000.0), float(1000.5), true),
            (near(1e-3, 1.0), float(1.0), Value::Named(Named::Infinity).into(), false),
            (near(0.1, 0.1), Value::Text("a".into()).into(), Value::Text("b".into()).into(), false),
            (format.clone(), float(0.123), float(0.1249), true),
            (format, float(0.123), float(0.126), false),
            (Allowed::Printed(None), float(0.123_41), float(0.123_44), true),
            (Allowed::Printed(None), float(0.123_41), float(0.123_46), false),
            (Allowed::Stat, float(1.0), float(1.0), true),
            (Allowed::Stat, float(1.0), float(1.1), false),
            (Allowed::Stat, spread(1.0, 0.1), spread(1.15, 0.1), true),
            (Allowed::Stat, spread(1.0, 0.1), spread(1.25, 0.1), false),
        ];
        for (allowed, old, new, expected) in cases {
            assert_eq!(allowed.admits(&old, &new, 1), expected, "{allowed:?} {old:?} {new:?}");
        }
        // The more values there are, the further apart chance alone takes one of them.
        assert!(Allowed::Stat.admits(&spread(1.0, 0.1), &spread(1.25, 0.1), 100));
    }

    #[test]
    fn chance_alone_seldom_gives_an_alarm() {
        use octavo_plugin::Seed;
        // Two means over 20 replicates each, again and again: an alarm in at most one of 100.
        let mut stream = Seed::of_replicate(7, 0).stream("values");
        let mut mean = || {
            let values: Vec<f64> = (0..20).map(|_| stream.normal()).collect();
            let (low, high) = crate::statistics::mean_interval(&values, LEVEL).unwrap();
            Quantity {
                interval: Some(Interval { low, high, replicates: 20 }),
                ..float(f64::midpoint(low, high))
            }
        };
        let alarms = (0..4000).filter(|_| !Allowed::Stat.admits(&mean(), &mean(), 1)).count();
        assert!(alarms <= 55, "{alarms}");
        assert!(alarms >= 10, "{alarms}");
    }

    #[test]
    fn distances_are_told() {
        let told = |old: Value, new: Value| Apart::of(&old, &new).to_string();
        assert_eq!(
            told(Value::Float(0.3), Value::Float(f64::from_bits(0.3_f64.to_bits() + 3))),
            "relative 5.6e-16, 3 ulp"
        );
        assert_eq!(told(Value::from(10), Value::from(12)), "relative 2.0e-1");
        assert_eq!(told(Value::Float(0.0), Value::Float(5e-324)), "1 ulp");
        assert_eq!(told(Value::Bool(true), Value::Bool(false)), "");
        assert!(told(Value::Float(1.0), Value::Float(-1.0)).starts_with("relative 2.0e0, 9.2e18 ulp"));
    }

    #[test]
    fn a_bad_format_is_told() {
        assert!(Allowed::read(&Drift::Printed { printed: "%.2x".into() }).is_err());
        assert_eq!(Allowed::read(&Drift::default()), Ok(Allowed::Exact));
    }
}
