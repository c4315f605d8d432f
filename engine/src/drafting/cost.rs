//! T(n), what a pass over n rows costs on this machine, and how many threads make it cheapest.

use serde::{Deserialize, Serialize};

/// T(n) in milliseconds, from the passes that were made. Kept between runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct PassCost {
    /// By rows; 0 where none was made yet.
    measured: Vec<f64>,
    #[serde(default)]
    plan: Option<ThreadPlan>,
    /// Milliseconds that each of the last two passes of several rows cost besides, itself or the pass of one row behind it:
    /// mistral.rs keeps no keys and values of several rows, and computes them again. The smaller one counts, because another
    /// program's interruption seldom strikes twice.
    #[serde(default)]
    besides: [f64; 2],
    /// What of `besides` is known of the last pass of several rows, as long as the next pass has not been made.
    #[serde(skip)]
    open: Option<f64>,
}

/// The threads to compute passes with.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ThreadPlan {
    /// Threads that there were.
    available: usize,
    /// `(rows, threads)`, rows ascending: each holds up to the next.
    by_rows: Vec<(usize, usize)>,
    /// What a pass of one row took when this was chosen.
    one_row_ms: f64,
    /// Passes since then.
    age: usize,
}

/// What a pass over `rows` rows takes with so many threads: a value of T(n).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PassTime {
    pub rows: usize,
    pub threads: usize,
    pub ms: f64,
}

impl PassCost {
    /// Rows from which on the cost is a line.
    const MOST: usize = 64;
    /// Before anything was measured: what each row beyond the first adds, as a part of the first one's cost.
    const ASSUMED_SLOPE: f64 = 0.3;
    const WEIGHT: f64 = 0.1;
    /// Threads that make a pass less than this much faster are left to others.
    const WORTH_A_THREAD: f64 = 1.05;
    /// A pass of one row that takes so many times longer, or shorter, than at the trials: the machine has changed.
    const DRIFT: f64 = 2.0;
    /// What is left of [`Self::besides`] after a pass of one row: what is believed of drafts is tried again some day.
    const FADES: f64 = 0.99;
    /// Passes that a plan is good for. Threads that did not pay beside another program may pay now.
    const LASTS: usize = 1000;

    /// Whether the numbers are some that could have been measured.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |number: &f64| number.is_finite() && *number >= 0.0;
        let is_plan_sound = self.plan.as_ref().is_none_or(|plan| {
            sound(&plan.one_row_ms)
                && plan.by_rows.is_sorted()
                && plan.by_rows.iter().all(|(_, threads)| (1..=plan.available).contains(threads))
        });
        let are_sound = self.measured.iter().chain(&self.besides).all(sound);
        self.measured.len() <= Self::MOST && are_sound && is_plan_sound
    }

    /// Whether trials with `threads` threads were made and still tell the truth.
    pub(super) fn is_known(&self, threads: usize) -> bool {
        let now = self.measured.get(1).copied().unwrap_or_default();
        self.plan.as_ref().is_some_and(|plan| {
            let before = plan.one_row_ms;
            let is_steady = now <= before * Self::DRIFT && before <= now * Self::DRIFT;
            plan.available == threads && plan.age < Self::LASTS && is_steady
        })
    }

    /// Takes the trials of a machine with `available` threads: of equally fast ones, the plan is the one of fewest threads.
    pub(super) fn plan(&mut self, available: usize, trials: &[PassTime]) {
        let mut sizes: Vec<usize> = trials.iter().map(|trial| trial.rows).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let mut by_rows = Vec::new();
        for rows in sizes {
            let of_size = || trials.iter().filter(|trial| trial.rows == rows);
            let quickest = of_size().map(|trial| trial.ms).fold(f64::INFINITY, f64::min);
            let good = of_size().filter(|trial| trial.ms <= quickest * Self::WORTH_A_THREAD);
            if let Some(best) = good.min_by_key(|trial| trial.threads) {
                by_rows.push((rows, best.threads));
                self.set(rows, best.ms);
            }
        }
        self.plan = Some(ThreadPlan { available, by_rows, one_row_ms: self.of(1), age: 0 });
    }

    /// What passes of the sizes that were tried take, with the threads of the plan.
    pub(super) fn times(&self) -> Vec<PassTime> {
        let by_rows = self.plan.iter().flat_map(|plan| &plan.by_rows);
        by_rows.map(|&(rows, threads)| PassTime { rows, threads, ms: self.of(rows) }).collect()
    }

    /// Threads for a pass over `rows` rows; `None` as long as there is no plan.
    pub(super) fn threads(&self, rows: usize) -> Option<usize> {
        let by_rows = &self.plan.as_ref()?.by_rows;
        by_rows.iter().rev().find(|(from, _)| *from <= rows).map(|(_, threads)| *threads)
    }

    pub(super) fn learn(&mut self, rows: usize, milliseconds: f64) {
        if let Some(plan) = &mut self.plan {
            plan.age = plan.age.saturating_add(1);
        }
        if rows > 1 {
            self.close(0.0);
            self.open = Some(self.average(rows, milliseconds));
        } else if self.open.is_some() {
            let usual = self.measured.get(1).copied().filter(|&ms| ms > 0.0).unwrap_or(milliseconds);
            self.average(1, milliseconds.min(usual));
            self.close((milliseconds - usual).max(0.0));
        } else {
            self.average(1, milliseconds);
            self.besides = self.besides.map(|ms| ms * Self::FADES);
        }
    }

    /// Takes down what the last pass of several rows cost besides, `left` of it in the pass behind it: nothing at a reply's
    /// end.
    pub(super) fn close(&mut self, left: f64) {
        if let Some(own) = self.open.take() {
            self.besides = [self.besides[1], own + left];
        }
    }

    /// Returns by how much a pass took longer than can be believed of its rows.
    fn average(&mut self, rows: usize, milliseconds: f64) -> f64 {
        if rows >= Self::MOST || !milliseconds.is_finite() {
            return 0.0;
        }
        let mean = self.measured.get(rows).copied().unwrap_or_default();
        // A pass that another program interrupted says nothing about this one.
        let bounded = if mean > 0.0 { milliseconds.min(3.0 * mean) } else { milliseconds };
        self.set(rows, if mean > 0.0 { mean + Self::WEIGHT * (bounded - mean) } else { bounded });
        milliseconds - bounded
    }

    fn set(&mut self, rows: usize, milliseconds: f64) {
        if self.measured.len() <= rows {
            self.measured.resize(rows + 1, 0.0);
        }
        self.measured[rows] = milliseconds;
    }

    /// Milliseconds of a pass, with what one of several rows costs besides.
    pub(super) fn of(&self, rows: usize) -> f64 {
        let besides = if rows > 1 { self.besides[0].min(self.besides[1]) } else { 0.0 };
        self.own(rows) + besides
    }

    /// Between two sizes that were measured, the line between them; beyond the last, the line on.
    fn own(&self, rows: usize) -> f64 {
        let known = |rows: &usize| self.measured.get(*rows).is_some_and(|&ms| ms > 0.0);
        let (below, above) = ((1..=rows).rev().find(known), (rows..self.measured.len()).find(known));
        match (below, above) {
            (Some(below), Some(above)) if below < above => {
                let part = (rows - below) as f64 / (above - below) as f64;
                self.measured[below] + part * (self.measured[above] - self.measured[below])
            }
            (Some(exact), Some(_)) => self.measured[exact],
            (Some(below), None) => self.measured[below] * Self::assumed(rows) / Self::assumed(below),
            (None, Some(above)) => self.measured[above] * Self::assumed(rows) / Self::assumed(above),
            (None, None) => Self::assumed(rows),
        }
    }

    fn assumed(rows: usize) -> f64 {
        1.0 + Self::ASSUMED_SLOPE * (rows.max(1) - 1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_between_and_beyond_what_was_measured_are_lines() {
        let mut cost = PassCost::default();
        assert!(cost.of(9) > cost.of(2));
        cost.learn(1, 2.0);
        cost.learn(9, 4.0);
        assert_eq!((cost.of(1), cost.of(5), cost.of(9)), (2.0, 3.0, 4.0));
        assert!(cost.of(20) > 4.0);
        cost.learn(1, 1e9);
        assert!(cost.of(1) < 3.0, "one interrupted pass");
        cost.learn(100_000, 1.0);
        cost.learn(2, f64::NAN);
        assert!(cost.of(2).is_finite());
    }

    #[test]
    fn what_a_pass_costs_besides_is_its_own_cost() {
        let mut cost = PassCost::default();
        (0..3).for_each(|_| cost.learn(1, 2.0));
        let mut pass = |rows, ms, next| {
            cost.learn(rows, ms);
            cost.learn(1, next);
            (cost.of(1), cost.of(4))
        };
        assert_eq!(pass(4, 3.0, 52.0), (2.0, 3.0), "once is no custom");
        assert_eq!(pass(4, 3.0, 42.0), (2.0, 43.0));
        assert_eq!(pass(4, 3.0, 2.0), (2.0, 3.0));
        pass(4, 103.0, 2.0);
        assert!(pass(4, 103.0, 2.0).1 > 60.0, "passes that take long themselves");
        (0..1000).for_each(|_| cost.learn(1, 2.0));
        assert!(cost.of(4) < 5.0, "tried again some day");
    }

    #[test]
    fn threads_are_used_where_they_pay() {
        let trial = |rows, threads, ms| PassTime { rows, threads, ms };
        let mut cost = PassCost::default();
        assert_eq!(cost.threads(1), None);
        cost.plan(
            4,
            &[
                trial(1, 4, 1.3),
                trial(8, 4, 2.0),
                trial(32, 4, 3.0),
                trial(1, 2, 1.0),
                trial(8, 2, 1.98),
                trial(32, 2, 6.0),
                trial(1, 1, 1.02),
                trial(8, 1, 4.0),
                trial(32, 1, 12.0),
            ],
        );
        let threads = [1, 7, 8, 31, 32, 512].map(|rows| cost.threads(rows).unwrap());
        assert_eq!(threads, [1, 1, 2, 2, 4, 4]);
        assert_eq!((cost.of(1), cost.of(8), cost.of(32)), (1.02, 1.98, 3.0));
        assert!(cost.is_sound() && cost.is_known(4) && !cost.is_known(8));
        (0..PassCost::LASTS).for_each(|_| cost.learn(8, 2.0));
        assert!(!cost.is_known(4), "too old");
        cost.plan(4, &[trial(1, 4, 1.0)]);
        assert!(cost.is_known(4));
        (0..100).for_each(|_| cost.learn(1, 2.5));
        assert!(!cost.is_known(4), "one row takes longer now");
    }
}
