//! `steward users`: who is configured, and linking accounts to them.

use std::process::ExitCode;

use anyhow::{Context, bail};
use steward::access::{Code, Note, Notes, Rules};
use steward::catalog::Catalog;
use steward::config::Config;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// List the users with their roles and accounts
    List,
    /// Confirm the code that somebody got from the bot: their account is linked to the user
    Link {
        /// The code, as K7QF-2MXD
        code: String,
        /// The id of the user in users.yaml
        #[arg(long)]
        user: String,
    },
}

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let directories = &config.directories;
    let catalog = Catalog::load(&directories.intents, &directories.training_data)?;
    let rules = Rules::load(&directories.access, &catalog)?;
    match args.action {
        Action::List => list(&rules),
        Action::Link { code, user } => {
            let Some(code) = Code::parse(&code) else {
                bail!("`{code}` is mistyped: a code has eight letters and digits, as K7QF-2MXD");
            };
            match rules.users().get(&user) {
                None => {
                    bail!("there is no user `{user}` in users.yaml; add the person there first")
                }
                Some(known) if !known.enabled => bail!("the user `{user}` is disabled"),
                Some(_) => {}
            }
            let by = std::env::var("USER").unwrap_or_else(|_| "unknown".to_owned());
            Notes::new(&directories.state)
                .leave(&code, &Note { user: user.clone(), by })
                .context("the confirmation can't be stored")?;
            println!(
                "Confirmed: the account that was given {code} becomes {user} with its next message."
            );
            println!("If the code has expired by then, nothing happens.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(rules: &Rules) {
    for user in rules.users().iter() {
        let state = if user.enabled { "" } else { "  disabled" };
        println!("{}  {}  {}{state}", user.id, user.name, user.roles.join(", "));
        for (channel, account) in rules.users().accounts_of(&user.id) {
            println!("    {channel} {account}");
        }
    }
}
