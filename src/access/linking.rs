//! Linking: how somebody whom `users.yaml` does not name comes to be known.
//!
//! The person asks for a one-time code where they chat; whoever administers Steward confirms it
//! for a user, in a chat or with `steward users link`. The latter leaves a note, since a running
//! Steward holds the store and the audit log; it is taken up at that person's next message.

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::access::Access;
use super::audit::{Entry, Event};
use super::drawer::{Drawer, DrawerError};
use super::hours::later;
use super::keys::Keys;
use super::rules::Asked;
use super::{Permission, Refusal};
use crate::channels::Address;
use crate::channels::Sender;
use crate::store::{Batch, Expectation, Store, StoreError, Table, get_as};

const LINKS: Table = "access_links";
const CODES: Table = "access_codes";
const NOTES: Table = "access_link_notes";

/// A code is good for this long.
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(60);

/// An account that was linked to a user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub channel: String,
    pub account: String,
    /// For people to read, as the channel gave it.
    pub account_name: String,
    pub user: String,
    /// Who confirmed it.
    pub by: String,
    pub at: Timestamp,
}

/// A code that was given out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pending {
    channel: String,
    account: String,
    account_name: String,
    expires: Timestamp,
}

/// A one-time code: `K7QF-2MXD`. Its last letter checks the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code(String);

/// Without letters and digits that look alike.
const LETTERS: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
const LENGTH: usize = 8;

impl Code {
    fn random() -> Code {
        let mut random = rand::rng();
        let body: String = (1..LENGTH)
            .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
            .collect();
        let check = check_letter(&body);
        Code(format!("{body}{check}"))
    }

    /// Reads a code as people type it: in any case, with or without the hyphen. `None` when it
    /// was mistyped.
    pub fn parse(text: &str) -> Option<Code> {
        let code: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let right = code.len() == LENGTH
            && code.bytes().all(|b| LETTERS.contains(&b))
            && code.ends_with(check_letter(&code[..LENGTH - 1]));
        right.then_some(Code(code))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A code has eight ASCII letters.
        write!(f, "{}-{}", &self.0[..4], &self.0[4..])
    }
}

fn check_letter(body: &str) -> char {
    let sum = Sha256::digest(body.as_bytes());
    char::from(LETTERS[usize::from(sum[0]) % LETTERS.len()])
}

/// The link of an account, if there is one.
pub(super) async fn link_of(
    store: &dyn Store,
    channel: &str,
    account: &str,
) -> Result<Option<Link>, StoreError> {
    get_as(store, LINKS, &key(channel, account)).await
}

/// Every link.
async fn links(store: &dyn Store) -> Result<Vec<Link>, StoreError> {
    let all = super::ledger::read_all(store, LINKS).await?;
    Ok(all.into_iter().map(|(_, link)| link).collect())
}

/// Gives out a code to an account; an earlier one of the same account is void.
async fn give_code(
    store: &dyn Store,
    address: &Address,
    sender: &Sender,
    now: Timestamp,
) -> Result<Code, StoreError> {
    let mut batch = Batch::default();
    for (code, pending) in super::ledger::read_all::<Pending>(store, CODES).await? {
        let same = pending.channel == address.channel && pending.account == sender.id;
        if same || pending.expires <= now {
            batch = batch.delete(CODES, code);
        }
    }
    let code = Code::random();
    let pending = Pending {
        channel: address.channel.clone(),
        account: sender.id.clone(),
        account_name: sender.name.clone(),
        expires: later(now, CODE_LIFETIME),
    };
    store.commit(batch.put(CODES, &code.0, serde_json::json!(pending))).await?;
    Ok(code)
}

/// Uses a code up: its account is linked to the user. `None` when the code is wrong, used or
/// expired.
async fn redeem(
    store: &dyn Store,
    code: &Code,
    user: &str,
    by: &str,
    now: Timestamp,
) -> Result<Option<Link>, StoreError> {
    let Some(json) = store.get(CODES, &code.0).await? else { return Ok(None) };
    let pending: Option<Pending> = get_as(store, CODES, &code.0).await?;
    let Some(pending) = pending.filter(|p| now < p.expires) else { return Ok(None) };
    let link = Link {
        channel: pending.channel,
        account: pending.account,
        account_name: pending.account_name,
        user: user.to_owned(),
        by: by.to_owned(),
        at: now,
    };
    let batch = Batch::default()
        .expect(CODES, &code.0, Expectation::Is(json))
        .delete(CODES, &code.0)
        .put(LINKS, key(&link.channel, &link.account), serde_json::json!(link));
    match store.commit(batch).await {
        Ok(()) => Ok(Some(link)),
        Err(StoreError::Conflict { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Forgets a link; what it was.
async fn unlink(
    store: &dyn Store,
    channel: &str,
    account: &str,
) -> Result<Option<Link>, StoreError> {
    let link = link_of(store, channel, account).await?;
    if link.is_some() {
        store.commit(Batch::default().delete(LINKS, key(channel, account))).await?;
    }
    Ok(link)
}

/// JSON, so that no account can be spelt like another on another channel.
fn key(channel: &str, account: &str) -> String {
    serde_json::json!([channel, account]).to_string()
}

impl Access {
    /// A one-time code for an account that nobody is linked to.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn link_code(
        &self,
        address: &Address,
        sender: &Sender,
        now: Timestamp,
    ) -> Result<Code, Refusal> {
        Ok(give_code(&*self.store, address, sender, now).await?)
    }

    /// Links the account that a code was given to with a user, on behalf of an administrator.
    ///
    /// # Errors
    ///
    /// When `by` is no administrator, the user does not exist, or the code is wrong, used or
    /// expired.
    pub async fn link(
        &self,
        code: &Code,
        user: &str,
        by: &Asked<'_>,
        now: Timestamp,
    ) -> Result<Link, Refusal> {
        self.may(&Asked { command: Permission::Admin, ..*by }, now)?;
        self.redeem(code, user, by.user, now).await
    }

    /// Takes up the confirmations that `steward users link` left. To be called when somebody
    /// unknown writes.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`], [`Refusal::AuditUnavailable`].
    pub async fn take_up_links(&self, now: Timestamp) -> Result<Vec<Link>, Refusal> {
        let unreadable = |error: DrawerError| Refusal::StoreUnavailable {
            reason: format!("the notes of `steward users link` can't be read: {error}"),
        };
        let mut links = Vec::new();
        for (code, note) in self.notes.all().await.map_err(unreadable)? {
            let by = format!("login:{}", note.by);
            match self.redeem(&code, &note.user, &by, now).await {
                Ok(link) => links.push(link),
                Err(refusal) if refusal.is_failure() => return Err(refusal),
                Err(refusal) => {
                    tracing::warn!(%code, user = note.user, "a link was not made: {refusal}");
                }
            }
            // Removed last: what a crash interrupts is taken up again, and a code counts once.
            self.notes.remove(&code).await.map_err(unreadable)?;
        }
        Ok(links)
    }

    /// Every account that was linked by a code.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn links(&self) -> Result<Vec<Link>, Refusal> {
        Ok(links(&*self.store).await?)
    }

    /// Forgets a link, on behalf of an administrator. `None` when there was none.
    ///
    /// # Errors
    ///
    /// When `by` is no administrator, or it can't be stored or written down.
    pub async fn unlink(
        &self,
        channel: &str,
        account: &str,
        by: &Asked<'_>,
        now: Timestamp,
    ) -> Result<Option<Link>, Refusal> {
        self.may(&Asked { command: Permission::Admin, ..*by }, now)?;
        let link = unlink(&*self.store, channel, account).await?;
        if let Some(link) = &link {
            self.write(link_entry(Event::Unlinked, link, by.user), now).await?;
        }
        Ok(link)
    }

    async fn redeem(
        &self,
        code: &Code,
        user: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<Link, Refusal> {
        if self.rules().users.get(user).is_none() {
            return Err(Refusal::NoSuchUser { user: user.to_owned() });
        }
        let link = redeem(&*self.store, code, user, by, now).await?;
        let link = link.ok_or(Refusal::BadCode)?;
        self.write(link_entry(Event::Linked, &link, by), now).await?;
        Ok(link)
    }
}

fn link_entry(event: Event, link: &Link, by: &str) -> Entry {
    let mut entry = Entry::new(event);
    entry.user = Some(link.user.clone());
    entry.account = Some(link.account.clone());
    entry.name = Some(link.account_name.clone());
    entry.reason = Some(format!("on {}", link.channel));
    entry.confirmed_by = Some(by.to_owned());
    entry
}

/// A confirmation that `steward users link` left for a running Steward.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub user: String,
    /// The login name of whoever ran the command.
    pub by: String,
}

/// Notes, one for each code, and the keys beside them.
#[derive(Clone)]
pub struct Notes {
    drawer: Drawer,
    pub(super) keys: Keys,
}

impl Notes {
    /// Those in a state folder.
    pub fn new(state: &Path) -> Notes {
        Notes { drawer: Drawer::Folder(state.join("links")), keys: Keys::new(state) }
    }

    /// Those in a store that is shared, and where it is not, those beside it.
    pub fn of(store: &Arc<dyn Store>, state: &Path) -> Notes {
        if !store.is_shared() {
            return Notes::new(state);
        }
        Notes { drawer: Drawer::Shared(store.clone(), NOTES), keys: Keys::shared(store) }
    }

    /// The keys beside them.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Leaves a note.
    ///
    /// # Errors
    ///
    /// When it can't be kept.
    pub async fn leave(&self, code: &Code, note: &Note) -> Result<(), DrawerError> {
        self.drawer.put(&code.0, note).await
    }

    async fn all(&self) -> Result<Vec<(Code, Note)>, DrawerError> {
        let all = self.drawer.all().await?.into_iter();
        Ok(all.filter_map(|(name, note)| Some((Code::parse(&name)?, note))).collect())
    }

    async fn remove(&self, code: &Code) -> Result<(), DrawerError> {
        self.drawer.remove(&code.0).await.map(drop)
    }
}
