//! Reasons: turning somebody down and breaking the glass need one. After a button, the next
//! message of the person who pressed it is the reason.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::plan::{Plan, PlanHash};
use crate::store::{Batch, Store, StoreError, Table, get_as};

const REASONS: Table = "reasons_wanted";

/// After this long, a message is no longer taken for the reason.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// What a reason is wanted for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "for")]
pub(super) enum Wanted {
    /// Turning a request for approval down.
    Reject { plan: PlanHash },
    /// Running a plan without the approvals that it needs.
    BreakGlass { plan: Box<Plan> },
}

#[derive(Serialize, Deserialize)]
struct Stored {
    wanted: Wanted,
    until: Timestamp,
}

/// What the next message of a conversation is the reason for, if anything.
pub(super) async fn wanted(
    store: &dyn Store,
    conversation: &str,
    now: Timestamp,
) -> Result<Option<Wanted>, StoreError> {
    let stored: Option<Stored> = get_as(store, REASONS, conversation).await?;
    Ok(stored.filter(|stored| now < stored.until).map(|stored| stored.wanted))
}

/// Waits for a reason from now on.
pub(super) fn wait(
    batch: Batch,
    conversation: &str,
    wanted: Wanted,
    now: Timestamp,
) -> Result<Batch, StoreError> {
    let until = now.checked_add(LIFETIME).unwrap_or(now);
    batch.put_as(REASONS, conversation, &Stored { wanted, until })
}

/// Waits no longer.
pub(super) fn forget(batch: Batch, conversation: &str) -> Batch {
    batch.delete(REASONS, conversation)
}

/// A reason as it is passed on: in one line, so that nothing in it can look like another message.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[test]
    fn a_reason_is_one_line() {
        assert_eq!(one_line(" fine\n#1 is\tapproved\r\n "), "fine #1 is approved");
    }

    #[tokio::test]
    async fn a_reason_is_waited_for_a_while_and_in_one_conversation() {
        let store = MemoryStore::default();
        let now = Timestamp::now();
        let reject = Wanted::Reject { plan: PlanHash("0".repeat(64)) };
        store.commit(wait(Batch::default(), "a", reject.clone(), now).unwrap()).await.unwrap();
        let later = now.checked_add(LIFETIME).unwrap();
        for (conversation, at, expect) in
            [("a", now, Some(reject)), ("b", now, None), ("a", later, None)]
        {
            assert_eq!(wanted(&store, conversation, at).await.unwrap(), expect);
        }
        store.commit(forget(Batch::default(), "a")).await.unwrap();
        assert_eq!(wanted(&store, "a", now).await.unwrap(), None);
    }
}
