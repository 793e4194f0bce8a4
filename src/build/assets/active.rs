//! Active content: files that may run a script in a reader's browser, or load something, when somebody opens them at
//! their own address. What may is told by what servers and browsers make of a name and of first bytes; in doubt a file counts as
//! active.
//!
//! Scripts as files (`.js`, `.wasm`) are not active: opened, they are text or a download, and only an active file or raw HTML
//! could start them.

mod markup;
mod style;

/// Endings of files that run scripts in a browser, are programs for a server, or hide what they are. Servers such as
/// Apache's look at all endings of a name, so that `a.html.gz` is a page.
const ACTIVE: &[&str] = &[
    "html", "htm", "xhtml", "xht", "xhtm", "shtml", "shtm", "stm", "mhtml", "mht", "hta", "htc", "xsl",
    "xslt", "svgz", "swf", "phtml", "asp", "aspx", "jsp", "cgi",
];

/// Endings that every server knows as what they are: what stands before them in a name says nothing.
const KNOWN: &[&str] = &["zip", "png", "jpg", "jpeg", "gif", "webp", "pdf", "csv", "json", "txt"];

/// Endings of XML, which browsers show as pages.
const MARKUP: &[&str] = &[
    "svg", "xml", "xsd", "rss", "atom", "rdf", "kml", "gpx", "gml", "graphml", "mml", "mathml", "xmp", "dae",
];

/// The longest XML that is looked through, in bytes.
const LONGEST: u64 = 32 << 20;

/// What of other files is looked at, in bytes. Browsers guess from 1445.
/// Source: <https://mimesniff.spec.whatwg.org/#resource-header>.
const START: u64 = 4096;

/// How many bytes of a file of this name [`look`] needs.
pub(crate) fn needs(name: &str) -> u64 {
    if MARKUP.contains(&ending(name).as_str()) { LONGEST + 1 } else { START }
}

/// Looks for active content in a file's name and bytes, of which at least those that it [`needs`] are there.
///
/// # Errors
/// What makes the file active, as in "has an element `script`".
pub(crate) fn look(name: &str, bytes: &[u8]) -> Result<(), String> {
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let last = ending(&name);
    for part in name.split('.').skip(1).filter(|_| !KNOWN.contains(&last.as_str())) {
        if part == "svgz" || (MARKUP.contains(&part) && part != last) {
            return Err("is compressed or renamed markup, in which nobody sees what is in it".to_owned());
        }
        if ACTIVE.contains(&part) || part.starts_with("php") {
            return Err(format!("is a page or program of its own by its ending `.{part}`"));
        }
    }
    if MARKUP.contains(&last.as_str()) {
        if bytes.len() as u64 > LONGEST {
            return Err(format!("has more than {} MiB and is not looked through", LONGEST >> 20));
        }
        return markup::look(bytes);
    }
    if last != "txt" && begins_like_markup(bytes) {
        return Err("begins like a page, which some browsers show it as".to_owned());
    }
    Ok(())
}

fn ending(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase()
}

/// Whether the first character but for spaces is `<`, in UTF-8 or UTF-16.
fn begins_like_markup(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(usize::try_from(START).unwrap_or(usize::MAX))];
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let wide = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
    let start = if wide { &start[2..] } else { start };
    let skipped = |byte: &u8| b"\t\n\x0c\r ".contains(byte) || (wide && *byte == 0);
    start.iter().find(|byte| !skipped(byte)) == Some(&b'<')
}

#[cfg(test)]
mod tests;
