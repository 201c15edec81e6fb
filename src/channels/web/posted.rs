//! A form that was sent by somebody who is logged in, from a page of this server.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::app::App;
use super::visit::Visit;
use crate::bot::views::{Hidden, ViewError};
use crate::reply::{Speech, say};

/// The field that holds the session's token.
const TOKEN: &str = "_token";

/// A form whose token is right.
pub(super) struct Posted {
    pub visit: Visit,
    pub fields: Fields,
}

/// What stands in a form.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn parse(body: &[u8]) -> Fields {
        Fields(form_urlencoded::parse(body).into_owned().collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(named, _)| named == name).map(|(_, value)| value.as_str())
    }

    /// Fields by the part of their names after a prefix; several of one name in one line.
    pub fn below(&self, prefix: &str) -> BTreeMap<String, String> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &self.0 {
            let Some(name) = name.strip_prefix(prefix) else { continue };
            let line = found.entry(name.to_owned()).or_default();
            if !line.is_empty() && !value.is_empty() {
                line.push_str(", ");
            }
            line.push_str(value);
        }
        found
    }

    /// Whether the form holds this token. Hashes are compared, so that the time it takes says
    /// nothing about how much of a guess is right.
    pub fn holds(&self, token: &str) -> bool {
        let hash = |text: &str| Sha256::digest(text.as_bytes());
        self.get(TOKEN).is_some_and(|given| hash(given) == hash(token))
    }
}

impl FromRequest<Arc<App>> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Posted, Response> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let body = Bytes::from_request(request, app).await.map_err(IntoResponse::into_response)?;
        let fields = Fields::parse(&body);
        match fields.holds(&visit.form_token()) {
            true => Ok(Posted { visit, fields }),
            false => {
                let speech = Speech::new(visit.visitor.language);
                let text = say!(speech, "web-form-old");
                Err(visit.error(&ViewError { kind: Hidden::Refused, text }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_one_name_stand_in_one_line() {
        let fields = Fields::parse(b"_token=t&value.host=web-01&value.host=&value.host=web-02&x=1");
        let below = fields.below("value.");
        assert_eq!(
            below.into_iter().collect::<Vec<_>>(),
            [("host".into(), "web-01, web-02".into())]
        );
        assert!(fields.holds("t") && !fields.holds("") && !fields.holds("u"));
        assert!(!Fields::parse(b"").holds(""));
    }
}
