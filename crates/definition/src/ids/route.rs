//! Where files stand in a site.

use std::borrow::Borrow;
use std::fmt::{self, Write as _};
use std::ops::Deref;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Where a file stands in a site: its path from the site's root, with `/` between its parts. An address in a page is made of two
/// of them ([`relative`]) and is none itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Route(String);

impl Route {
    /// The route of this text. Not every system can hold each: [`Route::check`] says which.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether every system that a site is read on can hold a file at it.
    ///
    /// # Errors
    /// What one of them cannot hold.
    pub fn check(&self) -> Result<(), RouteProblem> {
        self.0.split('/').try_for_each(check_part)
    }
}

impl Deref for Route {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Route {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<Path> for Route {
    fn as_ref(&self) -> &Path {
        self.0.as_ref()
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Route> for String {
    fn from(route: Route) -> Self {
        route.0
    }
}

impl PartialEq<str> for Route {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Route {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<String> for Route {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

/// What is wrong with a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteProblem {
    /// It has an empty part: it is empty, or begins or ends with `/`, or has `//`.
    EmptyPart,
    /// It has a part `.` or `..`.
    Dots,
    /// It has a control character, or one of `\ : * ? " < > |`.
    Character,
    /// A part is longer than 255 bytes.
    Long,
    /// A part ends with a dot or a space.
    End,
    /// A part is the name of a device under Windows, such as `con` or `nul.html`.
    Device,
    /// It is the publisher's own file.
    Reserved,
}

impl fmt::Display for RouteProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyPart => "it has an empty part",
            Self::Dots => "it has a part `.` or `..`",
            Self::Character => "it has a control character or one of `\\ : * ? \" < > |`",
            Self::Long => "a part is longer than 255 bytes",
            Self::End => "a part ends with a dot or a space",
            Self::Device => "a part is the name of a device under Windows",
            Self::Reserved => "the name is reserved for the list of the site's files",
        })
    }
}

fn check_part(part: &str) -> Result<(), RouteProblem> {
    let forbidden = |c: char| c.is_control() || "\\:*?\"<>|".contains(c);
    match part {
        "" => Err(RouteProblem::EmptyPart),
        "." | ".." => Err(RouteProblem::Dots),
        _ if part.contains(forbidden) => Err(RouteProblem::Character),
        _ if part.len() > 255 => Err(RouteProblem::Long),
        _ if part.ends_with(['.', ' ']) => Err(RouteProblem::End),
        _ if is_device(part) => Err(RouteProblem::Device),
        _ => Ok(()),
    }
}

/// Names that Windows keeps for devices, with any extension.
/// Source: <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_lowercase();
    let mut characters = stem.chars();
    let last = characters.next_back();
    match characters.as_str() {
        "com" | "lpt" => last.is_some_and(|c| "0123456789\u{b9}\u{b2}\u{b3}".contains(c)),
        _ => ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&stem.as_str()),
    }
}

/// A route as it stands in an address: what would mean something there is written as `%` and two digits. Letters of any
/// script stay.
pub fn encoded(route: &str) -> String {
    let mut address = String::with_capacity(route.len());
    encode_into(route, &mut address);
    address
}

fn encode_into(route: &str, address: &mut String) {
    let means_something = |byte: u8| byte.is_ascii_control() || b" \"#%<>?[\\]^`{|}".contains(&byte);
    let mut rest = route;
    // All of these are ASCII, so that a text may be cut beside them.
    while let Some(place) = rest.bytes().position(means_something) {
        address.push_str(&rest[..place]);
        let _ = write!(address, "%{:02X}", rest.as_bytes()[place]);
        rest = &rest[place + 1..];
    }
    address.push_str(rest);
}

/// The relative address from one route to another.
pub fn relative(from: &Route, to: &Route) -> String {
    // Folders that both stand in, by the length of their names: up to the last `/` before which both say the same.
    let same = from.bytes().zip(to.bytes()).take_while(|(a, b)| a == b).count();
    let shared = from.as_bytes()[..same].iter().rposition(|byte| *byte == b'/').map_or(0, |place| place + 1);
    let up = from.as_bytes()[shared..].iter().filter(|byte| **byte == b'/').count();
    let mut address = String::with_capacity(3 * up + to.len() - shared);
    for _ in 0..up {
        address.push_str("../");
    }
    encode_into(&to[shared..], &mut address);
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_that_some_system_could_not_hold_are_refused() {
        for (route, problem) in [
            ("", RouteProblem::EmptyPart),
            ("/etc/passwd", RouteProblem::EmptyPart),
            ("a//b", RouteProblem::EmptyPart),
            ("a/", RouteProblem::EmptyPart),
            ("../a", RouteProblem::Dots),
            ("a/../../b", RouteProblem::Dots),
            ("./a", RouteProblem::Dots),
            ("a\0b", RouteProblem::Character),
            ("a\\b", RouteProblem::Character),
            ("a\nb", RouteProblem::Character),
            ("C:/a", RouteProblem::Character),
            ("a?.html", RouteProblem::Character),
            ("a./b", RouteProblem::End),
            ("a ", RouteProblem::End),
            ("con", RouteProblem::Device),
            ("x/NUL.html", RouteProblem::Device),
            ("lpt1.a.b", RouteProblem::Device),
            ("COM\u{b9}", RouteProblem::Device),
        ] {
            assert_eq!(Route::new(route).check(), Err(problem), "{route:?}");
        }
        assert_eq!(Route::new("x".repeat(256)).check(), Err(RouteProblem::Long));
        for good in
            ["index.html", "fr/dragon/index.html", ".nojekyll", "console.html", "com.html", "com10", "é/ü"]
        {
            assert_eq!(Route::new(good).check(), Ok(()), "{good}");
        }
    }

    #[test]
    fn relative_addresses() {
        let between = |from: &str, to: &str| relative(&Route::new(from), &Route::new(to));
        assert_eq!(between("index.html", "dragon/index.html"), "dragon/index.html");
        assert_eq!(between("dragon/index.html", "index.html"), "../index.html");
        assert_eq!(between("fr/dragon/index.html", "fr/dragon/limit.html"), "limit.html");
        assert_eq!(between("fr/dragon/index.html", "data/a/b.csv"), "../../data/a/b.csv");
        assert_eq!(between("a/x.html", "b c/50%#1.html"), "../b%20c/50%25%231.html");
        assert_eq!(between("x.html", "été/привет.html"), "été/привет.html");
    }
}
