//! A drawer: small things under a name each, which the command line puts in beside a running
//! Steward.
//!
//! The store in a state directory is held by the process that runs, so there they are files
//! beside it. A store that is shared holds them itself: whichever process is asked knows them.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ledger::read_all;
use crate::store::{Batch, Expectation, Store, StoreError, Table, get_as, to_json};

/// Where the things lie.
#[derive(Clone)]
pub(super) enum Drawer {
    /// One file each.
    Folder(PathBuf),
    /// One entry each.
    Shared(Arc<dyn Store>, Table),
}

/// Why a drawer can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DrawerError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Drawer {
    /// Puts something in, durably. What was there under this name is replaced.
    pub async fn put<T: Serialize>(&self, name: &str, content: &T) -> Result<(), DrawerError> {
        match self {
            Drawer::Folder(folder) => {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
                let path = file(folder, name);
                let new = path.with_extension("new");
                let mut options = fs::OpenOptions::new();
                options.write(true).create(true).truncate(true).mode(0o600);
                let mut file = options.open(&new)?;
                file.write_all(&serde_json::to_vec(content).map_err(io::Error::from)?)?;
                file.sync_all()?;
                fs::rename(new, path)?;
            }
            Drawer::Shared(store, table) => {
                let json = to_json(table, name, content)?;
                store.commit(Batch::default().put(table, name, json)).await?;
            }
        }
        Ok(())
    }

    /// What lies there under a name.
    pub async fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, DrawerError> {
        match self {
            Drawer::Folder(folder) => match fs::read(file(folder, name)) {
                Ok(json) => Ok(Some(serde_json::from_slice(&json).map_err(io::Error::from)?)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error.into()),
            },
            Drawer::Shared(store, table) => Ok(get_as(&**store, table, name).await?),
        }
    }

    /// Everything in it. What goes away meanwhile is left out.
    pub async fn all<T: DeserializeOwned>(&self) -> Result<Vec<(String, T)>, DrawerError> {
        match self {
            Drawer::Folder(folder) => {
                let entries = match fs::read_dir(folder) {
                    Ok(entries) => entries,
                    Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
                    Err(error) => return Err(error.into()),
                };
                let mut found = Vec::new();
                for entry in entries {
                    let path = entry?.path();
                    if path.extension().is_some_and(|ending| ending == "json")
                        && let Some(name) = path.file_stem().and_then(|name| name.to_str())
                        && let Some(content) = self.get(name).await?
                    {
                        found.push((name.to_owned(), content));
                    }
                }
                Ok(found)
            }
            Drawer::Shared(store, table) => Ok(read_all(&**store, table).await?),
        }
    }

    /// Takes something out: of several who do so at once, one gets true.
    pub async fn remove(&self, name: &str) -> Result<bool, DrawerError> {
        match self {
            Drawer::Folder(folder) => match fs::remove_file(file(folder, name)) {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error.into()),
            },
            Drawer::Shared(store, table) => {
                let Some(json) = store.get(table, name).await? else { return Ok(false) };
                let there = Expectation::Is(json);
                let batch = Batch::default().expect(table, name, there).delete(table, name);
                match store.commit(batch).await {
                    Ok(()) => Ok(true),
                    Err(StoreError::Conflict { .. }) => Ok(false),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }
}

fn file(folder: &std::path::Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}
