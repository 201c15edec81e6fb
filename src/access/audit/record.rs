//! What is written down.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access::policy::RuleName;
use crate::catalog::TemplateId;
use crate::channels::Address;
use crate::plan::{Given, PlanHash};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A run may start. The platform is called after this is on disk, never before.
    RunAuthorized,
    RunRefused,
    RunFinished,
    /// A run may start without the approvals it would need.
    BreakGlass,
    ScheduleAuthorized,
    /// Something other than a run was refused.
    Refused,
    /// Something other than a run that changes something was permitted.
    Permitted,
    ApprovalRequested,
    Approved,
    Rejected,
    /// An approver took an approval back.
    Retracted,
    /// The requester withdrew the request for approval.
    Withdrawn,
    ApprovalExpired,
    /// The job was changed while its run waited; the request is closed.
    ApprovalOutdated,
    Linked,
    Unlinked,
    /// Somebody came in by a one-time link.
    LoggedIn,
    LoggedOut,
    /// The access files were read again.
    Reloaded,
    /// A record that was cut off by a crash was removed from the end of the log.
    Recovered,
    /// An operator acknowledged that the log before this record is lost.
    LossAcknowledged,
}

impl Event {
    /// Every event, for error messages and documentation.
    pub const ALL: [Event; 21] = [
        Event::RunAuthorized,
        Event::RunRefused,
        Event::RunFinished,
        Event::BreakGlass,
        Event::ScheduleAuthorized,
        Event::Refused,
        Event::Permitted,
        Event::ApprovalRequested,
        Event::Approved,
        Event::Rejected,
        Event::Retracted,
        Event::Withdrawn,
        Event::ApprovalExpired,
        Event::ApprovalOutdated,
        Event::Linked,
        Event::Unlinked,
        Event::LoggedIn,
        Event::LoggedOut,
        Event::Reloaded,
        Event::Recovered,
        Event::LossAcknowledged,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Event::RunAuthorized => "run_authorized",
            Event::RunRefused => "run_refused",
            Event::RunFinished => "run_finished",
            Event::BreakGlass => "break_glass",
            Event::ScheduleAuthorized => "schedule_authorized",
            Event::Refused => "refused",
            Event::Permitted => "permitted",
            Event::ApprovalRequested => "approval_requested",
            Event::Approved => "approved",
            Event::Rejected => "rejected",
            Event::Retracted => "retracted",
            Event::Withdrawn => "withdrawn",
            Event::ApprovalExpired => "approval_expired",
            Event::ApprovalOutdated => "approval_outdated",
            Event::Linked => "linked",
            Event::Unlinked => "unlinked",
            Event::LoggedIn => "logged_in",
            Event::LoggedOut => "logged_out",
            Event::Reloaded => "reloaded",
            Event::Recovered => "recovered",
            Event::LossAcknowledged => "loss_acknowledged",
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a record says, before it gets its place in the chain. Fields that do not apply are left
/// out of the line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub event: Event,
    /// The Steward user, and the name people know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The channel's own identifier of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Address>,
    /// The network address it came from, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The words said, secrets redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub understood: Option<Understood>,
    /// The command that was permitted or refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateId>,
    /// Every value with where it came from, secrets redacted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Given>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanHash>,
    /// The rule that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleName>,
    /// Compliance rules that noted, warned or asked for approval.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<RuleName>,
    /// Who confirmed; for a scheduled run the schedule, as `schedule:ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Vote>,
    /// Why: of a refusal, a decision, or breaking the glass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For a finished run: the record that authorised it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<u64>,
    /// The execution's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<u64>,
    /// The execution's final state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
}

impl Entry {
    /// An entry that says only what happened.
    pub fn new(event: Event) -> Entry {
        Entry {
            event,
            user: None,
            name: None,
            account: None,
            place: None,
            origin: None,
            message: None,
            session: None,
            words: None,
            understood: None,
            command: None,
            template: None,
            parameters: BTreeMap::new(),
            plan: None,
            rule: None,
            notices: Vec::new(),
            confirmed_by: None,
            approvals: Vec::new(),
            reason: None,
            begin: None,
            execution: None,
            result: None,
            duration: None,
        }
    }
}

/// What the words were taken for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Understood {
    /// The best labels with their probabilities, best first.
    pub ranking: Vec<(String, f32)>,
    /// The fingerprint of the model that said so.
    pub model: String,
}

/// Who agreed, when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    pub by: String,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// From 1, without gaps, over all files.
    pub seq: u64,
    pub time: Timestamp,
    #[serde(flatten)]
    pub entry: Entry,
    /// The hash of the record before: 64 hexadecimal digits, zeros for the first.
    pub prev: String,
    /// SHA-256 over the line up to this field.
    pub hash: String,
}
