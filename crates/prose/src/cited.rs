//! A work as one citation of it has it.

/// One work of a citation, what stands around it as HTML.
pub(super) struct Cited<'a> {
    pub(super) key: &'a str,
    /// `see`.
    pub(super) prefix: String,
    /// `, p. 3`.
    pub(super) suffix: String,
    /// The place in the work, if the style writes it.
    #[cfg_attr(not(feature = "csl"), expect(dead_code, reason = "no style of this build has one"))]
    pub(super) locator: Option<Locator>,
    /// Whether the author's name is left out.
    pub(super) suppressed: bool,
}

/// A place in a work, such as a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Locator {
    /// What CSL calls it.
    pub(super) kind: &'static str,
    /// `3–5`.
    pub(super) text: String,
}
