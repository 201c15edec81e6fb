//! Dialogue: turn by turn from a request to a confirmed plan.
//!
//! A message is read by the model in the light of the open question: what was asked decides
//! first what was meant. What it means is then done by the part that is named for it.
//!
//! **Architecture Invariant:** no I/O at all, no channel, no platform, no clock. A turn is a
//! function of the session, what was said, what is known, and the time; it yields the next
//! session and the acts to perform. What a person reads is written elsewhere, from the acts.
//!
//! **Architecture Invariant:** a plan is run only after a yes to exactly what was shown: the live
//! plan, unchanged and not expired.

mod act;
mod amend;
mod answer;
mod bare;
mod carry_over;
mod change;
mod clarify;
mod collect;
mod commands;
mod complete;
mod confirm;
mod correct;
mod cues;
mod doubt;
mod drafts;
mod entire;
mod form;
mod heard;
mod joints;
mod labels;
mod leave_out;
mod look;
mod memory;
mod namesakes;
mod opposites;
mod options;
mod pairs;
mod parameters;
mod part_of_day;
mod pointers;
mod put_right;
mod readings;
mod rearrange;
mod refer;
mod request;
mod restrictions;
mod session;
mod several;
mod slash;
mod spans;
mod spelling;
mod spoken_of;
mod stretch;
mod switches;
mod told;
mod turn;
mod unused;
mod when;
mod yes;

pub use act::{
    Act, Asking, Change, Courtesy, DraftItem, Note, Offer, OptionItem, Pair, Pick, Problem, Query,
    WhenProblem,
};
pub use memory::{FailedTargets, Input, Lookup, Memory, Preferences, Ran, Scheduled, Settings};
pub use session::{Draft, KeptDraft, Mention, Open, Queued, Session, Timing};
pub use turn::{Mind, Turn, turn};
