//! Differences as a small page that stands alone.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use octavo_plugin::{Value, base64};

use super::{Difference, Differences, Redrawn};
use crate::build::Moved;
use crate::disk;
use crate::ids::FigureRef;
use crate::locale::Locale;
use crate::lock::Item;
use crate::number::apart;
use crate::project::Project;
use crate::prose::{escape, typeset_text};
use crate::render::figures::base;
use crate::render::held::apart_in;

const STYLE: &str = ":root{color-scheme:light dark}body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}\
h1{margin:.2rem 0 .6rem;font-size:1.6rem;line-height:1.25}h2{margin:2rem 0 .5rem;font-size:1.1rem}h2 code{font-size:1em}code{font-size:.875em}small,.of{color:GrayText}.of{margin:0}\
table{border-collapse:collapse}td,th{padding:.3rem 1.6rem .3rem 0;border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent);text-align:left;vertical-align:top;font-variant-numeric:tabular-nums}\
.wide{overflow-x:auto}figure{margin:0}.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem}.pair img{width:100%;background:#fff}";

/// The page, in the project's first language. `sites` are that of the revision and that of today: figures of both stand side by side.
pub(super) fn text(of: &Differences, project: &Project, sites: Option<&[PathBuf; 2]>) -> String {
    let english = || Locale::built_in("en").expect("English is built in");
    let locale = project.locales.first().cloned().unwrap_or_else(english);
    let page = Page { locale: &locale, sites };
    let title = page.fill("diff-title", &[("revision", &of.name())]);
    let mut body = String::new();
    for one in &of.all {
        body += &page.experiment(one);
    }
    let intro = match of.all.len() {
        0 => page.word("diff-nothing"),
        count => {
            let gaps = [("count", &*count.to_string()), ("all", &*of.experiments.to_string())];
            page.fill("diff-count", &gaps)
        }
    };
    let name = escape(of_project(project, &locale));
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<p class=\"of\">{name}</p>\n<h1>{title}</h1>\n<p>{intro}</p>\n{body}</body>\n</html>\n",
        locale.tag
    )
}

fn of_project<'p>(project: &'p Project, locale: &Locale) -> &'p str {
    project.config.title.get(&locale.tag).unwrap_or_default()
}

struct Page<'a> {
    locale: &'a Locale,
    sites: Option<&'a [PathBuf; 2]>,
}

impl Page<'_> {
    fn word(&self, key: &str) -> String {
        escape(&typeset_text(self.locale.word(key), self.locale))
    }

    fn fill(&self, key: &str, gaps: &[(&str, &str)]) -> String {
        escape(&typeset_text(&self.locale.fill(key, gaps), self.locale))
    }

    fn experiment(&self, one: &Difference) -> String {
        let mut html = format!("<h2><code>{}</code></h2>\n", escape(&one.held.id));
        if one.held.state == crate::build::State::New {
            return html + &format!("<p>{}</p>\n", self.word("diff-new"));
        }
        if one.is_gone() {
            return html + &format!("<p>{}</p>\n", self.word("diff-gone"));
        }
        let shown = one.moved().iter().filter(|moved| moved.item != Item::Output);
        let rows: Vec<String> = shown.map(|moved| self.row(moved)).collect();
        if !rows.is_empty() {
            let head = ["diff-result", "diff-before", "diff-now", "diff-apart"]
                .map(|key| format!("<th>{}</th>", self.word(key)));
            let (head, rows) = (head.concat(), rows.concat());
            let _ = write!(html, "<div class=\"wide\"><table>\n<tr>{head}</tr>\n{rows}</table></div>\n");
        }
        let outputs = one.moved().iter().filter(|moved| moved.item == Item::Output);
        let outputs: Vec<&str> = outputs.map(|moved| moved.name.as_str()).collect();
        let mut line = |key: &str, text: String| {
            let _ = writeln!(html, "<p><small>{}{} {text}</small></p>", self.word(key), self.word("colon"));
        };
        if !outputs.is_empty() {
            line("changed-outputs", escape(&outputs.join(", ")));
        }
        if !one.moved().is_empty() {
            let causes: Vec<String> = one.held.changes.iter().map(ToString::to_string).collect();
            let known =
                if causes.is_empty() { self.word("cause-unknown") } else { escape(&causes.join("; ")) };
            line("cause", known);
        }
        for (figure, redrawn) in &one.figures {
            html += &self.figure(figure, *redrawn);
        }
        html
    }

    fn row(&self, moved: &Moved) -> String {
        let missing = Value::Missing(String::new());
        let [old, new] = [&moved.old, &moved.new].map(|side| side.as_ref().unwrap_or(&missing));
        let sides = match moved.item {
            Item::Claim => [old, new].map(|side| match side {
                Value::Text(verdict) => self.locale.word(verdict).to_owned(),
                _ => String::new(),
            }),
            _ => apart(old, new, self.locale),
        };
        let sides = sides.map(|text| if text.is_empty() { "–".to_owned() } else { escape(&text) });
        let far = moved.apart().map(|apart| escape(&apart_in(&apart, self.locale))).unwrap_or_default();
        let [old, new] = sides;
        format!(
            "<tr><td>{}</td><td>{old}</td><td><strong>{new}</strong></td><td>{far}</td></tr>\n",
            escape(&moved.name)
        )
    }

    /// A figure, before and now where both sites have it.
    fn figure(&self, figure: &FigureRef, redrawn: Redrawn) -> String {
        let key = format!("diff-figure-{}", redrawn.name());
        let name = escape(&figure.name);
        let pictures: Vec<String> = self
            .sites
            .into_iter()
            .flatten()
            .zip(["diff-before", "diff-now"])
            .filter_map(|(site, when)| {
                let picture = picture(site, figure)?;
                let when = self.word(when);
                Some(format!(
                    "<figure><figcaption>{when}</figcaption><img alt=\"{name}\" src=\"{picture}\"></figure>"
                ))
            })
            .collect();
        let pictures = if pictures.is_empty() {
            String::new()
        } else {
            format!("<div class=\"pair\">{}</div>\n", pictures.concat())
        };
        format!("<p><code>{name}</code>{} {}</p>\n{pictures}", self.word("colon"), self.word(&key))
    }
}

/// The drawing of a figure in a site, in its first language, as an address that holds it.
fn picture(site: &Path, figure: &FigureRef) -> Option<String> {
    let bytes = disk::read(&site.join(format!("{}.svg", base(figure)))).ok().flatten()?;
    Some(format!("data:image/svg+xml;base64,{}", base64::packed(&bytes)))
}
