//! Understanding: from an utterance to an intent, its slots, and how sure we are.
//!
//! One forward pass of the encoder gives an utterance's token states; two intent views rank
//! every label, the gate decides, and the slots of any template can then be read off the same
//! states. What all of that is made of is learnt from the catalogue by `train`.
//!
//! **Architecture Invariant:** after loading, this room does no I/O. It knows no channel, no
//! platform and no clock: the time is an argument.

pub mod encoder;
pub mod evaluate;
#[cfg(feature = "rust-bert")]
pub mod fine_tune;
mod gate;
mod holdings;
mod intents;
mod nearest;
mod open;
mod parts;
mod reading;
mod slots;
mod text;
pub mod train;
mod understand;
pub mod values;

pub use gate::Risk;
pub use open::{OpenError, encoder_folder, heads_folder, open, shipped_folder, tuned_folder};
pub use reading::{Decision, Label, Reading, Scored, Slot, SlotValue};
pub use train::{Heads, HeadsError};
pub use understand::{Nlu, NluError, Utterance};
