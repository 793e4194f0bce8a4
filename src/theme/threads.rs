//! Threads that render templates: their stacks suffice for any template, so that not every rendering needs a thread of its own.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Scope};

use super::bounds;

/// What became of a piece of work; a panic is carried on where the result is taken.
type Outcome<R> = thread::Result<R>;

/// Does pieces of work, by their numbers, on as many threads as tasks have, and gives their results in order and in batches of this size. While a
/// batch is taken, the threads go on with the next one.
pub fn in_batches<R: Send>(
    count: usize,
    batch: usize,
    work: &(dyn Fn(usize) -> R + Sync),
    mut take: impl FnMut(Vec<R>),
) {
    let (ask, asked) = mpsc::channel();
    let (answer, answers) = mpsc::channel();
    let asked = Mutex::new(asked);
    thread::scope(|scope| {
        // It ends with this closure, and the threads with it.
        let ask = ask;
        let threads = rayon::current_num_threads().min(count);
        let started = (0..threads).filter(|_| start(scope, &asked, answer.clone(), work).is_ok()).count();
        drop(answer);
        if started == 0 {
            (0..count).step_by(batch).for_each(|at| take((at..count.min(at + batch)).map(work).collect()));
            return;
        }
        let mut done: Vec<Option<R>> = (0..count).map(|_| None).collect();
        let order = |from: usize| {
            for number in from..count.min(from + batch) {
                ask.send(number).expect("whoever is asked outlives the scope");
            }
        };
        order(0);
        for from in (0..count).step_by(batch) {
            order(from + batch);
            let these = from..count.min(from + batch);
            while these.clone().any(|number| done[number].is_none()) {
                let (number, outcome): (usize, Outcome<R>) =
                    answers.recv().expect("a thread answers whatever it was asked");
                done[number] = Some(outcome.unwrap_or_else(|panic| resume_unwind(panic)));
            }
            take(done[these].iter_mut().filter_map(Option::take).collect());
        }
    });
}

fn start<'scope, R: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    asked: &'scope Mutex<Receiver<usize>>,
    answer: Sender<(usize, Outcome<R>)>,
    work: &'scope (dyn Fn(usize) -> R + Sync),
) -> io::Result<()> {
    let next = || asked.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let serve = move || {
        while let Ok(number) = next() {
            let outcome = catch_unwind(AssertUnwindSafe(|| work(number)));
            if answer.send((number, outcome)).is_err() {
                return;
            }
        }
    };
    bounds::spawn(scope, serve).map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_and_in_batches() {
        for (count, batch) in [(0, 3), (1, 3), (7, 3), (9, 3), (100, 1), (5, 100)] {
            let mut batches = Vec::new();
            in_batches(count, batch, &|number| number * number, |some| batches.push(some));
            let squares: Vec<usize> = (0..count).map(|number| number * number).collect();
            let expected: Vec<Vec<usize>> = squares.chunks(batch).map(<[usize]>::to_vec).collect();
            assert_eq!(batches, expected, "{count} in batches of {batch}");
        }
    }

    #[test]
    fn no_more_than_two_batches_are_on_their_way() {
        let (begun, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |_: usize| {
            let ahead = begun.fetch_add(1, Ordering::SeqCst) + 1 - taken.load(Ordering::SeqCst);
            assert!(ahead <= 8, "{ahead} are done and not taken");
        };
        in_batches(50, 4, &work, |some| {
            taken.fetch_add(some.len(), Ordering::SeqCst);
        });
        assert_eq!(begun.into_inner(), 50);
    }

    #[test]
    fn a_panic_is_that_of_whoever_takes_the_results() {
        let work = |number: usize| assert!(number != 5, "five");
        let ended = catch_unwind(|| in_batches(20, 4, &work, drop));
        assert_eq!(ended.unwrap_err().downcast_ref::<&str>(), Some(&"five"));
    }
}
