//! The native target
mod blocks;
mod kernels;
mod level;
mod pack;
mod pool;
#[cfg(test)]
mod testing;
