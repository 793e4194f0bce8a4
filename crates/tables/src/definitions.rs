//! Tables, values and claims with their expressions read: each text is parsed once, here, and what checks and evaluates them
//! takes the parsed form.

use indexmap::IndexMap;
use octavo_definition::manifest::{Claim, DerivedTable, DerivedValue, Drift, Expect, Manifest};
use octavo_plugin::figure::Where;
use octavo_plugin::{ColumnType, Localized, OutputSchema};

use crate::drift::Allowed;
use crate::expr::Expr;
use crate::problem::Problem;

/// The name of the table of all scalars.
pub const SCALARS: &str = "scalars";

/// The expression of a text at a place in a definition. One that cannot be read is told and stands for nothing: what names it is
/// no second problem ([`Expr::is_read`]).
pub fn expression(text: &str, path: &[&str], problems: &mut Vec<Problem>) -> Expr {
    Expr::parse(text).unwrap_or_else(|error| {
        problems.push(Problem::expression(error).under(path));
        Expr::unread(text)
    })
}

/// A derived table with its expressions.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedTable {
    definition: DerivedTable,
    stats: Vec<Expr>,
    computed: Vec<Expr>,
}

/// A computed column of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Computed<'a> {
    /// What it is called.
    pub(crate) name: &'a str,
    /// How it is computed.
    pub(crate) expr: &'a Expr,
    /// Keys from the table to the expression.
    pub(crate) path: Vec<String>,
}

impl CheckedTable {
    /// Reads the expressions of a table; problems have paths below it.
    pub fn read(definition: DerivedTable, problems: &mut Vec<Problem>) -> Self {
        let stats = definition.stats.iter();
        let stats = stats.map(|(name, text)| expression(text, &["stats", name], problems)).collect();
        let computed = definition.computed();
        let computed = computed.iter().map(|column| {
            let path: Vec<&str> = column.path.iter().map(String::as_str).collect();
            expression(column.expr, &path, problems)
        });
        let computed = computed.collect();
        Self { definition, stats, computed }
    }

    /// The table as written.
    pub fn definition(&self) -> &DerivedTable {
        &self.definition
    }

    /// The columns that are computed per group, in order.
    pub(crate) fn stats(&self) -> impl Iterator<Item = (&String, &Expr)> {
        self.definition.stats.keys().zip(&self.stats)
    }

    /// The columns that are computed per row, in order.
    pub(crate) fn computed(&self) -> impl Iterator<Item = Computed<'_>> {
        let columns = self.definition.computed().into_iter().zip(&self.computed);
        columns.map(|(column, expr)| Computed { name: column.name, expr, path: column.path })
    }

    /// Whether rows of several tasks may become one.
    pub fn groups(&self) -> bool {
        !self.definition.group.is_empty() || !self.stats.is_empty()
    }

    /// All its expressions.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.stats.iter().chain(&self.computed)
    }
}

/// A named value with its expression.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedValue {
    /// The table it is computed from.
    pub from: String,
    /// Which rows.
    pub selection: Where,
    /// How it is computed.
    pub expr: Expr,
    /// Its unit; empty for that of the column.
    pub unit: String,
    /// What it is, per language.
    pub label: Localized,
}

impl CheckedValue {
    /// Reads the expression of a value; problems have paths below it.
    pub fn read(definition: &DerivedValue, problems: &mut Vec<Problem>) -> Self {
        let DerivedValue { from, selection, expr, unit, label, .. } = definition.clone();
        Self { from, selection, expr: expression(&expr, &["expr"], problems), unit, label }
    }

    /// A scalar of the analysis by its own name: of several runs its mean, or whether it is true of all. `None` if there is no
    /// such scalar.
    pub(crate) fn of_scalar(outputs: &OutputSchema, several: bool, name: &str) -> Option<Self> {
        let schema = outputs.scalars.get(name)?;
        let aggregate = match schema.kind {
            ColumnType::Bool => "all",
            ColumnType::Float | ColumnType::Integer if several => "mean",
            _ => "first",
        };
        Some(Self {
            from: SCALARS.to_owned(),
            selection: Where::new(),
            expr: Expr::of_column(aggregate, name),
            unit: schema.unit.clone(),
            label: Localized::None,
        })
    }

    /// The value as its author could have written it.
    pub fn definition(&self) -> DerivedValue {
        let Self { from, selection, expr, unit, label } = self.clone();
        DerivedValue { from, selection, expr: expr.text().to_owned(), unit, label, drift: None }
    }
}

/// A claim with its comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedClaim {
    /// The statement, per language.
    pub text: Localized,
    /// The comparison that decides it.
    pub check: Expr,
    /// What it is expected to turn out as.
    pub expect: Expect,
}

impl CheckedClaim {
    /// Reads the comparison of a claim; problems have paths below it.
    pub fn read(definition: &Claim, problems: &mut Vec<Problem>) -> Self {
        let Claim { text, check, expect, .. } = definition.clone();
        Self { text, check: expression(&check, &["check"], problems), expect }
    }
}

/// The tables, values and claims of an experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definitions {
    /// Derived tables by name.
    pub tables: IndexMap<String, CheckedTable>,
    /// Named values.
    pub values: IndexMap<String, CheckedValue>,
    /// Claims by name.
    pub claims: IndexMap<String, CheckedClaim>,
    /// How far named values may be from the accepted ones.
    pub drift: IndexMap<String, Allowed>,
}

impl Definitions {
    /// Reads all expressions; problems have paths from the manifest's root.
    pub fn read(manifest: &Manifest) -> (Self, Vec<Problem>) {
        let Manifest { tables, values, claims, .. } = manifest;
        let mut problems = Vec::new();
        let mut below = |kind: &'static str, name: &str, found: Vec<Problem>| {
            problems.extend(found.into_iter().map(|problem| problem.under(&[kind, name])));
        };
        let mut all = Self::default();
        for (name, table) in tables {
            let mut found = Vec::new();
            all.tables.insert(name.clone(), CheckedTable::read(table.clone(), &mut found));
            below("tables", name, found);
        }
        for (name, value) in values {
            let mut found = Vec::new();
            all.values.insert(name.clone(), CheckedValue::read(value, &mut found));
            found.extend(value.drift.as_ref().and_then(wrong_format));
            below("values", name, found);
            let allowed = Allowed::read(&manifest.drift_of(value)).unwrap_or_default();
            all.drift.insert(name.clone(), allowed);
        }
        for (name, claim) in claims {
            let mut found = Vec::new();
            all.claims.insert(name.clone(), CheckedClaim::read(claim, &mut found));
            below("claims", name, found);
        }
        problems.extend(wrong_format(&manifest.drift));
        (all, problems)
    }
}

/// What is wrong with the format of a tolerance.
fn wrong_format(drift: &Drift) -> Option<Problem> {
    let message = Allowed::read(drift).err()?;
    Some(Problem::new("number-format", message).under(&["drift", "printed"]))
}
