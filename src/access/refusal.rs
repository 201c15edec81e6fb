//! Refusals: why something was not done, in a form that a reply can be written from.

use serde::{Deserialize, Serialize};

use super::Permission;
use super::policy::RuleName;
use crate::catalog::{Localized, TemplateId};
use crate::nlu::values::ValueError;

/// Why a person can't do what they asked for. Rendered for people by `locales/*.ftl`, one
/// message per variant; the `Display` text is for logs and the audit record.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum Refusal {
    /// Nobody is linked to this account. Shows the id that an administrator needs.
    #[error("nobody is linked to {id} on {channel}")]
    UnknownUser { channel: String, id: String },
    #[error("the user {user} is disabled")]
    Disabled { user: String },

    /// A deny rule matched.
    #[error("{command} is denied by the rule {rule}")]
    Denied {
        command: Permission,
        template: Option<TemplateId>,
        rule: RuleName,
        /// What the rule's author wants the refused person to know.
        reason: Option<Box<Localized>>,
    },
    /// No rule allows it. What to ask an administrator for: this command, this template, for
    /// one of these roles.
    #[error("no rule allows {command} to {user}")]
    NotAllowed {
        command: Permission,
        template: Option<TemplateId>,
        user: String,
        roles: Vec<String>,
        /// Roles that some rule allows the command (and template) to, as far as can be said
        /// without the other conditions of the rules.
        ask_for: Vec<String>,
    },
    #[error("there is no job template {template}")]
    UnknownTemplate { template: TemplateId },

    /// The job is not defined as it was when the plan was shown.
    #[error("the job {template} was changed since this plan was shown")]
    JobChanged { template: TemplateId },

    /// The plan was never shown, was changed since, or was dropped: nothing to confirm.
    #[error("there is no such plan to confirm")]
    NothingToConfirm,
    #[error("the plan has expired; ask again")]
    PlanExpired,
    /// It was confirmed before; a plan runs once.
    #[error("this plan was used already")]
    PlanUsed,
    #[error("only {requester} can confirm this plan")]
    NotTheRequester { requester: String },
    #[error("a plan is confirmed where it was asked for")]
    WrongPlace,

    /// A compliance rule refuses the run.
    #[error("the rule {rule} refuses the run")]
    Compliance { rule: RuleName, kind: ComplianceKind, message: Option<Box<Localized>> },
    /// Too many messages or runs; try again after so many seconds.
    #[error("too many {what} by this {whose}; try again in {retry_after} s")]
    TooMany { what: Limited, whose: LimitedBy, retry_after: u64 },
    /// Something else runs on the same target ("one deploy per environment at a time").
    #[error("{requester} is running something on {target} since {since}")]
    Busy {
        /// `environment=production, service=checkout`
        target: String,
        requester: String,
        template: TemplateId,
        since: jiff::Timestamp,
    },
    /// The template's own check, which is asked before a run, said no.
    #[error("the check of the job said no: {reason}")]
    CheckFailed { reason: String },
    /// More targets in one run than locks can be held for.
    #[error("{targets} targets in one run; at most {most}")]
    TooManyTargets { targets: usize, most: usize },
    #[error("the value of {parameter} looks like a secret")]
    SecretTyped { parameter: String },
    /// The plan does not fit the catalogue, or no longer does.
    #[error("the value of {parameter} can't be taken: {error}")]
    BadValue { parameter: String, error: ValueError },
    #[error("{parameter} has no value")]
    MissingValue { parameter: String },
    #[error("there is no parameter {parameter}")]
    UnknownParameter { parameter: String },

    /// It waits for approvals.
    #[error("{granted} of {needed} approvals so far")]
    ApprovalOpen { granted: usize, needed: usize },
    #[error("{by} rejected the run: {reason}")]
    ApprovalRejected { by: String, reason: String },
    #[error("nobody approved in time")]
    ApprovalExpired,
    #[error("the request for approval was withdrawn")]
    ApprovalWithdrawn,
    #[error("there is no such request for approval")]
    NoSuchApproval,
    /// The requester is never an approver.
    #[error("nobody approves their own run")]
    OwnRun,
    /// Approvers are these roles and users.
    #[error("approvers are: {}", of_whom(roles, users))]
    NotAnApprover { roles: Vec<String>, users: Vec<String> },
    #[error("{by} has decided already")]
    DecidedAlready { by: String },
    /// A rejection and breaking the glass need a reason.
    #[error("a reason is needed")]
    ReasonMissing,

    /// The one-time code for linking is wrong, used or expired.
    #[error("the code is wrong, used or expired")]
    BadCode,
    #[error("there is no user {user}")]
    NoSuchUser { user: String },

    /// Nothing runs that can't be written down.
    #[error("the audit log can't be written, so nothing runs: {reason}")]
    AuditUnavailable { reason: String },
    #[error("the store can't be used, so nothing runs: {reason}")]
    StoreUnavailable { reason: String },
}

impl Refusal {
    /// The rule that it names.
    pub fn rule(&self) -> Option<&RuleName> {
        match self {
            Refusal::Denied { rule, .. } | Refusal::Compliance { rule, .. } => Some(rule),
            _ => None,
        }
    }

    /// Whether Steward itself failed, rather than somebody being refused.
    pub fn is_failure(&self) -> bool {
        matches!(self, Refusal::AuditUnavailable { .. } | Refusal::StoreUnavailable { .. })
    }
}

/// What a compliance rule found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComplianceKind {
    /// The job is sensitive, whenever it runs.
    Sensitive,
    /// It is outside the allowed hours.
    Hours,
    /// It ran too often.
    Frequency,
}

/// What a rate limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limited {
    Messages,
    Runs,
}

/// By whom a rate limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitedBy {
    User,
    Chat,
}

impl std::fmt::Display for Limited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Limited::Messages => "messages",
            Limited::Runs => "runs",
        })
    }
}

impl std::fmt::Display for LimitedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            LimitedBy::User => "user",
            LimitedBy::Chat => "chat",
        })
    }
}

fn of_whom(roles: &[String], users: &[String]) -> String {
    let roles = roles.iter().map(|r| format!("role {r}"));
    let users = users.iter().map(|u| format!("user {u}"));
    roles.chain(users).collect::<Vec<_>>().join(", ")
}
