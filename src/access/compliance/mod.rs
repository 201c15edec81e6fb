//! Compliance: what is remarked on, asked for approval or refused although the policy allows it.
//! Sensitive jobs, allowed hours, and how often something may run.

mod file;
mod frequency;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use self::frequency::{Count, Frequency};
use super::approval::Requirement;
use super::hours::Window;
use super::policy::{Conditions, Holds, Reading, RuleName};
use super::refusal::{ComplianceKind, Refusal};
use super::request::Request;
use crate::catalog::Localized;
use crate::store::{Batch, Store, StoreError};

/// Every rule of `compliance.yaml`.
#[derive(Debug, Clone, Default)]
pub struct Compliance {
    rules: Vec<Rule>,
}

/// What the rules make of a run that the policy allows.
#[derive(Debug, Clone, Default)]
pub(super) struct Judgement {
    pub notices: Vec<Notice>,
    /// Who has to agree; empty: nobody.
    pub requirements: Vec<Requirement>,
    /// How long approvals are good for: the shortest time of the rules that ask for them.
    pub lifetime: Option<SignedDuration>,
    pub refusals: Vec<Refusal>,
    counts: Vec<Count>,
}

/// What a rule has to say about a run that goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub rule: RuleName,
    pub kind: ComplianceKind,
    /// Whether people should look twice, rather than just know.
    pub warning: bool,
    pub message: Option<Localized>,
    /// Names of chats or groups (see the configuration) to be told of the run.
    pub notify: Vec<String>,
}

#[derive(Debug, Clone)]
struct Rule {
    name: RuleName,
    when: Conditions,
    /// It does not concern a run when one of these holds.
    unless: Vec<Conditions>,
    trigger: Trigger,
    action: Action,
    message: Option<Localized>,
    notify: Vec<String>,
}

#[derive(Debug, Clone)]
enum Trigger {
    Always,
    Outside(Vec<Window>),
    MoreThan(Frequency),
}

#[derive(Debug, Clone)]
enum Action {
    Note,
    Warn,
    Approve { requirement: Requirement, lifetime: SignedDuration },
    Refuse,
}

impl Compliance {
    /// In which file the rules stand, once for each rule.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.name.file.as_str())
    }

    /// Judges a run whose values are known.
    pub(super) async fn judge(
        &self,
        request: &Request<'_>,
        store: &dyn Store,
    ) -> Result<Judgement, StoreError> {
        let mut judgement = Judgement::default();
        for rule in self.rules.iter().filter(|rule| rule.concerns(request)) {
            let kind = match &rule.trigger {
                Trigger::Always => ComplianceKind::Sensitive,
                Trigger::Outside(hours) if hours.iter().any(|w| w.contains(request.now)) => {
                    continue;
                }
                Trigger::Outside(_) => ComplianceKind::Hours,
                Trigger::MoreThan(frequency) => {
                    let count = frequency.count(&rule.name, request, store).await?;
                    let within = count.runs <= frequency.runs;
                    judgement.counts.push(count.row);
                    if within {
                        continue;
                    }
                    ComplianceKind::Frequency
                }
            };
            rule.apply(kind, &mut judgement);
        }
        Ok(judgement)
    }
}

impl Judgement {
    /// Adds this run to what was counted. The batch fails when another run was counted meanwhile.
    pub fn count(&self, batch: Batch) -> Batch {
        self.counts.iter().fold(batch, |batch, count| count.put(batch))
    }

    /// The names of the rules that had something to say.
    pub fn rules(&self) -> Vec<RuleName> {
        let mut names: Vec<RuleName> = self
            .notices
            .iter()
            .map(|notice| notice.rule.clone())
            .chain(self.requirements.iter().map(|r| r.rule.clone()))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Rule {
    fn concerns(&self, request: &Request) -> bool {
        // Read like a deny: these rules restrict.
        let holds = |c: &Conditions, reading| c.hold(request, reading) == Holds::Yes;
        holds(&self.when, Reading::Wide)
            && !self.unless.iter().any(|unless| holds(unless, Reading::Narrow))
    }

    fn apply(&self, kind: ComplianceKind, judgement: &mut Judgement) {
        let notice = |warning| Notice {
            rule: self.name.clone(),
            kind,
            warning,
            message: self.message.clone(),
            notify: self.notify.clone(),
        };
        match &self.action {
            Action::Note => judgement.notices.push(notice(false)),
            Action::Warn => judgement.notices.push(notice(true)),
            Action::Approve { requirement, lifetime } => {
                judgement.notices.push(notice(false));
                judgement.requirements.push(requirement.clone());
                let shortest = judgement.lifetime.map_or(*lifetime, |l| l.min(*lifetime));
                judgement.lifetime = Some(shortest);
            }
            Action::Refuse => judgement.refusals.push(Refusal::Compliance {
                rule: self.name.clone(),
                kind,
                message: self.message.clone().map(Box::new),
            }),
        }
    }
}
