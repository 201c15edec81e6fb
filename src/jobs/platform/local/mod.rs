//! The local platform: runs commands on this machine.
//!
//! A run has a folder, named after its idempotency key, and a supervisor, a small process that
//! starts the command, waits for it and writes down how it ended. The supervisor and the command
//! outlive Steward: after a crash a run is found again by its folder, and settled by what is
//! written there.
//!
//! **Architecture Invariant:** a command is an argument vector, never a shell line. It is started
//! at most once per folder: the right to start it is a file that can be made only once, and is on
//! disk before the command runs.

mod arguments;
mod look;
mod output;
mod process;
mod prune;
mod rundir;
mod supervise;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use self::look::{live_command, read_log, status_of};
use self::process::ProcessId;
use self::rundir::{Launch, Marker, RunDir};
use super::{
    IdempotencyKey, LogChunk, Platform, PlatformError, Reference, Status, Templates, template_of,
};
use crate::access::AuthorizedRun;
use crate::catalog::{Argument, Target, Values};
use crate::jobs::Sample;

pub use self::arguments::{ArgumentError, fill};
pub use self::prune::{Ended, to_forget};
pub use self::supervise::supervise;

/// Runs commands on this machine.
pub struct LocalPlatform {
    settings: LocalSettings,
    templates: Arc<dyn Templates>,
}

/// Where the local platform finds things.
#[derive(Debug, Clone)]
pub struct LocalSettings {
    /// Where the runs' folders are kept.
    pub runs: PathBuf,
    /// Where commands are run: relative programs in templates are meant from here.
    pub folder: PathBuf,
    /// The `steward` binary, which supervises.
    pub supervisor: PathBuf,
    /// A run that was asked to end has so long until it is killed.
    pub grace: Duration,
    /// So many bytes of a run's output are kept from its beginning.
    pub output_cap: u64,
    /// Names of further variables of Steward's own environment that a command gets.
    pub environment: Vec<String>,
}

impl LocalSettings {
    /// The usual settings: this very program supervises, 10 seconds to end, 16 MiB of output.
    pub fn new(runs: &Path, folder: &Path) -> io::Result<LocalSettings> {
        Ok(LocalSettings {
            runs: runs.to_owned(),
            folder: folder.to_owned(),
            supervisor: std::env::current_exe()?,
            grace: Duration::from_secs(10),
            output_cap: 16 * 1024 * 1024,
            environment: Vec::new(),
        })
    }
}

/// What a command that was asked a question answered: a template's `check` or `suggest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// It ended with status 0.
    pub success: bool,
    /// What it said, line by line; of the error output only where there was no other.
    pub lines: Vec<String>,
}

/// Variables of Steward's own environment that a command gets too.
const INHERITED: [&str; 8] = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// So long a supervisor may take to begin.
const BEGIN: Duration = Duration::from_secs(30);

/// Bytes of an answer that are read.
const ANSWER: usize = 64 * 1024;

const NAME: &str = "local";

impl LocalPlatform {
    /// Makes the folder of runs where there is none.
    pub fn new(
        mut settings: LocalSettings,
        templates: Arc<dyn Templates>,
    ) -> io::Result<LocalPlatform> {
        std::fs::create_dir_all(&settings.runs)?;
        settings.runs = settings.runs.canonicalize()?;
        settings.folder = settings.folder.canonicalize()?;
        Ok(LocalPlatform { settings, templates })
    }

    /// Puts a question to a command and waits for the answer. Such a command changes nothing, by
    /// the catalogue's contract, and runs no job.
    pub async fn ask(
        &self,
        command: &[Argument],
        values: &Values,
        limit: Duration,
    ) -> Result<Answer, PlatformError> {
        let arguments = fill(command, values).map_err(refused)?;
        // `fill` returns at least the program.
        let mut child = Command::new(self.program(&arguments[0]));
        child
            .args(&arguments[1..])
            .current_dir(&self.settings.folder)
            .env_clear()
            .envs(inherited(&self.settings.environment))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .process_group(0);
        let output = tokio::time::timeout(limit, child.output())
            .await
            .map_err(|_| unreachable(format!("{} took longer than {limit:?}", arguments[0])))?
            .map_err(|error| PlatformError::Refused(format!("{}: {error}", arguments[0])))?;
        let said = if output.stdout.iter().all(u8::is_ascii_whitespace) {
            output.stderr
        } else {
            output.stdout
        };
        let text = String::from_utf8_lossy(&said[..said.len().min(ANSWER)]).into_owned();
        Ok(Answer {
            success: output.status.success(),
            lines: text
                .lines()
                .map(|line| line.trim().to_owned())
                .filter(|line| !line.is_empty())
                .collect(),
        })
    }

    fn program(&self, name: &str) -> PathBuf {
        if name.contains('/') { self.settings.folder.join(name) } else { name.into() }
    }

    fn launch_of(
        &self,
        run: &AuthorizedRun,
        key: &IdempotencyKey,
    ) -> Result<Launch, PlatformError> {
        let template = template_of(&*self.templates, run)?;
        let Target::Command(command) = &template.run.target else {
            return Err(PlatformError::Refused(format!(
                "template '{}' names no command, so the local platform can't run it",
                template.id
            )));
        };
        let mut environment: BTreeMap<String, String> =
            inherited(&self.settings.environment).collect();
        environment.insert("STEWARD_KEY".into(), key.0.clone());
        environment.insert("STEWARD_TEMPLATE".into(), template.id.to_string());
        environment.insert("STEWARD_REQUESTER".into(), run.requester().to_owned());
        environment.insert("STEWARD_PLAN".into(), run.plan().to_string());
        Ok(Launch {
            arguments: fill(command, run.values()).map_err(refused)?,
            folder: self.settings.folder.clone(),
            environment,
            timeout_ms: millis(template.run.timeout),
            grace_ms: millis(self.settings.grace),
            output_cap: self.settings.output_cap,
        })
    }

    /// Makes the run's folder and sees that it has, or had, a supervisor.
    async fn launch(
        &self,
        launch: Launch,
        key: &IdempotencyKey,
    ) -> Result<Reference, PlatformError> {
        let run = self.run_dir(key)?;
        let folder = run.clone();
        let marker = on_disk(move || {
            folder.create(&launch)?;
            folder.marker()
        })
        .await?;
        match marker {
            Some(Marker::Supervisor(_)) => {}
            Some(Marker::Abandoned) => {
                return Err(PlatformError::Refused(
                    "this run was given up before it started; ask for it again".into(),
                ));
            }
            None => self.begin(&run).await?,
        }
        Ok(Reference(key.0.clone()))
    }

    async fn begin(&self, run: &RunDir) -> Result<(), PlatformError> {
        let complaints = run.create_file("supervisor.log").map_err(disk)?;
        let mut supervisor = Command::new(&self.settings.supervisor)
            .arg("supervise")
            .arg(run.path())
            .current_dir(&self.settings.runs)
            .env_clear()
            .envs(inherited(&self.settings.environment))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .spawn()
            .map_err(|error| {
                let path = self.settings.supervisor.display();
                PlatformError::Refused(format!("{path} can't be run: {error}"))
            })?;
        let mut line = String::new();
        if let Some(stdout) = supervisor.stdout.take() {
            let mut stdout = BufReader::new(stdout);
            let read = tokio::time::timeout(BEGIN, stdout.read_line(&mut line));
            match read.await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(unreachable(error.to_string())),
                Err(_) => return Err(unreachable("the supervisor does not begin".into())),
            }
        }
        if line.trim_end() == supervise::STARTED {
            return Ok(());
        }
        // It ended without a claim, so it started nothing.
        let complaint = std::fs::read_to_string(run.path().join("supervisor.log"));
        let complaint = complaint.unwrap_or_default();
        Err(PlatformError::Refused(format!("the supervisor failed: {}", complaint.trim())))
    }

    fn run_dir(&self, key: &IdempotencyKey) -> Result<RunDir, PlatformError> {
        if key.is_valid() {
            Ok(RunDir::at(self.settings.runs.join(&key.0)))
        } else {
            Err(PlatformError::Unknown { platform: NAME.into(), reference: key.0.clone() })
        }
    }

    fn known(&self, reference: &Reference) -> Result<RunDir, PlatformError> {
        let run = self.run_dir(&IdempotencyKey(reference.0.clone()))?;
        if run.exists() {
            Ok(run)
        } else {
            Err(PlatformError::Unknown { platform: NAME.into(), reference: reference.0.clone() })
        }
    }
}

#[async_trait]
impl Platform for LocalPlatform {
    async fn start(
        &self,
        run: &AuthorizedRun,
        key: &IdempotencyKey,
    ) -> Result<Reference, PlatformError> {
        self.launch(self.launch_of(run, key)?, key).await
    }

    async fn find(&self, key: &IdempotencyKey) -> Result<Option<Reference>, PlatformError> {
        let run = self.run_dir(key)?;
        let reference = Reference(key.0.clone());
        on_disk(move || {
            if !run.exists() {
                return Ok(None);
            }
            // A supervisor may have been called and not have come to its claim yet. Whoever
            // claims first decides.
            if run.marker()?.is_none() && run.claim(&Marker::Abandoned)? {
                return Ok(None);
            }
            Ok(match run.marker()? {
                Some(Marker::Supervisor(_)) => Some(reference),
                Some(Marker::Abandoned) | None => None,
            })
        })
        .await
    }

    async fn status(&self, reference: &Reference) -> Result<Status, PlatformError> {
        let run = self.known(reference)?;
        on_disk(move || status_of(&run)).await
    }

    async fn cancel(&self, reference: &Reference) -> Result<(), PlatformError> {
        let run = self.known(reference)?;
        let grace = self.settings.grace;
        let orphan = on_disk(move || {
            if run.exit()?.is_some() {
                return Ok(None);
            }
            run.request_cancel()?;
            if wake(&run) { Ok(None) } else { live_command(&run) }
        })
        .await?;
        if let Some(command) = orphan {
            signal(&command, Signal::TERM);
            tokio::spawn(async move {
                tokio::time::sleep(grace).await;
                signal(&command, Signal::KILL);
            });
        }
        Ok(())
    }

    async fn log(
        &self,
        reference: &Reference,
        from: u64,
        limit: usize,
    ) -> Result<LogChunk, PlatformError> {
        let run = self.known(reference)?;
        on_disk(move || read_log(&run, from, limit)).await
    }

    async fn usage(&self, reference: &Reference) -> Result<Vec<Sample>, PlatformError> {
        let run = self.known(reference)?;
        on_disk(move || run.samples()).await
    }
}

/// Wakes the run's supervisor; `false` when there is none.
fn wake(run: &RunDir) -> bool {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::open(run.control(), flags, Mode::empty()) {
        // A full FIFO has woken it already.
        Ok(control) => {
            matches!(rustix::io::write(&control, b"c"), Ok(_) | Err(rustix::io::Errno::AGAIN))
        }
        Err(_) => false,
    }
}

/// Signals the whole group of a command whose supervisor is gone.
fn signal(command: &ProcessId, signal: Signal) {
    if let Some(group) = Pid::from_raw(command.pid).filter(|_| command.is_alive()) {
        // It may have ended since; then there is nothing to do.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

/// The usual variables, and those that the configuration names, as far as they are set.
fn inherited(more: &[String]) -> impl Iterator<Item = (String, String)> {
    let names = INHERITED.into_iter().chain(more.iter().map(String::as_str));
    names.filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn refused(error: ArgumentError) -> PlatformError {
    PlatformError::Refused(error.to_string())
}

fn unreachable(reason: String) -> PlatformError {
    PlatformError::Unreachable { platform: NAME.into(), reason }
}

fn disk(error: io::Error) -> PlatformError {
    unreachable(format!("the run's folder: {error}"))
}

/// File work leaves the threads that serve messages alone.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, PlatformError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| unreachable(error.to_string()))?
        .map_err(disk)
}

#[cfg(test)]
mod tests;
