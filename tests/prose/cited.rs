//! Citations by number, and works as they stand in the list.

use octavo::prose::{Bibliography, CitationStyle};
use octavo::source::SourceFile;

use crate::host::{Host, page};

/// The list of references without links back.
fn list(bib: &str, language: &str, markdown: &str) -> Vec<String> {
    let mut host = Host::new(language);
    let (bibliography, problems) = Bibliography::parse(&SourceFile::new("a.bib", bib));
    assert_eq!(problems, []);
    host.bibliography = bibliography;
    let (rendered, messages) = page(markdown, &host, false);
    assert_eq!(messages, Vec::<String>::new());
    let html = rendered.html.into_string();
    let items = html.split("<li id=\"ref-").skip(1);
    items
        .map(|item| {
            let item = item.split_once('>').expect("a tag ends").1;
            item.split(" <a class=\"back\"").next().unwrap_or_default().replace('\u{a0}', "~")
        })
        .collect()
}

#[test]
fn works_cited_by_number_stand_in_the_order_of_the_text() {
    let mut host = Host::new("en");
    host.style = CitationStyle::Numbers;
    let (rendered, messages) =
        page("[see @villani, p. 3; @poole2016], @abel, @villani [p. 4], [-@abel].", &host, false);
    assert_eq!(messages, Vec::<String>::new());
    let html = rendered.html.as_str();
    let text = crate::html::text(&crate::html::read(html.split("<section").next().unwrap()).unwrap());
    assert_eq!(text.trim(), "[see 1, p. 3; 2], Abel [3], Villani [1, p. 4], [3].");
    let order: Vec<&str> =
        html.split("<li id=\"ref-").skip(1).map(|item| item.split('"').next().unwrap()).collect();
    assert_eq!(order, ["villani", "poole2016", "abel"]);
    assert!(html.contains("<ol>\n<li id=\"ref-villani\">"), "{html}");
}

#[test]
fn works_are_listed_as_their_kind_wants_it() {
    for (bib, english, french) in [
        (
            "@article{a, author = {Li, A. and others}, title = {On {X}.}, journal = {J. X}, volume = 2, pages = {5--9}, year = {in press}}",
            "Li, A. et al. (in press). On X. <cite>J. X</cite>, 2, pp.~5–9.",
            "Li, A. et al. (in press). On X. <cite>J. X</cite>, 2, p.~5–9.",
        ),
        (
            "@book{a, author = {Knuth, Donald E.}, title = {TAOCP}, edition = 2, volume = 3, publisher = {Prentice-Hall.}, year = 1998}",
            "Knuth, D.~E. (1998). <cite>TAOCP</cite>, 2nd ed., vol.~3. Prentice-Hall.",
            "Knuth, D.~E. (1998). <cite>TAOCP</cite>, 2e éd., vol.~3. Prentice-Hall.",
        ),
        (
            "@incollection{a, author = {{CERN}}, title = {Why?}, booktitle = {B}, editor = {A. Ed}, chapter = 4, pages = 12, publisher = {P}, address = {Paris}, date = {2001-02-03}}",
            "CERN (2001). Why? In A.~Ed (ed.), <cite>B</cite>, chap.~4, p.~12. P, Paris.",
            "CERN (2001). Why? Dans A.~Ed (dir.), <cite>B</cite>, chap.~4, p.~12. P, Paris.",
        ),
        (
            "@mastersthesis{a, author = {{\\L}ak, {\\v S}.}, title = {T}, school = {MIT}, year = 2000, note = {In Czech.}}",
            "Łak, Š. (2000). <cite>T</cite>. Master’s thesis, MIT. In Czech.",
            "Łak, Š. (2000). <cite>T</cite>. Mémoire de master, MIT. In Czech.",
        ),
        (
            "@misc{a, title = {No one}, howpublished = {\\url{https://x.org/}}, eprint = {arXiv:1606.05340}}",
            "No one (n.d.). <a href=\"https://x.org/\">https://x.org/</a>. <a href=\"https://arxiv.org/abs/1606.05340\">arXiv:1606.05340</a>",
            "No one (s. d.). <a href=\"https://x.org/\">https://x.org/</a>. <a href=\"https://arxiv.org/abs/1606.05340\">arXiv:1606.05340</a>",
        ),
        (
            "@online{a, author = {A, B.}, title = {T}, url = {https://x.org/a_b}, urldate = {2024-05-01}, year = 2024}",
            "A, B. (2024). T. <a href=\"https://x.org/a_b\">https://x.org/a_b</a> (accessed 1~May 2024)",
            "A, B. (2024). T. <a href=\"https://x.org/a_b\">https://x.org/a_b</a> (consulté le 1er~mai 2024)",
        ),
    ] {
        assert_eq!(list(bib, "en", "@a"), [english]);
        assert_eq!(list(bib, "fr", "@a"), [french]);
    }
}

#[test]
fn places_in_works_have_dashes_and_no_braces() {
    let bib = "@book{a, author = {Mon, A.}, title = {T}, year = 2001}";
    for (markdown, expected) in [
        ("[@a, {pp. iv, vi-xi}, with suffix]", "(Mon 2001, pp. iv, vi–xi, with suffix)"),
        ("[@a{p. 3-4} and A-1]", "(Mon 2001, p. 3–4 and A-1)"),
        ("[@a, pp. 3-5 and 7--9, see B-2]", "(Mon 2001, pp. 3–5 and 7–9, see B-2)"),
        ("[@a p. 3]", "(Mon 2001, p. 3)"),
        ("[@a, sec. 3-5; @a, civic-mix]", "(Mon 2001, sec. 3–5; Mon 2001, civic-mix)"),
        ("@a [pp. 3-5]", "Mon (2001, pp. 3–5)"),
    ] {
        let mut host = Host::new("en");
        host.bibliography = Bibliography::parse(&SourceFile::new("a.bib", bib)).0;
        let (rendered, messages) = page(markdown, &host, false);
        assert_eq!(messages, Vec::<String>::new());
        let html = rendered.html.as_str();
        let text = crate::html::text(&crate::html::read(html.split("<section").next().unwrap()).unwrap());
        assert_eq!(text.trim(), expected, "{markdown}");
    }
}

#[test]
fn details_of_works_are_told_once_and_as_what_they_are() {
    let arxiv = "eprint = {1234.56789}, archiveprefix = {arXiv}";
    let address = "<a href=\"https://arxiv.org/abs/1234.56789\">arXiv:1234.56789</a>";
    for (fields, expected) in [
        ("journal = {J. X}, number = 2", "T. <cite>J. X</cite>, no.~2.".to_owned()),
        ("journal = {J. X}, number = 2, volume = 3", "T. <cite>J. X</cite>, 3(2).".to_owned()),
        (&format!("journal = {{arXiv preprint arXiv:1234.56789}}, {arxiv}"), format!("T. {address}")),
        (
            &format!("journal = {{CoRR}}, volume = {{abs/1234.56789}}, {arxiv}"),
            format!("T. <cite>CoRR</cite>. {address}"),
        ),
        (
            &format!("journal = {{arXiv Letters}}, {arxiv}"),
            format!("T. <cite>arXiv Letters</cite>. {address}"),
        ),
        ("version = {1.2}", "T. Version~1.2.".to_owned()),
    ] {
        let bib = format!("@article{{a, author = {{Mon, A.}}, title = {{T}}, year = 2001, {fields}}}");
        assert_eq!(list(&bib, "en", "[@a]"), [format!("Mon, A. (2001). {expected}")], "{fields}");
    }
}
