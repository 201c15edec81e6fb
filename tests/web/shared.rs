//! The conversations that every channel passes, played on the page, each by somebody else.

use std::net::Ipv4Addr;
use std::sync::Arc;

use futures::StreamExt;
use regex::{Captures, Regex};

use crate::browser::{Browser, Events};
use crate::conversation::{World, report};
use crate::over_channel::{Chat, Shown, Turns, Words, play, shared};
use crate::screen::Screen;
use crate::server::Server;

/// So many people at a time.
const SIDE_BY_SIDE: usize = 8;

/// Somebody at the page.
struct Visitor {
    browser: Browser,
    screen: Arc<Screen>,
    /// So much was on the page when the person last did something.
    since: usize,
}

impl Visitor {
    /// Logs in, and listens to what the page is told.
    async fn new(server: &Server, number: u8, language: &str) -> Visitor {
        // From one address, only some may knock within a minute.
        let address = Ipv4Addr::new(127, 0, 1, number);
        let browser = Browser::at(&server.base, address);
        let mut browser = server.log_in_with(browser, &format!("p{number}")).await;
        browser.submit("/language", &[("language", language)]).await.expect(303);
        browser.get("/").await.expect(200);
        let screen = Arc::new(Screen::default());
        let events = browser.listen("/events").await;
        tokio::spawn(listen(events, Arc::clone(&screen)));
        Visitor { browser, screen, since: 0 }
    }
}

/// Puts on the screen what comes, but for what the person said.
async fn listen(mut events: Events, screen: Arc<Screen>) {
    while let Some(event) = events.next().await {
        if event.name != "item" {
            continue;
        }
        let item = event.json();
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let (id, html) = (text("id"), text("html"));
        if !html.starts_with("<article class=\"item own") {
            screen.show(&id, read(&html));
        }
    }
}

impl Chat for Visitor {
    async fn say(&mut self, text: &str) {
        self.since = self.screen.count();
        self.browser.say(text).await;
    }

    async fn press(&mut self, label: &str, earlier: bool) {
        self.since = self.screen.count();
        let page = self.browser.get("/").await.expect(200);
        let mut tokens: Vec<String> =
            buttons(&page).filter(|(_, own)| own == label).map(|(token, _)| token).collect();
        if earlier {
            tokens.pop();
        }
        if let Some(token) = tokens.pop() {
            self.browser.submit("/press", &[("token", &token)]).await.expect(303);
        }
    }

    fn shown(&self) -> Vec<Shown> {
        self.screen.after(self.since)
    }

    fn change(&self) -> impl Future<Output = ()> {
        self.screen.change()
    }
}

/// An item of the page as a person reads it.
fn read(html: &str) -> Shown {
    let buttons = buttons(html).map(|(_, label)| label).collect();
    let rules = [
        (r#"(?s)<p class="by">.*?</p>|<form.*?</form>"#, ""),
        (r"\s*</t[hd]>\s*", "  "),
        (r"</?(p|h2|tr|li|pre|div|figcaption)\b[^>]*>", "\n"),
        (r"<[^>]*>", ""),
        (r"\s*\n\s*", "\n"),
    ];
    let text = rules.iter().fold(html.to_owned(), |text, (pattern, with)| {
        Regex::new(pattern).expect("a pattern").replace_all(&text, *with).into_owned()
    });
    Shown { text: unescape(text.trim()), buttons }
}

/// The buttons of some HTML: token and label.
fn buttons(html: &str) -> impl Iterator<Item = (String, String)> {
    let pattern =
        r#"<button name="token" value="([^"]*)"[^>]*>(?:<kbd>\d+</kbd> )?([^<]*)</button>"#;
    let pattern = Regex::new(pattern).expect("a pattern");
    let found: Vec<(String, String)> = pattern
        .captures_iter(html)
        .map(|found| (found[1].to_owned(), unescape(found[2].trim())))
        .collect();
    found.into_iter()
}

/// A text as it was before it was escaped.
fn unescape(text: &str) -> String {
    let entity = Regex::new("&(lt|gt|amp|quot|#x27|#x2f);").expect("a pattern");
    let meant = |found: &Captures<'_>| match &found[1] {
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "#x27" => "'",
        "#x2f" => "/",
        _ => "&",
    };
    entity.replace_all(text, |found: &Captures<'_>| meant(found).to_owned()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_conversations_pass() {
    let world = World::get();
    let scripts = shared(world);
    let server = Server::with_access(&users(scripts.len()), POLICY).await;
    let (words, turns) = (Words::new(&world.catalog), Turns::of(&scripts, &world.catalog));
    // One after the other: each link is made by a program of its own.
    let mut visitors = Vec::new();
    for (number, script) in (1..).zip(&scripts) {
        visitors.push(Visitor::new(&server, number, script.lang.code()).await);
    }
    let played = visitors.into_iter().zip(&scripts).map(|(mut visitor, script)| {
        let (words, turns) = (&words, &turns);
        async move { play(&mut visitor, script, words, turns).await }
    });
    let outcomes: Vec<Result<(), String>> =
        futures::stream::iter(played).buffer_unordered(SIDE_BY_SIDE).collect().await;
    let complaints: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    report(scripts.len() - complaints.len(), scripts.len(), &complaints);
}

/// As many people who may do everything.
fn users(count: usize) -> String {
    let mut users = String::from("roles: {tester: tests}\nusers:\n");
    for i in 1..=count {
        users.push_str(&format!(
            "  - {{id: p{i}, name: P, roles: [tester], identities: [{{channel: web, id: p{i}}}]}}\n"
        ));
    }
    users
}

/// Everybody may do everything.
const POLICY: &str = "
rules:
  - {name: all, effect: allow, when: {role: tester}}
";
