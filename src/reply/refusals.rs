//! Refusals, in words: what was not done, why, and what to do about it.

use super::{Speech, Writer, say};
use crate::access::{
    ComplianceKind, Limited, LimitedBy, Notice, Permission, Refusal, Requirement, RuleName,
};
use crate::catalog::{Localized, TemplateId};

impl Writer<'_> {
    /// Why somebody can't do what they asked for.
    pub fn refusal(&self, refusal: &Refusal) -> String {
        let speech = self.speech;
        match refusal {
            Refusal::UnknownUser { channel, id } => say!(
                speech, "refusal-unknown-user",
                "channel" => channel.as_str(), "id" => id.as_str(),
            ),
            Refusal::Disabled { user } => {
                say!(speech, "refusal-disabled", "user" => user.as_str())
            }
            Refusal::Denied { command, template, rule, reason } => {
                let what = self.deed(*command, template.as_ref());
                let rule = speech.rule(rule);
                let denied = say!(speech, "refusal-denied", "what" => what, "rule" => rule);
                with_reason(speech, denied, reason.as_deref())
            }
            Refusal::NotAllowed { command, template, user, ask_for, .. } => {
                let what = self.deed(*command, template.as_ref());
                if ask_for.is_empty() {
                    let user = user.as_str();
                    say!(speech, "refusal-not-allowed", "what" => what, "user" => user)
                } else {
                    say!(
                        speech, "refusal-not-allowed-roles",
                        "what" => what, "user" => user.as_str(), "roles" => speech.list(ask_for),
                    )
                }
            }
            Refusal::UnknownTemplate { template } => {
                say!(speech, "refusal-unknown-template", "template" => template.as_str())
            }
            Refusal::JobChanged { template } => {
                say!(speech, "refusal-job-changed", "job" => self.job_name(template))
            }
            Refusal::NothingToConfirm => say!(speech, "refusal-nothing-to-confirm"),
            Refusal::PlanExpired => say!(speech, "refusal-plan-expired"),
            Refusal::PlanUsed => say!(speech, "refusal-plan-used"),
            Refusal::NotTheRequester { requester } => {
                say!(speech, "refusal-not-the-requester", "requester" => requester.as_str())
            }
            Refusal::WrongPlace => say!(speech, "refusal-wrong-place"),
            Refusal::Compliance { rule, kind, message } => {
                let rule = speech.rule(rule);
                let text = match kind {
                    ComplianceKind::Sensitive => {
                        say!(speech, "refusal-compliance-sensitive", "rule" => rule)
                    }
                    ComplianceKind::Hours => {
                        say!(speech, "refusal-compliance-hours", "rule" => rule)
                    }
                    ComplianceKind::Frequency => {
                        say!(speech, "refusal-compliance-frequency", "rule" => rule)
                    }
                };
                with_reason(speech, text, message.as_deref())
            }
            Refusal::TooMany { what, whose, retry_after } => {
                let text = match (what, whose) {
                    (Limited::Messages, LimitedBy::User) => say!(speech, "refusal-many-messages"),
                    (Limited::Messages, LimitedBy::Chat) => {
                        say!(speech, "refusal-many-messages-chat")
                    }
                    (Limited::Runs, LimitedBy::User) => say!(speech, "refusal-many-runs"),
                    (Limited::Runs, LimitedBy::Chat) => say!(speech, "refusal-many-runs-chat"),
                };
                say!(speech, "refusal-try-later", "text" => text, "seconds" => *retry_after)
            }
            Refusal::Busy { target, requester, template, since } => say!(
                speech, "refusal-busy",
                "target" => target.as_str(),
                "requester" => requester.as_str(),
                "job" => self.job_name(template),
                "since" => speech.moment(*since, &self.zone),
            ),
            Refusal::CheckFailed { reason } => {
                say!(speech, "refusal-check-failed", "reason" => reason.as_str())
            }
            Refusal::TooManyTargets { targets, most } => {
                say!(speech, "refusal-too-many-targets", "targets" => *targets, "most" => *most)
            }
            Refusal::SecretTyped { parameter } => {
                say!(speech, "note-secret-refused", "parameter" => speech.name(parameter))
            }
            other => self.approval_refusal(other),
        }
    }

    fn approval_refusal(&self, refusal: &Refusal) -> String {
        let speech = self.speech;
        match refusal {
            Refusal::ApprovalOpen { granted, needed } => {
                say!(speech, "refusal-approval-open", "granted" => *granted, "needed" => *needed)
            }
            Refusal::ApprovalRejected { by, reason } => say!(
                speech, "refusal-approval-rejected",
                "by" => by.as_str(), "reason" => reason.as_str(),
            ),
            Refusal::ApprovalExpired => say!(speech, "refusal-approval-expired"),
            Refusal::ApprovalWithdrawn => say!(speech, "refusal-approval-withdrawn"),
            Refusal::NoSuchApproval => say!(speech, "refusal-no-such-approval"),
            Refusal::OwnRun => say!(speech, "refusal-own-run"),
            Refusal::NotAnApprover { roles, users } => {
                let who = speech.list(roles.iter().chain(users));
                say!(speech, "refusal-not-an-approver", "who" => who)
            }
            Refusal::DecidedAlready { by } => {
                say!(speech, "refusal-decided-already", "by" => by.as_str())
            }
            Refusal::ReasonMissing => say!(speech, "refusal-reason-missing"),
            Refusal::BadCode => say!(speech, "refusal-bad-code"),
            Refusal::NoSuchUser { user } => {
                say!(speech, "refusal-no-such-user", "user" => user.as_str())
            }
            Refusal::AuditUnavailable { .. } => say!(speech, "refusal-audit-unavailable"),
            // What is left are failures of the store; the details are for the log.
            _ => say!(speech, "refusal-store-unavailable"),
        }
    }

    /// What a command does, as in "to run Deploy application".
    fn deed(&self, command: Permission, template: Option<&TemplateId>) -> String {
        let speech = self.speech;
        let job = template.map(|template| self.job_name(template));
        match (command, job) {
            (Permission::Run, Some(job)) => say!(speech, "deed-run-job", "job" => job),
            (Permission::Run, None) => say!(speech, "deed-run"),
            (Permission::UseChatops, _) => say!(speech, "deed-use-chatops"),
            (Permission::Status, _) => say!(speech, "deed-status"),
            (Permission::List, _) => say!(speech, "deed-list"),
            (Permission::Cancel, _) => say!(speech, "deed-cancel"),
            (Permission::Help, _) => say!(speech, "deed-help"),
            (Permission::History, _) => say!(speech, "deed-history"),
            (Permission::Logs, _) => say!(speech, "deed-logs"),
            (Permission::Schedule, _) => say!(speech, "deed-schedule"),
            (Permission::Approve, _) => say!(speech, "deed-approve"),
            (Permission::Settings, _) => say!(speech, "deed-settings"),
            (Permission::BreakGlass, _) => say!(speech, "deed-break-glass"),
            (Permission::Audit, _) => say!(speech, "deed-audit"),
            (Permission::Admin, _) => say!(speech, "deed-admin"),
        }
    }

    /// What compliance remarks on a run that may go on.
    pub fn notice(&self, notice: &Notice) -> String {
        let speech = self.speech;
        let text = match (&notice.message, notice.kind) {
            (Some(message), _) => speech.of(message),
            (None, ComplianceKind::Sensitive) => say!(speech, "notice-sensitive"),
            (None, ComplianceKind::Hours) => say!(speech, "notice-hours"),
            (None, ComplianceKind::Frequency) => say!(speech, "notice-frequency"),
        };
        if notice.warning { say!(speech, "notice-warning", "text" => text) } else { text }
    }

    /// Who has to agree before a plan can run.
    pub fn requirement(&self, requirement: &Requirement, requester: &str) -> String {
        let speech = self.speech;
        let others = requirement.users.iter().filter(|user| *user != requester);
        let who = speech.list(requirement.roles.iter().chain(others));
        say!(speech, "requirement", "count" => requirement.count, "who" => who)
    }
}

impl Speech {
    /// A rule, so that an administrator finds it.
    fn rule(self, rule: &RuleName) -> String {
        let RuleName { name, file, line } = rule;
        let (name, file) = (name.as_str(), file.as_str());
        say!(self, "refusal-rule", "rule" => name, "file" => file, "line" => *line)
    }
}

fn with_reason(speech: Speech, text: String, reason: Option<&Localized>) -> String {
    match reason {
        Some(reason) => format!("{text}\n{}", speech.of(reason)),
        None => text,
    }
}
