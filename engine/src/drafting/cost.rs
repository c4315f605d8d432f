//! T(n), what a pass over n rows costs on this machine, and how many threads make it cheapest.

use serde::{Deserialize, Serialize};

/// T(n) in milliseconds, from the passes that were made. Kept between runs.
///
/// What counts is T(n) over T(1), and that must not come from a quick minute for one size and a slow one for the other: so a
/// pass moves T of all sizes by the part that it was longer or shorter than expected, those near its own the most.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct PassCost {
    /// T(1), T(2) and so on, [`Self::MOST`] of them; none before the first pass.
    #[serde(default)]
    by_rows: Vec<f64>,
    #[serde(default)]
    plan: Option<ThreadPlan>,
    /// Milliseconds that each of the last passes of several rows cost besides, itself or the pass of one row behind it, the newest
    /// first: mistral.rs keeps no keys and values of several rows, and computes them again. The least counts, because
    /// another program's interruptions seldom strike so often in a row.
    #[serde(default)]
    surcharges: [f64; 4],
    /// The part of the next surcharge that the last pass of several rows cost itself, as long as the next pass has not been
    /// made.
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
    /// Of the last passes with all threads instead of the plan's, those in a row that were quicker.
    #[serde(default)]
    wins: usize,
}

impl ThreadPlan {
    /// The number in [`Self::by_rows`] that holds for `rows` rows.
    fn entry(&self, rows: usize) -> Option<usize> {
        self.by_rows.partition_point(|(from, _)| *from <= rows).checked_sub(1)
    }

    /// All threads for `rows` rows and for more.
    fn use_all_from(&mut self, rows: usize) {
        let first = self.entry(rows).unwrap_or_default();
        self.by_rows[first..].iter_mut().for_each(|(_, threads)| *threads = self.available);
        self.wins = 0;
    }
}

/// What a pass over `rows` rows takes with so many threads: a value of T(n).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PassTime {
    pub rows: usize,
    pub threads: usize,
    pub ms: f64,
}

impl PassCost {
    /// Rows beyond which the cost is a line.
    const MOST: usize = 64;
    /// Before anything was measured: what each row beyond the first adds, as a part of the first one's cost.
    const ASSUMED_SLOPE: f64 = 0.3;
    /// How far a pass moves T of its size to what it took.
    const WEIGHT: f64 = 0.1;
    /// A pass that took so many times longer than expected was interrupted by another program, and says no more.
    const INTERRUPTED: f64 = 2.0;
    /// Threads that make a pass less than this much faster are left to others.
    const WORTH_A_THREAD: f64 = 1.05;
    /// A pass of one row that takes so many times longer, or shorter, than at the trials: the machine has changed.
    const DRIFT: f64 = 2.0;
    /// What is left of [`Self::surcharges`] after a pass of one row: what is believed of drafts is tried again some day.
    const FADES: f64 = 0.99;
    /// Passes that a plan is good for.
    const LASTS: usize = 1000;
    /// Where a plan is for fewer threads, one pass in so many is made with all: another program may have been in their way
    /// when it was made.
    const TRY_EVERY: usize = 16;
    /// Tries in a row that were quicker, after which all threads are used.
    const CONVINCED: usize = 4;

    /// Whether the numbers are some that could have been measured.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |number: &f64| number.is_finite() && *number >= 0.0;
        let is_plan_sound = self.plan.as_ref().is_none_or(|plan| {
            sound(&plan.one_row_ms)
                && plan.by_rows.is_sorted()
                && plan.by_rows.iter().all(|(_, threads)| (1..=plan.available).contains(threads))
        });
        let are_sound = self.by_rows.iter().all(|ms| sound(ms) && *ms > 0.0) && self.surcharges.iter().all(sound);
        [0, Self::MOST].contains(&self.by_rows.len()) && are_sound && is_plan_sound
    }

    /// Whether trials with `threads` threads were made and still tell the truth.
    pub(super) fn is_known(&self, threads: usize) -> bool {
        let now = self.by_rows.first().copied().unwrap_or_default();
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
        let (mut by_rows, mut times) = (Vec::new(), Vec::new());
        for rows in sizes {
            let of_size = || trials.iter().filter(|trial| trial.rows == rows && trial.ms > 0.0);
            let quickest = of_size().map(|trial| trial.ms).fold(f64::INFINITY, f64::min);
            let good = of_size().filter(|trial| trial.ms <= quickest * Self::WORTH_A_THREAD);
            if let Some(best) = good.min_by_key(|trial| trial.threads) {
                by_rows.push((rows, best.threads));
                times.push((rows, best.ms));
            }
        }
        if !times.is_empty() {
            self.by_rows = (1..=Self::MOST).map(|rows| line(&times, rows)).collect();
        }
        self.plan = Some(ThreadPlan { available, by_rows, one_row_ms: self.own(1), age: 0, wins: 0 });
    }

    /// What passes of the sizes that were tried take, with the threads of the plan.
    pub(super) fn times(&self) -> Vec<PassTime> {
        let by_rows = self.plan.iter().flat_map(|plan| &plan.by_rows);
        by_rows.map(|&(rows, threads)| PassTime { rows, threads, ms: self.of(rows) }).collect()
    }

    /// Threads for a pass over `rows` rows; `None` as long as there is no plan.
    pub(super) fn threads(&self, rows: usize) -> Option<usize> {
        let plan = self.plan.as_ref()?;
        plan.entry(rows).map(|entry| plan.by_rows[entry].1)
    }

    /// The same for the next pass of a reply, which now and then tries all threads.
    pub(super) fn threads_to_try(&self, rows: usize) -> Option<usize> {
        let plan = self.plan.as_ref()?;
        if plan.age % Self::TRY_EVERY == Self::TRY_EVERY - 1 { Some(plan.available) } else { self.threads(rows) }
    }

    /// Learns what a pass took that was made with so many threads.
    pub(super) fn learn(&mut self, rows: usize, threads: usize, milliseconds: f64) {
        let is_try = self.threads(rows).is_some_and(|usual| usual != threads);
        let expected = self.own(rows);
        if let Some(plan) = &mut self.plan {
            plan.age = plan.age.saturating_add(1);
            if is_try {
                let is_quicker = milliseconds * Self::WORTH_A_THREAD < expected;
                plan.wins = if is_quicker { plan.wins.saturating_add(1) } else { 0 };
                if plan.wins >= Self::CONVINCED {
                    plan.use_all_from(rows);
                }
                return;
            }
        }
        if rows > 1 {
            self.close(0.0);
            self.open = Some(self.average(rows, milliseconds));
        } else if self.open.is_some() && milliseconds > Self::INTERRUPTED * expected {
            self.close(milliseconds - expected);
        } else {
            self.close(0.0);
            self.average(1, milliseconds);
            self.surcharges = self.surcharges.map(|ms| ms * Self::FADES);
        }
    }

    /// Takes down what the last pass of several rows cost besides, `left` of it in the pass behind it: nothing at a reply's
    /// end.
    pub(super) fn close(&mut self, left: f64) {
        if let Some(own) = self.open.take() {
            self.surcharges.rotate_right(1);
            self.surcharges[0] = own + left;
        }
    }

    /// Returns by how much a pass took longer than can be believed of its rows.
    fn average(&mut self, rows: usize, milliseconds: f64) -> f64 {
        if !(milliseconds.is_finite() && milliseconds > 0.0) || rows > Self::MOST {
            return 0.0;
        }
        if self.by_rows.is_empty() {
            self.by_rows = (1..=Self::MOST).map(|other| line(&[(rows, milliseconds)], other)).collect();
        }
        let expected = self.own(rows);
        let bounded = milliseconds.min(Self::INTERRUPTED * expected);
        let change = Self::WEIGHT * (bounded / expected - 1.0);
        for (ms, other) in self.by_rows.iter_mut().zip(1..) {
            // Half as much for twice or half as many rows.
            let nearness = 1.0 / (1.0 + (f64::from(other) / rows as f64).log2().abs());
            *ms *= 1.0 + change * nearness;
        }
        milliseconds - bounded
    }

    /// Milliseconds of a pass, with what one of several rows costs besides.
    pub(super) fn of(&self, rows: usize) -> f64 {
        let surcharge = if rows > 1 { self.surcharges.into_iter().fold(f64::INFINITY, f64::min) } else { 0.0 };
        self.own(rows) + surcharge
    }

    /// Milliseconds of a pass without that.
    fn own(&self, rows: usize) -> f64 {
        let rows = rows.max(1);
        match self.by_rows.get(rows - 1).or(self.by_rows.last()) {
            Some(ms) => ms * assumed(rows) / assumed(rows.min(Self::MOST)),
            None => assumed(rows),
        }
    }
}

/// T where only some of its values are known, `(rows, milliseconds)` with the rows ascending: between two of them the line,
/// outside what the nearest one lets assume.
fn line(known: &[(usize, f64)], rows: usize) -> f64 {
    let above = known.partition_point(|(size, _)| *size < rows);
    match (above.checked_sub(1).map(|below| known[below]), known.get(above)) {
        (Some((from, low)), Some(&(to, high))) => low + (high - low) * (rows - from) as f64 / (to - from) as f64,
        (Some((size, ms)), None) | (None, Some(&(size, ms))) => ms * assumed(rows) / assumed(size),
        (None, None) => assumed(rows),
    }
}

/// What a pass costs of one row's when nothing is known.
fn assumed(rows: usize) -> f64 {
    1.0 + PassCost::ASSUMED_SLOPE * (rows.max(1) - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(rows: usize, threads: usize, ms: f64) -> PassTime {
        PassTime { rows, threads, ms }
    }

    #[test]
    fn costs_between_and_beyond_what_was_tried_are_lines() {
        let mut cost = PassCost::default();
        assert!(cost.of(9) > cost.of(2));
        cost.plan(1, &[trial(9, 1, 4.0), trial(1, 1, 2.0)]);
        assert_eq!([1, 5, 9].map(|rows| cost.of(rows)), [2.0, 3.0, 4.0]);
        assert!(cost.of(20) > 4.0 && cost.of(100) > 3.0 * cost.of(20));
        cost.learn(1, 1, 1e9);
        assert!(cost.of(1) < 3.0, "one interrupted pass");
        cost.learn(100_000, 1, 1.0);
        cost.learn(2, 1, f64::NAN);
        cost.learn(2, 1, 0.0);
        assert!(cost.of(2) > 0.0 && cost.is_sound());
    }

    #[test]
    fn sizes_are_told_apart_and_a_slower_machine_is_slower_for_all() {
        let mut cost = PassCost::default();
        let mut passes = |sizes: &[(usize, f64)]| {
            (0..200).for_each(|_| sizes.iter().for_each(|&(rows, ms)| cost.learn(rows, 1, ms)));
            [1, 2, 8].map(|rows| cost.of(rows))
        };
        let near = |found: [f64; 3], expected: [f64; 3]| {
            let all_near = found.iter().zip(expected).all(|(found, expected)| (found / expected - 1.0).abs() < 0.02);
            assert!(all_near, "{found:?} {expected:?}");
        };
        near(passes(&[(1, 2.0), (2, 2.2), (8, 5.0)]), [2.0, 2.2, 5.0]);
        let [one, two, eight] = passes(&[(1, 4.0), (2, 4.4)]);
        assert!((one - 4.0).abs() < 0.1 && (two - 4.4).abs() < 0.1 && eight > 6.0, "{one} {two} {eight}");
    }

    #[test]
    fn what_a_pass_costs_besides_is_its_own_cost() {
        let mut cost = PassCost::default();
        (0..3).for_each(|_| cost.learn(1, 1, 2.0));
        let mut pass = |rows, ms, next| {
            cost.learn(rows, 1, ms);
            cost.learn(1, 1, next);
            (cost.of(1), cost.of(4))
        };
        let near = |(one, four): (f64, f64), expected: f64| {
            assert!((one - 2.0).abs() < 0.2 && (four - expected).abs() < expected / 10.0, "{one} {four}");
        };
        (0..3).for_each(|_| near(pass(4, 3.8, 52.0), 3.8)); // Three times is no custom.
        near(pass(4, 3.8, 42.0), 43.8);
        near(pass(4, 3.8, 2.0), 3.8);
        let long = [(); 4].map(|()| pass(4, 103.0, 2.0).1);
        assert!(long[3] > 60.0, "passes that take long themselves: {long:?}");
        (0..1000).for_each(|_| cost.learn(1, 1, 2.0));
        assert!(cost.of(4) < 5.5, "tried again some day: {}", cost.of(4));
    }

    #[test]
    fn threads_are_used_where_they_pay() {
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
        (0..PassCost::LASTS).for_each(|_| cost.learn(8, 2, 2.0));
        assert!(!cost.is_known(4), "too old");
        cost.plan(4, &[trial(1, 4, 1.0)]);
        assert!(cost.is_known(4));
        (0..100).for_each(|_| cost.learn(1, 4, 2.5));
        assert!(!cost.is_known(4), "one row takes longer now");
    }

    #[test]
    fn a_plan_that_another_program_spoilt_is_mended() {
        let spoilt = || {
            let mut cost = PassCost::default();
            cost.plan(2, &[trial(1, 1, 6.0), trial(1, 2, 8.0), trial(8, 1, 12.0), trial(8, 2, 13.0)]);
            cost
        };
        // Passes with one and with two threads take so long now.
        let serve = |cost: &mut PassCost, rows: usize, now: [f64; 2]| {
            let mut tries = 0;
            for _ in 0..100 {
                let threads = cost.threads_to_try(rows).unwrap();
                tries += usize::from(threads != cost.threads(rows).unwrap());
                cost.learn(rows, threads, now[threads - 1]);
            }
            (cost.threads(1).unwrap(), cost.threads(8).unwrap(), tries)
        };
        assert_eq!(serve(&mut spoilt(), 1, [6.0, 3.5]), (2, 2, PassCost::CONVINCED));
        assert_eq!(serve(&mut spoilt(), 8, [12.0, 6.0]), (1, 2, PassCost::CONVINCED), "a row may not be worth them");
        let mut right = spoilt();
        assert_eq!(serve(&mut right, 1, [6.0, 8.0]), (1, 1, 100 / PassCost::TRY_EVERY));
        assert!((right.of(1) - 6.0).abs() < 0.01, "tries are no passes of the plan");
    }
}
