//! A source of choices that can be made again.

/// Choices drawn from a number, or from bytes.
pub(crate) enum Choices<'a> {
    /// As many as are asked for, all different for each number.
    Numbered(u64),
    /// Two bytes each; when they are used up, always the first of what there is.
    Bytes(&'a [u8]),
}

impl Choices<'_> {
    /// The next choice out of so many; 0 if there is nothing to choose.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let drawn = match self {
            // SplitMix64: every number is a good start.
            Self::Numbered(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                usize::try_from((mixed ^ (mixed >> 31)) >> 33).expect("31 bits fit")
            }
            Self::Bytes(bytes) => {
                let (now, rest) = bytes.split_at(bytes.len().min(2));
                *bytes = rest;
                now.iter().fold(0, |number, byte| number * 256 + usize::from(*byte))
            }
        };
        drawn.checked_rem(count).unwrap_or(0)
    }

    /// One of these.
    ///
    /// # Panics
    /// If there are none.
    pub(crate) fn pick<'b, T>(&mut self, of: &'b [T]) -> &'b T {
        &of[self.below(of.len())]
    }
}
