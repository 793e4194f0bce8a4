//! The points at which an experiment runs: axes, their values, and all combinations.

mod range;

use octavo_plugin::counted;
use std::collections::BTreeSet;

use octavo_plugin::Value;

use crate::diagnostic::Diagnostic;
use crate::source::Location;
use crate::toml_tree::{Node, TomlValue};

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

/// Whether the parameter at a dotted path takes whole numbers alone.
pub type IsWhole<'a> = &'a dyn Fn(&str) -> bool;

/// The axes of `[sweep]` and `[[zip]]`: groups of axes that advance together; all combinations of groups are run.
pub fn axes(node: &Node, whole: IsWhole<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Vec<Axis>> {
    let mut groups = Vec::new();
    if let Some(sweep) = node.get("sweep") {
        let mut axes = Vec::new();
        collect(sweep, "", whole, &mut axes, problems);
        groups.extend(axes.into_iter().map(|axis| vec![axis]));
    }
    if let Some(TomlValue::List(zips)) = node.get("zip").map(|zip| &zip.kind) {
        for zip in zips {
            let mut axes = Vec::new();
            collect(zip, "", whole, &mut axes, problems);
            let longest = axes.iter().map(|axis| axis.values.len()).max().unwrap_or(0);
            if let Some(short) = axes.iter().find(|axis| axis.values.len() != longest) {
                let message = format!(
                    "`{}` has {}, and another axis of the group has {longest}",
                    short.key,
                    counted(short.values.len(), "value")
                );
                let problem = Diagnostic::error("uneven-zip", message).at(short.location.clone());
                problems.push(problem.help("axes that advance together have equally many values"));
            } else if !axes.is_empty() {
                groups.push(axes);
            }
        }
    }
    refuse_repeated_axes(&groups, problems);
    groups.iter().for_each(|group| refuse_repeated_values(group, problems));
    groups
}

fn refuse_repeated_axes(groups: &[Vec<Axis>], problems: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for axis in groups.iter().flatten().filter(|axis| !seen.insert(axis.key.as_str())) {
        let problem = Diagnostic::error("repeated-axis", format!("the axis `{}` is there twice", axis.key));
        let help = "keep it in `[sweep]` or in one `[[zip]]`";
        problems.push(problem.at(axis.location.clone()).help(help));
    }
}

/// A point that is there twice would be counted twice in every mean.
fn refuse_repeated_values(group: &[Axis], problems: &mut Vec<Diagnostic>) {
    if group.iter().any(|axis| is_ordered(&axis.values)) {
        return;
    }
    let mut seen = BTreeSet::new();
    let mut places = 0..group.first().map_or(0, |axis| axis.values.len());
    let key = |index: usize| group.iter().map(|axis| plain(&axis.values[index])).collect::<Vec<_>>();
    if let Some(index) = places.find(|index| !seen.insert(key(*index))) {
        let shown = group.iter().map(|axis| format!("{} = {}", axis.key, plain(&axis.values[index])));
        let message = format!("the sweep has `{}` twice", shown.collect::<Vec<_>>().join(", "));
        let place = group[0].values[index].location.clone();
        let help = "leave out one of them; to run a point several times, set `replicates`";
        problems.push(Diagnostic::error("repeated-value", message).at(place).help(help));
    }
}

/// Whether numbers rise or fall from each to the next, as those of ranges do, so that none is there twice.
fn is_ordered(values: &[Node]) -> bool {
    let number = |node: &Node| match node.kind {
        TomlValue::Float(value) => Some(value),
        _ => None,
    };
    let in_order = |order: fn(f64, f64) -> bool| {
        values.windows(2).all(|pair| match (number(&pair[0]), number(&pair[1])) {
            (Some(one), Some(other)) => order(one, other),
            _ => false,
        })
    };
    values.len() > 1 && (in_order(|one, other| one < other) || in_order(|one, other| one > other))
}

/// A value in its shortest form: 3 and 3.0 are the same.
fn plain(node: &Node) -> String {
    match &node.kind {
        TomlValue::Float(float) => float.to_string(),
        _ => node.to_json().to_string(),
    }
}

fn collect(
    table: &Node,
    prefix: &str,
    whole: IsWhole<'_>,
    axes: &mut Vec<Axis>,
    problems: &mut Vec<Diagnostic>,
) {
    for (name, entry) in table.entries().into_iter().flatten() {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match &entry.node.kind {
            TomlValue::List(values) => {
                if values.is_empty() {
                    let message = format!("the axis `{key}` has no value");
                    problems.push(Diagnostic::error("empty-axis", message).at(entry.node.location.clone()));
                }
                axes.push(Axis { key, location: entry.key.clone(), values: values.clone() });
            }
            TomlValue::Table(entries) if entries.contains_key("from") && entries.contains_key("to") => {
                match range::values(&entry.node, whole(&key)) {
                    Ok(values) => axes.push(Axis { key, location: entry.key.clone(), values }),
                    Err(message) => problems.push(
                        Diagnostic::error("bad-range", format!("the axis `{key}`: {message}"))
                            .at(entry.node.location.clone())
                            .help("a range is `{ from = 1, to = 10, step = 1 }` or `{ from = 0.1, to = 10, steps = 5, log = true }`"),
                    ),
                }
            }
            // `network.width = [...]` without quotes is a table in a table.
            TomlValue::Table(_) => collect(&entry.node, &key, whole, axes, problems),
            _ => {
                let message = format!("the axis `{key}` is {}, and a list or range is needed", entry.node.kind_name());
                let help = "write a list of values, `{ from, to, step }` or `{ from, to, steps, log }`";
                problems.push(Diagnostic::error("wrong-type", message).at(entry.node.location.clone()).help(help));
            }
        }
    }
}

/// How many combinations there are; `None` if they cannot be counted.
pub fn count(groups: &[Vec<Axis>]) -> Option<usize> {
    let values = |group: &Vec<Axis>| group.first().map_or(0, |axis| axis.values.len());
    groups.iter().try_fold(1_usize, |count, group| count.checked_mul(values(group)))
}

/// The place in each group at the point of this number: the first group varies slowest.
pub fn place(index: usize, sizes: impl DoubleEndedIterator<Item = usize>) -> Vec<usize> {
    let mut rest = index;
    let mut places: Vec<usize> = sizes
        .rev()
        .map(|size| {
            let place = rest.checked_rem(size).unwrap_or(0);
            rest = rest.checked_div(size).unwrap_or(0);
            place
        })
        .collect();
    places.reverse();
    places
}

/// One of the [`count`] combinations. Without axes there is one point.
pub fn combination(groups: &[Vec<Axis>], index: usize) -> Vec<(&str, &Node)> {
    let sizes = groups.iter().map(|group| group.first().map_or(0, |axis| axis.values.len()));
    let chosen = groups.iter().zip(place(index, sizes));
    chosen
        .flat_map(|(group, place)| group.iter().map(move |axis| (axis.key.as_str(), &axis.values[place])))
        .collect()
}

/// Sets a value at a dotted path.
pub fn set_dotted(node: &mut Node, path: &str, value: Node) {
    let path: Vec<&str> = path.split('.').collect();
    node.set(&path, value);
}

/// A swept value as it stands in results: numbers, truth values and text as they are, tables and lists as JSON text.
pub fn value_of(node: &Node) -> Value {
    match &node.kind {
        TomlValue::Bool(truth) => (*truth).into(),
        TomlValue::Integer(integer) => (*integer).into(),
        TomlValue::Float(float) => (*float).into(),
        TomlValue::Text(text) | TomlValue::Date(text) => text.as_str().into(),
        TomlValue::List(_) | TomlValue::Table(_) => node.to_json().to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;
    use crate::toml_tree;

    /// `n` is a whole number.
    fn points(text: &str) -> Result<Vec<String>, Vec<String>> {
        let (node, _) = toml_tree::parse(&SourceFile::new("a.toml", text));
        let mut problems = Vec::new();
        let groups = axes(&node, &|key| key == "n", &mut problems);
        if !problems.is_empty() {
            return Err(problems.into_iter().map(|problem| problem.message).collect());
        }
        let show = |index: usize| {
            combination(&groups, index)
                .iter()
                .map(|(key, node)| format!("{key}={}", value_of(node)))
                .collect::<Vec<_>>()
                .join(" ")
        };
        Ok((0..count(&groups).unwrap()).map(show).collect())
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
    }

    #[test]
    fn ranges_have_the_values_that_one_would_write() {
        let values = |range: &str| -> Vec<String> {
            let points = points(&format!("[sweep]\na = {{ {range} }}\n")).unwrap();
            points.iter().map(|point| point[2..].to_owned()).collect()
        };
        let tenths = ["0.1", "0.2", "0.3", "0.4", "0.5"];
        assert_eq!(values("from = 0.1, to = 0.5, step = 0.1"), tenths);
        assert_eq!(values("from = 0.1, to = 0.5, steps = 5"), tenths);
        assert_eq!(values("from = 0.5, to = 0.1, step = -0.1"), ["0.5", "0.4", "0.3", "0.2", "0.1"]);
        assert_eq!(values("from = -0.3, to = 0, step = 0.1"), ["-0.3", "-0.2", "-0.1", "0"]);
        assert_eq!(values("from = 0.7, to = 0.9, steps = 5"), ["0.7", "0.75", "0.8", "0.85", "0.9"]);
        assert_eq!(
            values("from = 0, to = 1, steps = 4"),
            ["0", "0.3333333333333333", "0.6666666666666666", "1"]
        );
        assert_eq!(values("from = 1, to = 1000, steps = 4, log = true"), ["1", "10", "100", "1000"]);
        assert_eq!(values("from = 1e-300, to = 3e-300, step = 1e-300").len(), 3);
    }

    #[test]
    fn ranges_of_whole_parameters_have_whole_values() {
        let integers = |range: &str| {
            let (node, _) =
                toml_tree::parse(&SourceFile::new("a.toml", format!("[sweep]\nn = {{ {range} }}\n")));
            let groups = axes(&node, &|_| true, &mut Vec::new());
            let integer = |node: &Node| match node.kind {
                TomlValue::Integer(integer) => integer,
                _ => panic!("{node:?} is no integer"),
            };
            groups[0][0].values.iter().map(integer).collect::<Vec<_>>()
        };
        assert_eq!(integers("from = 1, to = 4, steps = 4"), [1, 2, 3, 4]);
        assert_eq!(integers("from = 1, to = 100, steps = 4, log = true"), [1, 5, 22, 100]);
    }

    #[test]
    fn combinations_are_counted_before_they_are_made() {
        let axis = |name: &str| {
            let value =
                Node { kind: TomlValue::Integer(0), location: Location::new(&SourceFile::new("", ""), 0..0) };
            let location = value.location.clone();
            vec![Axis { key: name.to_owned(), location, values: vec![value; 100_000] }]
        };
        assert_eq!(count(&[axis("a"), axis("b")]), Some(10_000_000_000));
        assert_eq!(count(&[axis("a"), axis("b"), axis("c"), axis("d")]), None);
        assert_eq!(count(&[]), Some(1));
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
            ("[[zip]]\na = [1, 2]\nb = [3]\n", "`b` has 1 value"),
            ("[sweep]\nn = { from = 1, to = 4, steps = 3 }\n", "the value 2.5, and whole numbers are needed"),
            ("[sweep]\nn = { from = 1, to = 4, steps = 9, log = true }\n", "has 1 twice; take fewer steps"),
            ("[sweep]\na = [1]\n[[zip]]\na = [2]\nb = [3]\n", "the axis `a` is there twice"),
            ("[sweep]\na = [3, 1, 3.0]\n", "`a = 3` twice"),
            ("[[zip]]\na = [1, 2, 1]\nb = [3, 3, 3]\n", "`a = 1, b = 3` twice"),
        ];
        for (text, expected) in cases {
            let problems = points(text).unwrap_err();
            assert!(problems[0].contains(expected), "{problems:?}");
        }
    }
}
