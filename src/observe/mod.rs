//! Observation: what Steward tells the machines that look after it. Health, readiness and
//! figures for Prometheus.
//!
//! Whatever is worth counting calls a function of this file where it happens; nothing is counted
//! before [`install`] was called. The depth of queues is read from the store when it is asked for.
//!
//! **Architecture Invariant:** nothing of what people write, no value and no name of a person is
//! in a figure or its labels. Nothing can be changed by asking.

mod http;

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::jobs::ExecutionState;

pub use self::http::{Observed, serve};

const MESSAGES: &str = "steward_messages_total";
const DECISIONS: &str = "steward_decisions_total";
const LATENCY: &str = "steward_message_seconds";
const EXECUTIONS: &str = "steward_executions_total";
const DELIVERIES: &str = "steward_deliveries_total";
const RELOADS: &str = "steward_reloads_total";
const UNFINISHED: &str = "steward_executions_unfinished";
const OUTBOX: &str = "steward_outbox_messages";
const INTAKE: &str = "steward_intake_messages";
const SCHEDULES: &str = "steward_schedules";

/// The upper bounds of the latency histogram, in seconds: a message takes some tens of
/// milliseconds, a template's check or suggestion up to a few seconds.
const BOUNDS: [f64; 11] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Begins to count. To be called once.
///
/// # Errors
///
/// When something else in this process counts already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let latency = Matcher::Full(LATENCY.to_owned());
    let handle =
        PrometheusBuilder::new().set_buckets_for_metric(latency, &BOUNDS)?.install_recorder()?;
    describe_counter!(MESSAGES, "Messages and presses of buttons that arrived, by channel");
    describe_counter!(DECISIONS, "What became of messages: accepted, asked back, or rejected");
    describe_histogram!(
        LATENCY,
        Unit::Seconds,
        "From taking a stored message up to its stored answer, by channel"
    );
    describe_counter!(EXECUTIONS, "Executions that entered a state");
    describe_counter!(DELIVERIES, "Messages handed to a channel, by what came of it");
    describe_counter!(RELOADS, "Reloads of changed files, by what was read and what came of it");
    describe_gauge!(UNFINISHED, "Executions that are not over, by state");
    describe_gauge!(OUTBOX, "Messages that wait to be delivered");
    describe_gauge!(INTAKE, "Messages that wait to be handled");
    describe_gauge!(SCHEDULES, "Schedules, by whether they are active or paused");
    Ok(handle)
}

/// A message arrived.
pub(crate) fn arrived(channel: &str) {
    counter!(MESSAGES, "channel" => channel.to_owned()).increment(1);
}

/// A message was handled to its end.
pub(crate) fn handled(channel: &str, took: Duration) {
    histogram!(LATENCY, "channel" => channel.to_owned()).record(took.as_secs_f64());
}

/// What a message was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Accepted,
    /// It was asked which of several was meant.
    Clarified,
    Rejected,
}

/// It was decided about words.
pub(crate) fn decided(decision: Decision) {
    let decision = match decision {
        Decision::Accepted => "accepted",
        Decision::Clarified => "clarified",
        Decision::Rejected => "rejected",
    };
    counter!(DECISIONS, "decision" => decision).increment(1);
}

/// An execution entered a state.
pub(crate) fn entered(state: ExecutionState) {
    counter!(EXECUTIONS, "state" => state.to_string()).increment(1);
}

/// A message was handed to a channel.
pub(crate) fn delivered(channel: &str, outcome: &'static str) {
    counter!(DELIVERIES, "channel" => channel.to_owned(), "outcome" => outcome).increment(1);
}

/// Files were read again.
pub fn reloaded(what: &'static str, well: bool) {
    let outcome = if well { "taken" } else { "refused" };
    counter!(RELOADS, "what" => what, "outcome" => outcome).increment(1);
}
