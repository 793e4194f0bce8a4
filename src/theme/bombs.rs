//! Templates that would overflow a stack, fill the memory or never end: each is a problem at its place.

use std::collections::BTreeMap;

use minijinja::context;

use super::*;

/// The problem of `claim.html` with this text, and the line of its place.
fn problem_of(text: &str) -> (String, usize) {
    let overrides = BTreeMap::from([("claim.html".to_owned(), text.as_bytes().to_vec())]);
    let rendered = Theme::new(&overrides, &ThemeConfig::default())
        .and_then(|theme| theme.render("claim.html", context! { text => "x" }));
    let start = &text[..text.len().min(60)];
    let problem = rendered.err().unwrap_or_else(|| panic!("`{start}` is rendered"));
    let at = problem.location.unwrap_or_else(|| panic!("`{start}`: {} has no place", problem.message));
    assert_eq!((problem.code, at.source.path.as_str()), (TEMPLATE, "templates/claim.html"), "`{start}`");
    (problem.message, at.source.text[..at.span.start].matches('\n').count() + 1)
}

/// Each text follows a first line.
fn are_refused(texts: &[String], message: &str) {
    for text in texts {
        let (found, line) = problem_of(&format!("first\n{text}"));
        assert!(found.contains(message), "`{}`: {found}", &text[..text.len().min(60)]);
        assert_eq!(line, 2, "`{}`", &text[..text.len().min(60)]);
    }
}

#[test]
fn what_nests_in_the_source_is_refused_before_it_is_parsed() {
    let texts = [
        format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}".repeat(7500)),
        format!("{{{{ {}1 }}}}", "1+".repeat(27_000)),
        format!("{{{{ {}1 }}}}", "not ".repeat(27_000)),
        format!("{{{{ text{} }}}}", "|upper".repeat(20_000)),
        format!("{{{{ text{} }}}}", ".a".repeat(20_000)),
        format!("{{{{ {}1{} }}}}", "[".repeat(9000), "]".repeat(9000)),
        format!("{{{{ {}1 }}}}", "1 if 1 else ".repeat(9000)),
        format!("{{{{ {}'}}}}' }}}}", "'}}' ~ ".repeat(9000)),
    ];
    are_refused(&texts, "more than 5000 words and signs");
}

/// As many words and signs as may stand in a template, in forms that nest them: whatever the engine says of them, it does
/// not overflow.
#[test]
fn what_may_stand_in_a_template_nests_no_deeper_than_the_stack() {
    let most = bounds::MAX_TOKENS - 100;
    let sums =
        ["1+", "1-", "1*", "text~", "1 and ", "1<", "not ", "-", "1 if 1 else ", "1**", "1//", "1 in "];
    let sums =
        sums.map(|part| format!("{{{{ {}1 }}}}", part.repeat(most / part.split_whitespace().count().max(2))));
    let chains = ["|upper", ".a", "[0]", "()", "|default(1)"]
        .map(|part| format!("{{{{ text{} }}}}", part.repeat(most / 5)));
    let blocks = [
        format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}".repeat(most / 2)),
        format!("{}{}", "{% if 1 %}".repeat(most / 3), "{% endif %}".repeat(most / 3)),
        format!("{}{}", "{% for x in [1] %}".repeat(most / 7), "{% endfor %}".repeat(most / 7)),
        format!("{{% set x = 1 %}}{}{{{{ x }}}}", "{% set x = [x] %}".repeat(most / 7)),
        format!("{{% set x = 1 %}}{}{{{{ x ~ x }}}}", "{% set x = {'a': x} %}".repeat(most / 9)),
        format!("{{% set x = [1] %}}{}{{{{ x == x }}}}", "{% set x = [x]|list %}".repeat(most / 9)),
        "{{ text }}".to_owned(),
    ];
    for text in sums.iter().chain(&chains).chain(&blocks) {
        let overrides = BTreeMap::from([("claim.html".to_owned(), text.as_bytes().to_vec())]);
        let theme = Theme::new(&overrides, &ThemeConfig::default());
        drop(theme.and_then(|theme| theme.render("claim.html", context! { text => "x" })));
    }
}

#[test]
fn what_a_filter_or_operator_would_make_is_refused_before_it_is_made() {
    let texts = [
        "{{ '%2000000000d'|format(1) }}".to_owned(),
        "{{ 'a\nb'|indent(4000000000) }}".to_owned(),
        "{{ ('x' * 60000000) ~ ('x' * 900000000) }}".to_owned(),
        format!("{{% set x = 'xxxxxxxx' %}}{}", "{% set x = x ~ x %}".repeat(60)),
        format!("{{% set x = 'xxxxxxxx' %}}{}", "{% set x = x + x %}".repeat(60)),
        format!("{{% set x = 'xxxxxxxx' %}}{}", "{% set x %}{{ x|safe }}{{ x|safe }}{% endset %}".repeat(60)),
        "{{ ('x' * 90000)|replace('x', 'y' * 90000) }}".to_owned(),
        "{{ (range(9000)|list)|join('y' * 90000) }}".to_owned(),
        "{% for i in range(99000) %}{{ ('x' * 90000)|safe }}{% endfor %}".to_owned(),
        "{% macro m() %}{{ ('x' * 900000)|safe }}{% endmacro %}{% for i in range(99000) %}{{ m() }}{% endfor %}"
            .to_owned(),
        "{{ '%.2000000000f'|format(1) }}".to_owned(),
        "{{ '%*d'|format(2000000000, 1) }}".to_owned(),
    ];
    for text in &texts {
        let (message, _) = problem_of(text);
        let known = ["steps", "too large", "too many", "invalid operation", "syntax error"];
        assert!(known.iter().any(|part| message.contains(part)), "{text}: {message}");
    }
}

#[test]
fn what_never_ends_runs_out_of_steps() {
    let texts = [
        "{% for a in range(9000) %}{% for b in range(9000) %}{% for c in range(9000) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in range(99000) %}{% for b in range(99000) %}{{ a * b }}{% endfor %}{% endfor %}",
        "{% for a in range(99000) %}{{ range(9000)|sum }}{% endfor %}",
        "{% for a in range(99000) %}{{ range(9000)|reverse|list|sort|length }}{% endfor %}",
    ];
    are_refused(&texts.map(str::to_owned), "more than 5000000 steps");
}

#[test]
fn what_calls_itself_is_stopped() {
    let texts = [
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(x) %}{{ m([x, x]) }}{% endmacro %}{{ m(1) }}",
        "{% include 'claim.html' %}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% block a %}{{ self.a() }}{% endblock %}",
    ];
    for text in texts {
        let (message, _) = problem_of(text);
        assert!(message.contains("recursion") || message.contains("steps"), "{text}: {message}");
    }
    let (message, _) = problem_of("{% extends 'claim.html' %}");
    assert!(
        message.contains("cycle") || message.contains("recursion") || message.contains("steps"),
        "{message}"
    );
    let (message, line) = problem_of("\n{% set ns = namespace(a=1) %}{% set ns.a = ns %}{{ ns }}");
    assert!(message.contains("no namespaces") && line == 2, "{message} {line}");
}

/// In every call a value is nested as deeply as a template can say, and in the last it is written, compared and dropped.
#[test]
fn values_that_grow_with_every_call_stay_within_the_stack() {
    let lasts = [
        "x",
        "x ~ 1",
        "x|string|length",
        "[x]|join",
        "[x, [x]]|sort|length",
        "[x, [x]]|unique|list|length",
        "x in [[x]]",
        "x == [x]",
        "{x: 1}|length",
        "x|pprint|length",
        "debug()|length",
    ];
    for last in lasts {
        for (open, close, tokens) in [("[", "]", 2), ("{1:", "}", 4)] {
            let sets = (bounds::MAX_TOKENS - 100) / (70 * tokens + 4);
            let nested = format!("{{% set x = {}x{} %}}", open.repeat(70), close.repeat(70)).repeat(sets);
            let calls = format!(
                "{{% for x in [1] recursive %}}{nested}{{% if loop.depth < 90 %}}{{{{ loop([x]) }}}}{{% else %}}{{{{ {last} }}}}{{% endif %}}{{% endfor %}}"
            );
            let macros = format!(
                "{{% macro m(x, n) %}}{nested}{{% if n %}}{{{{ m(x, n - 1) }}}}{{% else %}}{{{{ {last} }}}}{{% endif %}}{{% endmacro %}}{{{{ m(1, 10) }}}}"
            );
            for text in [calls, macros] {
                let overrides = BTreeMap::from([("claim.html".to_owned(), text.into_bytes())]);
                let theme = Theme::new(&overrides, &ThemeConfig::default()).unwrap();
                drop(theme.render("claim.html", context! {}));
            }
        }
    }
}

/// Pages of real sites are far from the bounds: this one has ten thousand rows of ten cells, escaped.
#[test]
fn a_large_page_is_within_the_bounds() {
    let table =
        "{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>\n{% endfor %}";
    let overrides = BTreeMap::from([("claim.html".to_owned(), table.as_bytes().to_vec())]);
    let theme = Theme::new(&overrides, &ThemeConfig::default()).unwrap();
    let rows = vec![vec!["a < b"; 10]; 10_000];
    let html = theme.render("claim.html", context! { rows => rows }).unwrap();
    assert_eq!(html.matches("<td>a &lt; b</td>").count(), 100_000);
}
