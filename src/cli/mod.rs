//! The command line: one file per subcommand, each with its `Args` and a `run`.
//!
//! **Architecture Invariant:** a subcommand reads its arguments, calls the library, and prints.
//! What it calls is in the library, so that everything can be tested without a process.

mod approvals;
mod audit;
mod catalog;
mod chat;
mod check;
mod errors;
mod evaluate;
mod fine_tune;
mod import;
mod parse;
mod platform;
mod policy;
mod review;
mod serve;
mod supervise;
mod train;
mod understanding;
mod users;

use std::future::Future;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use steward::config::{Config, DEFAULT_FILE};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// A chat assistant for operations teams: ask for a job in plain language, confirm it, watch it
/// run.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every subcommand takes.
#[derive(clap::Args)]
pub struct Globals {
    /// The configuration [default: steward.yaml in the current folder, if it is there]
    #[arg(long, global = true, env = "STEWARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Chat in the terminal; what `steward` alone does
    Chat(chat::Args),
    /// Run for long: every channel that is configured, and everything that is scheduled
    Serve(serve::Args),
    /// Say what messages are understood as, one JSON object a line
    Parse(parse::Args),
    /// Learn the catalogue
    Train(train::Args),
    /// Measure understanding, on a file or by cross-validation
    Evaluate(evaluate::Args),
    /// Make examples of what people had to pick or to say again
    Review(review::Args),
    /// Check who may do what, explain decisions, run the policy's cases
    Policy(policy::Args),
    /// Check, search and export the audit log
    Audit(audit::Args),
    /// List users, and link accounts to them
    Users(users::Args),
    /// List the runs that wait for approval
    Approvals(approvals::Args),
    /// Tell what went wrong, by the id that a person was shown
    Errors(errors::Args),
    /// Check the catalogue, and show every mistake in it
    Check(check::Args),
    /// Show what can be asked, as Markdown
    Catalog(catalog::Args),
    /// Try the job platforms that jobs run on
    Platform(platform::Args),
    /// Start one command and wait for it, whatever becomes of Steward
    #[command(hide = true)]
    Supervise(supervise::Args),
}

/// Runs the subcommand that the command line names, and reports what went wrong.
pub fn main() -> ExitCode {
    end_with_the_pipe();
    let cli = Cli::parse();
    let command = cli.command.unwrap_or(Command::Chat(chat::Args::default()));
    match run(command, &cli.globals) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("steward: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// Ends quietly where whoever reads the output has seen enough (`steward ... | head`): printing
/// panics then.
fn end_with_the_pipe() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload_as_str().unwrap_or_default();
        if text.starts_with("failed printing to stdout") && text.contains("Broken pipe") {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

/// The same where it comes as an error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        kind == Some(std::io::ErrorKind::BrokenPipe)
    })
}

/// An error with its causes, those left out that it tells of already.
fn told(error: &anyhow::Error) -> String {
    error.chain().skip(1).fold(error.to_string(), |told, cause| {
        let cause = cause.to_string();
        if told.contains(&cause) { told } else { format!("{told}: {cause}") }
    })
}

fn run(command: Command, globals: &Globals) -> anyhow::Result<ExitCode> {
    match command {
        Command::Parse(args) => parse::run(args, &globals.config()?),
        Command::Train(args) => train::run(args, &globals.config()?),
        Command::Evaluate(args) => evaluate::run(args, &globals.config()?),
        Command::Review(args) => review::run(args, &globals.config()?),
        Command::Policy(args) => policy::run(args, &globals.config()?),
        Command::Audit(args) => audit::run(args, &globals.config()?),
        Command::Users(args) => users::run(args, &globals.config()?),
        Command::Approvals(args) => approvals::run(args, &globals.config()?),
        Command::Chat(args) => chat::run(&args, &globals.config()?),
        Command::Serve(args) => serve::run(&args, globals.config()?),
        Command::Errors(args) => errors::run(&args, &globals.config()?),
        Command::Check(args) => check::run(&args, &globals.config()?),
        Command::Catalog(args) => catalog::run(args, &globals.config()?),
        Command::Platform(args) => platform::run(&args, &globals.config()?),
        Command::Supervise(args) => supervise::run(&args),
    }
}

impl Globals {
    /// The configuration that was named, or the one in the current folder, or the defaults.
    pub fn config(&self) -> anyhow::Result<Config> {
        match &self.config {
            Some(file) => Ok(Config::load(file)?),
            None if Path::new(DEFAULT_FILE).exists() => Ok(Config::load(Path::new(DEFAULT_FILE))?),
            None => Ok(Config::in_folder(Path::new(""))),
        }
    }
}

/// Runs something asynchronous to its end.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime can't be started")?
        .block_on(work)
}

/// Writes the log to stderr: warnings, unless `RUST_LOG` says otherwise.
pub fn log_to_stderr() {
    tracing_subscriber::fmt()
        .with_env_filter(filter(LevelFilter::WARN))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

/// Writes the log of a service to stderr: what happens, unless `RUST_LOG` says otherwise.
pub fn log_of_service(format: LogFormat) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter(LevelFilter::INFO))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

/// Writes the log to a file, where the screen belongs to somebody else.
pub fn log_to_file(file: std::fs::File) {
    tracing_subscriber::fmt()
        .with_env_filter(filter(LevelFilter::INFO))
        .with_ansi(false)
        .with_writer(file)
        .init();
}

fn filter(default: LevelFilter) -> EnvFilter {
    EnvFilter::builder().with_default_directive(default.into()).from_env_lossy()
}
