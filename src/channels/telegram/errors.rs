//! What went wrong with a call, by what is to be done about it.
//!
//! The errors of the HTTP client name the URL, and the URL holds the token: nothing of them is
//! passed on but their innermost cause.

use std::error::Error;
use std::time::Duration;

use teloxide::{ApiError, RequestError};

use crate::channels::DeliveryError;

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It may work later; not before `after`, where Telegram said so.
    Later { reason: String, after: Option<Duration> },
    /// Telegram does not know the token.
    Unauthorized,
    /// The group has become a supergroup, with this id.
    Moved(i64),
    /// What was to be changed is like that already.
    NotModified,
    /// The message that was to be changed can't be any more.
    NotEditable(String),
    /// The message that was to be deleted is gone already.
    Gone,
    /// The topic is gone.
    NoThread,
    /// The picture is none that Telegram shows as one.
    NotAPhoto(String),
    /// Somebody else fetches the updates of this bot.
    Conflict(String),
    /// It will never work.
    Never(String),
}

impl Fault {
    /// For the outbox. Everything but `Never` is worth another attempt.
    pub fn into_delivery(self) -> DeliveryError {
        match self {
            Fault::Never(reason) => DeliveryError::Never(reason),
            Fault::Later { reason, after } => DeliveryError::Later { reason, after },
            fault => DeliveryError::Later { reason: fault.told(), after: None },
        }
    }

    /// For the log.
    pub fn told(&self) -> String {
        match self {
            Fault::Later { reason, .. }
            | Fault::NotEditable(reason)
            | Fault::NotAPhoto(reason)
            | Fault::Conflict(reason)
            | Fault::Never(reason) => reason.clone(),
            Fault::Unauthorized => "Telegram does not accept the token".to_owned(),
            Fault::Moved(chat) => format!("the group has moved to {chat}"),
            Fault::NotModified => "nothing has changed".to_owned(),
            Fault::Gone => "the message is gone".to_owned(),
            Fault::NoThread => "the topic is gone".to_owned(),
        }
    }
}

impl From<RequestError> for Fault {
    fn from(error: RequestError) -> Fault {
        let later = |reason: String| Fault::Later { reason, after: None };
        match error {
            RequestError::RetryAfter(seconds) => Fault::Later {
                reason: "Telegram asks to slow down".to_owned(),
                after: Some(seconds.duration()),
            },
            RequestError::MigrateToChatId(chat) => Fault::Moved(chat.0),
            RequestError::Network(error) => later(network(&error)),
            // The raw text is left out: whatever stands between here and Telegram wrote it.
            RequestError::InvalidJson { source, .. } => {
                later(format!("the answer is not Telegram's: {source}"))
            }
            RequestError::Io(error) => later(format!("a file can't be sent: {error}")),
            RequestError::Api(ApiError::InvalidToken) => Fault::Unauthorized,
            RequestError::Api(error) => described(&description(&error)),
        }
    }
}

/// What Telegram itself said.
fn description(error: &ApiError) -> String {
    match error {
        ApiError::Unknown(text) => text.clone(),
        known => known.to_string(),
    }
}

/// The kind of a failure, by Telegram's description of it: the only thing that tells them apart.
fn described(text: &str) -> Fault {
    let has = |part: &str| text.contains(part);
    let not_editable = [
        "message to edit not found",
        "message can't be edited",
        "MESSAGE_ID_INVALID",
        "there is no text in the message to edit",
    ];
    let not_a_photo =
        ["PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED", "PHOTO_SAVE_FILE_INVALID"];
    let servers = ["Internal Server Error", "Bad Gateway", "Gateway Timeout", "Restart", "Timeout"];
    if has("message is not modified") {
        Fault::NotModified
    } else if has("message to delete not found") {
        Fault::Gone
    } else if text == "Not Found" {
        // No method is unknown: it is the token in the address that Telegram has never seen.
        Fault::Unauthorized
    } else if not_editable.into_iter().any(has) {
        Fault::NotEditable(text.to_owned())
    } else if has("message thread not found") || has("TOPIC_DELETED") || has("TOPIC_CLOSED") {
        Fault::NoThread
    } else if not_a_photo.into_iter().any(has) {
        Fault::NotAPhoto(text.to_owned())
    } else if text.starts_with("Conflict") || has("while webhook is active") {
        Fault::Conflict(text.to_owned())
    } else if text.starts_with("Too Many Requests") || servers.into_iter().any(has) {
        Fault::Later { reason: text.to_owned(), after: None }
    } else {
        Fault::Never(text.to_owned())
    }
}

/// What happened on the way: the innermost cause, which knows no URL.
fn network(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "Telegram did not answer in time"
    } else if error.is_connect() {
        "Telegram can't be reached"
    } else {
        "the connection to Telegram broke"
    };
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(Error::source) {
        cause = Some(deeper);
    }
    cause.map_or(what.to_owned(), |cause| format!("{what}: {cause}"))
}

#[cfg(test)]
mod tests {
    use teloxide::types::{ChatId, Seconds};

    use super::*;

    #[test]
    fn what_telegram_says_decides_what_follows() {
        let never = |text: &str| Fault::Never(text.to_owned());
        let later = |text: &str| Fault::Later { reason: text.to_owned(), after: None };
        let not_editable = |text: &str| Fault::NotEditable(text.to_owned());
        let cases = [
            ("Forbidden: bot was blocked by the user", never as fn(&str) -> Fault),
            ("Forbidden: bot was kicked from the supergroup chat", never),
            ("Bad Request: chat not found", never),
            ("Bad Request: not enough rights to send text messages to the chat", never),
            ("Bad Request: message is too long", never),
            ("Bad Request: message to edit not found", not_editable),
            ("Bad Request: message can't be edited", not_editable),
            ("Bad Request: MESSAGE_ID_INVALID", not_editable),
            ("Bad Request: message thread not found", |_| Fault::NoThread),
            ("Bad Request: PHOTO_INVALID_DIMENSIONS", |t| Fault::NotAPhoto(t.to_owned())),
            ("Internal Server Error", later),
            ("Bad Gateway", later),
            (
                "Conflict: terminated by other getUpdates request; make sure that only one bot \
              instance is running",
                |t| Fault::Conflict(t.to_owned()),
            ),
            (
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook \
              to delete the webhook first",
                |t| Fault::Conflict(t.to_owned()),
            ),
            (
                "Bad Request: message is not modified: specified new message content and reply \
              markup are exactly the same as a current content and reply markup of the message",
                |_| Fault::NotModified,
            ),
            ("Unauthorized", |_| Fault::Unauthorized),
            ("Not Found", |_| Fault::Unauthorized),
            ("Bad Request: message to delete not found", |_| Fault::Gone),
            ("Bad Request: message can't be deleted for everyone", never),
        ];
        for (text, expected) in cases {
            let json = serde_json::to_string(text).expect("a text");
            let error: ApiError = serde_json::from_str(&json).expect("an error");
            assert_eq!(Fault::from(RequestError::Api(error)), expected(text), "{text}");
        }
        let flood = RequestError::RetryAfter(Seconds::from_seconds(7));
        let Fault::Later { after, .. } = Fault::from(flood) else { panic!("later") };
        assert_eq!(after, Some(Duration::from_secs(7)));
        let moved = RequestError::MigrateToChatId(ChatId(-1001));
        assert_eq!(Fault::from(moved), Fault::Moved(-1001));
    }

    #[tokio::test]
    async fn a_network_error_tells_nothing_of_the_token() {
        // Nothing listens on this port of the loopback address: it is bound, and then freed.
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = port.local_addr().expect("an address");
        drop(port);
        let url = format!("http://{address}/bot42:secretsecretsecret/getMe");
        let error = reqwest::Client::new().get(&url).send().await.expect_err("nobody is there");
        assert!(error.to_string().contains("secretsecretsecret"), "else this tests nothing");
        let told = network(&error);
        assert!(told.starts_with("Telegram can't be reached: "), "{told}");
        assert!(!told.contains("secret") && !told.contains("bot42"), "{told}");
    }
}
