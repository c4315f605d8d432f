//! Rotary position embedding: pairs of numbers of a head are turned by an angle that grows with the position.

use super::config::{Config, RopePairs};

/// Cosines and sines for the positions seen so far.
pub struct Rope {
    pairs: RopePairs,
    /// Radians a position, for each pair.
    frequencies: Vec<f64>,
    /// `[positions, pairs]` of (cosine, sine); grows as the context does.
    table: Vec<(f32, f32)>,
}

impl Rope {
    pub fn new(config: &Config, divisors: Option<&[f32]>) -> Self {
        let dims = config.rope_dims as f64;
        let frequency = |pair: usize| {
            let divisor = divisors.and_then(|divisors| divisors.get(pair)).map_or(1.0, |divisor| f64::from(*divisor));
            config.rope_base.powf(-2.0 * pair as f64 / dims) / divisor / config.rope_factor
        };
        let frequencies = (0..config.rope_dims / 2).map(frequency).collect();
        Self { pairs: config.family.rope_pairs(), frequencies, table: Vec::new() }
    }

    /// Makes the table cover positions `0..end`.
    pub fn extend(&mut self, end: usize) {
        let pairs = self.frequencies.len();
        for position in self.table.len() / pairs..end {
            self.table.extend(self.frequencies.iter().map(|frequency| {
                let (sine, cosine) = (position as f64 * frequency).sin_cos();
                (cosine as f32, sine as f32)
            }));
        }
    }

    /// Turns one head at `position`, which the table must cover.
    pub fn turn(&self, head: &mut [f32], position: usize) {
        let pairs = self.frequencies.len();
        let turns = &self.table[position * pairs..(position + 1) * pairs];
        match self.pairs {
            RopePairs::Neighbours => {
                for (pair, (cosine, sine)) in head.as_chunks_mut::<2>().0.iter_mut().zip(turns) {
                    let [a, b] = *pair;
                    *pair = [a * cosine - b * sine, a * sine + b * cosine];
                }
            }
            RopePairs::Halves => {
                let (first, second) = head.split_at_mut(pairs);
                for ((a, b), (cosine, sine)) in first.iter_mut().zip(second).zip(turns) {
                    (*a, *b) = (*a * cosine - *b * sine, *a * sine + *b * cosine);
                }
            }
        }
    }
}
