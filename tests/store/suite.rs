//! The promises of the `Store` trait, checked on any backend: `cases!(macro)`.

use std::sync::Arc;

use serde_json::json;
use steward::store::{Batch, Expectation, Store, StoreError, get_as, scan_as};

/// Hands the names of all cases to a macro.
macro_rules! cases {
    ($macro:ident $(, $argument:tt)*) => {
        $macro!(
            $($argument)*
            a_value_is_read_back_as_it_was_written
            tables_are_apart
            a_scan_is_ordered_by_bytes_and_pages
            a_batch_is_applied_whole_or_not_at_all
            expectations_see_the_state_before_the_batch
            one_of_many_racing_writers_wins_each_round
            sequences_never_repeat
            typed_values_say_what_is_wrong
            odd_keys_and_large_values_are_kept
        );
    };
}
pub(crate) use cases;

type Shared = Arc<dyn Store>;

pub async fn a_value_is_read_back_as_it_was_written(store: Shared) {
    let value = json!({"b": 1, "a": [1.5, null, "é 部署", {"deep": true}], "n": -7});
    store.commit(Batch::default().put("t", "k", value.clone())).await.unwrap();
    assert_eq!(store.get("t", "k").await.unwrap(), Some(value));
    assert_eq!(store.get("t", "other").await.unwrap(), None);

    store.commit(Batch::default().put("t", "k", json!(2))).await.unwrap();
    assert_eq!(store.get("t", "k").await.unwrap(), Some(json!(2)));

    store.commit(Batch::default().delete("t", "k").delete("t", "never")).await.unwrap();
    assert_eq!(store.get("t", "k").await.unwrap(), None);
}

pub async fn tables_are_apart(store: Shared) {
    let batch = Batch::default().put("session", "a", json!(1)).put("sessions", "a", json!(2)).put(
        "sessio",
        "na",
        json!(3),
    );
    store.commit(batch).await.unwrap();
    assert_eq!(store.get("session", "a").await.unwrap(), Some(json!(1)));
    assert_eq!(keys(&store, "session", "", None, 9).await, ["a"]);
    assert_eq!(keys(&store, "sessions", "", None, 9).await, ["a"]);
    assert_eq!(keys(&store, "sessio", "", None, 9).await, ["na"]);
    assert!(keys(&store, "nothing", "", None, 9).await.is_empty());
}

pub async fn a_scan_is_ordered_by_bytes_and_pages(store: Shared) {
    let mut batch = Batch::default();
    for key in ["b/2", "a/10", "b/1", "b", "b/部", "b/10", "c", "B/1"] {
        batch = batch.put("t", key, json!(key));
    }
    store.commit(batch).await.unwrap();

    assert_eq!(
        keys(&store, "t", "", None, 99).await,
        ["B/1", "a/10", "b", "b/1", "b/10", "b/2", "b/部", "c"]
    );
    assert_eq!(keys(&store, "t", "b/", None, 99).await, ["b/1", "b/10", "b/2", "b/部"]);
    assert_eq!(keys(&store, "t", "b/", None, 2).await, ["b/1", "b/10"]);
    assert_eq!(keys(&store, "t", "b/", Some("b/10"), 2).await, ["b/2", "b/部"]);
    // A key that was deleted meanwhile, or lies before the prefix, is a place all the same.
    assert_eq!(keys(&store, "t", "b/", Some("b/11"), 9).await, ["b/2", "b/部"]);
    assert_eq!(keys(&store, "t", "b/", Some("a"), 1).await, ["b/1"]);
    assert!(keys(&store, "t", "b/", Some("c"), 9).await.is_empty());
    assert!(keys(&store, "t", "b/", None, 0).await.is_empty());
}

pub async fn a_batch_is_applied_whole_or_not_at_all(store: Shared) {
    store.commit(Batch::default().put("t", "k", json!(1))).await.unwrap();
    let refused = [
        Batch::default().expect("t", "k", Expectation::Absent),
        Batch::default().expect("t", "k", Expectation::Is(json!(2))),
        Batch::default().expect("t", "gone", Expectation::Is(json!(null))),
        Batch::default().expect("t", "k", Expectation::Is(json!(1))).expect(
            "t",
            "k",
            Expectation::Absent,
        ),
    ];
    for batch in refused {
        let batch = batch.put("t", "other", json!(1)).delete("t", "k");
        let error = store.commit(batch).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict { table: "t", .. }), "{error}");
        assert_eq!(store.get("t", "other").await.unwrap(), None);
        assert_eq!(store.get("t", "k").await.unwrap(), Some(json!(1)));
    }
    let accepted = Batch::default()
        .expect("t", "k", Expectation::Is(json!(1)))
        .expect("u", "k", Expectation::Absent)
        .put("t", "k", json!(2))
        .put("u", "k", json!(3));
    store.commit(accepted).await.unwrap();
    assert_eq!(store.get("u", "k").await.unwrap(), Some(json!(3)));
}

pub async fn expectations_see_the_state_before_the_batch(store: Shared) {
    let batch = Batch::default()
        .put("t", "k", json!(1))
        .put("t", "k", json!({"x": 0.1, "y": 1.0 / 3.0}))
        .expect("t", "k", Expectation::Absent);
    store.commit(batch).await.unwrap();
    // The order of members says nothing.
    let expected = json!({"y": 1.0 / 3.0, "x": 0.1});
    let batch = Batch::default().expect("t", "k", Expectation::Is(expected)).delete("t", "k");
    store.commit(batch).await.unwrap();
    assert_eq!(store.get("t", "k").await.unwrap(), None);
}

pub async fn one_of_many_racing_writers_wins_each_round(store: Shared) {
    store.commit(Batch::default().put("t", "count", json!(0))).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut won = 0;
                while won < 10 {
                    let now: u64 = get_as(&*store, "t", "count").await.unwrap().unwrap();
                    let batch = Batch::default()
                        .expect("t", "count", Expectation::Is(json!(now)))
                        .put("t", "count", json!(now + 1));
                    match store.commit(batch).await {
                        Ok(()) => won += 1,
                        Err(StoreError::Conflict { .. }) => {}
                        Err(e) => panic!("{e}"),
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(store.get("t", "count").await.unwrap(), Some(json!(80)));
}

pub async fn sequences_never_repeat(store: Shared) {
    assert_eq!(store.next("executions").await.unwrap(), 1);
    let takers: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.next("executions").await.unwrap() })
        })
        .collect();
    let mut numbers = Vec::new();
    for taker in takers {
        numbers.push(taker.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=21).collect::<Vec<_>>());
    assert_eq!(store.next("errors").await.unwrap(), 1);
}

pub async fn typed_values_say_what_is_wrong(store: Shared) {
    let batch = Batch::default()
        .put_as("t", "a", &("x".to_owned(), 3u8))
        .unwrap()
        .put_as("t", "b", &"text")
        .unwrap();
    store.commit(batch).await.unwrap();
    let value: Option<(String, u8)> = get_as(&*store, "t", "a").await.unwrap();
    assert_eq!(value, Some(("x".to_owned(), 3)));
    let error = scan_as::<(String, u8)>(&*store, "t", "", None, 9).await.unwrap_err();
    assert!(error.to_string().starts_with("t/b holds something unreadable"), "{error}");
}

pub async fn odd_keys_and_large_values_are_kept(store: Shared) {
    let long = "k".repeat(2_000);
    let large = json!("v".repeat(1 << 20));
    for key in ["", "\0", "a\0b", "🐟", long.as_str()] {
        store.commit(Batch::default().put("odd", key, large.clone())).await.unwrap();
        assert_eq!(store.get("odd", key).await.unwrap().as_ref(), Some(&large), "{key:?}");
    }
    assert_eq!(keys(&store, "odd", "", None, 99).await.len(), 5);
}

async fn keys(
    store: &Shared,
    table: &'static str,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Vec<String> {
    let entries = store.scan(table, prefix, after, limit).await.unwrap();
    entries.into_iter().map(|(key, _)| key).collect()
}
