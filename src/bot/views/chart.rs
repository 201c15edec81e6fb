//! Charts of a run that is over, as pictures.

use super::{Bot, Caller, Seat, ViewError};
use crate::access::Permission;
use crate::bot::pictures;
use crate::channels::Block;
use crate::jobs::Report;

/// A picture, and what it shows in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    pub caption: String,
    pub png: Vec<u8>,
}

impl Bot {
    /// The charts of a run that there is data for; none while it goes on.
    ///
    /// # Errors
    ///
    /// When there is no such run, or this person may not know of it.
    pub async fn run_charts(&self, caller: &Caller, number: u64) -> Result<Vec<Chart>, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = format!("drawing #{number}");
        let execution = seat.execution(number, &doing).await?;
        seat.permit_on(Permission::Status, &execution, &doing).await?;
        if !execution.state.is_final() {
            return Ok(Vec::new());
        }
        let report = seat.core.monitor.reporter().report(number, seat.now).await;
        let report = report.map_err(|error| seat.failed(error, &doing))?;
        Ok(seat.charts(&report).await)
    }
}

impl Seat<'_> {
    pub(super) async fn charts(&self, report: &Report) -> Vec<Chart> {
        let drawn = pictures::of(report, &self.writer()).await;
        let charts = drawn.into_iter().filter_map(|block| match block {
            Block::Picture { png, caption, .. } => Some(Chart { caption, png }),
            _ => None,
        });
        charts.collect()
    }
}
