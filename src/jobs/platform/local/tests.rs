//! Real commands under a supervisor that runs in a thread of the test; that it outlives Steward
//! as a process of its own is shown in `tests/jobs`.

use std::thread::JoinHandle;
use std::time::Instant;

use tempfile::TempDir;

use super::look::whole_characters;
use super::supervise::run_to_end;
use super::*;
use crate::jobs::ExecutionState;

const KEY: &str = "0123456789abcdef0123456789abcdef";

struct NoTemplates;

impl Templates for NoTemplates {
    fn template(&self, _: &crate::catalog::TemplateId) -> Option<Arc<crate::catalog::JobTemplate>> {
        None
    }
}

/// A run's folder, a platform that knows it, and the supervisor's thread.
struct Running {
    folder: TempDir,
    run: RunDir,
    platform: LocalPlatform,
    supervisor: Option<JoinHandle<io::Result<()>>>,
}

impl Running {
    /// Runs a shell script of the test's own, with 20 seconds of time unless `change` says else.
    fn script(script: &str, change: impl FnOnce(&mut Launch)) -> Running {
        let mut running = Running::prepared(script, change);
        running.supervise();
        running
    }

    fn prepared(script: &str, change: impl FnOnce(&mut Launch)) -> Running {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = LocalSettings::new(&folder.path().join("runs"), folder.path());
        let mut settings = settings.expect("this program has a path");
        settings.grace = Duration::from_millis(300);
        let platform = LocalPlatform::new(settings, Arc::new(NoTemplates)).expect("folders");
        let mut launch = Launch {
            arguments: ["sh", "-c", script].map(str::to_owned).into(),
            folder: folder.path().to_owned(),
            environment: inherited(&[]).collect(),
            timeout_ms: 20_000,
            grace_ms: 300,
            output_cap: 1 << 20,
        };
        change(&mut launch);
        let run = platform.run_dir(&IdempotencyKey(KEY.into())).expect("a valid key");
        assert!(run.create(&launch).expect("made"));
        Running { folder, run, platform, supervisor: None }
    }

    fn supervise(&mut self) {
        let run = self.run.clone();
        self.supervisor = Some(std::thread::spawn(move || run_to_end(&run, &mut io::sink())));
    }

    fn reference() -> Reference {
        Reference(KEY.into())
    }

    async fn ended(&mut self) -> Status {
        let supervisor = self.supervisor.take().expect("a supervisor");
        let outcome = tokio::task::spawn_blocking(move || supervisor.join()).await.expect("joined");
        outcome.expect("no panic").expect("no error");
        self.platform.status(&Self::reference()).await.expect("known")
    }

    async fn output(&self) -> String {
        self.platform.log(&Self::reference(), 0, 1 << 20).await.expect("a log").text
    }

    /// Returns once the output holds `text`.
    async fn said(&self, text: &str) {
        let begin = Instant::now();
        while !self.output().await.contains(text) {
            assert!(begin.elapsed() < Duration::from_secs(20), "never said {text}");
            tokio::task::yield_now().await;
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

async fn check(script: &str, state: ExecutionState, code: Option<i32>, output: &str) -> Status {
    let mut running = Running::script(script, |_| ());
    let status = running.ended().await;
    assert_eq!((status.state, running.output().await.as_str()), (state, output), "{script}");
    assert_eq!(status.outcome.as_ref().and_then(|o| o.exit_code), code, "{script}");
    status
}

#[tokio::test]
async fn the_exit_status_decides() {
    use ExecutionState::*;
    check("echo out; echo err >&2", Succeeded, Some(0), "out\nerr\n").await;
    check("echo no; exit 3", Failed, Some(3), "no\n").await;
    let killed = check("kill -9 $$", Failed, None, "").await;
    let message = killed.outcome.and_then(|o| o.message).expect("a message");
    assert!(message.contains("signal 9"), "{message}");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let mut running = Running::script("", |launch| launch.arguments = vec!["./missing".into()]);
    let status = running.ended().await;
    assert_eq!(status.state, ExecutionState::Failed);
    let message = status.outcome.and_then(|o| o.message).expect("a message");
    assert!(message.contains("./missing") && message.contains("No such file"), "{message}");
}

#[tokio::test]
async fn a_command_gets_only_the_environment_it_is_given() {
    let mut running = Running::script("env | cut -d= -f1 | sort", |launch| {
        launch.environment =
            [("PATH".into(), "/usr/bin:/bin".into()), ("STEWARD_KEY".into(), "k".into())].into();
    });
    running.ended().await;
    let output = running.output().await;
    let names: Vec<&str> =
        output.lines().filter(|n| !matches!(*n, "_" | "PWD" | "SHLVL" | "OLDPWD")).collect();
    assert_eq!(names, ["PATH", "STEWARD_KEY"]);
}

#[tokio::test]
async fn the_time_limit_ends_the_whole_group() {
    // Both shells ignore the request to end, so both must be killed.
    let script =
        "trap '' TERM; (trap '' TERM; echo child; sleep 60; touch late) & wait; touch late";
    let mut running = Running::script(script, |launch| launch.timeout_ms = 300);
    let begin = Instant::now();
    let status = running.ended().await;
    assert_eq!(status.state, ExecutionState::TimedOut);
    assert!(begin.elapsed() < Duration::from_secs(10));
    assert!(!running.file("late").exists());
}

#[tokio::test]
async fn cancel_ends_the_whole_group() {
    let script = "(sleep 60; touch late) & echo ready; wait; touch late";
    let mut running = Running::script(script, |_| ());
    running.said("ready").await;
    running.platform.cancel(&Running::reference()).await.expect("asked");
    let status = running.ended().await;
    assert_eq!(status.state, ExecutionState::Cancelled);
    assert!(!running.file("late").exists());
    // Once over, it stays as it ended.
    running.platform.cancel(&Running::reference()).await.expect("nothing to do");
    let again = running.platform.status(&Running::reference()).await.expect("known");
    assert_eq!(again, status);
}

#[tokio::test]
async fn a_command_may_tidy_up_when_cancelled() {
    let script = "trap 'echo tidied; exit 0' TERM; echo ready; sleep 60 & wait";
    let mut running = Running::script(script, |_| ());
    running.said("ready").await;
    running.platform.cancel(&Running::reference()).await.expect("asked");
    assert_eq!(running.ended().await.state, ExecutionState::Cancelled);
    assert_eq!(running.output().await, "ready\ntidied\n");
}

#[tokio::test]
async fn output_is_capped_and_ends_with_its_end() {
    let script = "head -c 300000 /dev/zero | tr '\\0' x; echo; echo the end";
    let mut running = Running::script(script, |launch| launch.output_cap = 1000);
    running.ended().await;
    let output = running.output().await;
    assert!(output.len() < 70_000 && output.contains("bytes left out"), "{}", output.len());
    assert!(output.ends_with("the end\n"));
}

#[tokio::test]
async fn resources_are_counted() {
    let script = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
    let status = check(script, ExecutionState::Succeeded, Some(0), "").await;
    let used = status.outcome.and_then(|o| o.resources).expect("resources");
    assert!(used.cpu_seconds > 0.005, "{used:?}");
    assert!(used.max_memory > 500_000, "{used:?}");
}

#[tokio::test]
async fn a_second_supervisor_starts_nothing() {
    let mut running = Running::script("echo run >> count; sleep 0.3", |_| ());
    let second = run_to_end(&running.run, &mut io::sink());
    second.expect("leaves quietly, or is the first");
    running.ended().await;
    assert_eq!(std::fs::read_to_string(running.file("count")).expect("a count"), "run\n");
}

#[tokio::test]
async fn what_never_started_is_found_out_and_never_starts() {
    let mut running = Running::prepared("touch late", |_| ());
    let key = IdempotencyKey(KEY.into());
    assert_eq!(running.platform.find(&IdempotencyKey::random()).await.expect("asked"), None);
    assert_eq!(running.platform.find(&key).await.expect("asked"), None);
    running.supervise();
    let status = running.ended().await;
    assert_eq!(status.state, ExecutionState::Failed);
    assert!(!running.file("late").exists());
}

#[tokio::test]
async fn what_started_is_found() {
    let mut running = Running::script("echo ready", |_| ());
    running.ended().await;
    let found = running.platform.find(&IdempotencyKey(KEY.into())).await.expect("asked");
    assert_eq!(found, Some(Running::reference()));
}

#[tokio::test]
async fn a_cancel_before_the_start_keeps_it_from_starting() {
    let mut running = Running::prepared("touch late", |_| ());
    running.platform.cancel(&Running::reference()).await.expect("noted");
    running.supervise();
    assert_eq!(running.ended().await.state, ExecutionState::Cancelled);
    assert!(!running.file("late").exists());
}

#[tokio::test]
async fn a_log_is_read_piece_by_piece_without_broken_characters() {
    let mut running = Running::script("printf '部署完成\\n'", |_| ());
    running.ended().await;
    let (mut text, mut from) = (String::new(), 0);
    loop {
        let piece = running.platform.log(&Running::reference(), from, 5).await.expect("a piece");
        text += &piece.text;
        from = piece.next;
        if piece.complete {
            break;
        }
    }
    assert_eq!(text, "部署完成\n");
}

#[test]
fn pieces_end_with_whole_characters() {
    let text = "a部".as_bytes();
    assert_eq!(whole_characters(text), 4);
    assert_eq!(whole_characters(&text[..3]), 1);
    assert_eq!(whole_characters(b"a\xff"), 2, "what is no text must not stop the reading");
    assert_eq!(whole_characters(b"\xff a\xe9\x83"), 3);
}

#[tokio::test]
async fn unknown_runs_are_named_as_such() {
    let running = Running::prepared("true", |_| ());
    for reference in ["../../etc", "", "ffffffffffffffffffffffffffffffff"] {
        let error = running.platform.status(&Reference(reference.into())).await;
        assert!(matches!(error, Err(PlatformError::Unknown { .. })), "{error:?}");
    }
}

#[tokio::test]
async fn a_question_is_answered_or_given_up() {
    let running = Running::prepared("true", |_| ());
    let ask =
        |script: &str| ["sh", "-c", script].map(|text| Argument::Literal(text.to_owned())).to_vec();
    let values = Values::new();
    let limit = Duration::from_secs(10);
    let answer = running.platform.ask(&ask("echo v2; echo; echo v1"), &values, limit).await;
    assert_eq!(
        answer.expect("an answer"),
        Answer { success: true, lines: vec!["v2".into(), "v1".into()] }
    );
    let answer = running.platform.ask(&ask("echo frozen >&2; exit 1"), &values, limit).await;
    assert_eq!(answer.expect("an answer"), Answer { success: false, lines: vec!["frozen".into()] });
    let late = running.platform.ask(&ask("sleep 20"), &values, Duration::from_millis(50)).await;
    assert!(matches!(late, Err(PlatformError::Unreachable { .. })), "{late:?}");
}
