//! What mistral.rs keeps in its prefix cache, remembered on our side of the API.
//!
//! Four properties of mistral.rs 0.8.1's sequence-level prefix cache make that necessary:
//!
//! 1. On a CPU it never evicts anything.
//! 2. An entry's key ends with the last sampled token, whose keys and values were never computed. A request that starts
//!    with the whole key would attend to a row of zeros, so such a request must not meet that entry.
//! 3. A request for raw logits gets only the rows that the cache lacks, however many are wanted.
//! 4. A request that is a prefix of an entry is computed from the start.

use deftly_engine::TokenId;

/// KV memory is allocated in steps of this many positions (`NormalCache::CACHE_GROW_SIZE`).
pub(crate) const GROWTH: usize = 512;

/// The keys of the entries, as mistral.rs has them: the tokens of a sequence and the one that ended it.
#[derive(Debug, Default)]
pub(crate) struct PrefixCache {
    keys: Vec<Vec<TokenId>>,
}

impl PrefixCache {
    pub(crate) fn insert(&mut self, key: Vec<TokenId>) {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.keys.clear();
    }

    /// Positions of `tokens` that a request for them would not compute.
    pub(crate) fn reused(&self, tokens: &[TokenId]) -> usize {
        match self.common(tokens) {
            all if all == tokens.len() => 0,
            some => some,
        }
    }

    /// The longest start that `tokens` shares with any entry.
    pub(crate) fn common(&self, tokens: &[TokenId]) -> usize {
        self.keys.iter().map(|key| common_prefix(key, tokens)).max().unwrap_or(0)
    }

    /// Whether a request for the last `rows` rows of `tokens` would get them, and get them right.
    pub(crate) fn serves(&self, tokens: &[TokenId], rows: usize) -> bool {
        let poisoned = self.keys.iter().any(|key| tokens.starts_with(key));
        !poisoned && tokens.len() - self.reused(tokens) >= rows
    }

    /// Positions for which the entries hold memory.
    pub(crate) fn positions(&self) -> usize {
        self.keys.iter().map(|key| key.len().next_multiple_of(GROWTH)).sum()
    }
}

pub(crate) fn common_prefix(a: &[TokenId], b: &[TokenId]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(keys: &[&[TokenId]]) -> PrefixCache {
        let mut cache = PrefixCache::default();
        keys.iter().for_each(|key| cache.insert(key.to_vec()));
        cache
    }

    #[test]
    fn what_a_request_would_reuse() {
        let cache = cache(&[&[1, 2, 3, 99], &[1, 5, 99]]);
        let check = |tokens: &[TokenId], expected: usize| assert_eq!(cache.reused(tokens), expected, "{tokens:?}");
        check(&[1, 2, 3, 4], 3);
        check(&[1, 2, 4, 4], 2);
        check(&[1, 5, 6], 2);
        check(&[7], 0);
        // A prefix of an entry, and a whole entry, are computed from the start.
        check(&[1, 2], 0);
        check(&[1, 2, 3, 99], 0);
    }

    #[test]
    fn what_the_cache_would_get_wrong() {
        let cache = cache(&[&[1, 2, 3, 99]]);
        let check = |tokens: &[TokenId], rows: usize, expected: bool| {
            assert_eq!(cache.serves(tokens, rows), expected, "{rows} rows of {tokens:?}");
        };
        check(&[1, 2, 3, 4], 1, true);
        check(&[1, 2, 3, 4], 2, false);
        check(&[1, 2, 9, 4], 2, true);
        check(&[1, 2], 2, true);
        // The row of 99 was never computed.
        check(&[1, 2, 3, 99], 1, false);
        check(&[1, 2, 3, 99, 4], 1, false);
    }

    #[test]
    fn memory_is_counted_in_steps() {
        assert_eq!(cache(&[]).positions(), 0);
        assert_eq!(cache(&[&[1; 512], &[2; 513], &[2; 513]]).positions(), 512 + 1024);
    }
}
