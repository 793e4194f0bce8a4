use super::*;

fn svg(inner: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"40\" height=\"30\">{inner}</svg>"
    )
}

/// The inside of a cleaned SVG, or why it is refused.
fn cleaned(inner: &str) -> Result<String, String> {
    let image = ImageFile::svg(svg(inner).as_bytes())?;
    let text = String::from_utf8(image.bytes().to_vec()).unwrap();
    assert_eq!(ImageFile::svg(image.bytes()).unwrap(), image, "cleaning twice changes nothing");
    let inner = text.strip_prefix(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 30\" width=\"40\" height=\"30\">",
    );
    Ok(inner.and_then(|inner| inner.strip_suffix("</svg>")).unwrap_or(&text).to_owned())
}

fn refused(inner: &str) -> String {
    match cleaned(inner) {
        Err(why) => why,
        Ok(kept) => panic!("{inner} was kept as {kept}"),
    }
}

#[test]
fn what_draws_is_kept() {
    let kept = [
        "<g transform=\"translate(4 112)\" class=\"graph\"><title>a &amp; b</title><polygon fill=\"white\" points=\"0,0 1,1\"/></g>",
        "<defs><clipPath id=\"cpMC4w=\"><rect x=\"0\" y=\"0\"/></clipPath></defs><g clip-path=\"url(#cpMC4w=)\"/>",
        "<text x=\"1\" style=\"font-size:8.80px;font-family:&quot;Liberation Sans&quot;\">é 中 &lt;b&gt;</text>",
        "<defs><path id=\"m\" d=\"M0 0h1\" style=\"stroke:#000\"/></defs><use href=\"#m\" x=\"1\"/>",
        "<style>*{stroke-linejoin:round;stroke-linecap:butt}</style>",
    ];
    for inner in kept {
        assert_eq!(cleaned(inner).as_deref(), Ok(inner));
    }
}

#[test]
fn what_programs_add_is_left_out() {
    let cases = [
        ("<!-- made by -->\n<metadata><rdf:RDF xmlns:rdf=\"x\"><script/></rdf:RDF></metadata><g/>", "<g/>"),
        (
            "<g inkscape:label=\"x\" data-n=\"1\" aria-label=\"y\" xml:space=\"preserve\"/>",
            "<g xml:space=\"preserve\"/>",
        ),
        ("<use xlink:href=\"#a\"/>", "<use href=\"#a\"/>"),
        ("<use href=\"#a\" xlink:href=\"#b\"/>", "<use href=\"#a\"/>"),
        ("<a xlink:href=\"http://a.example\" target=\"_top\"><g id=\"b\"/></a>", "<g><g id=\"b\"/></g>"),
        ("<text>a<a href=\"#x\" class=\"c\">b</a></text>", "<text>a<tspan class=\"c\">b</tspan></text>"),
        ("<g style=\"cursor:pointer;max-width:100%;fill:red\" cursor=\"move\"/>", "<g style=\"fill:red\"/>"),
        ("<g style=\"-inkscape-font: x; FILL : none ;\"/>", "<g style=\"fill:none\"/>"),
        (
            "<style type=\"text/css\"><![CDATA[ /* c */ .a line, .a > b { fill: none; } ]]></style>",
            "<style>.a line, .a &gt; b{fill:none}</style>",
        ),
    ];
    for (inner, kept) in cases {
        assert_eq!(cleaned(inner).as_deref(), Ok(kept), "{inner}");
    }
}

#[test]
fn what_runs_or_fetches_is_refused_with_its_line() {
    let cases = [
        ("\n<script>alert(1)</script>", "line 2: `<script>` may not stand"),
        ("<g onload=\"x()\"/>", "`onload` of `<g>` runs a script"),
        ("<g OnClick=\"x()\"/>", "runs a script"),
        ("<foreignObject><body/></foreignObject>", "`<foreignObject>`"),
        ("<use xlink:href=\"http://a.example/b.svg#c\"/>", "`<use>` leads to `http://a.example"),
        ("<image href=\"//a.example/b.png\"/>", "`<image>` leads to `//a.example"),
        ("<image href=\"data:image/svg+xml;base64,PHN2Zz4=\"/>", "`<image>` leads to `data:image/svg+xml"),
        ("<image href=\"data:image/png;base64,PHN2Zz4=\"/>", "it is no PNG that can be read"),
        ("<image href=\"DATA:text/html,x\"/>", "leads to"),
        ("<use href=\"javascript:alert(1)\"/>", "leads to `javascript"),
        ("<use xmlns:x=\"http://www.w3.org/1999/xlink\" x:href=\"#a\"/>", "has an unusual prefix"),
        ("<g xmlns:s=\"http://www.w3.org/2000/svg\"><s:rect/></g>", "`<s:rect>` has a prefix"),
        ("<rect style=\"width:200px\"/>", "the property `width`"),
        ("<animate attributeName=\"href\" to=\"javascript:x\"/>", "`<animate>`"),
        ("<set attributeName=\"onmouseover\"/>", "`<set>`"),
        ("<rect fill=\"url(http://a.example/#p)\"/>", "leads out of the file"),
        ("<rect fill=\"URL( 'https://a.example' )\"/>", "leads out of the file"),
        ("<rect style=\"fill:u\\72l(http://a.example)\"/>", "holds one of"),
        ("<rect style=\"fill:image-set('http://a.example' 1x)\"/>", "`image-set(...)`"),
        ("<rect style=\"src:url(#a)\"/>", "the property `src`"),
        ("<rect style=\"behavior:none\"/>", "the property `behavior`"),
        ("<style>@import 'http://a.example/s.css';</style>", "without `{`"),
        ("<style>@font-face{font-family:a}</style>", "the rule `@font-face`"),
        ("<style>g{fill:url(//a.example)}</style>", "leads out of the file"),
        ("<style><g/>a{}</style>", "holds another element"),
        ("<g xmlns=\"http://www.w3.org/1999/xhtml\"/>", "is not of SVG"),
        ("<iframe/>", "`<iframe>`"),
        ("<SCRIPT/>", "`<SCRIPT>`"),
        ("<?xml-stylesheet href=\"http://a.example\"?>", "an instruction"),
        ("<g nonce=\"a\"/>", "`nonce` of `<g>`"),
        ("<g id=\"a\" id=\"b\"/>", "twice"),
        ("<g>", "ends that did not begin"),
        ("&nbsp;", "the entity `&nbsp;` is not known"),
        ("<g id=\"a<b\"/>", "no value in quotation marks"),
    ];
    for (inner, why) in cases {
        let found = refused(inner);
        assert!(found.contains(why), "{inner}: {found}");
    }
}

#[test]
fn filters_of_masks_are_kept() {
    let inner = "<filter id=\"f\"><feColorMatrix in=\"SourceGraphic\" type=\"matrix\" values=\"0 0 0 0 1\"/><feGaussianBlur stdDeviation=\"2\"/></filter>";
    assert_eq!(cleaned(inner).as_deref(), Ok(inner));
}

#[test]
fn elements_and_links_of_another_prefix_are_told() {
    let text = "<ns0:svg xmlns:ns0=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>";
    let found = ImageFile::svg(text.as_bytes()).unwrap_err();
    assert!(found.contains("register_namespace"), "{found}");
    assert!(ImageFile::svg(b"\xff\xd8\xff").unwrap_err().contains("a JPEG"));
    // As every drawing of Inkscape has it.
    let unused = text.replace("ns0:svg xmlns:ns0", "svg xmlns:svg=\"http://www.w3.org/2000/svg\" xmlns");
    ImageFile::svg(unused.as_bytes()).unwrap();
}

#[test]
fn nothing_grows_without_bound() {
    let laughs = "<!DOCTYPE svg [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>";
    let text = format!("{laughs}{}", svg("<text>&b;</text>"));
    assert!(ImageFile::svg(text.as_bytes()).unwrap_err().contains("defines entities"));
    let level =
        |n: usize| format!("<g id=\"g{}\">{}</g>", n + 1, format!("<use href=\"#g{n}\"/>").repeat(10));
    let bomb: String = (0..9).map(level).collect();
    let found = refused(&format!("<g id=\"g0\"/>{bomb}"));
    assert!(found.contains("draws more than 1000000 elements"), "{found}");
    let circle = refused("<g id=\"a\"><use href=\"#b\"/></g><g id=\"b\" fill=\"url(#a)\"/>");
    assert!(circle.contains("uses itself"), "{circle}");
    let deep = refused(&format!("{}{}", "<g>".repeat(100), "</g>".repeat(100)));
    assert!(deep.contains("nested deeper than 64"), "{deep}");
    let large = ImageFile::svg(svg(&" ".repeat(9 << 20)).as_bytes()).unwrap_err();
    assert!(large.contains("more than 8 MiB"), "{large}");
    // Quotation marks take more room in an attribute.
    let quoted = format!("<g style='font-family:\"{}\"'/>", "A\",\"".repeat(1_200_000));
    let large = refused(&quoted);
    assert!(large.contains("more than 8 MiB"), "{large}");
}

#[test]
fn a_size_is_found_or_asked_for() {
    let size = |attributes: &str| {
        let text = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" {attributes}/>");
        ImageFile::svg(text.as_bytes()).map(|image| image.size())
    };
    assert_eq!(size("width=\"72pt\" height=\"25.4mm\""), Ok([96.0, 96.0]));
    assert_eq!(size("viewBox=\"0 0 40,30\""), Ok([40.0, 30.0]));
    assert_eq!(size("width=\"80\" viewBox=\"0 0 40 30\""), Ok([80.0, 60.0]));
    assert_eq!(size("height=\"60\" width=\"auto\" viewBox=\"0 0 40 30\""), Ok([80.0, 60.0]));
    assert_eq!(size("width=\"5\" height=\"6\" style=\"max-width:100%;height:auto\""), Ok([5.0, 6.0]));
    assert_eq!(size("width=\"100%\" height=\"100%\" viewBox=\"0 0 40 30\""), Ok([40.0, 30.0]));
    for (attributes, why) in [
        ("", "it has no size"),
        ("width=\"5\"", "it has no size"),
        ("width=\"wide\" height=\"5\"", "a length such as"),
        ("width=\"1e9\" height=\"5\"", "between 1 and 20000"),
        ("width=\"NaN\" height=\"5\"", "a length such as"),
        ("viewBox=\"0 0 0 30\"", "the last two above 0"),
    ] {
        let found = size(attributes).unwrap_err();
        assert!(found.contains(why), "{attributes}: {found}");
    }
    assert!(ImageFile::svg(b"<html/>").unwrap_err().contains("its root is `<html>`"));
    assert!(ImageFile::svg(b"\xff").unwrap_err().contains("UTF-8"));
}

/// A PNG of one colour, whose head may say something else.
fn png(size: [u32; 2], color: png::ColorType, density: Option<u32>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
    encoder.set_color(color);
    encoder.set_pixel_dims(density.map(|xppu| png::PixelDimensions {
        xppu,
        yppu: xppu,
        unit: png::Unit::Meter,
    }));
    encoder.add_text_chunk("Software".to_owned(), "a program".to_owned()).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![7; (size[0] * size[1]) as usize * color.samples()]).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn pixels_and_their_density_are_kept() {
    let image = ImageFile::png(&png([4, 2], png::ColorType::Rgba, Some(7559))).unwrap();
    assert_eq!((image.kind(), image.size()), (ImageKind::Png, [2.0, 1.0]), "192 pixels an inch");
    assert!(!String::from_utf8_lossy(image.bytes()).contains("Software"));
    assert_eq!(ImageFile::png(image.bytes()).unwrap(), image);
    assert_eq!(ImageFile::png(&png([4, 2], png::ColorType::Grayscale, Some(1))).unwrap().size(), [4.0, 2.0]);
}

#[test]
fn pixels_within_an_svg_are_written_anew() {
    use base64_of as base64;
    let inner = format!(
        "<image width=\"4\" height=\"2\" xlink:href=\"data:image/png;base64,{}\"/>",
        base64(&png([4, 2], png::ColorType::Rgb, None))
    );
    let kept = cleaned(&inner).unwrap();
    let clean = base64(ImageFile::png(&png([4, 2], png::ColorType::Rgb, None)).unwrap().bytes());
    assert!(kept.contains(&clean) && kept.starts_with("<image width=\"4\" height=\"2\" href="), "{kept}");
}

fn base64_of(bytes: &[u8]) -> String {
    crate::base64::packed(bytes)
}

#[test]
fn a_png_that_is_cut_off_or_says_too_much_is_refused() {
    let good = png([40, 20], png::ColorType::Rgb, None);
    for end in [0, 20, good.len() / 2, good.len() - 13] {
        let found = ImageFile::png(&good[..end]).unwrap_err();
        assert!(found.contains("no PNG that can be read"), "{end}: {found}");
    }
    let mut bomb = good;
    bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let sum = crc(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    let found = ImageFile::png(&bomb).unwrap_err();
    assert!(found.contains("65536 by 65536 pixels, more than 25000000"), "{found}");
    assert!(ImageFile::png(svg("").as_bytes()).is_err());
    assert!(ImageFile::svg(&bomb).is_err());
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ (0xEDB8_8320 * (sum & 1)))
    };
    !bytes.iter().fold(!0, step)
}

#[test]
fn a_pdf_is_one_page_that_does_nothing() {
    let image = || ImageFile::svg(svg("").as_bytes()).unwrap();
    let with =
        |pdf: &str| Picture::new("A box.", image()).unwrap().with_pdf(pdf.as_bytes().to_vec()).map(drop);
    let page = "1 0 obj << /Type /Page /Annots [] >> endobj\n2 0 obj << /Type /Pages >> endobj\n";
    let pdf = |inner: &str| format!("%PDF-1.4\n{page}{inner}trailer <<>>\n%%EOF\n");
    assert_eq!(with(&pdf("3 0 obj <</Length 4>> stream\n/JS (\nendstream endobj\n")), Ok(()));
    let cases = [
        (pdf("<< /OpenAction << /S /JavaScript /JS (x) >> >>"), "`/OpenAction`"),
        (pdf("<< /S /J#61vaScript >>"), "`/JavaScript`"),
        (pdf("<< /A << /URI (http://a.example) >> >>"), "`/URI`"),
        (pdf("<< /Encrypt 4 0 R >>"), "`/Encrypt`"),
        (pdf("<< /X (stream) /OpenAction << >> /Y (endstream) >>"), "`/OpenAction`"),
        (pdf("<< /X (\\(>>stream\n) /OpenAction << >> /Y (\nendstream) >>"), "`/OpenAction`"),
        (pdf("% >>stream\n<< /OpenAction << >> >>\n% endstream\n"), "`/OpenAction`"),
        (pdf("3 0 obj << /Type /ObjStm /X (0 obj) >> stream\nxx\nendstream"), "packs its objects"),
        (pdf(page), "has 2 pages"),
        ("%PDF-1.4\n%%EOF\n".to_owned(), "has 0 pages"),
        (pdf("").replace("%%EOF", ""), "cut off"),
        (pdf("3 0 obj <</Type /ObjStm>> stream\nxx\nendstream"), "packs its objects"),
        (pdf("3 0 obj <<>> stream\nxx\n"), "a stream without an end"),
        ("<svg/>".to_owned(), "does not begin with"),
    ];
    for (text, why) in cases {
        let found = with(&text).unwrap_err();
        assert!(found.contains(why), "{found}, not {why}");
    }
}

#[test]
fn packed_objects_of_a_pdf_are_looked_through() {
    use std::io::Write as _;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(b"<< /Type /Page /AA 3 0 R >>").unwrap();
    let mut pdf = b"%PDF-1.5\n1 0 obj << /Type /ObjStm >> stream\r\n".to_vec();
    pdf.extend(packer.finish().unwrap());
    pdf.extend(b"\nendstream endobj\n%%EOF");
    let picture = Picture::new("A box.", ImageFile::svg(svg("").as_bytes()).unwrap()).unwrap();
    assert!(picture.with_pdf(pdf).unwrap_err().contains("`/AA`"));
}

#[test]
fn a_picture_has_an_alternative_text() {
    let new = |alt: Localized| Picture::new(alt, ImageFile::svg(svg("").as_bytes()).unwrap());
    for alt in [Localized::None, " ".into(), Localized::en("A box.").with("fr", "")] {
        assert!(new(alt).unwrap_err().message.contains("`alt` is empty"));
    }
    assert!(new("x".repeat(5_000).as_str().into()).unwrap_err().message.contains("5000 characters"));
    assert!(new(Localized::en("A box.")).is_ok());
}
