//! Drafts: jobs that were begun and not run.

use serde::Serialize;

use super::{Bot, Caller, ViewError};
use crate::bot::sessions::open_session;
use crate::catalog::Values;

/// A draft of the one who looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DraftView {
    pub job: String,
    pub values: String,
    /// When it was put aside; `None` for the one that is being talked about.
    pub since: Option<String>,
    /// The words that take it up again; `None` for the one that is being talked about.
    pub resume: Option<String>,
}

impl Bot {
    /// The drafts of the one who looks, in the chat where they look: the open one first, then
    /// the latest that was put aside.
    ///
    /// # Errors
    ///
    /// When they are nobody here.
    pub async fn drafts(&self, caller: &Caller) -> Result<Vec<DraftView>, ViewError> {
        let seat = self.seat(caller).await?;
        let stored = open_session(&*seat.core.store, seat.address, &seat.user.id).await;
        let session = match stored {
            Ok(Some(session)) => session,
            Ok(None) => return Ok(Vec::new()),
            Err(error) => return Err(seat.failed(error, "listing drafts")),
        };
        let writer = seat.writer();
        let view = |template: &_, values: &Values, since, resume| DraftView {
            job: writer.job_name(template),
            values: writer.values_of(template, values),
            since,
            resume,
        };
        let open = session.draft.iter();
        let open = open.map(|draft| view(&draft.template, &draft.plain_values(), None, None));
        let kept = session.kept.iter().rev().map(|kept| {
            let since = writer.speech.moment(kept.since, &seat.zone);
            let resume = format!("/resume {}", kept.id);
            view(&kept.draft.template, &kept.draft.plain_values(), Some(since), Some(resume))
        });
        Ok(open.chain(kept).collect())
    }
}
