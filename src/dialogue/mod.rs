//! Dialogue: turn by turn from a request to a confirmed plan.
//!
//! **Architecture Invariant:** no I/O at all, no channel, no platform, no clock. A turn is a
//! function of the session, what was said, what is known, and the time; it yields the next
//! session and the acts to perform. What a person reads is written elsewhere, from the acts.

mod act;
mod memory;
mod session;

pub use act::{
    Act, Asking, Change, DraftItem, Note, Offer, OptionItem, Pair, Pick, Problem, Query,
};
pub use memory::{FailedTargets, Input, Memory, Preferences, Ran, Settings};
pub use session::{Draft, KeptDraft, Mention, Open, Session};
