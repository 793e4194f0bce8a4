//! The rows of figures: tables of an experiment, each put together once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use octavo_plugin::figure::{Figure, Where};

use super::super::Material;
use super::super::packed::FullTable;
use crate::figure::Source;
use crate::ids::{ExperimentId, FigureRef, TableRef};
use crate::relation::Relation;
use crate::results;

/// Relations that were put together already, and the tables among them whose files were made.
#[derive(Default)]
pub(super) struct Relations {
    known: Mutex<BTreeMap<TableRef, Arc<Relation>>>,
    packed: Mutex<BTreeSet<TableRef>>,
}

impl Relations {
    /// Makes the files of the whole tables that a figure draws rows of, while it is drawn: the page of a new figure has links to them.
    pub(super) fn pack(&self, material: &Material<'_>, of: &FigureRef, figure: &Figure) {
        for from in figure.all_layers().iter().filter_map(|layer| layer.from.as_deref()) {
            let Ok(table) = TableRef::parse(from, &of.experiment) else { continue };
            let is_new = self.packed.lock().unwrap_or_else(PoisonError::into_inner).insert(table.clone());
            if is_new {
                // What goes wrong is told where the page asks for it.
                let _ = FullTable::with_rows(material, &table, &|| self.get(material, table.clone()));
            }
        }
    }

    fn get(&self, material: &Material<'_>, table: TableRef) -> Result<Arc<Relation>, String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&table).cloned();
        if let Some(relation) = known {
            return Ok(relation);
        }
        let related = material
            .related
            .get(&table.experiment)
            .ok_or_else(|| format!("there is no experiment `{}`", table.experiment))?;
        let relation = Arc::new(related.results.relation(&table.name).map_err(|problem| problem.message)?);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(table, Arc::clone(&relation));
        Ok(relation)
    }
}

/// The tables of one experiment, and as `folder/slug#name` those of all others.
pub(super) struct OwnSource<'a> {
    pub(super) material: &'a Material<'a>,
    pub(super) experiment: &'a ExperimentId,
    pub(super) relations: &'a Relations,
}

impl Source for OwnSource<'_> {
    fn relation(&self, from: &str, selection: &Where) -> Result<Arc<Relation>, String> {
        let table = TableRef::parse(from, self.experiment).map_err(|wrong| wrong.to_string())?;
        let relation = self.relations.get(self.material, table)?;
        if selection.is_empty() {
            return Ok(relation);
        }
        results::select(&relation, selection).map(Arc::new).map_err(|problem| problem.message)
    }
}
