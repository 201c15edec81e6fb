//! Reading `compliance.yaml`.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::frequency::{Frequency, Per};
use super::{Action, Compliance, Rule, Trigger};
use crate::access::approval::Requirement;
use crate::access::hours::RawWindow;
use crate::access::load::{Loader, duplicates};
use crate::access::policy::{Known, Policy, RawConditions, RuleName, no_parameter};
use crate::access::{Permission, User};
use crate::catalog::Localized;

impl Compliance {
    /// Reads `compliance.yaml`, where there is one.
    pub fn load(known: &Known, policy: &Policy, loader: &mut Loader) -> Compliance {
        let file: File = loader.read_if_there(FILE);
        for name in duplicates(file.rules.iter().map(|rule| &rule.name)) {
            let text = format!("the rule `{}` is defined twice", name.value);
            loader.mistake(FILE, name.referenced.line(), "name", text);
        }
        let mut rules = Vec::new();
        for raw in file.rules {
            let line = raw.approvers.as_ref().map_or(0, |approvers| approvers.referenced.line());
            let Some(rule) = raw.check(known, loader) else { continue };
            rule.check_approvers(line, known, policy, loader);
            rules.push(rule);
        }
        Compliance { rules }
    }
}

impl Rule {
    /// Whoever asks, there have to be enough others who can agree: enabled, named by the rule,
    /// permitted to approve, and not the one who asks.
    fn check_approvers(&self, line: u64, known: &Known, policy: &Policy, loader: &mut Loader) {
        let Action::Approve { requirement, .. } = &self.action else { return };
        let enabled = || known.users.iter().filter(|user| user.enabled);
        let can_approve = |user: &&User| {
            requirement.accepts(user) && policy.might_ever_allow(user, Permission::Approve)
        };
        let approvers: Vec<&User> = enabled().filter(can_approve).collect();
        let count = requirement.count;
        let asks = |user: &&User| {
            policy.might_ever_allow(user, Permission::Run)
                && self.when.leaves_open(user)
                && !self.unless.iter().any(|unless| unless.is_only_about(user))
        };
        let others = |asker: &User| approvers.iter().filter(|user| user.id != asker.id).count();
        let text = if approvers.len() < count {
            let there = approvers.len();
            format!("{count} have to agree, but only {there} enabled users could")
        } else if let Some(asker) = enabled().filter(asks).find(|user| others(user) < count) {
            format!(
                "{count} have to agree, but when `{}` asks, only {} others could: nobody approves \
                 their own run",
                asker.id,
                others(asker)
            )
        } else {
            return;
        };
        loader.warning(FILE, line, "approvers", text);
    }
}

const FILE: &str = "compliance.yaml";

/// How long approvals are good for, unless a rule says otherwise.
const LIFETIME: SignedDuration = SignedDuration::from_hours(8);

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rules: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    name: Spanned<String>,
    #[serde(default)]
    when: RawConditions,
    #[serde(default)]
    unless: Vec<RawConditions>,
    outside: Option<Vec<RawWindow>>,
    more_than: Option<Spanned<RawFrequency>>,
    action: RawAction,
    approvers: Option<Spanned<RawApprovers>>,
    lifetime: Option<Spanned<String>>,
    message: Option<Localized>,
    #[serde(default)]
    notify: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawAction {
    Note,
    Warn,
    Notify,
    Approve,
    Refuse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawApprovers {
    #[serde(default = "one")]
    count: usize,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    users: Vec<String>,
}

fn one() -> usize {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFrequency {
    runs: usize,
    within: String,
    #[serde(default)]
    per: Vec<Per>,
    #[serde(default)]
    parameters: Vec<String>,
}

impl RawRule {
    fn check(self, known: &Known, loader: &mut Loader) -> Option<Rule> {
        let line = self.name.referenced.line();
        let name = RuleName { name: self.name.value, file: FILE.to_owned(), line };
        if self.unless.iter().any(RawConditions::is_empty) {
            let text = "an empty `unless` excepts everything; give conditions or leave it out";
            loader.mistake(FILE, line, "unless", text.to_owned());
        }
        if self.action == RawAction::Notify && self.notify.is_empty() {
            let text = "name the chats or groups to be told";
            loader.mistake(FILE, line, "notify", text.to_owned());
        }
        if self.action == RawAction::Refuse && !self.notify.is_empty() {
            let text = "a run that is refused is nobody's news; take `notify` away, or let the \
                        rule `warn` or `approve`";
            loader.mistake(FILE, line, "notify", text.to_owned());
        }
        let trigger = match (self.outside, self.more_than) {
            (Some(_), Some(_)) => {
                let text = "give `outside` or `more_than`; for both, write two rules";
                loader.mistake(FILE, line, "outside", text.to_owned());
                None
            }
            (Some(hours), None) => Some(Trigger::Outside(
                hours.iter().filter_map(|w| w.check(FILE, known.calendar, loader)).collect(),
            )),
            (None, Some(frequency)) => {
                check_frequency(frequency, known, loader).map(Trigger::MoreThan)
            }
            (None, None) => Some(Trigger::Always),
        };
        let lifetime = match &self.lifetime {
            None => Some(LIFETIME),
            Some(text) => duration(&text.value, text.referenced.line(), "lifetime", loader),
        };
        let action = match (self.action, self.approvers) {
            (RawAction::Note | RawAction::Notify, None) => Some(Action::Note),
            (RawAction::Warn, None) => Some(Action::Warn),
            (RawAction::Refuse, None) => Some(Action::Refuse),
            (RawAction::Approve, Some(approvers)) => {
                let requirement = check_approvers(approvers, &name, known, loader);
                requirement
                    .zip(lifetime)
                    .map(|(requirement, lifetime)| Action::Approve { requirement, lifetime })
            }
            (RawAction::Approve, None) => {
                let text = "say who has to agree: `approvers: {count: 1, roles: [...]}`";
                loader.mistake(FILE, line, "approvers", text.to_owned());
                None
            }
            (_, Some(_)) => {
                let text = "only `action: approve` has approvers";
                loader.mistake(FILE, line, "approvers", text.to_owned());
                None
            }
        };
        Some(Rule {
            when: self.when.check(FILE, known, loader),
            unless: self.unless.into_iter().map(|u| u.check(FILE, known, loader)).collect(),
            name,
            trigger: trigger?,
            action: action?,
            message: self.message,
            notify: self.notify,
        })
    }
}

fn check_approvers(
    raw: Spanned<RawApprovers>,
    rule: &RuleName,
    known: &Known,
    loader: &mut Loader,
) -> Option<Requirement> {
    let line = raw.referenced.line();
    let RawApprovers { count, roles, users } = raw.value;
    let mut wrong = |text: String| loader.mistake(FILE, line, "approvers", text);
    for role in roles.iter().filter(|role| !known.users.has_role(role)) {
        wrong(format!("there is no role `{role}`"));
    }
    for user in users.iter().filter(|user| known.users.get(user).is_none()) {
        wrong(format!("there is no user `{user}`"));
    }
    if count == 0 {
        wrong("at least one has to agree".to_owned());
    }
    Some(Requirement { rule: rule.clone(), count, roles, users })
}

fn check_frequency(
    raw: Spanned<RawFrequency>,
    known: &Known,
    loader: &mut Loader,
) -> Option<Frequency> {
    let line = raw.referenced.line();
    let RawFrequency { runs, within, per, parameters } = raw.value;
    let there = known.names(&[], &[]);
    for name in parameters.iter().filter(|name| !there.contains(*name)) {
        loader.mistake(FILE, line, "more_than", no_parameter(name, there.clone()));
    }
    let within = duration(&within, line, "more_than", loader)?;
    Some(Frequency { runs, within, per, parameters })
}

fn duration(text: &str, line: u64, field: &str, loader: &mut Loader) -> Option<SignedDuration> {
    let span = text.parse::<jiff::Span>().ok();
    let duration = span
        .and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok())
        .filter(|duration| duration.is_positive());
    if duration.is_none() {
        let wrong = format!("`{text}` is no duration; write it like 30m, 8h or 2d");
        loader.mistake(FILE, line, field, wrong);
    }
    duration
}
