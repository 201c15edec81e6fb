//! The page and the API as a browser and a program meet them: the program itself, over HTTP.

mod api;
mod browser;
mod chat;
mod door;
mod pages;
mod people;
mod server;
