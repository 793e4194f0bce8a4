//! Which result does a number equal that an author typed into the text?

use std::collections::BTreeSet;

use octavo_plugin::math;

use super::host::PageHost;
use crate::locale::Locale;
use crate::name::ItemRef;
use crate::prose::{Numeral, Reference, ReferenceKind};

/// A named value of an experiment that the page shows, as numbers are compared with it.
pub(super) struct Known {
    /// As a page writes it: `folding/tent#regions`.
    name: String,
    value: f64,
}

/// The numbers among the named values of all experiments of which the page shows something.
pub(super) fn known(host: &PageHost<'_>) -> Vec<Known> {
    let text = host.page.text(&host.locale.tag, &host.shared.material.site.languages);
    let of_results = |reference: &&Reference| {
        use ReferenceKind::{Claim, Figure, Table, Value};
        matches!(reference.kind, Figure | Table | Value | Claim)
    };
    let ids: BTreeSet<&str> = (text.prose.references().iter().filter(of_results))
        .map(|reference| ItemRef::parse(&reference.target).from(&host.page.id).0)
        .collect();
    let experiments = &host.shared.material.experiments;
    let named = ids.into_iter().filter_map(|id| Some((id, experiments.get(id)?)));
    let names =
        named.flat_map(|(id, experiment)| experiment.definitions.values.keys().map(move |name| (id, name)));
    names
        .filter_map(|(id, name)| {
            let value = host.find_value(id, name).ok()?.as_f64()?;
            Some(Known { name: format!("{id}#{name}"), value })
        })
        .collect()
}

/// The first value that the number equals, rounded as the number is.
pub(super) fn equal(known: &[Known], numeral: &Numeral, locale: &Locale) -> Option<String> {
    let (number, decimals) = numeral.read(locale)?;
    // Half of the last digit that is written.
    let half = 0.5 * math::powi(0.1, i32::try_from(decimals).ok()?);
    let near = |value: f64| (value - number).abs() <= half * (1.0 + 1e-9);
    let equals = |one: &&Known| near(one.value) || (numeral.percent && near(100.0 * one.value));
    known.iter().find(equals).map(|one| one.name.clone())
}
