//! Texts and lists.

use crate::{DATE, Host, NUMBERS, list, text};

/// Each page and what its reader sees, for one style in English and French.
fn reads(style: &str, pages: &[(&str, &str, &str)]) {
    for language in ["en", "fr"] {
        let host = Host::new(style, language);
        for (markdown, english, french) in pages {
            let expected = if language == "en" { english } else { french };
            assert_eq!(text(&host.page(markdown)), *expected, "{markdown} in {language}");
        }
    }
}

/// The same text in both languages.
fn same<'a>(markdown: &'a str, text: &'a str) -> (&'a str, &'a str, &'a str) {
    (markdown, text, text)
}

#[test]
fn pandocs_forms_by_author_and_date() {
    reads(
        DATE,
        &[
            same("[@poole]", "(Poole et al. 2016)"),
            same("[@villani; @poole]", "(Poole et al. 2016; Villani 2009)"),
            (
                "[see @poole, p. 3; also @villani, ch. 3, *passim*]",
                "(see Poole et al. 2016, p. 3; also Villani 2009, chap. 3, passim)",
                "(see Poole et al. 2016, p. 3; also Villani 2009, chap. 3, passim)",
            ),
            same("@poole", "Poole et al. (2016)"),
            same("@poole [p. 3]", "Poole et al. (2016, p. 3)"),
            same("@poole [p. 3, and more; @villani]", "Poole et al. (2016, p. 3, and more; Villani 2009)"),
            same("[-@poole]", "(2016)"),
            same("-@poole", "(2016)"),
            ("[-@poole, pp. 3--5]", "(2016, pp. 3–5)", "(2016, p. 3–5)"),
            ("@ed [@ed]", "Ed and Otto (1999) (Ed and Otto 1999)", "Ed et Otto (1999) (Ed et Otto 1999)"),
            same("@nobody [@nobody]", "Anonymous works (1900) (Anonymous works 1900)"),
            same("@press, [@press]", "Zhang~et al. (in press), (Zhang~et al. in press)"),
            same("[@gone; @abel] @gone", "(gone?; von Abel 2001) gone?"),
            same("[see @poole and @abel]", "(see Poole et al. 2016 and von Abel (2001))"),
            same("See[^1] @poole.\n\n[^1]: A note [@abel].", "See1 Poole et al. (2016)."),
        ],
    );
}

#[test]
fn letters_follow_the_list_and_are_the_same_everywhere() {
    reads(
        DATE,
        &[
            (
                "@later and @first, [@first]",
                "Hanin and Rolnick (2019b) and Hanin and Rolnick (2019a), (Hanin and Rolnick 2019a)",
                "Hanin et Rolnick (2019b) and Hanin et Rolnick (2019a), (Hanin et Rolnick 2019a)",
            ),
            (
                "[@villani; @later; @poole; @first]",
                "(Hanin and Rolnick 2019a, 2019b; Poole et al. 2016; Villani 2009)",
                "(Hanin et Rolnick 2019a, 2019b; Poole et al. 2016; Villani 2009)",
            ),
            same("@press [@press2]", "Zhang~et al. (in press-b) (Zhang~et al. in press-a)"),
        ],
    );
}

#[test]
fn pandocs_forms_by_number() {
    reads(
        NUMBERS,
        &[
            same("[@poole]", "[1]"),
            same("[@poole; @villani; @abel]", "[1–3]"),
            same("[@abel] [@poole; @abel]", "[1] [1, 2]"),
            same(
                "[see @poole, p. 3; also @villani, ch. 3, *passim*]",
                "[see 1, p. 3, also 2, chap. 3, passim]",
            ),
            ("@later [@later]", "Hanin and Rolnick [1] [1]", "Hanin et Rolnick [1] [1]"),
            same("@poole [p. 3, and more; @villani]", "Poole et al. [1, p. 3, and more, 2]"),
            same("[-@poole] -@poole", "[1] [1]"),
            same("[@gone; @abel] @gone", "[gone?, 1] gone?"),
        ],
    );
}

const SQUARE: &str = "<math display=\"inline\"><semantics><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow>\
                      <annotation encoding=\"application/x-tex\">x^2</annotation></semantics></math>";
const ALL: &str = "@poole @later @first @villani @press @abel @nobody @ed";

#[test]
fn the_list_by_author_and_date() {
    let small = |names: &str| format!("<span class=\"small-capitals\">{names}</span>");
    let english = [
        "Anonymous works (1900). P.".to_owned(),
        format!("{} (eds.) (1999). <i>Collected</i>.", small("Ed, E. and Otto, O.")),
        format!("{} (2019a). “A complexity.” <i>ICML</i>.", small("Hanin, B. and Rolnick, D.")),
        format!(
            "{} (2019b). “Zebras and <i>patterns</i> in {SQUARE}.” <i>J. &lt;b&gt;Tests&lt;/b&gt;</i> <b>3</b> (2).",
            small("Hanin, B. and Rolnick, D.")
        ),
        format!(
            "{} (2016). “Exponential expressivity in ReLU networks of Gauss.” In <i>NeurIPS</i> pp. 3360–3368. \
             <a href=\"https://doi.org/10.1/x&lt;y&gt;\">https://doi.org/10.1/x&lt;y&gt;</a>.",
            small("Poole, B., Lahiri, S., and Raghu, M.")
        ),
        format!("{} (2009). <i>Optimal transport: Old and new</i>. Springer.", small("Villani, C.")),
        format!("{} (2001). <i>A thesis</i>. PhD thesis. Oslo.", small("Abel, J.-P. von")),
        format!(
            "{} (in press). “Soon &amp; &lt;script&gt;alert(1)&lt;/script&gt;.” <i>J</i>.",
            small("Zhang, L.~et al.")
        ),
    ];
    assert_eq!(list(&Host::new(DATE, "en").page(ALL)), english);
    let french = list(&Host::new(DATE, "fr").page(ALL));
    assert_eq!(french[1], format!("{} (éd.) (1999). <i>Collected</i>.", small("Ed, E. et Otto, O.")));
    assert_eq!(
        french[2],
        format!("{} (2019a). «~A complexity~». <i>ICML</i>.", small("Hanin, B. et Rolnick, D."))
    );
    assert_eq!(
        french[6],
        format!("{} (2001). <i>A thesis</i>. Thèse de doctorat. Oslo.", small("Abel, J.-P. von"))
    );
}

#[test]
fn the_list_by_number() {
    let label = |number: usize| format!("<span class=\"entry-label\">[{number}]</span>");
    let english = [
        format!(
            "{} B. Poole, S. Lahiri, and M. Raghu, Exponential Expressivity in ReLU Networks of Gauss, <i>NeurIPS</i>, 2016.",
            label(1)
        ),
        format!(
            "{} B. Hanin and D. Rolnick, Zebras and <i>Patterns</i> in {SQUARE}, <i>J. &lt;b&gt;Tests&lt;/b&gt;</i>, March 2019.",
            label(2)
        ),
    ];
    assert_eq!(list(&Host::new(NUMBERS, "en").page(ALL))[..2], english);
    let french = list(&Host::new(NUMBERS, "fr").page(ALL));
    assert_eq!(french.len(), 8);
    assert_eq!(
        french[1],
        format!(
            "{} B. Hanin et D. Rolnick, Zebras and <i>patterns</i> in {SQUARE}, <i>J. &lt;b&gt;Tests&lt;/b&gt;</i>, mars 2019.",
            label(2)
        )
    );
}

#[test]
fn citations_and_works_lead_to_each_other() {
    let host = Host::new(NUMBERS, "en");
    let page = host.page("# A title [@abel]\n\n[@abel; @poole; @villani] and *@poole*.\n");
    let title = page.title_html.unwrap();
    assert_eq!(title.as_str(), "A title [<a class=\"citation\" id=\"cite-abel-1\" href=\"#ref-abel\">1</a>]");
    let html = page.html.as_str();
    for there in [
        "<p>[<a class=\"citation\" id=\"cite-abel-2\" href=\"#ref-abel\">1</a>–",
        "<a class=\"citation\" id=\"cite-villani-1\" href=\"#ref-villani\">3</a>]",
        // The style wrote `1–3`; the list leads to the place nevertheless.
        "<span id=\"cite-poole-1\"></span>",
        "<em><a class=\"citation\" id=\"cite-poole-2\" href=\"#ref-poole\">Poole et al. [2]</a></em>",
        "<ul class=\"styled\">\n<li id=\"ref-abel\"><span class=\"entry-label\">[1]</span>",
        "<a class=\"back\" href=\"#cite-poole-2\"",
    ] {
        assert!(html.contains(there), "{there} in {html}");
    }
    assert_eq!(page.citations, ["abel", "poole", "villani"]);
    assert!(page.outline.iter().any(|heading| heading.id == "references"));
    assert!(!host.page("Nothing is cited.").html.as_str().contains("<section"));
}

#[test]
fn a_style_without_a_list_has_ours() {
    let (start, end) = DATE.split_once("<bibliography>").unwrap();
    let style = format!("{start}{}", end.split_once("</bibliography>").unwrap().1);
    let page = Host::new(&style, "en").page("@villani");
    assert_eq!(text(&page), "Villani (2009)");
    assert_eq!(list(&page), ["Villani, C. (2009). <cite>Optimal transport: Old and new</cite>. Springer."]);
}

#[test]
fn brackets_raised_numbers_and_styles_without_years() {
    let raised = NUMBERS.replace(
        "prefix=\"[\" suffix=\"]\" delimiter=\", \">\n      <group",
        "vertical-align=\"sup\" delimiter=\",\">\n      <group",
    );
    let page = Host::new(&raised, "en").page("So[@poole; @abel], @villani.");
    let html = page.html.as_str();
    assert!(html.contains("<p>So<a class=\"citation\" id=\"cite-poole-1\" href=\"#ref-poole\"><sup>1</sup></a><sup>,</sup><a"), "{html}");
    assert!(html.contains("href=\"#ref-villani\">Villani<sup>3</sup></a>.</p>"), "{html}");
    let names = DATE.replace("<text macro=\"who\"/><text macro=\"year\"/>", "<text macro=\"who\"/>");
    let page = Host::new(&names, "en").page("@villani, [-@villani], @villani [p. 3], [-@villani, p. 3]");
    assert_eq!(text(&page), "Villani, (Villani), Villani (p. 3), (p. 3)");
}
