//! Groups that became supergroups: they go on under another id.

use std::sync::Arc;

use crate::store::{Batch, Store, StoreError, Table, get_as};

/// Where a chat went: by the id that it had.
const MOVES: Table = "telegram_moves";

/// A group moves once; anything longer is a circle.
const MOST: usize = 4;

/// Follows chats to where they are now.
pub(super) struct Moves {
    store: Arc<dyn Store>,
}

impl Moves {
    pub fn new(store: Arc<dyn Store>) -> Moves {
        Moves { store }
    }

    /// The id that a chat has now.
    pub async fn current(&self, chat: i64) -> Result<i64, StoreError> {
        let mut current = chat;
        for _ in 0..MOST {
            match get_as(&*self.store, MOVES, &current.to_string()).await? {
                Some(next) => current = next,
                None => break,
            }
        }
        Ok(current)
    }

    /// Notes where a chat went.
    pub async fn note(&self, from: i64, to: i64) -> Result<(), StoreError> {
        if from == to {
            return Ok(());
        }
        tracing::info!(from, to, "a Telegram group has a new id");
        self.store.commit(Batch::default().put_as(MOVES, from.to_string(), &to)?).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[tokio::test]
    async fn a_chat_is_found_where_it_went() {
        let moves = Moves::new(Arc::new(MemoryStore::default()));
        assert_eq!(moves.current(-7).await.unwrap(), -7);
        moves.note(-7, -1007).await.unwrap();
        moves.note(-1007, -1007).await.unwrap();
        assert_eq!(moves.current(-7).await.unwrap(), -1007);
        assert_eq!(moves.current(-1007).await.unwrap(), -1007);
        // Not even a circle is followed for ever.
        moves.note(-1007, -7).await.unwrap();
        moves.current(-7).await.unwrap();
    }
}
