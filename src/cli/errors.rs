//! `steward errors`: what went wrong, for operators.

use std::process::ExitCode;

use anyhow::bail;
use steward::config::Config;
use steward::failures::{Failure, Journal};
use steward::nlu::values::presentable;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Tell the whole story of one failure
    Show {
        /// The id that a person was shown: E-1f3a9c2e
        id: String,
    },
    /// List the latest failures
    List {
        /// How many
        #[arg(long, short = 'n', default_value_t = 20)]
        count: usize,
    },
}

pub fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let journal = Journal::in_state(&config.directories.state);
    match &args.command {
        Command::Show { id } => match journal.find(id)? {
            Some(failure) => show(&failure),
            None => bail!("there is no failure {id} in {}", config.directories.state.display()),
        },
        Command::List { count } => {
            for failure in journal.latest(*count)? {
                let Failure { id, at, doing, .. } = &failure;
                let doing = presentable(doing).replace('\n', " ");
                println!("{id}  {at:.0}  {:<10}  {doing}", class(&failure));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(failure: &Failure) {
    println!("id     {}", failure.id);
    println!("time   {:.0}", failure.at);
    println!("class  {}", class(failure));
    if let Some(user) = &failure.user {
        println!("user   {user}");
    }
    if let Some(place) = &failure.place {
        println!("place  {} {}", place.channel, place.chat);
    }
    // What people wrote is in these: nothing of it is obeyed by the terminal.
    println!("doing  {}", presentable(&failure.doing).replace('\n', "\n       "));
    println!("story  {}", presentable(&failure.story).replace('\n', "\n       "));
}

fn class(failure: &Failure) -> String {
    // Every class has a name in JSON, which is a text.
    serde_json::to_value(failure.class)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}
