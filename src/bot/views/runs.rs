//! Runs: what goes on, and what there was.

use serde::Serialize;

use super::{Bot, Caller, Seat, ViewError};
use crate::access::Permission;
use crate::jobs::{Execution, Query};

/// Runs that are over, on one page.
const PAGE: usize = 30;

/// Runs that this person may know of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Runs {
    /// Not over yet, the latest first.
    pub running: Vec<RunLine>,
    /// Over, the latest first.
    pub recent: Vec<RunLine>,
    /// Where the next page begins, if there may be one.
    pub next: Option<u64>,
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunLine {
    pub number: u64,
    pub job: String,
    pub values: String,
    /// As a code: `running`, `failed` ...
    pub state: String,
    pub state_name: String,
    pub is_over: bool,
    pub requester: String,
    pub at: String,
    pub duration: Option<String>,
    /// From 0 to 1.
    pub done: Option<f32>,
    pub step: Option<String>,
}

impl Bot {
    /// Runs, those that are over from below a number on.
    ///
    /// # Errors
    ///
    /// When this person may not know of any.
    pub async fn runs(&self, caller: &Caller, before: Option<u64>) -> Result<Runs, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = "listing runs";
        seat.permit_command(Permission::History, doing).await?;
        let mut running = seat.running(doing).await?;
        if before.is_some() {
            running.clear();
        }
        let query = Query { before, limit: PAGE, ..Query::default() };
        let executions = seat.core.monitor.executions();
        let found = executions.find(&query).await.map_err(|e| seat.failed(e, doing))?;
        let last = found.last().map(|execution| execution.number);
        let recent = found
            .iter()
            .filter(|e| e.state.is_final() && seat.may_on(Permission::History, e))
            .map(|execution| seat.line(execution))
            .collect();
        Ok(Runs { running, recent, next: last.filter(|_| found.len() == PAGE) })
    }

    /// Runs that are not over, the latest first.
    ///
    /// # Errors
    ///
    /// When this person may not know of any.
    pub async fn running(&self, caller: &Caller) -> Result<Vec<RunLine>, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = "listing what runs";
        seat.permit_command(Permission::Status, doing).await?;
        seat.running(doing).await
    }
}

impl Seat<'_> {
    async fn running(&self, doing: &str) -> Result<Vec<RunLine>, ViewError> {
        let unfinished = self.core.monitor.executions().unfinished().await;
        let unfinished = unfinished.map_err(|error| self.failed(error, doing))?;
        let visible = unfinished.iter().rev().filter(|e| self.may_on(Permission::Status, e));
        Ok(visible.map(|execution| self.line(execution)).collect())
    }

    pub(super) fn line(&self, execution: &Execution) -> RunLine {
        let writer = self.writer();
        let speech = writer.speech;
        let live = self.core.monitor.live(execution.number);
        let progress = live.map(|live| live.progress).or(execution.progress.clone());
        let progress = progress.filter(|(_, of, _)| *of > 0 && !execution.state.is_final());
        RunLine {
            number: execution.number,
            job: writer.job_name(&execution.template),
            values: writer.values_of(&execution.template, &execution.values),
            state: execution.state.to_string(),
            state_name: speech.state(execution.state),
            is_over: execution.state.is_final(),
            requester: execution.requester.clone(),
            at: speech.moment(execution.requested_at(), &self.zone),
            duration: execution.duration(self.now).map(|duration| speech.duration(duration)),
            done: progress.as_ref().map(|(done, of, _)| (*done as f32 / *of as f32).min(1.0)),
            step: progress.map(|(_, _, text)| text),
        }
    }
}
