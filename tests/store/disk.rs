//! The store on disk: it survives, it belongs to one process, and it says what is wrong.

use serde_json::json;
use steward::store::{Batch, SledStore, Store, StoreError};

#[tokio::test]
async fn what_was_committed_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("made/on/the/way");
    let store = SledStore::open(&path).unwrap();
    store.commit(Batch::default().put("t", "k", json!("v"))).await.unwrap();
    assert_eq!(store.next("s").await.unwrap(), 1);
    drop(store);

    let store = SledStore::open(&path).unwrap();
    assert_eq!(store.get("t", "k").await.unwrap(), Some(json!("v")));
    assert_eq!(store.next("s").await.unwrap(), 2);
}

#[tokio::test]
async fn a_second_instance_is_told_which_directory_is_held() {
    let directory = tempfile::tempdir().unwrap();
    let first = SledStore::open(directory.path()).unwrap();
    let error = SledStore::open(directory.path()).err().expect("refused");
    assert!(matches!(&error, StoreError::Held(path) if path == directory.path()), "{error}");
    assert!(error.to_string().contains(&directory.path().display().to_string()));
    drop(first);
    SledStore::open(directory.path()).unwrap();
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    let error = SledStore::open(&file.join("state")).err().expect("refused");
    assert!(matches!(error, StoreError::Unwritable { .. }), "{error}");
    assert!(error.to_string().contains("file/state"), "{error}");
}
