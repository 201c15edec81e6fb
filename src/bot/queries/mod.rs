//! Answers to commands: each looks something up or does one thing, after the policy agreed.

mod approvals;
mod help;
mod history;
mod list;
pub(super) mod logs;
mod own_requests;
mod preferences;
mod said;
mod schedule;
mod selection;
mod status;
mod zones;

use self::selection::Whose;
use super::Trouble;
use super::handle::{Effects, Turning};
use crate::access::{Asked, Permission, Refusal};
use crate::catalog::{TemplateId, Value, Values};
use crate::channels::Body;
use crate::dialogue::Query;
use crate::jobs::{self, Execution};
use crate::reply::{Reply, Writer, say};

/// Somebody with a question.
pub(super) struct Asker<'a> {
    pub turning: &'a Turning<'a>,
    pub writer: Writer<'a>,
    pub effects: &'a mut Effects,
}

impl Asker<'_> {
    /// Answers a command.
    pub async fn answer(&mut self, query: &Query) -> Result<Reply, Trouble> {
        let mut given = query.arguments.clone();
        if let (Body::Text(_), Some(words)) =
            (&self.turning.inbound.body, &self.turning.context.words)
        {
            let rules = self.turning.core.access.rules();
            said::complete(query.command.as_str(), &mut given, words, rules.users());
        }
        let arguments = Arguments(&given);
        match query.command.as_str() {
            "status" => self.status(arguments).await,
            "list" => self.list(arguments).await,
            "cancel" => self.cancel(arguments).await,
            "help" => self.help(arguments).await,
            "history" => self.history(arguments).await,
            "logs" => self.logs(arguments).await,
            "follow" => self.follow_named(arguments).await,
            "unfollow" => self.unfollow(arguments).await,
            "schedule_change" => self.schedule(arguments).await,
            "approve" => self.approve(arguments, true).await,
            "reject" => self.approve(arguments, false).await,
            "withdraw" => self.withdraw_said(arguments).await,
            "break_glass" => self.break_glass(arguments).await,
            "settings" => self.preferences(arguments).await,
            other => {
                let name = match self.turning.core.catalog.command(&TemplateId::from(other)) {
                    Some(command) => self.writer.speech.of(&command.name),
                    None => other.to_owned(),
                };
                Ok(Reply::text(say!(self.writer.speech, "command-not-here", "command" => name)))
            }
        }
    }

    /// Whether the asker may do this, about nothing in particular.
    async fn permit(&self, command: Permission) -> Result<(), Refusal> {
        let turning = self.turning;
        let asked = Asked::command(&turning.user.id, command, &turning.inbound.address);
        self.permitted(&asked).await
    }

    /// Whether the asker may do this to an execution.
    async fn permit_on(&self, command: Permission, execution: &Execution) -> Result<(), Refusal> {
        let turning = self.turning;
        let asked = Asked {
            template: Some(&execution.template),
            values: Some(&execution.values),
            own: Some(execution.requester == turning.user.id),
            execution: Some(execution.number),
            ..Asked::command(&turning.user.id, command, &turning.inbound.address)
        };
        self.permitted(&asked).await
    }

    async fn permitted(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        let turning = self.turning;
        let address = &turning.inbound.address;
        let access = &turning.core.access;
        access.permit(asked, address, &turning.context, turning.now).await.map(drop)
    }

    /// The execution that is meant: the one that is named, or else the latest that fits what was
    /// said, of the asker's own where nobody said whose. What only looks may `widen` that to all
    /// that they may know of, where what was said fits none of their own.
    ///
    /// # Errors
    ///
    /// What a reply can say at once is an answer, too: nobody knows a person of that name.
    async fn execution(
        &self,
        arguments: Arguments<'_>,
        permission: Permission,
        widen: bool,
        fits: fn(&Execution) -> bool,
    ) -> Result<Meant, Trouble> {
        if let Some(number) = arguments.number("execution") {
            let execution = self.turning.core.monitor.executions().get(number).await?;
            return Ok(Meant::This(Box::new(execution)));
        }
        let mut selection = match self.selection(arguments) {
            Ok(selection) => selection,
            Err(reply) => return Ok(Meant::Unclear(reply)),
        };
        let anybody = widen
            && selection.whose == Whose::Unsaid
            && (selection.is_narrow() || !selection.jobs.is_empty());
        if selection.whose == Whose::Unsaid {
            selection.whose = Whose::Of(self.turning.user.id.clone());
        }
        let mut found = self.select(&selection, permission, RECENT).await?.into_iter().find(fits);
        if found.is_none() && anybody {
            selection.whose = Whose::Everybody;
            found = self.select(&selection, permission, RECENT).await?.into_iter().find(fits);
        }
        Ok(found.map_or(Meant::Nothing, |execution| Meant::This(Box::new(execution))))
    }

    /// The asker's executions, of the job that is named if one is, latest first.
    async fn own(&self, arguments: Arguments<'_>) -> Result<Vec<Execution>, Trouble> {
        let query = jobs::Query {
            requester: Some(self.turning.user.id.clone()),
            template: arguments.templates().into_iter().next(),
            limit: 50,
            ..jobs::Query::default()
        };
        Ok(self.turning.core.monitor.executions().find(&query).await?)
    }
}

/// So many recent runs are looked at for the one that is meant.
const RECENT: usize = 50;

/// Which execution somebody means.
enum Meant {
    This(Box<Execution>),
    Nothing,
    /// The reply says what is not known.
    Unclear(Reply),
}

/// The arguments of a command, as the dialogue's `Query` documents them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arguments<'a>(pub &'a Values);

impl<'a> Arguments<'a> {
    pub fn text(self, name: &str) -> Option<&'a str> {
        match self.0.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub fn number(self, name: &str) -> Option<u64> {
        match self.0.get(name) {
            Some(Value::Integer(number)) => u64::try_from(*number).ok(),
            Some(Value::Text(text)) => text.trim_start_matches(['#', '@']).parse().ok(),
            _ => None,
        }
    }

    /// A number of things to show.
    pub fn count(self, name: &str) -> Option<usize> {
        self.number(name).and_then(|number| usize::try_from(number).ok())
    }

    /// The jobs that are named: one or several.
    pub fn templates(self) -> Vec<TemplateId> {
        match self.0.get("job") {
            Some(Value::Text(id)) => vec![TemplateId::from(id.as_str())],
            Some(Value::List(ids)) => ids.iter().map(|id| TemplateId::from(id.as_str())).collect(),
            _ => Vec::new(),
        }
    }
}
