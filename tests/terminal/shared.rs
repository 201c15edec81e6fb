//! The conversations that every channel passes, each with a program of its own that reads lines
//! and writes lines.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;

use futures::StreamExt;
use regex::Regex;
use steward::catalog::Language;

use crate::conversation::{Script, World, report};
use crate::over_channel::{Chat, Shown, Turns, Words, play, shared};
use crate::project::Project;
use crate::screen::Screen;

/// So many programs at a time.
const SIDE_BY_SIDE: usize = 4;

/// Somebody at a terminal.
struct Person {
    child: Child,
    input: ChildStdin,
    /// Every line is a message of its own.
    screen: Arc<Screen>,
    /// So many lines were there when the person last did something.
    since: usize,
    _project: Project,
}

impl Person {
    fn new(script: &Script) -> Person {
        let project = Project::new();
        let lang = match script.lang {
            Language::En => "C",
            Language::Zh => "zh_CN.UTF-8",
        };
        let mut command = project.steward();
        command.env("LANG", lang).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program");
        let input = child.stdin.take().expect("an input");
        let output = child.stdout.take().expect("an output");
        let screen = Arc::new(Screen::default());
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || read(output, &shown));
        Person { child, input, screen, since: 0, _project: project }
    }

    fn line(&mut self, line: &str) {
        self.since = self.screen.count();
        // A program that has ended shows nothing any more, and the turn says so.
        let _ = writeln!(self.input, "{line}");
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Puts on the screen what the program writes.
fn read(output: ChildStdout, screen: &Screen) {
    for (number, line) in BufReader::new(output).lines().map_while(Result::ok).enumerate() {
        screen.show(&number.to_string(), Shown { text: line, buttons: Vec::new() });
    }
}

impl Chat for Person {
    async fn say(&mut self, text: &str) {
        self.line(text);
    }

    /// Numbers pick what was asked last, and names the rest.
    async fn press(&mut self, label: &str, earlier: bool) {
        assert!(!earlier, "what has gone by in a terminal can't be pressed");
        let numbered = self.shown().pop().map(|shown| shown.buttons).unwrap_or_default();
        match numbered.iter().position(|own| own == label) {
            Some(place) => self.line(&(place + 1).to_string()),
            None => self.line(label),
        }
    }

    /// One message: a terminal does not say where one ends.
    fn shown(&self) -> Vec<Shown> {
        let lines = self.screen.after(self.since);
        let text = lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n");
        let buttons = buttons(&text);
        if text.is_empty() { Vec::new() } else { vec![Shown { text, buttons }] }
    }

    fn change(&self) -> impl Future<Output = ()> {
        self.screen.change()
    }
}

/// What can be picked: `  1  staging`, and `  [2 Cancel] [Log]`. The numbers begin anew with
/// every message that has some.
fn buttons(text: &str) -> Vec<String> {
    let pattern = r"(?m)^(?: {2}(\d)| (\d\d)) {2}(\S.*)$|\[(?:(\d+) )?([^\[\]]+)\]";
    let pattern = Regex::new(pattern).expect("a pattern");
    let mut buttons = Vec::new();
    for found in pattern.captures_iter(text) {
        let part = |group: usize| found.get(group).map(|part| part.as_str());
        if part(1).or(part(4)) == Some("1") {
            buttons.clear();
        }
        buttons.extend(part(3).or(part(5)).map(str::to_owned));
    }
    buttons
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_conversations_pass() {
    let world = World::get();
    let scripts = shared(world);
    let words = Words::new(&world.catalog);
    // Every person has a project alone, and waits for nobody.
    let turns = Turns::of(&[], &world.catalog);
    let played = scripts.iter().map(|script| {
        let (words, turns) = (&words, &turns);
        async move { play(&mut Person::new(script), script, words, turns).await }
    });
    let outcomes: Vec<Result<(), String>> =
        futures::stream::iter(played).buffer_unordered(SIDE_BY_SIDE).collect().await;
    let complaints: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    report(scripts.len() - complaints.len(), scripts.len(), &complaints);
}

#[test]
fn what_can_be_picked_is_read_off_the_lines() {
    let cases: [(&str, &[&str]); 4] = [
        (
            "Which environment?\n  1  production\n  2  staging\n  [3 Help]",
            &["production", "staging", "Help"],
        ),
        ("#1 Deploy: succeeded\n  [Log] [Run again]", &["Log", "Run again"]),
        ("  [1 Run] [2 Cancel]\nDropped.\n  [1 Help]", &["Help"]),
        ("  service  cart-service  you said", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(buttons(text), expected, "{text}");
    }
}
