//! The conversations that every channel passes, played over Telegram by as many people as there
//! are conversations, all at the same time.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use crate::conversation::{World, report};
use crate::emulator::{BOT, Emulator, Message, Person, State, private};
use crate::over_channel::{Chat, Shown, Turns, Words, play, shared};
use crate::project::Project;
use crate::steward::{Steward, with_access};

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
    async fn say(&mut self, text: &str) {
        self.since = self.emulator.say(&self.person, text);
    }

    async fn press(&mut self, label: &str, earlier: bool) {
        let chat = private(&self.person);
        let (message, latest) = {
            let state = self.emulator.shared.state();
            let mut with_it = state.shown(chat).rev().filter(|m| m.labels().contains(&label));
            let message = with_it.nth(usize::from(earlier)).cloned();
            (message, state.shown(chat).next_back().map_or(0, |m| m.id))
        };
        self.since = latest;
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
    let scripts = shared(world);
    let emulator = Arc::new(Emulator::start().await);
    let project = with_access(Project::new(), &users(scripts.len()), "{}");
    let _steward = Steward::start(&project, &emulator);
    let (words, turns) = (Words::new(&world.catalog), Turns::of(&scripts, &world.catalog));
    let played = scripts.iter().enumerate().map(|(i, script)| {
        let person = emulator.person(5_000 + i as u64, "Somebody", script.lang.code());
        let mut telephone = Telephone { emulator: Arc::clone(&emulator), person, since: 0 };
        let (words, turns) = (&words, &turns);
        async move { play(&mut telephone, script, words, turns).await }
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
