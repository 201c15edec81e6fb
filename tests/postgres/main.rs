//! The store in a real PostgreSQL. Where there is none on this machine, these tests say so and
//! pass. Several processes on one database are in `tests/terminal/several.rs`.

mod server;
#[path = "../store/suite.rs"]
mod suite;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use server::Server;
use steward::store::{Batch, Claims, PostgresStore, Store, StoreError};
use tokio_util::sync::CancellationToken;

/// A store under test, with the database that it is in.
struct Fixture {
    store: Arc<dyn Store>,
    _server: Server,
}

/// So long a lease is good that no test wants to end.
const LONG: Duration = Duration::from_secs(600);
/// So short a lease that whoever is silent is soon buried.
const SHORT: Duration = Duration::from_millis(400);

async fn postgres() -> Option<Fixture> {
    let server = Server::start()?;
    let store = PostgresStore::open(&server.url()).await.expect("a store");
    store.join(LONG).await.expect("it is one of them");
    Some(Fixture { store: Arc::new(store), _server: server })
}

macro_rules! on_postgres {
    ($($case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let Some(fixture) = postgres().await else { return };
                suite::$case(fixture.store.clone()).await;
            }
        )*
    };
}
suite::cases!(on_postgres);

#[tokio::test]
async fn who_counts_as_dead_changes_nothing_any_more_and_what_it_claimed_goes_to_others() {
    let Some(server) = Server::start() else { return };
    let open = async || PostgresStore::open(&server.url()).await.expect("a store");
    let write = async |store: &PostgresStore, key: &str| {
        store.commit(Batch::default().put("t", key, 1.into())).await
    };
    let (one, two) = (open().await, open().await);
    let early = write(&one, "early").await;
    assert!(matches!(early, Err(StoreError::NotAlive)), "it has not joined: {early:?}");

    let silent = one.join(SHORT).await.expect("joined");
    let lively = two.join(SHORT).await.expect("joined");
    for (store, key) in [(&one, "a"), (&two, "b")] {
        write(store, key).await.expect("both work");
    }
    assert!(one.claim("run/1").await.expect("an answer"));
    assert!(one.claim("run/1").await.expect("an answer"), "it is its own");
    assert!(!two.claim("run/1").await.expect("an answer"), "it is somebody else's");
    assert!(two.claim("run/2").await.expect("an answer"));
    assert_eq!(two.claimed("run/").await.expect("names").len(), 2);
    one.let_go("run/2").await.expect("it was not its to let go");
    assert!(!one.claim("run/2").await.expect("an answer"));

    // The first says nothing for too long, the second does.
    let stop = CancellationToken::new();
    let staying = tokio::spawn({
        let stop = stop.clone();
        async move { lively.stay(&stop).await }
    });
    let limit = std::time::Instant::now() + LONG;
    while !two.claim("run/1").await.expect("an answer") {
        assert!(std::time::Instant::now() < limit, "it is never buried");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let late = write(&one, "c").await;
    assert!(matches!(late, Err(StoreError::NotAlive)), "{late:?}");
    assert!(!one.claim("run/3").await.expect("an answer"), "the dead claim nothing");
    assert!(!silent.stay(&stop).await, "it notices");
    write(&two, "d").await.expect("it is alive");

    // Whoever leaves leaves everything at once.
    let third = open().await;
    third.join(LONG).await.expect("joined");
    assert!(!third.claim("run/2").await.expect("an answer"));
    stop.cancel();
    assert!(staying.await.expect("its end"));
    assert!(third.claim("run/2").await.expect("an answer"));
    let rows = third.scan("t", "", None, 9).await.expect("rows");
    assert_eq!(rows.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), ["a", "b", "d"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_claim_is_one_process_s_at_a_time_and_may_be_taken_again_within_it() {
    let Some(server) = Server::start() else { return };
    let open = async || {
        let store = PostgresStore::open(&server.url()).await.expect("a store");
        store.join(LONG).await.expect("joined");
        Claims::new(Arc::new(store))
    };
    let (one, two) = (open().await, open().await);
    let first = one.take("x").await.expect("an answer").expect("it is free");
    let again = one.take("x").await.expect("an answer").expect("it is its own");
    drop(first);
    assert!(two.take("x").await.expect("an answer").is_none());
    drop(again);
    drop(two.wait("x").await.expect("an answer"));

    // Many want the same thing at once: one has it at a time.
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let work = |claims: Claims| {
        let (inside, most) = (inside.clone(), most.clone());
        async move {
            for _ in 0..20 {
                let _claim = claims.wait("y").await.expect("an answer");
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
            }
        }
    };
    tokio::join!(work(one), work(two));
    assert_eq!(most.load(Ordering::SeqCst), 1);
}
