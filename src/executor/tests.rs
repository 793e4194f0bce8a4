use std::sync::atomic::AtomicUsize;

use octavo_plugin::artifact::Artifact;

use super::*;
use crate::results::Held;
use crate::testing::plan;
use octavo_plugin::OutputSchema;

#[derive(Default)]
struct Memory(Mutex<BTreeMap<TaskKey, Artifacts>>);

impl Cache for Memory {
    fn lookup(&self, key: TaskKey, declared: &OutputSchema) -> Option<Arc<dyn Outputs>> {
        let artifacts = self.0.lock().unwrap().get(&key).cloned()?;
        artifacts.check(declared).ok()?;
        Some(Arc::new(Held::new(artifacts)))
    }

    fn record(&self, ran: Ran<'_>) -> Recorded {
        assert_eq!(ran.cause.key(), ran.key);
        self.0.lock().unwrap().insert(ran.key, ran.artifacts.clone());
        Recorded { outputs: Arc::new(Held::new(ran.artifacts)), problem: None }
    }
}

/// Stops all when the first task is done.
struct StopAtFirst<'a>(&'a Stop);

impl Observer for StopAtFirst<'_> {
    fn event(&self, event: &Event<'_>) {
        if matches!(event, Event::Finished(_, Outcome::Done(_), _)) {
            self.0.stop();
        }
    }
}

struct Deaf;

impl Observer for Deaf {
    fn event(&self, _event: &Event<'_>) {}
}

fn sum(done: &Done) -> String {
    match done.outputs.load("scalars").unwrap().as_deref() {
        Some(Artifact::Scalars(scalars)) => scalars["sum"].value.to_string(),
        other => panic!("{other:?}"),
    }
}

fn execute(definitions: &[(&str, &str)], cache: &dyn Cache) -> Vec<String> {
    let (plan, problems) = plan(definitions);
    assert_eq!(problems, []);
    let tasks: Vec<usize> = (0..plan.tasks.len()).collect();
    let stop = Stop::default();
    let options = Options { jobs: 2, cache, observer: &Deaf, stop: &stop };
    let show = |outcome: &Outcome| match outcome {
        Outcome::Done(done) => {
            format!("{}{}", sum(done), if done.cached { " remembered" } else { "" })
        }
        Outcome::Failed(failure) => format!("{}: {}", failure.kind, failure.message),
        Outcome::Blocked(by) => format!("blocked by {by}"),
        Outcome::Cancelled => "cancelled".to_owned(),
    };
    run(&plan, &tasks, &options).iter().map(show).collect()
}

#[test]
fn a_task_may_take_several_results_of_one_other() {
    let takes = "[params]\nsource = { from = \"up\", artifact = \"numbers\" }\ntarget = { from = \"up\", artifact = \"again\" }\n";
    assert_eq!(execute(&[("down", takes), ("up", "")], &NoCache), ["9", "3"]);
    let failed = execute(&[("down", takes), ("up", "[params]\nend = \"fail\"\n")], &NoCache);
    assert_eq!(failed, ["blocked by 1", "numeric: it did not converge"]);
}

#[test]
fn one_failing_task_takes_nothing_else_down() {
    let definitions = [
        ("a", "[sweep]\nend = [\"good\", \"fail\", \"panic\", \"nan\"]\n"),
        ("b", "[params]\nsource = { from = \"a\", artifact = \"numbers\", where = { end = \"fail\" } }\n"),
        ("c", "[params]\nsource = { from = \"a\", artifact = \"numbers\", where = { end = \"good\" } }\n"),
        ("d", "[params]\nsource = { file = \"data.txt\" }\n"),
    ];
    let outcomes = execute(&definitions, &NoCache);
    let expected = [
        "3",
        "numeric: it did not converge",
        "bug: the analysis panicked: a defect",
        "numeric: the scalar `sum` is NaN",
        "blocked by 1",
        "6",
        "15",
    ];
    assert_eq!(outcomes, expected);
}

#[test]
fn a_good_result_never_runs_again_and_a_failure_is_not_remembered() {
    let memory = Memory::default();
    let definitions = [("a", "[sweep]\nend = [\"good\", \"fail\"]\n"), ("b", "")];
    let first = execute(&definitions, &memory);
    // The tasks of `a` at `good` and of `b` have one key: one runs, the other shares its result.
    assert_eq!(first.iter().filter(|outcome| outcome.as_str() == "3").count(), 1, "{first:?}");
    let second = execute(&definitions, &memory);
    assert_eq!(second, ["3 remembered", "numeric: it did not converge", "3 remembered"]);
}

/// What an earlier state of an analysis left under the same key is computed anew, rather than believed.
#[test]
fn a_remembered_result_of_another_shape_is_not_used() {
    let memory = Memory::default();
    assert_eq!(execute(&[("a", "")], &memory), ["3"]);
    memory.0.lock().unwrap().values_mut().for_each(|artifacts| artifacts.tables.clear());
    assert_eq!(execute(&[("a", "")], &memory), ["3"]);
    assert_eq!(execute(&[("a", "")], &memory), ["3 remembered"]);
}

#[test]
fn a_time_limit_stops_one_task_alone() {
    let definitions = [
        ("a", "[limits]\ntime = 0.05\n[sweep]\nend = [\"forever\", \"good\"]\n"),
        ("b", "[params]\na = 2\n"),
    ];
    let outcomes = execute(&definitions, &NoCache);
    assert_eq!(outcomes, ["resource: the time limit has passed", "3", "4"]);
}

/// Writes down which tasks are tried again.
#[derive(Default)]
struct Retries(Mutex<Vec<(usize, u32, FailureKind)>>);

impl Observer for Retries {
    fn event(&self, event: &Event<'_>) {
        if let Event::Retried(task, retry, failure) = event {
            self.0.lock().unwrap().push((*task, *retry, failure.kind));
        }
    }
}

#[test]
fn what_is_built_in_is_tried_again_only_if_it_ran_out_of_time() {
    let (plan, problems) = plan(&[
        ("a", "retries = 2\n[limits]\ntime = 0.05\n[params]\nend = \"forever\"\n"),
        ("b", "retries = 2\n[sweep]\nend = [\"fail\", \"panic\", \"nan\"]\n"),
    ]);
    assert_eq!(problems, []);
    let (stop, retries) = (Stop::default(), Retries::default());
    let options = Options { jobs: 1, cache: &NoCache, observer: &retries, stop: &stop };
    let outcomes = run(&plan, &[0, 1, 2, 3], &options);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Failed(_))), "{outcomes:?}");
    let expected = [(0, 1, FailureKind::Resource), (0, 2, FailureKind::Resource)];
    assert_eq!(*retries.0.lock().unwrap(), expected);
}

struct Panics;

impl Cache for Panics {
    fn lookup(&self, _key: TaskKey, _declared: &OutputSchema) -> Option<Arc<dyn Outputs>> {
        panic!("the cache has a defect")
    }

    fn record(&self, ran: Ran<'_>) -> Recorded {
        Recorded { outputs: Arc::new(Held::new(ran.artifacts)), problem: None }
    }
}

#[test]
#[should_panic(expected = "a worker panicked outside its tasks: the cache has a defect")]
fn a_defect_outside_the_tasks_ends_the_run_and_is_no_endless_wait() {
    execute(&[("a", "[sweep]\nb = [1, 2, 3]\n")], &Panics);
}

#[test]
fn stopping_keeps_what_is_finished() {
    let (plan, problems) = plan(&[
        ("a", "[params]\nend = \"forever\"\n[sweep]\nb = { from = 1, to = 50 }\n"),
        ("z", "[params]\nend = \"good\"\n"),
    ]);
    assert_eq!(problems, []);
    let stop = Stop::default();
    let memory = Memory::default();
    let options = Options { jobs: 2, cache: &memory, observer: &StopAtFirst(&stop), stop: &stop };
    // One worker is in a task without an end when the other has finished the good one.
    let order: Vec<usize> = std::iter::once(50).chain(0..50).collect();
    let outcomes = run(&plan, &order, &options);
    let done: Vec<&Outcome> = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Done(_))).collect();
    let [Outcome::Done(kept)] = done[..] else { panic!("{} tasks are done", done.len()) };
    assert_eq!(sum(kept), "3");
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Cancelled)).count(), 50);
    let remembered: Vec<TaskKey> = memory.0.lock().unwrap().keys().copied().collect();
    assert_eq!(remembered, [kept.key]);
}

#[test]
fn there_are_never_more_workers_than_tasks() {
    for (jobs, tasks, expected) in
        [(1, 1, 1), (100_000, 3, 3), (2, 100, 2), (4, 0, 1), (usize::MAX, usize::MAX, 1024)]
    {
        assert_eq!(workers(jobs, tasks), expected, "{jobs} jobs, {tasks} tasks");
    }
}

/// A store far away: of each task but the first its result is looked for only after somebody asked for it beside others.
#[derive(Default)]
struct Slow {
    asked: Mutex<BTreeSet<TaskKey>>,
    looked: AtomicUsize,
}

impl Cache for Slow {
    fn lookup(&self, key: TaskKey, _declared: &OutputSchema) -> Option<Arc<dyn Outputs>> {
        let is_first = self.looked.fetch_add(1, Ordering::SeqCst) == 0;
        let began = Instant::now();
        let is_asked = || match is_first {
            true => self.asked.lock().unwrap().len() >= 2,
            false => self.asked.lock().unwrap().contains(&key),
        };
        while !is_asked() {
            assert!(began.elapsed() < Duration::from_secs(60), "nobody asks for what comes next");
            thread::sleep(Duration::from_millis(1));
        }
        None
    }

    fn record(&self, ran: Ran<'_>) -> Recorded {
        Recorded { outputs: Arc::new(Held::new(ran.artifacts)), problem: None }
    }

    fn is_far(&self) -> bool {
        true
    }

    fn is_worth_asking(&self, key: TaskKey) -> bool {
        !self.asked.lock().unwrap().contains(&key)
    }

    fn bring(&self, wanted: &[(TaskKey, &OutputSchema)]) {
        let mut asked = self.asked.lock().unwrap();
        for (key, _) in wanted {
            assert!(asked.insert(*key), "twice");
        }
    }
}

#[test]
fn results_of_the_tasks_that_come_next_are_asked_for_while_one_begins() {
    let (plan, problems) = plan(&[("a", "[sweep]\na = [1, 2, 3]\n")]);
    assert_eq!(problems, []);
    let stop = Stop::default();
    let options = Options { jobs: 1, cache: &Slow::default(), observer: &Deaf, stop: &stop };
    let outcomes = run(&plan, &[0, 1, 2], &options);
    assert!(outcomes.iter().all(|outcome| outcome.done().is_some()));
}
