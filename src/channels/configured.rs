//! The channels of the long-running form: a new one is one more line here.

use std::sync::Arc;

use super::{Channel, ChannelError, web};
use crate::config::Config;
use crate::store::Store;

/// Makes the channels that the configuration asks for. What they keep, they keep in the store.
///
/// # Errors
///
/// Where one is asked for that this build does not have.
pub fn configured(
    config: &Config,
    store: &Arc<dyn Store>,
) -> Result<Vec<Arc<dyn Channel>>, ChannelError> {
    let asked = &config.channels;
    let mut channels = Vec::new();
    if let Some(web) = &asked.web {
        channels.extend(web::channels(config, web, store));
    }
    if asked.telegram.is_some() {
        let reason = "this build of steward does not have this channel".to_owned();
        return Err(ChannelError { channel: "telegram", reason });
    }
    Ok(channels)
}
