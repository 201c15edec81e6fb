//! The program itself, from its input to its output: what somebody at a terminal relies on.

mod command_line;
#[path = "../conversation/mod.rs"]
mod conversation;
mod crash;
#[path = "../conversation/over_channel.rs"]
mod over_channel;
mod project;
#[path = "../conversation/screen.rs"]
mod screen;
#[cfg(feature = "postgres")]
#[path = "../postgres/server.rs"]
mod server;
#[cfg(feature = "postgres")]
mod several;
mod shared;
mod start;
mod talk;
