//! What charts show, in a line of text each.

use super::{Writer, say};
use crate::jobs::Report;
use crate::jobs::chart::sparkline;

/// The widest line of blocks.
const WIDTH: usize = 32;

impl Writer<'_> {
    /// How long the last runs took. `None` without any.
    pub fn trend_caption(&self, report: &Report) -> Option<String> {
        let speech = self.speech;
        let durations: Vec<f64> =
            report.trend.iter().map(|run| run.duration.as_secs_f64()).collect();
        let last = report.trend.last()?.duration;
        Some(say!(
            speech, "chart-trend",
            "count" => durations.len(),
            "line" => sparkline(&durations, WIDTH),
            "last" => speech.duration(last),
        ))
    }

    /// Memory over time, and the most of it. `None` where nothing was measured.
    pub fn resources_caption(&self, report: &Report) -> Option<String> {
        let memory: Vec<f64> = report
            .samples
            .iter()
            .filter(|sample| sample.memory > 0)
            .map(|sample| sample.memory as f64)
            .collect();
        let most = report.samples.iter().map(|sample| sample.memory).max()?;
        Some(say!(
            self.speech, "chart-resources",
            "line" => sparkline(&memory, WIDTH),
            "most" => super::report::bytes(most),
        ))
    }

    /// How often each kind of error came up. `None` where nothing went wrong.
    pub fn errors_caption(&self, report: &Report) -> Option<String> {
        let counts: Vec<f64> = report.errors.iter().map(|group| group.count as f64).collect();
        let all: usize = report.errors.iter().map(|group| group.count).sum();
        (all > 0).then(|| {
            say!(
                self.speech, "chart-errors",
                "count" => all,
                "kinds" => counts.len(),
                "line" => sparkline(&counts, WIDTH),
            )
        })
    }
}
