//! How a run compares with earlier ones.

use std::time::Duration;

use super::{COMPARED, Ran};
use crate::jobs::{Execution, ExecutionState};

/// How long runs of a template usually take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// Of the last successes, 20 at most.
    pub median: Duration,
    /// So many runs it is the median of.
    pub of: usize,
    /// The run took so many percent longer: set from 20 on.
    pub slower_percent: Option<u32>,
}

/// How many of the last runs succeeded; cancelled ones don't count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuccessRate {
    pub succeeded: usize,
    pub of: usize,
}

/// From so many percent on, slower is worth a note.
const NOTABLE: f64 = 20.0;

impl Usual {
    /// Compares a duration with those of earlier runs, newest first.
    pub(super) fn of(earlier: &[Execution], took: Duration) -> Option<Usual> {
        let durations = durations(earlier);
        let median = median(durations.clone())?;
        let percent = (took.as_secs_f64() / median.as_secs_f64().max(0.001) - 1.0) * 100.0;
        let percent = percent.round();
        // Between nothing and nothing, percentages say nothing.
        let notable = percent >= NOTABLE && took.saturating_sub(median) >= Duration::from_secs(1);
        Some(Usual {
            median,
            of: durations.len(),
            slower_percent: notable.then(|| percent.min(f64::from(u32::MAX)) as u32),
        })
    }
}

impl SuccessRate {
    pub(super) fn of(execution: &Execution, earlier: &[Execution]) -> Option<SuccessRate> {
        let counts = |state| {
            use ExecutionState::{Failed, Lost, Succeeded, TimedOut};
            matches!(state, Succeeded | Failed | TimedOut | Lost)
        };
        let states: Vec<ExecutionState> = std::iter::once(execution.state)
            .chain(earlier.iter().map(|run| run.state))
            .filter(|state| counts(*state))
            .collect();
        let succeeded = states.iter().filter(|s| **s == ExecutionState::Succeeded).count();
        (!states.is_empty()).then_some(SuccessRate { succeeded, of: states.len() })
    }
}

/// The median duration of the successes among these runs, newest first.
pub(super) fn median_duration(runs: &[Execution]) -> Option<Duration> {
    median(durations(runs))
}

/// The runs as points of a chart, oldest first.
pub(super) fn trend(execution: &Execution, earlier: &[Execution]) -> Vec<Ran> {
    let point = |run: &Execution| {
        let end = run.ended_at()?;
        Some(Ran { number: run.number, at: end, duration: run.duration(end)?, state: run.state })
    };
    earlier.iter().rev().chain(std::iter::once(execution)).filter_map(point).collect()
}

fn durations(runs: &[Execution]) -> Vec<Duration> {
    runs.iter()
        .filter(|run| run.state == ExecutionState::Succeeded)
        .filter_map(|run| run.duration(run.ended_at()?))
        .take(COMPARED)
        .collect()
}

fn median(mut durations: Vec<Duration>) -> Option<Duration> {
    durations.sort_unstable();
    let middle = durations.len() / 2;
    let upper = *durations.get(middle)?;
    if durations.len() % 2 == 1 { Some(upper) } else { Some((durations[middle - 1] + upper) / 2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_in_the_middle() {
        let check = |seconds: &[u64], expected: Option<f64>| {
            let durations = seconds.iter().map(|s| Duration::from_secs(*s)).collect();
            assert_eq!(median(durations), expected.map(Duration::from_secs_f64), "{seconds:?}");
        };
        check(&[], None);
        check(&[7], Some(7.0));
        check(&[9, 1], Some(5.0));
        check(&[9, 1, 2], Some(2.0));
    }
}
