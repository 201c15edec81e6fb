//! The chat, from words to a result.

use crate::browser::button;
use crate::server::Server;

#[tokio::test]
async fn a_request_becomes_a_run_and_its_result_is_shown() {
    let server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    let mut events = dana.listen("/events").await;
    dana.say("deploy cart-service 7.4.0 to staging").await;
    let own = events.until("deploy cart-service").await;
    assert_eq!(own.name, "item");
    let plan = events.until("nothing has run yet").await.json();
    let html = plan["html"].as_str().expect("html");
    for part in ["cart-service", "7.4.0", "staging", "you said", "rolling", "default"] {
        assert!(html.contains(part), "`{part}` is missing in {html}");
    }
    dana.press("Run").await;
    let card = events.until("/runs/1").await.json();
    let done = events.until("succeeded").await.json();
    assert_eq!(card["id"], done["id"], "one card, edited in place");
    let page = dana.see("succeeded").await;
    assert_eq!(page.matches("/runs/1\"").count(), 1, "{page}");
    // What was pressed can be read afterwards.
    assert!(page.contains("<p class=\"lines\">Run</p>"), "{page}");

    // A confirmation counts once.
    let again = button(&page, "Run").expect("the old button");
    dana.submit("/press", &[("token", &again)]).await.expect(303);
    let page = dana.see("Nothing was done.").await;
    assert!(!page.contains("/runs/2"), "{page}");
}

#[tokio::test]
async fn whoever_was_away_misses_nothing() {
    let server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    let mut events = dana.listen("/events").await;
    dana.say("deploy cart-service 7.4.0").await;
    let question = events.until("environment").await;
    drop(events);
    // Meanwhile something happens, twice from the same message.
    for _ in 0..2 {
        let fields = [("text", "staging"), ("id", "the-same")];
        dana.submit("/say", &fields).await.expect(303);
    }
    dana.see("nothing has run yet").await;
    let request =
        dana.request(reqwest::Method::GET, "/events?after=0").header("last-event-id", &question.id);
    let mut events = crate::browser::Events::of(request.send().await.expect("an answer"));
    let own = events.next().await.expect("an event").json();
    assert!(own["html"].as_str().is_some_and(|html| html.contains("staging")), "{own}");
    assert_eq!(own["own"], "the-same");
    let plan = events.next().await.expect("an event").json();
    assert!(plan["html"].as_str().is_some_and(|html| html.contains("nothing has run")), "{plan}");
    let page = dana.get("/").await.expect(200);
    assert_eq!(page.matches("<p class=\"lines\">staging</p>").count(), 1, "said once");
}

#[tokio::test]
async fn hostile_words_are_only_words() {
    let server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "{{ 7*7 }} {% raw %}",
        "</article></div><form action=https://evil.example>",
    ];
    for text in hostile {
        dana.say(text).await;
    }
    let page = dana.see("evil.example").await;
    for forbidden in ["<script>alert", "<img src=x", "<form action=https", ">49<"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    let page = dana.get("/jobs/deploy_app?version=%22%3E%3Cb%3Ex").await.expect(200);
    assert!(page.contains("&quot;&gt;&lt;b&gt;x") && !page.contains("<b>x"), "{page}");
    // A secret that is typed is not kept.
    dana.say("my token is ghp_0123456789abcdefghijABCDEFGHIJ012345").await;
    let page = dana.see("[redacted]").await;
    assert!(!page.contains("ghp_0123456789"), "{page}");
}

#[tokio::test]
async fn a_question_is_answered_by_a_click_and_a_plan_corrected_by_words() {
    let server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    dana.say("deploy cart-service 7.4.0").await;
    dana.press("staging").await;
    dana.see("nothing has run yet").await;
    dana.say("actually make it 7.4.1").await;
    let page = dana.see("7.4.1").await;
    assert!(page.contains("from 7.4.0 to 7.4.1") || page.contains("7.4.1"), "{page}");
}
