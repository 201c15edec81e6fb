//! Telegram: private chats, groups and their topics, through a bot.
//!
//! Updates are fetched by long polling, or brought to a webhook. What arrives is stored before it
//! is confirmed to Telegram. What is said goes out within Telegram's limits, answers before the
//! states of cards; a card is edited in place.
//!
//! **Architecture Invariant:** as every channel, it decides nothing. No text is written in a
//! markup language, and no error that leaves this folder holds the token.

mod backoff;
mod card;
mod commands;
mod deliver;
mod errors;
mod interrupted;
mod keyboard;
mod moves;
mod place;
mod polling;
mod reception;
mod render;
mod split;
mod throttle;
mod token;
mod updates;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use teloxide::prelude::Requester;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::backoff::Backoff;
use self::deliver::Delivery;
use self::errors::Fault;
use self::interrupted::Interrupted;
use self::moves::Moves;
use self::reception::{Latest, Reception};
use self::throttle::Throttle;
use self::token::Token;
use self::updates::Me;
use super::{Address, Channel, ChannelError, DeliveryError, Outbound, Receipt};
use crate::bot::Bot;
use crate::catalog::Language;
use crate::config::{self, Config};
use crate::store::Store;

/// The name of this channel in addresses.
pub const NAME: &str = "telegram";

/// The environment variable that names another server than Telegram's own: a local Bot API
/// server, or one for tests.
const API_VARIABLE: &str = "STEWARD_TELEGRAM_API_URL";

const REFUSED: &str = "Telegram does not accept the token: it was mistyped, or revoked. @BotFather \
                       shows the right one under /mybots, “API Token”";

/// So long a connection may take to be made; and a call, beyond what it may wait for updates.
const CONNECT: Duration = Duration::from_secs(10);
const CALL: Duration = Duration::from_secs(20);

/// A bot of Telegram.
pub struct Telegram {
    settings: config::Telegram,
    language: Language,
    token: Token,
    moves: Arc<Moves>,
    latest: Arc<Latest>,
    throttle: Throttle,
    delivery: Delivery,
}

impl Telegram {
    /// The bot that the configuration and the environment describe. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// Without a token, or with an address that is none.
    pub fn new(
        settings: &config::Telegram,
        config: &Config,
        store: &Arc<dyn Store>,
    ) -> Result<Telegram, ChannelError> {
        let token = Token::read(settings.token_file.as_deref()).map_err(failed)?;
        let api = api(&token).map_err(failed)?;
        let moves = Arc::new(Moves::new(Arc::clone(store)));
        let latest = Arc::new(Latest::default());
        let throttle = Throttle::default();
        let delivery = Delivery {
            api,
            throttle: throttle.clone(),
            moves: Arc::clone(&moves),
            latest: Arc::clone(&latest),
            interrupted: Interrupted::default(),
        };
        Ok(Telegram {
            settings: settings.clone(),
            language: config.conversation.language,
            token,
            moves,
            latest,
            throttle,
            delivery,
        })
    }

    /// Learns what the bot is called, however long that takes; `None` at the end of everything.
    async fn introduce(&self, shutdown: &CancellationToken) -> Result<Option<Me>, String> {
        let mut backoff = Backoff::default();
        while !shutdown.is_cancelled() {
            let asked = tokio::select! {
                asked = self.delivery.api.get_me() => asked.map_err(Fault::from),
                () = shutdown.cancelled() => return Ok(None),
            };
            match asked {
                Ok(me) => {
                    backoff.succeeded();
                    let username = me.user.username.unwrap_or_default();
                    return Ok(Some(Me { id: self.token.bot(), username }));
                }
                Err(Fault::Unauthorized) => return Err(REFUSED.to_owned()),
                Err(fault) => backoff.failed("Telegram can't be reached", &fault, shutdown).await,
            }
        }
        Ok(None)
    }

    async fn serve(&self, bot: Bot, shutdown: &CancellationToken) -> Result<(), String> {
        let Some(me) = self.introduce(shutdown).await? else { return Ok(()) };
        let api = self.delivery.api.clone();
        let menu = commands::register(api.clone(), bot.clone(), self.language, shutdown.clone());
        tokio::spawn(menu);
        tracing::info!(bot = me.username, "listening on Telegram");
        let reception = Reception {
            bot,
            api,
            me,
            language: self.language,
            throttle: self.throttle.clone(),
            moves: Arc::clone(&self.moves),
            latest: Arc::clone(&self.latest),
        };
        match &self.settings.webhook {
            Some(webhook) => webhook::run(Arc::new(reception), webhook, shutdown).await,
            None => polling::run(&reception, shutdown).await,
        }
    }
}

#[async_trait]
impl Channel for Telegram {
    fn name(&self) -> &'static str {
        NAME
    }

    /// Telegram gives its updates to one who asks; a webhook may lead to many.
    fn is_for_one(&self) -> bool {
        self.settings.webhook.is_none()
    }

    async fn run(
        self: Arc<Self>,
        bot: Bot,
        shutdown: CancellationToken,
    ) -> Result<(), ChannelError> {
        self.serve(bot, &shutdown).await.map_err(|reason| failed(self.token.strip(&reason)))
    }

    async fn deliver(
        &self,
        message: &Outbound,
        shown: Option<&Receipt>,
    ) -> Result<Receipt, DeliveryError> {
        self.delivery.deliver(message, shown).await
    }

    async fn remove(&self, chat: &Address, message: &Receipt) -> Result<(), DeliveryError> {
        self.delivery.remove(chat, message).await
    }
}

fn failed(reason: String) -> ChannelError {
    ChannelError { channel: NAME, reason }
}

/// The client of the Bot API.
fn api(token: &Token) -> Result<teloxide::Bot, String> {
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(polling::LONGEST + CALL)
        .tcp_nodelay(true)
        .build()
        .map_err(|e| format!("no HTTP client can be made: {}", e.without_url()))?;
    let bot = teloxide::Bot::with_client(token.reveal(), client);
    match std::env::var(API_VARIABLE) {
        Ok(url) => Ok(bot.set_api_url(server(&url)?)),
        Err(_) => Ok(bot),
    }
}

/// The address of another server, as it was given.
fn server(text: &str) -> Result<Url, String> {
    let wrong = || format!("{API_VARIABLE} should be an address such as http://127.0.0.1:8081");
    let url = Url::parse(text.trim_end_matches('/')).map_err(|_| wrong())?;
    match (url.scheme(), url.host_str()) {
        ("http" | "https", Some(_)) => Ok(url),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_server_needs_a_whole_address() {
        for right in ["http://127.0.0.1:8081", "https://bots.example/telegram/"] {
            assert!(server(right).is_ok(), "{right}");
        }
        for wrong in ["", "127.0.0.1:8081", "mailto:x@example.org", "file:///x", "ftp://x"] {
            let complaint = server(wrong).expect_err(wrong);
            assert!(complaint.contains(API_VARIABLE), "{complaint}");
        }
    }
}
