//! Events: what changes in a stream, for as long as whoever listens may read it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Interval;

use super::API;
use super::app::App;
use super::followers::{NoSeat, Seat};
use super::history::Stream;
use super::item::Item;
use super::visit::too_many;
use crate::bot::views::Caller;

/// How often it is looked whether somebody may still listen when nothing happens.
const LOOK: Duration = Duration::from_secs(10);

/// How often it is looked for what another process said, where there may be one.
const LOOK_ELSEWHERE: Duration = Duration::from_secs(1);

/// Whoever listens often enough already may come again after so long.
const AGAIN: Duration = Duration::from_secs(30);

/// By what somebody listens.
pub(super) enum Ticket {
    /// A session of the page.
    Session { secret: String, caller: Box<Caller> },
    /// A token of the API, and its account.
    Token { secret: String, account: String },
}

impl Ticket {
    async fn is_good(&self, app: &App) -> bool {
        let now = Timestamp::now();
        match self {
            Ticket::Session { secret, caller } => {
                let Ok(Some(session)) = app.sessions.find(secret, now).await else { return false };
                let Ok(visitor) = app.bot.visitor(caller).await else { return false };
                app.is_of(&session, &visitor.user).await.unwrap_or(false)
            }
            Ticket::Token { secret, .. } => app.bot.token_owner(secret, API).await.is_ok(),
        }
    }

    /// Whom the connection is counted to.
    fn account(&self) -> String {
        match self {
            Ticket::Session { caller, .. } => caller.sender.id.clone(),
            Ticket::Token { account, .. } => format!("{API}/{account}"),
        }
    }
}

/// Somebody who listens.
struct Follower {
    app: Arc<App>,
    stream: Stream,
    ticket: Ticket,
    changes: broadcast::Receiver<Stream>,
    /// The last revision that was told.
    last: Option<String>,
    pending: VecDeque<Item>,
    is_out: bool,
    looks: Interval,
    looks_elsewhere: Interval,
    _seat: Seat,
}

/// Tells of every item of a stream that changed after a revision, as events made by `make`. The
/// revision is the event's id, which a browser gives back when it comes again.
pub(super) fn follow<F>(
    app: &Arc<App>,
    stream: Stream,
    ticket: Ticket,
    last: Option<String>,
    make: F,
) -> Response
where
    F: Fn(&Item) -> Option<Event> + Clone + Send + 'static,
{
    let seat = match app.followers.sit(&ticket.account()) {
        Ok(seat) => seat,
        Err(NoSeat::Enough) => return too_many(AGAIN),
        Err(NoSeat::Full) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let follower = Follower {
        changes: app.history.subscribe(),
        app: Arc::clone(app),
        stream,
        ticket,
        last,
        pending: VecDeque::new(),
        is_out: false,
        looks: tokio::time::interval(LOOK),
        looks_elsewhere: tokio::time::interval(LOOK_ELSEWHERE),
        _seat: seat,
    };
    // What happened since the last revision comes first.
    let events = futures::stream::unfold((follower, true), move |(mut follower, look)| {
        let make = make.clone();
        async move {
            let next = follower.next(look).await?;
            let event = match next {
                Next::Item(item) => make(&item).map(|event| event.id(item.revision)),
                Next::Out => Some(Event::default().event("out").data("out")),
            };
            Some((event.map(Ok::<_, Infallible>), (follower, false)))
        }
    });
    let events = futures::StreamExt::filter_map(events, std::future::ready);
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

enum Next {
    Item(Box<Item>),
    /// Whoever listens may do so no longer.
    Out,
}

impl Follower {
    /// What is to be told next; `None` when there is nothing to wait for.
    async fn next(&mut self, mut look: bool) -> Option<Next> {
        if self.is_out {
            return None;
        }
        loop {
            if let Some(item) = self.pending.pop_front() {
                self.last = Some(item.revision.clone());
                return Some(Next::Item(Box::new(item)));
            }
            if std::mem::take(&mut look) {
                if !self.ticket.is_good(&self.app).await {
                    return self.leave();
                }
                self.fetch().await?;
                if !self.pending.is_empty() {
                    continue;
                }
            }
            tokio::select! {
                changed = self.changes.recv() => match changed {
                    Ok(stream) => look = stream == self.stream,
                    Err(RecvError::Lagged(_)) => look = true,
                    Err(RecvError::Closed) => return None,
                },
                _ = self.looks.tick() => {
                    if !self.ticket.is_good(&self.app).await {
                        return self.leave();
                    }
                }
                _ = self.looks_elsewhere.tick(), if self.app.history.is_shared() => {
                    self.fetch().await?;
                }
                () = self.app.shutdown.cancelled() => return None,
            }
        }
    }

    /// Reads what changed since the last that was told; `None` when it can't be read.
    async fn fetch(&mut self) -> Option<()> {
        match self.app.history.since(&self.stream, self.last.as_deref()).await {
            Ok(items) => {
                self.pending = items.into();
                Some(())
            }
            Err(error) => {
                tracing::error!(%error, "a chat can't be read");
                None
            }
        }
    }

    /// Says so once, and ends.
    fn leave(&mut self) -> Option<Next> {
        (!std::mem::replace(&mut self.is_out, true)).then_some(Next::Out)
    }
}

/// The last revision that somebody has: what the browser says when it comes again, else what
/// the address says.
pub(super) fn last_seen(headers: &HeaderMap, after: Option<String>) -> Option<String> {
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let last = header.map(str::to_owned).or(after)?;
    last.bytes().all(|b| b.is_ascii_hexdigit()).then_some(last).filter(|last| !last.is_empty())
}
