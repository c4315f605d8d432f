//! How many prompt tokens go into a pass.

/// What prefilling costs on this machine, learned from the passes that were made.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// Milliseconds of a prompt token; 0 until a pass was long enough to tell.
    token_ms: f64,
}

impl Schedule {
    /// How long a pass of a prompt takes that somebody waits for. Long enough that the weights are read few times, short
    /// enough that a cancellation is noticed soon.
    pub(super) const PREFILL_MS: f64 = 200.0;
    /// The same where the real prompt may come at any moment.
    pub(super) const PREFETCH_MS: f64 = 5.0;
    /// Passes whose cost is measured before it is known from use.
    pub(super) const MEASURED_ROWS: [usize; 6] = [1, 2, 4, 8, 16, 32];
    pub(super) const MEASUREMENTS: usize = 3;

    /// Where nothing is known yet.
    const FIRST: usize = 256;
    const SMALLEST: usize = 4;
    const LARGEST: usize = 512;
    /// Of shorter passes a large part is not the tokens' own.
    const TELLING: usize = 32;

    pub(super) fn prefilled(&mut self, tokens: usize, milliseconds: f64) {
        if tokens >= Self::TELLING {
            let token_ms = milliseconds / tokens as f64;
            self.token_ms = if self.token_ms == 0.0 { token_ms } else { 0.8 * self.token_ms + 0.2 * token_ms };
        }
    }

    /// What this many tokens will take.
    pub(super) fn prefill_ms(&self, tokens: usize) -> f64 {
        self.token_ms * tokens as f64
    }

    /// Tokens of a pass of about this length. Powers of two, because kernels take rows by fours and eights.
    pub(super) fn chunk(&self, pass_ms: f64) -> usize {
        let tokens = if self.token_ms > 0.0 {
            (pass_ms / self.token_ms) as usize
        } else if pass_ms < Self::PREFILL_MS {
            Self::TELLING
        } else {
            Self::FIRST
        };
        let tokens = tokens.clamp(Self::SMALLEST, Self::LARGEST);
        1 << tokens.ilog2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_are_as_long_as_they_may_take() {
        let mut schedule = Schedule::default();
        assert_eq!(schedule.chunk(Schedule::PREFILL_MS), 256);
        schedule.prefilled(1, 50.0);
        assert_eq!(schedule.chunk(Schedule::PREFETCH_MS), 32, "a pass of one token says nothing");
        schedule.prefilled(256, 128.0);
        assert_eq!((schedule.chunk(Schedule::PREFILL_MS), schedule.chunk(Schedule::PREFETCH_MS)), (256, 8));
        for _ in 0..50 {
            schedule.prefilled(256, 25_600.0);
        }
        assert_eq!((schedule.chunk(Schedule::PREFILL_MS), schedule.chunk(Schedule::PREFETCH_MS)), (4, 4));
        let mut fast = Schedule::default();
        fast.prefilled(256, 0.0);
        fast.prefilled(256, 2.56);
        assert_eq!((fast.chunk(Schedule::PREFILL_MS), fast.chunk(Schedule::PREFETCH_MS)), (512, 256));
    }
}
