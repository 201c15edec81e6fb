//! `steward audit`: check, search and export the audit log.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;
use steward::access::audit::{Event, Filter, Record, export_csv, export_json, find, verify};
use steward::catalog::TemplateId;
use steward::config::Config;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Check the chain of the whole log, and name the first record that was changed or removed
    Verify,
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
    /// How runs ended: succeeded, failed, cancelled, timed_out, lost
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
    if !folder.exists() {
        println!("There is no audit log in {} yet.", folder.display());
        return Ok(ExitCode::SUCCESS);
    }
    match args.action {
        Action::Verify => {
            let verified = verify(&folder)?;
            println!(
                "The chain is whole: {} records in {} files.",
                verified.records, verified.files
            );
            println!("The last record's hash is {}", verified.hash);
            if verified.unfinished > 0 {
                println!(
                    "{} bytes at the end are a record that is being written, or that a crash cut \
                     off; starting Steward removes them.",
                    verified.unfinished
                );
            }
        }
        Action::Query { wanted, last } => {
            let records = find(&folder, &wanted.filter(), Some(last))?;
            for record in &records {
                println!("{}", line(record));
            }
            if records.is_empty() {
                println!("No record matches.");
            }
        }
        Action::Export { wanted, format, output } => {
            let records = find(&folder, &wanted.filter(), None)?;
            let to: Box<dyn Write> = match &output {
                Some(path) => Box::new(
                    std::fs::File::create(path)
                        .with_context(|| format!("{} can't be written", path.display()))?,
                ),
                None => Box::new(std::io::stdout().lock()),
            };
            match format {
                Format::Csv => export_csv(&records, to)?,
                Format::Json => export_json(&records, to)?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Wanted {
    fn filter(self) -> Filter {
        Filter {
            user: self.user,
            template: self.job.as_deref().map(TemplateId::from),
            from: self.from,
            to: self.to,
            event: self.event,
            result: self.outcome,
            execution: self.execution,
        }
    }
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
    // Values come from chats: no control character reaches the terminal.
    parts.join("  ").chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
