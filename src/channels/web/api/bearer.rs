//! A request with a token.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::refused;
use crate::access::Refusal;
use crate::channels::web::API;
use crate::channels::web::app::App;
use crate::channels::web::origin::origin_of;
use crate::channels::web::visit::too_many;
use crate::channels::{Address, Sender, key_part};

/// Whoever a token lets in.
pub struct Bearer {
    pub(in crate::channels::web) app: Arc<App>,
    pub secret: String,
    pub sender: Sender,
    pub origin: Option<String>,
}

impl FromRequestParts<Arc<App>> for Bearer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Bearer, Response> {
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let secret = given.and_then(|given| given.strip_prefix("Bearer ")).unwrap_or_default();
        match app.bot.token_owner(secret.trim(), API).await {
            Ok((entrance, _)) => {
                if matches!(parts.method, Method::GET | Method::HEAD) {
                    let account = format!("{API}/{}", entrance.account);
                    app.limits.view(&account).map_err(too_many)?;
                }
                Ok(Bearer {
                    app: Arc::clone(app),
                    secret: secret.trim().to_owned(),
                    sender: Sender { id: entrance.account, name: entrance.user.name },
                    origin: origin_of(parts),
                })
            }
            Err(Refusal::StoreUnavailable { .. }) => {
                Err(refused(StatusCode::SERVICE_UNAVAILABLE, "tokens can't be read"))
            }
            Err(refusal) => {
                tracing::info!(%refusal, "a program was not let in");
                let answer = refused(StatusCode::UNAUTHORIZED, "the token is wrong or revoked");
                Err(([(header::WWW_AUTHENTICATE, "Bearer")], answer).into_response())
            }
        }
    }
}

impl Bearer {
    /// A chat of this account: its own, or one that the program named.
    pub fn address(&self, chat: Option<&str>, thread: Option<String>) -> Address {
        let account = &self.sender.id;
        let chat = match chat {
            Some(chat) => format!("{}/{chat}", key_part(account)),
            None => account.clone(),
        };
        Address { channel: API.to_owned(), chat, thread }
    }
}
