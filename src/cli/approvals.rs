//! `steward approvals`: which runs wait for somebody's yes. Deciding needs a person the policy
//! knows, so it is done in a chat.

use std::process::ExitCode;

use jiff::Timestamp;
use steward::access::open_approvals;
use steward::config::Config;
use steward::start;

use super::block_on;

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let open = block_on(async {
        let memory = start::memory(config).await?;
        Ok(open_approvals(&*memory.store, Timestamp::now()).await?)
    })?;
    if open.is_empty() {
        println!("Nothing waits for approval.");
    }
    for approval in &open {
        let plan = &approval.plan;
        println!("{}  {}  asked by {}", approval.hash(), plan.template, plan.requester);
        for (name, given) in &plan.values {
            println!("    {name}: {}", given.value);
        }
        for needed in &approval.requirements {
            let who: Vec<_> = needed.roles.iter().chain(&needed.users).cloned().collect();
            println!(
                "    needs {} of {}, by the rule {}",
                needed.count,
                who.join(", "),
                needed.rule
            );
        }
        for vote in &approval.votes {
            println!("    approved by {} at {}", vote.by, vote.at);
        }
        println!("    until {}", approval.expires);
    }
    Ok(ExitCode::SUCCESS)
}
