//! The other pages: runs, the catalogue, the forms.

use regex::Regex;
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

    // Whatever has a name in the catalogue is called by it, and a form is answered in the language
    // that it was shown in, though other words were said before.
    let fields = [
        ("value.service", "cart-service"),
        ("value.environment", "staging"),
        ("value.graceful", "否"),
    ];
    dana.get("/").await.expect(200);
    dana.say("what can I run?").await;
    dana.get("/jobs/restart_service").await.expect(200);
    dana.submit("/jobs/restart_service", &fields).await.expect(303);
    let page = dana.see("尚未执行").await;
    assert!(page.contains("优雅重启") && !page.contains("false"), "{page}");
    dana.press("执行").await;
    dana.see("成功").await;
    let page = dana.get("/runs/1").await.expect(200);
    for part in ["<th scope=\"row\">服务</th>", "<th scope=\"row\">优雅重启</th>", "成功"] {
        assert!(page.contains(part), "`{part}` is missing in {page}");
    }
    assert!(dana.get("/runs").await.expect(200).contains("优雅重启：否"), "{}", dana.page);
    let page = dana.get("/jobs").await.expect(200);
    assert!(page.contains("<h2>数据库</h2>") && !page.contains("<h2>database</h2>"), "{page}");
    let mut ada = server.log_in("ada").await;
    ada.submit("/language", &fields_of_language("zh")).await.expect(303);
    let page = ada.get("/audit").await.expect(200);
    for part in ["登录", "执行结束", "成功", "<option value=\"logged_in\""] {
        assert!(page.contains(part), "`{part}` is missing in {page}");
    }

    for back in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let answer = dana.submit("/language", &[("language", "en"), ("back", back)]).await;
        assert_eq!(answer.header("location"), "/", "{back}");
    }
}

fn fields_of_language(language: &str) -> [(&str, &str); 2] {
    [("language", language), ("back", "/")]
}

/// What a page proposes to say is understood without a question what was meant, and may be run.
#[tokio::test]
async fn what_the_page_proposes_works() {
    let server = Server::start().await;
    let proposed = Regex::new(r#"<button name="text" value="([^"/]+)">"#).expect("a pattern");
    for (user, language, plan) in [
        ("dana", "en", "nothing has run yet"),
        ("dora", "zh", "尚未执行"),
        ("ada", "en", "nothing has run yet"),
    ] {
        let mut browser = server.log_in(user).await;
        browser.submit("/language", &fields_of_language(language)).await.expect(303);
        let page = browser.get("/").await.expect(200);
        let texts: Vec<&str> =
            proposed.captures_iter(&page).map(|c| c.extract::<1>().1[0]).collect();
        assert!(!texts.is_empty(), "{page}");
        for text in texts {
            let mut events = browser.listen("/events").await;
            browser.get("/").await.expect(200);
            browser.say(text).await;
            let reply = events.until(plan).await.json();
            let html = reply["html"].as_str().expect("html");
            browser.press(if language == "en" { "Cancel" } else { "取消" }).await;
            events.until(if language == "en" { "is dropped" } else { "已放弃" }).await;
            assert!(html.contains("<h2>"), "{user}: {text}: {html}");
        }
    }
}
