//! Charts of a run that is over, for its report.

use crate::channels::Block;
use crate::jobs::Report;
use crate::jobs::chart::{self, ChartError};
use crate::reply::{Caption, Writer};

/// Fewer runs than this are no trend.
const TREND: usize = 3;

/// The charts that there is data for, each with a caption, and with a line of text that says the
/// same where there are no pictures. A chart that can't be drawn is left out.
pub(super) async fn of(report: &Report, writer: &Writer<'_>) -> Vec<Block> {
    // Charts are labelled in English (`jobs::chart`); the caption speaks the reader's language.
    let id = &report.execution.template;
    let title = writer.catalog.job(id).map_or_else(|| id.to_string(), |job| job.name.en.clone());
    let data = report.clone();
    // Drawing takes some tens of milliseconds.
    let drawn = tokio::task::spawn_blocking(move || Drawn::of(&data, &title)).await;
    let Ok(Drawn { trend, resources, errors }) = drawn else { return Vec::new() };
    let pictures = [
        (trend, writer.trend_caption(report)),
        (resources, writer.resources_caption(report)),
        (errors, writer.errors_caption(report)),
    ];
    pictures
        .into_iter()
        .filter_map(|(png, caption)| {
            let Caption { caption, instead } = caption?;
            Some(Block::Picture { png: png?, caption, instead })
        })
        .collect()
}

struct Drawn {
    trend: Option<Vec<u8>>,
    resources: Option<Vec<u8>>,
    errors: Option<Vec<u8>>,
}

impl Drawn {
    fn of(report: &Report, title: &str) -> Drawn {
        let drawn = |chart: Result<Option<Vec<u8>>, ChartError>| {
            chart.unwrap_or_else(|error| {
                tracing::warn!(execution = report.execution.number, %error, "no chart");
                None
            })
        };
        let enough = report.trend.len() >= TREND;
        Drawn {
            trend: if enough { drawn(chart::duration_trend(report, title)) } else { None },
            resources: drawn(chart::resource_use(report, title)),
            errors: drawn(chart::errors(report, title)),
        }
    }
}
