//! Cases: what a policy has to decide, kept as data next to it.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use super::Decision;
use crate::access::load::{Loader, Mistakes};
use crate::access::request::Place;
use crate::access::rules::{Asked, Rules};
use crate::access::{Permission, Refusal};
use crate::catalog::{TemplateId, Value, Values};
use crate::channels::NAMES;

/// Why cases could not be run.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error("the file {0} has no name")]
    NoFile(std::path::PathBuf),
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
}

/// What became of one case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseReport {
    pub name: String,
    pub line: u64,
    /// What went otherwise than expected; `None`: nothing.
    pub failure: Option<String>,
}

/// Runs the cases of a file against rules.
///
/// # Errors
///
/// When the file can't be read as cases.
pub fn run_cases(rules: &Rules, file: &Path) -> Result<Vec<CaseReport>, CaseError> {
    let name = file.file_name().and_then(|name| name.to_str());
    let (folder, name) = match (file.parent(), name) {
        (Some(folder), Some(name)) => (folder, name),
        _ => return Err(CaseError::NoFile(file.to_owned())),
    };
    let mut loader = Loader::new(folder);
    let cases = loader.read::<File>(name).map(|file| file.cases);
    let reports = cases.iter().flatten().map(|case| CaseReport {
        name: case.name.value.clone(),
        line: case.name.referenced.line(),
        failure: case.run(rules),
    });
    let reports = reports.collect();
    Ok(loader.finish(reports)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: Spanned<String>,
    user: String,
    command: Permission,
    #[serde(default = "terminal")]
    channel: String,
    #[serde(default = "any_chat")]
    chat: String,
    template: Option<TemplateId>,
    #[serde(default)]
    values: std::collections::BTreeMap<String, Value>,
    own: Option<bool>,
    /// A Wednesday at noon in UTC, unless given.
    #[serde(default = "noon")]
    at: Timestamp,
    expect: Expected,
    /// The rule that has to decide.
    rule: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Allow,
    /// By a rule, or because no rule allows it.
    Deny,
}

fn terminal() -> String {
    "terminal".to_owned()
}

fn any_chat() -> String {
    "any".to_owned()
}

fn noon() -> Timestamp {
    // 2026-01-07T12:00:00Z, within the range of timestamps.
    Timestamp::constant(1_767_787_200, 0)
}

impl Case {
    fn run(&self, rules: &Rules) -> Option<String> {
        let values: Values = self.values.clone();
        let asked = Asked {
            user: &self.user,
            command: self.command,
            place: Place { channel: &self.channel, chat: &self.chat },
            template: self.template.as_ref(),
            values: self.template.as_ref().map(|_| &values),
            own: self.own,
            execution: None,
        };
        if let Some(slip) = self.slip(rules) {
            return Some(slip);
        }
        let answer = match rules.may(&asked, self.at) {
            Ok(decision) => (Expected::Allow, rule_name(&decision), "it is allowed".to_owned()),
            Err(refusal) => {
                let rule = match &refusal {
                    Refusal::Denied { rule, .. } => Some(rule.name.clone()),
                    _ => None,
                };
                (Expected::Deny, rule, refusal.to_string())
            }
        };
        let (got, rule, text) = answer;
        if got != self.expect {
            return Some(text);
        }
        match &self.rule {
            Some(wanted) if rule.as_ref() != Some(wanted) => Some(format!(
                "decided by {}, not by {wanted}",
                rule.as_deref().unwrap_or("no rule")
            )),
            _ => None,
        }
    }
}

impl Case {
    /// A name that stands for nothing. It would be refused whatever the policy says, and the case
    /// would prove nothing.
    fn slip(&self, rules: &Rules) -> Option<String> {
        if rules.users().get(&self.user).is_none() {
            return Some(format!("there is no user `{}`", self.user));
        }
        if !NAMES.contains(&self.channel.as_str()) {
            return Some(format!("there is no channel `{}`", self.channel));
        }
        let Some(template) = &self.template else {
            let values = !self.values.is_empty();
            return values.then(|| "values belong to a job: give its `template`".to_owned());
        };
        let Ok(facts) = rules.facts(template) else {
            return Some(format!("there is no job template `{template}`"));
        };
        let known = |name: &str| facts.parameters.iter().any(|parameter| parameter.name == name);
        let unknown = self.values.keys().find(|name| !known(name));
        unknown.map(|name| format!("{template} has no parameter `{name}`"))
    }
}

fn rule_name(decision: &Decision) -> Option<String> {
    decision.rule().map(|rule| rule.name.clone())
}
