//! What is wrong with a site that stands, for the page that it lies over.

use super::compute::PENDING;
use crate::build::{Ran, Rendered};
use crate::diagnostic::{Diagnostic, Severity, Told};
use crate::executor::Outcome;
use crate::plan::Plan;

/// No more problems than these lie over a page.
const MOST: usize = 20;

/// Errors as a JSON array, in the form of `--log-format json` (docs/interfaces.md).
pub(super) fn to_json(problems: &[Diagnostic]) -> String {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    let told: Vec<Told> = errors.take(MOST).map(Diagnostic::told).collect();
    serde_json::to_string(&told).expect("problems are plain data")
}

/// Tasks without a result and figures without a drawing.
pub(super) fn of_results(plan: &Plan, ran: &Ran, rendered: &Rendered) -> Vec<Diagnostic> {
    let place = |experiment: &str, keys: &[&str], problem: Diagnostic| {
        let found = plan.experiments.iter().find(|one| one.id == experiment);
        Diagnostic { location: found.map(|one| one.node.place_of(keys)), ..problem }
    };
    let failed = ran.outcomes.iter().enumerate().filter_map(|(task, outcome)| {
        let Outcome::Failed(failure) = outcome else { return None };
        let message = format!("{}: failed ({}): {}", plan.describe(task), failure.kind, failure.message);
        let problem = Diagnostic { help: failure.help.clone(), ..Diagnostic::error("failed-task", message) };
        Some(place(&plan.experiment_of(task).id, &["analysis"], problem))
    });
    let undrawn = rendered.failed_figures.iter().map(|(figure, error)| {
        let message = format!("the figure `{figure}` has no drawing: {error}");
        place(&figure.experiment, &["figures", &figure.name], Diagnostic::error("no-figure", message))
    });
    failed.chain(undrawn).collect()
}

/// Whether this is told only because something is not computed yet.
pub(super) fn is_pending(problem: &Diagnostic) -> bool {
    problem.message.contains(PENDING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Location, SourceFile};

    #[test]
    fn errors_alone_lie_over_the_page_each_with_its_place() {
        let file = SourceFile::new("experiments/a.md", "# A\n\nx [y](z.md)\n");
        let error =
            Diagnostic::error("broken-link", "there is no page `z.md`").at(Location::new(&file, 7..8));
        let json = to_json(&[Diagnostic::warning("w", "w"), error]);
        let expected = r#"[{"severity":"error","code":"broken-link","message":"there is no page `z.md`","place":{"file":"experiments/a.md","line":3,"column":3},"help":null}]"#;
        assert_eq!(json, expected);
        assert_eq!(to_json(&[]), "[]");
        let many = vec![Diagnostic::error("e", "e"); 2 * MOST];
        assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&to_json(&many)).unwrap().len(), MOST);
    }
}
