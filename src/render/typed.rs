//! Which result does a number equal that an author typed into the text?

use std::collections::BTreeSet;

use octavo_plugin::math;

use super::host::PageHost;
use crate::ids::{ItemRef, ValueRef};
use crate::locale::Locale;
use crate::prose::{Numeral, Reference, ReferenceKind};

/// A named value of an experiment that the page shows, as numbers are compared with it.
pub(super) struct Known {
    of: ValueRef,
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
    let named = ids.into_iter().filter_map(|id| experiments.get(id));
    let all = named.flat_map(|experiment| {
        experiment.definitions.values.keys().map(|name| ValueRef::new(&experiment.id, name))
    });
    all.filter_map(|of| Some(Known { value: host.find_value(&of).ok()?.as_f64()?, of })).collect()
}

/// The first value that the number equals, rounded as the number is.
pub(super) fn equal(known: &[Known], numeral: &Numeral, locale: &Locale) -> Option<String> {
    let (number, decimals) = numeral.read(locale)?;
    // Half of the last digit that is written.
    let half = 0.5 * math::powi(0.1, i32::try_from(decimals).ok()?);
    let near = |value: f64| (value - number).abs() <= half * (1.0 + 1e-9);
    let equals = |one: &&Known| near(one.value) || (numeral.percent && near(100.0 * one.value));
    known.iter().find(equals).map(|one| one.of.to_string())
}
