//! Sessions: who is logged in, until when. Only hashes of their cookies are kept.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::store::{Batch, Store, StoreError, Table, get_as, scan_as};

/// SHA-256 of the cookie → [`Session`].
const SESSIONS: Table = "web_sessions";

/// After this long somebody has to log in again.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// Somebody who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    /// The account on the page.
    pub account: String,
    /// Whose account it was when they logged in: whoever has it later has to log in themselves.
    /// Empty in sessions that were begun before this was kept, which are over.
    #[serde(default)]
    pub user: String,
    pub expires: Timestamp,
}

impl Session {
    /// When it was begun.
    pub fn began(&self) -> Timestamp {
        self.expires.checked_sub(LIFETIME).unwrap_or(self.expires)
    }
}

/// The sessions in the store.
#[derive(Clone)]
pub(super) struct Sessions {
    store: Arc<dyn Store>,
}

impl Sessions {
    pub fn new(store: Arc<dyn Store>) -> Sessions {
        Sessions { store }
    }

    /// Begins a session; gives what its cookie holds.
    pub async fn begin(
        &self,
        account: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let secret = random();
        let expires = now.checked_add(LIFETIME).unwrap_or(now);
        let session = Session { account: account.to_owned(), user: user.to_owned(), expires };
        self.store.commit(Batch::default().put_as(SESSIONS, hash(&secret), &session)?).await?;
        Ok(secret)
    }

    /// The session that a cookie stands for.
    pub async fn find(&self, secret: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let session: Option<Session> = get_as(&*self.store, SESSIONS, &hash(secret)).await?;
        Ok(session.filter(|session| now < session.expires))
    }

    /// Ends a session.
    pub async fn end(&self, secret: &str) -> Result<(), StoreError> {
        self.store.commit(Batch::default().delete(SESSIONS, hash(secret))).await
    }

    /// Every session, those included that are over, each under a key to forget it by.
    pub async fn list(&self) -> Result<Vec<(String, Session)>, StoreError> {
        scan_as(&*self.store, SESSIONS, "", None, usize::MAX).await
    }

    /// Forgets sessions, by the keys of [`Sessions::list`].
    pub async fn forget(&self, keys: Vec<String>) -> Result<(), StoreError> {
        let batch = keys.into_iter().fold(Batch::default(), |b, key| b.delete(SESSIONS, key));
        self.store.commit(batch).await
    }
}

/// 256 random bits in 43 characters.
pub(super) fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What forms hold besides the cookie: derived from it, so that a page of another origin, which
/// can't read either, can't make it up.
pub(super) fn form_token(secret: &str) -> String {
    hash(&format!("form:{secret}"))
}

fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[tokio::test]
    async fn a_session_lasts_its_time_and_ends_at_log_out() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let sessions = Sessions::new(store.clone());
        let now = Timestamp::now();
        let secret = sessions.begin("dana", "d", now).await.unwrap();
        let expires = now.checked_add(LIFETIME).unwrap();
        let session = Session { account: "dana".into(), user: "d".into(), expires };
        assert_eq!(session.began(), now);
        assert_eq!(sessions.find(&secret, now).await.unwrap(), Some(session));
        assert_eq!(sessions.find(&secret, expires).await.unwrap(), None);
        assert_eq!(sessions.find("another", now).await.unwrap(), None);
        // What is stored does not let anybody in.
        for (key, value) in store.scan(SESSIONS, "", None, 9).await.unwrap() {
            assert!(!format!("{key}{value}").contains(&secret));
            assert_eq!(sessions.find(&key, now).await.unwrap(), None);
        }
        sessions.end(&secret).await.unwrap();
        assert_eq!(sessions.find(&secret, now).await.unwrap(), None);
    }
}
