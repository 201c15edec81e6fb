//! `steward policy`: check the access files, explain decisions, run cases.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use steward::access::policy::{Decision, Effect, Outcome, Verdict, run_cases};
use steward::access::{Asked, Permission, Place, Rules};
use steward::catalog::{Catalog, JobTemplate, TemplateId, Value, Values};
use steward::channels::NAMES;
use steward::config::Config;
use steward::nlu::values::{Reference, interpret};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Check users, policy, compliance and limits, and report every mistake
    Check,
    /// Say what the policy decides, by which rule, and what every other rule made of it
    Explain(Explain),
    /// Run cases that are kept as data, and say which went otherwise
    Test {
        /// Files of cases; without any, those in the folder policy/tests of the access files
        files: Vec<PathBuf>,
    },
}

#[derive(clap::Args)]
struct Explain {
    /// The id of the user
    #[arg(long, value_name = "USER")]
    user: String,
    /// The job to run
    #[arg(long, value_name = "TEMPLATE")]
    run: Option<TemplateName>,
    /// What to do, if it is not running a job
    #[arg(long, conflicts_with = "run")]
    command: Option<Permission>,
    /// Where it is asked
    #[arg(long, default_value = "terminal", value_parser = PossibleValuesParser::new(NAMES))]
    channel: String,
    #[arg(long, default_value = "any")]
    chat: String,
    /// When it is asked, as 2026-03-12T23:00:00Z [default: now]
    #[arg(long)]
    at: Option<Timestamp>,
    /// Whether what it is about belongs to somebody else
    #[arg(long)]
    others: bool,
    /// Values of the job's parameters: environment=production
    #[arg(value_name = "PARAMETER=VALUE")]
    values: Vec<String>,
}

type TemplateName = String;

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let directories = &config.directories;
    let catalog = Catalog::load(&directories.intents, &directories.training_data)?;
    let rules = Rules::load(&directories.access, &catalog)?;
    match args.action {
        Action::Check => {
            let users = rules.users().iter().count();
            println!("The access files are right: {users} users, {} rules.", rules.rule_count());
            rules.warnings().iter().for_each(|warning| println!("warning: {warning}"));
            Ok(ExitCode::SUCCESS)
        }
        Action::Explain(explain) => explain.run(&rules, &catalog),
        Action::Test { files } if files.is_empty() => {
            test(&rules, &case_files(&directories.access.join("policy/tests"))?)
        }
        Action::Test { files } => test(&rules, &files),
    }
}

impl Explain {
    fn run(&self, rules: &Rules, catalog: &Catalog) -> anyhow::Result<ExitCode> {
        let template = self.run.as_deref().map(TemplateId::from);
        let command = self.command.unwrap_or(Permission::Run);
        if command == Permission::Run && template.is_none() {
            bail!("say which job (--run TEMPLATE), or another --command");
        }
        let job = match &template {
            Some(id) => {
                Some(catalog.job(id).with_context(|| format!("there is no job template {id}"))?)
            }
            None => None,
        };
        let values = match job {
            Some(job) => read_values(job, &self.values)?,
            None if self.values.is_empty() => Values::new(),
            None => bail!("values belong to a job: give --run TEMPLATE"),
        };
        let now = self.at.unwrap_or_else(Timestamp::now);
        let asked = Asked {
            template: template.as_ref(),
            values: template.as_ref().map(|_| &values),
            own: Some(!self.others),
            ..Asked::command(
                &self.user,
                command,
                Place { channel: &self.channel, chat: &self.chat },
            )
        };
        let decision = rules.explain(&asked, now)?;
        print_decision(&decision);
        let talk = Asked::command(&self.user, Permission::UseChatops, asked.place);
        let may_talk = rules.may(&talk, now);
        if let Err(refusal) = &may_talk {
            println!("\nBut {} may not talk to Steward there: {refusal}", self.user);
        }
        let allowed = decision.is_allowed() && may_talk.is_ok();
        Ok(if allowed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn print_decision(decision: &Decision) {
    match &decision.verdict {
        Verdict::Allowed { rule } => println!("allowed by {rule}"),
        Verdict::Denied { rule, reason } => {
            println!("denied by {rule}");
            if let Some(reason) = reason {
                println!("  {}\n  {}", reason.en, reason.zh);
            }
        }
        Verdict::NotAllowed { ask_for } if ask_for.is_empty() => {
            println!("refused: no rule allows it");
        }
        Verdict::NotAllowed { ask_for } => {
            println!("refused: no rule allows it; these roles might: {}", ask_for.join(", "));
        }
    }
    println!("\nEvery rule:");
    for considered in &decision.considered {
        let effect = match considered.effect {
            Effect::Allow => "allow",
            Effect::Deny => "deny ",
        };
        let outcome = match considered.outcome {
            Outcome::Applies => "applies".to_owned(),
            Outcome::MayApply => "may apply, depending on values".to_owned(),
            Outcome::DoesNotApply(field) => format!("does not apply: {field}"),
            Outcome::Excepted => "does not apply: an exception holds".to_owned(),
        };
        println!("  {effect}  {}: {outcome}", considered.rule);
    }
}

/// The values as the conversation would give them to the job: canonical, with defaults.
fn read_values(job: &JobTemplate, given: &[String]) -> anyhow::Result<Values> {
    let reference = Reference { now: jiff::ZonedDateTime::now() };
    let mut values: BTreeMap<String, Value> = job
        .parameters
        .iter()
        .filter_map(|p| p.default.clone().map(|default| (p.name.clone(), default)))
        .collect();
    for pair in given {
        let (name, text) =
            pair.split_once('=').with_context(|| format!("`{pair}` is not PARAMETER=VALUE"))?;
        let parameter = job.parameter(name).with_context(|| {
            let names: Vec<_> = job.parameters.iter().map(|p| p.name.as_str()).collect();
            format!("{} has no parameter `{name}`; there are {}", job.id, names.join(", "))
        })?;
        let readings = interpret(text, parameter, &reference)?;
        let value =
            readings.into_iter().next().with_context(|| format!("`{text}` means nothing"))?;
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

fn case_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("{} can't be read", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn test(rules: &Rules, files: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let (mut cases, mut failures) = (0, 0);
    for file in files {
        for report in run_cases(rules, file)? {
            cases += 1;
            if let Some(failure) = report.failure {
                failures += 1;
                println!("{}:{}: {}: {failure}", file.display(), report.line, report.name);
            }
        }
    }
    println!("{cases} cases, {failures} failed");
    Ok(if failures == 0 && cases > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
