//! The audit log: who asked for what in which words, what was decided by which rule, and how it
//! ended. Append-only, one JSON object a line, each with the hash of the one before.
//!
//! **Architecture Invariant:** a record that was appended is on disk (fsync) when `append`
//! returns, and is never changed. Secrets do not get in: words and values are redacted first.

mod chain;
mod export;
mod log;
mod query;
mod record;
mod verify;

pub use export::{ExportError, export_csv, export_json};
pub use log::{AuditError, AuditLog, Rotation};
pub use query::{Filter, find};
pub use record::{Entry, Event, Record, Understood, Vote};
pub use verify::{Broken, Head, Problem, Verified, holds, verify};
