//! What is said when Steward can't start.

use std::io::Write;
use std::process::Output;
use std::time::{Duration, Instant};

use crate::project::Project;

/// How the program ends when it is started and told nothing.
pub fn start(project: &Project) -> Output {
    let mut child = project.steward().spawn().expect("the program");
    drop(child.stdin.take());
    child.wait_with_output().expect("its output")
}

/// That it failed, and said all of this.
fn assert_complaint(output: &Output, parts: &[&str]) {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{complaint}");
    for part in parts {
        assert!(complaint.contains(part), "`{part}` is missing in:\n{complaint}");
    }
    assert!(!complaint.contains("panicked"), "{complaint}");
}

#[test]
fn a_second_instance_is_told_who_holds_the_store() {
    let project = Project::new();
    let mut first = project.steward().spawn().expect("the program");
    let mut input = first.stdin.take().expect("an input");
    writeln!(input, "hello").expect("a line is taken");
    let lock = project.path().join("state/store");
    let limit = Instant::now() + Duration::from_secs(20);
    while !lock.exists() {
        assert!(Instant::now() < limit, "the first instance never opened its store");
        std::thread::yield_now();
    }
    assert_complaint(&start(&project), &["another running steward", "state"]);
    drop(input);
    first.wait().expect("its end");
}

#[test]
fn a_state_directory_that_cannot_be_written_is_named() {
    let project = Project::new();
    std::fs::write(project.path().join("state"), "a file is in the way").expect("a file");
    assert_complaint(&start(&project), &["state directory", "state", "can't be written"]);
}

#[test]
fn a_missing_model_is_named_with_where_it_belongs() {
    let project = Project::new();
    std::fs::remove_file(project.path().join("models")).expect("a link");
    std::fs::create_dir(project.path().join("models")).expect("a folder");
    assert_complaint(&start(&project), &["encoder", "models", "directories.models"]);
}

#[test]
fn mistakes_in_the_configuration_are_told_with_their_lines() {
    let project = Project::new();
    let text = "conversation: {time_zone: Mars}\nchanels: {}\n";
    std::fs::write(project.path().join("steward.yaml"), text).expect("a configuration");
    assert_complaint(
        &start(&project),
        &["steward.yaml:1: conversation.time_zone", "steward.yaml:2: chanels", "`channels`"],
    );
}
