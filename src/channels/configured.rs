//! The channels of the long-running form: a new one is one more line here.

use std::sync::Arc;

use super::telegram::Telegram;
use super::{Channel, ChannelError, web};
use crate::config::Config;
use crate::store::Store;

/// Makes the channels that the configuration asks for. What they keep, they keep in the store.
///
/// # Errors
///
/// Where one lacks something that it needs, such as a token.
pub fn configured(
    config: &Config,
    store: &Arc<dyn Store>,
) -> Result<Vec<Arc<dyn Channel>>, ChannelError> {
    let asked = &config.channels;
    let mut channels = Vec::new();
    if let Some(web) = &asked.web {
        channels.extend(web::channels(config, web, store));
    }
    if let Some(telegram) = &asked.telegram {
        channels.push(Arc::new(Telegram::new(telegram, config, store)?) as Arc<dyn Channel>);
    }
    Ok(channels)
}
