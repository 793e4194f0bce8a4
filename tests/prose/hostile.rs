//! Hostile text through every construct: none of it becomes an element, an attribute or an address that runs.

use crate::host::{Host, page};
use crate::html::{Piece, read};

/// What an attacker would like to see on a page.
const PAYLOADS: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</code></pre><script>alert(1)</script>",
    "</annotation></semantics></math><script>alert(1)</script>",
    "--><svg onload=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "javascript:alert(1)",
    "JaVa\u{9}ScRiPt:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "\u{202e}\u{0}\u{1b}[31m<b>",
    "]]><x>",
    "{{ value(\"hostile\") }}",
    "×10⁻⁹<sup>",
];

/// Every place a text can stand in; `§` is the payload.
const PLACES: &[&str] = &[
    "[see §](§ '§')",
    "{{ value('§', '§') }}",
    "§",
    "# §",
    "## § {#x}",
    "*§*",
    "[§](a.md)",
    "[a](§)",
    "[a](<§>)",
    "[a](a.md \"§\")",
    "[a](a.md '§')",
    "![§](a.png)",
    "![a](§)",
    "![a](a.png \"§\")",
    "![§](figure:growth)",
    "![a](figure:§)",
    "![a](table:§)",
    "`§`",
    "```§\nx\n```",
    "```rust\n§\n```",
    "```html\n§\n```",
    "```toml\n§\n```",
    "~~~ § {§}\n§\n~~~",
    "    §",
    "$§$",
    "$\\text{§}$",
    "$\\operatorname{§}$",
    "$\\color{§} x$",
    "$\\begin{§} x \\end{§}$",
    "$\\mathrm{§}$",
    "$$§$$ {#eq:§}",
    "> §",
    "> [!NOTE] §\n> §",
    "> [!§] x",
    "> [!EXERCISE] § {#ex:§}\n> > [!SOLUTION] §\n> > §",
    "- §",
    "1. §",
    "- [ ] §",
    "| § | a |\n|---|---|\n| § | b |",
    "a[^§]\n\n[^§]: §",
    "a[^n]\n\n[^n]: §",
    "term §\n: §",
    "<§>",
    "<https://a.example/§>",
    "<a@b.example>§",
    "[@poole2016, §]",
    "[@§]",
    "[@fig:§]",
    "{{ value(\"§\") }}",
    "{{ value(\"rate\", \"§\") }}",
    "{{ claim(\"§\") }}",
    "{{ table(\"§\") }}",
    "{{ §(\"a\") }}",
    "{{ value(\"hostile\") }}",
    "# {{ value(\"hostile\") }}",
    "![{{ value(\"hostile\") }}](a.png)",
    "{{ value(\"hostile\", \"%s§\") }}",
    "+++\ntitle = '''§'''\n+++\nx",
    "+++\nsubtitle = '''§'''\nauthors = ['''§''']\n+++\nx",
    "[r]: § \"§\"\n\n[r] ![r]",
    "[r]: javascript:alert(1)\n\n[r]",
    "\\§",
    "<div>§</div>",
    "<!-- § -->",
    "~~§~~",
    "&#60;script&#62;§",
    "![§](a.png){#fig:§ width=§ alt=\"§\"}",
    "![a](a.png){width=\"§\"}",
    "![§](a.mp4)",
    "{{ gallery(\"§ | §\", \"a.png | §\", caption=\"§\", label=\"fig:§\", width=\"§\") }}",
    "| a |\n|---|\n| b |\n\n: § {#tab:§}",
    "Table: §\n\n| a | b |\n|---|---|\n| c | d | § |",
    "x^§^ H~§~O",
    "https://a.example/§ www.a.example/§",
    "[see § @poole2016 §; *§*]",
    "@poole2016 [§] @§ -@§ @{§}",
    "^[§]",
    "::: {.§}\n§\n:::",
    "---\ntitle: §\n---\nx",
];

/// Elements that prose may write.
const ELEMENTS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "em",
    "strong",
    "del",
    "a",
    "img",
    "code",
    "pre",
    "span",
    "div",
    "section",
    "blockquote",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "hr",
    "br",
    "sup",
    "sub",
    "figure",
    "figcaption",
    "video",
    "audio",
    "details",
    "summary",
    "cite",
    "math",
    "semantics",
    "annotation",
    "mrow",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mtable",
    "mtr",
    "mtd",
    "menclose",
];

/// Attributes whose value is an address.
const ADDRESSES: &[&str] = &["href", "src"];

pub(crate) fn check_safe(html: &str, context: &str) {
    let pieces = read(html).unwrap_or_else(|reason| panic!("{context}: {reason}\n{html}"));
    for piece in &pieces {
        let Piece::Open { name, attributes } = piece else { continue };
        assert!(ELEMENTS.contains(&name.as_str()), "{context}: element {name}\n{html}");
        for (attribute, value) in attributes {
            assert!(!attribute.starts_with("on"), "{context}: attribute {attribute}\n{html}");
            if ADDRESSES.contains(&attribute.as_str()) {
                check_address(value, &format!("{context}: {attribute}={value:?}"));
            }
        }
    }
    assert!(
        !html.chars().any(|c| c.is_control() && c != '\n' && c != '\t'),
        "{context}: control characters\n{html}"
    );
}

/// An address as a browser reads it: without control characters, up to its scheme.
fn check_address(value: &str, context: &str) {
    let read: String = value.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let end = read.find([':', '/', '?', '#']).unwrap_or(read.len());
    if read[end..].starts_with(':') {
        let scheme = read[..end].to_lowercase();
        assert!(["http", "https", "mailto", "tel"].contains(&scheme.as_str()), "{context}");
    }
    assert!(!read.starts_with("//") && !read.starts_with("\\\\"), "{context}");
}

#[test]
fn no_text_becomes_markup() {
    for language in ["en", "fr"] {
        let mut host = Host::new(language);
        for payload in PAYLOADS {
            host.hostile = (*payload).to_owned();
            for place in PLACES {
                let markdown = place.replace('§', payload);
                let (rendered, _) = page(&markdown, &host, false);
                check_safe(rendered.html.as_str(), &markdown);
                if let Some(title) = &rendered.title_html {
                    check_safe(title.as_str(), &markdown);
                }
            }
        }
    }
}

#[test]
fn raw_html_passes_only_where_it_is_allowed() {
    let host = Host::new("en");
    let markdown = "a <b>b</b>\n\n<section>\n{{ value(\"rate\") }}\n</section>\n";
    let (rendered, messages) = page(markdown, &host, true);
    assert_eq!(messages, Vec::<String>::new());
    assert_eq!(rendered.html.as_str(), "<p>a <b>b</b></p>\n<section>\n{{ value(\"rate\") }}\n</section>\n");
    let (_, messages) = page(markdown, &host, false);
    assert_eq!(messages.len(), 3);
    assert!(messages[0].contains("raw_html = true"), "{}", messages[0]);
}

#[test]
fn raw_html_leads_where_markdown_leads() {
    let host = Host::new("en");
    for (markdown, expected, told) in [
        (
            "<img src=\"a.png\" alt=x> [to](#p)\n\n<p id='p'><a href='b.md#x'>b</a></p>",
            "<p><img src=\"a.png\" alt=x> <a href=\"#p\">to</a></p>\n<p id='p'><a href='b.html#x'>b</a></p>",
            "",
        ),
        (
            "<video poster=p.png><source src=a.mp4></video>",
            "<p><video poster=p.png><source src=a.mp4></video></p>\n",
            "",
        ),
        (
            "a <a href=\"missing.md\">x</a>",
            "<p>a <a href=\"missing.md\">x</a></p>\n",
            "1:12 link: there is no `missing.md`",
        ),
        (
            "<p><a href=\"#none\">x</a></p>",
            "<p><a href=\"#none\">x</a></p>",
            "1:13 link: there is no `#none` on this page",
        ),
        ("<script src=\"https://x.org/a.js\"></script>", "<script src=\"https://x.org/a.js\"></script>", ""),
    ] {
        let (rendered, messages) = page(markdown, &host, true);
        assert_eq!((rendered.html.as_str(), messages.join("\n").as_str()), (expected, told));
    }
    let source = octavo::source::SourceFile::new("a.md", "<img srcset='a.png 1x, c.png 2x' src=a.png>");
    let (prose, _) = octavo::prose::Prose::parse(
        &source,
        &octavo::prose::ProseOptions { raw_html: true, ..Default::default() },
    );
    let targets: Vec<&str> = prose.references().iter().map(|found| found.target.as_str()).collect();
    assert_eq!(targets, ["a.png", "c.png", "a.png"]);
}

#[test]
fn a_link_that_runs_is_refused_with_its_place() {
    let host = Host::new("en");
    for address in
        ["javascript:alert(1)", "JAVASCRIPT:x", "vbscript:x", "data:text/html,x", "//evil.example/"]
    {
        let (rendered, messages) = page(&format!("a\n\n[b]({address})"), &host, false);
        assert_eq!(messages.len(), 1, "{address}");
        assert!(messages[0].starts_with("3:1 link: "), "{}", messages[0]);
        assert_eq!(rendered.html.as_str(), "<p>a</p>\n<p>b</p>\n");
    }
}
