//! The memory of packed weights, keys and values: in large pieces, on huge pages where the system has them.
//!
//! A pass reads all of it, from more small pages than a processor keeps the addresses of: looking those up takes longer
//! than some of the work (measured in BENCHMARKS.md).

use std::sync::Arc;

use memmap2::MmapMut;

use crate::EngineError;

use super::pool::SendPointer;

/// Bytes of a piece, if nothing needs more. The system gives memory to what is written only.
const PIECE: usize = 64 << 20;
/// Parts begin at cache lines, so that no vector of a panel crosses one.
const LINE: usize = 64;

/// Hands out memory, piece after piece.
#[derive(Default)]
pub struct Arena {
    piece: Option<Arc<Piece>>,
    used: usize,
}

struct Piece {
    start: SendPointer<u8>,
    /// Keeps the memory.
    map: MmapMut,
}

/// Memory of one matrix, or of one chunk of keys and values.
pub struct Bytes {
    piece: Arc<Piece>,
    start: usize,
    len: usize,
}

impl Arena {
    /// Zeroed memory that begins at a cache line.
    pub fn allocate(&mut self, len: usize) -> Result<Bytes, EngineError> {
        let piece = match &self.piece {
            Some(piece) if len <= piece.map.len() - self.used => Arc::clone(piece),
            _ => {
                let piece = Arc::new(Piece::new(len.max(PIECE))?);
                self.used = 0;
                self.piece.insert(piece).clone()
            }
        };
        let start = self.used;
        self.used = (start + len).next_multiple_of(LINE).min(piece.map.len());
        Ok(Bytes { piece, start, len })
    }
}

impl Piece {
    fn new(len: usize) -> Result<Self, EngineError> {
        let mut map = MmapMut::map_anon(len).map_err(|error| EngineError::Backend {
            backend: "native",
            what: format!("cannot get {} MB of memory for the model: {error}", len >> 20),
            hint: "use a smaller model, or close other programs".into(),
        })?;
        #[cfg(target_os = "linux")]
        if let Err(error) = map.advise(memmap2::Advice::HugePage) {
            tracing::debug!(%error, "the model lies on small pages");
        }
        Ok(Self { start: SendPointer(map.as_mut_ptr()), map })
    }
}

impl Bytes {
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `start + len` is at most the map's length, which `piece` keeps; only a `Bytes` borrowed mutably writes
        // to its part, and parts do not overlap.
        unsafe { std::slice::from_raw_parts(self.piece.start.get().add(self.start), self.len) }
    }

    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as in `as_slice`, borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.piece.start.get().add(self.start), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_zeroed_aligned_and_apart() {
        let mut arena = Arena::default();
        // The last does not fit the first piece, and is larger than one.
        let lengths = [0, 1, 63, 64, 65, PIECE - 1000, 1000, PIECE + 1];
        let mut parts: Vec<Bytes> = lengths.iter().map(|len| arena.allocate(*len).unwrap()).collect();
        for (index, (part, len)) in parts.iter_mut().zip(lengths).enumerate() {
            assert_eq!(part.as_slice().len(), len);
            assert_eq!(part.as_slice().as_ptr() as usize % LINE, 0);
            assert!(part.as_slice().iter().step_by(997).all(|byte| *byte == 0));
            if let [first, .., last] = part.as_mut_slice() {
                (*first, *last) = (index as u8, index as u8);
            }
        }
        for (index, part) in parts.iter().enumerate() {
            if let [first, .., last] = part.as_slice() {
                assert_eq!((*first, *last), (index as u8, index as u8));
            }
        }
        // Parts outlive the arena.
        drop(arena);
        assert_eq!(parts[2].as_slice()[0], 2);
    }
}
