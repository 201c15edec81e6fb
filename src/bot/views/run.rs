//! One run, with everything that is known about it.

use super::{Bot, Caller, RunLine, Seat, ViewError};
use crate::access::Permission;
use crate::catalog::Value;
use crate::channels::Block;
use crate::jobs::Execution;

/// A run: what was asked for, how it went, what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunView {
    pub line: RunLine,
    /// Every value by what people call its parameter, in the order of the template.
    pub values: Vec<(String, String)>,
    /// Every change of state: when, to what.
    pub history: Vec<(String, String)>,
    /// What is reported of it now.
    pub report: Vec<Block>,
    /// What its charts show, in the order of [`Bot::run_charts`].
    pub charts: Vec<String>,
    pub may_read_log: bool,
    pub may_cancel: bool,
    pub is_own: bool,
}

impl Bot {
    /// One run.
    ///
    /// # Errors
    ///
    /// When there is none of that number, or this person may not know of it.
    pub async fn run_view(&self, caller: &Caller, number: u64) -> Result<RunView, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = format!("showing #{number}");
        let execution = seat.execution(number, &doing).await?;
        seat.permit_on(Permission::Status, &execution, &doing).await?;
        let (report, charts) = if execution.state.is_final() {
            let reporter = seat.core.monitor.reporter();
            let report = reporter.report(number, seat.now).await;
            let report = report.map_err(|error| seat.failed(error, &doing))?;
            let charts = seat.charts(&report).await.into_iter().map(|chart| chart.caption);
            (seat.writer().report(&report, seat.now).blocks, charts.collect())
        } else {
            let left = seat.core.monitor.live(number).and_then(|live| live.left);
            (seat.writer().card(&execution, left, seat.now).blocks, Vec::new())
        };
        Ok(RunView {
            line: seat.line(&execution),
            values: seat.values(&execution),
            history: seat.history(&execution),
            report,
            charts,
            may_read_log: seat.may_on(Permission::Logs, &execution),
            may_cancel: !execution.state.is_final() && seat.may_on(Permission::Cancel, &execution),
            is_own: execution.requester == seat.user.id,
        })
    }
}

impl Seat<'_> {
    pub(super) async fn execution(&self, number: u64, doing: &str) -> Result<Execution, ViewError> {
        let found = self.core.monitor.executions().get(number).await;
        found.map_err(|error| self.failed(error, doing))
    }

    fn values(&self, execution: &Execution) -> Vec<(String, String)> {
        let writer = self.writer();
        let values = writer.in_order(&execution.template, &execution.values).into_iter();
        let line = |(name, value): (&String, &Value)| {
            (writer.label_of(&execution.template, name), writer.speech.value(value))
        };
        values.map(line).collect()
    }

    fn history(&self, execution: &Execution) -> Vec<(String, String)> {
        let speech = self.writer().speech;
        let zoned = |change: &crate::jobs::StateChange| {
            let at = change.at.to_zoned_datetime(self.zone.clone());
            (at.strftime("%H:%M:%S").to_string(), speech.state(change.to))
        };
        execution.history.iter().map(zoned).collect()
    }
}
