//! Understanding: from an utterance to an intent, its slots, and how sure we are.
//!
//! **Architecture Invariant:** after loading, this room does no I/O. It knows no channel, no
//! platform and no clock: the time is an argument.

pub mod encoder;
mod reading;
pub mod values;

pub use reading::{Decision, Label, Reading, Scored, Slot, SlotValue};
