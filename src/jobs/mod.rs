//! Jobs: what runs, what ran, and what became of it.
//!
//! **Architecture Invariant:** nothing is started without an
//! [`AuthorizedRun`](crate::access::AuthorizedRun). An execution is stored, with its idempotency
//! key, before its platform is called.

mod execution;
pub mod executions;
pub mod monitor;
mod output;
pub mod platform;
pub mod report;

pub use execution::{
    Execution, ExecutionState, FailedTarget, Metric, Outcome, Resources, Sample, StateChange,
    reason,
};
pub use executions::{Created, Executions, ExecutionsError, NewExecution, Query};
pub use monitor::{Dispatch, Monitor, News, Notice, Notifier, Subscriber};
pub use report::{Recovery, Report, Reporter};
