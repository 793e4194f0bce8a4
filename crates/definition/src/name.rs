//! What definitions and pages call things: a table, figure, value or claim of an experiment.
//!
//! `growth` is of the experiment at hand (that of the definition, or the one with the page's id); `curvature/depth#growth` says
//! of which one.

use std::fmt;

/// A name as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemRef<'a> {
    /// The experiment, where one is written.
    pub experiment: Option<&'a str>,
    /// What is named in it.
    pub name: &'a str,
}

impl<'a> ItemRef<'a> {
    /// The parts of what is written. No experiment has a `#` in its id.
    pub fn parse(written: &'a str) -> Self {
        match written.split_once('#') {
            Some((experiment, name)) => Self { experiment: Some(experiment), name },
            None => Self { experiment: None, name: written },
        }
    }

    /// Experiment and name, seen from an experiment or page.
    pub fn from(self, home: &'a str) -> (&'a str, &'a str) {
        (self.experiment.unwrap_or(home), self.name)
    }
}

impl fmt::Display for ItemRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.experiment {
            Some(experiment) => write!(f, "{experiment}#{}", self.name),
            None => f.write_str(self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_says_of_which_experiment() {
        for (written, home, expected) in [
            ("growth", "a/b", ("a/b", "growth")),
            ("curvature/depth#growth", "a/b", ("curvature/depth", "growth")),
            ("#growth", "a/b", ("", "growth")),
            ("depth#a#b", "a/b", ("depth", "a#b")),
            ("", "a", ("a", "")),
        ] {
            assert_eq!(ItemRef::parse(written).from(home), expected, "{written}");
            assert_eq!(ItemRef::parse(written).to_string(), written);
        }
    }
}
