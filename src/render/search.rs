//! Search: what readers find, as an entry of each page, the page of results, and the index of a language as small scripts.
//!
//! The index has the *forms* of words as readers meet them, without accents and capitals; those with one stem stand together and share
//! their pages. So the stem is taken here alone: a browser looks a form up, or what begins with it, or, of a form that no page has, what it
//! shares most letters with. It needs no stemmer of any language.
//!
//! 1. [`Entry::of`] takes the words out of a written page, and the text that results show ([`text`], [`words`]). It is remembered with the page.
//! 2. [`index::files`] puts the words of all pages of a language together, in chunks whose borders do not move when a page is edited.
//!
//! `templates/assets/find.js` is the other side of both.

mod bits;
mod entry;
mod index;
mod text;
mod words;

use std::convert::Infallible;

use minijinja::context;
use octavo_plugin::ContentHasher;

pub use self::entry::Entry;
use super::Files;
use super::navigation::all_entries;
use super::pages::{Written, bare, extra, in_language};
use super::shared::Shared;
use crate::ids::{Route, encoded};
use crate::locale::Locale;
use crate::publish::Content;
use crate::timings::{TimedKind, timed};

/// What a page calls the script with its text until its number is known.
const TEXT: &str = "search/text.js";

/// What pages load to search, among the static files.
pub const SCRIPTS: [&str; 2] = ["assets/find.js", "assets/search.js"];

/// Route of the page of results in a language.
pub(super) fn route(shared: &Shared<'_>, language: &str) -> Route {
    in_language(shared, language, "search.html")
}

/// The words of a page as HTML, if the site can be searched; the text that results show goes to its files.
pub(super) fn entry(
    shared: &Shared<'_>,
    html: &str,
    title: &str,
    route: &Route,
    language: &str,
    files: &mut Files,
) -> Option<Entry> {
    shared.material.config.search.then(|| {
        let (entry, text) = Entry::of(html, title, &encoded(route), language);
        files.insert(Route::new(TEXT), Content::Bytes(text.into_bytes()));
        entry
    })
}

/// A page that nobody looks for: without its words, and without the text that results would show.
pub fn unfound(mut page: Written) -> Written {
    page.files.remove(TEXT);
    Written { search: None, ..page }
}

/// The page of results: without a script it lists all pages.
pub(super) fn page(shared: &Shared<'_>, locale: &Locale) -> Option<Written> {
    shared.material.config.search.then(|| {
        let route = route(shared, &locale.tag);
        let title = locale.word("search").to_owned();
        let own = context! {
            title => title.clone(), title_html => title.clone(), outline => Vec::<String>::new(),
            entries => all_entries(shared, locale, &route), ..bare()
        };
        unfound(extra(shared, "search.html", locale, &route, title, own))
    })
}

/// The files that searches load, in a folder for each language. The texts are taken from the files of the pages.
pub fn files(shared: &Shared<'_>, written: &mut [Written]) -> Files {
    let mut files = Files::new();
    for locale in &shared.material.site.languages {
        let name = || format!("words in `{}`", locale.tag);
        timed(TimedKind::Index, name, || add_language(shared, &locale.tag, written, &mut files));
    }
    files
}

fn add_language(shared: &Shared<'_>, language: &str, written: &mut [Written], files: &mut Files) {
    let mut pages: Vec<&mut Written> =
        written.iter_mut().filter(|page| page.language == language && page.search.is_some()).collect();
    pages.sort_by(|one, other| one.route.cmp(&other.route));
    let folder = format!("search/{language}");
    for (number, page) in pages.iter_mut().enumerate() {
        let text = page.files.remove(TEXT);
        files.extend(text.map(|text| (Route::new(format!("{folder}/text/{number}.js")), text)));
    }
    let routes: String = pages.iter().map(|page| format!("{}\n", page.route)).collect();
    let entries: Vec<&Entry> = pages.iter().filter_map(|page| page.search.as_ref()).collect();
    if entries.is_empty() {
        return;
    }
    let mut hasher = ContentHasher::new("octavo search");
    hasher.add(&shared.material.program).text(&routes);
    for Entry { language, words } in &entries {
        hasher.text(language).text(words);
    }
    let made = || {
        let files = index::files(&entries, &routes).into_iter();
        Ok::<_, Infallible>(((), files.map(|(name, script)| (name, script.into_bytes())).collect()))
    };
    match shared.material.memo.get_or_make(&hasher.finish(), made) {
        Ok(answer) => {
            files.extend(
                answer
                    .files
                    .into_iter()
                    .map(|(name, content)| (Route::new(format!("{folder}/{name}")), content)),
            );
        }
        Err(never) => match never {},
    }
}
