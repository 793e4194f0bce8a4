//! What is kept of the losses of sixteen trainings.

use octavo_plugin::simd::LANES;

/// Steps whose mean loss decides.
const LAST: u32 = 20;
/// What a loss that is no number, or larger, counts as.
const HUGE: f64 = 1e300;

/// A number for each of sixteen trainings.
type Lanes = [f64; LANES];

/// How a training ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct End {
    pub(super) converged: bool,
    /// The larger, the longer it took: the sum over all steps of the loss, or of its inverse if training did not converge,
    /// as a share of the loss at the start.
    pub(super) time: f64,
}

/// What is kept of the losses on the way.
pub(super) struct Record {
    start: Option<Lanes>,
    sum: Lanes,
    inverse: Lanes,
    last: Lanes,
}

impl Default for Record {
    fn default() -> Self {
        Self { start: None, sum: [0.0; LANES], inverse: [0.0; LANES], last: [0.0; LANES] }
    }
}

impl Record {
    /// Takes the losses before a step; so many steps are `left`, with this one.
    #[inline(always)]
    pub(super) fn take(&mut self, loss: &Lanes, left: u32) {
        // What is no number is large.
        let loss = loss.map(|loss| if loss < HUGE { loss } else { HUGE });
        let start = *self.start.get_or_insert(loss);
        for lane in 0..LANES {
            let share = loss[lane] / start[lane];
            self.sum[lane] += share;
            self.inverse[lane] += 1.0 / share;
            if left <= LAST {
                self.last[lane] += share;
            }
        }
    }

    #[inline(always)]
    pub(super) fn ends(&self, steps: u32) -> [End; LANES] {
        let counted = f64::from(LAST.min(steps));
        std::array::from_fn(|lane| {
            let converged = self.last[lane] < counted;
            let time = if converged { self.sum[lane] } else { self.inverse[lane].min(HUGE) };
            End { converged, time }
        })
    }
}
