//! How the adapter takes over what a mistral.rs sequence generates: it reads every row of logits and decides every token.

use std::io;
use std::sync::{Mutex, PoisonError, mpsc};

use deftly_engine::TokenId;
use mistralrs::{CustomLogitsProcessor, DType, Tensor};
use tokio::sync::mpsc as channel;

/// Sits in the sampler of a sequence. mistral.rs calls it once per position, on its engine's thread, which then waits for
/// the adapter: nothing else runs there, since the adapter has one sequence at a time.
pub(crate) struct Steering {
    /// Rows go to the adapter. Unbounded, because at most one row is ever on its way.
    rows: channel::UnboundedSender<Vec<f32>>,
    /// The next token comes back. Its other end is dropped to give the sequence up: `recv` then fails at once. The lock
    /// is never contended; it makes the receiver shareable, as the trait demands.
    next: Mutex<mpsc::Receiver<TokenId>>,
}

/// The adapter's end of a [`Steering`].
pub(crate) struct Wheel {
    pub(crate) rows: channel::UnboundedReceiver<Vec<f32>>,
    pub(crate) next: mpsc::Sender<TokenId>,
}

impl Steering {
    pub(crate) fn new() -> (Self, Wheel) {
        let (to_adapter, rows) = channel::unbounded_channel();
        let (next, from_adapter) = mpsc::channel();
        (Self { rows: to_adapter, next: Mutex::new(from_adapter) }, Wheel { rows, next })
    }
}

impl CustomLogitsProcessor for Steering {
    /// Returns scores of which the sampler can only choose the token that the adapter decided on.
    fn apply(&self, logits: &Tensor, _context: &[u32]) -> mistralrs::Result<Tensor> {
        let given_up = || io::Error::other("the adapter gave this sequence up");
        let mut row = logits.to_dtype(DType::F32)?.to_vec1::<f32>()?;
        self.rows.send(row.clone()).map_err(|_| given_up())?;
        let token = self.next.lock().unwrap_or_else(PoisonError::into_inner).recv().map_err(|_| given_up())?;
        row.fill(0.0);
        match row.get_mut(token as usize) {
            Some(score) => *score = 1.0,
            None => return Err(io::Error::other(format!("token {token} is not in the vocabulary")).into()),
        }
        Tensor::new(row, logits.device())
    }
}
