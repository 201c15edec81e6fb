//! The program itself, from its input to its output: what somebody at a terminal relies on.

mod command_line;
mod conversation;
mod crash;
mod project;
#[cfg(feature = "postgres")]
#[path = "../postgres/server.rs"]
mod server;
mod start;
#[cfg(feature = "postgres")]
mod two;
