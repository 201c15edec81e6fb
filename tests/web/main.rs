//! The page and the API as a browser and a program meet them: the program itself, over HTTP.

mod api;
mod bridge;
mod browser;
mod chat;
#[path = "../conversation/mod.rs"]
mod conversation;
mod description;
mod door;
#[path = "../conversation/over_channel.rs"]
mod over_channel;
mod pages;
mod people;
#[path = "../conversation/screen.rs"]
mod screen;
mod server;
mod shared;
