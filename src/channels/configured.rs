//! The channels of the long-running form: a new one is one more line here.

use std::sync::Arc;

use super::{Channel, ChannelError};
use crate::config::Config;
use crate::store::Store;

/// Makes the channels that the configuration asks for. What they keep, they keep in the store.
///
/// # Errors
///
/// Where one is asked for that this build does not have.
pub fn configured(
    config: &Config,
    _store: &Arc<dyn Store>,
) -> Result<Vec<Arc<dyn Channel>>, ChannelError> {
    let channels = &config.channels;
    let asked = [("web", channels.web.is_some()), ("telegram", channels.telegram.is_some())];
    match asked.iter().find(|(_, asked)| *asked) {
        Some((channel, _)) => {
            let reason = "this build of steward does not have this channel".to_owned();
            Err(ChannelError { channel, reason })
        }
        None => Ok(Vec::new()),
    }
}
