//! What reading and writing a page costs: `cargo bench -p octavo-prose --bench page`.
//!
//! Each page is a hundred sections of one kind. The host answers at once, so that what is measured is this crate's own work.

#![allow(missing_docs, clippy::unwrap_used, reason = "a measurement may panic")]

use std::sync::Arc;

use divan::{Bencher, black_box};
use octavo_definition::locale::Locale;
use octavo_definition::source::SourceFile;
use octavo_prose::{
    Bibliography, CitedWork, Part, Placed, Prose, ProseHost, ProseOptions, SafeHtml, ShownValue, to_mathml,
};

const WORKS: &str = "@article{poole, author = {Poole, Ben and Lahiri, Subhaneil}, title = {Exponential {C}urvature}, year = 2016}";

const KINDS: [&str; 5] = ["text", "formulas", "code", "callouts", "citations"];

fn main() {
    divan::main();
}

/// The same answer to every question.
struct Host(Bibliography);

impl ProseHost for Host {
    fn figure(&self, placed: Placed<'_>) -> SafeHtml {
        placed.caption.unwrap_or_default()
    }

    fn table(&self, placed: Placed<'_>) -> SafeHtml {
        placed.caption.unwrap_or_default()
    }

    fn value(&self, _target: &str, _format: Option<&str>) -> Result<ShownValue, String> {
        Ok(ShownValue { text: "0.3162".to_owned(), ..ShownValue::default() })
    }

    fn verdict(&self, _target: &str) -> Result<octavo_prose::ShownVerdict, String> {
        Ok(octavo_prose::ShownVerdict::default())
    }

    fn claim(&self, _target: &str, _id: &str) -> SafeHtml {
        SafeHtml::default()
    }

    fn part(&self, part: Part<'_>, _locale: &Locale) -> SafeHtml {
        match part {
            Part::Callout { content, .. }
            | Part::Exercise { content, .. }
            | Part::Solution { content, .. } => content,
            Part::Footnotes(_) | Part::References { .. } => SafeHtml::default(),
        }
    }

    fn link(&self, target: &str) -> Result<String, String> {
        Ok(target.to_owned())
    }

    fn citation(&self, key: &str) -> Option<&CitedWork> {
        self.0.get(key)
    }
}

fn host() -> Host {
    Host(Bibliography::parse(&SourceFile::new("works.bib", WORKS)).0)
}

fn page(kind: &str) -> Arc<SourceFile> {
    let section = match kind {
        "text" => {
            "Some *words* of **text** with `code`, a [link](a.md), a value {{ value(\"v\") }} and \"quotation marks\" -- and so on.\n"
        }
        "formulas" => {
            "The rate is $\\sqrt{\\chi_1}$, where\n\n$$ \\chi_1 = \\sigma_w^2 \\int \\phi'(\\sqrt{q} z)^2 \\, dz $$\n"
        }
        "code" => "```rust\nfn main() { println!(\"{}\", 1 + 2); }\n```\n",
        "callouts" => "> [!NOTE] A title\n> Something beside the argument.\n",
        _ => "Curvature grows [see @poole, p. 3], as @poole show.[^n]\n",
    };
    let body = format!("{section}\n").repeat(100);
    SourceFile::new("page.md", format!("# Title\n\n{body}[^n]: A note.\n"))
}

#[divan::bench(args = KINDS)]
fn parse(bencher: Bencher<'_, '_>, kind: &str) {
    let (page, options) = (page(kind), ProseOptions::default());
    bencher.bench_local(|| Prose::parse(black_box(&page), &options));
}

#[divan::bench(args = KINDS)]
fn render(bencher: Bencher<'_, '_>, kind: &str) {
    let (prose, _) = Prose::parse(&page(kind), &ProseOptions::default());
    let (host, locale) = (host(), Locale::built_in("en").unwrap());
    bencher.bench_local(|| black_box(&prose).render(&host, &locale));
}

#[divan::bench]
fn one_formula() -> Result<String, String> {
    to_mathml(black_box("\\frac{1}{2\\pi} \\int_{-\\infty}^{\\infty} e^{-x^2/2} \\, dx"), true)
}
