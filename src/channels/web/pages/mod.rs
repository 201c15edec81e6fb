//! Pages, and what they ask for: one file for each.

pub(super) mod approvals;
pub(super) mod assets;
pub(super) mod audit;
pub(super) mod charts;
pub(super) mod chat;
pub(super) mod drafts;
pub(super) mod events;
pub(super) mod files;
pub(super) mod job;
pub(super) mod jobs;
pub(super) mod language;
pub(super) mod log;
pub(super) mod login;
pub(super) mod logout;
pub(super) mod now;
pub(super) mod press;
pub(super) mod run;
pub(super) mod runs;
pub(super) mod say;
pub(super) mod schedules;

use axum::response::Response;

use super::visit::Visit;
use crate::bot::views::{Hidden, ViewError};
use crate::reply::{Speech, say};

/// There is no such page.
pub(super) async fn missing(visit: Visit) -> Response {
    nothing_here(&visit)
}

/// Says that there is nothing under an address.
fn nothing_here(visit: &Visit) -> Response {
    let speech = Speech::new(visit.visitor.language);
    let text = say!(speech, "web-nothing-here");
    visit.error(&ViewError { kind: Hidden::Missing, text })
}
