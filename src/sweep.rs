//! The points at which an experiment runs: axes, their values, and all combinations.

use octavo_plugin::{Value, math};

use crate::diagnostic::Diagnostic;
use crate::source::Location;
use crate::toml_tree::{Kind, Node};

/// One swept parameter.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Dotted path of the parameter.
    pub key: String,
    /// Where the key stands.
    pub location: Location,
    /// The values in order.
    pub values: Vec<Node>,
}

/// The axes of `[sweep]` and `[[zip]]`: groups of axes that advance together; all combinations of groups are run.
pub fn axes(node: &Node, problems: &mut Vec<Diagnostic>) -> Vec<Vec<Axis>> {
    let mut groups = Vec::new();
    if let Some(sweep) = node.get("sweep") {
        let mut axes = Vec::new();
        collect(sweep, "", &mut axes, problems);
        groups.extend(axes.into_iter().map(|axis| vec![axis]));
    }
    if let Some(Kind::List(zips)) = node.get("zip").map(|zip| &zip.kind) {
        for zip in zips {
            let mut axes = Vec::new();
            collect(zip, "", &mut axes, problems);
            let longest = axes.iter().map(|axis| axis.values.len()).max().unwrap_or(0);
            if let Some(short) = axes.iter().find(|axis| axis.values.len() != longest) {
                let message = format!(
                    "`{}` has {} values, and another axis of the group has {longest}",
                    short.key,
                    short.values.len()
                );
                let problem = Diagnostic::error("uneven-zip", message).at(short.location.clone());
                problems.push(problem.help("axes that advance together have equally many values"));
            } else if !axes.is_empty() {
                groups.push(axes);
            }
        }
    }
    groups
}

fn collect(table: &Node, prefix: &str, axes: &mut Vec<Axis>, problems: &mut Vec<Diagnostic>) {
    for (name, entry) in table.entries().into_iter().flatten() {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match &entry.node.kind {
            Kind::List(values) => {
                if values.is_empty() {
                    let message = format!("the axis `{key}` has no value");
                    problems.push(Diagnostic::error("empty-axis", message).at(entry.node.location.clone()));
                }
                axes.push(Axis { key, location: entry.key.clone(), values: values.clone() });
            }
            Kind::Table(entries) if entries.contains_key("from") && entries.contains_key("to") => {
                match range(&entry.node) {
                    Ok(values) => axes.push(Axis { key, location: entry.key.clone(), values }),
                    Err(message) => problems.push(
                        Diagnostic::error("bad-range", format!("the axis `{key}`: {message}"))
                            .at(entry.node.location.clone())
                            .help("a range is `{ from = 1, to = 10, step = 1 }` or `{ from = 0.1, to = 10, steps = 5, log = true }`"),
                    ),
                }
            }
            // `network.width = [...]` without quotes is a table in a table.
            Kind::Table(_) => collect(&entry.node, &key, axes, problems),
            _ => {
                let message = format!("the axis `{key}` is {}, and a list or range is needed", entry.node.kind_name());
                let help = "write a list of values, `{ from, to, step }` or `{ from, to, steps, log }`";
                problems.push(Diagnostic::error("wrong-type", message).at(entry.node.location.clone()).help(help));
            }
        }
    }
}

/// Most values of one range.
const MAX_VALUES: f64 = 1e6;

fn range(node: &Node) -> Result<Vec<Node>, String> {
    for key in node.entries().into_iter().flatten().map(|(key, _)| key.as_str()) {
        if !["from", "to", "step", "steps", "log"].contains(&key) {
            return Err(format!("`{key}` is not a key of a range"));
        }
    }
    let number = |key: &str| match node.get(key).map(|value| &value.kind) {
        None => Ok(None),
        #[expect(clippy::cast_precision_loss, reason = "sweep bounds are far below 2^53")]
        Some(Kind::Integer(value)) => Ok(Some(*value as f64)),
        Some(Kind::Float(value)) if value.is_finite() => Ok(Some(*value)),
        Some(_) => Err(format!("`{key}` is no finite number")),
    };
    let whole = ["from", "to", "step"]
        .iter()
        .filter_map(|key| node.get(key))
        .all(|value| matches!(value.kind, Kind::Integer(_)));
    let log = matches!(node.get("log").map(|value| &value.kind), Some(Kind::Bool(true)));
    let (from, to) = (number("from")?.unwrap_or(0.0), number("to")?.unwrap_or(0.0));
    let values = match (number("step")?, number("steps")?) {
        (Some(step), None) if !log => stepped(from, to, step)?,
        (None, Some(steps)) => divided(from, to, steps, log)?,
        (None, None) if whole && !log => stepped(from, to, if to >= from { 1.0 } else { -1.0 })?,
        (Some(_), None) => return Err("`log` goes with `steps`, not with `step`".to_owned()),
        _ => return Err("give either `step` or `steps`".to_owned()),
    };
    let integers = whole && node.get("steps").is_none();
    Ok(values
        .into_iter()
        .map(|value| Node { kind: number_kind(value, integers), location: node.location.clone() })
        .collect())
}

fn number_kind(value: f64, integer: bool) -> Kind {
    #[expect(clippy::cast_possible_truncation, reason = "sums of small whole numbers")]
    if integer { Kind::Integer(value as i64) } else { Kind::Float(value) }
}

/// from, from + step, ..., up to and including `to` within a billionth of a step.
fn stepped(from: f64, to: f64, step: f64) -> Result<Vec<f64>, String> {
    let count = (to - from) / step;
    if step == 0.0 || !count.is_finite() || count < 0.0 {
        return Err(format!("{to} is not reached from {from} in steps of {step}"));
    }
    if count > MAX_VALUES {
        return Err("the range has more than a million values".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a million")]
    let count = (count + 1e-9).floor() as u32;
    Ok((0..=count).map(|index| from + f64::from(index) * step).collect())
}

/// `steps` values from `from` to `to`, both included, evenly spaced or evenly spaced in the logarithm.
fn divided(from: f64, to: f64, steps: f64, log: bool) -> Result<Vec<f64>, String> {
    if steps.fract() != 0.0 || !(1.0..=MAX_VALUES).contains(&steps) {
        return Err("`steps` is no whole number from 1 to a million".to_owned());
    }
    if log && (from <= 0.0 || to <= 0.0) {
        return Err("a logarithmic range lies above 0".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a million")]
    let count = steps as u32;
    let value = |index: u32| {
        // The ends are exact.
        if index == 0 {
            return from;
        }
        if index == count - 1 {
            return to;
        }
        let t = f64::from(index) / f64::from(count - 1);
        if log {
            math::exp(math::ln(from) + t * (math::ln(to) - math::ln(from)))
        } else {
            from + t * (to - from)
        }
    };
    Ok((0..count).map(value).collect())
}

/// All combinations: the first group varies slowest. Without axes there is one point.
pub fn combinations(groups: &[Vec<Axis>]) -> Vec<Vec<(&str, &Node)>> {
    let mut points: Vec<Vec<(&str, &Node)>> = vec![Vec::new()];
    for group in groups {
        let count = group.first().map_or(0, |axis| axis.values.len());
        points = points
            .iter()
            .flat_map(|point| {
                (0..count).map(move |index| {
                    let chosen = group.iter().map(|axis| (axis.key.as_str(), &axis.values[index]));
                    point.iter().copied().chain(chosen).collect()
                })
            })
            .collect();
    }
    points
}

/// Sets a value at a dotted path.
pub fn set_dotted(node: &mut Node, path: &str, value: Node) {
    let path: Vec<&str> = path.split('.').collect();
    node.set(&path, value);
}

/// A swept value as it stands in results: numbers, truth values and text as they are, tables and lists as JSON text.
pub fn value_of(node: &Node) -> Value {
    match &node.kind {
        Kind::Bool(truth) => (*truth).into(),
        Kind::Integer(integer) => (*integer).into(),
        Kind::Float(float) => (*float).into(),
        Kind::Text(text) | Kind::Date(text) => text.as_str().into(),
        Kind::List(_) | Kind::Table(_) => node.to_json().to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;
    use crate::toml_tree;

    fn points(text: &str) -> Result<Vec<String>, Vec<String>> {
        let (node, _) = toml_tree::parse(&SourceFile::new("a.toml", text));
        let mut problems = Vec::new();
        let groups = axes(&node, &mut problems);
        if !problems.is_empty() {
            return Err(problems.into_iter().map(|problem| problem.message).collect());
        }
        let show = |point: &Vec<(&str, &Node)>| {
            point.iter().map(|(key, node)| format!("{key}={}", value_of(node))).collect::<Vec<_>>().join(" ")
        };
        Ok(combinations(&groups).iter().map(show).collect())
    }

    #[test]
    fn products_zips_and_ranges() {
        assert_eq!(points(""), Ok(vec![String::new()]));
        assert_eq!(
            points("[sweep]\na = [1, 2]\nb.c = [true]\n"),
            Ok(vec!["a=1 b.c=true".into(), "a=2 b.c=true".into()])
        );
        assert_eq!(points("[[zip]]\na = [1, 2]\nb = [3, 4]\n"), Ok(vec!["a=1 b=3".into(), "a=2 b=4".into()]));
        assert_eq!(
            points("[sweep]\na = { from = 1, to = 3 }\n"),
            Ok(vec!["a=1".into(), "a=2".into(), "a=3".into()])
        );
        assert_eq!(points("[sweep]\na = { from = 0, to = 0.3, step = 0.1 }\n").unwrap().len(), 4);
        let log = points("[sweep]\na = { from = 1, to = 100, steps = 3, log = true }\n").unwrap();
        assert!(log[0] == "a=1" && log[2] == "a=100" && log[1].starts_with("a=10"), "{log:?}");
    }

    #[test]
    fn bad_axes_are_explained() {
        let cases = [
            ("[sweep]\na = []\n", "has no value"),
            ("[sweep]\na = 3\n", "is a whole number, and a list"),
            ("[sweep]\na = { from = 1, to = 0, step = 1 }\n", "is not reached"),
            ("[sweep]\na = { from = 0, to = 1, steps = 3, log = true }\n", "lies above 0"),
            ("[sweep]\na = { from = 0, to = 1, steps = 3, step = 1 }\n", "either `step` or `steps`"),
            ("[sweep]\na = { from = 0, to = 1e9, step = 1 }\n", "more than a million"),
            ("[[zip]]\na = [1, 2]\nb = [3]\n", "`b` has 1 values"),
        ];
        for (text, expected) in cases {
            let problems = points(text).unwrap_err();
            assert!(problems[0].contains(expected), "{problems:?}");
        }
    }
}
