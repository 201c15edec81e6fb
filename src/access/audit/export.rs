//! The log in forms that other programs read.

use std::io::Write;

use super::record::Record;
use crate::plan::Source;

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("the table can't be written: {0}")]
    Csv(#[from] csv::Error),
    #[error("the list can't be written: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the export can't be written: {0}")]
    Io(#[from] std::io::Error),
}

/// Writes records as one JSON array.
///
/// # Errors
///
/// When the writer fails.
pub fn export_json(records: &[Record], mut to: impl Write) -> Result<(), ExportError> {
    serde_json::to_writer_pretty(&mut to, records)?;
    Ok(writeln!(to)?)
}

const COLUMNS: [&str; 29] = [
    "seq",
    "time",
    "event",
    "user",
    "name",
    "account",
    "channel",
    "chat",
    "thread",
    "origin",
    "message",
    "session",
    "words",
    "intent",
    "model",
    "command",
    "template",
    "parameters",
    "sources",
    "plan",
    "rule",
    "notices",
    "confirmed_by",
    "approved_by",
    "reason",
    "execution",
    "begin",
    "result",
    "duration",
];

/// Writes records as CSV with a header line. A text that a spreadsheet would take for a formula
/// gets an apostrophe in front.
///
/// # Errors
///
/// When the writer fails.
pub fn export_csv(records: &[Record], to: impl Write) -> Result<(), ExportError> {
    let mut table = csv::Writer::from_writer(to);
    table.write_record(COLUMNS)?;
    for record in records {
        table.write_record(row(record).map(|cell| harmless(&cell)))?;
    }
    Ok(table.flush()?)
}

fn row(record: &Record) -> [String; COLUMNS.len()] {
    let e = &record.entry;
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let place = |part: fn(&crate::channels::Address) -> &String| {
        e.place.as_ref().map(part).cloned().unwrap_or_default()
    };
    let parameters = e
        .parameters
        .iter()
        .map(|(name, given)| format!("{name}={}", given.value))
        .collect::<Vec<_>>();
    let sources = e
        .parameters
        .iter()
        .map(|(name, given)| format!("{name}: {}", source(&given.source)))
        .collect::<Vec<_>>();
    let intent = e.understood.as_ref().and_then(|u| u.ranking.first());
    [
        record.seq.to_string(),
        record.time.to_string(),
        e.event.to_string(),
        text(&e.user),
        text(&e.name),
        text(&e.account),
        place(|p| &p.channel),
        place(|p| &p.chat),
        e.place.as_ref().and_then(|p| p.thread.clone()).unwrap_or_default(),
        text(&e.origin),
        text(&e.message),
        text(&e.session),
        text(&e.words),
        intent.map(|(label, score)| format!("{label} {score:.3}")).unwrap_or_default(),
        e.understood.as_ref().map(|u| u.model.clone()).unwrap_or_default(),
        text(&e.command),
        e.template.as_ref().map(ToString::to_string).unwrap_or_default(),
        parameters.join("; "),
        sources.join("; "),
        e.plan.as_ref().map(ToString::to_string).unwrap_or_default(),
        e.rule.as_ref().map(ToString::to_string).unwrap_or_default(),
        e.notices.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        text(&e.confirmed_by),
        e.approvals.iter().map(|vote| vote.by.as_str()).collect::<Vec<_>>().join(", "),
        text(&e.reason),
        e.execution.map(|n| n.to_string()).unwrap_or_default(),
        e.begin.map(|n| n.to_string()).unwrap_or_default(),
        text(&e.result),
        e.duration.map(|seconds| seconds.to_string()).unwrap_or_default(),
    ]
}

/// Where a value came from, as the log itself names it; what was said, in quotes.
fn source(source: &Source) -> String {
    match source {
        Source::Said { words } => format!("said {words:?}"),
        Source::Chosen => "chosen".to_owned(),
        Source::Default => "default".to_owned(),
        Source::CarriedOver => "carried_over".to_owned(),
    }
}

fn harmless(cell: &str) -> String {
    // Spreadsheets skip blanks before a formula, and take full-width signs for the plain ones.
    let first = cell.trim_start().chars().next();
    let is_formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '|'));
    if is_formula || cell.starts_with(['\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}
