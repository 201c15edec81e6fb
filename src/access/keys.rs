//! Keys: one-time links to log in by, and tokens for programs.
//!
//! They are made on the command line, beside a running Steward that holds the store; so each is a
//! file in the state folder, named by the SHA-256 of the key. The key itself is kept nowhere.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::access::{Access, Context};
use super::audit::Event;
use super::hours::later;
use super::{Refusal, User};
use crate::channels::Address;

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

/// The keys in a state folder.
#[derive(Debug, Clone)]
pub struct Keys {
    links: PathBuf,
    tokens: PathBuf,
}

/// Why a key was not made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{user} has a token named `{name}` already; revoke it first, or choose another name")]
    NameTaken { user: String, name: String },
    #[error("the keys in the state folder can't be read or written: {0}")]
    Io(#[from] io::Error),
}

impl Keys {
    pub fn new(state: &Path) -> Keys {
        Keys { links: state.join("keys/links"), tokens: state.join("keys/tokens") }
    }

    /// Makes a link for a user; gives the secret part of it. Links that were never used are
    /// forgotten on the way.
    ///
    /// # Errors
    ///
    /// When the folder can't be written.
    pub fn make_link(&self, user: &str, by: &str, now: Timestamp) -> Result<String, KeyError> {
        for (file, link) in read_all::<LoginLink>(&self.links)? {
            if link.expires <= now {
                remove(&file)?;
            }
        }
        let secret = random();
        let expires = later(now, LINK_LIFETIME);
        let link = LoginLink { user: user.to_owned(), by: by.to_owned(), expires };
        write(&self.links, &secret, &link)?;
        Ok(secret)
    }

    /// Makes a token, which is shown this once.
    ///
    /// # Errors
    ///
    /// When the user has one of that name, or the folder can't be written.
    pub fn make_token(&self, token: &ApiToken) -> Result<String, KeyError> {
        let ApiToken { user, name, .. } = token;
        if self.tokens()?.iter().any(|other| other.user == *user && other.name == *name) {
            return Err(KeyError::NameTaken { user: user.clone(), name: name.clone() });
        }
        let secret = format!("{TOKEN_PREFIX}{}", random());
        write(&self.tokens, &secret, token)?;
        Ok(secret)
    }

    /// Every token, by user and name; those that expired, too.
    ///
    /// # Errors
    ///
    /// When the folder can't be read.
    pub fn tokens(&self) -> Result<Vec<ApiToken>, KeyError> {
        let all = read_all::<ApiToken>(&self.tokens)?;
        let mut tokens: Vec<ApiToken> = all.into_iter().map(|(_, token)| token).collect();
        tokens.sort_by(|a, b| (&a.user, &a.name).cmp(&(&b.user, &b.name)));
        Ok(tokens)
    }

    /// Revokes a token, at once. False when there was none of that name.
    ///
    /// # Errors
    ///
    /// When the folder can't be read or written.
    pub fn revoke(&self, user: &str, name: &str) -> Result<bool, KeyError> {
        for (file, token) in read_all::<ApiToken>(&self.tokens)? {
            if token.user == user && token.name == name {
                return Ok(remove(&file)?);
            }
        }
        Ok(false)
    }

    /// Whose link it is, which stays as it is.
    fn look_at_link(&self, secret: &str, now: Timestamp) -> io::Result<Option<LoginLink>> {
        let link: Option<LoginLink> = read(&file(&self.links, secret))?;
        Ok(link.filter(|link| now < link.expires))
    }

    /// Uses a link up: of two who do so at once, one gets nothing.
    fn use_link(&self, secret: &str, now: Timestamp) -> io::Result<Option<LoginLink>> {
        let link = self.look_at_link(secret, now)?;
        Ok(if remove(&file(&self.links, secret))? { link } else { None })
    }

    fn token(&self, secret: &str, now: Timestamp) -> io::Result<Option<ApiToken>> {
        let token: Option<ApiToken> = read(&file(&self.tokens, secret))?;
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
    pub fn look_at_link(
        &self,
        secret: &str,
        channel: &str,
        now: Timestamp,
    ) -> Result<Entrance, Refusal> {
        let link = self.keys().look_at_link(secret, now).map_err(unreadable)?;
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
        let link = self.keys().use_link(secret, now).map_err(unreadable)?;
        let link = link.ok_or(Refusal::BadCode)?;
        let entrance = self.entrance(&link.user, channel)?;
        let place = place(channel, &entrance.account);
        let mut record = self.entry(Event::LoggedIn, Some(&link.user), Some(&place), context);
        record.account = Some(entrance.account.clone());
        record.confirmed_by = Some(format!("login:{}", link.by));
        self.write(record, now).await?;
        Ok(entrance)
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
    pub fn token_owner(
        &self,
        secret: &str,
        channel: &str,
        now: Timestamp,
    ) -> Result<(Entrance, ApiToken), Refusal> {
        let token = self.keys().token(secret, now).map_err(unreadable)?;
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

fn unreadable(error: io::Error) -> Refusal {
    tracing::error!("{error}");
    Refusal::StoreUnavailable { reason: format!("the keys can't be read: {error}") }
}

/// 256 random bits in 43 characters.
fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// Where a key is kept: by its hash, so that whoever can read the folder can't use it.
fn file(folder: &Path, secret: &str) -> PathBuf {
    folder.join(format!("{}.json", hex::encode(Sha256::digest(secret.as_bytes()))))
}

fn write<T: Serialize>(folder: &Path, secret: &str, content: &T) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let path = file(folder, secret);
    let new = path.with_extension("new");
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(&serde_json::to_vec(content)?)?;
    file.sync_all()?;
    fs::rename(new, path)
}

fn read<T: DeserializeOwned>(file: &Path) -> io::Result<Option<T>> {
    match fs::read(file) {
        Ok(json) => Ok(Some(serde_json::from_slice(&json)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Every key of a folder. One that goes away meanwhile is left out.
fn read_all<T: DeserializeOwned>(folder: &Path) -> io::Result<Vec<(PathBuf, T)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json")
            && let Some(content) = read(&path)?
        {
            found.push((path, content));
        }
    }
    Ok(found)
}

/// Removes a file; false when somebody else was quicker.
fn remove(file: &Path) -> io::Result<bool> {
    match fs::remove_file(file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_once_and_in_its_time() {
        let state = tempfile::tempdir().unwrap();
        let (keys, now) = (Keys::new(state.path()), Timestamp::now());
        let secret = keys.make_link("dana", "root", now).unwrap();
        let user = |link: Option<LoginLink>| link.map(|link| link.user);
        assert_eq!(user(keys.look_at_link(&secret, now).unwrap()).as_deref(), Some("dana"));
        assert_eq!(keys.use_link(&secret, later(now, LINK_LIFETIME)).unwrap(), None, "too late");
        let secret = keys.make_link("dana", "root", now).unwrap();
        assert_eq!(user(keys.use_link(&secret, now).unwrap()).as_deref(), Some("dana"));
        assert_eq!(keys.use_link(&secret, now).unwrap(), None, "used");
        for wrong in ["", "../tokens", "x"] {
            assert_eq!(keys.use_link(wrong, now).unwrap(), None, "{wrong}");
        }
    }

    #[test]
    fn a_token_works_until_it_expires_or_is_revoked_and_is_never_kept() {
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
        let secret = keys.make_token(&token).unwrap();
        assert_eq!(keys.token(&secret, now).unwrap(), Some(token.clone()));
        assert_eq!(keys.token(&secret, expires).unwrap(), None);
        assert!(matches!(keys.make_token(&token), Err(KeyError::NameTaken { .. })));
        for entry in fs::read_dir(state.path().join("keys/tokens")).unwrap() {
            let path = entry.unwrap().path();
            let text = format!("{path:?}{}", fs::read_to_string(&path).unwrap());
            assert!(!text.contains(&secret), "{text}");
        }
        assert_eq!(keys.tokens().unwrap(), [token]);
        assert!(keys.revoke("dana", "bridge").unwrap());
        assert!(!keys.revoke("dana", "bridge").unwrap());
        assert_eq!(keys.token(&secret, now).unwrap(), None);
    }
}
