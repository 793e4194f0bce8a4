//! Builds the site that is served, and builds anew what changed.
//!
//! There are two ways to a page. After an edit of prose that no other page shows, the one page is written anew by the editor of the site
//! that stands ([`build::Editor`]). After everything else the project is loaded and checked as by `octavo build`, and rendered from what is
//! remembered; what is not remembered is computed beside that.

use std::collections::BTreeSet;
use std::mem;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use octavo_plugin::{ContentHasher, Digest, counted};

use super::compute::{Computed, Computing};
use super::live::{Held, Live, Served};
use super::problems;
use super::sources::Sources;
use super::watch::{Batch, Reporter, Watching};
use super::{Settings, Tell};
use crate::build::{self, Checked, Editor, Keeping, Loaded, Place, Ran, Rendered};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::disk;
use crate::environment;
use crate::file;
use crate::process;
use crate::project::PROJECT_FILE;
use crate::registry::PLUGIN;
use crate::render::last_good::LastGood;
use crate::render::remembered::PageMemory;
use crate::store::Store;
use crate::theme::TEMPLATE;

/// So often it is looked whether all is to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What a builder is told.
pub(super) enum News {
    /// Something happened on disk.
    Changed(Batch),
    /// Tasks were run.
    Computed(Computed),
    /// A line for whoever started the server.
    Line(String),
}

/// A project without errors.
pub(super) struct Good {
    pub(super) loaded: Loaded,
    pub(super) checked: Checked,
    /// What is to be told all the same.
    problems: Vec<Diagnostic>,
}

impl Good {
    /// Digest of all that decides which tasks there are, but for the bytes of plugins and inputs.
    pub(super) fn definitions(&self) -> Digest {
        let project = &self.loaded.project;
        let mut hasher = ContentHasher::new("octavo definitions");
        hasher.text(&project.config_source.text);
        for (id, source) in &project.experiments {
            hasher.text(id).text(&source.text);
        }
        hasher.finish()
    }
}

/// How a site that stands comes to its end.
enum Next {
    /// This one takes its place.
    With(Arc<Good>),
    /// Everything ends.
    Stop,
}

/// Builds what is served.
pub(super) struct Builder<'a> {
    pub(super) settings: &'a Settings,
    pub(super) tell: &'a dyn Tell,
    pub(super) live: Arc<Live>,
    pub(super) sources: Arc<Mutex<Sources>>,
    pub(super) store: Store,
    pub(super) program: Digest,
    pub(super) news: Receiver<News>,
    pub(super) reporter: Reporter,
    pub(super) watching: Watching,
    pub(super) computing: Computing,
    /// All that the project was made from when it was looked at last.
    pub(super) watched: BTreeSet<PathBuf>,
    /// What was good in this session. It is not written down: what a build shows does not depend on who looked at pages before.
    pub(super) good: LastGood,
    /// Pages that were rendered before.
    pub(super) pages: PageMemory,
    /// What was told of the last check, and of the last rendering.
    pub(super) told: (Vec<Diagnostic>, Vec<Diagnostic>),
    /// Whether something of the store is damaged or gone.
    pub(super) lost: bool,
    /// What changed since the site that stands was loaded, and is not taken in.
    pub(super) pending: BTreeSet<PathBuf>,
    /// The number of the last thing that happened on disk and was looked at.
    pub(super) seen: u64,
    /// What was wrong with the site that stands when it was rendered, as JSON.
    pub(super) standing: String,
}

impl Builder<'_> {
    /// Builds until it is asked to stop.
    pub(super) fn run(&mut self) {
        let mut next = self.first();
        while let Next::With(good) = next {
            next = self.stand(&good);
            if matches!(next, Next::Stop) {
                build::remember_sheets(&self.store, self.program, &good.checked);
            }
        }
        self.computing.end();
    }

    /// The first project that is good.
    fn first(&mut self) -> Next {
        loop {
            match self.load(None) {
                Some(good) => return Next::With(good),
                None => self.live.settle(self.seen),
            }
            loop {
                match self.wait() {
                    None => return Next::Stop,
                    Some(true) => break,
                    Some(false) => {}
                }
            }
        }
    }

    /// Renders a project and serves it, until another one takes its place.
    fn stand(&mut self, good: &Arc<Good>) -> Next {
        let began = Instant::now();
        let ran = self.computing.remembered(good);
        let (store, before) = (self.store.clone(), mem::take(&mut self.good));
        let mut pages = mem::take(&mut self.pages);
        pages.turn();
        let place = Place { store: &store, program: self.program, date: self.settings.date };
        let keeping = Keeping { good: Some(&before), pages: Some(&pages), assets_on_disk: true };
        let (project, checked) = (&good.loaded.project, &good.checked);
        let next = build::render_then(project, checked, &ran, place, &keeping, |rendered, editor| {
            self.good = before.clone();
            self.show(good, &ran, rendered, began);
            self.keep_up(good, editor)
        });
        // What was lost is not to be found again.
        if !mem::take(&mut self.lost) {
            self.pages = pages;
        }
        next
    }

    /// Serves what was rendered, and tells what is wrong with it.
    fn show(&mut self, good: &Good, ran: &Ran, rendered: Rendered, began: Instant) {
        let mut found = rendered.diagnostics.clone();
        found.extend(problems::of_results(&good.checked.plan, ran, &rendered));
        found.retain(|problem| !problems::is_pending(problem));
        found.extend(good.loaded.registry.take_stopped());
        self.sort(&mut found);
        if found != self.told.1 {
            self.tell.problems(&found);
            self.told.1.clone_from(&found);
        }
        let is_whole = found.iter().all(|problem| problem.code != TEMPLATE);
        found.extend(good.problems.iter().cloned());
        self.standing = problems::to_json(&found);
        if is_whole {
            self.good.extend(rendered.last_good);
            let mut files: Served =
                rendered.files.into_iter().map(|(route, content)| (route, content.into())).collect();
            for (route, path) in rendered.assets {
                if let Ok(Some(look)) = disk::look(&path) {
                    files.insert(route, Held::File(path, look));
                }
            }
            self.live.publish(files);
        }
        self.pending.clear();
        self.live.tell_problems(&self.standing);
        self.live.settle(self.seen);
        let pages = good.checked.site.pages.len() * good.loaded.project.locales.len();
        self.tell.line(&format!("{} in {} ms", counted(pages, "page"), began.elapsed().as_millis()));
        self.tell_damage();
    }

    /// Takes in what happens, as long as the site that stands can.
    fn keep_up(&mut self, good: &Arc<Good>, editor: &Editor<'_>) -> Next {
        loop {
            match self.wait() {
                None => return Next::Stop,
                Some(false) => continue,
                Some(true) => {}
            }
            let began = Instant::now();
            if self.edit(good, editor) {
                self.tell.line(&format!("a page in {} ms", began.elapsed().as_millis()));
                continue;
            }
            if self.pending.contains(&self.settings.root.join(PROJECT_FILE)) {
                self.computing.forget_failures();
            }
            match self.load(Some(good)) {
                Some(next) => return Next::With(next),
                None => self.live.settle(self.seen),
            }
        }
    }

    /// Waits for something to happen; whether anything is to be taken in, or `None` if all is to end.
    fn wait(&mut self) -> Option<bool> {
        if self.settings.stop.stopped() {
            return None;
        }
        let news = match self.news.recv_timeout(LOOK_EVERY) {
            Ok(news) => news,
            Err(RecvTimeoutError::Timeout) => return Some(false),
            Err(RecvTimeoutError::Disconnected) => return None,
        };
        let mut changes = self.take(news);
        while let Ok(news) = self.news.try_recv() {
            changes |= self.take(news);
        }
        if !changes {
            self.live.settle(self.seen);
        }
        Some(changes)
    }

    /// Takes a piece of news; whether the site may have to change.
    fn take(&mut self, news: News) -> bool {
        match news {
            News::Changed(batch) => {
                self.seen = self.seen.max(batch.seen);
                let relevant: Vec<PathBuf> =
                    batch.paths.into_iter().filter(|path| self.is_relevant(path)).collect();
                let any = !relevant.is_empty();
                // That is told of, too, where the store lacks something that it had.
                self.lost |= relevant.contains(&self.settings.root);
                self.pending.extend(relevant);
                any
            }
            News::Computed(computed) => {
                self.computing.finish(computed);
                // The whole is looked at again.
                self.pending.insert(self.settings.root.clone());
                true
            }
            News::Line(line) => {
                self.tell.line(&line);
                false
            }
        }
    }

    /// Whether what happened at a path may change the site.
    fn is_relevant(&self, path: &PathBuf) -> bool {
        let is_known = self.watched.contains(path) || *path == self.settings.root;
        // What editors make and remove again is gone by now.
        let is_new = || path.parent().is_some_and(|folder| self.watched.contains(folder)) && path.exists();
        is_known || is_new() || self.text().knows(path)
    }

    fn text(&self) -> MutexGuard<'_, Sources> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the pages of texts that changed, if that is all that changed; whether it was.
    fn edit(&mut self, good: &Good, editor: &Editor<'_>) -> bool {
        let mut edits = Vec::new();
        for path in &self.pending {
            let Some(relative) = self.text().relative(path) else { return false };
            let Some(old) = good.loaded.project.pages.get(&relative) else { return false };
            let Some(source) = file::read(path).ok().and_then(|bytes| file::text(&old.path, bytes).ok())
            else {
                return false;
            };
            if self.text().text(&relative).is_some_and(|known| known.text == source.text)
                && self.standing_is_told()
            {
                // It was written, or touched, and says what it said.
                continue;
            }
            let Some(edited) = editor.page(&relative, &source) else { return false };
            edits.push((relative, source, edited));
        }
        self.pending.clear();
        let mut files = Vec::new();
        for (relative, source, edited) in edits {
            files.extend(edited.files.into_iter().map(|(route, content)| (route, content.into())));
            self.text().put(relative, source);
        }
        self.live.replace(files);
        self.live.tell_problems(&self.standing);
        self.live.settle(self.seen);
        true
    }

    /// Whether nothing is wrong but what was wrong when the site was rendered.
    fn standing_is_told(&self) -> bool {
        *self.live.problems() == *self.standing
    }

    /// Reads and checks the project, after what another one knew; `None` if it has errors, which are told.
    fn load(&mut self, before: Option<&Arc<Good>>) -> Option<Arc<Good>> {
        let began = environment::now();
        let removed: Vec<PathBuf> = self.pending.iter().filter(|path| !path.exists()).cloned().collect();
        removed.iter().for_each(|path| self.watching.forget(path));
        let mut loaded = match Loaded::project(&self.settings.root) {
            Ok(loaded) => loaded,
            Err(problems) => return self.refuse(problems),
        };
        loaded.project.drafts = self.settings.drafts;
        let choice = &self.settings.choice;
        let (checked, found) = match before {
            Some(good) => build::check_with(&loaded, choice, good.checked.site.sheets.clone()),
            None => build::check(&loaded, choice),
        };
        *self.text() = Sources::of(&loaded.project);
        self.follow(&loaded, &checked, began);
        let mut found = found;
        self.sort(&mut found);
        let of_plugins =
            |problem: &&Diagnostic| problem.code == PLUGIN && problem.severity == Severity::Error;
        let stops = |problem: &Diagnostic| problem.severity == Severity::Error && !of_plugins(&problem);
        if found.iter().any(stops) || checked.theme.is_none() {
            return self.refuse(found);
        }
        if let Err(message) = loaded.registry.remember() {
            found.push(Diagnostic::warning("store", message));
        }
        self.tell_check(&found);
        Some(Arc::new(Good { loaded, checked, problems: found }))
    }

    fn refuse(&mut self, mut found: Vec<Diagnostic>) -> Option<Arc<Good>> {
        self.sort(&mut found);
        self.tell_check(&found);
        self.live.tell_problems(&problems::to_json(&found));
        None
    }

    /// Tells what a check found, if the one before found something else.
    fn tell_check(&mut self, found: &[Diagnostic]) {
        if found != self.told.0 {
            self.tell.problems(found);
            self.told.0 = found.to_vec();
        }
    }

    fn sort(&self, found: &mut Vec<Diagnostic>) {
        diagnostic::sort(found);
        if self.settings.strict {
            diagnostic::make_strict(found);
        }
    }

    /// Watches all that a project was made from since this time. What was not watched meanwhile may have changed unseen.
    fn follow(&mut self, loaded: &Loaded, checked: &Checked, began: (i64, i64)) {
        let project = &loaded.project;
        let mut sources = build::sources(project, checked);
        let plugins = project.config.plugins.values();
        sources.extend(plugins.flat_map(|plugin| process::files_of(plugin, &project.root)));
        let (added, word) = self.watching.follow(&sources);
        word.iter().for_each(|word| self.tell.line(word));
        let is_new = |path: &PathBuf| {
            disk::look(path).ok().flatten().is_some_and(|look| !build::is_settled(&look, began))
        };
        if added && sources.iter().any(is_new) {
            self.reporter.report(self.settings.root.clone());
        }
        self.watched = sources;
    }

    /// Tells what of the store was found damaged; what is missing by that is made again.
    fn tell_damage(&mut self) {
        let lost = self.store.losses() > 0;
        let warnings = self.store.take_warnings().into_iter();
        let warnings = warnings.map(|warning| Diagnostic::warning("damaged-store", warning.to_string()));
        self.tell.problems(&warnings.collect::<Vec<_>>());
        self.lost |= lost;
        if lost {
            self.reporter.report(self.settings.root.clone());
        }
    }
}
