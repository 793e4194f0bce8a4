//! Prose, from Markdown to HTML: fixtures, formulas, hostile input, properties.

mod cited;
mod fixtures;
mod formulas_of_pages;
mod formulas_set;
mod host;
mod hostile;
mod html;
mod many;
mod math;
mod mistaken;
mod properties;
mod styles;
