//! What charts show, in words, and in a line of text each.

use super::{Writer, say};
use crate::jobs::Report;
use crate::jobs::chart::sparkline;

/// The widest line of blocks.
const WIDTH: usize = 32;

/// What goes with a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// Below the picture.
    pub caption: String,
    /// In place of the picture.
    pub instead: String,
}

impl Writer<'_> {
    /// How long the last runs took. `None` without any.
    pub fn trend_caption(&self, report: &Report) -> Option<Caption> {
        let speech = self.speech;
        let durations: Vec<f64> =
            report.trend.iter().map(|run| run.duration.as_secs_f64()).collect();
        let (count, last) = (durations.len(), speech.duration(report.trend.last()?.duration));
        Some(Caption {
            caption: say!(speech, "chart-trend", "count" => count, "last" => last.as_str()),
            instead: say!(
                speech, "chart-trend-line",
                "count" => count, "line" => sparkline(&durations, WIDTH), "last" => last,
            ),
        })
    }

    /// Memory over time, and the most of it. `None` where nothing was measured.
    pub fn resources_caption(&self, report: &Report) -> Option<Caption> {
        let speech = self.speech;
        let memory: Vec<f64> = report
            .samples
            .iter()
            .filter(|sample| sample.memory > 0)
            .map(|sample| sample.memory as f64)
            .collect();
        let most = super::report::bytes(report.samples.iter().map(|sample| sample.memory).max()?);
        Some(Caption {
            caption: say!(speech, "chart-resources", "most" => most.as_str()),
            instead: say!(
                speech, "chart-resources-line", "line" => sparkline(&memory, WIDTH), "most" => most
            ),
        })
    }

    /// How often each kind of error came up. `None` where nothing went wrong.
    pub fn errors_caption(&self, report: &Report) -> Option<Caption> {
        let counts: Vec<f64> = report.errors.iter().map(|group| group.count as f64).collect();
        let all: usize = report.errors.iter().map(|group| group.count).sum();
        let caption = say!(self.speech, "chart-errors", "count" => all, "kinds" => counts.len());
        let line = format!("{caption} {}", sparkline(&counts, WIDTH));
        (all > 0).then_some(Caption { caption, instead: line })
    }
}
