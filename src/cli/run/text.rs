//! What `octavo run` prints for people: scalars and tables, short, then values and claims.

use std::sync::Arc;

use octavo_plugin::{Value, counted};

use crate::claim::judge;
use crate::executor::{Done, Outcome};
use crate::experiment::Experiment;
use crate::experiment::registration::{Fresh, Standing};
use crate::locale::Locale;
use crate::number::Written;
use crate::plain;
use crate::plan::Plan;
use crate::relate::relate;
use crate::relation::{Field, Relation};
use crate::results::{Held, REPLICATE, Results, SCALARS};

/// Most rows of a table.
const MOST_ROWS: usize = 10;
/// Most characters of a cell.
const WIDEST_CELL: usize = 40;
/// Most characters of a row; columns that do not fit are named below.
const WIDEST_ROW: usize = 110;

/// A cell, and whether it stands at the right of its column, as numbers do.
type Cell = (String, bool);

/// The results of one experiment of the plan; claims are decided at this level.
///
/// # Errors
/// Why the result of a task that was found good cannot be read any more.
pub(super) fn text(plan: &Plan, index: usize, outcomes: &[Outcome], level: f64) -> Result<String, String> {
    let experiment = &plan.experiments[index];
    let mut loaded = outcomes.to_vec();
    for task in plan.ranges[index].clone() {
        if let Outcome::Done(done) = &outcomes[task]
            && !done.outputs.in_memory()
        {
            let artifacts = Held::of(done.outputs.as_ref(), &experiment.outputs)?;
            loaded[task] = Outcome::Done(Done { outputs: Arc::new(artifacts), ..done.clone() });
        }
    }
    let results = relate(plan, index, &loaded).results;
    let printed = Printed { experiment, results: &results, locale: english() };
    let mut lines = printed.head();
    lines.extend(printed.tables());
    lines.extend(printed.values());
    lines.extend(printed.claims(level));
    Ok(lines.join("\n"))
}

fn english() -> Locale {
    Locale::built_in("en").expect("English comes with Octavo")
}

struct Printed<'a> {
    experiment: &'a Experiment,
    results: &'a Results,
    locale: Locale,
}

impl Printed<'_> {
    fn head(&self) -> Vec<String> {
        let Experiment { id, manifest, .. } = self.experiment;
        let tasks = self.results.runs.len() + self.results.failed.len();
        let title = manifest.title.get("en").unwrap_or_default();
        let mut lines = vec![plain::line(&format!("{id}: {title}"))];
        let identity = self.experiment.analysis.identity();
        lines.push(format!("{}, revision {}, {}", identity.name, identity.revision, counted(tasks, "task")));
        if !self.results.failed.is_empty() {
            lines.push(format!("{} without a result", counted(self.results.failed.len(), "task")));
        }
        lines
    }

    /// The scalars of a single task in a list, of several tasks as a table like the others.
    fn tables(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for name in self.results.schema().names() {
            if self.results.outputs.drawings.contains_key(name) || self.results.runs.is_empty() {
                continue;
            }
            if name == SCALARS && self.results.outputs.scalars.is_empty() {
                continue;
            }
            lines.extend(match self.results.first_rows(name, MOST_ROWS) {
                Ok((relation, 1)) if name == SCALARS => self.scalars(&relation),
                Ok((relation, rows)) => self.table(name, &relation, rows),
                Err(problem) => titled(&format!("{name}: {}", problem.message), Vec::new()),
            });
        }
        let drawings: Vec<&str> = self.results.outputs.drawings.keys().map(String::as_str).collect();
        if !(drawings.is_empty() || self.results.runs.is_empty()) {
            lines.extend([String::new(), format!("drawings: {}", drawings.join(", "))]);
        }
        lines
    }

    /// With all their digits.
    fn scalars(&self, relation: &Relation) -> Vec<String> {
        let loaded = self.results.runs[0].outputs.load(SCALARS).ok().flatten();
        let uncertainty = |name: &str| match loaded.as_deref() {
            Some(octavo_plugin::artifact::Artifact::Scalars(scalars)) => scalars.get(name)?.uncertainty,
            _ => None,
        };
        let of_results = |(name, _): &(&String, &Field)| self.results.outputs.scalars.contains_key(*name);
        let row = |(name, field): (&String, &Field)| {
            let spread = uncertainty(name).map(|u| format!(" ± {u:e}")).unwrap_or_default();
            let number = match field.column.value(0) {
                Value::Missing(reason) if !reason.is_empty() => {
                    format!("{}: {reason}", self.locale.word("missing"))
                }
                missing @ Value::Missing(_) => self.cell(&missing).0,
                value => value.to_string(),
            };
            let value = format!("= {number}{spread} {}", field.schema.unit);
            vec![(name.clone(), false), (plain::line(value.trim_end()), false)]
        };
        let rows: Vec<_> = relation.fields.iter().filter(of_results).map(row).collect();
        titled("scalars", aligned(&rows))
    }

    /// The first rows of a table, which has so many.
    fn table(&self, name: &str, relation: &Relation, rows: usize) -> Vec<String> {
        let shown = relation.rows;
        let column = |(name, field): (&String, &Field)| {
            let unit = match field.schema.unit.as_str() {
                "" => String::new(),
                unit => format!(" ({unit})"),
            };
            let cells: Vec<Cell> = (0..shown).map(|row| self.cell(&field.column.value(row))).collect();
            let right = cells.iter().any(|(_, right)| *right);
            let mut column = vec![(plain::line(&format!("{name}{unit}")), right)];
            column.extend(cells);
            column
        };
        if shown == 0 {
            return titled(&format!("{name}: 0 rows"), Vec::new());
        }
        let names = self.columns(name, relation);
        let fields = names.iter().filter_map(|name| relation.fields.get_key_value(*name));
        let columns: Vec<Vec<Cell>> = fields.map(column).collect();
        let fitting = fitting(&columns);
        let lines =
            (0..=shown).map(|row| columns[..fitting].iter().map(|column| column[row].clone()).collect());
        let title = format!("{name}: {}", counted(rows, "row"));
        let mut lines = titled(&title, aligned(&lines.collect::<Vec<_>>()));
        if rows > shown {
            lines.push(format!("  and {}", counted(rows - shown, "more row")));
        }
        if fitting < columns.len() {
            let more = &names[fitting..];
            let text = format!("  and {}: {}", counted(more.len(), "more column"), more.join(", "));
            lines.push(cut(text, WIDEST_ROW));
        }
        lines
    }

    /// The columns of a table: first those that tell its rows apart, then what a derived table adds to the one before it. The number of
    /// the replicate is left out where there is one.
    fn columns<'b>(&self, table: &str, relation: &'b Relation) -> Vec<&'b str> {
        let before = self.results.tables.get(table).map(|derived| &derived.definition().from);
        let before = before.and_then(|from| self.results.schema().schema_of(from).ok());
        let place = |name: &str| match &before {
            _ if name == REPLICATE || self.results.point_schema.contains_key(name) => 0,
            Some(before) if !before.contains_key(name) => 1,
            _ => 2,
        };
        let single = self.results.replicates().len() < 2;
        let names = relation.fields.keys().map(String::as_str);
        let mut names: Vec<&str> = names.filter(|name| !(single && *name == REPLICATE)).collect();
        names.sort_by_key(|name| place(name));
        names
    }

    fn cell(&self, value: &Value) -> Cell {
        let text = plain::line(&Written::of(value, &self.locale).text());
        (cut(text, WIDEST_CELL), matches!(value, Value::Float(_) | Value::Integer(_)))
    }

    fn values(&self) -> Vec<String> {
        let row = |(name, value)| {
            let mut row = vec![(String::clone(name), false)];
            match self.results.estimate(value) {
                Ok(found) => {
                    let (number, _) = self.cell(&found.value);
                    let unit = found.unit;
                    row.push((format!("{number} {unit}").trim_end().to_owned(), false));
                    let ends = found.interval.filter(|(low, high)| low < high);
                    row.extend(ends.map(|(low, high)| {
                        let [low, high] = [low, high].map(|end| self.cell(&end.into()).0);
                        (format!("95 %: {low} to {high}"), false)
                    }));
                }
                Err(problem) => row.push((plain::line(&problem.message), false)),
            }
            row
        };
        let rows: Vec<_> = self.experiment.definitions.values.iter().map(row).collect();
        if rows.is_empty() { Vec::new() } else { titled("values", aligned(&rows)) }
    }

    /// Each claim with its verdict and what was expected, and below it what decided.
    fn claims(&self, level: f64) -> Vec<String> {
        let (mut rows, mut reasons) = (Vec::new(), Vec::new());
        let definitions = &self.experiment.definitions;
        for (name, claim) in &self.experiment.manifest.claims {
            let judged = judge(self.results, &definitions.values, &definitions.claims[name], level);
            let (verdict, good, reason) = match &judged {
                Ok(found) => (found.verdict.name(), found.as_expected, found.part().reason.to_string()),
                Err(problem) => ("undecided", false, problem.message.clone()),
            };
            let explores = self.experiment.standing(name) == Standing::Exploratory;
            let fragile = matches!(self.experiment.fresh(name, verdict), Fresh::NotConfirmed { .. });
            let verdict = if explores { "exploratory" } else { verdict };
            let expected = match (explores, good && !fragile, fragile) {
                (true, ..) => String::new(),
                (_, true, _) => "as expected".to_owned(),
                (.., true) => format!("expected: {}, not confirmed", claim.expect.name()),
                _ => format!("expected: {}", claim.expect.name()),
            };
            let cells = [name.clone(), verdict.to_owned(), expected, plain::line(&claim.check)];
            rows.push(cells.map(|cell| (cell, false)).to_vec());
            reasons.push(format!("    {}", plain::line(&reason)));
        }
        if rows.is_empty() {
            return Vec::new();
        }
        let lines = aligned(&rows).into_iter().zip(reasons);
        titled("claims", lines.flat_map(|(line, reason)| [line, reason]).collect())
    }
}

/// A text, cut off behind so many characters.
fn cut(text: String, most: usize) -> String {
    let cut = text.char_indices().nth(most).map(|(at, _)| format!("{}…", &text[..at]));
    cut.unwrap_or(text)
}

/// How many columns fit into a row; the first one always does.
fn fitting(columns: &[Vec<Cell>]) -> usize {
    let mut width = 0;
    let fits = |column: &&Vec<Cell>| {
        width += 2 + column.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0);
        width <= WIDEST_ROW
    };
    columns.iter().take_while(fits).count().max(1).min(columns.len())
}

/// Lines below a title and an empty line.
fn titled(title: &str, lines: Vec<String>) -> Vec<String> {
    [vec![String::new(), title.to_owned()], lines].concat()
}

/// Rows of cells under one another, two spaces apart.
fn aligned(rows: &[Vec<Cell>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|(text, _)| text.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<Cell>| {
        let cells = row.iter().zip(&widths).map(|((text, right), width)| match right {
            true => format!("  {text:>width$}"),
            false => format!("  {text:<width$}"),
        });
        cells.collect::<String>().trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_at_the_right_and_texts_at_the_left() {
        let cell = |text: &str, right| (text.to_owned(), right);
        let rows = vec![
            vec![cell("n", true), cell("kind", false), cell("x", true)],
            vec![cell("1,024", true), cell("é", false), cell("0.5", true)],
            vec![cell("7", true), cell("long", false)],
        ];
        assert_eq!(aligned(&rows), ["      n  kind    x", "  1,024  é     0.5", "      7  long"]);
    }

    #[test]
    fn a_row_has_as_many_columns_as_fit() {
        let column = |width: usize| vec![("x".repeat(width), false)];
        for (widths, expected) in
            [(vec![], 0), (vec![10, 10], 2), (vec![60, 46], 2), (vec![60, 47], 1), (vec![200, 1], 1)]
        {
            let columns: Vec<_> = widths.iter().map(|width| column(*width)).collect();
            assert_eq!(fitting(&columns), expected, "{widths:?}");
        }
    }
}
