//! What people set for themselves.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::catalog::{Collect, Language};
use crate::dialogue::Preferences;
use crate::store::{Batch, Store, StoreError, Table, get_as};

const SETTINGS: Table = "settings";

/// The settings of one user; what is not set follows the configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    pub language: Option<Language>,
    pub collect: Option<Collect>,
    /// An IANA name.
    pub time_zone: Option<String>,
}

impl Settings {
    pub async fn of(store: &dyn Store, user: &str) -> Result<Settings, StoreError> {
        Ok(get_as(store, SETTINGS, user).await?.unwrap_or_default())
    }

    pub fn put(&self, batch: Batch, user: &str) -> Result<Batch, StoreError> {
        batch.put_as(SETTINGS, user, self)
    }

    pub fn preferences(&self) -> Preferences {
        Preferences { language: self.language, collect: self.collect }
    }

    /// The person's time zone, if one is set that still exists.
    pub fn zone(&self) -> Option<TimeZone> {
        TimeZone::get(self.time_zone.as_deref()?).ok()
    }
}
