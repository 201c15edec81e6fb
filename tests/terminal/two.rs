//! Three processes on one database: one works, the others stand by, and whoever works is killed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::project::{Project, write};
use crate::server::Server;

/// Rounds; in each, both are killed, and a third process ends well.
const ROUNDS: u64 = 3;
/// The latest moment of a kill, in milliseconds after the words: a run takes 300.
const LATEST: u64 = 1_500;
/// A lease of two seconds ends, and the next process begins with what it has learnt.
const TAKE_OVER: Duration = Duration::from_secs(15);
/// Longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

#[test]
fn whoever_is_killed_the_other_goes_on_and_nothing_runs_twice() {
    let Some(server) = Server::start() else { return };
    let project = Project::counting();
    for name in ["one", "two", "three"] {
        configure(&project, name);
    }
    let mut random = StdRng::seed_from_u64(7);
    for round in 0..ROUNDS {
        let mut chat = Chat::start(&project, &server);
        let second = Standby::start(&project, &server, "two");
        let third = Standby::start(&project, &server, "three");
        second.until("standing by");
        third.until("standing by");
        chat.say(&format!("count the label round-{round}"));
        chat.say("yes");
        std::thread::sleep(Duration::from_millis(random.random_range(0..LATEST)));
        // SIGKILL: nothing is tidied up, and the lease is not given back.
        chat.kill();
        let began = Instant::now();
        let (next, last) = first_of(second, third, "serving");
        assert!(began.elapsed() < TAKE_OVER, "it took {:?}", began.elapsed());
        std::thread::sleep(Duration::from_millis(random.random_range(0..LATEST)));
        drop(next);
        let began = Instant::now();
        last.until("serving");
        assert!(began.elapsed() < TAKE_OVER, "it took {:?}", began.elapsed());
        last.end();
    }
    let history = settled(&project, &server);
    for state in ["Lost", "lost", "failed", "cancelled"] {
        assert!(!history.contains(state), "a run is lost, or went wrong:\n{history}");
    }
    let starts = project.starts();
    assert_eq!(starts.len() as u64, ROUNDS, "what was confirmed has run:\n{history}");
    for (key, count) in &starts {
        assert_eq!(*count, 1, "the run {key} was started {count} times");
    }
    let succeeded = history.matches("succeeded").count();
    assert!(succeeded >= starts.len(), "{} runs, but in the history:\n{history}", starts.len());
}

/// The history, once every run is over: it is told where it was asked for, by whoever is there.
fn settled(project: &Project, server: &Server) -> String {
    let limit = Instant::now() + LIMIT;
    loop {
        let mut last = command(project, server, "one", &["chat"]).spawn().expect("the program");
        write(&mut last, &["/history"]);
        let output = last.wait_with_output().expect("an output");
        let history = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{history}{errors}");
        let is_going = ["running", "starting", "waiting"].iter().any(|s| history.contains(s));
        if !is_going {
            return history;
        }
        assert!(Instant::now() < limit, "a run is not over:\n{history}");
    }
}

/// Two of a kind have a state each, and their runs in one place, as on one machine.
fn configure(project: &Project, name: &str) {
    let text = format!(
        "conversation: {{time_zone: UTC}}\n\
         directories: {{state: state-{name}, runs: runs}}\n\
         store: {{postgres: {{url_env: STEWARD_DATABASE_URL, lease: 2s}}}}\n"
    );
    std::fs::write(project.path().join(format!("{name}.yaml")), text).expect("a configuration");
}

fn command(project: &Project, server: &Server, name: &str, arguments: &[&str]) -> Command {
    let mut command = project.steward();
    command
        .args(["--config", &format!("{name}.yaml")])
        .args(arguments)
        .env("STEWARD_DATABASE_URL", server.url());
    command
}

/// A conversation at a terminal, in the process that works.
struct Chat {
    child: Child,
}

impl Chat {
    fn start(project: &Project, server: &Server) -> Chat {
        let mut child = command(project, server, "one", &["chat"]).spawn().expect("the program");
        // The welcome is said once it works.
        let mut byte = [0];
        let output = child.stdout.as_mut().expect("an output");
        if output.read_exact(&mut byte).is_err() {
            let output = child.wait_with_output().expect("an output");
            panic!("it says nothing: {}", String::from_utf8_lossy(&output.stderr));
        }
        Chat { child }
    }

    fn say(&mut self, words: &str) {
        use std::io::Write;
        let input = self.child.stdin.as_mut().expect("an input");
        writeln!(input, "{words}").expect("a line is taken");
    }

    fn kill(mut self) {
        self.child.kill().expect("a signal");
        self.child.wait().expect("its end");
    }
}

/// The one that logs these words first, and the other.
fn first_of(one: Standby, two: Standby, words: &str) -> (Standby, Standby) {
    let limit = Instant::now() + LIMIT;
    loop {
        if one.said(words) {
            return (one, two);
        }
        if two.said(words) {
            return (two, one);
        }
        let logs = format!("{}\n\n{}", one.log(), two.log());
        assert!(Instant::now() < limit, "`{words}` was not logged:\n{logs}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A process that stands by until the one that works is gone.
struct Standby {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Standby {
    fn start(project: &Project, server: &Server, name: &str) -> Standby {
        let mut child = command(project, server, name, &["serve"]).spawn().expect("the program");
        let stderr = child.stderr.take().expect("it is piped");
        let log: Arc<Mutex<String>> = Arc::default();
        let lines = log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                *lines.lock().expect("unpoisoned") += &format!("{line}\n");
            }
        });
        Standby { child, log }
    }

    fn until(&self, words: &str) {
        let limit = Instant::now() + LIMIT;
        loop {
            if self.said(words) {
                return;
            }
            assert!(Instant::now() < limit, "`{words}` was not logged:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn said(&self, words: &str) -> bool {
        self.log().contains(words)
    }

    fn log(&self) -> String {
        self.log.lock().expect("unpoisoned").clone()
    }

    /// Asks it to end, and gives it the time to do so.
    fn end(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it runs");
        let status = self.child.wait().expect("its end");
        assert!(status.success(), "{}", self.log());
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        // Fails where it has ended. SIGKILL: it doesn't give back what it holds.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
