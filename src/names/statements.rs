//! Is every statement of `statements.toml` answered, and does every answer name one?

use std::collections::BTreeSet;

use super::Names;
use crate::diagnostic::Diagnostic;
use crate::site::Site;
use crate::source::Location;
use crate::statements::Statements;
use crate::toml_tree::Node;

impl Names<'_> {
    /// Every problem of statements and their answers. With `all` experiments at hand, a statement without an answer is one.
    pub fn check_statements(
        &self,
        statements: Option<&(Statements, Node)>,
        site: &Site,
        all: bool,
    ) -> Vec<Diagnostic> {
        let list = statements.map(|(statements, _)| statements.statement.as_slice()).unwrap_or_default();
        let known: BTreeSet<&str> = list.iter().map(|one| one.id.as_str()).collect();
        let unknown = |id: &str, place: Location| {
            let message = format!("there is no statement `{id}`");
            let problem = Diagnostic::error("unknown-statement", message).at(place);
            match known.is_empty() {
                true => problem.help("write it into `statements.toml` beside `octavo.toml`"),
                false => problem.nearest(id, known.iter().copied()),
            }
        };
        let (mut problems, mut by_claims, mut by_pages) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for (id, place) in self.answers_of_claims(&mut problems) {
            if !known.contains(id) {
                problems.push(unknown(id, place));
            }
            by_claims.insert(id.to_owned());
        }
        for text in site.pages.iter().flat_map(|page| page.texts.values()) {
            for id in &text.prose.front.statements {
                if !known.contains(id.as_str()) {
                    problems.push(unknown(id, text.prose.start()));
                }
                by_pages.insert(id.clone());
            }
        }
        let Some((statements, node)) = statements else { return problems };
        for (index, one) in statements.statement.iter().enumerate() {
            let opinion = !one.text_only.is_none();
            let (claimed, told) = (by_claims.contains(&one.id), by_pages.contains(&one.id));
            let id = &one.id;
            let wrong = match (opinion, claimed, told) {
                (true, true, _) => Some((
                    format!("the statement `{id}` is `text_only`, and claims answer it"),
                    "remove one of them",
                )),
                (false, false, true) if all => Some((
                    format!("only a page answers the statement `{id}`"),
                    "let a claim answer it (`statement = \"...\"`), or say in `text_only` why none can",
                )),
                (_, false, false) if all && !opinion => Some((
                    format!("nothing answers the statement `{id}`"),
                    "let a claim answer it (`statement = \"...\"`), or say in `text_only` why none can",
                )),
                _ => None,
            };
            problems.extend(wrong.map(|(message, help)| {
                let place = node.place_of(&["statement", &index.to_string(), "id"]);
                Diagnostic::error("unanswered-statement", message).at(place).help(help)
            }));
        }
        problems
    }

    /// The statements that claims name, with their places, and what is wrong where a claim states a condition of none.
    fn answers_of_claims(&self, problems: &mut Vec<Diagnostic>) -> Vec<(&str, Location)> {
        let mut found = Vec::new();
        for (experiment, _) in self.experiments.values() {
            for (name, claim) in &experiment.manifest.claims {
                if claim.condition && claim.statement.is_empty() {
                    let place = experiment.node.place_of(&["claims", name, "condition"]);
                    let message = "a claim states a condition of a statement, and names none";
                    let problem = Diagnostic::error("condition-of-nothing", message).at(place);
                    problems.push(problem.help("add `statement = \"...\"`, or leave `condition` out"));
                }
                for (id, path) in claim.statement.placed("statement") {
                    let below = ["claims", name].into_iter().chain(path.iter().map(String::as_str));
                    let path: Vec<&str> = below.collect();
                    found.push((id, experiment.node.place_of(&path)));
                }
            }
        }
        found
    }
}
