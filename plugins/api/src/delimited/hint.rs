//! What to declare for a cell that is a number in another form.

use super::form::{Decimal, TextForm, Thousands, is_blank};
use super::number::{Number, number};

/// Most characters of a cell that a message shows.
const SHOWN: usize = 60;

/// What programs write where there is no value.
const MISSING: [&str; 17] = [
    "NA", "N/A", "#N/A", "n/a", "na", "NaN", "nan", "NAN", "NULL", "null", "None", "none", "-", "--", "?",
    ".", "missing",
];

/// The beginning of a text, for a message.
pub(crate) fn shown(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(SHOWN).collect();
    format!("{beginning}...")
}

/// What to do about a cell that is of no such kind.
pub(super) fn hint(text: &str, kind: &str, form: &TextForm, file: &str) -> Option<String> {
    if form.is_missing(text) {
        return Some("a number is needed in every row: leave out those without one".to_owned());
    }
    if MISSING.contains(&text) {
        let missing = [form.missing.as_slice(), &[text.to_owned()]].concat();
        let declared = TextForm { missing, ..form.clone() }.declared(file);
        return Some(format!("if it means that there is no value, say so: {declared}"));
    }
    if text.chars().any(|sign| !sign.is_ascii() && sign.is_numeric()) {
        return Some("write its digits as 0 to 9".to_owned());
    }
    if kind == "bool" {
        return Some("truth values are `true` and `false`".to_owned());
    }
    if text.starts_with(['\u{2212}', '\u{2013}']) {
        return Some("write its sign as `-`".to_owned());
    }
    if matches!(text.trim_start_matches(['+', '-']).to_lowercase().as_str(), "inf" | "infinity" | "\u{221e}")
    {
        return Some("write `infinity` or `-infinity`".to_owned());
    }
    let good: Vec<String> = readings(text, form).iter().map(|form| form.declared(file)).collect();
    (!good.is_empty()).then(|| format!("say what its signs mean: {}", good.join(" or ")))
}

/// The forms in which a text is a number, the likely ones first: at most one for each sign before decimals.
fn readings(text: &str, form: &TextForm) -> Vec<TextForm> {
    let decimals = [form.decimal, Some(Decimal::Comma), Some(Decimal::Point)];
    let signs =
        [Thousands::Comma, Thousands::Point, Thousands::Blank, Thousands::Apostrophe, Thousands::LowLine];
    let mut good: Vec<TextForm> = Vec::new();
    for thousands in std::iter::once(form.thousands).chain(signs.map(Some)) {
        let reading = |decimal: Option<Decimal>| TextForm { decimal, thousands, ..form.clone() };
        let is_number = |form: &TextForm| {
            form.problem().is_none() && matches!(number(text, form), Some(Number::Finite(_)))
        };
        if let Some(found) = decimals.into_iter().map(reading).find(is_number)
            && good.iter().all(|other| other.decimal() != found.decimal())
        {
            good.push(found);
        }
    }
    good.retain(|found| found != form);
    good
}

/// Adds a decimal comma to a form if the first row below the header has one and no decimal point.
pub(super) fn with_decimal(form: TextForm, text: &str) -> TextForm {
    let separator = form.separator().sign();
    let Some(row) = text.lines().filter(|line| !line.trim().is_empty()).nth(1) else { return form };
    let comma = TextForm { decimal: Some(Decimal::Comma), ..form.clone() };
    let is = |form: &TextForm, cell: &str| {
        matches!(number(cell.trim_matches(is_blank), form), Some(Number::Finite(_)))
    };
    let meant = |cell: &str| is(&comma, cell) && !is(&form, cell);
    if form.decimal.is_none() && separator != ',' && row.split(separator).any(meant) { comma } else { form }
}
