//! Formulas that were read before: `$n$` stands on many pages, and means the same as long as commands do.

use std::cell::RefCell;

use indexmap::IndexMap;

use super::{Formula, Macros, Problem};

/// More bytes of formulas are not kept.
const MOST_BYTES: usize = 1 << 18;

type Outcome = Result<Option<Formula>, Problem>;

/// The formulas of a thread, under the commands that held when they were read.
#[derive(Default)]
struct Known {
    macros: Macros,
    /// By whether they are displayed, what became of each text.
    formulas: [IndexMap<String, Outcome>; 2],
    bytes: usize,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// What `read` gives, or gave before. What defines a command is read each time.
pub(super) fn recall(
    tex: &str,
    display: bool,
    macros: &mut Macros,
    read: impl FnOnce(&mut Macros) -> Outcome,
) -> Outcome {
    let known = KNOWN.with_borrow_mut(|known| {
        if known.macros != *macros || known.bytes > MOST_BYTES {
            *known = Known { macros: macros.clone(), ..Known::default() };
        }
        known.formulas[usize::from(display)].get(tex).cloned()
    });
    known.unwrap_or_else(|| {
        let outcome = read(macros);
        KNOWN.with_borrow_mut(|known| {
            if known.macros == *macros {
                known.bytes += tex.len();
                known.formulas[usize::from(display)].insert(tex.to_owned(), outcome.clone());
            }
        });
        outcome
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tex: &str, display: bool, macros: &mut Macros) -> String {
        Formula::read(tex, display, macros).map_or_else(
            |problem| problem.message,
            |formula| formula.map_or_else(String::new, |formula| formula.mathml(".", |_| Default::default())),
        )
    }

    #[test]
    fn a_formula_means_what_its_commands_mean() {
        let mut macros = Macros::default();
        let unknown = read(r"\thing", false, &mut macros);
        assert!(unknown.contains("thing") && !unknown.contains("<math"), "{unknown}");
        macros.define("thing", "x", None).unwrap();
        let first = read(r"\thing", false, &mut macros);
        assert!(first.contains("<mi>x</mi>"), "{first}");
        assert_eq!(read(r"\thing", false, &mut macros), first);
        assert_ne!(read(r"\thing", true, &mut macros), first, "displayed, it is another");
        let mut other = Macros::default();
        other.define("thing", "y", None).unwrap();
        assert!(read(r"\thing", false, &mut other).contains("<mi>y</mi>"));
        assert_eq!(read(r"\thing", false, &mut macros), first);
        assert_eq!(read(r"\thing", false, &mut Macros::default()), unknown);
    }

    #[test]
    fn what_defines_a_command_does_so_each_time() {
        for _ in 0..2 {
            let mut macros = Macros::default();
            assert_eq!(read(r"\newcommand{\thing}{z}", false, &mut macros), "");
            assert!(read(r"\thing", false, &mut macros).contains("<mi>z</mi>"));
        }
    }

    #[test]
    fn any_number_of_formulas_may_be_read() {
        let one = |number: usize| {
            read(&format!("x_{{{number}}} + {}", "y".repeat(500)), false, &mut Macros::default())
        };
        let first: Vec<String> = (0..1_200).map(one).collect();
        assert!((0..1_200).all(|number| one(number) == first[number]));
    }
}
