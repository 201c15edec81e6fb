//! Threads for the engine.
//!
//! rten runs a model inside a rayon pool. A thread of another rayon pool that waits for it steals
//! work meanwhile, which may be the very work that waits for this one: that hangs, or
//! nests without end. So the engine is only ever entered from threads that are in no pool, which
//! really wait, and each lane is a pool of its own, with one thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rten::ThreadPool;

/// One thread that the engine can run on.
pub type Lane = Arc<ThreadPool>;

/// All threads that the engine may use.
pub struct Lanes {
    lanes: Vec<Lane>,
    next: AtomicUsize,
}

impl Lanes {
    /// Starts the threads; at least one.
    pub fn new(threads: usize) -> Self {
        let lanes =
            (0..threads.max(1)).map(|_| Arc::new(ThreadPool::with_num_threads(1))).collect();
        Lanes { lanes, next: AtomicUsize::new(0) }
    }

    /// Calls `job` with 0, 1 .. `count - 1`, and returns the answers in that order, or the first error found.
    /// A single job runs on the calling thread where that is in no pool, several on one thread per lane.
    pub fn map<T: Send, E: Send>(
        &self,
        count: usize,
        job: impl Fn(usize, &Lane) -> Result<T, E> + Sync,
    ) -> Result<Vec<T>, E> {
        if count == 1 && rayon::current_thread_index().is_none() {
            return Ok(vec![job(0, self.pick())?]);
        }
        let next = AtomicUsize::new(0);
        let work = |lane: &Lane| -> Result<Vec<(usize, T)>, E> {
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    return Ok(done);
                }
                match job(index, lane) {
                    Ok(answer) => done.push((index, answer)),
                    Err(error) => {
                        // Nobody needs the rest.
                        next.store(count, Ordering::Relaxed);
                        return Err(error);
                    }
                }
            }
        };
        let mut answers = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..count.min(self.lanes.len()))
                .map(|_| scope.spawn(|| work(self.pick())))
                .collect();
            let mut answers = Vec::with_capacity(count);
            for worker in workers {
                // A worker that panicked hands its panic on.
                let done = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                answers.extend(done?);
            }
            Ok(answers)
        })?;
        answers.sort_by_key(|(index, _)| *index);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    /// The lanes, one after the other.
    fn pick(&self) -> &Lane {
        &self.lanes[self.next.fetch_add(1, Ordering::Relaxed) % self.lanes.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_order() {
        for threads in [1, 3] {
            for count in [0, 1, 2, 50] {
                let answers = Lanes::new(threads).map(count, |index, _| Ok::<_, ()>(index * 2));
                assert_eq!(answers, Ok((0..count).map(|index| index * 2).collect()));
            }
        }
    }

    #[test]
    fn an_error_ends_it() {
        let fail = |index, _: &Lane| if index == 7 { Err("seven") } else { Ok(index) };
        assert_eq!(Lanes::new(2).map(50, fail), Err("seven"));
    }
}
