//! Measuring understanding: on a file of messages whose meaning is known, or by
//! cross-validation on the catalogue's own examples.
//!
//! **Architecture Invariant:** what is measured is what is used: the same models, the same gate,
//! the same slots. Nothing here is told the right answer before it has answered, but the label
//! for slots, which are measured given the right one.

mod cases;
mod compare;
mod html;
pub mod metrics;
mod outcome;
mod report;
mod text;

pub use cases::{Case, CaseError, Kind, unmark};
pub use compare::{Comparison, Flip};
pub use html::page;
pub use outcome::{Outcome, cross_validated, on_cases};
pub use report::{Calibration, Confusion, Gated, IntentScore, Message, Report, Slots};
