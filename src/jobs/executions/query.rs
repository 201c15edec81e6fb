//! Questions about executions.

use jiff::{SignedDuration, Timestamp};

use super::index::{self, BY_AGE, BY_REQUESTER, BY_STATE, BY_TEMPLATE, BY_TEMPLATE_AND_STATE};
use super::{Executions, ExecutionsError, corrupt};
use crate::catalog::TemplateId;
use crate::jobs::{Execution, ExecutionState};
use crate::store::Table;

/// Which executions are wanted: all that meet every condition that is set, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub requester: Option<String>,
    pub template: Option<TemplateId>,
    /// Any of these; empty: any state.
    pub states: Vec<ExecutionState>,
    /// Asked for at or after this moment.
    pub since: Option<Timestamp>,
    /// Asked for before this moment.
    pub until: Option<Timestamp>,
    /// Only numbers below this one: how a list is paged.
    pub before: Option<u64>,
    pub limit: usize,
}

impl Default for Query {
    fn default() -> Query {
        Query {
            requester: None,
            template: None,
            states: Vec::new(),
            since: None,
            until: None,
            before: None,
            limit: 20,
        }
    }
}

/// Entries of an index that are read at once.
const PAGE: usize = 128;

/// Numbers are handed out in the order of time, but a number may be older than the moment that
/// its execution was stored with by as much as that took.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

impl Query {
    /// The narrowest index that serves this query, with the prefixes to scan in it.
    fn index(&self) -> (Table, Vec<String>) {
        if let Some(requester) = &self.requester {
            (BY_REQUESTER, vec![index::prefix(requester)])
        } else if let (Some(template), false) = (&self.template, self.states.is_empty()) {
            let prefix = |state: &ExecutionState| index::both_prefix(template, *state);
            (BY_TEMPLATE_AND_STATE, self.states.iter().map(prefix).collect())
        } else if let Some(template) = &self.template {
            (BY_TEMPLATE, vec![index::prefix(template.as_str())])
        } else if !self.states.is_empty() {
            (BY_STATE, self.states.iter().map(|s| index::prefix(&s.to_string())).collect())
        } else {
            (BY_AGE, vec![String::new()])
        }
    }

    fn wants(&self, execution: &Execution) -> bool {
        let at = execution.requested_at();
        self.requester.as_ref().is_none_or(|r| *r == execution.requester)
            && self.template.as_ref().is_none_or(|t| *t == execution.template)
            && (self.states.is_empty() || self.states.contains(&execution.state))
            && self.since.is_none_or(|since| since <= at)
            && self.until.is_none_or(|until| at < until)
            && self.before.is_none_or(|before| execution.number < before)
    }
}

impl Executions {
    /// The executions that a query wants, newest first.
    pub async fn find(&self, query: &Query) -> Result<Vec<Execution>, ExecutionsError> {
        let (table, prefixes) = query.index();
        let mut found = Vec::new();
        for prefix in &prefixes {
            self.scan(table, prefix, query, &mut found).await?;
        }
        // An execution may have changed its state, and so its place, between two scans.
        found.sort_by_key(|execution| std::cmp::Reverse(execution.number));
        found.dedup_by_key(|execution| execution.number);
        found.truncate(query.limit);
        Ok(found)
    }

    /// Every execution that is not over, oldest first.
    pub async fn unfinished(&self) -> Result<Vec<Execution>, ExecutionsError> {
        let states = ExecutionState::ALL.into_iter().filter(|state| !state.is_final()).collect();
        let query = Query { states, limit: usize::MAX, ..Query::default() };
        let mut found = self.find(&query).await?;
        found.reverse();
        Ok(found)
    }

    async fn scan(
        &self,
        table: Table,
        prefix: &str,
        query: &Query,
        found: &mut Vec<Execution>,
    ) -> Result<(), ExecutionsError> {
        let mut wanted = query.limit;
        let mut after = query.before.map(|before| format!("{prefix}{}", index::age_key(before)));
        while wanted > 0 {
            let page = self.store.scan(table, prefix, after.as_deref(), PAGE).await?;
            for (key, _) in &page {
                let number =
                    index::number_of(key).ok_or_else(|| corrupt(table, key, "an index key"))?;
                let execution = self.get(number).await?;
                if query.wants(&execution) {
                    found.push(execution);
                    wanted -= 1;
                    if wanted == 0 {
                        break;
                    }
                } else if query.since.is_some_and(|since| since - SKEW > execution.requested_at()) {
                    return Ok(());
                }
            }
            match page.last() {
                Some((key, _)) if page.len() == PAGE => after = Some(key.clone()),
                _ => break,
            }
        }
        Ok(())
    }
}
