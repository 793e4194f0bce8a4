//! Which lines of a formula have numbers, and what they are called.

use std::ops::Range;

use super::Problem;

/// What an author prints instead of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The words.
    pub(crate) text: String,
    /// Whether they stand without brackets.
    pub(crate) bare: bool,
}

impl Tag {
    /// As it stands beside the formula.
    pub(crate) fn shown(&self) -> String {
        if self.bare { self.text.clone() } else { format!("({})", self.text) }
    }
}

/// A formula, or a line of one, that has a number or a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbered {
    /// The line; nothing for the whole formula.
    pub(crate) row: Option<usize>,
    /// Its name, without `eq:`, and the bytes of the formula where it is given.
    pub(crate) label: Option<(String, Range<usize>)>,
    /// What is printed instead of a number.
    pub(crate) tag: Option<Tag>,
}

/// Gathers names and numbers.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The line that is read, within an environment whose lines have numbers.
    pub(super) row: Option<usize>,
    found: Vec<(Numbered, Range<usize>)>,
}

impl Lines {
    fn entry(&mut self, at: &Range<usize>) -> &mut Numbered {
        let row = self.row;
        let index = self.found.iter().position(|(numbered, _)| numbered.row == row).unwrap_or_else(|| {
            self.found.push((Numbered { row, ..Numbered::default() }, at.clone()));
            self.found.len() - 1
        });
        &mut self.found[index].0
    }

    pub(super) fn label(&mut self, name: &str, at: &Range<usize>) -> Result<(), Problem> {
        let name = name.strip_prefix("eq:").unwrap_or(name).to_owned();
        let entry = self.entry(at);
        match &entry.label {
            None => entry.label = Some((name, at.clone())),
            Some((known, _)) => {
                let message = format!("`\\label{{{name}}}`: this line is called `{known}` already");
                return Err(Problem::at(message, at));
            }
        }
        Ok(())
    }

    pub(super) fn tag(&mut self, tag: Tag, at: &Range<usize>) -> Result<(), Problem> {
        let entry = self.entry(at);
        if entry.tag.is_some() {
            return Err(Problem::at("a line has one `\\tag`", at));
        }
        entry.tag = Some(tag);
        Ok(())
    }

    /// All, in the order of the lines; either the whole formula or its lines have numbers.
    pub(super) fn numbers(self) -> Result<Vec<Numbered>, Problem> {
        let whole = self.found.iter().any(|(numbered, _)| numbered.row.is_none());
        if let Some((_, at)) = self.found.iter().find(|(numbered, _)| whole && numbered.row.is_some()) {
            return Err(Problem::at("the formula has a number, and so has this line of it", at));
        }
        Ok(self.found.into_iter().map(|(numbered, _)| numbered).collect())
    }
}
