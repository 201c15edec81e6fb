//! Several people: none sees what is another's.

use crate::browser::button;
use crate::server::Server;

#[tokio::test]
async fn two_people_never_see_one_another() {
    let server = Server::start().await;
    let mut dana = server.log_in("dana").await;
    let mut dora = server.log_in("dora").await;
    let mut events = dora.listen("/events").await;
    dana.say("deploy order-service 3.9.7 to staging").await;
    let page = dana.see("nothing has run yet").await;
    let token = button(&page, "Run").expect("a button");

    dora.say("/help").await;
    let seen = events.until("help").await;
    assert!(!seen.data.contains("3.9.7"), "{seen:?}");
    // Somebody else's button does nothing, and its name is not told.
    dora.submit("/press", &[("token", &token)]).await.expect(303);
    let page = dora.see("somebody else").await;
    assert!(!page.contains("3.9.7"), "{page}");
    for path in ["/drafts", "/runs", "/now"] {
        let page = dora.get(path).await.expect(200);
        assert!(!page.contains("3.9.7"), "{path}: {page}");
    }
    let page = dana.get("/drafts").await.expect(200);
    assert!(page.contains("3.9.7"), "{page}");
}

#[tokio::test]
async fn a_second_person_approves_what_the_first_one_asked_for() {
    let server = Server::start().await;
    let mut oli = server.log_in("oli").await;
    let mut ada = server.log_in("ada").await;
    let mut dana = server.log_in("dana").await;
    oli.say("deploy cart-service 7.4.0 to production").await;
    oli.press("Run").await;
    oli.see("waits").await;

    // It comes to whoever may decide, and to nobody else.
    ada.see("cart-service").await;
    let page = ada.get("/approvals").await.expect(200);
    for part in ["cart-service", "production", "oli", "0 of 1"] {
        assert!(page.contains(part), "`{part}` is missing in {page}");
    }
    dana.get("/approvals").await.expect(403);
    let page = oli.get("/approvals").await.expect(200);
    assert!(!page.contains("cart-service"), "nobody approves their own: {page}");

    let start = page_path(&ada.page);
    ada.submit(&start, &[("decision", "approve"), ("reason", "")]).await.expect(303);
    oli.see("succeeded").await;
    ada.get("/approvals").await.expect(200);
    assert!(!ada.page.contains("cart-service"), "{}", ada.page);

    // Who did what is to be read by whoever may.
    dana.get("/audit").await.expect(403);
    let page = ada.get("/audit?event=approved").await.expect(200);
    assert!(page.contains("ada") && !page.contains("<code>run_authorized"), "{page}");
}

/// Where the first decision of the page is sent to.
fn page_path(page: &str) -> String {
    let start = page.find("/approvals/").expect("a form");
    page[start..].split('"').next().expect("a path").to_owned()
}
