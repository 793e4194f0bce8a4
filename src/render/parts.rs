//! Callouts, exercises, solutions, notes and lists of works, as the theme's templates write them.

use std::cell::RefCell;

use minijinja::context;
use minijinja::value::Value as Templated;

use crate::diagnostic::Diagnostic;
use crate::prose::{Listed, Part, SafeHtml, escape};
use crate::theme::Theme;

/// A part of a page, with the words of its language.
///
/// # Errors
/// What is wrong in its template.
pub fn html(theme: &Theme, part: Part<'_>, words: Templated) -> Result<SafeHtml, Diagnostic> {
    let (name, context) = match part {
        Part::Callout { kind, title, content } => {
            let callout = context! { kind => kind, title => title.map(safe), content => safe(content) };
            ("callout.html", context! { callout => callout, words => words })
        }
        Part::Exercise { id, number, title, content } => {
            let exercise = context! { anchor => id, number => number, title => title.map(safe), content => safe(content) };
            ("exercise.html", context! { exercise => exercise, words => words })
        }
        Part::Solution { title, content } => {
            let solution = context! { title => title.map(safe), content => safe(content) };
            ("solution.html", context! { solution => solution, words => words })
        }
        Part::Footnotes(notes) => {
            let footnotes = context! { notes => each(notes) };
            ("footnotes.html", context! { footnotes => footnotes, words => words })
        }
        Part::References { numbered, styled, works } => {
            let references = context! { numbered => numbered, styled => styled, works => each(works) };
            ("references.html", context! { references => references, words => words })
        }
    };
    theme.render(name, context).map(SafeHtml::trusted)
}

/// What a template wrote, or a mark in its place and what is wrong among the errors.
pub(super) fn or_failure(html: Result<SafeHtml, Diagnostic>, errors: &RefCell<Vec<Diagnostic>>) -> SafeHtml {
    html.unwrap_or_else(|error| {
        let html = format!("<p class=\"failure\">{}</p>", escape(&error.message));
        errors.borrow_mut().push(error);
        SafeHtml::trusted(html)
    })
}

fn each(list: Vec<Listed>) -> Vec<Templated> {
    let one = |listed: Listed| {
        let Listed { id, content, places, end } = listed;
        context! { anchor => id, content => safe(content), places => places, end => safe(end) }
    };
    list.into_iter().map(one).collect()
}

fn safe(html: SafeHtml) -> Templated {
    Templated::from_safe_string(html.into_string())
}
