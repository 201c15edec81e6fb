//! The other pages: runs, the catalogue, the forms.

use reqwest::Method;

use crate::server::Server;

#[tokio::test]
async fn a_form_leads_to_the_same_plan_as_words() {
    let server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    let page = dana.get("/jobs").await.expect(200);
    assert!(page.contains("/jobs/deploy_app") && !page.contains("/jobs/open_port"), "{page}");
    dana.get("/jobs/open_port").await.expect(403);
    dana.get("/jobs/no_such_job").await.expect(404);

    let page = dana.get("/jobs/deploy_app").await.expect(200);
    for part in ["value.service", "value.version", "value.environment", "staging", "rolling"] {
        assert!(page.contains(part), "`{part}` is missing in {page}");
    }
    // The same checks: what can't be taken is said beside its field, and nothing is lost.
    let wrong = [("value.service", "cart-service"), ("value.version", "tomorrow")];
    let page = dana.submit("/jobs/deploy_app", &wrong).await.expect(422);
    assert_eq!(page.matches("class=\"problem\"").count(), 2, "{page}");
    assert!(page.contains("value=\"tomorrow\""), "{page}");

    let right = [
        ("value.service", "cart-service"),
        ("value.version", "7.4.0"),
        ("value.environment", "staging"),
        ("value.strategy", ""),
    ];
    dana.get("/jobs/deploy_app").await.expect(200);
    dana.submit("/jobs/deploy_app", &right).await.expect(303);
    let page = dana.see("nothing has run yet").await;
    for part in ["cart-service", "7.4.0", "staging", "rolling"] {
        assert!(page.contains(part), "`{part}` is missing in {page}");
    }
    assert!(dana.get("/runs").await.expect(200).contains("Nothing ran yet"));
    dana.press("Run").await;
    dana.see("succeeded").await;

    // What the policy refuses to words, it refuses to a form.
    let refused = [
        ("value.service", "cart-service"),
        ("value.version", "7.4.0"),
        ("value.environment", "production"),
    ];
    dana.get("/jobs/deploy_app").await.expect(200);
    dana.submit("/jobs/deploy_app", &refused).await.expect(303);
    dana.see("Reference: E-").await;
    assert!(!dana.get("/runs").await.expect(200).contains("#2"));
}

#[tokio::test]
async fn a_run_is_shown_with_its_output() {
    let server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    dana.say("deploy cart-service 7.4.0 to staging").await;
    dana.press("Run").await;
    dana.see("succeeded").await;

    let page = dana.get("/runs").await.expect(200);
    assert!(page.contains("/runs/1") && page.contains("dana"), "{page}");
    let page = dana.get("/runs/1").await.expect(200);
    for part in ["cart-service", "7.4.0", "succeeded", "data-log=\"/runs/1/log\"", "/rerun #1"] {
        assert!(page.contains(part), "`{part}` is missing in {page}");
    }
    let log = dana.script(Method::GET, "/runs/1/log");
    let log = dana.send(log).await.expect(200);
    let log: serde_json::Value = serde_json::from_str(&log).expect("JSON");
    assert!(log["text"].as_str().is_some_and(|text| text.contains("is live in staging")), "{log}");
    assert!(!log["text"].as_str().is_some_and(|text| text.contains("::progress")), "{log}");
    assert_eq!(log["complete"], true);
    dana.get("/runs/77").await.expect(404);
    dana.get("/runs/1/charts/nothing.png").await.expect(404);
    // Run again from its page: the plan comes up in the chat.
    dana.get("/runs/1").await.expect(200);
    dana.submit("/say", &[("text", "/rerun #1")]).await.expect(303);
    dana.see("nothing has run yet").await;
}

#[tokio::test]
async fn the_page_speaks_two_languages() {
    let server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    let fields = [("language", "zh"), ("back", "/jobs")];
    let answer = dana.submit("/language", &fields).await;
    assert_eq!(answer.header("location"), "/jobs");
    let page = dana.get("/jobs").await.expect(200);
    assert!(page.contains("lang=\"zh-CN\"") && page.contains("部署应用"), "{page}");
    for back in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let answer = dana.submit("/language", &[("language", "en"), ("back", back)]).await;
        assert_eq!(answer.header("location"), "/", "{back}");
    }
}
