//! What the dialogue is told about a person: their runs, the values they use, what they may do.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::settings::Settings;
use super::{Core, Trouble};
use crate::access::User;
use crate::catalog::{ParameterType, TemplateId, Value, Values};
use crate::channels::Address;
use crate::dialogue::{FailedTargets, Memory, Ran, Scheduled};
use crate::jobs::schedule::Schedule;
use crate::jobs::{Execution, Query, recovery};

/// How many of a person's runs a conversation can refer to.
const RUNS: usize = 50;

/// Looks up what a turn may need.
pub(super) async fn remember(
    core: &Core,
    user: &User,
    place: &Address,
    settings: &Settings,
    now: Timestamp,
) -> Result<Memory, Trouble> {
    let query = Query { requester: Some(user.id.clone()), limit: RUNS, ..Query::default() };
    let executions = core.monitor.executions().find(&query).await?;
    // Who can't be told about requests is told so when it matters: when deciding.
    let waiting = core.access.waiting_for(user, now).await.unwrap_or_default();
    let schedules = core.schedules.list(Some(user.id.as_str())).await?;
    let schedules = schedules.into_iter().filter(|schedule| !schedule.is_over());
    let open = core.access.open_approvals(now).await.unwrap_or_default();
    Ok(Memory {
        schedules: schedules.map(scheduled).collect(),
        waits_for_others: open.iter().any(|approval| approval.plan.requester == user.id),
        known: BTreeMap::new(),
        used: used_values(&executions),
        executions: executions.iter().map(|execution| ran(core, execution)).collect(),
        preferences: settings.preferences(),
        has_to_decide: !waiting.is_empty(),
        allowed: Some(allowed(core, user, place, now)),
    })
}

/// The jobs that a person may run here, with some values at least.
pub(super) fn allowed(
    core: &Core,
    user: &User,
    place: &Address,
    now: Timestamp,
) -> BTreeSet<TemplateId> {
    let none = Values::new();
    let may = |id: &TemplateId| core.access.might_run(&user.id, place.into(), id, &none, now);
    core.catalog.jobs().iter().map(|job| &job.id).filter(|id| may(id)).cloned().collect()
}

/// The jobs of executions, the most used first.
pub(super) fn used_jobs(executions: &[Execution]) -> Vec<TemplateId> {
    let mut counts: Vec<(usize, &TemplateId)> = Vec::new();
    for execution in executions {
        match counts.iter_mut().find(|(_, known)| *known == &execution.template) {
            Some((count, _)) => *count += 1,
            None => counts.push((1, &execution.template)),
        }
    }
    // Stable: of equally used ones, the latest comes first.
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(_, id)| id.clone()).collect()
}

/// Values by parameter, the most used first, of equally used ones the latest.
fn used_values(executions: &[Execution]) -> BTreeMap<String, Vec<Value>> {
    let mut counts: BTreeMap<String, Vec<(usize, Value)>> = BTreeMap::new();
    for (name, value) in executions.iter().flat_map(|execution| &execution.values) {
        let values = counts.entry(name.clone()).or_default();
        match values.iter_mut().find(|(_, known)| known == value) {
            Some((count, _)) => *count += 1,
            None => values.push((1, value.clone())),
        }
    }
    counts
        .into_iter()
        .map(|(name, mut values)| {
            // Stable: executions come newest first.
            values.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
            (name, values.into_iter().map(|(_, value)| value).collect())
        })
        .collect()
}

fn scheduled(schedule: Schedule) -> Scheduled {
    let Schedule { number, template, values, when, .. } = schedule;
    Scheduled { number, template, values, when }
}

fn ran(core: &Core, execution: &Execution) -> Ran {
    Ran {
        number: execution.number,
        template: execution.template.clone(),
        values: execution.values.clone(),
        state: execution.state,
        failed: failed_targets(core, execution),
        recovery: recovery(execution, core.catalog.job(&execution.template)),
        requested: execution.requested_at(),
    }
}

/// The targets that failed, where a parameter of the template names several.
fn failed_targets(core: &Core, execution: &Execution) -> Option<FailedTargets> {
    let targets: Vec<String> =
        execution.failed_targets.iter().map(|failed| failed.target.clone()).collect();
    let job = core.catalog.job(&execution.template)?;
    let named =
        job.parameters.iter().find(|parameter| match execution.values.get(&parameter.name) {
            Some(Value::List(items)) => targets.iter().any(|target| items.contains(target)),
            Some(Value::Text(text)) => {
                parameter.kind == ParameterType::Host && targets.iter().any(|target| target == text)
            }
            _ => false,
        })?;
    (!targets.is_empty()).then(|| FailedTargets { parameter: named.name.clone(), targets })
}
