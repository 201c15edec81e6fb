//! Plays conversations over a channel, as a person would: what is expected of each turn is looked
//! for in what the channel shows ([`Words`]). A channel needs one implementation of [`Chat`].

mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use steward::catalog::{Catalog, ParameterType, TemplateId, Value};
use tokio::sync::{Mutex, MutexGuard};

use crate::conversation::script::{self, Job, Press, Step};
use crate::conversation::{Script, World};

pub use words::Words;

/// So long a turn may take, until it is given up.
const PATIENCE: Duration = Duration::from_secs(40);

/// A person's end of a channel.
pub trait Chat {
    /// Says something.
    fn say(&mut self, text: &str) -> impl Future<Output = ()>;

    /// Presses the button with this label, below the latest message that has it, or the one
    /// before that. Where there is none, nothing comes of it, and the turn says so.
    fn press(&mut self, label: &str, earlier: bool) -> impl Future<Output = ()>;

    /// What has come since the person last did something.
    fn shown(&self) -> Vec<Shown>;

    /// Returns when something has come, or changed, since this was called.
    fn change(&self) -> impl Future<Output = ()>;
}

/// A message as it is shown, without any channel's markup.
#[derive(Debug, Clone)]
pub struct Shown {
    pub text: String,
    /// The labels of its buttons.
    pub buttons: Vec<String>,
}

/// The conversations that every channel passes: those that are marked for it, but for those that
/// are known to fail, and those that the core does not pass either.
///
/// # Panics
///
/// Where one is marked that can't be played over a channel.
pub fn shared(world: &World) -> Vec<Script> {
    let known = script::known_to_fail();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lantern-dialogues.jsonl");
    let example = std::fs::read_to_string(example).expect("the example's conversations");
    let own = script::from_folder("tests/conversations");
    let all = example.lines().map(script::from_json).chain(own);
    let shared: Vec<Script> = all.filter(|script| script.everywhere).collect();
    for script in &shared {
        assert!(is_playable(script, &world.catalog), "`{}` can't be played", script.title);
    }
    let passes = |script: &Script| !known.contains_key(&script.title) && world.play(script).is_ok();
    shared.into_iter().filter(passes).collect()
}

/// Whether a script says all that it takes to play it over a channel: it needs no past, no other
/// clock, and no job platform but the example's.
fn is_playable(script: &Script, catalog: &Catalog) -> bool {
    let alone = script.executions.is_empty()
        && script.used.is_empty()
        && script.collect.is_none()
        && script.allowed.is_none();
    let of_now = script
        .turns
        .iter()
        .all(|step| step.wait.is_none() && step.ended.is_none() && step.suggested.is_empty());
    let jobs = script.turns.iter().flat_map(|s| [&s.expect.plan, &s.expect.runs]).flatten();
    let timeless = jobs.into_iter().all(|job| {
        let template = catalog.job(&TemplateId::from(job.template.as_str()));
        let parameters = template.iter().flat_map(|template| &template.parameters);
        parameters
            .filter(|parameter| job.params.contains_key(&parameter.name))
            .all(|parameter| parameter.kind != ParameterType::Datetime)
    });
    alone && of_now && timeless
}

/// One at a time may work on something: what one conversation runs on is locked for the others.
#[derive(Default)]
pub struct Turns(BTreeMap<String, Mutex<()>>);

impl Turns {
    pub fn of(scripts: &[Script], catalog: &Catalog) -> Turns {
        let targets = scripts.iter().flat_map(|script| targets(script, catalog));
        Turns(targets.map(|target| (target, Mutex::default())).collect())
    }

    /// Waits until nobody else is about to work on what a script works on. Everybody takes the
    /// targets in one order, so that nobody waits in a circle.
    async fn take(&self, script: &Script, catalog: &Catalog) -> Vec<MutexGuard<'_, ()>> {
        let mut taken = Vec::new();
        for target in targets(script, catalog) {
            if let Some(mutex) = self.0.get(&target) {
                taken.push(mutex.lock().await);
            }
        }
        taken
    }
}

/// What a script's runs lock, whatever the job: one name for each combination of things.
fn targets(script: &Script, catalog: &Catalog) -> BTreeSet<String> {
    let runs = script.turns.iter().filter_map(|step| step.expect.runs.as_ref());
    runs.flat_map(|job| locked(job, catalog)).collect()
}

fn locked(job: &Job, catalog: &Catalog) -> Vec<String> {
    let template = catalog.job(&TemplateId::from(job.template.as_str()));
    let mut parts: Vec<_> = template.map_or(&[][..], |template| &template.lock).iter().collect();
    parts.sort_by_key(|part| &part.kind);
    parts.iter().fold(vec![String::new()], |names, part| {
        let values = part.parameters.iter().filter_map(|name| job.params.get(name));
        let mut things: Vec<String> = values
            .flat_map(|value| match value {
                Value::List(items) => items.clone(),
                single => vec![single.to_string()],
            })
            .collect();
        if things.is_empty() {
            things.push(String::new());
        }
        let longer = |name: &String| {
            let longer = things.iter().map(|thing| format!("{name} {}={thing}", part.kind));
            longer.collect::<Vec<_>>()
        };
        names.iter().flat_map(longer).collect()
    })
}

/// Plays a script to its end; the complaint says which turn went another way.
pub async fn play(
    chat: &mut impl Chat,
    script: &Script,
    words: &Words<'_>,
    turns: &Turns,
) -> Result<(), String> {
    let _turn = turns.take(script, words.catalog).await;
    let mut last = Vec::new();
    for (index, step) in script.turns.iter().enumerate() {
        let said = act(chat, step, words, &last).await;
        let limit = tokio::time::Instant::now() + PATIENCE;
        let outcome = loop {
            let change = chat.change();
            let shown = chat.shown();
            let outcome = words.check(&step.expect, &shown);
            if outcome.is_ok() || tokio::time::timeout_at(limit, change).await.is_err() {
                last = shown;
                break outcome;
            }
        };
        if let Err(why) = outcome {
            let texts: Vec<String> =
                last.iter().map(|m| format!("{}\n      {:?}", m.text, m.buttons)).collect();
            let place = format!("`{}`, turn {}: {said}: {why}", script.title, index + 1);
            return Err(format!("{place}\n    {}", texts.join("\n    ")));
        }
    }
    Ok(())
}

/// Does what the person does; says what that was.
async fn act(chat: &mut impl Chat, step: &Step, words: &Words<'_>, last: &[Shown]) -> String {
    let label = match &step.press {
        None => {
            let text = step.user.clone().unwrap_or_default();
            chat.say(&text).await;
            return format!("“{text}”");
        }
        Some(Press::Yes | Press::OldYes) => words.label("button-run", last),
        Some(Press::No) => words.label("button-cancel", last),
        Some(Press::Option(number)) => {
            let buttons = last.iter().rev().find(|m| !m.buttons.is_empty()).map(|m| &m.buttons);
            buttons.and_then(|buttons| buttons.get(number - 1)).cloned().unwrap_or_default()
        }
    };
    chat.press(&label, matches!(step.press, Some(Press::OldYes))).await;
    format!("[{label}]")
}
