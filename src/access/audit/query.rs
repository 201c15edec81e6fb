//! Searching the log.

use std::path::Path;

use jiff::Timestamp;

use super::record::{Event, Record};
use super::verify::{Broken, read};
use crate::catalog::TemplateId;

/// Which records are wanted. What is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    pub user: Option<String>,
    pub template: Option<TemplateId>,
    /// Inclusive.
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub to: Option<Timestamp>,
    pub event: Option<Event>,
    /// The final state of a run: `succeeded`, `failed` ...
    pub result: Option<String>,
    pub execution: Option<u64>,
}

impl Filter {
    pub fn matches(&self, record: &Record) -> bool {
        let entry = &record.entry;
        fn is<T: PartialEq>(wanted: &Option<T>, given: &Option<T>) -> bool {
            wanted.is_none() || wanted == given
        }
        is(&self.user, &entry.user)
            && is(&self.template, &entry.template)
            && is(&self.result, &entry.result)
            && is(&self.execution, &entry.execution)
            && self.event.is_none_or(|event| event == entry.event)
            && self.from.is_none_or(|from| record.time >= from)
            && self.to.is_none_or(|to| record.time < to)
    }
}

/// The records of the log in a folder that a filter wants, oldest first; with `last`, only so
/// many of the newest.
///
/// # Errors
///
/// Where the chain is broken, or records are missing at its end: then nothing of it is shown.
pub fn find(folder: &Path, filter: &Filter, last: Option<usize>) -> Result<Vec<Record>, Broken> {
    let mut found = std::collections::VecDeque::new();
    read(folder, |record| {
        if filter.matches(&record) {
            found.push_back(record);
            if last.is_some_and(|last| found.len() > last) {
                found.pop_front();
            }
        }
    })?;
    Ok(found.into())
}
