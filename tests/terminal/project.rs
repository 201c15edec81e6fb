//! A project folder as a user has one: the example catalogue and its jobs, with a state of its
//! own.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A folder with a configuration, and what it takes to chat there.
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// The example project, with nothing said or run yet.
    pub fn new() -> Project {
        let folder = tempfile::tempdir().expect("a folder");
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["intents", "training-data", "access", "demo"] {
            link(&source.join(name), &folder.path().join(name));
        }
        link(&models(), &folder.path().join("models"));
        std::fs::write(
            folder.path().join("steward.yaml"),
            "conversation: {time_zone: UTC}\nsupport: {en: the platform team}\n\
             jobs: {environment: [STEWARD_DEMO_SPEED]}\n",
        )
        .expect("a configuration");
        Project { folder }
    }

    /// A project with one job, which counts how often it is started.
    pub fn counting() -> Project {
        let folder = tempfile::tempdir().expect("a folder");
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        let jobs = folder.path().join("intents/jobs");
        std::fs::create_dir_all(&jobs).expect("a folder");
        std::fs::create_dir_all(folder.path().join("training-data/en")).expect("a folder");
        std::fs::create_dir_all(folder.path().join("access/policy")).expect("a folder");
        let commands = folder.path().join("intents/commands.yaml");
        link(&source.join("intents/commands.yaml"), &commands);
        for language in ["en", "zh"] {
            let place = folder.path().join("training-data").join(language);
            std::fs::create_dir_all(&place).expect("a folder");
            link(
                &source.join("training-data").join(language).join("commands"),
                &place.join("commands"),
            );
        }
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("a file");
        };
        write("intents/jobs/count.yaml", COUNT);
        write("training-data/en/count.yaml", COUNT_EXAMPLES);
        write("access/users.yaml", USERS);
        write("access/policy/all.yaml", POLICY);
        write("count.sh", COUNT_SCRIPT);
        let mut permissions =
            std::fs::metadata(folder.path().join("count.sh")).expect("it").permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
        std::fs::set_permissions(folder.path().join("count.sh"), permissions).expect("a mode");
        // The first one learns, before anybody's first kill.
        static LEARNT: Mutex<bool> = Mutex::new(false);
        let mut learnt = LEARNT.lock().unwrap_or_else(PoisonError::into_inner);
        let models = Path::new(env!("CARGO_TARGET_TMPDIR")).join("models-counting");
        std::fs::create_dir_all(&models).expect("a folder");
        if !models.join("encoder").exists() {
            link(&source.join("models/encoder"), &models.join("encoder"));
        }
        link(&models, &folder.path().join("models"));
        let project = Project { folder };
        if !*learnt {
            project.chat(&["/list"]);
            *learnt = true;
        }
        project
    }

    /// How often each run of the counting job was started, by its key.
    pub fn starts(&self) -> BTreeMap<String, usize> {
        let lines = std::fs::read_to_string(self.path().join("starts")).unwrap_or_default();
        lines.lines().fold(BTreeMap::new(), |mut counts, key| {
            *counts.entry(key.to_owned()).or_default() += 1;
            counts
        })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The program in this folder.
    pub fn steward(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
        command
            .current_dir(self.path())
            .env("USER", "tester")
            .env("LANG", "C")
            .env("STEWARD_DEMO_SPEED", "0")
            .env_remove("RUST_LOG")
            .env_remove("STEWARD_CONFIG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// What is said to these lines, until the runs that they started are over.
    pub fn chat(&self, lines: &[&str]) -> String {
        let mut child = self.steward().spawn().expect("the program");
        write(&mut child, lines);
        let output = child.wait_with_output().expect("its output");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{lines:?}: {said}\n{complaints}");
        said
    }
}

const COUNT: &str = "
id: count
name: {en: Count, zh: 计数}
description: {en: Counts a label, zh: 计数}
tags: [test]
risk: low
parameters:
  - {name: label, type: string, required: true, pattern: '[a-z]+-[0-9]+', description: {en: The label to count, zh: 标签}}
run:
  platform: local
  command: [./count.sh, \"{label}\"]
  timeout: 1m
";

const COUNT_EXAMPLES: &str = "
version: \"3.1\"
nlu:
  - intent: count
    examples: |
      - count the label [round-1](label)
      - count [round-2](label)
      - please count the label [round-77](label)
      - count label [step-3](label)
";

const COUNT_SCRIPT: &str = "#!/bin/sh
echo \"$STEWARD_KEY\" >> starts
sleep 0.3
echo counted
";

const USERS: &str = "
roles: {tester: tests}
users:
  - {id: tester, name: Tester, roles: [tester], identities: [{channel: terminal, id: '*'}, {channel: api, id: tester}]}
";

const POLICY: &str = "
rules:
  - {name: all, effect: allow, when: {role: tester}}
";

/// Writes lines to a program, and ends its input.
pub fn write(child: &mut Child, lines: &[&str]) {
    let mut input = child.stdin.take().expect("an input");
    for line in lines {
        // A program that has ended already says why itself.
        let _ = writeln!(input, "{line}");
    }
}

/// The models folder, learnt once for all tests.
fn models() -> PathBuf {
    static MODELS: OnceLock<PathBuf> = OnceLock::new();
    MODELS
        .get_or_init(|| {
            let source = Path::new(env!("CARGO_MANIFEST_DIR"));
            let models = Path::new(env!("CARGO_TARGET_TMPDIR")).join("models");
            std::fs::create_dir_all(&models).expect("a folder for models");
            let encoder = models.join("encoder");
            if !encoder.exists() {
                link(&source.join("models/encoder"), &encoder);
            }
            let status = Command::new(env!("CARGO_BIN_EXE_steward"))
                .current_dir(source)
                .args(["parse", "--models"])
                .arg(&models)
                .arg("hello")
                .stdout(Stdio::null())
                .status()
                .expect("the program");
            assert!(status.success(), "the catalogue can't be learnt");
            models
        })
        .clone()
}

fn link(to: &Path, from: &Path) {
    std::os::unix::fs::symlink(to, from).expect("a link");
}
