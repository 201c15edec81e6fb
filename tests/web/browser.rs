//! A browser without a screen: cookies, forms, events.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use regex::Regex;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value as Json;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with its cookies and the page that it shows.
#[derive(Clone)]
pub struct Browser {
    base: String,
    client: Client,
    pub cookies: BTreeMap<String, String>,
    pub page: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The body, where the status is as expected.
    #[track_caller]
    pub fn expect(self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{:?}\n{}", self.headers, self.body);
        self.body
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Browser {
    pub fn new(base: &str) -> Browser {
        Browser::at(base, Ipv4Addr::LOCALHOST)
    }

    /// A browser on another machine, as far as the server can tell.
    pub fn at(base: &str, address: Ipv4Addr) -> Browser {
        let client =
            Client::builder().redirect(Policy::none()).local_address(IpAddr::from(address));
        let client = client.build().expect("a client");
        Browser { base: base.to_owned(), client, cookies: BTreeMap::new(), page: String::new() }
    }

    /// The same browser, with the server at another address.
    pub fn base(&mut self, base: &str) {
        self.base = base.to_owned();
    }

    /// A request for a page.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.script(method, path).header("accept", "text/html")
    }

    /// A request of the page's script.
    pub fn script(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.client.request(method, format!("{}{path}", self.base));
        request.header("cookie", cookies.join("; "))
    }

    pub async fn send(&mut self, request: RequestBuilder) -> Answer {
        let response = request.timeout(PATIENCE).send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        for line in headers.get_all("set-cookie") {
            let line = line.to_str().expect("a text");
            let (name, value) =
                line.split(';').next().and_then(|c| c.split_once('=')).expect("a cookie");
            match line.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        Answer { status, headers, body: response.text().await.expect("a body") }
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.send(self.request(Method::GET, path)).await;
        self.page = answer.body.clone();
        answer
    }

    /// Sends a form of the page that is open, with its token.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = Regex::new(r#"name="_token" value="([^"]*)""#).expect("a pattern");
        let token = token.captures(&self.page).map_or(String::new(), |found| found[1].to_owned());
        let mut fields = fields.to_vec();
        fields.push(("_token", &token));
        self.send(self.request(Method::POST, path).form(&fields)).await
    }

    /// Says something in the chat.
    pub async fn say(&mut self, text: &str) {
        self.submit("/say", &[("text", text)]).await.expect(303);
    }

    /// Presses the button of that name, the last one there is, once it is there.
    pub async fn press(&mut self, label: &str) {
        let mut token = None;
        for _ in 0..600 {
            token = button(&self.see(label).await, label);
            if token.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let token = token.unwrap_or_else(|| panic!("no button `{label}` in\n{}", self.page));
        self.submit("/press", &[("token", &token)]).await.expect(303);
    }

    /// The chat, once there is something in it.
    pub async fn see(&mut self, what: &str) -> String {
        for _ in 0..600 {
            self.get("/").await.expect(200);
            if self.page.contains(what) {
                return self.page.clone();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("`{what}` is not to be seen in\n{}", self.page);
    }

    pub async fn listen(&self, path: &str) -> Events {
        let response = self.request(Method::GET, path).send().await.expect("an answer");
        Events::of(response)
    }
}

/// The token of the last button of that name.
pub fn button(page: &str, label: &str) -> Option<String> {
    let pattern = Regex::new(
        r#"<button name="token" value="([^"]*)"[^>]*>(?:<kbd>\d+</kbd> )?([^<]*)</button>"#,
    )
    .expect("a pattern");
    let found = pattern.captures_iter(page).filter(|found| found[2].trim() == label).last();
    found.map(|found| found[1].to_owned())
}

/// Events as they arrive.
pub struct Events {
    response: reqwest::Response,
    buffer: String,
}

/// One event.
#[derive(Debug, Default)]
pub struct Event {
    pub id: String,
    pub name: String,
    pub data: String,
}

impl Event {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Events {
    pub fn of(response: reqwest::Response) -> Events {
        assert_eq!(response.status(), 200);
        Events { response, buffer: String::new() }
    }

    /// The next event; `None` when the server has ended it.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let event = parse(event);
                self.buffer = rest.to_owned();
                if event.data.is_empty() {
                    continue;
                }
                return Some(event);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("an event in time").ok().flatten()?;
            self.buffer.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// The next event that says this.
    pub async fn until(&mut self, what: &str) -> Event {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("an end before `{what}`"));
            if event.data.contains(what) {
                return event;
            }
        }
    }
}

fn parse(text: &str) -> Event {
    let mut event = Event::default();
    for line in text.lines() {
        match line.split_once(": ") {
            Some(("id", value)) => event.id = value.to_owned(),
            Some(("event", value)) => event.name = value.to_owned(),
            Some(("data", value)) => event.data.push_str(value),
            _ => {}
        }
    }
    event
}
