//! Characters for private use that go through the converter and say what becomes of the element around them.

/// What a group is that begins with a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Boxed,
    Phantom,
    HorizontalPhantom,
    VerticalPhantom,
    Smash,
    LapLeft,
    LapRight,
    LapBoth,
    Cancel,
    BackCancel,
    CrossCancel,
    /// Letters of a script alphabet.
    Script,
    /// Spaced as a relation, a binary operator, a large operator.
    Relation,
    Binary,
    Operator,
    /// Not a group: a line stands below the row that ends here.
    LineBelow,
    DashesBelow,
    /// Not a group: the delimiter behind it stretches.
    Middle,
    /// A line of words between lines of a formula.
    Intertext,
}

const MARKS: &[Mark] = &[
    Mark::Boxed,
    Mark::Phantom,
    Mark::HorizontalPhantom,
    Mark::VerticalPhantom,
    Mark::Smash,
    Mark::LapLeft,
    Mark::LapRight,
    Mark::LapBoth,
    Mark::Cancel,
    Mark::BackCancel,
    Mark::CrossCancel,
    Mark::Script,
    Mark::Middle,
    Mark::Intertext,
    Mark::Relation,
    Mark::Binary,
    Mark::Operator,
    Mark::LineBelow,
    Mark::DashesBelow,
];

const FIRST: u32 = 0x10_fa00;

impl Mark {
    /// The character that stands for it.
    pub(super) fn character(self) -> char {
        let index = MARKS.iter().position(|mark| *mark == self).and_then(|index| u32::try_from(index).ok());
        index.and_then(|index| char::from_u32(FIRST + index)).unwrap_or('?')
    }

    /// What a text of one character marks.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut chars = text.chars();
        let c = chars.next().filter(|_| chars.next().is_none())?;
        MARKS.get(usize::try_from(u32::from(c).checked_sub(FIRST)?).ok()?).copied()
    }
}

/// Bars that open or close: the character that goes through the converter, the bar, and the form of its operator.
pub(super) const BARS: &[(char, char, &str)] = &[
    ('\u{10fb00}', '|', "prefix"),
    ('\u{10fb01}', '|', "postfix"),
    ('\u{10fb02}', '‖', "prefix"),
    ('\u{10fb03}', '‖', "postfix"),
];

/// The decimal mark of the language of the page, in numbers that `\num` and its kind set.
pub(super) const DECIMAL: char = '\u{10fc00}';
