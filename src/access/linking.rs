//! Linking: how somebody whom `users.yaml` does not name comes to be known.
//!
//! The person asks for a one-time code where they chat; whoever administers Steward confirms it
//! for a user, in a chat or with `steward users link`. The latter leaves a note in the state
//! folder, since a running Steward holds the store; it is taken up at that person's next message.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::hours::later;
use super::keys::Keys;
use crate::channels::Address;
use crate::channels::Sender;
use crate::store::{Batch, Expectation, Store, StoreError, Table, get_as};

const LINKS: Table = "access_links";
const CODES: Table = "access_codes";

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
pub(super) async fn links(store: &dyn Store) -> Result<Vec<Link>, StoreError> {
    let all = super::ledger::read_all(store, LINKS).await?;
    Ok(all.into_iter().map(|(_, link)| link).collect())
}

/// Gives out a code to an account; an earlier one of the same account is void.
pub(super) async fn give_code(
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
pub(super) async fn redeem(
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
pub(super) async fn unlink(
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

/// A confirmation that `steward users link` left for the running Steward.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub user: String,
    /// The login name of whoever ran the command.
    pub by: String,
}

/// Notes in the state folder, one file for each code, and the keys beside them.
#[derive(Debug, Clone)]
pub struct Notes {
    folder: PathBuf,
    pub(super) keys: Keys,
}

impl Notes {
    pub fn new(state: &Path) -> Notes {
        Notes { folder: state.join("links"), keys: Keys::new(state) }
    }

    /// Leaves a note.
    ///
    /// # Errors
    ///
    /// When the folder can't be written.
    pub fn leave(&self, code: &Code, note: &Note) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let new = self.folder.join(format!("{}.new", code.0));
        fs::write(&new, serde_json::to_string(note)?)?;
        fs::rename(new, self.file(code))
    }

    /// Takes every note away and returns them. One that can't be read is dropped.
    pub(super) fn take(&self) -> io::Result<Vec<(Code, Note)>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut notes = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let Some(code) = stem.and_then(Code::parse) else { continue };
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            let note = serde_json::from_slice(&fs::read(&path)?);
            fs::remove_file(&path)?;
            notes.extend(note.ok().map(|note| (code, note)));
        }
        Ok(notes)
    }

    fn file(&self, code: &Code) -> PathBuf {
        self.folder.join(format!("{}.json", code.0))
    }
}
