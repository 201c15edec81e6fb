//! The store in a real PostgreSQL. Where there is none on this machine, these tests say so and
//! pass. Two processes on one database are in `tests/terminal/two.rs`.

mod server;
#[path = "../store/suite.rs"]
mod suite;

use std::sync::Arc;
use std::time::Duration;

use server::Server;
use steward::store::{Batch, PostgresStore, Store, StoreError};

/// A store under test, with the database that it is in.
struct Fixture {
    store: Arc<dyn Store>,
    _server: Server,
}

/// So long a lease is good that no test wants to end.
const LONG: Duration = Duration::from_secs(600);

async fn postgres() -> Option<Fixture> {
    let server = Server::start()?;
    let store = PostgresStore::open(&server.url()).await.expect("a store");
    assert!(store.lease(LONG).take().await.expect("an answer"), "nobody else is there");
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
async fn one_works_and_the_other_stands_by_until_the_lease_ends() {
    let Some(server) = Server::start() else { return };
    let open = async || PostgresStore::open(&server.url()).await.expect("a store");
    let write = async |store: &PostgresStore, key: &str| {
        store.commit(Batch::default().put("t", key, 1.into())).await
    };
    let (one, two) = (open().await, open().await);
    let early = write(&one, "early").await;
    assert!(matches!(early, Err(StoreError::NotHeld)), "nobody works yet: {early:?}");

    let short = Duration::from_millis(300);
    let (of_one, of_two) = (one.lease(short), two.lease(LONG));
    assert!(of_one.take().await.expect("an answer"));
    assert!(!of_two.take().await.expect("an answer"), "it is taken");
    write(&one, "a").await.expect("it holds the lease");
    let standing_by = write(&two, "b").await;
    assert!(matches!(standing_by, Err(StoreError::NotHeld)), "{standing_by:?}");

    // One is silent for too long.
    let stop = tokio_util::sync::CancellationToken::new();
    assert!(of_two.wait(&stop).await.expect("an answer"));
    write(&two, "c").await.expect("it has taken over");
    let late = write(&one, "d").await;
    assert!(matches!(late, Err(StoreError::NotHeld)), "{late:?}");
    assert!(!of_one.keep(&stop).await, "it notices");
    let keys: Vec<String> =
        two.scan("t", "", None, 9).await.expect("rows").into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["a", "c"]);

    // What is given back can be taken at once.
    stop.cancel();
    assert!(of_two.keep(&stop).await);
    assert!(of_one.take().await.expect("an answer"));
}
