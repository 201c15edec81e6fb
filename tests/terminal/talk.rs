//! Conversations through a pipe.

use std::io::{BufRead, BufReader, Write};

use crate::project::Project;

#[test]
fn a_request_becomes_a_run_and_its_result_is_told() {
    let project = Project::new();
    let said = project.chat(&["deploy cart-service 7.4.0 to staging", "yes"]);
    for part in ["nothing has run yet", "cart-service", "you said", "default", "#1 ", "succeeded"] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
    // What ran is known to the next conversation.
    let said = project.chat(&["what ran today?", "show me the log of #1"]);
    for part in ["#1", "cart-service", "│"] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
}

#[test]
fn chinese_is_answered_in_chinese() {
    let project = Project::new();
    let said = project.chat(&["重启 web-03 这台机器", "好的"]);
    for part in ["尚未执行", "您说的", "#1 ", "成功"] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
}

#[test]
fn the_latest_version_is_the_first_that_the_job_proposes() {
    let project = Project::new();
    let said = project.chat(&["deploy the latest version of catalog-api to dev", "yes"]);
    for part in ["2.14.2", "nothing has run yet", "succeeded"] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
    let said = project.chat(&["部署 catalog-api 到 dev", "最新的", "好的"]);
    for part in ["2.14.2", "尚未执行", "成功"] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
}

#[test]
fn nothing_runs_without_a_yes() {
    let project = Project::new();
    let said = project.chat(&["deploy cart-service 7.4.0 to staging", "no", "what is running?"]);
    assert!(said.contains("dropped") && !said.contains("#1"), "{said}");
}

#[test]
fn an_open_question_survives_a_kill() {
    let project = Project::new();
    let mut child = project.steward().spawn().expect("the program");
    let mut input = child.stdin.take().expect("an input");
    writeln!(input, "deploy cart-service 7.4.0").expect("a line is taken");
    let mut output = BufReader::new(child.stdout.take().expect("an output"));
    let mut said = String::new();
    while !said.contains("environment") {
        let read = output.read_line(&mut said).expect("output");
        assert!(read > 0, "no question in:\n{said}");
    }
    // SIGKILL: nothing is tidied up.
    child.kill().expect("a signal");
    child.wait().expect("its end");

    let said = project.chat(&["staging"]);
    for part in ["nothing has run yet", "cart-service", "7.4.0", "staging"] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
}

#[test]
fn a_failure_is_told_with_what_can_be_done() {
    let project = Project::new();
    let said = project.chat(&["show me the log of #77"]);
    assert!(said.contains("no run #77") && said.contains("Reference: E-"), "{said}");
    let id = said.split("Reference: ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let id = id.expect("an id");
    let story = project.steward().args(["errors", "show", id]).output().expect("a story");
    let story = String::from_utf8_lossy(&story.stdout).into_owned();
    assert!(story.contains("there is no execution #77"), "{story}");
}
