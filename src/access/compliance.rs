//! Compliance: what is remarked on, asked for approval or refused although the policy allows it.
//! Sensitive jobs, allowed hours, and how often something may run.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;
use sha2::{Digest, Sha256};

use super::approval::Requirement;
use super::hours::{RawWindow, Window, later};
use super::load::{Loader, duplicates};
use super::policy::{Conditions, Holds, Known, RawConditions, Reading, RuleName};
use super::refusal::{ComplianceKind, Refusal};
use super::request::Request;
use crate::catalog::Localized;
use crate::store::{Batch, Expectation, Store, StoreError, Table};

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

/// So many runs within a time, counted apart for each user, template and so on.
#[derive(Debug, Clone)]
struct Frequency {
    runs: usize,
    within: SignedDuration,
    per: Vec<Per>,
    parameters: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Per {
    User,
    Template,
    Chat,
}

/// The runs that a frequency rule has counted, as they would be with this one.
#[derive(Debug, Clone)]
struct Count {
    key: String,
    before: Option<serde_json::Value>,
    after: serde_json::Value,
}

const COUNTS: Table = "access_counts";

impl Compliance {
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

    /// Reads `compliance.yaml`, where there is one.
    pub(super) fn load(known: &Known, loader: &mut Loader) -> Compliance {
        let file: File = loader.read_if_there(FILE);
        for name in duplicates(file.rules.iter().map(|rule| &rule.name)) {
            let text = format!("the rule `{}` is defined twice", name.value);
            loader.mistake(FILE, name.referenced.line(), "name", text);
        }
        let rules = file.rules.into_iter().filter_map(|raw| raw.check(known, loader)).collect();
        Compliance { rules }
    }
}

impl Judgement {
    /// Adds this run to what was counted. The batch fails when another run was counted meanwhile.
    pub fn count(&self, mut batch: Batch) -> Batch {
        for count in &self.counts {
            let expected = match &count.before {
                Some(before) => Expectation::Is(before.clone()),
                None => Expectation::Absent,
            };
            batch = batch.expect(COUNTS, &count.key, expected).put(
                COUNTS,
                &count.key,
                count.after.clone(),
            );
        }
        batch
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

struct Counted {
    /// With the one that is judged.
    runs: usize,
    row: Count,
}

impl Frequency {
    async fn count(
        &self,
        rule: &RuleName,
        request: &Request<'_>,
        store: &dyn Store,
    ) -> Result<Counted, StoreError> {
        let key = self.key(rule, request);
        let before = store.get(COUNTS, &key).await?;
        // What can't be read any more counts as nothing: a row is never worth refusing all runs.
        let times: Vec<Timestamp> =
            before.clone().and_then(|json| serde_json::from_value(json).ok()).unwrap_or_default();
        let since = later(request.now, -self.within);
        let mut times: Vec<Timestamp> = times.into_iter().filter(|at| *at > since).collect();
        times.push(request.now);
        let after = serde_json::json!(times);
        Ok(Counted { runs: times.len(), row: Count { key, before, after } })
    }

    fn key(&self, rule: &RuleName, request: &Request) -> String {
        let part = |per: &Per| match per {
            Per::User => request.user.id.clone(),
            Per::Template => request.job.map(|j| j.facts.id.to_string()).unwrap_or_default(),
            Per::Chat => format!("{}\n{}", request.place.channel, request.place.chat),
        };
        let values = request.job.and_then(|job| job.values);
        let value = |name: &String| values.and_then(|v| v.get(name)).map(ToString::to_string);
        let parts: Vec<String> = self.per.iter().map(part).collect();
        let parameters: Vec<Option<String>> = self.parameters.iter().map(value).collect();
        let content = serde_json::json!([rule.name, parts, parameters]).to_string();
        hex::encode(Sha256::digest(content))
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
        let trigger = match (self.outside, self.more_than) {
            (Some(_), Some(_)) => {
                let text = "give `outside` or `more_than`; for both, write two rules";
                loader.mistake(FILE, line, "outside", text.to_owned());
                None
            }
            (Some(hours), None) => Some(Trigger::Outside(
                hours.iter().filter_map(|w| w.check(FILE, known.calendar, loader)).collect(),
            )),
            (None, Some(frequency)) => check_frequency(frequency, loader).map(Trigger::MoreThan),
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
    let there = known
        .users
        .iter()
        .filter(|u| u.enabled && (users.contains(&u.id) || roles.iter().any(|r| u.has_role(r))))
        .count();
    if count == 0 {
        wrong("at least one has to agree".to_owned());
    } else if count > there {
        wrong(format!("{count} have to agree, but only {there} enabled users could"));
    }
    Some(Requirement { rule: rule.clone(), count, roles, users })
}

fn check_frequency(raw: Spanned<RawFrequency>, loader: &mut Loader) -> Option<Frequency> {
    let line = raw.referenced.line();
    let RawFrequency { runs, within, per, parameters } = raw.value;
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
