//! The report of a run: what happened, how it compares, what went wrong, what can be done.
//!
//! **Architecture Invariant:** a report is data. It holds no text for people but the run's own
//! output, which is masked: the bot puts the rest into words.

mod errors;
mod statistics;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::access::redact;
use crate::catalog::{JobTemplate, Localized, TemplateId, Value, Values};
use crate::jobs::output::is_marker;
use crate::jobs::platform::{Platform, PlatformError, Platforms, Reference, Templates};
use crate::jobs::{
    Execution, ExecutionState, Executions, ExecutionsError, FailedTarget, Query, Sample,
};
use crate::nlu::values::is_misleading;

pub use self::errors::ErrorGroup;
pub use self::statistics::{SuccessRate, Usual};

/// Everything that is known of an execution that is over, or as far as it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Who, what, when, the outcome, resources in total, metrics; failed targets are in it too.
    pub execution: Execution,
    pub duration: Option<Duration>,
    /// How long the last successful runs took; `None` where there were none.
    pub usual: Option<Usual>,
    /// Of the last runs of this template that came to an end.
    pub success: Option<SuccessRate>,
    /// Earlier runs that succeeded and this one, oldest first: the trend.
    pub trend: Vec<Ran>,
    /// What it used over time; empty where the platform doesn't measure it.
    pub samples: Vec<Sample>,
    /// What went wrong, most frequent first.
    pub errors: Vec<ErrorGroup>,
    /// Known causes that the output points to.
    pub causes: Vec<Localized>,
    /// The last lines of the output.
    pub tail: Vec<String>,
    /// What can be done now, best first.
    pub recovery: Vec<Recovery>,
}

/// How long one run took, and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    pub number: u64,
    pub at: Timestamp,
    pub duration: Duration,
    pub state: ExecutionState,
}

/// What can be done after a run that did not succeed.
#[derive(Debug, Clone, PartialEq)]
pub enum Recovery {
    /// Run it again for these targets only: the values of the parameter that named them all.
    RetryFailed { parameter: String, targets: Vec<String> },
    /// Run the template that undoes this one; values of parameters of the same name carry over.
    Undo { template: TemplateId, values: Values },
    /// Run it again as it was.
    Again,
    /// See all of the output.
    FullLog,
}

/// Makes reports.
#[derive(Clone)]
pub struct Reporter {
    executions: Executions,
    platforms: Arc<Platforms>,
    templates: Arc<dyn Templates>,
}

/// So many earlier runs are compared with.
const COMPARED: usize = 20;

/// Lines of output that a report shows.
const TAIL: usize = 20;

/// Longer lines of output are cut in a report, in characters.
const LONGEST_LINE: usize = 300;

/// Bytes of output that are searched for errors, from the end.
const SEARCHED: u64 = 2 * 1024 * 1024;

const CHUNK: usize = 256 * 1024;

impl Reporter {
    pub fn new(
        executions: Executions,
        platforms: Arc<Platforms>,
        templates: Arc<dyn Templates>,
    ) -> Reporter {
        Reporter { executions, platforms, templates }
    }

    /// The report of an execution as it is now. What its platform can't say any more is left
    /// out: the record alone makes a report, too.
    pub async fn report(&self, number: u64, now: Timestamp) -> Result<Report, ExecutionsError> {
        let execution = self.executions.get(number).await?;
        let earlier = self.earlier(&execution).await?;
        let (lines, samples) = self.platform_says(&execution).await;
        let template = self.templates.template(&execution.template);
        let trend = statistics::trend(&execution, &earlier);
        let duration = execution.duration(now);
        let failed = execution.state.is_final() && execution.state != ExecutionState::Succeeded;
        Ok(Report {
            usual: duration.and_then(|took| Usual::of(&earlier, took)),
            success: SuccessRate::of(&execution, &earlier),
            trend,
            samples,
            errors: if failed { errors::group(&execution, &lines) } else { Vec::new() },
            causes: template
                .as_deref()
                .filter(|_| failed)
                .map_or_else(Vec::new, |t| causes(t, &lines)),
            recovery: if failed { recovery(&execution, template.as_deref()) } else { Vec::new() },
            tail: tail(&lines),
            duration,
            execution: masked(execution),
        })
    }

    /// The durations of the last successful runs of a template, their median in the end: how
    /// long another will probably take.
    pub async fn usual_duration(
        &self,
        template: &TemplateId,
    ) -> Result<Option<Duration>, ExecutionsError> {
        let query = Query {
            template: Some(template.clone()),
            states: vec![ExecutionState::Succeeded],
            limit: COMPARED,
            ..Query::default()
        };
        Ok(statistics::median_duration(&self.executions.find(&query).await?))
    }

    /// The last runs of the same template before this one, newest first: the last successes,
    /// and what failed among them.
    async fn earlier(&self, execution: &Execution) -> Result<Vec<Execution>, ExecutionsError> {
        use ExecutionState::{Failed, Lost, Succeeded, TimedOut};
        let query = |states, limit| Query {
            template: Some(execution.template.clone()),
            states,
            before: Some(execution.number),
            limit,
            ..Query::default()
        };
        let mut runs = self.executions.find(&query(vec![Succeeded], COMPARED)).await?;
        let bad = self.executions.find(&query(vec![Failed, TimedOut, Lost], COMPARED)).await?;
        // Older failures than the oldest success would make the rate look worse than it is.
        let oldest =
            if runs.len() == COMPARED { runs.last().map_or(0, |run| run.number) } else { 0 };
        runs.extend(bad.into_iter().filter(|run| run.number > oldest));
        runs.sort_by_key(|run| std::cmp::Reverse(run.number));
        Ok(runs)
    }

    async fn platform_says(&self, execution: &Execution) -> (Vec<String>, Vec<Sample>) {
        let Some(reference) = &execution.reference else { return Default::default() };
        let Some(platform) = self.platforms.get(&execution.platform) else {
            return Default::default();
        };
        let lines = last_lines(&**platform, reference).await.unwrap_or_else(|error| {
            tracing::warn!(execution = execution.number, %error, "no output for the report");
            Vec::new()
        });
        let samples = platform.usage(reference).await.unwrap_or_else(|error| {
            tracing::warn!(execution = execution.number, %error, "no resource use for the report");
            Vec::new()
        });
        (lines, samples)
    }
}

/// The lines of the last part of an output, masked, without those that are meant for Steward.
async fn last_lines(
    platform: &dyn Platform,
    reference: &Reference,
) -> Result<Vec<String>, PlatformError> {
    let mut text = String::new();
    let mut from = 0;
    loop {
        let chunk = platform.log(reference, from, CHUNK).await?;
        text.push_str(&chunk.text);
        let excess = text.len().saturating_sub(SEARCHED as usize);
        text.drain(..text.ceil_char_boundary(excess));
        if chunk.complete || chunk.next == from {
            break;
        }
        from = chunk.next;
    }
    Ok(readable(&text))
}

/// The lines of an output as they may be shown: masked, plain, of limited length, and without
/// those that are meant for Steward.
pub fn readable(output: &str) -> Vec<String> {
    output.lines().filter(|line| !is_marker(line)).map(clean).collect()
}

/// A line of output as it may be shown: of limited length, without control characters (a
/// terminal would obey them), without marks that turn what follows around, and without secrets.
fn clean(line: &str) -> String {
    // What was drawn over by a carriage return was not meant to stay.
    let line = line.trim_end().rsplit('\r').next().unwrap_or_default();
    let plain = strip_escapes(line);
    match plain.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => redact(&plain[..end]).into_owned() + "…",
        None => redact(&plain).into_owned(),
    }
}

fn strip_escapes(line: &str) -> String {
    static ESCAPE: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
        // The pattern is a constant, and a test compiles it.
        regex::Regex::new(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.")
            .expect("a pattern")
    });
    ESCAPE.replace_all(line, "").chars().filter(|c| !is_misleading(*c)).collect()
}

fn tail(lines: &[String]) -> Vec<String> {
    let end = lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
    lines[end.saturating_sub(TAIL)..end].to_vec()
}

fn causes(template: &JobTemplate, lines: &[String]) -> Vec<Localized> {
    let fits = |hint: &&crate::catalog::Hint| lines.iter().any(|line| hint.pattern.is_match(line));
    template.hints.iter().filter(fits).map(|hint| hint.cause.clone()).collect()
}

/// What can be done after an execution that did not succeed, in the order in which it is offered;
/// empty where it goes on or succeeded.
pub fn recovery(execution: &Execution, template: Option<&JobTemplate>) -> Vec<Recovery> {
    if !execution.state.is_final() || execution.state == ExecutionState::Succeeded {
        return Vec::new();
    }
    let mut options = Vec::new();
    options.extend(retry_failed(execution));
    if let Some(inverse) = template.and_then(|template| template.inverse.clone()) {
        // Nothing ran, nothing to undo.
        if execution.reference.is_some() {
            options.push(Recovery::Undo { template: inverse, values: execution.values.clone() });
        }
    }
    options.push(Recovery::Again);
    if execution.reference.is_some() {
        options.push(Recovery::FullLog);
    }
    options
}

/// Some of several targets failed, and one parameter holds them all.
fn retry_failed(execution: &Execution) -> Option<Recovery> {
    let failed: Vec<String> =
        execution.failed_targets.iter().map(|failed| failed.target.clone()).collect();
    if failed.is_empty() {
        return None;
    }
    execution.values.iter().find_map(|(name, value)| match value {
        Value::List(all) if all.len() > failed.len() && failed.iter().all(|f| all.contains(f)) => {
            Some(Recovery::RetryFailed { parameter: name.clone(), targets: failed.clone() })
        }
        _ => None,
    })
}

/// The execution with every text that came from the run's output masked.
fn masked(mut execution: Execution) -> Execution {
    for FailedTarget { target, reason } in &mut execution.failed_targets {
        *target = clean(target);
        *reason = clean(reason);
    }
    if let Some((_, _, text)) = &mut execution.progress {
        *text = clean(text);
    }
    if let Some(message) = execution.outcome.as_mut().and_then(|o| o.message.as_mut()) {
        *message = clean(message);
    }
    execution
}

#[cfg(test)]
mod tests;
