//! Which runs a question is about: the arguments of a command as a query.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::{Arguments, Asker};
use crate::access::Permission;
use crate::bot::trouble::Trouble;
use crate::catalog::{TemplateId, Value};
use crate::jobs::{self, Execution, ExecutionState};
use crate::nlu::values::Reference;
use crate::nlu::values::recognize::{self, TimeKind};
use crate::reply::{Reply, say};

/// What was asked for, as far as it was said.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    pub jobs: Vec<TemplateId>,
    pub whose: Whose,
    /// Any of these; empty: any state.
    pub states: Vec<ExecutionState>,
    pub since: Option<Timestamp>,
    /// Exclusive.
    pub until: Option<Timestamp>,
    /// Only runs with this among their values.
    pub with: Option<String>,
}

/// Whose runs are meant.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Whose {
    #[default]
    Unsaid,
    Everybody,
    Of(String),
}

/// How many runs of one job are looked at for those that the asker may know of.
const LOOKED_AT: usize = 200;

impl Selection {
    /// Whether anything besides the job narrows it down.
    pub fn is_narrow(&self) -> bool {
        self.whose != Whose::Unsaid
            || !self.states.is_empty()
            || self.since.is_some()
            || self.until.is_some()
    }
}

impl Asker<'_> {
    /// What the arguments ask for.
    ///
    /// # Errors
    ///
    /// The reply that says what nobody knows: a person, an outcome.
    pub(super) fn selection(&self, arguments: Arguments<'_>) -> Result<Selection, Reply> {
        let (since, until) = self.stretch(arguments);
        // Whoever is named is looked up as a person already.
        let user = arguments.text("user").map(str::to_lowercase);
        let is_user = |about: &str| {
            let about = about.to_lowercase();
            user.as_ref().is_some_and(|user| user.contains(&about) || about.contains(user))
        };
        let states = match arguments.text("outcome") {
            None => Vec::new(),
            Some(outcome) => states(outcome).ok_or_else(|| {
                let speech = self.writer.speech;
                let known = speech.list(OUTCOMES);
                Reply::text(say!(speech, "unknown-outcome", "value" => outcome, "known" => known))
            })?,
        };
        Ok(Selection {
            jobs: arguments.templates(),
            whose: self.whose(arguments)?,
            states,
            since,
            until,
            with: arguments.text("about").filter(|about| !is_user(about)).map(str::to_owned),
        })
    }

    /// The runs of a selection that the asker may know of, latest first.
    pub(super) async fn select(
        &self,
        selection: &Selection,
        permission: Permission,
        limit: usize,
    ) -> Result<Vec<Execution>, Trouble> {
        let mut query = jobs::Query {
            requester: match &selection.whose {
                Whose::Of(user) => Some(user.clone()),
                Whose::Unsaid | Whose::Everybody => None,
            },
            states: selection.states.clone(),
            since: selection.since,
            until: selection.until,
            limit: LOOKED_AT.max(limit),
            ..jobs::Query::default()
        };
        let mut found = Vec::new();
        if selection.jobs.is_empty() {
            found = self.visible(&query, permission).await?;
        }
        for job in &selection.jobs {
            query.template = Some(job.clone());
            found.extend(self.visible(&query, permission).await?);
        }
        if let Some(with) = &selection.with {
            found.retain(|execution| has_value(execution, with));
        }
        found.sort_by_key(|execution| std::cmp::Reverse(execution.number));
        found.truncate(limit);
        Ok(found)
    }

    fn whose(&self, arguments: Arguments<'_>) -> Result<Whose, Reply> {
        let Some(words) = arguments.text("user") else { return Ok(Whose::Unsaid) };
        let speech = self.writer.speech;
        let said = words.trim().to_lowercase();
        // What people call themselves and all others is a matter of language.
        let is_one_of = |list: String| list.split('|').any(|word| word.trim() == said);
        if is_one_of(say!(speech, "words-me")) {
            return Ok(Whose::Of(self.turning.user.id.clone()));
        }
        if is_one_of(say!(speech, "words-everybody")) {
            return Ok(Whose::Everybody);
        }
        let rules = self.turning.core.access.rules();
        let name = |user: &&crate::access::User| user.name.to_lowercase();
        let users = || rules.users().iter();
        let exact = users().find(|user| user.id == said || name(user) == said);
        let first_name = |user: &&crate::access::User| {
            name(user).split_whitespace().next().is_some_and(|first| first == said)
        };
        let mut alike = users().filter(first_name);
        match (exact, alike.next(), alike.next()) {
            (Some(user), _, _) | (None, Some(user), None) => Ok(Whose::Of(user.id.clone())),
            _ => Err(Reply::text(say!(speech, "unknown-user", "value" => words))),
        }
    }

    /// From when to when: as the dialogue worked it out, or else what words like "last night" or
    /// 昨天 mean, as far back as can be.
    fn stretch(&self, arguments: Arguments<'_>) -> (Option<Timestamp>, Option<Timestamp>) {
        let zone = self.turning.zone();
        let moment = |name: &str| {
            let local: DateTime = arguments.text(name)?.parse().ok()?;
            Some(local.to_zoned_datetime(zone.clone()).ok()?.timestamp())
        };
        // The last moment is included, to the second.
        let end = moment("until").and_then(|at| at.checked_add(SignedDuration::from_secs(1)).ok());
        match (moment("since"), end) {
            (None, None) => arguments.text("time").map_or((None, None), |words| self.span(words)),
            stretch => stretch,
        }
    }

    fn span(&self, words: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        let turning = self.turning;
        let zone = turning.zone();
        let now = turning.now.to_zoned_datetime(zone.clone());
        let times = recognize::times(words, &Reference { now });
        // What recurs ("on Monday") has its past reading first, and history is about the past.
        let found = times.iter().find_map(|time| Some((time.kind, time.readings.first()?)));
        let Some((kind, reading)) = found else { return (None, None) };
        let moment = |local: DateTime| local.to_zoned_datetime(zone.clone()).ok();
        let since = reading.start.and_then(moment);
        let until = match (reading.end, kind) {
            (Some(end), _) => moment(end),
            (None, TimeKind::Date) => since.as_ref().and_then(|day| day.tomorrow().ok()),
            (None, _) => None,
        };
        (since.map(|at| at.timestamp()), until.map(|at| at.timestamp()))
    }
}

/// Whether a run was given a value, by itself or in a list.
fn has_value(execution: &Execution, wanted: &str) -> bool {
    execution.values.values().any(|value| match value {
        Value::List(items) => items.iter().any(|item| item.eq_ignore_ascii_case(wanted)),
        value => value.to_string().eq_ignore_ascii_case(wanted),
    })
}

/// The outcomes that can be asked for.
const OUTCOMES: [&str; 5] = ["failed", "succeeded", "cancelled", "running", "rejected"];

/// The states that an outcome stands for; `None` for an outcome that is none. What was rejected
/// never became a run and has no state of one.
fn states(outcome: &str) -> Option<Vec<ExecutionState>> {
    use ExecutionState::*;
    Some(match outcome {
        "failed" => vec![Failed, TimedOut, Lost],
        "succeeded" => vec![Succeeded],
        "cancelled" => vec![Cancelled],
        "running" => vec![Queued, AwaitingApproval, Starting, Running],
        "rejected" => Vec::new(),
        _ => return None,
    })
}
