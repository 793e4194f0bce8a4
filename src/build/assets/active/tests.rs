//! What is active, and what is a plain picture or plain data.

use super::*;

fn svg(inner: &str) -> Result<(), String> {
    let text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">{inner}</svg>"
    );
    look("a.svg", text.as_bytes())
}

#[test]
fn plain_drawings_of_common_programs_are_passive() {
    for inner in [
        "",
        "<!-- a > b --><title>A &amp; B &#233; &#xe9;</title><path d=\"M0,0L1,1\" fill=\"url(#g)\"/>",
        "<style type=\"text/css\">*{stroke-linejoin: round; stroke-linecap: butt}</style>",
        "<style><![CDATA[ .a > .b { fill: url( '#p' ) } ]]></style>",
        "<style>@font-face { font-family: F; src: url(data:font/woff2;base64,d09GMg==) format(\"woff2\") }</style>",
        "<defs><clipPath id=\"p1\"><rect x=\"0\" y='0'/></clipPath></defs><g clip-path=\"url(#p1)\"><use xlink:href=\"#m\"/></g>",
        "<image href=\"data:image/png;base64,iVBORw0KGgo=\" width=\"3\"/>",
        "<a xlink:href=\"https://example.org/?a=b:c\"><text style=\"fill:#000\">link</text></a><a href=\"other.html#x\"/>",
        "<metadata><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><cc:Work rdf:about=\"http://a.example\" xmlns:cc=\"http://creativecommons.org/ns#\"/></rdf:RDF></metadata>",
        "<g inkscape:export-filename=\"C:\\plots\\a.png\" xmlns:inkscape=\"http://www.inkscape.org/namespaces/inkscape\"/>",
        "<animate attributeName=\"opacity\" values=\"0;1\" dur=\"1s\"/>",
        "<text>javascript: and onload= and url(http://x) are words here</text>",
    ] {
        assert_eq!(svg(inner), Ok(()), "{inner}");
    }
    let head = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\"\n \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">\n<?xpacket begin?><svg/>\n";
    assert_eq!(look("b/Plot.SVG", head.as_bytes()), Ok(()));
}

#[test]
fn whatever_may_run_or_load_is_active() {
    for inner in [
        "<script>alert(1)</script>",
        "<script xlink:href=\"a.js\"/>",
        "<SCRIPT/>",
        "<h:script xmlns:h=\"http://www.w3.org/1999/xhtml\">alert(1)</h:script>",
        "<h:img xmlns:h=\"http://www.w3.org/1999/&#x78;html\"/>",
        "<foreignObject><p/></foreignObject>",
        "<g onload=\"alert(1)\"/>",
        "<g\nonclick\n=\n'alert(1)'/>",
        "<g ev:onfocusin=\"x\"/>",
        "<a href=\"javascript:alert(1)\"/>",
        "<a href=\"java&#10;script&#58;alert(1)\"/>",
        "<a xlink:href=\" &#x1;JavaScript:alert(1)\"/>",
        "<a href=\"data:text/html,x\"/>",
        "<a href=\"blob:x\"/>",
        "<a href=\"#\"><animate attributeName=\"href\" values=\"javascript:alert(1)\"/></a>",
        "<set attributeName=\"onload\" to=\"alert(1)\"/>",
        "<set attributeName=\"xlink:href\" to=\"#a\"/>",
        "<image href=\"https://a.example/track.png\"/>",
        "<image href=\"data:image/svg+xml,x\"/>",
        "<use xlink:href=\"other.svg#x\"/>",
        "<g xml:base=\"https://a.example/\"/>",
        "<style>@import 'https://a.example/a.css';</style>",
        "<style>@im<!-- -->port 'a.css';</style>",
        "<style>@im<g/>port 'a.css';</style>",
        "<style>a{fill:url(https://a.example)}</style>",
        "<style>a{fill:u\\72l(https://a.example)}</style>",
        "<style><![CDATA[a{fill:url(//a.example)}]]></style>",
        "<g style=\"background:image-set('https://a.example/a.png' 1x)\"/>",
        "<g fill=\"url(https://a.example/a.svg#g)\"/>",
        "<g filter=\"u\\rl(https://a.example/a.svg#g)\"/>",
        "<iframe/>",
        "<?xml-stylesheet href=\"a.xsl\"?>",
        "<g a=\"&unknown;\"/>",
        "<g a=b/>",
        "<g a=\"<script>\"/>",
        "<g>",
        "</g>",
        "<!-- without an end",
        "<!ENTITY x \"y\">",
    ] {
        assert!(svg(inner).is_err(), "{inner}");
    }
    let own = "<!DOCTYPE svg [<!ENTITY x \"<script/>\">]><svg>&x;</svg>";
    assert_eq!(look("a.svg", own.as_bytes()), Err("has a document type that defines entities".into()));
    assert!(look("a.svg", b"<?xml version=\"1.0\" encoding=\"utf-7\"?><svg/>").is_err());
    assert!(look("a.svg", b"\xff\xfe<\0s\0v\0g\0/\0>\0").is_err());
    assert!(look("a.xml", b"<x xmlns:h='http://www.w3.org/1999/xhtml'/>").is_err());
    assert_eq!(look("a.xml", b"<rows><row x=\"1\"/></rows>"), Ok(()));
}

#[test]
fn names_and_first_bytes_decide_of_other_files() {
    let page = b"\n <html><script>alert(1)</script>";
    for name in [
        "a.html",
        "A.HTM",
        "b/a.xhtml",
        "a.svgz",
        "a.html.gz",
        "a.svg.gz",
        "a.xml.bak",
        "a.php5",
        "a.shtml",
        "a.xsl",
        "a.mht",
        "a",
        "a.dat",
        "a.png",
        "a.b.c",
        "a.svg",
    ] {
        assert!(look(name, page).is_err(), "{name}");
    }
    for (name, bytes) in [
        ("a.png", b"\x89PNG\r\n\x1a\n".as_slice()),
        ("a.csv", b"x,y\n1,2\n"),
        ("a.txt", page),
        ("index.html.png", b"\x89PNG\r\n\x1a\n"),
        ("site.html.zip", b"PK\x03\x04"),
        ("plot.js", b"draw()"),
        ("a.wasm", b"\0asm"),
        ("data", b""),
        ("html", b"text"),
        ("v1.2.tar.gz", b"\x1f\x8b"),
    ] {
        assert_eq!(look(name, bytes), Ok(()), "{name}");
    }
    assert!(look("a.bin", b"\xef\xbb\xbf<p>").is_err() && look("a.bin", b"\xfe\xff\0<\0p").is_err());
    let long = [b" ".repeat(3000).as_slice(), b"<script>"].concat();
    assert!(needs("a.bin") >= 3008 && look("a.bin", &long).is_err());
}

#[test]
fn deep_markup_is_looked_through_without_going_deep() {
    let deep = 100_000;
    assert_eq!(svg(&format!("{}{}", "<g>".repeat(deep), "</g>".repeat(deep))), Ok(()));
    let styles = format!("{}{}", "<style>".repeat(deep), "</style>".repeat(deep));
    assert_eq!(svg(&styles), Ok(()));
}
