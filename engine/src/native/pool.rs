//! A few threads that wait for work by spinning, then by sleeping.
//!
//! A forward pass is some hundred short parallel regions, microseconds apart, so waking threads through the system would
//! cost more than the work. Who computes a task never changes its result: tasks are independent.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::EngineError;

/// Looks before a worker sleeps: about 0.1 ms, longer than the gap between two regions of a pass.
const SPINS_BEFORE_PARK: u32 = 4000;
/// Looks before the caller, who has nothing else to do, gives its time to others.
const SPINS_BEFORE_YIELD: u32 = 2000;

/// A work item: called with the index of a task.
type Job<'a> = dyn Fn(usize) + Sync + 'a;

/// Threads that help the one that calls [`Pool::run`].
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

/// A value with a cache line to itself: who waits by reading its neighbours does not slow down who changes it.
#[repr(align(128))]
struct Alone<T>(T);

/// Tasks that follow each other. Whose they are takes the first, so that it goes through memory in order and what was fetched
/// ahead is used; who has none left takes the last of another's.
#[derive(Default)]
struct Share {
    /// `first << 32 | end`.
    range: AtomicU64,
}

impl Share {
    fn set(&self, first: usize, end: usize) {
        self.range.store((first as u64) << 32 | end as u64, Ordering::Relaxed);
    }

    fn take(&self, its_own: bool) -> Option<usize> {
        let borders = |range: u64| (range >> 32, range & u64::from(u32::MAX));
        let taken = self.range.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |range| match borders(range) {
            (first, end) if first >= end => None,
            (first, end) if its_own => Some((first + 1) << 32 | end),
            (first, end) => Some(first << 32 | (end - 1)),
        });
        let (first, end) = borders(taken.ok()?);
        Some(if its_own { first } else { end - 1 } as usize)
    }
}

struct Shared {
    /// `region << 16 | OPEN | workers inside`. A worker enters a region by adding one while it is open; the caller closes
    /// it when the tasks are used up. So a worker that sleeps through a region is not waited for.
    gate: AtomicU64,
    /// Workers that have left the region. The caller waits until it equals the number that entered.
    left: AtomicUsize,
    /// The region's tasks by the thread they are meant for: the caller's, then each worker's.
    shares: Vec<Alone<Share>>,
    /// Workers that may enter; the others sleep. One that sees it late computes a little more: no result depends on it.
    active: AtomicUsize,
    /// The region's job. Written only by the caller, while no worker is inside; see [`Pool::run`].
    job: std::cell::UnsafeCell<Option<*const Job<'static>>>,
    stop: AtomicBool,
    /// One flag a worker: it is asleep, or about to be.
    parked: Vec<AtomicBool>,
    /// The first panic of a worker in this region, to be raised by the caller. Held for an assignment only.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

const OPEN: u64 = 1 << 15;
const INSIDE: u64 = OPEN - 1;

// SAFETY: `job` is the only field that is not `Sync` by itself. It is written by the one caller (`run` takes `&mut Pool`)
// while the gate is closed and every worker has left, and read by workers only after they entered through an open gate;
// the gate's acquire and release orderings make the write visible to them.
unsafe impl Sync for Shared {}
// SAFETY: as for `Sync`; the pointer is never dereferenced outside a region.
unsafe impl Send for Shared {}

impl Pool {
    /// A pool of `threads` in all, the caller's own included.
    pub fn new(threads: usize) -> Result<Self, EngineError> {
        let helpers = threads.saturating_sub(1).min(usize::from(u8::MAX));
        let shared = Arc::new(Shared {
            gate: AtomicU64::new(0),
            left: AtomicUsize::new(0),
            shares: (0..=helpers).map(|_| Alone(Share::default())).collect(),
            active: AtomicUsize::new(helpers),
            job: std::cell::UnsafeCell::new(None),
            stop: AtomicBool::new(false),
            parked: (0..helpers).map(|_| AtomicBool::new(false)).collect(),
            panic: Mutex::new(None),
        });
        let mut pool = Self { shared, workers: Vec::with_capacity(helpers) };
        for index in 0..helpers {
            let shared = Arc::clone(&pool.shared);
            let spawned = thread::Builder::new().name(format!("deftly-{index}")).spawn(move || work(&shared, index));
            // Threads that did start are stopped when `pool` is dropped.
            pool.workers.push(spawned.map_err(|error| EngineError::Backend {
                backend: "native",
                what: format!("cannot start thread {} of {threads}: {error}", index + 2),
                hint: "ask for fewer threads".into(),
            })?);
        }
        Ok(pool)
    }

    pub fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// From now on [`Pool::run`] uses only `threads` of the threads, at least the caller's own.
    pub fn set_active(&mut self, threads: usize) {
        self.shared.active.store(threads.saturating_sub(1).min(self.workers.len()), Ordering::Relaxed);
    }

    /// Calls `job` once for each of `0..tasks`, on this thread and the workers, and returns when all calls have returned.
    pub fn run(&mut self, tasks: usize, job: &Job<'_>) {
        let shared = &*self.shared;
        let active = shared.active.load(Ordering::Relaxed);
        if tasks <= 1 || active == 0 {
            (0..tasks).for_each(job);
            return;
        }
        // SAFETY: the transmute only forgets the lifetime. Workers use the pointer between entering and leaving the
        // region; `Region`'s drop closes the gate and waits for them, also when `job` panics here, so `job` outlives
        // every use.
        let job_pointer = unsafe { std::mem::transmute::<*const Job<'_>, *const Job<'static>>(job) };
        // SAFETY: the gate is closed and all workers have left (the end of the last region), and `&mut self` makes this
        // the only caller.
        unsafe { *shared.job.get() = Some(job_pointer) };
        assert!(u32::try_from(tasks).is_ok(), "{tasks} tasks are more than a share can name");
        for (thread, share) in shared.shares.iter().enumerate() {
            let border = |thread: usize| tasks * thread.min(active + 1) / (active + 1);
            share.0.set(border(thread), border(thread + 1));
        }
        shared.left.store(0, Ordering::Relaxed);
        let number = (shared.gate.load(Ordering::Relaxed) >> 16) + 1;
        // Sequentially consistent, as is the flag's: either this thread sees that a worker sleeps, or it sees the region.
        shared.gate.store(number << 16 | OPEN, Ordering::SeqCst);
        for (parked, worker) in shared.parked.iter().zip(&self.workers).take(active) {
            if parked.load(Ordering::SeqCst) {
                worker.thread().unpark();
            }
        }
        let region = Region { shared };
        take_tasks(shared, 0, job);
        drop(region);
        let panic = shared.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// [`Pool::run`] with a part of `items` for each task: `job(first item's index, items)`.
    pub fn for_each_chunk<T: Send>(&mut self, items: &mut [T], chunk: usize, job: impl Fn(usize, &mut [T]) + Sync) {
        let length = items.len();
        let chunk = chunk.max(1);
        let items = SendPointer(items.as_mut_ptr());
        self.run(length.div_ceil(chunk), &|task| {
            let start = task * chunk;
            let count = chunk.min(length - start);
            // SAFETY: the chunks of different tasks do not overlap and lie in `items`, which is borrowed mutably until
            // `run` returns; each task index is handed out once.
            let part = unsafe { std::slice::from_raw_parts_mut(items.get().add(start), count) };
            job(start, part);
        });
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        for worker in self.workers.drain(..) {
            worker.thread().unpark();
            // A worker catches the panics of its jobs; there is nothing to learn from its end.
            let _ = worker.join();
        }
    }
}

/// A pointer that tasks share; what they do with it is argued where they do it.
pub(super) struct SendPointer<T>(pub *mut T);

impl<T> SendPointer<T> {
    pub fn get(&self) -> *mut T {
        self.0
    }
}

// SAFETY: sharing the address is harmless; every dereference has its own argument.
unsafe impl<T: Send> Sync for SendPointer<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for SendPointer<T> {}

/// An open region; its end waits for the workers inside.
struct Region<'a> {
    shared: &'a Shared,
}

impl Drop for Region<'_> {
    fn drop(&mut self) {
        let inside = (self.shared.gate.fetch_and(!OPEN, Ordering::AcqRel) & INSIDE) as usize;
        let mut spins = 0;
        while self.shared.left.load(Ordering::Acquire) != inside {
            spins += 1;
            if spins < SPINS_BEFORE_YIELD {
                std::hint::spin_loop();
            } else {
                thread::yield_now();
            }
        }
    }
}

/// Works through the share of a thread, then helps the others.
fn take_tasks(shared: &Shared, thread: usize, job: &Job<'_>) {
    let threads = shared.shares.len();
    let next = || (0..threads).find_map(|other| shared.shares[(thread + other) % threads].0.take(other == 0));
    while let Some(task) = next() {
        job(task);
    }
}

fn work(shared: &Shared, index: usize) {
    let mut last = 0;
    while let Some(region) = wait_for_region(shared, index, last) {
        last = region;
        // SAFETY: this worker is inside an open region, so the pointer was set for it and its job is alive until the
        // worker has left.
        let job = unsafe { (*shared.job.get()).map(|job| &*job) };
        if let Some(job) = job
            && let Err(panic) = catch_unwind(AssertUnwindSafe(|| take_tasks(shared, index + 1, job)))
        {
            *shared.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
        }
        shared.left.fetch_add(1, Ordering::Release);
    }
}

/// Enters the next open region and returns its number; `None` when the pool is dropped.
fn wait_for_region(shared: &Shared, index: usize, last: u64) -> Option<u64> {
    let mut spins = 0;
    loop {
        let gate = shared.gate.load(Ordering::SeqCst);
        let is_active = index < shared.active.load(Ordering::Relaxed);
        if is_active && gate & OPEN != 0 && gate >> 16 != last {
            let entered = shared.gate.compare_exchange(gate, gate + 1, Ordering::AcqRel, Ordering::Relaxed);
            if entered.is_ok() {
                shared.parked[index].store(false, Ordering::Relaxed);
                return Some(gate >> 16);
            }
            continue;
        }
        if shared.stop.load(Ordering::SeqCst) {
            return None;
        }
        spins += 1;
        if spins < SPINS_BEFORE_PARK {
            std::hint::spin_loop();
        } else if shared.parked[index].swap(true, Ordering::SeqCst) {
            // The flag was set before this look at the gate, so whoever opens it from now on unparks this thread.
            thread::park();
            shared.parked[index].store(false, Ordering::SeqCst);
            spins = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_runs_once_for_any_number_of_threads() {
        for threads in [1, 2, 3, 7] {
            let mut pool = Pool::new(threads).unwrap();
            for tasks in [0, 1, 2, 5, 100] {
                let counts: Vec<AtomicUsize> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
                pool.run(tasks, &|task| {
                    counts[task].fetch_add(1, Ordering::Relaxed);
                });
                assert!(
                    counts.iter().all(|count| count.load(Ordering::Relaxed) == 1),
                    "{threads} threads, {tasks} tasks"
                );
            }
        }
    }

    #[test]
    fn sleeping_workers_wake_up() {
        let mut pool = Pool::new(3).unwrap();
        for round in 0..50 {
            if round % 10 == 0 {
                thread::sleep(std::time::Duration::from_millis(3));
            }
            let mut items = vec![0usize; 1000];
            pool.for_each_chunk(&mut items, 7, |start, part| {
                for (i, item) in part.iter_mut().enumerate() {
                    *item = start + i;
                }
            });
            assert!(items.iter().enumerate().all(|(i, &item)| i == item));
        }
    }

    #[test]
    fn no_more_threads_are_used_than_are_active() {
        let mut pool = Pool::new(4).unwrap();
        for active in [4, 1, 2, 9, 3, 0] {
            pool.set_active(active);
            for _ in 0..10 {
                let seen = Mutex::new(std::collections::HashSet::new());
                pool.run(40, &|_| {
                    thread::sleep(std::time::Duration::from_micros(20));
                    seen.lock().unwrap().insert(thread::current().id());
                });
                assert!((1..=active.max(1)).contains(&seen.into_inner().unwrap().len()), "{active} active");
            }
        }
    }

    #[test]
    fn a_thread_that_is_late_leaves_its_tasks_to_the_others() {
        let mut pool = Pool::new(2).unwrap();
        for _ in 0..20 {
            let done = AtomicUsize::new(0);
            // Whoever has the first task, which is the caller's, has no time for the rest of the share.
            pool.run(40, &|task| {
                while task == 0 && done.load(Ordering::Relaxed) < 39 {
                    thread::yield_now();
                }
                done.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(done.into_inner(), 40);
        }
    }

    #[test]
    fn a_panic_of_a_task_reaches_the_caller_and_the_pool_works_on() {
        let mut pool = Pool::new(4).unwrap();
        let result = catch_unwind(AssertUnwindSafe(|| {
            pool.run(100, &|task| assert!(task != 57, "task 57"));
        }));
        assert!(result.is_err());
        let sum = AtomicUsize::new(0);
        pool.run(10, &|task| {
            sum.fetch_add(task, Ordering::Relaxed);
        });
        assert_eq!(sum.into_inner(), 45);
    }
}
