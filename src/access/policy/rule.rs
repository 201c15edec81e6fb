//! A rule: whom it concerns, and whether it allows or denies.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use super::conditions::{Conditions, Holds, Known, RawConditions};
use super::values::Reading;
use crate::access::load::Loader;
use crate::access::request::Request;
use crate::access::{Permission, TemplateFacts, User};
use crate::catalog::Localized;

/// What a rule does to the requests that it applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    Allow,
    Deny,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Effect::Allow => "allow",
            Effect::Deny => "deny",
        })
    }
}

/// A rule's name and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleName {
    pub name: String,
    /// Relative to the folder of the access files.
    pub file: String,
    pub line: u64,
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.name, self.file, self.line)
    }
}

/// What a rule made of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "field")]
pub enum Outcome {
    Applies,
    /// It depends on values that are not known.
    MayApply,
    /// The first condition that did not hold.
    DoesNotApply(&'static str),
    /// Its `unless` held.
    Excepted,
}

/// One rule of a policy.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub name: RuleName,
    pub effect: Effect,
    when: Conditions,
    /// It does not apply when one of these holds.
    unless: Vec<Conditions>,
    pub reason: Option<Localized>,
}

impl Rule {
    /// Whether the rule applies. An allow is read narrowly and a deny widely, and their
    /// exceptions the other way round.
    pub fn outcome(&self, request: &Request) -> Outcome {
        let reading = match self.effect {
            Effect::Allow => Reading::Narrow,
            Effect::Deny => Reading::Wide,
        };
        let when = self.when.hold(request, reading);
        if let Holds::No(field) = when {
            return Outcome::DoesNotApply(field);
        }
        let mut certain = when == Holds::Yes;
        for unless in &self.unless {
            match unless.hold(request, reading.opposite()) {
                Holds::Yes => return Outcome::Excepted,
                Holds::Maybe => certain = false,
                Holds::No(_) => {}
            }
        }
        if certain { Outcome::Applies } else { Outcome::MayApply }
    }

    /// Whether this rule can apply to a command of somebody, in some place and to some job.
    pub fn might_concern(&self, user: &User, command: Permission) -> bool {
        self.when.leaves_open(user)
            && self.when.concern(command, None)
            && !self.unless.iter().any(|unless| unless.always_concern(user, command))
    }

    /// Whether this rule applies to a command of somebody, wherever and to whatever job.
    pub fn always_concerns(&self, user: &User, command: Permission) -> bool {
        self.unless.is_empty() && self.when.always_concern(user, command)
    }

    /// The roles for which this rule may allow a command, other conditions apart.
    pub fn roles_for(&self, command: Permission, facts: Option<&TemplateFacts>) -> &[String] {
        if self.effect == Effect::Allow && self.when.concern(command, facts) {
            self.when.roles()
        } else {
            &[]
        }
    }
}

/// A rule as it is written in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub name: Spanned<String>,
    effect: Effect,
    when: RawConditions,
    #[serde(default)]
    unless: Vec<RawConditions>,
    reason: Option<Localized>,
}

impl RawRule {
    pub fn check(self, file: &str, known: &Known, loader: &mut Loader) -> Rule {
        let line = self.name.referenced.line();
        if self.effect == Effect::Allow && self.when.is_empty() {
            let text = "an allow without conditions would let anybody do anything; say at least \
                        which commands it allows";
            loader.mistake(file, line, "when", text.to_owned());
        }
        if self.unless.iter().any(RawConditions::is_empty) {
            let text = "an empty `unless` excepts everything; give conditions or leave it out";
            loader.mistake(file, line, "unless", text.to_owned());
        }
        Rule {
            when: self.when.check(file, known, loader),
            unless: self.unless.into_iter().map(|u| u.check(file, known, loader)).collect(),
            name: RuleName { name: self.name.value, file: file.to_owned(), line },
            effect: self.effect,
            reason: self.reason,
        }
    }
}
