//! Approvals: N of M people agree to somebody else's run.
//!
//! **Architecture Invariant:** the requester is never an approver, and a vote is for exactly one
//! plan: a plan that changed has another hash and begins without votes.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::audit::Vote;
use super::hours::later;
use super::policy::RuleName;
use super::{Context, Refusal, User, Users};
use crate::plan::{Plan, PlanHash};

/// A request for approval of a plan, with everything that an approver has to see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// The number that the execution will have: people can name the request by it.
    pub execution: u64,
    pub plan: Plan,
    /// Every one of them has to be met.
    pub requirements: Vec<Requirement>,
    pub requested: Timestamp,
    /// After this moment nobody can approve, and what was approved can't start.
    pub expires: Timestamp,
    /// Those who approved, in order.
    pub votes: Vec<Vote>,
    pub state: ApprovalState,
    /// What was said, for the audit record of the run.
    pub context: Context,
}

/// Who has to agree, and because of which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    pub rule: RuleName,
    /// So many of those with one of the roles, or named.
    pub count: usize,
    pub roles: Vec<String>,
    pub users: Vec<String>,
}

/// Where a request for approval stands. Whether it has expired, the time says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ApprovalState {
    Open,
    Granted,
    Rejected {
        by: String,
        at: Timestamp,
        reason: String,
    },
    Withdrawn {
        at: Timestamp,
    },
    /// Nobody approved in time, and the requester was told.
    Expired,
    /// The job was changed after it was asked for, and the requester was told.
    Outdated,
    /// The run was authorised.
    Used,
}

/// What an approver decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ballot {
    Approve {
        reason: Option<String>,
    },
    /// One rejection is enough. The reason must not be empty.
    Reject {
        reason: String,
    },
    /// Takes one's own approval back, as long as the run has not started.
    Retract,
}

impl Requirement {
    /// Whether this user's vote counts for it.
    pub fn accepts(&self, user: &User) -> bool {
        self.users.contains(&user.id) || self.roles.iter().any(|role| user.has_role(role))
    }

    /// How many of the votes count, as the users are now.
    fn votes(&self, votes: &[Vote], requester: &str, users: &Users) -> usize {
        votes
            .iter()
            .filter(|vote| vote.by != requester)
            .filter_map(|vote| users.get(&vote.by))
            .filter(|user| user.enabled && self.accepts(user))
            .count()
    }
}

impl Approval {
    /// A request for approval of a confirmed plan.
    pub(super) fn new(
        execution: u64,
        plan: Plan,
        requirements: Vec<Requirement>,
        lifetime: SignedDuration,
        context: Context,
        now: Timestamp,
    ) -> Approval {
        Approval {
            execution,
            plan,
            requirements,
            requested: now,
            expires: later(now, lifetime),
            votes: Vec::new(),
            state: ApprovalState::Open,
            context,
        }
    }

    pub fn hash(&self) -> PlanHash {
        self.plan.hash()
    }

    /// How many approvals there are and how many are needed, over all requirements.
    pub fn progress(&self, users: &Users) -> (usize, usize) {
        let requester = &self.plan.requester;
        self.requirements.iter().fold((0, 0), |(granted, needed), requirement| {
            let votes = requirement.votes(&self.votes, requester, users);
            (granted + votes.min(requirement.count), needed + requirement.count)
        })
    }

    /// Whether the user may decide about it: asked, enabled, and not the requester.
    pub fn may_decide(&self, user: &User) -> bool {
        user.enabled
            && user.id != self.plan.requester
            && self.requirements.iter().any(|r| r.accepts(user))
    }

    /// Whether somebody can still decide.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.expires && self.is_unsettled()
    }

    /// Whether nothing has come of it yet.
    pub(super) fn is_unsettled(&self) -> bool {
        matches!(self.state, ApprovalState::Open | ApprovalState::Granted)
    }

    /// Whether nothing came of it in time, which nobody was told yet.
    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        self.is_unsettled() && now >= self.expires
    }

    /// Why the run can't start because of it, unless it is granted: judged by who the approvers
    /// are now, not by who they were when they voted.
    pub(super) fn obstacle(&self, users: &Users, now: Timestamp) -> Option<Refusal> {
        self.over(now).or_else(|| {
            let (granted, needed) = self.progress(users);
            (granted < needed).then_some(Refusal::ApprovalOpen { granted, needed })
        })
    }

    /// Why nobody can decide any more, if so.
    pub fn over(&self, now: Timestamp) -> Option<Refusal> {
        match &self.state {
            ApprovalState::Rejected { by, reason, .. } => {
                Some(Refusal::ApprovalRejected { by: by.clone(), reason: reason.clone() })
            }
            ApprovalState::Withdrawn { .. } => Some(Refusal::ApprovalWithdrawn),
            ApprovalState::Used => Some(Refusal::PlanUsed),
            ApprovalState::Expired => Some(Refusal::ApprovalExpired),
            ApprovalState::Outdated => {
                Some(Refusal::JobChanged { template: self.plan.template.clone() })
            }
            ApprovalState::Open | ApprovalState::Granted => {
                (now >= self.expires).then_some(Refusal::ApprovalExpired)
            }
        }
    }

    /// Casts a ballot.
    pub(super) fn decide(
        &mut self,
        user: &User,
        ballot: &Ballot,
        users: &Users,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if user.id == self.plan.requester {
            return Err(Refusal::OwnRun);
        }
        if !self.may_decide(user) {
            return Err(self.not_an_approver());
        }
        if !self.is_open(now) {
            return Err(self.obstacle(users, now).unwrap_or(Refusal::NoSuchApproval));
        }
        let voted = self.votes.iter().position(|vote| vote.by == user.id);
        match (ballot, voted) {
            (Ballot::Reject { reason }, _) if reason.trim().is_empty() => {
                return Err(Refusal::ReasonMissing);
            }
            (Ballot::Reject { reason }, _) => {
                let reason = reason.trim().to_owned();
                self.state = ApprovalState::Rejected { by: user.id.clone(), at: now, reason };
                return Ok(());
            }
            (Ballot::Approve { .. }, Some(_)) => {
                return Err(Refusal::DecidedAlready { by: user.id.clone() });
            }
            (Ballot::Approve { reason }, None) => {
                let reason = reason.as_deref().map(str::trim).filter(|r| !r.is_empty());
                self.votes.push(Vote {
                    by: user.id.clone(),
                    at: now,
                    reason: reason.map(str::to_owned),
                });
            }
            (Ballot::Retract, Some(index)) => {
                self.votes.remove(index);
            }
            (Ballot::Retract, None) => return Err(Refusal::NoSuchApproval),
        }
        let (granted, needed) = self.progress(users);
        self.state = if granted >= needed { ApprovalState::Granted } else { ApprovalState::Open };
        Ok(())
    }

    /// The requester takes the request back.
    pub(super) fn withdraw(&mut self, user: &User, now: Timestamp) -> Result<(), Refusal> {
        if user.id != self.plan.requester {
            return Err(Refusal::NotTheRequester { requester: self.plan.requester.clone() });
        }
        if let Some(refusal) = self.over(now) {
            return Err(refusal);
        }
        self.state = ApprovalState::Withdrawn { at: now };
        Ok(())
    }

    /// The refusal for somebody who is not asked: it names those who are.
    pub fn not_an_approver(&self) -> Refusal {
        let collect = |of: fn(&Requirement) -> &Vec<String>| {
            let mut names: Vec<String> = self.requirements.iter().flat_map(of).cloned().collect();
            // Named by a rule or not: not about their own.
            names.retain(|name| *name != self.plan.requester);
            names.sort_unstable();
            names.dedup();
            names
        };
        Refusal::NotAnApprover { roles: collect(|r| &r.roles), users: collect(|r| &r.users) }
    }
}
