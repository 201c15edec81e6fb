//! A request of somebody who is logged in.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use minijinja::{Value, context};

use super::NAME;
use super::app::App;
use super::cookie::Cookie;
use super::history::Stream;
use super::origin::origin_of;
use super::render::value;
use super::sessions::form_token;
use crate::access::{Refusal, redact};
use crate::bot::views::{Caller, Hidden, ViewError, Visitor};
use crate::catalog::Language;
use crate::channels::{Address, Body, Inbound, Sender, key_part};

/// Who asks, and for what page.
pub(super) struct Visit {
    pub app: Arc<App>,
    pub caller: Caller,
    pub visitor: Visitor,
    /// What the session's cookie holds.
    pub secret: String,
    origin: Option<String>,
    path: String,
    wants_page: bool,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Visit, Response> {
        let wants_page = wants_page(&parts.headers);
        let stranger = || match wants_page {
            true => Redirect::to("/login").into_response(),
            false => StatusCode::UNAUTHORIZED.into_response(),
        };
        let secure = app.place.is_secure();
        let secret = Cookie::Session.read(&parts.headers, secure).ok_or_else(stranger)?.to_owned();
        let session = app.sessions.find(&secret, Timestamp::now()).await.map_err(failed)?;
        let session = session.ok_or_else(stranger)?;
        if matches!(parts.method, Method::GET | Method::HEAD) {
            app.limits.view(&session.account).map_err(too_many)?;
        }
        let caller = caller(app, &parts.headers, &session.account);
        match app.bot.visitor(&caller).await {
            Ok(visitor) => {
                // The account may belong to somebody else now, or the session was ended.
                if !app.is_of(&session, &visitor.user).await.map_err(unreadable)? {
                    app.sessions.end(&secret).await.map_err(failed)?;
                    return Err(stranger());
                }
                Ok(Visit {
                    app: Arc::clone(app),
                    caller,
                    visitor,
                    secret,
                    origin: origin_of(parts),
                    path: parts.uri.path().to_owned(),
                    wants_page,
                })
            }
            // Somebody who was disabled, or was taken off the list.
            Err(error) if error.kind == Hidden::Out => {
                app.sessions.end(&secret).await.map_err(failed)?;
                Err(problem(app, language(&caller), &error, StatusCode::FORBIDDEN, wants_page))
            }
            Err(error) => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Err(problem(app, language(&caller), &error, status, wants_page))
            }
        }
    }
}

impl Visit {
    pub fn stream(&self) -> Stream {
        Stream::of(&self.caller.address)
    }

    /// What forms of this session hold.
    pub fn form_token(&self) -> String {
        form_token(&self.secret)
    }

    /// A page, with what every page shows.
    pub fn page(&self, name: &str, values: Value) -> Response {
        self.app.renderer.page(name, self.visitor.language, self.context(values))
    }

    /// What templates know besides their own values.
    pub fn context(&self, values: Value) -> Value {
        context! {
            visitor => value(&self.visitor),
            form_token => self.form_token(),
            path => self.path.as_str(),
            nonce => super::sessions::random(),
            ..values
        }
    }

    /// Why something is not shown.
    pub fn error(&self, error: &ViewError) -> Response {
        let status = match error.kind {
            Hidden::Out | Hidden::Refused => StatusCode::FORBIDDEN,
            Hidden::Missing => StatusCode::NOT_FOUND,
            Hidden::Failed => StatusCode::SERVICE_UNAVAILABLE,
        };
        let values = context! { status => status.as_u16(), text => error.text.as_str() };
        match self.wants_page {
            true => (status, self.page("error.html", values)).into_response(),
            false => (status, error.text.clone()).into_response(),
        }
    }

    /// Hands something to the bot, once for its identifier, and puts what was said into the chat.
    ///
    /// # Errors
    ///
    /// When there was too much lately, or the store fails.
    pub async fn send(
        &self,
        id: Option<&str>,
        body: Body,
        said: Option<&str>,
    ) -> Result<(), Response> {
        let account = &self.caller.sender.id;
        self.app.limits.message(account).map_err(too_many)?;
        let id = match id {
            Some(id) if id.len() <= 128 => key_part(id),
            _ => super::sessions::random(),
        };
        if let Some(said) = said {
            let text = redact(said).into_owned();
            self.app.history.said(&self.caller.address, &id, text).await.map_err(failed)?;
        }
        let inbound = Inbound {
            id: format!("{}:{id}", key_part(account)),
            address: self.caller.address.clone(),
            sender: self.caller.sender.clone(),
            body,
            group: false,
            addressed: true,
            at: Timestamp::now(),
            language: Some(self.visitor.language),
            origin: self.origin.clone(),
            shown: None,
        };
        self.app.bot.receive(inbound).await.map(drop).map_err(failed)
    }

    /// The answer to a form that was taken: the chat, where what follows is to be seen. The
    /// script is there already.
    pub fn to_chat(&self) -> Response {
        match self.wants_page {
            true => Redirect::to("/#end").into_response(),
            false => StatusCode::NO_CONTENT.into_response(),
        }
    }
}

/// Whoever has this account on the page, as the bot's views are asked.
pub(super) fn caller(app: &App, headers: &HeaderMap, account: &str) -> Caller {
    let chosen = Cookie::Language.read(headers, app.place.is_secure());
    let chosen = Language::ALL.into_iter().find(|known| chosen == Some(known.code()));
    Caller {
        address: Address { channel: NAME.to_owned(), chat: account.to_owned(), thread: None },
        sender: Sender { id: account.to_owned(), name: account.to_owned() },
        chosen,
        accepts: accepted(headers),
    }
}

/// The language of somebody whom nothing more is known of.
pub(super) fn language(caller: &Caller) -> Language {
    caller.chosen.or(caller.accepts).unwrap_or(Language::En)
}

/// The first language of the client that is spoken here.
pub(super) fn accepted(headers: &HeaderMap) -> Option<Language> {
    let accepts = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    accepts.split(',').find_map(|one| {
        let one = one.trim().to_lowercase();
        Language::ALL.into_iter().find(|known| one.starts_with(known.code()))
    })
}

/// Whether a page is wanted, or something for the script.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|accepts| accepts.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

fn problem(
    app: &App,
    language: Language,
    error: &ViewError,
    status: StatusCode,
    wants_page: bool,
) -> Response {
    let values = context! { status => status.as_u16(), text => error.text.as_str() };
    match wants_page {
        true => (status, app.renderer.page("error.html", language, values)).into_response(),
        false => (status, error.text.clone()).into_response(),
    }
}

/// The store failed; what was asked for was not done.
pub(super) fn failed(error: crate::store::StoreError) -> Response {
    tracing::error!(%error, "a request failed");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// What is kept beside the store can't be read; [`Access`](crate::access::Access) has logged it.
fn unreadable(_: Refusal) -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// There was too much lately.
pub(super) fn too_many(wait: std::time::Duration) -> Response {
    // Whole seconds, and never too few.
    let seconds = wait.as_millis().div_ceil(1_000).max(1).to_string();
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)]).into_response()
}
