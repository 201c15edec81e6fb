//! Lanes: work that is ordered within a key and concurrent across keys.
//!
//! A lane holds no queue of its own. Its work is whatever the store holds for its key, so a crash
//! empties no queue: after a restart the keys are found in the store and their lanes run again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The lanes that are running, by key.
pub struct Lanes<K> {
    shared: Arc<Shared<K>>,
}

struct Shared<K> {
    /// Whether there may be new work since the lane last looked.
    running: Mutex<HashMap<K, bool>>,
    ended: Notify,
}

impl<K> Default for Lanes<K> {
    fn default() -> Self {
        let shared = Shared { running: Mutex::new(HashMap::new()), ended: Notify::new() };
        Lanes { shared: Arc::new(shared) }
    }
}

impl<K: Hash + Eq + Clone + Send + 'static> Lanes<K> {
    /// Says that there may be work for a key. `work` does all there is; it never runs twice at
    /// the same time for one key, and once more when it is woken meanwhile.
    pub fn wake<F>(&self, key: K, work: impl Fn(K) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        match self.shared.running().entry(key.clone()) {
            Entry::Occupied(mut again) => {
                again.insert(true);
                return;
            }
            Entry::Vacant(lane) => lane.insert(false),
        };
        let mut lane = Lane { shared: Arc::clone(&self.shared), key, open: true };
        tokio::spawn(async move {
            while lane.open {
                work(lane.key.clone()).await;
                lane.close_if_done();
            }
        });
    }

    /// Returns when no lane is running.
    pub async fn idle(&self) {
        loop {
            let ended = self.shared.ended.notified();
            if self.shared.running().is_empty() {
                return;
            }
            ended.await;
        }
    }
}

impl<K> Shared<K> {
    fn running(&self) -> MutexGuard<'_, HashMap<K, bool>> {
        // Every change is one operation on the map, so it is consistent whoever panicked.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running lane. However its task ends, the key is free afterwards.
struct Lane<K: Hash + Eq> {
    shared: Arc<Shared<K>>,
    key: K,
    open: bool,
}

impl<K: Hash + Eq> Lane<K> {
    /// Closes the lane unless it was woken meanwhile; under one lock, so that a wake-up that
    /// comes later starts a new lane.
    fn close_if_done(&mut self) {
        let mut running = self.shared.running();
        match running.get_mut(&self.key) {
            Some(again) if *again => *again = false,
            _ => {
                running.remove(&self.key);
                self.open = false;
            }
        }
    }
}

impl<K: Hash + Eq> Drop for Lane<K> {
    fn drop(&mut self) {
        if self.open {
            self.shared.running().remove(&self.key);
        }
        self.shared.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_lane_runs_alone_and_again_when_woken() {
        let lanes = Lanes::default();
        let queue = Arc::new(Mutex::new(Vec::new()));
        let (at_once, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let done = Arc::new(AtomicUsize::new(0));
        for _ in 0..100 {
            queue.lock().unwrap().push(());
            let (queue, at_once, most, done) =
                (queue.clone(), at_once.clone(), most.clone(), done.clone());
            lanes.wake("key", move |_| {
                let (queue, at_once, most, done) =
                    (queue.clone(), at_once.clone(), most.clone(), done.clone());
                async move {
                    most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    while queue.lock().unwrap().pop().is_some() {
                        tokio::task::yield_now().await;
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                    at_once.fetch_sub(1, Ordering::SeqCst);
                }
            });
            tokio::task::yield_now().await;
        }
        lanes.idle().await;
        assert_eq!((done.load(Ordering::SeqCst), most.load(Ordering::SeqCst)), (100, 1));
    }

    #[tokio::test]
    async fn a_lane_that_panics_frees_its_key() {
        let lanes = Lanes::default();
        lanes.wake(1, |_| async { panic!("on purpose") });
        lanes.idle().await;
        let (sent, got) = tokio::sync::oneshot::channel();
        let sent = Mutex::new(Some(sent));
        lanes.wake(1, move |_| {
            let sent = sent.lock().unwrap().take();
            async move {
                sent.map(|s| s.send(()));
            }
        });
        got.await.expect("ran");
    }
}
