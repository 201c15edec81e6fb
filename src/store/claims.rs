//! Claims: which process sees to what, where several share a store.
//!
//! A claim says that nobody else sees to something as long as this process lives: a conversation,
//! a chat, a run, the schedules. It is let go of when the work is done, and it ends with the
//! process, however that ends. A store of one process grants every claim at once.
//!
//! **Architecture Invariant:** what a process commits is only committed while it is alive to the
//! others ([`Store::commit`]), and a claim of somebody who is alive is granted to nobody else. So
//! whatever was committed under a claim was committed before anybody else got it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::{Store, StoreError};

/// How often somebody who waits for a claim asks again.
const AGAIN: Duration = Duration::from_millis(50);
/// The same, where whoever has it may keep it for days.
const LATER: Duration = Duration::from_millis(500);

/// The claims of this process; clones are the same ones. The same claim may be taken any number of
/// times within it.
#[derive(Clone)]
pub struct Claims {
    store: Arc<dyn Store>,
    /// How often each is taken. Held while the store is asked, so that nothing is taken while it
    /// is let go of.
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// Something that this process sees to, until this is dropped.
pub struct Claim {
    claims: Claims,
    name: String,
}

impl Claims {
    pub fn new(store: Arc<dyn Store>) -> Claims {
        Claims { store, taken: Arc::default() }
    }

    /// Whether others may be there, too.
    pub fn are_shared(&self) -> bool {
        self.store.is_shared()
    }

    /// Takes a claim, unless another process has it.
    ///
    /// # Errors
    ///
    /// Where the store does not answer.
    pub async fn take(&self, name: impl Into<String>) -> Result<Option<Claim>, StoreError> {
        let name = name.into();
        if !self.are_shared() {
            return Ok(Some(Claim { claims: self.clone(), name }));
        }
        let mut taken = self.taken.lock().await;
        let count = taken.get(&name).copied().unwrap_or_default();
        if count == 0 && !self.store.claim(&name).await? {
            return Ok(None);
        }
        taken.insert(name.clone(), count + 1);
        Ok(Some(Claim { claims: self.clone(), name }))
    }

    /// Takes a claim, as soon as no other process has it.
    ///
    /// # Errors
    ///
    /// As [`Claims::take`].
    pub async fn wait(&self, name: &str) -> Result<Claim, StoreError> {
        loop {
            if let Some(claim) = self.take(name).await? {
                return Ok(claim);
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// As [`Claims::wait`], whatever the store says meanwhile; `None` where `stop` comes first.
    pub async fn until(&self, name: &str, stop: &CancellationToken) -> Option<Claim> {
        loop {
            match self.take(name).await {
                Ok(Some(claim)) => return Some(claim),
                Ok(None) => {}
                Err(error) => tracing::warn!(name, %error, "not claimed yet"),
            }
            tokio::select! {
                () = tokio::time::sleep(LATER) => {}
                () = stop.cancelled() => return None,
            }
        }
    }

    async fn let_go(&self, name: &str) {
        let mut taken = self.taken.lock().await;
        let Some(count) = taken.get_mut(name) else { return };
        *count -= 1;
        if *count == 0 {
            taken.remove(name);
            // Else it is this process's until that ends, or takes and leaves it again.
            if let Err(error) = self.store.let_go(name).await {
                tracing::warn!(name, %error, "something is still claimed");
            }
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.claims.are_shared() {
            return;
        }
        let (claims, name) = (self.claims.clone(), std::mem::take(&mut self.name));
        // Without a runtime the process is about to end, and all its claims with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { claims.let_go(&name).await });
        }
    }
}
