//! Review: what conversations teach about the examples that are missing.
//!
//! Where somebody had to pick what they meant from a list, or had to say it again in other words,
//! the words that were not understood are a good example for what was meant in the end. They are
//! noted here, shown to an operator, and written to the training data where the operator agrees.
//!
//! **Architecture Invariant:** nothing is learnt by itself. A message becomes an example only when
//! an operator accepts it, and a message in which a secret was typed is never noted.

mod accept;
mod lessons;
mod notice;

pub use accept::{AcceptError, accept, marked};
pub use lessons::{Lesson, LessonKind, Lessons, Open};
pub use notice::noticed;
