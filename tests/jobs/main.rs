//! Runs on this machine: real commands, the real `steward` binary as their supervisor, real
//! authorisation; and how they come out when Steward is killed.

mod engines;
mod house;
mod local;
mod recorded;
mod thousand;
