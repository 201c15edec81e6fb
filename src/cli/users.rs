//! `steward users`: who is configured, linking accounts to them, and letting them in.

use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use steward::access::{ApiToken, Code, LINK_LIFETIME, Note, Notes, Rules};
use steward::catalog::Catalog;
use steward::channels::web;
use steward::config::Config;
use steward::start;

use super::block_on;

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
    /// Make a link by which the user logs in on the web page: once, within minutes
    Login {
        /// The id of the user in users.yaml
        user: String,
    },
    /// End the user's sessions on the web page, at once, and take back links not used yet
    Logout {
        /// The id of the user in users.yaml
        user: String,
    },
    /// Make a token by which a program acts as the user through the API; it is shown once
    Token {
        /// The id of the user in users.yaml
        user: String,
        /// What the token is for; unique among the user's
        #[arg(long)]
        name: String,
        /// How long it is good for, such as 30d or 12h [default: until it is revoked]
        #[arg(long, value_name = "TIME")]
        expires: Option<Span>,
    },
    /// List the tokens
    Tokens,
    /// Revoke a token, at once
    Revoke {
        /// The id of the user in users.yaml
        user: String,
        /// The name of the token
        #[arg(long)]
        name: String,
    },
}

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let directories = &config.directories;
    let catalog = Catalog::load(&directories.intents, &directories.training_data)?;
    let rules = Rules::load(&directories.access, &catalog)?;
    let act = async |notes: &Notes| args.action.run(&rules, config, notes).await;
    block_on(start::with_notes(config, act))?;
    Ok(ExitCode::SUCCESS)
}

impl Action {
    async fn run(self, rules: &Rules, config: &Config, notes: &Notes) -> anyhow::Result<()> {
        let keys = notes.keys();
        match self {
            Action::List => list(rules),
            Action::Link { code, user } => link(rules, notes, &code, &user).await?,
            Action::Login { user } => {
                account(rules, &user, web::NAME)?;
                let secret = keys.make_link(&user, &login_name(), Timestamp::now()).await?;
                println!("{}", web::login_url(config, &secret));
                let minutes = LINK_LIFETIME.as_mins();
                eprintln!(
                    "Lets {user} in once, within {minutes} minutes. Whoever has it can use it."
                );
            }
            Action::Logout { user } => {
                if rules.users().get(&user).is_none() {
                    bail!("there is no user `{user}` in users.yaml, so nobody is let in as them");
                }
                keys.end_sessions(&user, &login_name(), Timestamp::now()).await?;
                println!("Ended: {user} has to log in again. Tokens go on.");
            }
            Action::Token { user, name, expires } => {
                account(rules, &user, web::API)?;
                let created = Timestamp::now();
                let expires = expires.map(|span| end_of(created, span)).transpose()?;
                let token = ApiToken { user, name, by: login_name(), created, expires };
                println!("{}", keys.make_token(&token).await?);
                eprintln!("Shown this once. Whoever has it acts as {}.", token.user);
            }
            Action::Tokens => {
                for token in keys.tokens().await? {
                    let expires = token.expires.map_or("never".to_owned(), |at| at.to_string());
                    let ApiToken { user, name, by, created, .. } = token;
                    println!("{user}  {name}  made {created} by {by}  expires {expires}");
                }
            }
            Action::Revoke { user, name } => {
                if !keys.revoke(&user, &name).await? {
                    bail!("{user} has no token named `{name}`; `steward users tokens` lists them");
                }
                println!("Revoked: programs that use it are refused from now on.");
            }
        }
        Ok(())
    }
}

async fn link(rules: &Rules, notes: &Notes, code: &str, user: &str) -> anyhow::Result<()> {
    let Some(code) = Code::parse(code) else {
        bail!("`{code}` is mistyped: a code has eight letters and digits, as K7QF-2MXD");
    };
    known(rules, user)?;
    let note = Note { user: user.to_owned(), by: login_name() };
    notes.leave(&code, &note).await.context("the confirmation can't be stored")?;
    println!("Confirmed: the account that was given {code} becomes {user} with its next message.");
    println!("If the code has expired by then, nothing happens.");
    Ok(())
}

fn known(rules: &Rules, user: &str) -> anyhow::Result<()> {
    match rules.users().get(user) {
        None => bail!("there is no user `{user}` in users.yaml; add the person there first"),
        Some(known) if !known.enabled => bail!("the user `{user}` is disabled"),
        Some(_) => Ok(()),
    }
}

/// A key is for somebody who may come in that way.
fn account(rules: &Rules, user: &str, channel: &str) -> anyhow::Result<()> {
    known(rules, user)?;
    if rules.users().account_on(channel, user).is_none() {
        bail!(
            "the user `{user}` has no account on `{channel}`; add this under their `identities` \
             in users.yaml:\n      - {{channel: {channel}, id: {user}}}"
        );
    }
    Ok(())
}

fn end_of(start: Timestamp, span: Span) -> anyhow::Result<Timestamp> {
    let end = start.to_zoned_datetime(TimeZone::UTC).checked_add(span)?.timestamp();
    if end <= start {
        bail!("the token would have expired already");
    }
    Ok(end)
}

/// Who runs this command, as the system knows them.
fn login_name() -> String {
    std::env::var("USER").unwrap_or_else(|_| "unknown".to_owned())
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
