//! A Telegram for tests: an own Bot API server on the loopback address, at least as strict as the
//! real one about sizes, entities, callback data, message ids and how often a bot may write; and
//! as unreliable as asked: lost connections, lost answers, updates given twice, restarts.

mod limits;
mod methods;
mod server;
mod state;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub use state::{BOT, Message, Mishap, Person, Query, State, USERNAME};

/// The token of the one bot there is.
pub const TOKEN: &str = "4242:AAEmulatorEmulatorEmulatorEmulator0";

/// So long a test waits for something: only what never happens takes so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// A press has to be answered within this time.
const ANSWER: Duration = Duration::from_secs(10);

/// A Telegram of one's own.
pub struct Emulator {
    pub shared: Arc<Shared>,
    address: SocketAddr,
    server: Mutex<Option<JoinHandle<()>>>,
}

/// What is known, and who waits for it to change.
#[derive(Default)]
pub struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

impl Shared {
    pub fn state(&self) -> MutexGuard<'_, State> {
        // A test that fails with the state in its hands has said why; others need not.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn changed(&self) {
        self.changed.notify_waiters();
    }

    /// Waits until something is there.
    pub async fn wait<T>(
        &self,
        patience: Duration,
        mut look: impl FnMut(&State) -> Option<T>,
    ) -> Option<T> {
        let until = tokio::time::Instant::now() + patience;
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(found) = look(&self.state()) {
                return Some(found);
            }
            if tokio::time::timeout_at(until, changed).await.is_err() {
                return None;
            }
        }
    }
}

impl Emulator {
    pub async fn start() -> Emulator {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let emulator = Emulator { shared: Arc::default(), address, server: Mutex::default() };
        emulator.serve(listener);
        emulator
    }

    fn serve(&self, listener: TcpListener) {
        let router = server::router(Arc::clone(&self.shared));
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it is never told to stop");
        });
        *self.server.lock().expect("one at a time") = Some(task);
    }

    /// Takes no connection any more. Those that there are go down with a call for updates.
    pub fn stop(&self) {
        if let Some(task) = self.server.lock().expect("one at a time").take() {
            task.abort();
        }
        let mut state = self.shared.state();
        // The call that waits ends, and the next one finds nobody.
        state.polls += 1;
        drop(state);
        self.shared.changed();
    }

    /// Is there again, with all it knew.
    pub async fn start_again(&self) {
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                // The system frees the port in its own time.
                Err(_) => tokio::task::yield_now().await,
            }
        };
        self.serve(listener);
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Somebody with an account, and a private chat with the bot.
    pub fn person(&self, id: u64, name: &'static str, language: &'static str) -> Person {
        let person = Person { id, name, language };
        let mut state = self.shared.state();
        state.people.insert(id, person.clone());
        let chat = state::Chat { kind: "private", topics: Vec::new(), moved: None };
        state.chats.insert(private(&person), chat);
        person
    }

    /// A group, with topics.
    pub fn group(&self, id: i64, topics: &[i32]) -> i64 {
        let chat = state::Chat { kind: "supergroup", topics: topics.to_vec(), moved: None };
        self.shared.state().chats.insert(id, chat);
        id
    }

    /// Says something in the private chat with the bot.
    pub fn say(&self, person: &Person, text: &str) -> i32 {
        self.say_in(private(person), None, person, text, None)
    }

    /// Says something in a chat. In a group the bot sees, where its privacy mode is on, only
    /// commands, mentions and answers to its own messages.
    pub fn say_in(
        &self,
        chat: i64,
        topic: Option<i32>,
        person: &Person,
        text: &str,
        reply_to: Option<i32>,
    ) -> i32 {
        let mut state = self.shared.state();
        let message = Message {
            chat,
            id: 0,
            topic,
            from: person.id,
            text: text.to_owned(),
            entities: Vec::new(),
            keyboard: Vec::new(),
            reply_to,
            file: None,
            history: Vec::new(),
            deleted: false,
        };
        let id = state.add(message.clone());
        let answers_bot =
            reply_to.and_then(|to| state.message(chat, to)).is_some_and(|to| to.from == BOT);
        let seen = chat > 0
            || state.hears_all
            || answers_bot
            || text.starts_with('/')
            || text.contains(&format!("@{USERNAME}"));
        if seen {
            let json = state.json(&Message { id, ..message });
            state.queue("message", json);
        }
        drop(state);
        self.shared.changed();
        id
    }

    /// Presses a button: its data, below this message.
    pub fn press(&self, person: &Person, message: &Message, label: &str) -> String {
        let data = message.data(label);
        let data = data.unwrap_or_else(|| panic!("no button {label:?} in {:?}", message.labels()));
        let mut state = self.shared.state();
        let id = state.query();
        let shown = state.json(message);
        let query = serde_json::json!({
            "id": id, "from": person.json(), "chat_instance": "1", "message": shown, "data": data,
        });
        state.queue("callback_query", query);
        drop(state);
        self.shared.changed();
        id
    }

    /// Waits for something; says what there is where it never comes.
    pub async fn until<T>(&self, what: &str, look: impl FnMut(&State) -> Option<T>) -> T {
        match self.shared.wait(PATIENCE, look).await {
            Some(found) => found,
            None => panic!("{what}: never happened. What there is:\n{}", self.transcript()),
        }
    }

    /// The first message of the bot in a chat, behind another one, that shows a text.
    pub async fn shows(&self, chat: i64, after: i32, text: &str) -> Message {
        self.until(&format!("{text:?} in {chat}"), |state| {
            let mut shown = state.shown(chat).filter(|m| m.from == BOT && m.id > after);
            shown.find(|message| message.text.contains(text)).cloned()
        })
        .await
    }

    /// The answer to a press: nothing, or a text.
    pub async fn answered(&self, query: &str) -> Option<String> {
        self.until("an answer to a press", |state| {
            let query = state.queries.iter().find(|known| known.id == query)?;
            Some(query.answer.as_ref()?.text.clone())
        })
        .await
    }

    /// Lets the next calls of a method go wrong.
    pub fn mishap(&self, method: &'static str, mishap: Mishap) {
        self.shared.state().mishaps.push((method, mishap));
    }

    /// Everything that was said, for a person to read.
    pub fn transcript(&self) -> String {
        let state = self.shared.state();
        let mut lines = Vec::new();
        for message in &state.messages {
            let who = if message.from == BOT { "steward" } else { "person" };
            lines.push(format!(
                "[{} #{}] {who}: {} {:?}",
                message.chat,
                message.id,
                message.text.replace('\n', "\n    "),
                message.labels()
            ));
        }
        lines.push(format!("complaints: {:?}", state.complaints));
        lines.push(format!("updates that wait: {}", state.updates.len()));
        lines.join("\n")
    }

    /// That the bot behaved: every call was one that Telegram takes, and every press was answered
    /// in time.
    pub async fn assert_well_behaved(&self) {
        self.until("an answer to every press", |state| {
            state.queries.iter().all(|query| query.answer.is_some()).then_some(())
        })
        .await;
        let state = self.shared.state();
        assert!(state.complaints.is_empty(), "{:?}", state.complaints);
        assert!(state.floods.is_empty(), "{:?}", state.floods);
        for Query { id, asked, answer } in &state.queries {
            let took = answer.as_ref().map(|answer| answer.at.duration_since(*asked));
            // What a person has to know does not fly by.
            assert!(answer.iter().all(|answer| answer.text.is_none() || answer.alert), "{id}");
            assert!(took.is_some_and(|took| took < ANSWER), "{id} was answered after {took:?}");
        }
    }
}

/// The private chat of a person with the bot.
pub fn private(person: &Person) -> i64 {
    i64::try_from(person.id).expect("a small id")
}
