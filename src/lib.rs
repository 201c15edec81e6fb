//! Steward: a chat assistant for operations teams.
//!
//! The rooms of this house, and the way a message takes through them, are described in
//! `ARCHITECTURE.md`. Each room states here, at its top, what it does and what it never does.

pub mod access;
pub mod bot;
pub mod catalog;
pub mod channels;
pub mod config;
pub mod dialogue;
pub mod failures;
#[cfg(test)]
mod hostile;
pub mod jobs;
mod lanes;
pub mod lines;
pub mod nlu;
pub mod observe;
pub mod outbox;
pub mod plan;
pub mod reload;
pub mod reply;
pub mod review;
pub mod serving;
pub mod start;
pub mod store;
pub mod yaml;
