//! What is known of tasks before anything runs: what decides each of them, and which of them it stands behind.

use octavo_plugin::{ContentHasher, Digest, Input};

use super::{Plan, set_input};

/// What each task of a plan is known by before anything runs, in the order of its tasks: the digest of all that its key is made of, where the
/// origin of another task and the name of an output stand in place of a result that it takes. It is the key of a task that takes
/// none, and tasks of one origin are the same work.
pub fn origins(plan: &Plan) -> Vec<Digest> {
    let mut origins = vec![Digest::of(b""); plan.tasks.len()];
    for index in in_order(plan) {
        let task = &plan.tasks[index];
        let mut params = task.params.json();
        for edge in &task.edges {
            let mut hasher = ContentHasher::new("octavo origin");
            let taken = hasher.add(&origins[edge.task]).text(&edge.artifact).finish();
            set_input(&mut params, &edge.path, &Input::at(taken, "artifact"));
        }
        origins[index] = task.cause(plan.experiment_of(index), params).key();
    }
    origins
}

/// How many tasks stand behind one another before each task, in the order of the plan: 0 for one that takes no result.
pub fn levels(plan: &Plan) -> Vec<usize> {
    let mut levels = vec![0; plan.tasks.len()];
    for index in in_order(plan) {
        let before = plan.tasks[index].edges.iter().map(|edge| levels[edge.task] + 1);
        levels[index] = before.max().unwrap_or(0);
    }
    levels
}

/// These tasks and all that they take results from, directly or not, in the order of the plan.
pub fn with_upstream(plan: &Plan, tasks: &[usize]) -> Vec<usize> {
    let mut needed = vec![false; plan.tasks.len()];
    let mut open = tasks.to_vec();
    while let Some(task) = open.pop() {
        if !std::mem::replace(&mut needed[task], true) {
            open.extend(plan.tasks[task].edges.iter().map(|edge| edge.task));
        }
    }
    (0..plan.tasks.len()).filter(|task| needed[*task]).collect()
}

/// Tasks after all that they take results from.
pub fn in_order(plan: &Plan) -> Vec<usize> {
    let mut order = Vec::with_capacity(plan.tasks.len());
    let mut placed = vec![false; plan.tasks.len()];
    let mut waiting: Vec<usize> = (0..plan.tasks.len()).collect();
    // The plan has no circles, so each round places at least one.
    while !waiting.is_empty() {
        let ready = |task: &usize| plan.tasks[*task].edges.iter().all(|edge| placed[edge.task]);
        let (now, later): (Vec<usize>, Vec<usize>) = waiting.iter().partition(|task| ready(task));
        for task in &now {
            placed[*task] = true;
        }
        order.extend(now);
        waiting = later;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan;

    #[test]
    fn an_origin_is_the_key_of_what_takes_nothing_and_follows_all_that_stands_before_the_others() {
        let origins_of = |up: &str, artifact: &str| {
            let down = format!("[params]\nsource = {{ from = \"up\", artifact = \"{artifact}\" }}\n");
            let last = "[params]\nsource = { from = \"down\", artifact = \"numbers\" }\n";
            let (plan, problems) = plan(&[("down", &down), ("last", last), ("up", up)]);
            assert_eq!(problems, []);
            assert_eq!(levels(&plan), [1, 2, 0]);
            assert_eq!(with_upstream(&plan, &[0]), [0, 2]);
            let up = plan.tasks[2].cause(plan.experiment_of(2), plan.tasks[2].params.json()).key();
            let found = origins(&plan);
            assert_eq!(found[2], up);
            assert!(found[0] != found[1] && found[1] != found[2]);
            found
        };
        let one = origins_of("[params]\na = 2.0\n", "numbers");
        assert_eq!(one, origins_of("seed = 4\n[params]\na = 2.0\n", "numbers"), "no seed matters here");
        let other = origins_of("[params]\na = 3.0\n", "numbers");
        assert!(one.iter().zip(&other).all(|(one, other)| one != other), "all stand behind what changed");
    }
}
