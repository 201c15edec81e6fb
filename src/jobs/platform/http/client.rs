//! Requests to one platform: who we are, how often, how patiently.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::{StatusCode, header::RETRY_AFTER};
use serde_json::Value as Json;
use tokio::sync::Mutex;

use super::fill::{self, Facts, Unfilled, encode_segment};
use super::spec::{Auth, Spec, SpecError};
use super::step::{Method, Request};
use crate::jobs::platform::PlatformError;

/// Talks to one platform.
pub struct Client {
    name: String,
    http: reqwest::Client,
    pace: DefaultDirectRateLimiter,
    /// The token of a login, while it is good.
    token: Mutex<Option<String>>,
}

/// What a platform answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub text: String,
}

/// Whether a request may be sent again when it is unknown whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    Safe,
    Never,
}

/// An answer is read up to so many bytes.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;

/// The first wait between two tries; each is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(300);

/// No platform may make us wait longer, whatever it says.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl Client {
    pub fn new(name: &str, spec: &Spec) -> Result<Client, SpecError> {
        let wrong = |reason: String| SpecError::File { path: Path::new(name).into(), reason };
        let mut headers = reqwest::header::HeaderMap::new();
        for (name, value) in &spec.headers {
            let bad = |_| wrong(format!("headers: '{name}: {value}' can't be sent"));
            let bad_name = |_| wrong(format!("headers: '{name}' is no header's name"));
            let name = reqwest::header::HeaderName::try_from(name.as_str()).map_err(bad_name)?;
            headers.insert(name, reqwest::header::HeaderValue::from_str(value).map_err(bad)?);
        }
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .timeout(spec.limits.timeout())
            .redirect(match spec.auth {
                // reqwest takes `Authorization` off on the way to another host, no other header.
                Auth::Header { .. } => reqwest::redirect::Policy::custom(same_host_only),
                _ => reqwest::redirect::Policy::limited(5),
            })
            .user_agent(concat!("steward/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        let rate = NonZeroU32::new(spec.limits.requests_per_second).unwrap_or(NonZeroU32::MIN);
        let pace = RateLimiter::direct(Quota::per_second(rate));
        Ok(Client { name: name.to_owned(), http, pace, token: Mutex::new(None) })
    }

    /// Sends a request, again where that may help. A 404 is an answer; other failures are errors.
    pub async fn send(
        &self,
        spec: &Spec,
        request: &Request,
        facts: &Facts,
        repeat: Repeat,
    ) -> Result<Answer, PlatformError> {
        let mut wait = FIRST_WAIT;
        let mut logged_in = false;
        for attempt in 0.. {
            let last = attempt >= spec.limits.retries;
            self.pace.until_ready().await;
            let built = self.build(spec, request, facts).await?;
            let pause = match built.send().await {
                Ok(response) if is_busy(response.status()) && !last => {
                    // Nothing was done: "too many", "not now", or a proxy in front.
                    if repeat == Repeat::Never && response.status().is_server_error() {
                        return Err(self.unreachable(format!("{}", response.status())));
                    }
                    retry_after(&response).unwrap_or(wait)
                }
                Ok(response) => {
                    let expired = response.status() == StatusCode::UNAUTHORIZED
                        && matches!(spec.auth, Auth::Login { .. })
                        && !logged_in;
                    if expired {
                        *self.token.lock().await = None;
                        logged_in = true;
                        continue;
                    }
                    return self.read(spec, response).await;
                }
                // What never got through can be sent again, whatever it is.
                Err(error) if !last && (repeat == Repeat::Safe || error.is_connect()) => wait,
                Err(error) => return Err(self.unreachable(reason(&error))),
            };
            tokio::time::sleep(pause.min(LONGEST_WAIT)).await;
            wait *= 2;
        }
        Err(self.unreachable("no try is left".into()))
    }

    async fn build(
        &self,
        spec: &Spec,
        request: &Request,
        facts: &Facts,
    ) -> Result<reqwest::RequestBuilder, PlatformError> {
        let path = fill::fill_text(&request.path, facts, encode_segment)
            .map_err(|error| self.unfilled(error))?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut built = self.http.request(method, format!("{}{path}", spec.base_url));
        let mut query = Vec::new();
        for (name, value) in &request.query {
            let value = fill::fill_text(value, facts, str::to_owned);
            query.push((name, value.map_err(|error| self.unfilled(error))?));
        }
        if !query.is_empty() {
            built = built.query(&query);
        }
        if let Some(json) = &request.json {
            built = built.json(&fill::fill_json(json, facts).map_err(|e| self.unfilled(e))?);
        }
        if let Some(form) = &request.form {
            built = built.form(&fill::fill_form(form, facts).map_err(|e| self.unfilled(e))?);
        }
        self.sign(spec, built).await
    }

    async fn sign(
        &self,
        spec: &Spec,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::RequestBuilder, PlatformError> {
        let read =
            |secret: &super::spec::Secret| secret.read().map_err(|reason| self.credentials(reason));
        Ok(match &spec.auth {
            Auth::None => request,
            Auth::Token { secret, scheme } => {
                request.header("Authorization", format!("{scheme} {}", read(secret)?))
            }
            Auth::Basic { user, secret } => request.basic_auth(user, Some(read(secret)?)),
            Auth::Header { name, secret } => request.header(name, read(secret)?),
            Auth::Login { path, json, secret, token } => {
                let mut known = self.token.lock().await;
                let value = match &*known {
                    Some(value) => value.clone(),
                    None => {
                        let secret = read(secret)?;
                        let value = self.log_in(spec, path, json, &secret, token).await?;
                        known.insert(value).clone()
                    }
                };
                request.bearer_auth(value)
            }
        })
    }

    async fn log_in(
        &self,
        spec: &Spec,
        path: &str,
        json: &Json,
        secret: &str,
        token: &str,
    ) -> Result<String, PlatformError> {
        let mut facts: Facts = spec.settings.clone();
        facts.insert("secret".into(), secret.into());
        let json = fill::fill_json(json, &facts).map_err(|error| self.unfilled(error))?;
        let request = self.http.post(format!("{}{path}", spec.base_url)).json(&json);
        let response = request.send().await.map_err(|e| self.unreachable(reason(&e)))?;
        let status = response.status();
        let answer: Option<Json> = response.json().await.ok();
        match answer.as_ref().and_then(|answer| fill::find(answer, token)) {
            Some(token) if status.is_success() => Ok(fill::text_of(token)),
            _ if status.is_server_error() => Err(self.unreachable(format!("{path}: {status}"))),
            _ => Err(self.credentials(format!("{path}: {status}"))),
        }
    }

    async fn read(
        &self,
        spec: &Spec,
        mut response: reqwest::Response,
    ) -> Result<Answer, PlatformError> {
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| self.unreachable(reason(&error)))?
        {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LONGEST_ANSWER {
                return Err(self.protocol(format!("an answer of more than {LONGEST_ANSWER} bytes")));
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(self.credentials(format!("{status}: {}", brief(&text))))
            }
            StatusCode::NOT_FOUND => Ok(Answer { status, text }),
            _ if status.is_server_error() || is_busy(status) => {
                Err(self.unreachable(format!("{status}: {}", brief(&text))))
            }
            _ if status.is_client_error() => {
                Err(PlatformError::Refused(format!("{}: {status}: {}", self.name, brief(&text))))
            }
            _ => {
                self.must_be_ok(spec, &text)?;
                Ok(Answer { status, text })
            }
        }
    }

    fn must_be_ok(&self, spec: &Spec, text: &str) -> Result<(), PlatformError> {
        let Some(ok) = &spec.ok else { return Ok(()) };
        let Ok(answer) = serde_json::from_str::<Json>(text) else { return Ok(()) };
        if answer.pointer(&ok.pointer) == Some(&ok.is) {
            return Ok(());
        }
        let why = fill::find(&answer, &ok.error).map_or_else(|| brief(text), fill::text_of);
        Err(PlatformError::Refused(format!("{}: {why}", self.name)))
    }

    /// The answer as JSON; nothing at all counts as `null`.
    pub fn json(&self, answer: &Answer) -> Result<Json, PlatformError> {
        if answer.text.trim().is_empty() {
            return Ok(Json::Null);
        }
        serde_json::from_str(&answer.text)
            .map_err(|error| self.protocol(format!("no JSON ({error}): {}", brief(&answer.text))))
    }

    pub fn unfilled(&self, error: Unfilled) -> PlatformError {
        self.protocol(error.to_string())
    }

    pub fn protocol(&self, reason: String) -> PlatformError {
        PlatformError::Protocol { platform: self.name.clone(), reason }
    }

    fn unreachable(&self, reason: String) -> PlatformError {
        PlatformError::Unreachable { platform: self.name.clone(), reason }
    }

    fn credentials(&self, reason: String) -> PlatformError {
        PlatformError::Credentials { platform: self.name.clone(), reason }
    }
}

fn same_host_only(attempt: reqwest::redirect::Attempt<'_>) -> reqwest::redirect::Action {
    let origin = |url: &url::Url| (url.host_str().map(str::to_owned), url.port_or_known_default());
    let from = attempt.previous().last().map(origin);
    if from.as_ref() == Some(&origin(attempt.url())) && attempt.previous().len() < 5 {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

fn is_busy(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The innermost reason: the outer ones only repeat the address.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn brief(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
