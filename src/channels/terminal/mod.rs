//! The terminal: one person at the keyboard, or lines through a pipe.
//!
//! At the keyboard, what the bot says appears above the line that is being typed, and runs that
//! are under way are shown, and kept up to date, between the two. Through a pipe every line is
//! answered before the next one is read, as plain text, and the end of the input waits for the
//! runs that it started.
//!
//! **Architecture Invariant:** as every channel, it decides nothing. What a number or a button's
//! name picks, the bot's own tokens say.

mod choices;
mod keyboard;
mod paint;
mod pipe;
mod remembered;

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use self::choices::Choices;
use self::keyboard::Keyboard;
use self::paint::Paint;
use super::{
    Address, Body, Channel, ChannelError, DeliveryError, Inbound, Outbound, Receipt, Sender,
};
use crate::bot::Bot;
use crate::catalog::Language;
use crate::store::Stamps;

/// The name of this channel in addresses.
pub const NAME: &str = "terminal";
/// There is one terminal, and so one chat in it.
const CHAT: &str = "local";

/// The address of what is said in the terminal.
pub fn address() -> Address {
    Address { channel: NAME.to_owned(), chat: CHAT.to_owned(), thread: None }
}

/// The terminal that this process was started in.
pub struct Terminal {
    paint: Paint,
    keyboard: Option<Keyboard>,
    screen: Mutex<Screen>,
    stamps: Stamps,
    language: Option<Language>,
    origin: String,
}

/// What is on the screen.
#[derive(Default)]
struct Screen {
    /// What a number or a name picks.
    choices: Choices,
    /// The cards that still change, as they were shown last.
    live: BTreeMap<String, String>,
}

impl Terminal {
    /// The terminal, with its history in a file. Without a keyboard, lines are read as they come.
    pub fn new(history: PathBuf) -> Terminal {
        let interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        let colours = interactive && std::env::var_os("NO_COLOR").is_none();
        Terminal {
            paint: Paint { colours, columns: keyboard::columns() },
            keyboard: interactive.then(|| Keyboard::new(history)),
            screen: Mutex::default(),
            stamps: Stamps::default(),
            language: spoken_here(),
            origin: origin(),
        }
    }

    /// Whether somebody sits at the keyboard: then the screen is not for logs.
    pub fn is_interactive(&self) -> bool {
        self.keyboard.is_some()
    }

    /// A line that was typed, as a message: what it picks, or its words.
    fn inbound(&self, line: &str) -> Inbound {
        let body = match self.screen().choices.pick(line) {
            Some(token) => Body::Press(token),
            None => Body::Text(line.to_owned()),
        };
        let name = login();
        Inbound {
            id: self.stamps.next(),
            address: address(),
            sender: Sender { id: name.clone(), name },
            body,
            group: false,
            addressed: true,
            at: Timestamp::now(),
            language: self.language,
            origin: Some(self.origin.clone()),
            shown: None,
        }
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
        // Every change is one operation, so what a panicking thread left is consistent.
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a message: above the line that is being typed, or at the end of the output.
    fn show(&self, text: &str) -> Result<(), String> {
        match &self.keyboard {
            Some(keyboard) => keyboard.print(text),
            None => {
                let mut out = std::io::stdout().lock();
                writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|e| e.to_string())
            }
        }
    }
}

#[async_trait]
impl Channel for Terminal {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_for_one(&self) -> bool {
        true
    }

    async fn run(
        self: Arc<Self>,
        bot: Bot,
        shutdown: CancellationToken,
    ) -> Result<(), ChannelError> {
        let outcome = match self.keyboard {
            Some(_) => keyboard::converse(&self, &bot, &shutdown).await,
            None => pipe::converse(&self, &bot, &shutdown).await,
        };
        outcome.map_err(|reason| ChannelError { channel: NAME, reason })
    }

    async fn deliver(
        &self,
        message: &Outbound,
        shown: Option<&Receipt>,
    ) -> Result<Receipt, DeliveryError> {
        let card = message.card.clone().unwrap_or_default();
        let text = {
            let mut screen = self.screen();
            screen.choices.offer(message);
            if message.live && (self.keyboard.is_some() || screen.live.contains_key(&card)) {
                screen.live.insert(card.clone(), self.paint.line(&message.message));
                None
            } else {
                if message.live {
                    screen.live.insert(card.clone(), String::new());
                } else {
                    screen.live.remove(&card);
                }
                Some(self.paint.message(message))
            }
        };
        match (text, &self.keyboard) {
            (Some(text), _) => {
                self.show(&text).map_err(|reason| DeliveryError::Later { reason, after: None })?;
            }
            (None, Some(keyboard)) => {
                let lines = self.screen().live.values().cloned().collect();
                keyboard.live(lines);
            }
            (None, None) => {}
        }
        if let (Some(keyboard), false) = (&self.keyboard, message.live) {
            keyboard.live(self.screen().live.values().cloned().collect());
        }
        Ok(shown.cloned().unwrap_or(Receipt(card)))
    }
}

/// Who sits here, as the system knows them.
fn login() -> String {
    ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()))
        .unwrap_or_else(|| "me".to_owned())
}

/// The user that this process runs as, whatever the environment says, and the machine; with where
/// that user came from, if over the network.
fn origin() -> String {
    let user = rustix::process::getuid().as_raw();
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let client = std::env::var("SSH_CONNECTION").ok();
    let client = client.as_deref().and_then(|connection| connection.split(' ').next());
    match client.filter(|address| address.parse::<std::net::IpAddr>().is_ok()) {
        Some(address) => format!("uid {user} on {machine} from {address}"),
        None => format!("uid {user} on {machine}"),
    }
}

/// The language of the system's messages.
fn spoken_here() -> Option<Language> {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))?;
    Language::ALL.into_iter().find(|language| locale.starts_with(language.code()))
}
