//! Charts of a run, as pictures.

use super::{Bot, Caller, ViewError};
use crate::access::{Permission, Refusal};
use crate::jobs::chart;
use crate::jobs::report::Report;
use crate::reply::{Speech, say};

/// What a chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    Durations,
    Resources,
    Errors,
}

/// Fewer points are no curve.
const WORTH_A_CURVE: usize = 3;

impl Chart {
    pub const ALL: [Chart; 3] = [Chart::Durations, Chart::Resources, Chart::Errors];

    /// A name for addresses.
    pub fn name(self) -> &'static str {
        match self {
            Chart::Durations => "durations",
            Chart::Resources => "resources",
            Chart::Errors => "errors",
        }
    }

    /// What it shows, in words.
    pub fn caption(self, speech: Speech) -> String {
        match self {
            Chart::Durations => say!(speech, "web-chart-durations"),
            Chart::Resources => say!(speech, "web-chart-resources"),
            Chart::Errors => say!(speech, "web-chart-errors"),
        }
    }

    /// Whether it shows more than the report says.
    pub(super) fn is_worth(self, report: &Report) -> bool {
        match self {
            Chart::Durations => report.trend.len() >= WORTH_A_CURVE,
            Chart::Resources => report.samples.len() >= WORTH_A_CURVE,
            Chart::Errors => report.errors.len() > 1,
        }
    }
}

impl Bot {
    /// A chart of a run as PNG; `None` where there is too little to draw.
    ///
    /// # Errors
    ///
    /// When there is no such run, or this person may not know of it.
    pub async fn run_chart(
        &self,
        caller: &Caller,
        number: u64,
        kind: Chart,
    ) -> Result<Option<Vec<u8>>, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = format!("drawing #{number}");
        let execution = seat.execution(number, &doing).await?;
        seat.permit_on(Permission::Status, &execution, &doing).await?;
        let report = seat.core.monitor.reporter().report(number, seat.now).await;
        let report = report.map_err(|error| seat.failed(error, &doing))?;
        let title = kind.caption(seat.writer().speech);
        let drawn = tokio::task::spawn_blocking(move || match kind {
            Chart::Durations => chart::duration_trend(&report, &title),
            Chart::Resources => chart::resource_use(&report, &title),
            Chart::Errors => chart::errors(&report, &title),
        });
        let failed = |reason: String| seat.failed(Refusal::StoreUnavailable { reason }, &doing);
        match drawn.await {
            Ok(Ok(png)) => Ok(png),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(error) => Err(failed(error.to_string())),
        }
    }
}
