//! Keys: one-time links to log in by, and tokens for programs.
//!
//! They are made on the command line, beside a running Steward, and lie in drawers under the
//! SHA-256 of the key. The key itself is kept nowhere.

use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::access::{Access, Context};
use super::audit::Event;
use super::drawer::{Drawer, DrawerError};
use super::hours::later;
use super::{Refusal, User};
use crate::channels::Address;
use crate::store::{Store, Table};

/// A link to log in by is good for this long.
pub const LINK_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// What an API token begins with, so that scanners of leaked secrets know one when they see it.
const TOKEN_PREFIX: &str = "steward_";

/// Who may log in by a link, once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LoginLink {
    user: String,
    /// The login name of whoever made it.
    by: String,
    expires: Timestamp,
}

/// A token by which a program acts as a user; all that is kept of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiToken {
    pub user: String,
    /// Unique among the user's tokens.
    pub name: String,
    /// The login name of whoever made it.
    pub by: String,
    pub created: Timestamp,
    /// `None`: until it is revoked.
    pub expires: Option<Timestamp>,
}

/// Every key, of one Steward or of all that share a store.
#[derive(Clone)]
pub struct Keys {
    links: Drawer,
    tokens: Drawer,
    /// When an operator ended a user's sessions last.
    ended: Drawer,
}

/// That an operator ended a user's sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ended {
    user: String,
    /// The login name of whoever did.
    by: String,
    at: Timestamp,
}

const LINKS: Table = "access_login_links";
const TOKENS: Table = "access_tokens";
const ENDED: Table = "access_ended_sessions";

/// Why a key was not made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{user} has a token named `{name}` already; revoke it first, or choose another name")]
    NameTaken { user: String, name: String },
    #[error("the keys can't be read or written: {0}")]
    Kept(#[from] DrawerError),
}

impl Keys {
    /// The keys in a state folder.
    pub fn new(state: &Path) -> Keys {
        let drawer = |name| Drawer::Folder(state.join("keys").join(name));
        Keys { links: drawer("links"), tokens: drawer("tokens"), ended: drawer("ended") }
    }

    /// The keys in a store that is shared.
    pub fn shared(store: &Arc<dyn Store>) -> Keys {
        let drawer = |table| Drawer::Shared(store.clone(), table);
        Keys { links: drawer(LINKS), tokens: drawer(TOKENS), ended: drawer(ENDED) }
    }

    /// Makes a link for a user; gives the secret part of it. Links that were never used are
    /// forgotten on the way.
    ///
    /// # Errors
    ///
    /// When it can't be kept.
    pub async fn make_link(
        &self,
        user: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<String, KeyError> {
        for (name, link) in self.links.all::<LoginLink>().await? {
            if link.expires <= now {
                self.links.remove(&name).await?;
            }
        }
        let secret = random();
        let expires = later(now, LINK_LIFETIME);
        let link = LoginLink { user: user.to_owned(), by: by.to_owned(), expires };
        self.links.put(&name_of(&secret), &link).await?;
        Ok(secret)
    }

    /// Makes a token, which is shown this once.
    ///
    /// # Errors
    ///
    /// When the user has one of that name, or it can't be kept.
    pub async fn make_token(&self, token: &ApiToken) -> Result<String, KeyError> {
        let ApiToken { user, name, .. } = token;
        if self.tokens().await?.iter().any(|other| other.user == *user && other.name == *name) {
            return Err(KeyError::NameTaken { user: user.clone(), name: name.clone() });
        }
        let secret = format!("{TOKEN_PREFIX}{}", random());
        self.tokens.put(&name_of(&secret), token).await?;
        Ok(secret)
    }

    /// Every token, by user and name; those that expired, too.
    ///
    /// # Errors
    ///
    /// When the keys can't be read.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, KeyError> {
        let all = self.tokens.all::<ApiToken>().await?;
        let mut tokens: Vec<ApiToken> = all.into_iter().map(|(_, token)| token).collect();
        tokens.sort_by(|a, b| (&a.user, &a.name).cmp(&(&b.user, &b.name)));
        Ok(tokens)
    }

    /// Revokes a token, at once. False when there was none of that name.
    ///
    /// # Errors
    ///
    /// When the keys can't be read or written.
    pub async fn revoke(&self, user: &str, name: &str) -> Result<bool, KeyError> {
        for (key, token) in self.tokens.all::<ApiToken>().await? {
            if token.user == user && token.name == name {
                return Ok(self.tokens.remove(&key).await?);
            }
        }
        Ok(false)
    }

    /// Ends the sessions that a user has, at once, and takes back their links that were not used.
    ///
    /// # Errors
    ///
    /// When the keys can't be read or written.
    pub async fn end_sessions(&self, user: &str, by: &str, now: Timestamp) -> Result<(), KeyError> {
        for (name, link) in self.links.all::<LoginLink>().await? {
            if link.user == user {
                self.links.remove(&name).await?;
            }
        }
        let ended = Ended { user: user.to_owned(), by: by.to_owned(), at: now };
        Ok(self.ended.put(&name_of(user), &ended).await?)
    }

    /// When that was done last: of what was begun before, nothing counts.
    async fn sessions_ended(&self, user: &str) -> Result<Option<Timestamp>, DrawerError> {
        let ended: Option<Ended> = self.ended.get(&name_of(user)).await?;
        Ok(ended.map(|ended| ended.at))
    }

    /// Whose link it is, which stays as it is.
    async fn look_at_link(
        &self,
        secret: &str,
        now: Timestamp,
    ) -> Result<Option<LoginLink>, DrawerError> {
        let link: Option<LoginLink> = self.links.get(&name_of(secret)).await?;
        Ok(link.filter(|link| now < link.expires))
    }

    /// Uses a link up: of two who do so at once, one gets nothing.
    async fn use_link(
        &self,
        secret: &str,
        now: Timestamp,
    ) -> Result<Option<LoginLink>, DrawerError> {
        let link = self.look_at_link(secret, now).await?;
        Ok(if self.links.remove(&name_of(secret)).await? { link } else { None })
    }

    async fn token(&self, secret: &str, now: Timestamp) -> Result<Option<ApiToken>, DrawerError> {
        let token: Option<ApiToken> = self.tokens.get(&name_of(secret)).await?;
        Ok(token.filter(|token| token.expires.is_none_or(|expires| now < expires)))
    }
}

/// Somebody who came in by a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Entrance {
    pub user: User,
    /// Their account on the channel that the key is for.
    pub account: String,
}

impl Access {
    /// Who would log in by a link; it can be used afterwards.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadCode`] when it is wrong, used or expired; when the user is disabled, or has
    /// no account on this channel.
    pub async fn look_at_link(
        &self,
        secret: &str,
        channel: &str,
        now: Timestamp,
    ) -> Result<Entrance, Refusal> {
        let link = self.keys().look_at_link(secret, now).await.map_err(unreadable)?;
        self.entrance(&link.ok_or(Refusal::BadCode)?.user, channel)
    }

    /// Logs somebody in by a link, which is used up, and writes it down.
    ///
    /// # Errors
    ///
    /// As [`Access::look_at_link`]; and when it can't be written down.
    pub async fn log_in(
        &self,
        secret: &str,
        channel: &str,
        context: &Context,
        now: Timestamp,
    ) -> Result<Entrance, Refusal> {
        let link = self.keys().use_link(secret, now).await.map_err(unreadable)?;
        let link = link.ok_or(Refusal::BadCode)?;
        let entrance = self.entrance(&link.user, channel)?;
        let place = place(channel, &entrance.account);
        let mut record = self.entry(Event::LoggedIn, Some(&link.user), Some(&place), context);
        record.account = Some(entrance.account.clone());
        record.confirmed_by = Some(format!("login:{}", link.by));
        self.write(record, now).await?;
        Ok(entrance)
    }

    /// When an operator ended a user's sessions last.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn sessions_ended(&self, user: &str) -> Result<Option<Timestamp>, Refusal> {
        self.keys().sessions_ended(user).await.map_err(unreadable)
    }

    /// Writes down that somebody logged out.
    ///
    /// # Errors
    ///
    /// When it can't be written down.
    pub async fn logged_out(
        &self,
        user: &str,
        place: &Address,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let record = self.entry(Event::LoggedOut, Some(user), Some(place), &Context::default());
        self.write(record, now).await.map(drop)
    }

    /// Whose token it is.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadCode`] when it is wrong, revoked or expired; when the user is disabled, or
    /// has no account on this channel.
    pub async fn token_owner(
        &self,
        secret: &str,
        channel: &str,
        now: Timestamp,
    ) -> Result<(Entrance, ApiToken), Refusal> {
        let token = self.keys().token(secret, now).await.map_err(unreadable)?;
        let token = token.ok_or(Refusal::BadCode)?;
        Ok((self.entrance(&token.user, channel)?, token))
    }

    fn entrance(&self, user: &str, channel: &str) -> Result<Entrance, Refusal> {
        let rules = self.rules();
        let user = rules.enabled(user)?.clone();
        match rules.users().account_on(channel, &user.id) {
            Some(account) => Ok(Entrance { account: account.to_owned(), user }),
            None => Err(Refusal::UnknownUser { channel: channel.to_owned(), id: user.id }),
        }
    }
}

fn place(channel: &str, account: &str) -> Address {
    Address { channel: channel.to_owned(), chat: account.to_owned(), thread: None }
}

fn unreadable(error: DrawerError) -> Refusal {
    tracing::error!("{error}");
    Refusal::StoreUnavailable { reason: format!("the keys can't be read: {error}") }
}

/// 256 random bits in 43 characters.
fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What a key is kept under: its hash, so that whoever can read what is kept can't use it.
fn name_of(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn a_link_works_once_and_in_its_time() {
        let state = tempfile::tempdir().unwrap();
        let (keys, now) = (Keys::new(state.path()), Timestamp::now());
        let secret = keys.make_link("dana", "root", now).await.unwrap();
        let user = |link: Option<LoginLink>| link.map(|link| link.user);
        assert_eq!(user(keys.look_at_link(&secret, now).await.unwrap()).as_deref(), Some("dana"));
        assert_eq!(
            keys.use_link(&secret, later(now, LINK_LIFETIME)).await.unwrap(),
            None,
            "too late"
        );
        let secret = keys.make_link("dana", "root", now).await.unwrap();
        assert_eq!(user(keys.use_link(&secret, now).await.unwrap()).as_deref(), Some("dana"));
        assert_eq!(keys.use_link(&secret, now).await.unwrap(), None, "used");
        for wrong in ["", "../tokens", "x"] {
            assert_eq!(keys.use_link(wrong, now).await.unwrap(), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn sessions_are_ended_with_the_links_that_would_begin_others() {
        let state = tempfile::tempdir().unwrap();
        let (keys, now) = (Keys::new(state.path()), Timestamp::now());
        let dana = keys.make_link("dana", "root", now).await.unwrap();
        let ada = keys.make_link("ada", "root", now).await.unwrap();
        assert_eq!(keys.sessions_ended("dana").await.unwrap(), None);
        keys.end_sessions("dana", "root", now).await.unwrap();
        keys.end_sessions("dana", "root", now).await.unwrap();
        assert_eq!(keys.sessions_ended("dana").await.unwrap(), Some(now));
        assert_eq!(keys.sessions_ended("ada").await.unwrap(), None);
        assert_eq!(keys.look_at_link(&dana, now).await.unwrap(), None);
        assert!(keys.look_at_link(&ada, now).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_token_works_until_it_expires_or_is_revoked_and_is_never_kept() {
        let state = tempfile::tempdir().unwrap();
        let (keys, now) = (Keys::new(state.path()), Timestamp::now());
        let expires = later(now, SignedDuration::from_hours(1));
        let token = ApiToken {
            user: "dana".into(),
            name: "bridge".into(),
            by: "root".into(),
            created: now,
            expires: Some(expires),
        };
        let secret = keys.make_token(&token).await.unwrap();
        assert_eq!(keys.token(&secret, now).await.unwrap(), Some(token.clone()));
        assert_eq!(keys.token(&secret, expires).await.unwrap(), None);
        assert!(matches!(keys.make_token(&token).await, Err(KeyError::NameTaken { .. })));
        for entry in fs::read_dir(state.path().join("keys/tokens")).unwrap() {
            let path = entry.unwrap().path();
            let text = format!("{path:?}{}", fs::read_to_string(&path).unwrap());
            assert!(!text.contains(&secret), "{text}");
        }
        assert_eq!(keys.tokens().await.unwrap(), [token]);
        assert!(keys.revoke("dana", "bridge").await.unwrap());
        assert!(!keys.revoke("dana", "bridge").await.unwrap());
        assert_eq!(keys.token(&secret, now).await.unwrap(), None);
    }
}
