//! A file with a header as a table of typed columns.

use indexmap::IndexMap;

use super::Builder;
use crate::artifact::Table;
use crate::delimited::{Cell, Reader, TextForm, Wrong};
use crate::input::InputContent;
use crate::output::ColumnType;
use crate::{Failure, Reading};

/// What a table is read from, and by which rules.
pub(crate) struct Source<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// What messages call it.
    pub(crate) file: &'a str,
    /// How it is written.
    pub(crate) form: &'a TextForm,
    /// Whether blanks around a cell are no part of it.
    pub(crate) trimmed: bool,
}

/// Reads the columns of which `kind` gives a type; others are looked at and forgotten. `spend` learns after each row how many
/// bytes of memory it took, about.
///
/// # Errors
/// What `kind` and `spend` say; [`Wrong`] with the place, as `bad` words it.
pub(crate) fn table<E>(
    source: &Source<'_>,
    kind: &dyn Fn(&str) -> Result<Option<ColumnType>, E>,
    spend: &mut dyn FnMut(u64) -> Result<(), E>,
    bad: &dyn Fn(Wrong) -> E,
) -> Result<Table, E> {
    let mut reader =
        Reader::with_header(source.text, source.form, source.trimmed, source.file).map_err(bad)?;
    let names = reader.names().to_vec();
    let mut columns = names
        .iter()
        .map(|name| Ok(kind(name)?.map(|kind| Builder::new(kind, source.form.clone()))))
        .collect::<Result<Vec<Option<Builder>>, E>>()?;
    let mut memory = 0;
    while let Some(cell) = reader.cell().map_err(bad)? {
        if let Some(builder) = &mut columns[cell.place.column] {
            memory += push(builder, &cell, &reader, source).map_err(bad)?;
        }
        if cell.last {
            spend(std::mem::take(&mut memory))?;
        }
    }
    let pairs = names.into_iter().zip(columns);
    let columns = pairs.filter_map(|(name, builder)| Some((name, builder?.column()))).collect();
    Ok(Table { columns })
}

fn push(
    builder: &mut Builder,
    cell: &Cell<'_>,
    reader: &Reader<'_>,
    source: &Source<'_>,
) -> Result<u64, Wrong> {
    builder
        .push(&cell.text)
        .map_err(|kind| reader.no_number(cell, &kind.to_string(), (source.form, source.file)))
}

/// The columns of these names and types, from a CSV file with a header or a table among results, in the order of `types`.
/// A cell that lacks its value, and an infinite one, is an exception of its column.
///
/// # Errors
/// [`FailureKind::User`](crate::FailureKind::User) that names the row and column; as [`Reading::admit`] and
/// [`Reading::go_on`].
pub fn columns<'a>(
    input: impl Into<Reading<'a>>,
    types: &IndexMap<String, ColumnType>,
) -> Result<Table, Failure> {
    let input = input.into();
    let mut found = match &input.content {
        InputContent::File { .. } => {
            let text = input.delimited()?;
            known(&text, input, types)?;
            let source = Source { text: &text, file: &input.name, form: input.form(), trimmed: true };
            let mut cells = 0;
            let mut count = |_| {
                cells += types.len() as u64;
                input.count(cells)
            };
            table(&source, &|name| Ok(types.get(name).copied()), &mut count, &|wrong| {
                wrong.failure(&input.name)
            })?
        }
        InputContent::Artifact(crate::artifact::Artifact::Table(table)) => table.clone(),
        InputContent::Artifact(_) => return Err(Failure::user(format!("`{}` is no table", input.name))),
    };
    let mut chosen = IndexMap::new();
    for (name, kind) in types {
        let Some(column) = found.columns.get(name) else {
            return Err(no_column(&input.name, name, found.columns.keys()));
        };
        if column.kind() != *kind {
            let (other, file) = (column.kind(), &input.name);
            return Err(Failure::user(format!(
                "the column `{name}` of `{file}` is of type {other}, not {kind}"
            )));
        }
        chosen.insert(name.clone(), found.columns.swap_remove(name).expect("it was found"));
    }
    Ok(Table { columns: chosen })
}

/// Refuses a name that the header lacks, before any row is read.
fn known(text: &str, input: Reading<'_>, types: &IndexMap<String, ColumnType>) -> Result<(), Failure> {
    let reader = Reader::with_header(text, input.form(), true, &input.name)
        .map_err(|wrong| wrong.failure(&input.name))?;
    match types.keys().find(|name| !reader.names().contains(name)) {
        Some(name) => Err(no_column(&input.name, name, reader.names().iter())),
        None => Ok(()),
    }
}

fn no_column<'a>(file: &str, name: &str, names: impl Iterator<Item = &'a String>) -> Failure {
    let names = names.map(String::as_str).collect::<Vec<_>>().join("`, `");
    Failure::user(format!("`{file}` has no column `{name}`")).help(format!("its columns are `{names}`"))
}
