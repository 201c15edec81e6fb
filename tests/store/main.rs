//! What every store promises, and what only the one on disk does.

mod disk;
mod suite;

use std::sync::Arc;

use steward::store::{MemoryStore, SledStore, Store};

/// A store under test, with whatever must live as long as it does.
struct Fixture {
    store: Arc<dyn Store>,
    _keep: Option<tempfile::TempDir>,
}

async fn memory() -> Fixture {
    Fixture { store: Arc::new(MemoryStore::default()), _keep: None }
}

async fn sled() -> Fixture {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = SledStore::open(directory.path()).expect("a new store");
    Fixture { store: Arc::new(store), _keep: Some(directory) }
}

macro_rules! run_on {
    ($constructor:ident $($case:ident)*) => {
        mod $constructor {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    let fixture = crate::$constructor().await;
                    crate::suite::$case(fixture.store.clone()).await;
                }
            )*
        }
    };
}
suite::cases!(run_on, memory);
suite::cases!(run_on, sled);
