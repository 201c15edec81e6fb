//! The output of a run, piece by piece.

use serde::Serialize;

use super::{Bot, Caller, ViewError};
use crate::access::Permission;
use crate::bot::Trouble;
use crate::bot::queries::logs::end_of;
use crate::jobs::platform::Platform;
use crate::jobs::report;

/// Bytes that are given at once.
const CHUNK: usize = 64 * 1024;

/// A piece of an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogPart {
    pub text: String,
    /// Where the next piece begins.
    pub next: u64,
    /// Nothing will follow.
    pub complete: bool,
}

impl Bot {
    /// The output from a place on, as people read it: without what the run tells Steward alone.
    ///
    /// # Errors
    ///
    /// When there is no such run, this person may not read its output, or its platform fails.
    pub async fn run_log(
        &self,
        caller: &Caller,
        number: u64,
        from: u64,
    ) -> Result<LogPart, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = format!("reading the log of #{number}");
        let execution = seat.execution(number, &doing).await?;
        seat.permit_on(Permission::Logs, &execution, &doing).await?;
        let over = execution.state.is_final();
        let Some(reference) = &execution.reference else {
            return Ok(LogPart { text: String::new(), next: 0, complete: over });
        };
        let platform =
            seat.core.platforms.get(&execution.platform).ok_or_else(|| {
                seat.explain(Trouble::NoPlatform(execution.platform.clone()), &doing)
            })?;
        let chunk = platform.log(reference, from, CHUNK).await;
        let chunk = chunk.map_err(|error| seat.failed(error, &doing))?;
        let lines = report::readable(&chunk.text);
        let text = lines.iter().map(|line| format!("{line}\n")).collect();
        let complete = over && (chunk.complete || chunk.next == from);
        Ok(LogPart { text, next: chunk.next, complete })
    }

    /// The last lines of the output.
    ///
    /// # Errors
    ///
    /// As [`Bot::run_log`].
    pub async fn run_log_tail(
        &self,
        caller: &Caller,
        number: u64,
        lines: usize,
    ) -> Result<LogPart, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = format!("reading the log of #{number}");
        let execution = seat.execution(number, &doing).await?;
        seat.permit_on(Permission::Logs, &execution, &doing).await?;
        let complete = execution.state.is_final();
        let platform = seat.core.platforms.get(&execution.platform);
        let (Some(reference), Some(platform)) = (&execution.reference, platform) else {
            return Ok(LogPart { text: String::new(), next: 0, complete });
        };
        let platform: &dyn Platform = &**platform;
        let text = end_of(platform, reference).await;
        let all = report::readable(&text.map_err(|error| seat.failed(error, &doing))?);
        let text = all[all.len().saturating_sub(lines)..].join("\n");
        Ok(LogPart { text, next: 0, complete })
    }
}
