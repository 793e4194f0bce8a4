//! `octavo pdf`: pages of the published site on paper, as an installed Chromium prints them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use super::chosen;
use super::session::{ExitCode, Session};
use crate::diagnostic::Diagnostic;
use crate::disk;
use crate::environment;
use crate::ids::encoded;
use crate::plain;
use crate::site::{Sheets, Site};

/// Names under which Chromium and programs made from it are installed.
const BROWSERS: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge"];
/// Where they are on a Mac, which has them in no search path.
const APPLICATIONS: [&str; 2] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Arguments of `octavo pdf`.
#[derive(Args, Debug)]
pub(super) struct Pdf {
    /// Pages as `octavo list pages` names them, or folders of pages, which stand for all that is in them
    #[arg(value_name = "PAGE", required = true)]
    pages: Vec<String>,
    /// The language of the pages; by default the project's first
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// The folder that the files are written into, one for each page
    #[arg(long, value_name = "FOLDER", default_value = "pdf")]
    into: PathBuf,
    /// The browser that prints: a Chromium or a program made from it; by default the first that is installed
    #[arg(long, value_name = "PROGRAM")]
    browser: Option<PathBuf>,
    /// What the browser is told besides, such as `-- --no-sandbox`
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

impl Pdf {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.print(session).err().unwrap_or(ExitCode::Good)
    }

    fn print(&self, session: &Session) -> Result<(), ExitCode> {
        let (project, problems) = session.project()?;
        session.report(problems)?;
        let (site, _) = Site::new(&project, &Sheets::default());
        let refuse = |problem| session.refuse(problem);
        let locale = chosen::language(&project, self.language.as_deref()).map_err(refuse)?;
        let pages = chosen::pages(&site, &self.pages).map_err(refuse)?;
        let browser = self.browser().map_err(refuse)?;
        let folder = session.destination(&project).folder;
        for page in pages {
            let from = folder.join(page.route(&locale.tag, &project.locales).as_str());
            if !from.is_file() {
                let problem =
                    format!("the page `{}` is not published in `{}`", page.id, plain::path(&folder));
                return Err(refuse(Diagnostic::error("pdf", problem).help("`octavo build` publishes it")));
            }
            let to = self.into.join(chosen::file_name(&page.id, locale, &project.locales, "pdf"));
            let written = self.print_one(&browser, &from, &session.folder.join(&to));
            written.map_err(|problem| {
                session.output.problem(problem);
                ExitCode::Failed
            })?;
            session.output.line(&format!("wrote `{}`", plain::path(&to)));
        }
        Ok(())
    }

    /// The program that prints.
    fn browser(&self) -> Result<PathBuf, Diagnostic> {
        if let Some(named) = &self.browser {
            return Ok(named.clone());
        }
        let path = environment::search_path().unwrap_or_default();
        let installed = std::env::split_paths(&path)
            .flat_map(|folder| BROWSERS.map(|name| folder.join(name)))
            .chain(APPLICATIONS.map(PathBuf::from))
            .find(|program| program.is_file());
        installed.ok_or_else(|| {
            let problem = format!(
                "no browser is found that can print: none of {}",
                BROWSERS.map(|name| format!("`{name}`")).join(", ")
            );
            Diagnostic::error("no-browser", problem)
                .help("install Chromium or Chrome, or name the program of one with `--browser PROGRAM`")
        })
    }

    /// Prints a file of the site into another file. What stood there stays if nothing is printed.
    fn print_one(&self, browser: &Path, from: &Path, to: &Path) -> Result<(), Diagnostic> {
        let fail = |what: String| Diagnostic::error("pdf", what);
        let room = tempfile::Builder::new().prefix("octavo-pdf-").tempdir();
        let room = room.map_err(|error| fail(format!("there is no room for temporary files: {error}")))?;
        let printed = room.path().join("page.pdf");
        let option = |name: &str, path: &Path| {
            let mut option = OsString::from(name);
            option.push(path);
            option
        };
        let ended = Command::new(browser)
            .args(["--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"])
            .arg(option("--user-data-dir=", &room.path().join("profile")))
            .arg(option("--print-to-pdf=", &printed))
            .args(&self.arguments)
            .arg(format!("file://{}", encoded(&from.to_string_lossy())))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .output()
            .map_err(|error| fail(format!("`{}` cannot be started: {error}", plain::path(browser))))?;
        let bytes = disk::read(&printed).ok().flatten().filter(|bytes| bytes.starts_with(b"%PDF"));
        let Some(bytes) = bytes else {
            let said = String::from_utf8_lossy(&ended.stderr);
            let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
            let problem = format!("`{}` printed nothing: {}", plain::path(browser), plain::line(last.trim()));
            let help = "what stands behind `--` is told to the browser: `-- --no-sandbox` lets it run as root and in containers";
            return Err(fail(problem).help(help));
        };
        let target = |error: disk::DiskError| Diagnostic::error("target", error.to_string());
        if let Some(folder) = to.parent() {
            disk::create_folders(folder).map_err(target)?;
        }
        disk::write_durably(to, &bytes).map_err(target)
    }
}
