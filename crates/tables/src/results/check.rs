//! Checks of tables, values, claims and conditions before anything runs.

use indexmap::IndexMap;
use octavo_plugin::figure::Where;
use octavo_plugin::{ColumnSchema, ColumnType};

use super::schema::{Columns, Resolver, ResultsSchema};
use super::{Problem, select};
use crate::definitions::{CheckedClaim, CheckedValue};
use crate::expr::{self, Expr, Nature, Node, types};

impl ResultsSchema<'_> {
    /// Every problem of a selection over these columns, with paths below `path`.
    pub fn check_where(
        &self,
        columns: &IndexMap<String, ColumnSchema>,
        selection: &Where,
        path: &[&str],
    ) -> Vec<Problem> {
        select::check(columns, selection).into_iter().map(|problem| problem.under(path)).collect()
    }

    /// Every problem of a derived table, with paths from the manifest's root.
    pub fn check_derived_table(&self, name: &str) -> Vec<Problem> {
        let (_, problems) = Resolver::new(*self).derived(name);
        problems
            .into_iter()
            .filter(|problem| problem.path.get(1).is_some_and(|table| table == name))
            .collect()
    }

    /// Every problem of a value, with paths from the manifest's root. A table that is wrong itself is no problem here.
    pub fn check_value(&self, name: &str, value: &CheckedValue) -> Vec<Problem> {
        self.value(value)
            .map_or_else(|problems| problems, |_| Vec::new())
            .into_iter()
            .map(|problem| problem.under(&["values", name]))
            .collect()
    }

    /// The type and unit of a value; problems have paths below the value. An empty list of problems stands for what is
    /// told elsewhere: a table that is wrong itself, an expression that could not be read.
    fn value(&self, value: &CheckedValue) -> Result<ColumnSchema, Vec<Problem>> {
        let columns = match Resolver::new(*self).columns(&value.from) {
            Ok(columns) => columns,
            Err(unresolved) if unresolved.elsewhere => return Err(Vec::new()),
            Err(unresolved) => return Err(vec![unresolved.problem.under(&["from"])]),
        };
        let mut problems = self.check_where(&columns, &value.selection, &["where"]);
        if !value.expr.is_read() {
            return Err(problems);
        }
        match one_value(&value.expr, &columns) {
            Ok(kind) if problems.is_empty() => Ok(super::schema::described(&value.expr, kind, "", &columns)),
            Ok(_) => Err(problems),
            Err(errors) => {
                problems.extend(errors.into_iter().map(|error| Problem::expression(error).under(&["expr"])));
                Err(problems)
            }
        }
    }

    /// Every problem of a claim, with paths from the manifest's root. Values that are wrong themselves are no problem
    /// here.
    pub fn check_claim(
        &self,
        name: &str,
        claim: &CheckedClaim,
        values: &IndexMap<String, CheckedValue>,
    ) -> Vec<Problem> {
        let mut known: IndexMap<String, ColumnType> = IndexMap::new();
        if self.point.is_empty() {
            known.extend(types(&self.outputs.scalars));
        }
        let mut broken = Vec::new();
        for (value, definition) in values {
            match self.value(definition) {
                Ok(schema) => {
                    known.insert(value.clone(), schema.kind);
                }
                Err(_) => broken.push(value.as_str()),
            }
        }
        let path = ["claims", name, "check"];
        statement(&claim.check, &known, &broken)
            .into_iter()
            .map(|error| self.explained(error, claim.check.text()).under(&path))
            .collect()
    }

    /// Warnings of comparisons by `==` and `!=` between numbers that vary by chance, in a claim without problems of an
    /// experiment whose analysis is stochastic.
    pub fn check_equalities(
        &self,
        name: &str,
        claim: &CheckedClaim,
        values: &IndexMap<String, CheckedValue>,
    ) -> Vec<Problem> {
        let varies = |name: &str| match (values.get(name), self.outputs.scalars.get(name)) {
            (Some(value), _) => {
                let number = self.value(value).is_ok_and(|schema| is_number(schema.kind));
                number && value.expr.natures().any(|nature| nature != Nature::Extreme)
            }
            (None, Some(scalar)) => is_number(scalar.kind),
            (None, None) => false,
        };
        let chancy = |node: &&Node| {
            let mut names = Vec::new();
            node.names(&mut names);
            names.iter().any(|(name, _)| varies(name))
        };
        let told = |node: &Node| {
            let message = "numbers that vary by chance are never shown to be equal";
            let help = "show that they differ by little, as `a within 0.01 of b`; or, of these runs alone, `all(x == y)` in a value";
            let error = expr::ExprError::new(node.span.clone(), message).help(help);
            let problem = Problem::expression(error).under(&["claims", name, "check"]);
            Problem { code: "equality-by-chance", ..problem.warning() }
        };
        claim.check.root().equalities().into_iter().filter(chancy).map(told).collect()
    }

    /// Adds, for a scalar of an experiment with a sweep, why it cannot be named.
    fn explained(&self, error: expr::ExprError, text: &str) -> Problem {
        let name = text.get(error.span.clone()).unwrap_or_default();
        let swept = !self.point.is_empty() && self.outputs.scalars.contains_key(name);
        let problem = Problem::expression(error);
        if !swept || problem.message != format!("there is no `{name}` here") {
            return problem;
        }
        let help = format!("`{name}` has a value per sweep point: choose one in `[values]` with a `where`");
        Problem { help: Some(help), ..problem }
    }
}

fn is_number(kind: ColumnType) -> bool {
    matches!(kind, ColumnType::Float | ColumnType::Integer)
}

/// The type of an expression that gives one value.
fn one_value(expr: &Expr, columns: &Columns) -> Result<ColumnType, Vec<expr::ExprError>> {
    let checked = expr.check(&types(columns));
    let outside = expr.bare_names().into_iter().filter(|(name, _)| columns.contains_key(name));
    let outside: Vec<_> = outside.map(|(name, span)| expr::outside(&name, span)).collect();
    match checked {
        Ok(kind) if outside.is_empty() => Ok(kind),
        Ok(_) => Err(outside),
        Err(errors) => Err(errors.into_iter().chain(outside).collect()),
    }
}

/// What is wrong with a claim's check over named values of these types.
fn statement(expr: &Expr, known: &IndexMap<String, ColumnType>, broken: &[&str]) -> Vec<expr::ExprError> {
    if !expr.is_read() || expr.names().iter().any(|(name, _)| broken.contains(&name.as_str())) {
        return Vec::new();
    }
    let aggregates = expr.aggregate_spans();
    if !aggregates.is_empty() {
        let error = |span| {
            expr::ExprError::new(span, "a claim compares values and aggregates nothing itself")
                .help("compute it in `[values]` and use its name")
        };
        return aggregates.into_iter().map(error).collect();
    }
    match expr.check(known) {
        Ok(ColumnType::Bool) => Vec::new(),
        Ok(kind) => {
            let message = format!("the check is of type {kind}, a comparison is wanted");
            vec![expr::ExprError::new(0..expr.text().len(), message).help("write for example `rate > 0.3`")]
        }
        Err(errors) => errors,
    }
}
