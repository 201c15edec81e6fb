//! Conditions: to which requests a rule applies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::values::{RawValueTest, Reading, ValueTest};
use crate::access::TemplateFacts;
use crate::access::hours::{Calendar, RawWindow, Window};
use crate::access::load::Loader;
use crate::access::request::Request;
use crate::access::{Permission, User, Users};
use crate::catalog::{Parameter, ParameterType, Risk, TemplateId, Value, nearest};
use crate::channels::NAMES;

/// What a request must be like. Every condition that is given must hold; one that lists several
/// things holds when one of them is right.
#[derive(Debug, Clone, Default)]
pub(in crate::access) struct Conditions {
    user: Vec<String>,
    role: Vec<String>,
    group: Vec<String>,
    channel: Vec<String>,
    chat: Vec<String>,
    command: Vec<Permission>,
    template: Vec<TemplateId>,
    tag: Vec<String>,
    risk: Vec<Risk>,
    own: Option<bool>,
    parameters: BTreeMap<String, ValueTest>,
    time: Vec<Window>,
}

/// Whether conditions hold for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::access) enum Holds {
    Yes,
    /// Only the values could tell, and they are not known.
    Maybe,
    /// The first condition that does not hold.
    No(&'static str),
}

impl Conditions {
    /// Whether every condition holds.
    pub fn hold(&self, request: &Request, reading: Reading) -> Holds {
        if let Some(field) = self.about_who_and_where(request).or_else(|| self.about_job(request)) {
            return Holds::No(field);
        }
        if self.own.is_some() && self.own != request.own {
            return Holds::No("own");
        }
        if !self.time.is_empty() && !self.time.iter().any(|w| w.contains(request.now)) {
            return Holds::No("time");
        }
        self.hold_for_values(request, reading)
    }

    fn hold_for_values(&self, request: &Request, reading: Reading) -> Holds {
        let mut holds = Holds::Yes;
        for (name, test) in &self.parameters {
            match request.job.map(|job| job.value(name)) {
                Some(Some(value)) if test.passes(value, reading) => {}
                Some(None) => holds = Holds::Maybe,
                Some(Some(_)) | None => return Holds::No("parameters"),
            }
        }
        holds
    }

    /// The roles that are asked for; empty: any.
    pub fn roles(&self) -> &[String] {
        &self.role
    }

    /// Whether these conditions leave the command and the template open to some user.
    pub fn concern(&self, command: Permission, facts: Option<&TemplateFacts>) -> bool {
        let command = self.command.is_empty() || self.command.contains(&command);
        let job = facts.is_none_or(|facts| self.about_facts(facts).is_none());
        command && job
    }

    /// Whether these conditions can hold for what somebody does, whatever it is and wherever.
    pub fn leaves_open(&self, user: &User) -> bool {
        let any = |wanted: &[String], given: &[String]| {
            wanted.is_empty() || given.iter().any(|g| wanted.contains(g))
        };
        (self.user.is_empty() || self.user.contains(&user.id))
            && any(&self.role, &user.roles)
            && any(&self.group, &user.groups)
    }

    /// Whether these conditions hold for everything that somebody does: they ask for nothing but
    /// who it is.
    pub fn is_only_about(&self, user: &User) -> bool {
        self.leaves_open(user) && self.command.is_empty() && self.asks_only_who()
    }

    /// As [`Conditions::is_only_about`], for one command.
    pub fn always_concern(&self, user: &User, command: Permission) -> bool {
        self.leaves_open(user) && self.concern(command, None) && self.asks_only_who()
    }

    fn asks_only_who(&self) -> bool {
        self.channel.is_empty()
            && self.chat.is_empty()
            && self.template.is_empty()
            && self.tag.is_empty()
            && self.risk.is_empty()
            && self.own.is_none()
            && self.parameters.is_empty()
            && self.time.is_empty()
    }

    fn about_who_and_where(&self, request: &Request) -> Option<&'static str> {
        let user = request.user;
        let any = |wanted: &[String], given: &[String]| {
            wanted.is_empty() || given.iter().any(|g| wanted.contains(g))
        };
        let is =
            |wanted: &[String], given: &str| wanted.is_empty() || wanted.iter().any(|w| w == given);
        if !(self.command.is_empty() || self.command.contains(&request.command)) {
            Some("command")
        } else if !is(&self.user, &user.id) {
            Some("user")
        } else if !any(&self.role, &user.roles) {
            Some("role")
        } else if !any(&self.group, &user.groups) {
            Some("group")
        } else if !is(&self.channel, request.place.channel) {
            Some("channel")
        } else if !is(&self.chat, request.place.chat) {
            Some("chat")
        } else {
            None
        }
    }

    fn about_job(&self, request: &Request) -> Option<&'static str> {
        match request.job {
            Some(job) => self.about_facts(job.facts),
            None if !self.template.is_empty() => Some("template"),
            None if !self.tag.is_empty() => Some("tag"),
            None if !self.risk.is_empty() => Some("risk"),
            None => None,
        }
    }

    fn about_facts(&self, facts: &TemplateFacts) -> Option<&'static str> {
        if !(self.template.is_empty() || self.template.contains(&facts.id)) {
            Some("template")
        } else if !(self.tag.is_empty() || facts.tags.iter().any(|tag| self.tag.contains(tag))) {
            Some("tag")
        } else if !(self.risk.is_empty() || self.risk.contains(&facts.risk)) {
            Some("risk")
        } else {
            None
        }
    }
}

/// Conditions as they are written in a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::access) struct RawConditions {
    user: Option<Spanned<Names>>,
    role: Option<Spanned<Names>>,
    group: Option<Spanned<Names>>,
    channel: Option<Spanned<Names>>,
    chat: Option<Spanned<Names>>,
    command: Option<Spanned<Names>>,
    template: Option<Spanned<Names>>,
    tag: Option<Spanned<Names>>,
    risk: Option<Spanned<Names>>,
    own: Option<bool>,
    parameters: BTreeMap<String, Spanned<RawValueTest>>,
    time: Vec<RawWindow>,
}

/// One name or several.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a name or a list of names")]
enum Names {
    One(String),
    More(Vec<String>),
}

/// What names in conditions may stand for.
pub(in crate::access) struct Known<'a> {
    pub users: &'a Users,
    pub templates: &'a BTreeMap<TemplateId, TemplateFacts>,
    pub calendar: &'a Arc<Calendar>,
}

impl RawConditions {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        let names = [
            &self.user,
            &self.role,
            &self.group,
            &self.channel,
            &self.chat,
            &self.command,
            &self.template,
            &self.tag,
            &self.risk,
        ];
        names.into_iter().all(Option::is_none)
            && self.own.is_none()
            && self.parameters.is_empty()
            && self.time.is_empty()
    }

    /// The conditions; names that stand for nothing are noted.
    pub fn check(self, file: &str, known: &Known, loader: &mut Loader) -> Conditions {
        let mut names = |field: &'static str,
                         given: Option<Spanned<Names>>,
                         is: &dyn Fn(&str) -> Result<(), String>| {
            checked_names(file, field, given, is, loader)
        };
        let declared = |there: bool, what: &str, name: &str| {
            if there { Ok(()) } else { Err(format!("there is no {what} `{name}`")) }
        };
        let among = |mut names: Vec<String>, what: &str, name: &str| match names
            .contains(&name.to_owned())
        {
            true => Ok(()),
            false => {
                names.sort_unstable();
                Err(format!("there is no {what} `{name}`{}", meant(name, &names)))
            }
        };
        let users = known.users;
        let user = names("user", self.user, &|n| declared(users.get(n).is_some(), "user", n));
        let role = names("role", self.role, &|n| declared(users.has_role(n), "role", n));
        let group = names("group", self.group, &|n| declared(users.has_group(n), "group", n));
        let channel = names("channel", self.channel, &|n| one_of(n, "channel", NAMES.into_iter()));
        let chat = names("chat", self.chat, &|_| Ok(()));
        let command = names("command", self.command, &|n| {
            one_of(n, "command", Permission::ALL.into_iter().map(Permission::as_str))
        });
        let template = names("template", self.template, &|n| {
            among(known.templates.keys().map(|id| id.0.clone()).collect(), "job template", n)
        });
        let tags = || known.templates.values().flat_map(|t| t.tags.clone()).collect();
        let tag = names("tag", self.tag, &|n| among(tags(), "job template with the tag", n));
        let risk = names("risk", self.risk, &|n| {
            one_of(n, "risk", RISKS.into_iter().map(|(name, _)| name))
        });
        let template: Vec<TemplateId> =
            template.into_iter().map(|id| TemplateId::from(id.as_str())).collect();
        let parameters = self
            .parameters
            .into_iter()
            .map(|(name, raw)| {
                let line = raw.referenced.line();
                let test = RawValueTest::check(raw, file, &name, loader);
                let concerned = known.parameters(&name, &template, &tag);
                if concerned.is_empty() {
                    let text = no_parameter(&name, known.names(&template, &tag));
                    loader.mistake(file, line, "parameters", text);
                }
                for text in impossible(&test, &concerned) {
                    loader.mistake(file, line, &name, text);
                }
                (name, test)
            })
            .collect();
        let time = self.time.iter().filter_map(|w| w.check(file, known.calendar, loader)).collect();
        Conditions {
            user,
            role,
            group,
            channel,
            chat,
            command: command.iter().filter_map(|name| name.parse().ok()).collect(),
            template,
            tag,
            risk: risk
                .iter()
                .filter_map(|name| RISKS.into_iter().find(|(n, _)| n == name))
                .map(|(_, risk)| risk)
                .collect(),
            own: self.own,
            parameters,
            time,
        }
    }
}

const RISKS: [(&str, Risk); 3] =
    [("low", Risk::Low), ("medium", Risk::Medium), ("high", Risk::High)];

fn one_of<'a>(
    name: &str,
    what: &str,
    mut there: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), String> {
    if there.clone().any(|one| one == name) {
        return Ok(());
    }
    let first = there.next().unwrap_or_default().to_owned();
    let all = there.fold(first, |all, one| format!("{all}, {one}"));
    Err(format!("`{name}` is no {what}; there are {all}"))
}

fn checked_names(
    file: &str,
    field: &'static str,
    given: Option<Spanned<Names>>,
    is: &dyn Fn(&str) -> Result<(), String>,
    loader: &mut Loader,
) -> Vec<String> {
    let Some(given) = given else { return Vec::new() };
    let line = given.referenced.line();
    let names = match given.value {
        Names::One(name) => vec![name],
        Names::More(names) => names,
    };
    if names.is_empty() {
        let text = "an empty list would hold for nobody; name something or leave it out";
        loader.mistake(file, line, field, text.to_owned());
    }
    for name in &names {
        if let Err(wrong) = is(name) {
            loader.mistake(file, line, field, wrong);
        }
    }
    names
}

impl Known<'_> {
    /// The parameters of that name in the jobs that have one of the ids and one of the tags; none
    /// given: all.
    pub fn parameters(
        &self,
        name: &str,
        templates: &[TemplateId],
        tags: &[String],
    ) -> Vec<&Parameter> {
        self.concerned(templates, tags).filter(|parameter| parameter.name == name).collect()
    }

    /// The names of the parameters of those jobs.
    pub fn names(&self, templates: &[TemplateId], tags: &[String]) -> BTreeSet<String> {
        self.concerned(templates, tags).map(|parameter| parameter.name.clone()).collect()
    }

    fn concerned<'k, 'c>(
        &'k self,
        templates: &'c [TemplateId],
        tags: &'c [String],
    ) -> impl Iterator<Item = &'k Parameter> {
        let concerned = move |facts: &&TemplateFacts| {
            (templates.is_empty() || templates.contains(&facts.id))
                && (tags.is_empty() || facts.tags.iter().any(|tag| tags.contains(tag)))
        };
        self.templates.values().filter(concerned).flat_map(|facts| &facts.parameters)
    }
}

/// A parameter in a condition must exist in some job that the condition is about: a misspelt one
/// would silently never hold.
pub(in crate::access) fn no_parameter(name: &str, known: BTreeSet<String>) -> String {
    let known: Vec<String> = known.into_iter().collect();
    format!("no job that this is about has a parameter `{name}`{}", meant(name, &known))
}

/// What is wrong with a test that no value of these parameters could pass: a deny of it denies
/// nothing. Only of choices it is known which values there are.
fn impossible(test: &ValueTest, parameters: &[&Parameter]) -> Vec<String> {
    let mut choices: BTreeSet<String> = BTreeSet::new();
    for parameter in parameters {
        match parameter.kind {
            ParameterType::Boolean => choices.extend(["false".to_owned(), "true".to_owned()]),
            _ if parameter.choices.is_empty() => return Vec::new(),
            _ => choices.extend(parameter.choices.iter().map(|choice| choice.value.clone())),
        }
    }
    if choices.is_empty() {
        return Vec::new();
    }
    let choices: Vec<String> = choices.into_iter().collect();
    let unknown = test.named().iter().filter(|value| !choices.contains(value));
    let told = unknown.map(|value| {
        let known = choices.join(", ");
        format!("no choice is `{value}`; there are {known}{}", meant(value, &choices))
    });
    let mut wrong: Vec<String> = told.collect();
    let passes = |choice: &String| test.passes(Some(&Value::from(choice.as_str())), Reading::Wide);
    let asks = test.passes(None, Reading::Wide);
    if wrong.is_empty() && !asks && !choices.iter().any(passes) {
        wrong.push(format!("no choice passes; there are {}", choices.join(", ")));
    }
    wrong
}

/// `; did you mean ...`, where some known name is near.
fn meant(name: &str, known: &[String]) -> String {
    nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}
