//! Parameters that a reader turned.

use std::borrow::Cow;

use octavo_plugin::{Analysis, Failure};
use serde::Deserialize as _;
use serde_json::{Map, Value as Json};

/// The parameters of a task with these values, by dotted path, in place of its own.
///
/// # Errors
/// A path that is not there, values of another type, or parameters that do not go together, in the words of the analysis.
pub(crate) fn params<'a, A: Analysis>(
    analysis: &A,
    params: &'a Json,
    set: &Map<String, Json>,
) -> Result<Cow<'a, Json>, Failure> {
    if set.is_empty() {
        return Ok(Cow::Borrowed(params));
    }
    let mut changed = params.clone();
    for (path, value) in set {
        let place = path.split('.').try_fold(&mut changed, |at, key| match at {
            Json::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
            other => other.get_mut(key),
        });
        let place = place.ok_or_else(|| Failure::user(format!("there is no parameter `{path}`")))?;
        *place = value.clone();
    }
    let read = A::Params::deserialize(&changed).map_err(|error| Failure::user(error.to_string()))?;
    match analysis.check(&read).into_iter().next() {
        None => Ok(Cow::Owned(changed)),
        Some(problem) => {
            let at = if problem.path.is_empty() { String::new() } else { format!("`{}`: ", problem.path) };
            let help = problem.help.map(|help| format!(" ({help})")).unwrap_or_default();
            Err(Failure::user(format!("{at}{}{help}", problem.message)))
        }
    }
}
