//! The program itself, from its input to its output: what somebody at a terminal relies on.

mod command_line;
mod conversation;
mod crash;
mod project;
mod start;
