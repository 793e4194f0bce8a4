//! What stands in for [CSL styles](https://citationstyles.org) in a program that is built without them: no style can be
//! made, so that nothing else of this is ever reached.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::citation::{CitedWork, HOW_TO_BUILD_CSL};
use crate::cited::{Cited, Locator};
use crate::document::Inline;
use octavo_definition::diagnostic::Diagnostic;
use octavo_definition::locale::Locale;
use octavo_definition::source::SourceFile;

/// A style of citation that was read from a CSL file. In this build there is none.
#[derive(Clone, Debug)]
pub enum Csl {}

impl Csl {
    /// Whether this program can read such files.
    pub const BUILT_IN: bool = false;

    /// Refuses every file.
    ///
    /// # Errors
    /// Always: how to build a program that can.
    pub fn parse(source: &Arc<SourceFile>) -> Result<Self, Diagnostic> {
        let message = format!("`{}` is a CSL style, and this program is built without them", source.path);
        Err(Diagnostic::error("bibliography-style", message).help(HOW_TO_BUILD_CSL))
    }
}

/// What follows a work, as it is.
pub(super) fn located<'i>(
    _style: Option<&Csl>,
    suffix: &'i [Inline],
) -> (Option<Locator>, Cow<'i, [Inline]>) {
    (None, Cow::Borrowed(suffix))
}

/// The citations of a page. In this build there are none.
pub(super) enum Page<'a> {
    #[expect(dead_code, reason = "there is no style to begin with")]
    Of(&'a Csl),
}

/// What a style made of the works: the list, each with its key.
pub(super) type List = Option<Vec<(String, String)>>;

impl<'a> Page<'a> {
    pub(super) fn new(csl: &'a Csl, _locale: &'a Locale) -> Self {
        match *csl {}
    }

    pub(super) fn cite(
        &mut self,
        _narrative: bool,
        _works: &[&Cited<'_>],
        _count: impl FnMut(&str) -> Option<usize>,
        _html: &mut String,
    ) {
        match self {
            Self::Of(csl) => match **csl {},
        }
    }

    pub(super) fn finish(
        &mut self,
        _entries: &BTreeMap<&str, &CitedWork>,
        _keys: &[String],
        _who: impl Fn(&str) -> String,
    ) -> Result<List, String> {
        match self {
            Self::Of(csl) => match **csl {},
        }
    }

    pub(super) fn filled(&self, _html: &str) -> String {
        match self {
            Self::Of(csl) => match **csl {},
        }
    }
}
