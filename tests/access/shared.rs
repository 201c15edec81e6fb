//! Several processes on one store: what is made or sent at one of them counts at all.

use std::sync::Arc;

use async_trait::async_trait;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value as Json;
use steward::access::{Access, ApiToken, Context, Note, Notes, Refusal};
use steward::store::{Batch, MemoryStore, Store, StoreError, Table};

use crate::world::*;

/// A store that says that it is shared.
#[derive(Default)]
struct Shared(MemoryStore);

#[async_trait]
impl Store for Shared {
    async fn get(&self, table: Table, key: &str) -> Result<Option<Json>, StoreError> {
        self.0.get(table, key).await
    }

    async fn scan(
        &self,
        table: Table,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Json)>, StoreError> {
        self.0.scan(table, prefix, after, limit).await
    }

    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.0.commit(batch).await
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn next(&self, sequence: &'static str) -> Result<u64, StoreError> {
        self.0.next(sequence).await
    }
}

/// Two processes, each with a state folder of its own, and what the command line leaves for them.
fn two() -> (World, World, Notes, Arc<dyn Store>) {
    let store: Arc<dyn Store> = Arc::new(Shared::default());
    let (one, two) = (World::on(store.clone()), World::on(store.clone()));
    let elsewhere = tempfile::tempdir().unwrap();
    let notes = Notes::of(&store, elsewhere.path());
    (one, two, notes, store)
}

#[tokio::test]
async fn a_link_to_log_in_opens_at_any_of_them_once() {
    let (one, two, notes, _) = two();
    let secret = notes.keys().make_link("oli", "root", noon()).await.unwrap();
    for world in [&one, &two] {
        let entrance = world.access.look_at_link(&secret, "web", noon()).await.unwrap();
        assert_eq!(entrance.user.id, "oli");
    }
    let context = Context::default();
    let logs_in = async |access: &Access| access.log_in(&secret, "web", &context, noon()).await;
    let (first, second) = tokio::join!(logs_in(&one.access), logs_in(&two.access));
    let outcomes = [first.is_ok(), second.is_ok()];
    assert!(outcomes.contains(&true) && outcomes.contains(&false), "{outcomes:?}");
}

#[tokio::test]
async fn a_token_counts_at_all_of_them_and_is_revoked_at_all() {
    let (one, two, notes, store) = two();
    let token = ApiToken {
        user: "oli".into(),
        name: "bridge".into(),
        by: "root".into(),
        created: noon(),
        expires: None,
    };
    let secret = notes.keys().make_token(&token).await.unwrap();
    for world in [&one, &two] {
        assert_eq!(world.access.token_owner(&secret, "web", noon()).await.unwrap().1, token);
    }
    let kept = store.scan("access_tokens", "", None, 9).await.unwrap();
    assert!(!format!("{kept:?}").contains(&secret), "the token itself is kept nowhere");
    assert!(notes.keys().revoke("oli", "bridge").await.unwrap());
    for world in [&one, &two] {
        let refusal = world.access.token_owner(&secret, "web", noon()).await.unwrap_err();
        assert_eq!(refusal, Refusal::BadCode);
    }
}

#[tokio::test]
async fn a_code_that_one_gave_out_is_confirmed_at_the_next_message_to_any() {
    let (one, two, notes, _) = two();
    let stranger = sender_of("777");
    let code = one.access.link_code(&chat(), &stranger, noon()).await.unwrap();
    notes.leave(&code, &Note { user: "dana".into(), by: "root".into() }).await.unwrap();
    assert_eq!(two.access.take_up_links(noon()).await.unwrap().len(), 1);
    assert!(one.access.take_up_links(noon()).await.unwrap().is_empty());
    let known = one.access.identify(&chat(), &stranger).await.unwrap().user().unwrap();
    assert_eq!(known.id, "dana");
}

#[tokio::test]
async fn messages_and_runs_count_wherever_they_arrive() {
    let (one, two, ..) = two();
    let dana = sender_of("dana");
    for world in [&one, &two, &one] {
        world.access.admit(&chat(), &dana, noon()).await.unwrap();
    }
    for world in [&one, &two] {
        let refusal = world.access.admit(&chat(), &dana, noon()).await.unwrap_err();
        assert!(matches!(refusal, Refusal::TooMany { retry_after: 10, .. }), "{refusal}");
    }
    two.access.admit(&chat(), &dana, after(10)).await.unwrap();
    for n in 0..9 {
        let service = format!("service=app-{n}");
        let plan = plan("oli", "health_check", &[&service, "environment=dev"]);
        let outcome = [&one, &two][n % 2].run(&plan, noon()).await;
        assert_eq!(outcome.is_ok(), n < 8, "{outcome:?}");
    }
    // Full buckets are as good as none, and are not kept.
    let buckets = || one.store.scan("access_limits", "", None, 99);
    assert!(!buckets().await.unwrap().is_empty());
    one.access.forget_limits(after(3600)).await.unwrap();
    assert!(buckets().await.unwrap().is_empty());
}

/// However messages arrive, several processes admit what one alone would.
#[tokio::test]
async fn several_admit_what_one_would() {
    let mut random = StdRng::seed_from_u64(7);
    for _ in 0..20 {
        let (one, two, ..) = two();
        let alone = World::new();
        let mut at = noon();
        for n in 0..60 {
            at += jiff::SignedDuration::from_millis(random.random_range(0..8_000));
            let sender = sender_of(["dana", "oli", "ada"][random.random_range(0..3)]);
            let world = [&one, &two][random.random_range(0..2)];
            let there = world.access.admit(&chat(), &sender, at).await;
            let here = alone.access.admit(&chat(), &sender, at).await;
            assert_eq!(there, here, "message {n}");
        }
    }
}

#[tokio::test]
async fn of_many_messages_at_the_same_moment_as_many_are_admitted_as_there_is_room_for() {
    let (one, two, ..) = two();
    let worlds = [Arc::new(one), Arc::new(two)];
    let mut tasks = Vec::new();
    for n in 0..12 {
        let world = worlds[n % 2].clone();
        let admit = async move { world.access.admit(&chat(), &sender_of("dana"), noon()).await };
        tasks.push(tokio::spawn(admit));
    }
    let mut admitted = 0;
    for task in tasks {
        admitted += usize::from(task.await.unwrap().is_ok());
    }
    assert_eq!(admitted, 3);
}
