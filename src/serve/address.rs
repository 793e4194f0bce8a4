//! From the path of a request to a route of the site. No file is looked up: what is no route of the site is not there.

/// What a path asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Names between slashes, decoded; empty for the site's root.
    pub(super) route: String,
    /// Whether it ends with a slash.
    pub(super) is_folder: bool,
}

/// The address of a path, which begins with `/`; `None` for one that no link of a site has: with `.` or `..` or nothing between two slashes, a
/// slash, a backslash or a control character that is encoded, or bytes that are no text.
pub(super) fn parse(path: &str) -> Option<Address> {
    let rest = path.strip_prefix('/')?;
    let (rest, is_folder) = rest.strip_suffix('/').map_or((rest, rest.is_empty()), |rest| (rest, true));
    if rest.is_empty() {
        return (path == "/").then(|| Address { route: String::new(), is_folder });
    }
    let parts: Option<Vec<String>> = rest.split('/').map(part).collect();
    Some(Address { route: parts?.join("/"), is_folder })
}

/// A name between slashes, decoded.
fn part(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next()?)? * 16 + digit(rest.next()?)?,
            byte => byte,
        });
    }
    let name = String::from_utf8(bytes).ok()?;
    let is_bad = |c: char| c.is_control() || c == '/' || c == '\\';
    (!["", ".", ".."].contains(&&*name) && !name.contains(is_bad)).then_some(name)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_links_are_routes() {
        let route = |path: &str| parse(path).map(|Address { route, is_folder }| (route, is_folder)).unwrap();
        let expected = [
            ("/", "", true),
            ("/index.html", "index.html", false),
            ("/a/b/", "a/b", true),
            ("/a%20b/50%25%231.html", "a b/50%#1.html", false),
            ("/%C3%A9t%c3%a9.html", "été.html", false),
            ("/été/привет.html", "été/привет.html", false),
            ("/a..b/...", "a..b/...", false),
            ("/%252e%252e/x", "%2e%2e/x", false),
        ];
        for (path, expected, is_folder) in expected {
            assert_eq!(route(path), (expected.to_owned(), is_folder), "{path}");
        }
    }

    #[test]
    fn no_path_leaves_the_site() {
        let bad = [
            "",
            "a",
            "//",
            "//example.org/",
            "/..",
            "/../octavo.toml",
            "/a/../../b",
            "/./a",
            "/a/.",
            "/%2e%2e/a",
            "/%2E./a",
            "/.%2e",
            "/a%2f..%2fb",
            "/a%2Fb",
            "/a%5c..%5cb",
            "/a\\b",
            "/a%00b",
            "/%00",
            "/a%0d%0ab",
            "/a%7f",
            "/%",
            "/%4",
            "/%zz",
            "/%+1",
            "/%ff",
            "/%c0%ae%c0%ae/a",
            "/a//b",
            "/a//",
        ];
        for path in bad {
            assert_eq!(parse(path), None, "{path:?}");
        }
    }
}
