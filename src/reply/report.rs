//! The report of a run that is over, in words.

use jiff::Timestamp;

use super::executions::ask;
use super::{Action, Reply, Writer, say};
use crate::catalog::Values;
use crate::channels::Block;
use crate::dialogue::{Input, Pick};
use crate::jobs::report::{Recovery, Report};
use crate::jobs::{Execution, ExecutionState, Resources};

/// Lines of output in a report; the whole of it has its own command.
const TAIL: usize = 10;
/// Kinds of errors, failed targets and figures in a report.
const MOST: usize = 5;

impl Writer<'_> {
    /// What became of a run: how it ended and how that compares, what went wrong, what can be
    /// done now.
    pub fn report(&self, report: &Report, now: Timestamp) -> Reply {
        let execution = &report.execution;
        let mut reply = Reply::text(self.outcome(report, now))
            .text_line(self.result(execution))
            .text_line(self.reason(execution));
        if execution.state != ExecutionState::Succeeded {
            reply = reply.and(self.went_wrong(report));
        }
        let figures = self.figures(report);
        if !figures.is_empty() {
            reply = reply.block(Block::Rows(figures));
        }
        self.recovery(report, reply)
    }

    /// `#1042 Deploy application: succeeded in 48 s (usually 45 s).`
    fn outcome(&self, report: &Report, now: Timestamp) -> String {
        let speech = self.speech;
        let mut text = self.headline(&report.execution, now);
        if report.execution.state == ExecutionState::Succeeded
            && let Some(usual) = &report.usual
        {
            let median = speech.duration(usual.median);
            let compared = match usual.slower_percent {
                Some(percent) => {
                    say!(speech, "report-slower", "usual" => median, "percent" => percent)
                }
                None => say!(speech, "report-usual", "usual" => median),
            };
            text = say!(speech, "report-compared", "outcome" => text, "compared" => compared);
        }
        text
    }

    fn went_wrong(&self, report: &Report) -> Reply {
        let speech = self.speech;
        let execution = &report.execution;
        let mut lines = Vec::new();
        for cause in &report.causes {
            lines.push(say!(speech, "report-cause", "cause" => speech.of(cause)));
        }
        let code = execution.outcome.as_ref().and_then(|outcome| outcome.exit_code);
        if let Some(code) = code.filter(|code| *code != 0) {
            lines.push(say!(speech, "report-exit-code", "code" => code));
        }
        if let Some(message) = execution.outcome.as_ref().and_then(|o| o.message.as_deref()) {
            lines.push(message.to_owned());
        }
        let failed = execution
            .failed_targets
            .iter()
            .take(MOST)
            .map(|failed| (failed.target.clone(), failed.reason.clone(), String::new()));
        let failed: Vec<_> = failed.collect();
        let errors = report.errors.iter().take(MOST).map(|error| {
            let count = say!(speech, "report-times", "count" => error.count);
            (say!(speech, "report-error"), error.example.clone(), count)
        });
        let errors: Vec<_> = errors.collect();
        let mut reply = Reply::default().text_line(lines);
        if !failed.is_empty() {
            let title =
                say!(speech, "report-failed-targets", "count" => execution.failed_targets.len());
            reply = reply.block(Block::Text(title)).block(Block::Rows(failed));
        }
        if !errors.is_empty() {
            reply = reply.block(Block::Rows(errors));
        }
        let tail = report.tail[report.tail.len().saturating_sub(TAIL)..].join("\n");
        if tail.is_empty() { reply } else { reply.block(Block::Code(tail)) }
    }

    fn figures(&self, report: &Report) -> Vec<(String, String, String)> {
        let speech = self.speech;
        let mut rows: Vec<_> = report
            .execution
            .metrics
            .iter()
            .take(MOST)
            .map(|metric| {
                let value = format!("{} {}", metric.value, metric.unit).trim().to_owned();
                (speech.name(&metric.name), value, String::new())
            })
            .collect();
        if let Some(rate) = report.success.filter(|rate| rate.of > 1) {
            let value = say!(speech, "report-of", "part" => rate.succeeded, "all" => rate.of);
            rows.push((say!(speech, "report-success-rate"), value, String::new()));
        }
        let resources = report.execution.outcome.as_ref().and_then(|outcome| outcome.resources);
        if let Some(used) = resources.filter(notable) {
            let cpu = format!("{:.1} s", used.cpu_seconds);
            let value = say!(
                speech, "report-resources", "cpu" => cpu, "memory" => bytes(used.max_memory)
            );
            rows.push((say!(speech, "report-resources-name"), value, String::new()));
        }
        rows
    }

    fn recovery(&self, report: &Report, mut reply: Reply) -> Reply {
        let speech = self.speech;
        let number = report.execution.number;
        let pick = |pick| Action::Say { input: Input::Pick(pick) };
        let again = |changes| pick(Pick::Again { execution: number, changes });
        if report.execution.state == ExecutionState::Succeeded {
            return reply
                .button(say!(speech, "button-log"), ask("logs", number))
                .button(say!(speech, "button-again"), again(Values::new()));
        }
        for option in &report.recovery {
            reply = match option {
                Recovery::RetryFailed { .. } => reply.button(
                    say!(speech, "button-retry-failed"),
                    pick(Pick::Retry { execution: number }),
                ),
                Recovery::Undo { .. } => reply
                    .button(say!(speech, "button-undo"), pick(Pick::Undo { execution: number })),
                Recovery::Again => reply.button(say!(speech, "button-again"), again(Values::new())),
                Recovery::FullLog => reply.button(say!(speech, "button-log"), ask("logs", number)),
            };
        }
        reply
    }

    /// What the template itself says when a run begins.
    pub fn acknowledgement(&self, execution: &Execution) -> Option<String> {
        let template = self.catalog.job(&execution.template)?.reply.ack.as_ref()?;
        self.render(template.get(self.speech.language), execution)
    }

    /// What the template itself says when a run has ended.
    fn result(&self, execution: &Execution) -> Option<String> {
        let template = self.catalog.job(&execution.template)?.reply.result.as_ref()?;
        self.render(template.get(self.speech.language), execution)
    }

    /// A template's own words, with the run's values. They were checked when the catalogue was
    /// loaded; one that fails all the same is left out, and the log says so.
    fn render(&self, template: &str, execution: &Execution) -> Option<String> {
        let state = self.speech.state(execution.state);
        let values = minijinja::Value::from(minijinja::value::Serde(&execution.values));
        let context = minijinja::context! {
            number => execution.number,
            state => execution.state.to_string(),
            state_name => state,
            requester => execution.requester.as_str(),
            ..values
        };
        match minijinja::Environment::new().render_str(template, context) {
            Ok(text) => Some(text).filter(|text| !text.trim().is_empty()),
            Err(error) => {
                tracing::warn!(template = %execution.template, %error, "a reply can't be made");
                None
            }
        }
    }
}

/// Whether what a run used is worth a line.
fn notable(used: &Resources) -> bool {
    used.cpu_seconds >= 1.0 || used.max_memory >= 64 << 20
}

/// A number of bytes as people read it.
pub(super) fn bytes(count: u64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"];
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{count} B") } else { format!("{value:.1} {}", units[unit]) }
}
