//! The web page and the API: what people see in a browser, and what other programs speak.
//!
//! Pages are made here, on the server; the browser gets HTML, one style sheet, one script, and
//! the events of its chat. A chat is kept in the store, so that a reload, or a connection that
//! was lost, misses nothing. People come in by one-time links, programs by tokens.
//!
//! **Architecture Invariant:** as every channel, it decides nothing. What somebody does becomes an
//! [`Inbound`](super::Inbound) and takes the way of every message; what they see is asked of the
//! bot's views, which ask the policy.
//!
//! **Architecture Invariant:** a request is answered only after its host was checked, what changes
//! anything only from this page's own origin with the session's token, and every text that a
//! person or a job wrote is escaped.

mod api;
mod app;
mod cookie;
mod events;
mod followers;
mod guard;
mod history;
mod item;
mod limits;
mod origin;
mod pages;
mod place;
mod posted;
mod render;
mod router;
mod sessions;
mod visit;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use self::app::App;
use self::history::History;
use self::place::Place;
use super::{Channel, ChannelError, DeliveryError, Outbound, Receipt};
use crate::bot::Bot;
use crate::config::{self, Config};
use crate::store::Store;

/// The name of the page in addresses. A person's chat is called as their account.
pub const NAME: &str = "web";
/// The name of the API in addresses.
pub const API: &str = "api";

/// The page and the API, which share one server.
pub fn channels(
    config: &Config,
    web: &config::Web,
    store: &Arc<dyn Store>,
) -> Vec<Arc<dyn Channel>> {
    let history = Arc::new(History::new(store.clone()));
    let page = Web {
        place: Place::new(web),
        address_file: address_file(&config.directories.state),
        history: history.clone(),
        store: store.clone(),
    };
    vec![Arc::new(page), Arc::new(Api { history })]
}

/// The address of a one-time link: below what is configured, or where the server that runs
/// now listens.
pub fn login_url(config: &Config, secret: &str) -> String {
    let web = config.channels.web.as_ref();
    let public = web.and_then(|web| web.url.as_ref()).map(|url| url.as_str().to_owned());
    let base = public
        .or_else(|| std::fs::read_to_string(address_file(&config.directories.state)).ok())
        .or_else(|| web.map(|web| format!("http://{}", web.listen)))
        .unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    format!("{}/login?link={secret}", base.trim().trim_end_matches('/'))
}

/// Where a running server says how it is reached from this machine.
fn address_file(state: &Path) -> PathBuf {
    state.join("web-address")
}

/// The page, and the server.
struct Web {
    place: Place,
    address_file: PathBuf,
    history: Arc<History>,
    store: Arc<dyn Store>,
}

/// Other programs: their requests come through the page's server.
struct Api {
    history: Arc<History>,
}

#[async_trait]
impl Channel for Web {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn run(
        self: Arc<Self>,
        bot: Bot,
        shutdown: CancellationToken,
    ) -> Result<(), ChannelError> {
        let failed = |reason: String| ChannelError { channel: NAME, reason };
        let listen = self.place.listen();
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .map_err(|error| failed(format!("it can't listen on {listen}: {error}")))?;
        let bound = listener.local_addr().map_err(|error| failed(error.to_string()))?;
        let place = self.place.bound_to(bound);
        std::fs::write(&self.address_file, place.local_url())
            .map_err(|error| failed(format!("{}: {error}", self.address_file.display())))?;
        if let Some(warning) = place.warning() {
            tracing::warn!("{warning}");
        }
        eprintln!("The page is at {}; `steward users login USER` lets people in.", place.url());
        let app = App::new(bot, place, self.history.clone(), self.store.clone(), shutdown.clone());
        tokio::spawn(Arc::clone(&app).end_sessions());
        router::serve(listener, app, shutdown).await.map_err(|error| failed(error.to_string()))
    }

    async fn deliver(
        &self,
        message: &Outbound,
        shown: Option<&Receipt>,
    ) -> Result<Receipt, DeliveryError> {
        self.history.show(message, shown).await
    }
}

#[async_trait]
impl Channel for Api {
    fn name(&self) -> &'static str {
        API
    }

    async fn run(
        self: Arc<Self>,
        _bot: Bot,
        shutdown: CancellationToken,
    ) -> Result<(), ChannelError> {
        shutdown.cancelled().await;
        Ok(())
    }

    async fn deliver(
        &self,
        message: &Outbound,
        shown: Option<&Receipt>,
    ) -> Result<Receipt, DeliveryError> {
        self.history.show(message, shown).await
    }
}
