//! `steward audit`: check, search and export the audit log.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use steward::access::audit::{Event, Filter, Record, export_csv, export_json, find, verify};
use steward::access::{Rules, acknowledge_loss, check_folder};
use steward::catalog::{Catalog, TemplateId};
use steward::config::{Config, Place};
use steward::jobs::ExecutionState;
use steward::nlu::values::{is_deceptive, presentable};
use steward::start::{self, StartError};
use steward::store::StoreError;

use super::block_on;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Check the chain of the whole log, and name the first record that was changed or removed
    Verify,
    /// Say that the log is lost for good, so that Steward starts again: the new log begins with it
    Acknowledge {
        /// What became of the log
        #[arg(long)]
        reason: String,
    },
    /// Show records, the newest last
    Query {
        #[command(flatten)]
        wanted: Wanted,
        /// At most this many, the newest
        #[arg(long, default_value_t = 50)]
        last: usize,
    },
    /// Write records for other programs
    Export {
        #[command(flatten)]
        wanted: Wanted,
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        /// Where to write [default: standard output]
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
struct Wanted {
    /// Records about this user
    #[arg(long)]
    user: Option<String>,
    /// Records about this job template
    #[arg(long, value_name = "TEMPLATE")]
    job: Option<String>,
    /// From this moment on, as 2026-03-12T00:00:00Z
    #[arg(long)]
    from: Option<Timestamp>,
    /// Before this moment
    #[arg(long)]
    to: Option<Timestamp>,
    /// What happened: run_authorized, run_refused, run_finished, break_glass, approved ...
    #[arg(long, value_parser = event)]
    event: Option<Event>,
    /// How runs ended: succeeded, failed, cancelled, timed_out, lost, not_started
    #[arg(long)]
    outcome: Option<String>,
    /// The number of an execution
    #[arg(long)]
    execution: Option<u64>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Csv,
    Json,
}

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let folder = config.directories.audit();
    let action = match args.action {
        Action::Acknowledge { reason } => return acknowledge(&reason, config),
        other => other,
    };
    if !folder.exists() {
        // A store that knows of records says so first.
        compare(config, true)?;
        println!("There is no audit log in {} yet.", folder.display());
        return Ok(ExitCode::SUCCESS);
    }
    match action {
        Action::Acknowledge { .. } => {}
        Action::Verify => {
            let verified = verify(&folder)?;
            let (records, files) = (verified.records, verified.files);
            // The last records of a chain can be cut off, and it is a chain still.
            println!("{records} records in {files} files follow from each other.");
            println!("The last record's hash is {}", verified.hash);
            if verified.unfinished > 0 {
                println!(
                    "{} bytes at the end are a record that is being written, or that a crash cut \
                     off; starting Steward removes them.",
                    verified.unfinished
                );
            }
            compare(config, false)?;
            println!("The log is whole: it holds the last record that the store knows.");
        }
        Action::Query { wanted, last } => {
            let records = find(&folder, &wanted.filter(&folder, config)?, Some(last))?;
            for record in &records {
                println!("{}", line(record));
            }
            if records.is_empty() {
                println!("No record matches.");
            }
        }
        Action::Export { wanted, format, output } => {
            let records = find(&folder, &wanted.filter(&folder, config)?, None)?;
            let mut text = Vec::new();
            match format {
                Format::Csv => export_csv(&records, &mut text)?,
                Format::Json => export_json(&records, &mut text)?,
            }
            match &output {
                Some(path) => std::fs::write(path, text)
                    .with_context(|| format!("{} can't be written", path.display()))?,
                // What people said is not to move the cursor of whoever looks at it.
                None => {
                    let text = String::from_utf8_lossy(&text);
                    std::io::stdout().lock().write_all(presentable(&text).as_bytes())?;
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares the log with what the store remembers of it; `may_be_new`: that there is no store yet
/// is no reason to doubt it.
///
/// # Errors
///
/// Where the log lacks what the store knows, and where the store can't be asked: nothing is said to
/// be whole that was not compared.
fn compare(config: &Config, may_be_new: bool) -> anyhow::Result<()> {
    let is_own = matches!(config.store, Place::State);
    if is_own && !config.directories.state.join("store").exists() {
        if may_be_new {
            return Ok(());
        }
        bail!(
            "there is no store in {} that would say which record was the last, so nobody can tell \
             whether the log was cut at its end",
            config.directories.state.display()
        );
    }
    block_on(async {
        let memory = start::memory(config).await.map_err(|error| match error {
            StartError::Store(StoreError::Held(_)) => anyhow!(
                "a running Steward has the store, which says which record was the last, so nobody \
                 can tell now whether the log was cut at its end. Steward itself runs nothing \
                 once its log is touched; to have it verified, stop Steward first"
            ),
            error => error.into(),
        })?;
        Ok(check_folder(&*memory.store, &config.directories.audit()).await?)
    })
}

fn acknowledge(reason: &str, config: &Config) -> anyhow::Result<ExitCode> {
    if reason.trim().is_empty() {
        bail!("say what became of the log: --reason \"...\"");
    }
    let log = start::audit_log(config)?;
    let by = format!("login:{}", std::env::var("USER").unwrap_or_else(|_| "unknown".to_owned()));
    let now = Timestamp::now();
    let head = block_on(async {
        let memory = start::memory(config).await?;
        let work = memory.join().await?;
        let store = memory.store.clone();
        let head = acknowledge_loss(&*store, &log, &by, reason.trim(), now).await?;
        work.give_back().await;
        Ok(head)
    })?;
    println!("Record {} says so. Steward starts again.", head.seq);
    Ok(ExitCode::SUCCESS)
}

impl Wanted {
    /// What is asked for; a user, job or outcome that neither the files nor the log know is a
    /// slip of the pen, and would silently find nothing.
    fn filter(self, folder: &Path, config: &Config) -> anyhow::Result<Filter> {
        let records = || find(folder, &Filter::default(), None);
        if let Some(user) = &self.user {
            let mut known: BTreeSet<String> =
                records()?.into_iter().filter_map(|record| record.entry.user).collect();
            if let Ok(rules) = rules(config) {
                known.extend(rules.users().iter().map(|user| user.id.clone()));
            }
            one_of("user", user, &known)?;
        }
        if let Some(job) = &self.job {
            let seen = records()?.into_iter().filter_map(|record| record.entry.template);
            let mut known: BTreeSet<String> = seen.map(|id| id.to_string()).collect();
            if let Ok(catalog) = catalog(config) {
                known.extend(catalog.jobs().iter().map(|job| job.id.to_string()));
            }
            one_of("job", job, &known)?;
        }
        if let Some(outcome) = &self.outcome {
            let last = ExecutionState::ALL.into_iter().filter(|state| state.is_final());
            let known = last.map(|state| state.to_string()).chain(["not_started".to_owned()]);
            one_of("outcome", outcome, &known.collect())?;
        }
        Ok(Filter {
            user: self.user,
            template: self.job.as_deref().map(TemplateId::from),
            from: self.from,
            to: self.to,
            event: self.event,
            result: self.outcome,
            execution: self.execution,
        })
    }
}

fn catalog(config: &Config) -> anyhow::Result<Catalog> {
    let directories = &config.directories;
    Ok(Catalog::load(&directories.intents, &directories.training_data)?)
}

fn rules(config: &Config) -> anyhow::Result<Rules> {
    Ok(Rules::load(&config.directories.access, &catalog(config)?)?)
}

fn one_of(what: &str, given: &str, known: &BTreeSet<String>) -> anyhow::Result<()> {
    if !known.contains(given) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        bail!("there is no {what} `{given}`; there are {}", known.join(", "));
    }
    Ok(())
}

fn event(name: &str) -> Result<Event, String> {
    Event::ALL.into_iter().find(|event| event.as_str() == name).ok_or_else(|| {
        let all: Vec<_> = Event::ALL.iter().map(|event| event.as_str()).collect();
        format!("there are {}", all.join(", "))
    })
}

fn line(record: &Record) -> String {
    let entry = &record.entry;
    let mut parts = vec![
        record.seq.to_string(),
        record.time.to_string(),
        entry.event.to_string(),
        entry.user.clone().unwrap_or_else(|| "-".to_owned()),
    ];
    parts.extend(entry.execution.map(|number| format!("#{number}")));
    parts.extend(entry.template.as_ref().map(ToString::to_string));
    parts.extend(entry.parameters.iter().map(|(name, given)| format!("{name}={}", given.value)));
    parts.extend(entry.result.clone());
    parts.extend(entry.reason.as_ref().map(|reason| format!("({reason})")));
    // Values come from chats: nothing that moves or turns what is shown reaches the terminal.
    parts.join("  ").chars().map(|c| if is_deceptive(c) { ' ' } else { c }).collect()
}
