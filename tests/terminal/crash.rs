//! Kills: whenever the program dies, nothing is lost and nothing runs twice.
//!
//! `STEWARD_TEST_KILLS` sets how often it is killed; the moments are spread over everything that
//! happens between a request and the report of its run.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::project::{Project, write};

/// Kills, unless the environment says otherwise.
const KILLS: usize = 12;
/// The latest moment of a kill, in milliseconds: by then, a run that was confirmed is over.
const LATEST: u64 = 4_000;

#[test]
fn whenever_it_is_killed_nothing_is_lost_and_nothing_runs_twice() {
    let project = Project::counting();
    let kills = std::env::var("STEWARD_TEST_KILLS").ok().and_then(|text| text.parse().ok());
    let kills = kills.unwrap_or(KILLS);
    let mut random = StdRng::seed_from_u64(42);
    let mut said = String::new();
    for round in 0..kills {
        let mut child = project
            .steward()
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("round {round}: {e}"));
        write(&mut child, &[&format!("count the label round-{round}"), "yes"]);
        std::thread::sleep(Duration::from_millis(random.random_range(0..LATEST)));
        // SIGKILL: nothing is tidied up.
        child.kill().expect("a signal");
        let mut output = String::new();
        child.stdout.take().expect("an output").read_to_string(&mut output).expect("text");
        child.wait().expect("its end");
        said.push_str(&output);
    }
    said.push_str(&project.chat(&["show my last 50 runs"]));

    let starts = project.starts();
    for (key, count) in &starts {
        assert_eq!(*count, 1, "the run {key} was started {count} times");
    }
    let history = project.chat(&["/history"]);
    for state in ["running", "starting", "waiting"] {
        assert!(!history.contains(&format!(": {state}")), "a run is not over in:\n{history}");
    }
    // Every run that happened was reported, by the process that started it or by a later one.
    let reported = (1..=kills).filter(|n| said.contains(&format!("#{n} Count: succeeded"))).count();
    assert!(
        reported >= starts.len(),
        "{} runs, but only {reported} reports; {}; said:\n{said}",
        starts.len(),
        untold(&project, &said)
    );
}

/// The folders of runs that were started, as far as no report names their number: for whoever has
/// to find out why.
fn untold(project: &Project, said: &str) -> String {
    let kept = project.path().join("state");
    let copy = std::env::temp_dir().join("steward-crash-state");
    // Whatever was kept there is of an earlier failure.
    let _ = std::fs::remove_dir_all(&copy);
    let copied = Command::new("cp").arg("-r").arg(kept).arg(&copy).status();
    let failed: Vec<&str> = said.lines().filter(|line| line.contains(": failed")).collect();
    format!("failed: {failed:?}; the state is in {} ({copied:?})", copy.display())
}
