//! Coming in and leaving, and what is kept out.

use reqwest::Method;

use crate::server::Server;

/// Headers of a request besides the usual.
type Headers<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn a_link_lets_one_person_in_once() {
    let server = Server::start().await;
    let link = server.steward(&["users", "login", "dana"]).expect("a link");
    let path = link.strip_prefix(&server.base).expect("a link to this server").to_owned();
    let key = path.split_once('=').expect("a key").1.to_owned();

    // Programs that look at links use none up.
    let mut browser = server.browser();
    for _ in 0..2 {
        let page = browser.get(&path).await.expect(200);
        assert!(page.contains("Dana &lt;b&gt;Developer"), "{page}");
    }
    let mut thief = browser.clone();
    let answer = browser.submit("/login", &[("link", &key)]).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains("Secure"), "a browser would not take it from this machine: {cookie}");
    answer.expect(303);
    browser.get("/").await.expect(200);

    let page = thief.submit("/login", &[("link", &key)]).await.expect(403);
    assert!(page.contains("lets nobody in"), "{page}");
    thief.get("/").await.expect(303);
    // Neither the link nor the session can be read from what is kept.
    let session = browser.cookies["steward"].clone();
    for entry in std::fs::read_dir(server.path().join("state/store")).expect("a folder").flatten() {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&session) && !text.contains(&key));
    }

    // Leaving ends the session, not only the cookie.
    let left = browser.clone();
    browser.submit("/logout", &[]).await.expect(303);
    assert!(!browser.cookies.contains_key("steward"));
    let mut left = left;
    left.get("/").await.expect(303);
    let audit = server.steward(&["audit", "query", "--event", "logged_in"]);
    assert!(audit.is_ok_and(|text| text.contains("dana")));
}

#[tokio::test]
async fn who_has_no_account_here_gets_no_link() {
    let server = Server::start().await;
    for (user, why) in [("nobody", "no account on `web`"), ("eve", "no user `eve`")] {
        let refused = server.steward(&["users", "login", user]).expect_err("no link");
        assert!(refused.contains(why), "{refused}");
    }
    let mut browser = server.browser();
    for path in ["/runs", "/jobs/deploy_app", "/audit", "/nothing"] {
        assert_eq!(browser.get(path).await.header("location"), "/login", "{path}");
    }
    let script = browser.script(Method::GET, "/events");
    browser.send(script).await.expect(401);
    browser.get("/login").await.expect(200);
    browser.get("/login?link=wrong").await.expect(403);
}

#[tokio::test]
async fn what_comes_from_elsewhere_changes_nothing() {
    let server = Server::start().await;
    let mut browser = server.log_in("dana").await;
    let token = {
        let page = browser.page.clone();
        let start = page.find("name=\"_token\" value=\"").expect("a token") + 21;
        page[start..start + 64].to_owned()
    };
    let own = server.base.clone();
    let cases: [(Headers, &str, u16); 7] = [
        (&[], "", 403),
        (&[], "0000", 403),
        (&[("origin", "https://evil.example")], &token, 403),
        (&[("origin", "null")], &token, 403),
        (&[("sec-fetch-site", "cross-site")], &token, 403),
        (&[("sec-fetch-site", "same-site")], &token, 403),
        (&[("origin", &own), ("sec-fetch-site", "same-origin")], &token, 303),
    ];
    for (headers, token, status) in cases {
        let mut request =
            browser.request(Method::POST, "/say").form(&[("text", "/help"), ("_token", token)]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = browser.send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?} {token}");
    }
    // A name that was made to point here is not this page's.
    for (host, status) in [("evil.example", 421), ("localhost:1", 200)] {
        let request = browser.request(Method::GET, "/").header("host", host);
        assert_eq!(browser.send(request).await.status.as_u16(), status, "{host}");
    }
    // Too much at once is not read.
    let huge = "x".repeat(70_000);
    browser.submit("/say", &[("text", &huge)]).await.expect(413);
}

#[tokio::test]
async fn every_answer_says_what_a_page_may_do() {
    let server = Server::start().await;
    let mut browser = server.log_in("dana").await;
    for path in ["/", "/login", "/assets/steward.js", "/nothing", "/api/v1/openapi.json"] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
    }
    // Nothing on a page would need more than that.
    for path in ["/", "/runs", "/jobs", "/jobs/deploy_app", "/drafts", "/schedules"] {
        let page = browser.get(path).await.expect(200);
        for forbidden in ["style=", "onclick=", "<style", "javascript:", "http://", "https://"] {
            assert!(!page.contains(forbidden), "{path} has {forbidden}");
        }
    }
}

#[tokio::test]
async fn knocking_too_often_and_talking_too_much_have_an_end() {
    let server = Server::start().await;
    let mut browser = server.log_in("dana").await;
    let mut stranger = server.browser();
    let mut last = 0;
    for _ in 0..30 {
        last = stranger.get("/login?link=guess").await.status.as_u16();
    }
    assert_eq!(last, 429);
    let mut answer = browser.submit("/say", &[("text", "/help")]).await;
    for _ in 0..80 {
        answer = browser.submit("/say", &[("text", "/help")]).await;
        if answer.status == 429 {
            break;
        }
    }
    assert!(!answer.header("retry-after").is_empty(), "{:?}", answer.status);
}

#[tokio::test]
async fn somebody_who_is_disabled_is_out_at_once() {
    let mut server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    let mut dora = server.log_in("dora").await;
    server.restart(|users| users.replace("{id: dana,", "{id: dana, enabled: false,")).await;
    // Sessions outlive the server, but nobody's permission does.
    dora.base(&server.base);
    dora.get("/").await.expect(200);
    dana.base(&server.base);
    assert!(!dana.get("/").await.body.contains("composer"));
    dana.get("/").await.expect(303);
}

#[tokio::test]
async fn a_session_is_of_one_user_and_ends_with_what_they_may() {
    let server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    let mut dora = server.log_in("dora").await;
    let mut oli = server.log_in("oli").await;
    // Also where nobody asks for anything before it is taken back.
    server.change_users(|users| users.replace("{id: dana,", "{id: dana, enabled: false,")).await;
    server.change_users(str::to_owned).await;
    dana.get("/").await.expect(303);
    // Whoever gets an account does not get the sessions of whoever had it.
    let moved = |users: &str| {
        let users = users.replace("{channel: web, id: dora}, ", "");
        users.replace("{channel: web, id: ada}", "{channel: web, id: dora}")
    };
    dora.get("/").await.expect(200);
    server.change_users(moved).await;
    dora.get("/").await.expect(303);
    // And an operator ends them.
    oli.get("/").await.expect(200);
    server.steward(&["users", "logout", "oli"]).expect("ended");
    oli.get("/").await.expect(303);
    server.log_in("oli").await.get("/").await.expect(200);
}

#[tokio::test]
async fn one_account_does_not_take_all_that_there_is() {
    let server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    let mut tabs = Vec::new();
    for _ in 0..8 {
        tabs.push(dana.listen("/events").await);
    }
    let script = dana.script(Method::GET, "/events");
    dana.send(script).await.expect(429);
    drop(tabs.pop());
    // The same refusal is written down once, however often it is asked for, and not for ever.
    let mut last = 0;
    for _ in 0..400 {
        last = dana.get("/audit").await.status.as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
    let refused = server.steward(&["audit", "query", "--event", "refused"]).expect("records");
    assert_eq!(refused.matches("refused").count(), 1, "{refused}");
    let errors = std::fs::read_to_string(server.path().join("state/errors.jsonl")).expect("errors");
    assert_eq!(errors.lines().count(), 1, "{errors}");
}
