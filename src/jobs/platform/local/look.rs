//! What a run's folder says: how the run stands, and what it said.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use rustix::process::Signal;

use super::process::ProcessId;
use super::rundir::{EndedBy, Exit, Marker, RunDir};
use crate::jobs::platform::{LogChunk, Status};
use crate::jobs::{ExecutionState, Outcome, reason};

/// How a run stands, by what is written in its folder and what the kernel says.
pub(super) fn status_of(run: &RunDir) -> io::Result<Status> {
    if let Some(exit) = run.exit()? {
        return Ok(ended(exit));
    }
    let supervisor = match run.marker()? {
        None => return Ok(going(ExecutionState::Starting)),
        Some(Marker::Abandoned) => {
            let exit = Exit {
                by: EndedBy::NotRun,
                code: None,
                signal: None,
                error: Some(reason::NEVER_STARTED.into()),
                resources: None,
            };
            return Ok(ended(exit));
        }
        Some(Marker::Supervisor(supervisor)) => supervisor,
    };
    if supervisor.is_alive() || live_command(run)?.is_some() {
        return Ok(going(ExecutionState::Running));
    }
    // It may have written the end and left between the two looks.
    match run.exit()? {
        Some(exit) => Ok(ended(exit)),
        None => Ok(Status { state: ExecutionState::Lost, outcome: None, progress: None }),
    }
}

fn going(state: ExecutionState) -> Status {
    Status { state, outcome: None, progress: None }
}

fn ended(exit: Exit) -> Status {
    let state = match exit.by {
        EndedBy::Cancel => ExecutionState::Cancelled,
        EndedBy::TimeLimit => ExecutionState::TimedOut,
        EndedBy::Itself if exit.code == Some(0) => ExecutionState::Succeeded,
        EndedBy::Itself | EndedBy::NotRun => ExecutionState::Failed,
    };
    let by_signal = exit.signal.map(|number| match Signal::from_named_raw(number) {
        Some(signal) => format!("signal {number} ({signal:?})"),
        None => format!("signal {number}"),
    });
    Status {
        state,
        outcome: Some(Outcome {
            exit_code: exit.code,
            message: exit.error.or(by_signal),
            resources: exit.resources,
        }),
        progress: None,
    }
}

/// The run's command, if it is still there.
pub(super) fn live_command(run: &RunDir) -> io::Result<Option<ProcessId>> {
    Ok(run.command()?.filter(ProcessId::is_alive))
}

/// Output from a byte offset on; a piece never ends within a character. `limit` is at least 4.
pub(super) fn read_log(run: &RunDir, from: u64, limit: usize) -> io::Result<LogChunk> {
    // Asked before reading: an output that is complete now has nothing after its end.
    let complete = run.exit()?.is_some();
    let mut bytes = Vec::new();
    match File::open(run.output()) {
        Ok(mut file) => {
            file.seek(SeekFrom::Start(from))?;
            file.take(limit as u64).read_to_end(&mut bytes)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let at_end = bytes.len() < limit;
    if !(complete && at_end) {
        bytes.truncate(whole_characters(&bytes));
    }
    Ok(LogChunk {
        next: from + bytes.len() as u64,
        text: String::from_utf8_lossy(&bytes).into_owned(),
        complete: complete && at_end,
    })
}

/// The length of the part that doesn't end within a character: the rest of it is yet to come.
pub(super) fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        // A character that is only cut off at the end has no error length. What is longer than
        // that is no character at all, and must not hold up the reading.
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => {
            let tail = bytes.len().saturating_sub(3);
            let cut = bytes[tail..].iter().rposition(|&byte| byte >= 0xc0).map(|at| tail + at);
            match cut {
                Some(at)
                    if std::str::from_utf8(&bytes[at..])
                        .is_err_and(|e| e.error_len().is_none()) =>
                {
                    at
                }
                _ => bytes.len(),
            }
        }
    }
}
