//! The example of a bridge, as it is shipped: standard input and output, connected to Steward.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::server::Server;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The bridge, and what it has printed.
struct Bridge {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
    said: String,
}

impl Bridge {
    /// `None` where there is no Python on this machine.
    fn start(server: &Server, token: &str) -> Option<Bridge> {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bridge.py");
        let started = Command::new("python3")
            .arg(example)
            .arg(&server.base)
            .env("STEWARD_TOKEN", token)
            .env("PYTHONIOENCODING", "utf-8")
            .env("NO_PROXY", "*")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = started else {
            eprintln!("skipped: there is no python3 here");
            return None;
        };
        let output = child.stdout.take().expect("an output");
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Nobody listens at the end of the test.
                let _ = sender.send(line);
            }
        });
        Some(Bridge { child, lines, said: String::new() })
    }

    fn say(&mut self, line: &str) {
        self.said.clear();
        writeln!(self.child.stdin.as_mut().expect("an input"), "{line}").expect("a line is taken");
    }

    /// Waits until this is printed, after what was said last.
    fn until(&mut self, what: &str) {
        let limit = Instant::now() + PATIENCE;
        while !self.said.contains(what) {
            let left = limit.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("`{what}` was not printed:\n{}", self.said);
            };
            self.said.push_str(&line);
            self.said.push('\n');
        }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_carries_a_request_to_its_result() {
    let server = Server::start().await;
    let token = server.steward(&["users", "token", "dana", "--name", "bridge"]).expect("a token");
    let Some(mut bridge) = Bridge::start(&server, &token) else { return };
    bridge.say("deploy cart-service 7.4.0");
    bridge.until("staging]");
    // Options are buttons, picked by their numbers.
    bridge.say("staging");
    bridge.until("nothing has run yet");
    bridge.until("[!1 Run]");
    bridge.say("!1");
    bridge.until("#1 Deploy application: succeeded");

    server.steward(&["users", "revoke", "dana", "--name", "bridge"]).expect("revoked");
    bridge.say("/help");
    let limit = Instant::now() + PATIENCE;
    let ended = loop {
        match bridge.child.try_wait().expect("a process") {
            Some(status) => break status,
            None => assert!(Instant::now() < limit, "it goes on without its token"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(!ended.success());
}
