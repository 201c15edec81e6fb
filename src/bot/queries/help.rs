//! Help: for this person, in this moment.

use std::collections::BTreeSet;

use super::{Arguments, Asker};
use crate::access::{Asked, Permission};
use crate::bot::examples::{Hearer, examples};
use crate::bot::memory::{allowed, used_jobs};
use crate::bot::trouble::Trouble;
use crate::catalog::{CommandKind, JobTemplate, Language, Parameter, TemplateId};
use crate::channels::Block;
use crate::jobs;
use crate::reply::{Reply, say};
use crate::store::{Table, get_as};

/// How many tips a person has seen.
const TIPS_SEEN: Table = "tips_seen";

/// Jobs that help proposes.
const PROPOSED: usize = 3;
/// Runs of others that recommendations are made from.
const LOOKED_AT: usize = 200;
/// Examples that are shown of a job.
const EXAMPLES: usize = 3;

impl Asker<'_> {
    /// What can be asked here, what a job does, or what a parameter may be.
    pub(super) async fn help(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        self.permit(Permission::Help).await?;
        let turning = self.turning;
        let core = turning.core;
        let job = arguments.templates().into_iter().next();
        let allowed = allowed(core, &turning.user, &turning.inbound.address, turning.now);
        // Help shows only what this person may run; what they may not is not there for them.
        let job = job.filter(|id| allowed.contains(id));
        let Some(job) = job.and_then(|id| core.catalog.job(&id)) else {
            return self.overview().await;
        };
        let parameter = arguments.text("parameter").and_then(|name| job.parameter(name));
        Ok(match parameter {
            Some(parameter) => self.parameter_help(job, parameter),
            None => self.job_help(job).await,
        })
    }

    fn parameter_help(&self, job: &JobTemplate, parameter: &Parameter) -> Reply {
        let speech = self.writer.speech;
        let mut lines = vec![say!(
            speech, "help-parameter",
            "parameter" => speech.label(parameter),
            "description" => speech.of(&parameter.description),
            "kind" => speech.kind(parameter.kind),
        )];
        if !parameter.choices.is_empty() {
            let choices = parameter.choices.iter().map(|choice| &choice.value);
            lines.push(say!(speech, "help-choices", "choices" => speech.list(choices)));
        }
        if let (Some(min), Some(max)) = (parameter.min, parameter.max) {
            lines.push(say!(speech, "help-range", "min" => min, "max" => max));
        }
        if let Some(default) = &parameter.default {
            lines.push(say!(speech, "help-default", "value" => speech.value(default)));
        }
        if parameter.choices.is_empty()
            && let Some(example) = self.writer.example(&job.id, parameter)
        {
            lines.push(say!(speech, "asks-example", "value" => example));
        }
        if parameter.secret {
            lines.push(say!(speech, "help-secret"));
        }
        if !parameter.required {
            lines.push(say!(speech, "help-optional"));
        }
        Reply::text(lines.join("\n"))
    }

    async fn job_help(&self, job: &JobTemplate) -> Reply {
        let speech = self.writer.speech;
        let rows = job.parameters.iter().map(|parameter| {
            let remark = match (&parameter.default, parameter.required) {
                (Some(default), _) => {
                    say!(speech, "help-default", "value" => speech.value(default))
                }
                (None, true) => say!(speech, "help-required"),
                (None, false) => say!(speech, "help-optional"),
            };
            (speech.label(parameter), speech.of(&parameter.description), remark)
        });
        let examples = self.examples(vec![job.id.clone()], EXAMPLES).await;
        let mut reply = Reply::default()
            .block(Block::Title(speech.of(&job.name)))
            .block(Block::Text(speech.of(&job.description)));
        reply = reply.block(Block::Rows(rows.collect()));
        if examples.is_empty() {
            return reply;
        }
        reply.text_line([say!(speech, "help-say", "examples" => speech.list(examples))])
    }

    /// At most so many examples of these jobs, quoted.
    async fn examples(&self, jobs: Vec<TemplateId>, most: usize) -> Vec<String> {
        let turning = self.turning;
        let hearer = Hearer {
            user: turning.user.id.clone(),
            place: turning.inbound.address.clone(),
            language: self.writer.speech.language,
            now: turning.now.to_zoned_datetime(turning.zone()),
        };
        let examples = examples(turning.core, hearer, jobs, most).await;
        examples.into_iter().map(|text| format!("“{text}”")).collect()
    }

    /// What there is for this person: what they use, what their colleagues use, the commands,
    /// and something they may not know yet.
    async fn overview(&mut self) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let (core, speech) = (turning.core, self.writer.speech);
        let own = used_jobs(&self.own(Arguments(&Default::default())).await?);
        let others = self.recommended().await?;
        let allowed = allowed(core, &turning.user, &turning.inbound.address, turning.now);
        let tip = self.tip(&allowed).await?;
        let jobs = |ids: &[TemplateId]| -> Vec<&JobTemplate> {
            let known = ids.iter().filter(|id| allowed.contains(*id));
            known.take(PROPOSED).filter_map(|id| core.catalog.job(id)).collect()
        };
        let used = jobs(&own);
        let new: Vec<TemplateId> = others.into_iter().filter(|id| !own.contains(id)).collect();
        let recommended = jobs(&new);
        let mut reply = Reply::text(say!(speech, "help-title", "count" => allowed.len()));
        let proposed: Vec<&JobTemplate> = used.iter().chain(&recommended).copied().collect();
        if proposed.is_empty() {
            let some: Vec<TemplateId> = allowed.iter().cloned().collect();
            reply = reply.text_line([say!(speech, "help-some")]).and(self.pickable(&jobs(&some)));
        } else {
            let heading = match (used.is_empty(), recommended.is_empty()) {
                (false, true) => say!(speech, "help-used"),
                (true, _) => say!(speech, "help-recommended"),
                (false, false) => say!(speech, "help-used-recommended", "count" => used.len()),
            };
            reply = reply.text_line([heading]).and(self.pickable(&proposed));
        }
        let commands = core.catalog.commands().iter();
        let commands = commands
            .filter(|command| command.kind == CommandKind::Command && self.may_ask(&command.id))
            .filter_map(|command| {
                let spoken = |slash: &&String| Language::of(slash) == Some(speech.language);
                command.slash.iter().find(spoken).or(command.slash.first())
            })
            .map(|slash| format!("/{slash}"));
        let commands = speech.list(commands);
        reply = reply.text_line([say!(speech, "help-commands", "commands" => commands)]);
        Ok(reply.text_line(tip))
    }

    /// Whether a command is any use to the asker here.
    fn may_ask(&self, command: &TemplateId) -> bool {
        let turning = self.turning;
        let Some(permission) = permission_of(command.as_str()) else { return true };
        // One's own, where it is about what belongs to somebody: the least that can be allowed.
        let asked = Asked {
            own: (permission != Permission::Approve).then_some(true),
            ..Asked::command(&turning.user.id, permission, &turning.inbound.address)
        };
        turning.core.access.may(&asked, turning.now).is_ok()
    }

    /// Jobs that people with one of the asker's roles ran, the most used first.
    async fn recommended(&self) -> Result<Vec<TemplateId>, Trouble> {
        let turning = self.turning;
        let rules = turning.core.access.rules();
        let query = jobs::Query { limit: LOOKED_AT, ..jobs::Query::default() };
        let mut executions = turning.core.monitor.executions().find(&query).await?;
        executions.retain(|execution| {
            execution.requester != turning.user.id
                && rules
                    .users()
                    .get(&execution.requester)
                    .is_some_and(|other| turning.user.roles.iter().any(|role| other.has_role(role)))
        });
        Ok(used_jobs(&executions))
    }

    /// The next tip that the asker has not seen; none when all were.
    async fn tip(&mut self, allowed: &BTreeSet<TemplateId>) -> Result<Option<String>, Trouble> {
        let speech = self.writer.speech;
        let user = &self.turning.user.id;
        let store = &*self.turning.core.store;
        let seen: u32 = get_as(store, TIPS_SEEN, user).await?.unwrap_or_default();
        let tip = match seen {
            0 => match self.examples(allowed.iter().cloned().collect(), 1).await.pop() {
                Some(example) => say!(speech, "tip-all-at-once", "example" => example),
                None => say!(speech, "tip-just-say"),
            },
            1 => say!(speech, "tip-correct"),
            2 => say!(speech, "tip-again"),
            3 => say!(speech, "tip-slash"),
            4 => say!(speech, "tip-drafts"),
            5 => say!(speech, "tip-settings"),
            _ => return Ok(None),
        };
        let batch = std::mem::take(&mut self.effects.batch);
        self.effects.batch = batch.put_as(TIPS_SEEN, user, &(seen + 1))?;
        Ok(Some(say!(speech, "tip", "text" => tip)))
    }
}

/// What a command needs; `None` for those about the conversation, which anybody may use who may
/// talk.
fn permission_of(command: &str) -> Option<Permission> {
    Some(match command {
        "run" | "rerun" | "retry_failed" | "undo" => Permission::Run,
        "status" | "follow" | "unfollow" => Permission::Status,
        "list" => Permission::List,
        "cancel" => Permission::Cancel,
        "history" => Permission::History,
        "logs" => Permission::Logs,
        "schedule_change" => Permission::Schedule,
        "approve" | "reject" => Permission::Approve,
        "break_glass" => Permission::BreakGlass,
        "settings" => Permission::Settings,
        _ => return None,
    })
}
