//! What other sites and programs are told of a site whose address is known: a list of all pages, a feed of dated ones, and a picture of each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Files;
use super::navigation::Told;
use super::pages::{NOT_FOUND, Written, in_language, iso_day};
use super::shared::Shared;
use super::{changes, search};
use crate::ids::{Route, encoded, relative};
use crate::locale::Locale;
use crate::prose::{FrontMatter, escape};
use crate::publish::Content;
use crate::site::{Alias, Page};

/// A feed has so many pages at most, the newest.
const NEWEST: usize = 30;
/// Pictures that others can show.
const PICTURES: [&str; 5] = ["png", "jpg", "jpeg", "webp", "gif"];

/// The address of a route on the web, if that of the site is known.
pub(super) fn on_the_web(shared: &Shared<'_>, route: &Route) -> Option<String> {
    let base = shared.material.config.base_url.as_ref().filter(|_| *route != NOT_FOUND)?;
    Some(format!("{}/{}", base.trim_end_matches('/'), encoded(route)))
}

/// The pages with a day and a text in a language, the newest first.
fn dated<'a>(shared: &Shared<'a>, locale: &Locale) -> Vec<(String, usize, &'a Page)> {
    let text = |page: &'a Page| page.texts.get(&locale.tag);
    let day = |page: &'a Page| iso_day(text(page)?.prose.front.date.as_ref()?);
    let pages = shared.material.site.pages.iter().enumerate();
    let mut dated: Vec<_> = pages.filter_map(|(index, page)| Some((day(page)?, index, page))).collect();
    dated.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    dated
}

/// The languages that have a feed.
pub(super) fn feeds(shared: &Shared<'_>) -> BTreeSet<String> {
    let languages = &shared.material.site.languages;
    let there =
        |locale: &&Locale| shared.material.config.base_url.is_some() && !dated(shared, locale).is_empty();
    languages.iter().filter(there).map(|locale| locale.tag.clone()).collect()
}

/// Route of the feed of a language, if there is one.
pub(super) fn feed_route(shared: &Shared<'_>, locale: &Locale) -> Option<Route> {
    shared.feeds.contains(&locale.tag).then(|| in_language(shared, &locale.tag, "feed.xml"))
}

/// The list of pages, the feeds, and what stands at addresses of before.
pub fn files(shared: &Shared<'_>, written: &[Written]) -> Files {
    let mut files = aliases(shared);
    if let Some(list) = list(shared, written) {
        files.insert(Route::new("sitemap.xml"), Content::Bytes(list.into_bytes()));
    }
    files.extend(changes::feeds(shared));
    for locale in &shared.material.site.languages {
        let Some((route, feed)) = feed_route(shared, locale).and_then(|route| feed(shared, locale, route))
        else {
            continue;
        };
        files.insert(route, Content::Bytes(feed.into_bytes()));
    }
    files
}

/// The pages at addresses where others stood before, which lead on to these without a script.
fn aliases(shared: &Shared<'_>) -> Files {
    let site = shared.material.site;
    let page = |Alias { route, page, language, .. }: Alias<'_>| {
        let to = site.pages[page].route(language, &site.languages);
        let (url, title) = (escape(&relative(&route, &to)), escape(&shared.told[language][page].title));
        let canonical = on_the_web(shared, &to)
            .map(|url| format!("<link rel=\"canonical\" href=\"{}\">\n", escape(&url)));
        let html = format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
             <meta http-equiv=\"refresh\" content=\"0; url={url}\">\n<meta name=\"robots\" content=\"noindex\">\n{}</head>\n\
             <body>\n<p><a href=\"{url}\">{title}</a></p>\n</body>\n</html>\n",
            canonical.unwrap_or_default()
        );
        (route, Content::Bytes(html.into_bytes()))
    };
    site.aliases().map(page).collect()
}

/// All pages that somebody may look for, in the order of their addresses and with their days, as sitemaps.org has it.
fn list(shared: &Shared<'_>, written: &[Written]) -> Option<String> {
    let languages = &shared.material.site.languages;
    let mut routes: Vec<&Route> = written.iter().map(|page| &page.route).collect();
    routes.retain(|route| !languages.iter().any(|locale| **route == search::route(shared, &locale.tag)));
    routes.sort_unstable();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n".to_owned();
    shared.material.config.base_url.as_ref()?;
    let days: BTreeMap<Route, String> = languages
        .iter()
        .flat_map(|locale| {
            let route = |page: &Page| page.route(&locale.tag, languages);
            dated(shared, locale).into_iter().map(move |(day, _, page)| (route(page), day))
        })
        .collect();
    for (route, address) in routes.into_iter().filter_map(|route| Some((route, on_the_web(shared, route)?))) {
        let day = days.get(route).map(|day| format!("<lastmod>{day}</lastmod>")).unwrap_or_default();
        let _ = writeln!(text, "<url><loc>{}</loc>{day}</url>", escape(&address));
    }
    Some(text + "</urlset>\n")
}

/// The beginning of a feed of Atom (RFC 4287): what it is called after the site, what it is about, its newest day, and who signs.
pub(super) fn feed_head(
    shared: &Shared<'_>,
    locale: &Locale,
    route: &Route,
    (about, name): (&str, Option<&str>),
    newest: &str,
) -> Option<String> {
    let config = shared.material.config;
    let tag = locale.tag.as_str();
    let site = config.title.get(tag).unwrap_or_default();
    let title = name.map_or_else(|| site.to_owned(), |name| format!("{site}: {name}"));
    let (address, about) = (escape(&on_the_web(shared, route)?), escape(about));
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{tag}\">\n<title>{}</title>\n<id>{address}</id>\n\
         <link rel=\"self\" href=\"{address}\"/>\n<link href=\"{about}\"/>\n<updated>{newest}T00:00:00Z</updated>\n",
        escape(&title)
    );
    let names: Vec<&str> = config.authors.iter().map(|author| author.name.as_str()).collect();
    // Each entry needs somebody who signs.
    people(if names.is_empty() { vec![site] } else { names }, &mut text);
    Some(text)
}

/// A feed of dated pages, with its route.
fn feed(shared: &Shared<'_>, locale: &Locale, route: Route) -> Option<(Route, String)> {
    let tag = locale.tag.as_str();
    let home = on_the_web(shared, &in_language(shared, tag, "index.html"))?;
    let pages = dated(shared, locale);
    let mut text = feed_head(shared, locale, &route, (&home, None), &pages.first()?.0)?;
    for (day, index, page) in pages.iter().take(NEWEST) {
        let Told { title, summary, .. } = &shared.told[tag][*index];
        let address = escape(&on_the_web(shared, &page.route(tag, &shared.material.site.languages))?);
        let _ = writeln!(
            text,
            "<entry>\n<title>{}</title>\n<id>{address}</id>\n<link href=\"{address}\"/>\n<updated>{day}T00:00:00Z</updated>",
            escape(title)
        );
        let FrontMatter { authors, .. } = &page.texts[tag].prose.front;
        people(authors.iter().map(|author| author.name.as_str()).collect(), &mut text);
        if let Some(summary) = summary {
            let _ = writeln!(text, "<summary>{}</summary>", escape(summary));
        }
        text.push_str("</entry>\n");
    }
    Some((route, text + "</feed>\n"))
}

fn people(names: Vec<&str>, text: &mut String) {
    for name in names {
        let _ = writeln!(text, "<author><name>{}</name></author>", escape(name));
    }
}

/// The address on the web of the first picture on a page, which may be the one of a computed figure.
pub(super) fn picture(shared: &Shared<'_>, route: &Route, html: &str) -> Option<String> {
    let page = on_the_web(shared, route)?;
    let (host, _) = page.split_at(page.len() - encoded(route).len());
    let mut parts: Vec<String> = encoded(route).split('/').map(str::to_owned).collect();
    parts.pop();
    for part in first_picture(html)?.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part.to_owned()),
        }
    }
    Some(format!("{host}{}", parts.join("/")))
}

/// The relative address of the first picture in some HTML: one that is shown, or that stands below a figure. A layer within a drawing is a
/// part of a picture only.
fn first_picture(html: &str) -> Option<&str> {
    let addresses = html.match_indices(['"']).map(|(at, _)| at).collect::<Vec<_>>();
    let values = addresses.windows(2).filter_map(|ends| {
        let before = &html[..ends[0]];
        let value = &html[ends[0] + 1..ends[1]];
        let named = before.ends_with(" src=")
            || (before.ends_with(" href=") && html[ends[1]..].starts_with("\" download"));
        let in_drawing = || before.rfind("<foreignObject") > before.rfind("</foreignObject>");
        (named && !in_drawing()).then_some(value)
    });
    let is_picture = |value: &&str| {
        let ending = value.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| PICTURES.contains(&ending.as_str())) && !value.contains(':')
    };
    values.into_iter().find(is_picture)
}

#[cfg(test)]
mod tests {
    use super::first_picture;

    #[test]
    fn the_first_picture_of_a_page() {
        for (html, wanted) in [
            ("<p>none</p><a href=\"a.png\">a link</a>", None),
            ("<img src=\"../files/a.png\" alt=\"b.png\"><img src=\"c.png\">", Some("../files/a.png")),
            (
                "<img src=\"a.svg\"><a href=\"figures/f.svg\" download>SVG</a>, <a href=\"figures/f.PNG\" download>PNG</a>",
                Some("figures/f.PNG"),
            ),
            (
                "<img src=\"data:image/x.png\"><video src=\"a.mp4\"></video><img loading=\"lazy\" src=\"b.webp\">",
                Some("b.webp"),
            ),
            (
                "<svg><foreignObject><img src=\"layer.png\"/></foreignObject></svg><a href=\"f.png\" download>PNG</a>",
                Some("f.png"),
            ),
            ("", None),
        ] {
            assert_eq!(first_picture(html), wanted, "{html}");
        }
    }
}
