//! The program: `steward` chats in the terminal, its subcommands do the rest.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
