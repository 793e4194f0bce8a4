//! What is added to pages on their way to the browser. What is published has none of it.

/// Below this stand the addresses of the server itself. No page or file of a site has such a route: names that begin with a dot are
/// left out of a project.
pub(super) const OWN: &str = "/.octavo/";

/// The script that shows what changes.
pub(super) const SCRIPT: &str = include_str!("client.js");

/// A page with the script, which is told at which route and in which version of the site the page stands.
pub(super) fn inject(page: &[u8], route: &str, version: u64, missing: bool) -> Vec<u8> {
    let missing = if missing { " data-missing" } else { "" };
    let tag = format!(
        "<script src=\"{OWN}serve.js\" data-octavo data-route=\"{}\" data-version=\"{version}\"{missing}></script>",
        escape(route)
    );
    let at = end_of_body(page);
    [&page[..at], tag.as_bytes(), &page[at..]].concat()
}

/// Where the last `</body>` begins, or else the end.
fn end_of_body(page: &[u8]) -> usize {
    const END: &[u8] = b"</body>";
    page.windows(END.len()).rposition(|part| part.eq_ignore_ascii_case(END)).unwrap_or(page.len())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// What is shown where there is no page: before the first good build, and at a wrong address of a site without a page for these.
pub(super) fn empty_page(title: &str, text: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<body style=\"font: 1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 36rem\">\n\
         <h1>{title}</h1>\n<p>{text}</p>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stands_at_the_end_of_the_body() {
        let tag = "<script src=\"/.octavo/serve.js\" data-octavo data-route=\"a&amp;&quot;&lt;.html\" data-version=\"7\"></script>";
        let cases = [
            ("<body>x</body></html>", format!("<body>x{tag}</body></html>")),
            ("<pre></body></pre>é</BODY>", format!("<pre></body></pre>é{tag}</BODY>")),
            ("no body", format!("no body{tag}")),
            ("", tag.to_owned()),
        ];
        for (page, expected) in cases {
            assert_eq!(inject(page.as_bytes(), "a&\"<.html", 7, false), expected.as_bytes(), "{page}");
        }
        let missing = inject(b"", "x", 0, true);
        assert!(String::from_utf8(missing).unwrap().ends_with("data-version=\"0\" data-missing></script>"));
    }
}
