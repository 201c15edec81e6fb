//! What is judged: somebody asks to do something, somewhere, at some moment.

use jiff::Timestamp;

use super::{Permission, User};
use crate::catalog::{
    Definition, JobTemplate, LockPart, Parameter, Risk, TemplateId, Value, Values,
};
use crate::channels::Address;

/// A question to the policy: may this user do this, here and now?
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub user: &'a User,
    pub command: Permission,
    pub place: Place<'a>,
    /// The job, for commands that are about one.
    pub job: Option<Job<'a>>,
    /// Whether what it is about (an execution, a schedule) is the user's own; `None` where
    /// nothing belongs to anybody.
    pub own: Option<bool>,
    pub now: Timestamp,
}

/// Where something is asked.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub channel: &'a str,
    pub chat: &'a str,
}

impl<'a> From<&'a Address> for Place<'a> {
    fn from(address: &'a Address) -> Self {
        Place { channel: &address.channel, chat: &address.chat }
    }
}

/// The job that a request is about.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    pub facts: &'a TemplateFacts,
    /// The values of the run; `None` where they are not known yet (a list of jobs).
    pub values: Option<&'a Values>,
    /// Whether these are all: while a job is put together, others may still be given.
    pub complete: bool,
}

impl<'a> Job<'a> {
    /// The value of a parameter; `None` where it is not known yet whether there will be one.
    pub fn value(&self, parameter: &str) -> Option<Option<&'a Value>> {
        let value = self.values?.get(parameter);
        (self.complete || value.is_some()).then_some(value)
    }
}

/// What access needs to know of a job template.
#[derive(Debug, Clone)]
pub struct TemplateFacts {
    pub id: TemplateId,
    /// What it decides about a run, as it is now.
    pub definition: Definition,
    pub tags: Vec<String>,
    pub risk: Risk,
    pub parameters: Vec<Parameter>,
    /// The kinds of things that form the target of a lock, and the parameters that name them.
    pub lock: Vec<LockPart>,
}

impl From<&JobTemplate> for TemplateFacts {
    fn from(template: &JobTemplate) -> Self {
        TemplateFacts {
            id: template.id.clone(),
            definition: template.definition(),
            tags: template.tags.clone(),
            risk: template.risk,
            parameters: template.parameters.clone(),
            lock: template.lock.clone(),
        }
    }
}
