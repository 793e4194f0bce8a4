//! `octavo check`.

use clap::Args;
use octavo_plugin::counted;

use super::checked;
use crate::build::{Checked, Loaded};
use crate::cli::session::{ExitCode, Session};
use crate::config::{EXTERNAL_LINKS, HOW_TO_BUILD_EXTERNAL_LINKS};
use crate::diagnostic::{self, Diagnostic};
use crate::environment;
use crate::external;
use crate::project::Project;
use crate::render::ro_crate;

/// Arguments of `octavo check`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Check {
    /// Check links to and from pages that say `draft = true`, too
    #[arg(long)]
    drafts: bool,
    /// Ask other hosts whether links to them lead somewhere; a program must be built for it (`--features external-links`)
    #[arg(long)]
    external: bool,
}

impl Check {
    pub(in crate::cli) fn execute(&self, session: &Session) -> ExitCode {
        let checked = checked(session, self.drafts).and_then(|(loaded, checked, mut problems)| {
            // What is wrong by itself is mended first.
            if !diagnostic::has_errors(&problems) {
                problems.extend(self.external(session, &loaded, &checked)?);
            }
            session.report(problems).map(|()| (loaded, checked))
        });
        match checked {
            Ok((loaded, checked)) => {
                session.remember_plugins(&loaded.registry);
                let (experiments, tasks) = (checked.plan.experiments.len(), checked.plan.tasks.len());
                let pages = checked.site.pages.len() * loaded.project.locales.len();
                session.output.line(&format!(
                    "{} with {} and {} are good",
                    counted(experiments, "experiment"),
                    counted(tasks, "task"),
                    counted(pages, "page")
                ));
                tell_undated(session, &loaded.project);
                ExitCode::Good
            }
            Err(code) => code,
        }
    }

    /// What is wrong with links to other hosts, if somebody wants to know.
    fn external(
        &self,
        session: &Session,
        loaded: &Loaded,
        checked: &Checked,
    ) -> Result<Vec<Diagnostic>, ExitCode> {
        if !(self.external || loaded.project.config.links.external) {
            return Ok(Vec::new());
        }
        if !EXTERNAL_LINKS {
            let problem = Diagnostic::error("usage", "this program is built without asking other hosts");
            return Err(session.refuse(problem.help(HOW_TO_BUILD_EXTERNAL_LINKS)));
        }
        let addresses = external::addresses(&loaded.project, &checked.site);
        let store = session.store(&loaded.project)?;
        Ok(external::check(&addresses, store.folder(), environment::seconds_since_1970()))
    }
}

/// Says of a site that is for others why it has no metadata, if nothing says when it is published.
fn tell_undated(session: &Session, project: &Project) {
    let (config, cited) = (&project.config, project.citation.as_ref());
    let released = cited.and_then(|cited| cited.date.as_ref());
    let seconds = environment::source_date_epoch().ok().flatten();
    let is_for_others = config.base_url.is_some() || cited.is_some();
    if is_for_others && ro_crate::day(config.published.as_ref(), seconds, released).is_none() {
        session.output.line(&format!(
            "`{}` will not be written, since nothing says when the site is published: `published = \"2026-11-30\"` in octavo.toml does",
            ro_crate::FILE
        ));
    }
}
