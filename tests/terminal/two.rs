//! Two processes on one database: one works, the other stands by, and either can be killed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::project::{Project, write};
use crate::server::Server;

/// Kills; the moments are spread over everything that happens between a request and its report.
const KILLS: u64 = 6;
/// The latest moment of a kill, in milliseconds after the words: a run takes 300.
const LATEST: u64 = 1_500;
/// Longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

#[test]
fn whoever_is_killed_the_other_goes_on_and_nothing_runs_twice() {
    let Some(server) = Server::start() else { return };
    let project = Project::counting();
    for name in ["one", "two"] {
        configure(&project, name);
    }
    let mut random = StdRng::seed_from_u64(7);
    for round in 0..KILLS {
        let mut first = command(&project, &server, "one", &["chat"]).spawn().expect("the program");
        write_slowly(&mut first, round);
        let second = Standby::start(&project, &server);
        second.until("standing by");
        std::thread::sleep(Duration::from_millis(random.random_range(0..LATEST)));
        // SIGKILL: nothing is tidied up, and the lease is not given back.
        first.kill().expect("a signal");
        let mut said = String::new();
        first.stdout.take().expect("an output").read_to_string(&mut said).expect("text");
        first.wait().expect("its end");
        second.until("serving");
        second.end();
    }
    // What the second one settled is told where it was asked for, by the first.
    let mut last = command(&project, &server, "one", &["chat"]).spawn().expect("the program");
    write(&mut last, &["/history"]);
    let output = last.wait_with_output().expect("an output");
    let history = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{history}{}", String::from_utf8_lossy(&output.stderr));
    for state in ["running", "starting", "waiting", "lost"] {
        assert!(!history.contains(state), "a run is not over, or lost, in:\n{history}");
    }
    let starts = project.starts();
    assert!(!starts.is_empty(), "something ran: {history}");
    for (key, count) in &starts {
        assert_eq!(*count, 1, "the run {key} was started {count} times");
    }
    let succeeded = history.matches("succeeded").count();
    assert!(succeeded >= starts.len(), "{} runs, but in the history:\n{history}", starts.len());
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

/// Says what is wanted, and leaves the conversation open.
fn write_slowly(child: &mut Child, round: u64) {
    use std::io::Write;
    let input = child.stdin.as_mut().expect("an input");
    writeln!(input, "count the label round-{round}").expect("a line is taken");
    writeln!(input, "yes").expect("a line is taken");
    // The welcome is said once it works.
    let output = child.stdout.as_mut().expect("an output");
    let mut byte = [0];
    output.read_exact(&mut byte).expect("it says something");
}

/// The second process.
struct Standby {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Standby {
    fn start(project: &Project, server: &Server) -> Standby {
        let mut child = command(project, server, "two", &["serve"]).spawn().expect("the program");
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
            let log = self.log.lock().expect("unpoisoned").clone();
            if log.contains(words) {
                return;
            }
            assert!(Instant::now() < limit, "`{words}` was not logged:\n{log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Lets it settle what runs, and asks it to end.
    fn end(mut self) {
        std::thread::sleep(Duration::from_secs(1));
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it runs");
        let status = self.child.wait().expect("its end");
        assert!(status.success(), "{}", self.log.lock().expect("unpoisoned"));
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        // Fails where it has ended.
        let _ = self.child.kill();
    }
}
