//! The one rule for missing cells: what is taken over rows of which one is missing is missing itself, unless whoever asks
//! leaves such rows out on purpose. A mean over the runs that happened to converge is no mean.

/// Why there is no statistic: cells are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost<R> {
    /// Number of rows with a missing cell.
    pub lost: usize,
    /// Number of all rows.
    pub of: usize,
    /// The reason of the first one.
    pub first: R,
}

/// The rows that a statistic is taken over: those for which `missing` gives no reason.
///
/// # Errors
/// The missing rows, if there are any and they are not to be skipped.
pub fn present<T: Copy, R>(
    rows: impl IntoIterator<Item = T>,
    skip: bool,
    missing: impl Fn(T) -> Option<R>,
) -> Result<Vec<T>, Lost<R>> {
    let (mut kept, mut lost, mut of, mut first) = (Vec::new(), 0, 0, None);
    for row in rows {
        of += 1;
        match missing(row) {
            None => kept.push(row),
            Some(_) if skip => {}
            Some(reason) => {
                lost += 1;
                first.get_or_insert(reason);
            }
        }
    }
    match first {
        Some(first) => Err(Lost { lost, of, first }),
        None => Ok(kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missing_row_is_enough_and_the_first_reason_is_told() {
        let cells = [Some(1), None, Some(3), None];
        let missing = |row: usize| cells[row].is_none().then_some(row);
        assert_eq!(present(0..4, false, missing), Err(Lost { lost: 2, of: 4, first: 1 }));
        assert_eq!(present(0..4, true, missing), Ok(vec![0, 2]));
        assert_eq!(present([2, 0], false, missing), Ok(vec![2, 0]));
        assert_eq!(present([0; 0], false, missing), Ok(vec![]));
        assert_eq!(present([1, 3], true, missing), Ok(vec![]));
    }
}
