//! Numbers as a reader wants them, the same in texts, tables, claims and figures: one rounding ([`Decimal`]), one grammar of
//! formats ([`Format`]), one way to write a power of ten ([`Written`]). docs/expressions.md has the rules.

mod apart;
mod decimal;
mod format;
mod written;

pub use apart::{apart, whole};
pub use decimal::Decimal;
pub use format::{Format, format_number};
pub use written::Written;
