//! The form of a line, and how lines hang together.
//!
//! A line is `{"seq":…,"time":…, … ,"prev":"…","hash":"…"}`. The hash is SHA-256 over the bytes of
//! the line before `,"hash"`; they hold `prev`, the hash of the line before.

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::record::{Entry, Record};

/// What the first record has as the hash of the one before.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const HASH_FIELD: &str = ",\"hash\":\"";
const HASH_DIGITS: usize = 64;

#[derive(Serialize)]
struct Unsealed<'a> {
    seq: u64,
    time: Timestamp,
    #[serde(flatten)]
    entry: &'a Entry,
    prev: &'a str,
}

/// The line for an entry, without its newline, and its hash.
pub(super) fn seal(
    seq: u64,
    time: Timestamp,
    entry: &Entry,
    prev: &str,
) -> Result<(String, String), serde_json::Error> {
    let object = serde_json::to_string(&Unsealed { seq, time, entry, prev })?;
    // An object ends with its closing brace.
    let open = object.strip_suffix('}').unwrap_or(&object);
    let hash = hash_of(open.as_bytes());
    Ok((format!("{open}{HASH_FIELD}{hash}\"}}"), hash))
}

/// Reads a line (without its newline) whose hash is right; otherwise says what is wrong.
pub(super) fn open(line: &[u8]) -> Result<Record, &'static str> {
    let tail = HASH_FIELD.len() + HASH_DIGITS + "\"}".len();
    let split = line.len().checked_sub(tail).ok_or("the line is too short for a record")?;
    let (content, seal) = line.split_at(split);
    let hash = seal
        .strip_prefix(HASH_FIELD.as_bytes())
        .and_then(|rest| rest.strip_suffix(b"\"}"))
        .ok_or("the line does not end with its hash")?;
    if hash != hash_of(content).as_bytes() {
        return Err("the line was changed: its hash is another");
    }
    serde_json::from_slice(line).map_err(|_| "the line is no audit record")
}

fn hash_of(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}
