//! The access files, read and checked: everything that is decided without looking at what
//! happened before.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::compliance::Compliance;
use super::hours::Calendar;
use super::limits::Limits;
use super::load::{Loader, Mistake, Mistakes};
use super::policy::{self, Decision, Known, Policy};
use super::request::{Job, Place, Request, TemplateFacts};
use super::{Permission, Refusal, User, Users};
use crate::catalog::{Catalog, Definition, JobTemplate, TemplateId, Values};
use crate::nlu::values::check;

/// Users, policy, compliance and limits, as one set of files says. Immutable: changed files make
/// a new one ([`Access::reload`](super::Access::reload)).
pub struct Rules {
    pub(super) users: Users,
    pub(super) policy: Policy,
    pub(super) compliance: Compliance,
    pub(super) limits: Arc<Limits>,
    templates: BTreeMap<TemplateId, TemplateFacts>,
    /// The files that were read, relative to their folder, with how many rules each holds.
    files: BTreeMap<String, usize>,
    warnings: Vec<Mistake>,
}

/// What may lie in the folder of the access files.
const FILES: [&str; 5] =
    ["users.yaml", "compliance.yaml", "limits.yaml", "holidays.yaml", policy::FOLDER];

/// What somebody asks to do.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The Steward user's id.
    pub user: &'a str,
    pub command: Permission,
    pub place: Place<'a>,
    /// The job, for commands that are about one.
    pub template: Option<&'a TemplateId>,
    /// The values of the run; `None` where they are not known yet.
    pub values: Option<&'a Values>,
    /// Whether the execution or schedule that it is about is the user's own; `None` where
    /// nothing belongs to anybody.
    pub own: Option<bool>,
    /// The number of the execution that it is about, to be written down.
    pub execution: Option<u64>,
}

impl<'a> Asked<'a> {
    /// A command that is about no job and nobody's.
    pub fn command(user: &'a str, command: Permission, place: impl Into<Place<'a>>) -> Self {
        let place = place.into();
        Asked { user, command, place, template: None, values: None, own: None, execution: None }
    }

    /// A run of a job.
    pub fn run(
        user: &'a str,
        place: impl Into<Place<'a>>,
        template: &'a TemplateId,
        values: &'a Values,
    ) -> Self {
        Asked {
            template: Some(template),
            values: Some(values),
            ..Asked::command(user, Permission::Run, place)
        }
    }
}

impl Rules {
    /// Reads `users.yaml`, `policy/*.yaml`, `compliance.yaml`, `limits.yaml` and `holidays.yaml`
    /// in a folder (the last three need not be there), and checks them against the catalogue.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them.
    pub fn load(folder: &Path, catalog: &Catalog) -> Result<Rules, Mistakes> {
        Rules::load_for(folder, catalog.jobs())
    }

    pub(super) fn load_for(folder: &Path, jobs: &[JobTemplate]) -> Result<Rules, Mistakes> {
        let templates: BTreeMap<TemplateId, TemplateFacts> =
            jobs.iter().map(|job| (job.id.clone(), TemplateFacts::from(job))).collect();
        let mut loader = Loader::new(folder);
        let users = Users::load(&mut loader);
        let calendar = Arc::new(Calendar::load(&mut loader));
        let known = Known { users: &users, templates: &templates, calendar: &calendar };
        let policy = Policy::load(&known, &mut loader);
        let compliance = Compliance::load(&known, &policy, &mut loader);
        let limits = Limits::load(&mut loader);
        loader.check_names(&FILES);
        let mut files: BTreeMap<String, usize> =
            loader.files_read().iter().map(|file| (file.clone(), 0)).collect();
        for file in policy.files().chain(compliance.files()) {
            *files.entry(file.to_owned()).or_default() += 1;
        }
        let warnings = loader.take_warnings();
        loader.finish(Rules { users, policy, compliance, limits, templates, files, warnings })
    }

    /// The files of `before` that these rules were not read from: what they said no longer holds.
    pub(super) fn files_gone<'b>(&self, before: &'b Rules) -> Vec<&'b str> {
        let gone = before.files.keys().filter(|file| !self.files.contains_key(*file));
        gone.map(String::as_str).collect()
    }

    /// Which files there are, and how many rules each holds.
    pub(super) fn inventory(&self) -> String {
        let files = self.files.iter().map(|(file, rules)| match rules {
            0 => file.clone(),
            1 => format!("{file} (1 rule)"),
            rules => format!("{file} ({rules} rules)"),
        });
        files.collect::<Vec<_>>().join(", ")
    }

    /// What should be mended in the files, though they hold: approvals that nobody could give.
    pub fn warnings(&self) -> &[Mistake] {
        &self.warnings
    }

    /// How many rules the policy has.
    pub fn rule_count(&self) -> usize {
        self.policy.rule_count()
    }

    pub fn users(&self) -> &Users {
        &self.users
    }

    /// Whether the user may do it, here and now: `use_chatops` first, then the command itself.
    ///
    /// # Errors
    ///
    /// The refusal, which names the rule or says what to ask an administrator for.
    pub fn may(&self, asked: &Asked, now: Timestamp) -> Result<Decision, Refusal> {
        let talk = Asked::command(asked.user, Permission::UseChatops, asked.place);
        self.decide(&talk, now)?;
        self.decide(asked, now)
    }

    /// What the policy says to the command itself, with every rule that was considered.
    ///
    /// # Errors
    ///
    /// When the user is unknown or disabled, or there is no such template.
    pub fn explain(&self, asked: &Asked, now: Timestamp) -> Result<Decision, Refusal> {
        Ok(self.policy.decide(&self.request(asked, now)?))
    }

    /// Whether the user may run the job with these values and some others: what is worth listing,
    /// or going on with. Never a permission.
    pub fn might_run(
        &self,
        user: &str,
        place: Place,
        template: &TemplateId,
        so_far: &Values,
        now: Timestamp,
    ) -> bool {
        let asked = Asked::run(user, place, template, so_far);
        let talk = Asked::command(user, Permission::UseChatops, place);
        let Ok(mut request) = self.request(&asked, now) else { return false };
        request.job = request.job.map(|job| Job { complete: false, ..job });
        self.may(&talk, now).is_ok() && self.policy.might_allow(&request)
    }

    /// Whether somebody may do this at all: in some place, to some job, at some time. Never a
    /// permission.
    pub fn might_ever(&self, user: &User, command: Permission) -> bool {
        self.policy.might_ever_allow(user, command)
    }

    /// The user, who must be there and enabled.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoSuchUser`], [`Refusal::Disabled`].
    pub(super) fn enabled(&self, user: &str) -> Result<&User, Refusal> {
        match self.users.get(user) {
            None => Err(Refusal::NoSuchUser { user: user.to_owned() }),
            Some(user) if !user.enabled => Err(Refusal::Disabled { user: user.id.clone() }),
            Some(user) => Ok(user),
        }
    }

    fn decide(&self, asked: &Asked, now: Timestamp) -> Result<Decision, Refusal> {
        let request = self.request(asked, now)?;
        let decision = self.policy.decide(&request);
        match decision.refusal(&request) {
            None => Ok(decision),
            Some(refusal) => Err(refusal),
        }
    }

    /// Whether a job is still defined as it was when a plan of it was shown.
    ///
    /// # Errors
    ///
    /// [`Refusal::JobChanged`], [`Refusal::UnknownTemplate`].
    pub(super) fn check_definition(
        &self,
        template: &TemplateId,
        shown: &Definition,
    ) -> Result<(), Refusal> {
        match self.facts(template)?.definition == *shown {
            true => Ok(()),
            false => Err(Refusal::JobChanged { template: template.clone() }),
        }
    }

    /// Whether the values are still what the catalogue allows: it may have changed since they
    /// were given, and not everybody who makes a plan asks it.
    pub(super) fn check_values(
        &self,
        template: &TemplateId,
        values: &Values,
    ) -> Result<(), Refusal> {
        let facts = self.facts(template)?;
        for (name, value) in values {
            let Some(parameter) = facts.parameters.iter().find(|p| p.name == *name) else {
                return Err(Refusal::UnknownParameter { parameter: name.clone() });
            };
            if let Err(error) = check(value, parameter) {
                return Err(Refusal::BadValue { parameter: name.clone(), error });
            }
        }
        let missing = facts.parameters.iter().find(|p| p.required && !values.contains_key(&p.name));
        match missing {
            Some(parameter) => Err(Refusal::MissingValue { parameter: parameter.name.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn facts(&self, template: &TemplateId) -> Result<&TemplateFacts, Refusal> {
        self.templates
            .get(template)
            .ok_or_else(|| Refusal::UnknownTemplate { template: template.clone() })
    }

    pub(super) fn request<'a>(
        &'a self,
        asked: &Asked<'a>,
        now: Timestamp,
    ) -> Result<Request<'a>, Refusal> {
        let user = self.enabled(asked.user)?;
        let job = match asked.template {
            None => None,
            Some(id) => Some(Job { facts: self.facts(id)?, values: asked.values, complete: true }),
        };
        Ok(Request { user, command: asked.command, place: asked.place, job, own: asked.own, now })
    }
}
