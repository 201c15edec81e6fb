//! What holds a run back that the policy allows: locks, hours, frequency, rate limits.

use steward::access::{Authorization, ComplianceKind, Context, LimitedBy, Refusal};

use crate::world::*;

#[tokio::test]
async fn two_runs_on_one_target_never_overlap() {
    let world = World::new();
    let first = deployment("oli", "staging");
    authorized(world.run(&first, noon()).await);

    // Another job with the same lock values.
    let second = plan("ben", "restart_service", &["service=checkout", "environment=staging"]);
    match world.run(&second, after(1)).await.unwrap_err() {
        Refusal::Busy { target, requester, .. } => {
            assert_eq!(target, "environment=staging, service=checkout");
            assert_eq!(requester, "oli");
        }
        other => panic!("{other}"),
    }
    // So does one whose parameter for the environment has another name.
    let values = ["service=checkout", "version=v2.3.1", "source_env=dev", "target_env=staging"];
    let promotion = plan("ben", "promote_release", &values);
    assert_eq!(name_of(&world.run(&promotion, after(1)).await.unwrap_err()), "busy");
    // Another target.
    let third = plan("ben", "restart_service", &["service=search", "environment=staging"]);
    authorized(world.run(&third, after(2)).await);

    // The plan that had to wait is still live once the first has ended.
    world.complete(&first, after(10)).await;
    world.complete(&first, after(11)).await;
    authorized(world.confirm(&second, after(12)).await);
}

#[tokio::test]
async fn compliance_refuses_by_hours_and_frequency() {
    let world = World::new();
    let scale = |n: u32| {
        let replicas = format!("to_replicas={n}");
        plan("oli", "scale_service", &["service=search", "environment=dev", &replicas])
    };
    let at = |text: &str| -> jiff::Timestamp { text.parse().unwrap() };
    let cases = [
        ("2026-01-07T07:00:00Z", true),  // Wednesday, 8:00 in Berlin
        ("2026-01-07T06:59:59Z", false), // a second before
        ("2026-01-07T19:00:00Z", false), // 20:00
        ("2026-01-11T11:00:00Z", false), // Sunday
        ("2026-01-10T11:00:00Z", true),  // a Saturday that is worked
        ("2026-01-06T11:00:00Z", false), // a Tuesday that is a holiday
    ];
    for (moment, allowed) in cases {
        let mut plan = scale(3);
        plan.expires = at("2026-02-01T00:00:00Z");
        let outcome = world.access.present(&plan, &Context::default(), at(moment)).await;
        match outcome {
            Ok(_) => assert!(allowed, "{moment}"),
            Err(Refusal::Compliance { rule, kind, message, .. }) => {
                assert!(!allowed, "{moment}");
                assert_eq!((rule.name.as_str(), kind), ("at-night", ComplianceKind::Hours));
                assert_eq!(message.unwrap().en, "By day only.");
            }
            Err(other) => panic!("{moment}: {other}"),
        }
    }

    // Two restarts of a service within an hour, for each user.
    for minute in [0, 10] {
        let mut plan = plan("oli", "restart_service", &["service=search", "environment=dev"]);
        plan.expires = after(3600 + minute);
        authorized(world.run(&plan, after(minute * 60)).await);
        world.complete(&plan, after(minute * 60 + 5)).await;
    }
    let third = |user: &str, service: &str| {
        let service = format!("service={service}");
        plan(user, "restart_service", &[&service, "environment=dev"])
    };
    let refusal = world.run(&third("oli", "search"), after(20 * 60)).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Compliance { kind: ComplianceKind::Frequency, .. }));
    authorized(world.run(&third("oli", "cart"), after(20 * 60)).await);
    authorized(world.run(&third("ben", "search"), after(20 * 60)).await);
    // After an hour the first no longer counts.
    let mut later = third("oli", "search");
    later.expires = after(2 * 3600);
    world.complete(&third("ben", "search"), after(30 * 60)).await;
    authorized(world.run(&later, after(3601)).await);
}

#[tokio::test]
async fn runs_and_messages_are_limited_by_user_and_chat() {
    let world = World::new();
    let dana = sender_of("dana");
    for _ in 0..3 {
        world.access.admit(&chat(), &dana, noon()).await.unwrap();
    }
    match world.access.admit(&chat(), &dana, noon()).await.unwrap_err() {
        Refusal::TooMany { whose: LimitedBy::User, retry_after, .. } => assert_eq!(retry_after, 10),
        other => panic!("{other}"),
    }
    // A flood is answered now and then, each sender for themselves.
    let told = |user: &str| world.access.answers_flood(&chat(), &sender_of(user));
    assert_eq!([told("dana"), told("dana"), told("dana"), told("oli")], [true, true, false, true]);
    world.access.admit(&chat(), &dana, after(10)).await.unwrap();
    // Others fill the chat's bucket.
    let mut refused = None;
    for id in 0..9 {
        let sender = sender_of(&format!("stranger-{id}"));
        refused = refused.or(world.access.admit(&chat(), &sender, after(10)).await.err());
    }
    assert!(matches!(refused, Some(Refusal::TooMany { whose: LimitedBy::Chat, .. })));
    for _ in 0..100 {
        world.access.admit(&terminal(), &dana, after(10)).await.unwrap();
    }

    for n in 0..8 {
        let service = format!("service=app-{n}");
        let plan = plan("oli", "health_check", &[&service, "environment=dev"]);
        authorized(world.run(&plan, after(10)).await);
    }
    let plan = plan("oli", "health_check", &["service=app-9", "environment=dev"]);
    assert_eq!(name_of(&world.run(&plan, after(10)).await.unwrap_err()), "too_many");
    // Reading the files again refills nothing.
    world.change("holidays.yaml", "2026-01-06", "2026-01-05").await;
    assert_eq!(name_of(&world.confirm(&plan, after(10)).await.unwrap_err()), "too_many");
    // Nor does a clock that goes back and forth.
    assert_eq!(name_of(&world.confirm(&plan, noon()).await.unwrap_err()), "too_many");
    assert_eq!(name_of(&world.confirm(&plan, after(17)).await.unwrap_err()), "too_many");
    authorized(world.confirm(&plan, after(18)).await);
}

#[tokio::test]
async fn notices_say_whom_to_tell() {
    let world = World::new();
    let plan = plan("oli", "renew_certificate", &["domain=shop.example.com"]);
    let preview = world.access.present(&plan, &Context::default(), noon()).await.unwrap();
    assert_eq!(preview.notices[0].notify, ["team-security"]);
    assert!(preview.requirements.is_empty());
}

#[tokio::test]
async fn of_many_at_the_same_moment_one_gets_the_target() {
    let world = std::sync::Arc::new(World::new());
    let mut tasks = Vec::new();
    for n in 0..8 {
        let mut plan = plan("oli", "restart_service", &["service=search", "environment=dev"]);
        plan.expires = after(600 + n);
        world.access.present(&plan, &Context::default(), noon()).await.unwrap();
        let world = world.clone();
        tasks.push(tokio::spawn(async move { world.confirm(&plan, noon()).await }));
    }
    let mut keys = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(Authorization::Authorized { .. }) => keys += 1,
            Err(Refusal::Busy { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(keys, 1);
}
