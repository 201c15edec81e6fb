//! What holds for every policy, whatever its rules.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::access::TemplateFacts;
use crate::access::request::{Job, Place};
use crate::access::{Permission, User, Users};
use crate::catalog::{Definition, Risk, TemplateId, Value, Values};

const ROLES: [&str; 3] = ["dev", "ops", "admin"];
const COMMANDS: [&str; 3] = ["run", "cancel", "use_chatops"];
const ENVIRONMENTS: [&str; 3] = ["production", "staging", "dev"];
const RISKS: [&str; 3] = ["low", "medium", "high"];

/// One rule, as YAML.
fn rule() -> impl Strategy<Value = (Effect, String)> {
    let some = |names: &'static [&'static str]| subsequence(names, 0..=names.len());
    let conditions = (some(&ROLES), some(&COMMANDS), some(&ENVIRONMENTS), some(&RISKS));
    let unless = prop_oneof![Just(None), select(&ROLES[..]).prop_map(Some)];
    (any::<bool>(), conditions, unless).prop_map(|(deny, conditions, unless)| {
        let (roles, commands, environments, risks) = conditions;
        let effect = if deny { Effect::Deny } else { Effect::Allow };
        let mut when = Vec::new();
        for (field, names) in [("role", roles), ("command", commands), ("risk", risks)] {
            if !names.is_empty() {
                when.push(format!("{field}: [{}]", names.join(", ")));
            }
        }
        if !environments.is_empty() {
            when.push(format!("parameters: {{env: [{}]}}", environments.join(", ")));
        }
        if when.is_empty() {
            when.push("command: run".to_owned());
        }
        let unless = unless.map(|role| format!(", unless: [{{role: {role}}}]")).unwrap_or_default();
        (effect, format!("effect: {effect}, when: {{{}}}{unless}", when.join(", ")))
    })
}

/// The policy of rules in this order; each keeps its name wherever it stands.
fn policy(rules: &[(usize, String)]) -> Policy {
    let rules: Vec<String> =
        rules.iter().map(|(name, rule)| format!("{{name: r{name}, {rule}}}")).collect();
    let file: File = serde_saphyr::from_str(&format!("rules: [{}]", rules.join(", "))).unwrap();
    let templates = BTreeMap::from([(FACTS.id.clone(), FACTS.clone())]);
    let users = people();
    let calendar = Arc::default();
    let known = Known { users: &users, templates: &templates, calendar: &calendar };
    let mut loader = Loader::new(std::path::Path::new(""));
    let rules =
        file.rules.into_iter().map(|raw| raw.check("f.yaml", &known, &mut loader)).collect();
    loader.finish(Policy { rules }).unwrap()
}

static FACTS: LazyLock<TemplateFacts> = LazyLock::new(|| TemplateFacts {
    definition: Definition::default(),
    id: TemplateId::from("deploy"),
    tags: vec!["release".to_owned()],
    risk: Risk::High,
    parameters: vec![crate::catalog::Parameter {
        name: "env".to_owned(),
        kind: crate::catalog::ParameterType::String,
        required: true,
        description: Default::default(),
        label: None,
        choices: Vec::new(),
        pattern: None,
        min: None,
        max: None,
        default: None,
        secret: false,
        suggest: None,
    }],
    lock: Vec::new(),
});

fn people() -> Users {
    let folder = tempfile::tempdir().unwrap();
    let text = "roles: {dev: x, ops: x, admin: x}\nusers: []\n";
    std::fs::write(folder.path().join("users.yaml"), text).unwrap();
    let mut loader = Loader::new(folder.path());
    let users = Users::load(&mut loader);
    loader.finish(users).unwrap()
}

fn user(roles: &[&str]) -> User {
    User {
        id: "u".to_owned(),
        name: "U".to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        groups: Vec::new(),
        enabled: true,
        language: None,
        time_zone: None,
        platform_user: "u".to_owned(),
    }
}

/// What is asked: roles, command, and the environment of a run, where it is known.
#[derive(Debug, Clone)]
struct Question {
    user: User,
    command: Permission,
    values: Option<Values>,
}

fn values() -> impl Strategy<Value = Values> {
    let environment = prop_oneof![
        select(&ENVIRONMENTS[..]).prop_map(Value::from),
        subsequence(&ENVIRONMENTS[..], 1..=3)
            .prop_map(|list| Value::List(list.iter().map(|e| (*e).to_owned()).collect())),
    ];
    environment.prop_map(|value| Values::from([("env".to_owned(), value)]))
}

fn question() -> impl Strategy<Value = Question> {
    (subsequence(&ROLES[..], 0..=3), select(&COMMANDS[..]), prop::option::of(values())).prop_map(
        |(roles, command, values)| Question {
            user: user(&roles),
            command: command.parse().unwrap(),
            values,
        },
    )
}

/// A run whose values are known.
fn run() -> impl Strategy<Value = Question> {
    (subsequence(&ROLES[..], 0..=3), values()).prop_map(|(roles, values)| Question {
        user: user(&roles),
        command: Permission::Run,
        values: Some(values),
    })
}

impl Question {
    fn request(&self) -> Request<'_> {
        Request {
            user: &self.user,
            command: self.command,
            place: Place { channel: "web", chat: "1" },
            job: (self.command == Permission::Run).then_some(Job {
                facts: &FACTS,
                values: self.values.as_ref(),
                complete: true,
            }),
            own: None,
            now: Timestamp::UNIX_EPOCH,
        }
    }
}

fn numbered(rules: Vec<(Effect, String)>) -> Vec<(usize, String)> {
    rules.into_iter().map(|(_, rule)| rule).enumerate().collect()
}

proptest! {
    #[test]
    fn the_order_of_rules_does_not_matter(
        rules in prop::collection::vec(rule(), 0..8),
        question in question(),
        turn in 0usize..8,
    ) {
        let rules = numbered(rules);
        let mut turned = rules.clone();
        if !turned.is_empty() {
            let by = turn % turned.len();
            turned.rotate_left(by);
            turned.reverse();
        }
        let request = question.request();
        let (first, second) = (policy(&rules).decide(&request), policy(&turned).decide(&request));
        prop_assert_eq!(first.is_allowed(), second.is_allowed());
        prop_assert_eq!(
            matches!(first.verdict, Verdict::Denied { .. }),
            matches!(second.verdict, Verdict::Denied { .. })
        );
    }

    #[test]
    fn any_deny_wins_and_without_an_allow_nothing_is_allowed(
        rules in prop::collection::vec(rule(), 0..8),
        question in question(),
    ) {
        let decision = policy(&numbered(rules)).decide(&question.request());
        let applies = |effect| decision
            .considered
            .iter()
            .any(|c| c.effect == effect && c.outcome == Outcome::Applies);
        if applies(Effect::Deny) || !applies(Effect::Allow) {
            prop_assert!(!decision.is_allowed());
        }
        if let Verdict::Allowed { rule } | Verdict::Denied { rule, .. } = &decision.verdict {
            prop_assert!(decision.considered.iter().any(|c| c.rule == *rule));
        }
    }

    #[test]
    fn another_allow_never_takes_a_deny_away_and_another_deny_never_allows(
        rules in prop::collection::vec(rule(), 0..8),
        more in rule(),
        question in question(),
    ) {
        let (effect, text) = more;
        let before = numbered(rules);
        let mut after = before.clone();
        after.push((before.len(), text));
        let request = question.request();
        let (before, after) = (policy(&before).decide(&request), policy(&after).decide(&request));
        match effect {
            Effect::Allow => {
                prop_assert!(before.is_allowed() <= after.is_allowed());
                if let Verdict::Denied { rule, .. } = before.verdict {
                    let same = matches!(after.verdict, Verdict::Denied { rule: r, .. } if r == rule);
                    prop_assert!(same);
                }
            }
            Effect::Deny => prop_assert!(after.is_allowed() <= before.is_allowed()),
        }
    }

    /// What is certain without the values holds for all of them, and what may be allowed for
    /// some is listed.
    #[test]
    fn not_knowing_the_values_is_careful(
        rules in prop::collection::vec(rule(), 0..8),
        question in run(),
    ) {
        let policy = policy(&numbered(rules));
        let unknown = Question { values: None, ..question.clone() };
        let known = policy.decide(&question.request()).is_allowed();
        prop_assert!(policy.decide(&unknown.request()).is_allowed() <= known);
        prop_assert!(known <= policy.might_allow(&unknown.request()));
        // Nor is it given up while some of them are missing.
        for missing in question.values.iter().flatten().map(|(name, _)| name) {
            let mut values = question.values.clone().unwrap_or_default();
            values.remove(missing);
            let partial = Question { values: Some(values), ..question.clone() };
            let mut request = partial.request();
            request.job = request.job.map(|job| Job { complete: false, ..job });
            prop_assert!(known <= policy.might_allow(&request), "without {missing}");
        }
    }
}
