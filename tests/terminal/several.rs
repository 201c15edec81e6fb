//! Three processes on one database, which all answer: people talk to any of them, and any is
//! killed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value as Json, json};

use crate::project::Project;
use crate::server::Server;

const NAMES: [&str; 3] = ["one", "two", "three"];
/// Rounds; in each, something is asked for in three chats, and one process is killed.
const ROUNDS: usize = 5;
/// The latest moment of a kill, in milliseconds after the words: a run takes 300.
const LATEST: u64 = 1_500;
/// Longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_answer_and_whoever_is_killed_nothing_is_lost_and_nothing_runs_twice() {
    let Some(server) = Server::start() else { return };
    let project = Project::counting();
    let mut bots: Vec<Bot> = NAMES.iter().map(|name| Bot::new(&project, name)).collect();
    // Made with the configuration of one of them, it counts at all.
    let token = token(&project, &server, NAMES[0]);
    bots.iter_mut().for_each(|bot| bot.token.clone_from(&token));
    for bot in &mut bots {
        bot.serve(&project, &server);
    }
    for bot in &mut bots {
        bot.until_serving(&project).await;
    }

    // What is said to one is known to all, and any of them goes on with it.
    say(&bots, 0, "first", "m-first", "count the label first-1").await;
    say(&bots, 1, "first", "m-yes", "yes").await;
    for bot in &bots {
        bot.until_heard(|items| is_told(items, "first")).await;
    }

    let mut random = StdRng::seed_from_u64(7);
    for round in 0..ROUNDS {
        for chat in 0..NAMES.len() {
            let (room, label) = (format!("room-{chat}"), format!("label-{round}{chat}"));
            let words = format!("count the label {label}");
            say(&bots, chat + round, &room, &format!("{label}-a"), &words).await;
            say(&bots, chat + round + 1, &room, &format!("{label}-b"), "yes").await;
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(0..LATEST))).await;
        // SIGKILL: nothing is tidied up, and nothing is let go of.
        let killed = &mut bots[round % NAMES.len()];
        killed.kill();
        killed.serve(&project, &server);
        killed.until_serving(&project).await;
    }

    let rooms = (0..NAMES.len()).map(|chat| format!("room-{chat}"));
    for room in rooms {
        bots[0].until_heard(|items| is_over(items, &room, ROUNDS)).await;
    }
    let starts = project.starts();
    assert_eq!(starts.len(), 1 + ROUNDS * NAMES.len(), "what was confirmed has run");
    for (key, count) in &starts {
        assert_eq!(*count, 1, "the run {key} was started {count} times");
    }
    // Every card stands as its run ended, and each run has one in its chat.
    let items = bots[1].heard().await;
    let cards: Vec<&Json> = items.iter().filter(|item| !item["execution"].is_null()).collect();
    let runs: BTreeSet<u64> = cards.iter().filter_map(|card| card["execution"].as_u64()).collect();
    assert_eq!(runs.len(), starts.len(), "{items:#?}");
    assert_eq!(cards.len(), runs.len(), "{items:#?}");
    for card in cards {
        assert!(text(card).contains("succeeded"), "{card:#?}");
    }
    for bot in bots {
        bot.end();
    }
}

/// Says something to one of them, or, where it is just dead, to the next: the same message is
/// handled once.
async fn say(bots: &[Bot], first: usize, chat: &str, id: &str, words: &str) {
    let message = json!({"id": id, "text": words, "chat": chat});
    let limit = Instant::now() + LIMIT;
    for bot in (0..bots.len()).map(|i| &bots[(first + i) % bots.len()]).cycle() {
        let sent = reqwest::Client::new()
            .post(format!("{}/api/v1/messages", bot.base))
            .bearer_auth(&bot.token)
            .json(&message)
            .timeout(Duration::from_secs(20))
            .send()
            .await;
        match sent {
            Ok(answer) if answer.status().is_success() => return,
            Ok(answer) => panic!("{words}: {:?}", answer.text().await),
            Err(error) => assert!(Instant::now() < limit, "{words}: {error}"),
        }
    }
}

/// Whether a chat was told of the end of its run.
fn is_told(items: &[Json], chat: &str) -> bool {
    is_over(items, chat, 1)
}

/// Whether a chat has the ends of so many runs.
fn is_over(items: &[Json], chat: &str, count: usize) -> bool {
    let over = |item: &&Json| {
        item["chat"] == chat && !item["execution"].is_null() && text(item).contains("succeeded")
    };
    items.iter().filter(over).count() >= count
}

/// Everything that an item says.
fn text(item: &Json) -> String {
    item["blocks"].to_string()
}

/// One of the processes.
struct Bot {
    name: &'static str,
    token: String,
    base: String,
    child: Option<Child>,
    log: Arc<Mutex<String>>,
}

impl Bot {
    /// Has a state of its own; runs are in one place, as on one machine.
    fn new(project: &Project, name: &'static str) -> Bot {
        let text = format!(
            "conversation: {{time_zone: UTC}}\n\
             directories: {{state: state-{name}, runs: runs}}\n\
             store: {{postgres: {{url_env: STEWARD_DATABASE_URL, lease: 2s}}}}\n\
             channels: {{web: {{listen: \"127.0.0.1:0\"}}}}\n"
        );
        std::fs::write(project.path().join(format!("{name}.yaml")), text).expect("written");
        let (token, base) = (String::new(), String::new());
        Bot { name, token, base, child: None, log: Arc::default() }
    }

    fn serve(&mut self, project: &Project, server: &Server) {
        // Fails where it never served.
        let _ = std::fs::remove_file(self.address(project));
        let mut command = command(project, server, self.name, &["serve"]);
        let mut child = command.stdin(Stdio::null()).spawn().expect("the program");
        let (stderr, log) = (child.stderr.take().expect("it is piped"), self.log.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                *log.lock().expect("unpoisoned") += &format!("{line}\n");
            }
        });
        self.child = Some(child);
    }

    fn address(&self, project: &Project) -> std::path::PathBuf {
        project.path().join(format!("state-{}/web-address", self.name))
    }

    async fn until_serving(&mut self, project: &Project) {
        let limit = Instant::now() + LIMIT;
        loop {
            if let Ok(base) = std::fs::read_to_string(self.address(project)) {
                self.base = base;
                return;
            }
            assert!(Instant::now() < limit, "it does not serve:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything that this one shows of the chats, in their order.
    async fn heard(&self) -> Vec<Json> {
        let request = reqwest::Client::new().get(format!("{}/api/v1/events", self.base));
        let mut answer = request.bearer_auth(&self.token).send().await.expect("an answer");
        let (mut body, silence) = (Vec::new(), Duration::from_millis(500));
        while let Ok(Ok(Some(chunk))) = tokio::time::timeout(silence, answer.chunk()).await {
            body.extend_from_slice(&chunk);
        }
        let body = String::from_utf8(body).expect("text");
        let lines = body.lines().filter_map(|line| line.strip_prefix("data:"));
        // A card that changed while it was read comes again.
        let items: BTreeMap<String, Json> = lines
            .filter_map(|line| serde_json::from_str::<Json>(line).ok())
            .map(|item| (item["id"].as_str().unwrap_or_default().to_owned(), item))
            .collect();
        items.into_values().collect()
    }

    async fn until_heard(&self, wanted: impl Fn(&[Json]) -> bool) {
        let limit = Instant::now() + LIMIT;
        loop {
            let items = self.heard().await;
            if wanted(&items) {
                return;
            }
            assert!(Instant::now() < limit, "{}: {items:#?}\n{}", self.name, self.log());
        }
    }

    fn log(&self) -> String {
        self.log.lock().expect("unpoisoned").clone()
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a signal");
            child.wait().expect("its end");
        }
    }

    /// Asks it to end, and gives it the time to do so.
    fn end(mut self) {
        let Some(mut child) = self.child.take() else { return };
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it runs");
        assert!(child.wait().expect("its end").success(), "{}", self.log());
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Fails where it has ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A token of the API.
fn token(project: &Project, server: &Server, name: &str) -> String {
    let arguments = ["users", "token", "tester", "--name", "bridge"];
    let output = command(project, server, name, &arguments).output().expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn command(project: &Project, server: &Server, name: &str, arguments: &[&str]) -> Command {
    let mut command = project.steward();
    command
        .args(["--config", &format!("{name}.yaml")])
        .args(arguments)
        .env("STEWARD_DATABASE_URL", server.url());
    command
}
