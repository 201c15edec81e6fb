//! The tables of executions and their keys.
//!
//! Every index key ends in the execution's number counted backwards, so that a scan meets the
//! newest first. Index entries have no content: the record says everything.

use serde_json::Value as Json;

use crate::catalog::TemplateId;
use crate::jobs::{Execution, ExecutionState};
use crate::store::{Batch, Table};

/// Number, ascending → record.
pub(super) const EXECUTIONS: Table = "executions";
/// Idempotency key → number.
pub(super) const BY_KEY: Table = "executions_by_key";
/// Newest first.
pub(super) const BY_AGE: Table = "executions_by_age";
/// Requester, newest first.
pub(super) const BY_REQUESTER: Table = "executions_by_requester";
/// Template, newest first.
pub(super) const BY_TEMPLATE: Table = "executions_by_template";
/// Template and state, newest first.
pub(super) const BY_TEMPLATE_AND_STATE: Table = "executions_by_template_and_state";
/// State, newest first.
pub(super) const BY_STATE: Table = "executions_by_state";
/// Number and position in the history → a change that nobody has acknowledged.
pub(super) const EVENTS: Table = "execution_events";

/// Between the parts of a key: sorts before every character that a name may have.
const SEPARATOR: char = '\u{1f}';

pub(super) fn record_key(number: u64) -> String {
    format!("{number:020}")
}

pub(super) fn event_key(number: u64, position: usize) -> String {
    format!("{number:020}{SEPARATOR}{position:06}")
}

pub(super) fn parse_event_key(key: &str) -> Option<(u64, usize)> {
    let (number, position) = key.split_once(SEPARATOR)?;
    Some((number.parse().ok()?, position.parse().ok()?))
}

/// The part of an index key that names an execution.
pub(super) fn age_key(number: u64) -> String {
    format!("{:020}", u64::MAX - number)
}

/// The first part of an index key.
pub(super) fn prefix(part: &str) -> String {
    // A separator within the part would let one requester's prefix reach into another's.
    format!("{}{SEPARATOR}", part.replace(SEPARATOR, "\u{fffd}"))
}

/// The number at the end of an index key.
pub(super) fn number_of(key: &str) -> Option<u64> {
    let age: u64 = key.rsplit(SEPARATOR).next()?.parse().ok()?;
    Some(u64::MAX - age)
}

/// Enters a new execution into every index.
pub(super) fn enter(batch: Batch, execution: &Execution) -> Batch {
    let age = age_key(execution.number);
    batch
        .put(BY_AGE, &age, Json::Null)
        .put(BY_REQUESTER, prefix(&execution.requester) + &age, Json::Null)
        .put(BY_TEMPLATE, prefix(execution.template.as_str()) + &age, Json::Null)
        .put(BY_STATE, state_key(execution.state, execution.number), Json::Null)
        .put(BY_TEMPLATE_AND_STATE, both_key(execution, execution.state), Json::Null)
}

/// Moves an execution within the indexes of states.
pub(super) fn relocate(batch: Batch, from: ExecutionState, execution: &Execution) -> Batch {
    batch
        .delete(BY_STATE, state_key(from, execution.number))
        .delete(BY_TEMPLATE_AND_STATE, both_key(execution, from))
        .put(BY_STATE, state_key(execution.state, execution.number), Json::Null)
        .put(BY_TEMPLATE_AND_STATE, both_key(execution, execution.state), Json::Null)
}

/// The first parts of a key in the index of templates and states.
pub(super) fn both_prefix(template: &TemplateId, state: ExecutionState) -> String {
    prefix(template.as_str()) + &prefix(&state.to_string())
}

fn both_key(execution: &Execution, state: ExecutionState) -> String {
    both_prefix(&execution.template, state) + &age_key(execution.number)
}

fn state_key(state: ExecutionState, number: u64) -> String {
    prefix(&state.to_string()) + &age_key(number)
}
