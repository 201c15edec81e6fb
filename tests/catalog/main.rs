//! What an operator relies on when writing job templates and examples.

mod broken;
mod demo;
mod quirks;
mod shipped;
