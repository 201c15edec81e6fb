//! The channels of the long-running form: a new one is one more line here.

use std::sync::Arc;

use super::{Channel, ChannelError};
use crate::config::Channels;

/// Makes the channels that the configuration asks for.
///
/// # Errors
///
/// Where one is asked for that this build does not have.
pub fn configured(channels: &Channels) -> Result<Vec<Arc<dyn Channel>>, ChannelError> {
    let asked = [("web", channels.web.is_some()), ("telegram", channels.telegram.is_some())];
    match asked.iter().find(|(_, asked)| *asked) {
        Some((channel, _)) => {
            let reason = "this build of steward does not have this channel".to_owned();
            Err(ChannelError { channel, reason })
        }
        None => Ok(Vec::new()),
    }
}
