//! Policy: rules that allow and deny. Any deny wins, else an allow, else refused.
//!
//! **Architecture Invariant:** the decision depends on the set of rules alone, never on their
//! order; without a rule the answer is no. Pure: the time is part of the question.

mod cases;
mod conditions;
mod rule;
mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use cases::{CaseError, CaseReport, run_cases};
pub(super) use conditions::{Conditions, Holds, Known, RawConditions, no_parameter};
pub use rule::{Effect, Outcome, RuleName};
use rule::{RawRule, Rule};
pub(super) use values::Reading;

use super::load::{Loader, duplicates};
use super::request::Request;
use super::{Permission, Refusal, User};
use crate::catalog::Localized;

/// Every rule of `policy/*.yaml`.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    rules: Vec<Rule>,
}

/// The answer to a request, with how it came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    pub verdict: Verdict,
    /// Every rule, in the order of the files, with what it made of the request.
    pub considered: Vec<Considered>,
}

/// Yes or no, and because of which rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    Allowed {
        rule: RuleName,
    },
    Denied {
        rule: RuleName,
        reason: Option<Localized>,
    },
    /// No rule allows it. These roles might be asked for.
    NotAllowed {
        ask_for: Vec<String>,
    },
}

/// A rule that was considered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Considered {
    pub rule: RuleName,
    pub effect: Effect,
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Decision {
    pub fn is_allowed(&self) -> bool {
        matches!(self.verdict, Verdict::Allowed { .. })
    }

    /// The rule that decided, where one did.
    pub fn rule(&self) -> Option<&RuleName> {
        match &self.verdict {
            Verdict::Allowed { rule } | Verdict::Denied { rule, .. } => Some(rule),
            Verdict::NotAllowed { .. } => None,
        }
    }

    /// The refusal to show, unless it is allowed.
    pub fn refusal(&self, request: &Request) -> Option<Refusal> {
        let template = request.job.map(|job| job.facts.id.clone());
        match &self.verdict {
            Verdict::Allowed { .. } => None,
            Verdict::Denied { rule, reason } => Some(Refusal::Denied {
                command: request.command,
                template,
                rule: rule.clone(),
                reason: reason.clone().map(Box::new),
            }),
            Verdict::NotAllowed { ask_for } => Some(Refusal::NotAllowed {
                command: request.command,
                template,
                user: request.user.id.clone(),
                roles: request.user.roles.clone(),
                ask_for: ask_for.clone(),
            }),
        }
    }
}

impl Policy {
    /// Decides. Where the values of a job are not known, the answer is what holds whatever they
    /// are: a deny that may apply denies, and an allow that may apply does not allow.
    pub fn decide(&self, request: &Request) -> Decision {
        let considered: Vec<Considered> = self
            .rules
            .iter()
            .map(|rule| Considered {
                rule: rule.name.clone(),
                effect: rule.effect,
                outcome: rule.outcome(request),
            })
            .collect();
        let decides = |c: &&Considered, effect: Effect| {
            c.effect == effect
                && (c.outcome == Outcome::Applies
                    || (effect == Effect::Deny && c.outcome == Outcome::MayApply))
        };
        let denied = considered.iter().position(|c| decides(&c, Effect::Deny));
        let allowed = considered.iter().find(|c| decides(c, Effect::Allow));
        let verdict = match (denied, allowed) {
            // `considered` has one entry for each rule, at the same index.
            (Some(index), _) => Verdict::Denied {
                rule: self.rules[index].name.clone(),
                reason: self.rules[index].reason.clone(),
            },
            (None, Some(allow)) => Verdict::Allowed { rule: allow.rule.clone() },
            (None, None) => Verdict::NotAllowed { ask_for: self.roles_for(request) },
        };
        Decision { verdict, considered }
    }

    /// Whether some values exist with which the request may be allowed: what is worth showing
    /// in a list of jobs. Never a permission.
    pub fn might_allow(&self, request: &Request) -> bool {
        let mut allowed = false;
        for rule in &self.rules {
            match (rule.effect, rule.outcome(request)) {
                (Effect::Deny, Outcome::Applies) => return false,
                (Effect::Allow, Outcome::Applies | Outcome::MayApply) => allowed = true,
                _ => {}
            }
        }
        allowed
    }

    /// Whether somebody may do this at all: in some place, to some job, at some time.
    pub fn might_ever_allow(&self, user: &User, command: Permission) -> bool {
        let is = |rule: &Rule, effect: Effect| rule.effect == effect;
        self.rules.iter().any(|rule| is(rule, Effect::Allow) && rule.might_concern(user, command))
            && !self
                .rules
                .iter()
                .any(|rule| is(rule, Effect::Deny) && rule.always_concerns(user, command))
    }

    pub(super) fn rule_count(&self) -> usize {
        self.rules.len()
    }

    fn roles_for(&self, request: &Request) -> Vec<String> {
        let facts = request.job.map(|job| job.facts);
        let roles: BTreeSet<&String> = self
            .rules
            .iter()
            .flat_map(|rule| rule.roles_for(request.command, facts))
            .filter(|role| !request.user.has_role(role))
            .collect();
        roles.into_iter().cloned().collect()
    }

    /// Reads `policy/*.yaml`.
    pub(super) fn load(known: &Known, loader: &mut Loader) -> Policy {
        let mut rules: Vec<Rule> = Vec::new();
        for file in loader.files_in(FOLDER, &[TESTS]) {
            let Some(content) = loader.read::<File>(&file) else { continue };
            for name in duplicates(content.rules.iter().map(|rule| &rule.name)) {
                let text = format!("the rule `{}` is defined twice", name.value);
                loader.mistake(&file, name.referenced.line(), "name", text);
            }
            for raw in content.rules {
                let rule = raw.check(&file, known, loader);
                let other = rules.iter().find(|r| r.name.name == rule.name.name);
                if let Some(other) = other.filter(|o| o.name.file != file) {
                    let RuleName { name, file: first, line } = &other.name;
                    let text = format!("the rule `{name}` is defined in {first}:{line} already");
                    loader.mistake(&file, rule.name.line, "name", text);
                }
                rules.push(rule);
            }
        }
        // A case that is not run proves nothing; which there are, `steward policy test` reads.
        let tests = format!("{FOLDER}/{TESTS}");
        if loader.holds(&tests) {
            loader.files_in(&tests, &[]);
        }
        Policy { rules }
    }

    /// In which files the rules stand, one for each rule.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.name.file.as_str())
    }
}

/// Where the rules are.
pub(super) const FOLDER: &str = "policy";
/// Below it, where the cases are.
const TESTS: &str = "tests";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rules: Vec<RawRule>,
}
