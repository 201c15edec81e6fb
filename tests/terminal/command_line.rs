//! What an operator relies on at the command line.

use std::io::Write;
use std::process::Output;

use crate::project::Project;

fn run(project: &Project, arguments: &[&str]) -> Output {
    project.steward().args(arguments).output().expect("the program")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_line_that_is_no_text_is_skipped_and_told() {
    let project = Project::new();
    let mut child = project.steward().spawn().expect("the program");
    let mut input = child.stdin.take().expect("an input");
    input.write_all(b"r\xe9boot web-03\n/list\n").expect("lines are taken");
    drop(input);
    let output = child.wait_with_output().expect("its output");
    assert!(output.status.success(), "{}", errors(&output));
    assert!(errors(&output).contains("line 1 of the input is not UTF-8"), "{}", errors(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("You can run"));
}

#[test]
fn a_killed_instance_is_waited_for() {
    let project = Project::new();
    project.chat(&["/list"]);
    for _ in 0..3 {
        let mut child = project.steward().spawn().expect("the program");
        let mut input = child.stdin.take().expect("an input");
        writeln!(input, "/list").expect("a line is taken");
        child.kill().expect("a signal");
        // Not waited for: the next one finds it going.
        let said = project.chat(&["/list"]);
        assert!(said.contains("You can run"), "{said}");
        child.wait().expect("its end");
    }
}

#[test]
fn a_query_for_what_nobody_knows_says_what_is_known() {
    let project = Project::new();
    project.chat(&["/cancel 99"]);
    let cases = [
        (["--outcome", "broken"], "there is no outcome `broken`; there are"),
        (["--user", "nobody"], "there is no user `nobody`; there are"),
        (["--job", "deploy"], "there is no job `deploy`; there are"),
    ];
    for (wanted, expect) in cases {
        let output = run(&project, &[["audit", "query"], wanted].concat());
        assert!(!output.status.success());
        assert!(errors(&output).contains(expect), "{}", errors(&output));
    }
    let output = run(&project, &["audit", "query", "--outcome", "failed", "--user", "dana"]);
    assert!(output.status.success(), "{}", errors(&output));
}

#[test]
fn a_removed_audit_log_stops_the_start_until_it_is_acknowledged() {
    let project = Project::new();
    let said = project.chat(&["deploy cart-service 7.4.0 to staging", "yes"]);
    assert!(said.contains("succeeded"), "{said}");
    let query = run(&project, &["audit", "query", "--execution", "1"]);
    let records = String::from_utf8_lossy(&query.stdout).into_owned();
    for event in ["run_authorized", "run_finished"] {
        assert!(records.contains(event), "`{event}` is missing in:\n{records}");
    }
    std::fs::remove_dir_all(project.path().join("state/audit")).expect("a folder");
    let output = crate::start::start(&project);
    assert!(!output.status.success());
    assert!(errors(&output).contains("steward audit acknowledge"), "{}", errors(&output));
    assert!(!run(&project, &["audit", "verify"]).status.success());
    let reason = ["audit", "acknowledge", "--reason", "the disk died"];
    let output = run(&project, &reason);
    assert!(output.status.success(), "{}", errors(&output));
    assert!(run(&project, &["audit", "verify"]).status.success());
    assert!(project.chat(&["/history"]).contains("#1"));
    assert!(!run(&project, &reason).status.success(), "there is nothing left to acknowledge");
}

/// Whoever may write there may write what is run; whoever reads it reads what people said.
#[test]
fn a_state_directory_that_is_open_to_others_is_closed() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    let state = project.path().join("state");
    std::fs::create_dir_all(&state).expect("a folder");
    std::fs::set_permissions(&state, PermissionsExt::from_mode(0o777)).expect("its owner may");
    project.chat(&["/history"]);
    let mode = std::fs::metadata(&state).expect("a folder").permissions().mode() & 0o777;
    assert_eq!(mode, 0o750, "{mode:o}");
}

#[test]
fn output_that_nobody_reads_ends_quietly() {
    let project = Project::new();
    let mut child = project.steward();
    child.args(["catalog", "show"]).stdout(std::process::Stdio::piped());
    let mut child = child.stderr(std::process::Stdio::piped()).spawn().expect("the program");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success() && errors(&output).is_empty(), "{}", errors(&output));
}

/// What a log that nobody can compare is, nobody can say.
#[test]
fn a_log_is_whole_only_by_what_the_store_knows() {
    let project = Project::new();
    project.chat(&["deploy cart-service 7.4.0 to staging", "yes"]);
    let output = run(&project, &["audit", "verify"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("The log is whole"));
    let store = project.path().join("state/store");
    std::fs::rename(&store, project.path().join("elsewhere")).expect("moved");
    let output = run(&project, &["audit", "verify"]);
    assert!(!output.status.success() && errors(&output).contains("there is no store"));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("whole"));
}

#[test]
fn refusals_that_are_expected_are_no_warnings() {
    let project = Project::new();
    let mut child = project.steward().spawn().expect("the program");
    crate::project::write(&mut child, &["show me the log of #77", "/cancel 9", "/approve 5"]);
    let output = child.wait_with_output().expect("its output");
    assert_eq!(errors(&output), "");
}

#[test]
fn a_setting_that_is_none_is_told_what_there_is() {
    let project = Project::new();
    let said = project.chat(&["/settings collect maybe", "/settings language klingon"]);
    for part in ["required, full", "English, Chinese"] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
}

/// Every file below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_secret_is_refused_and_nowhere_on_the_disk() {
    let project = Project::new();
    // Put together here, so that no scanner takes this file for a leak.
    let secrets = [
        format!("AKIA{}", "IOSFODNN7EXAMPLE"),
        format!("ghp_{}", "a1B2".repeat(9)),
        "Tr0ub4dor&3x".to_owned(),
    ];
    let said = project.chat(&[
        &format!("my key is {}", secrets[0]),
        &format!("rotate the secret {} on staging", secrets[1]),
        "restart cart-service",
        &format!("password={}", secrets[2]),
        &format!("密码是 {}", secrets[2]),
        "show me the log of #77",
    ]);
    assert_eq!(said.matches("looks like a password or a key").count(), 3, "{said}");
    assert_eq!(said.matches("有像密码或密钥的内容").count(), 1, "{said}");
    for file in files(&project.path().join("state")) {
        let content = std::fs::read(&file).expect("a file");
        for secret in &secrets {
            let found = content.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
            assert!(!found, "{secret} is in {}", file.display());
        }
    }
}
