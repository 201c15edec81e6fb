//! The conversations that every channel passes, played over Telegram by as many people as there
//! are conversations, all at the same time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use crate::conversation::{Script, World, report, script};
use crate::emulator::{BOT, Emulator, Message, Person, State, private};
use crate::over_channel::{Chat, Shown, Words, is_playable, play};
use crate::project::Project;
use crate::steward::{Steward, with_access};

/// Conversations of our own that are played besides the example's.
const FOLDER: &str = "tests/conversations";
const OF_OUR_OWN: usize = 24;

/// Longer than anybody waits.
const LONG: Duration = Duration::from_secs(3_600);

/// Somebody with a telephone.
struct Telephone {
    emulator: Arc<Emulator>,
    person: Person,
    /// The person's own last message, and what had changed by then.
    since: i32,
}

impl Telephone {
    fn new_messages(&self) -> Vec<Message> {
        let state = self.emulator.shared.state();
        let shown = state.shown(private(&self.person));
        shown.filter(|m| m.from == BOT && m.id > self.since).cloned().collect()
    }
}

impl Chat for Telephone {
    fn say(&mut self, text: &str) {
        self.since = self.emulator.say(&self.person, text);
    }

    fn press(&mut self, label: &str, earlier: bool) {
        let chat = private(&self.person);
        let (message, latest) = {
            let state = self.emulator.shared.state();
            let mut with_it = state.shown(chat).rev().filter(|m| m.labels().contains(&label));
            let message = with_it.nth(usize::from(earlier)).cloned();
            (message, state.shown(chat).next_back().map_or(0, |m| m.id))
        };
        self.since = latest;
        // Where there is no such button, nothing comes of it, and the turn says so.
        if let Some(message) = message {
            self.emulator.press(&self.person, &message, label);
        }
    }

    fn shown(&self) -> Vec<Shown> {
        let shown = |message: Message| Shown {
            buttons: message.labels().into_iter().map(str::to_owned).collect(),
            text: message.text,
        };
        self.new_messages().into_iter().map(shown).collect()
    }

    fn change(&self) -> impl Future<Output = ()> {
        let chat = private(&self.person);
        let look = move |state: &State| {
            let texts = state.shown(chat).map(|m| (m.id, m.text.clone(), m.keyboard.clone()));
            texts.collect::<Vec<_>>()
        };
        // Now, and not when somebody begins to wait.
        let before = look(&self.emulator.shared.state());
        async move {
            let changed = |state: &State| (look(state) != before).then_some(());
            self.emulator.shared.wait(LONG, changed).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_conversations_pass() {
    let world = World::get();
    let known = script::known_to_fail();
    let text = include_str!("../data/lantern-dialogues.jsonl");
    let example = text.lines().map(script::from_json);
    let own = script::from_folder(FOLDER).into_iter().filter(|s| is_playable(s, &world.catalog));
    let scripts = example.filter(|s| is_playable(s, &world.catalog)).chain(own.take(OF_OUR_OWN));
    let scripts: Vec<Script> = scripts
        .filter(|script| !known.contains_key(&script.title))
        // What the core does not do, no channel can.
        .filter(|script| world.play(script).is_ok())
        .collect();
    let titles: BTreeSet<&str> = scripts.iter().map(|script| script.title.as_str()).collect();
    assert_eq!(titles.len(), scripts.len(), "titles are unique");
    assert!(scripts.len() >= 50, "only {} can be played", scripts.len());

    let emulator = Arc::new(Emulator::start().await);
    let project = with_access(Project::new(), &users(scripts.len()), "{}");
    let _steward = Steward::start(&project, &emulator);
    let words = Words::new(&world.catalog);
    let played = scripts.iter().enumerate().map(|(i, script)| {
        let person = emulator.person(5_000 + i as u64, "Somebody", script.lang.code());
        let mut telephone = Telephone { emulator: Arc::clone(&emulator), person, since: 0 };
        let words = &words;
        async move { play(&mut telephone, script, words).await }
    });
    let complaints: Vec<String> =
        join_all(played).await.into_iter().filter_map(Result::err).collect();
    report(scripts.len() - complaints.len(), scripts.len(), &complaints);
    emulator.assert_well_behaved().await;
}

/// As many people who may do everything.
fn users(count: usize) -> String {
    let mut users = String::from("roles: {tester: tests}\nusers:\n");
    for i in 0..count {
        let id = 5_000 + i;
        users.push_str(&format!(
            "  - {{id: p{i}, name: P, roles: [tester], identities: [{{channel: telegram, id: '{id}'}}]}}\n"
        ));
    }
    users
}
