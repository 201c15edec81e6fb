//! Jobs: what runs, what ran, and what became of it.
//!
//! It keeps the record of every execution, calls the platforms, watches what runs and tells who
//! follows it, reports how it ended, and remembers what is to run later. It never decides whether
//! something may run, never talks to a person, and never says a word in any language.
//!
//! **Architecture Invariant:** nothing is started without an
//! [`AuthorizedRun`](crate::access::AuthorizedRun). An execution is stored, with its idempotency
//! key, before its platform is called.

pub mod chart;
mod execution;
pub mod executions;
pub mod monitor;
mod output;
pub mod platform;
pub mod report;
pub mod schedule;

pub use execution::{
    Execution, ExecutionState, FailedTarget, Metric, Outcome, Resources, Sample, StateChange,
    reason,
};
pub use executions::{Created, Executions, ExecutionsError, NUMBERS, NewExecution, Query};
pub use monitor::{Dispatch, Monitor, News, Notice, Notifier, Subscriber};
pub use report::{Recovery, Report, Reporter, recovery};
