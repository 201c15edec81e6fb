//! Plays conversations: stands in for the bot (it looks up, stores and runs nothing).

mod check;
pub mod script;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use steward::catalog::{Catalog, TemplateId};
use steward::channels::Address;
use steward::dialogue::{
    Act, FailedTargets, Input, Memory, Mind, Preferences, Ran, Scheduled, Session, Settings, Turn,
    turn,
};
use steward::jobs::schedule::When;
use steward::jobs::{ExecutionState, Recovery};
use steward::nlu::encoder::{self, Precision};
use steward::nlu::{Heads, Nlu, train};
use steward::plan::{Plan, PlanHash};

pub use script::Script;
use script::{Press, Step};

/// The catalogue and the understanding that every conversation shares.
pub struct World {
    pub catalog: Arc<Catalog>,
    nlu: Nlu,
    settings: Settings,
}

impl World {
    /// Loaded once for all tests of this program.
    pub fn get() -> &'static World {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let catalog = Arc::new(
                Catalog::load(&root.join("intents"), &root.join("training-data"))
                    .expect("the example catalogue loads"),
            );
            let nlu = nlu(root, &catalog);
            World { catalog, nlu, settings: Settings::default() }
        })
    }

    /// Plays a script; the complaint says where it went another way, and what was done instead.
    pub fn play(&self, script: &Script) -> Result<(), String> {
        let mut stage = Stage::new(script);
        for (index, step) in script.turns.iter().enumerate() {
            let (turn, returned) = stage.step(self, step);
            if let Err(why) = check::check(step, &turn) {
                let said = step.user.as_deref().unwrap_or("(a button)");
                let mut complaint =
                    format!("`{}`, turn {}: \"{said}\": {why}", script.title, index + 1);
                for act in &turn.acts {
                    let act = serde_json::to_string(act).expect("acts are plain data");
                    let _ = write!(complaint, "\n    {act}");
                }
                return Err(complaint);
            }
            stage.advance(turn, returned);
        }
        Ok(())
    }
}

/// The heads, trained once into the target folder and used again while their fingerprint fits.
/// A lock keeps test programs that run side by side from training twice.
fn nlu(root: &Path, catalog: &Arc<Catalog>) -> Nlu {
    let encoder = encoder::load(&root.join("models/encoder"), Precision::Int8)
        .expect("the encoder of the project loads");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("heads");
    std::fs::create_dir_all(&folder).expect("a folder for what tests learn");
    let lock = File::create(folder.join("lock")).expect("a lock file");
    lock.lock().expect("a lock");
    let options = train::Options::default();
    let fingerprint = train::fingerprint(catalog, encoder.as_ref(), &options);
    let heads = Heads::load(&folder, &fingerprint).unwrap_or_else(|_| {
        let heads = train::train(catalog, encoder.as_ref(), &options, &mut |_| {})
            .expect("the example catalogue can be learnt");
        heads.save(&folder).expect("heads can be written");
        heads
    });
    Nlu::new(Arc::clone(catalog), encoder, heads).expect("heads that fit")
}

/// A local date and time, where `now` is.
fn moment(local: &str, now: &ZonedDateTime) -> Timestamp {
    let local: jiff::civil::DateTime = local.parse().expect("a local date and time");
    local.to_zoned_datetime(now.time_zone().clone()).expect("a moment").timestamp()
}

/// A conversation under way.
struct Stage {
    session: Session,
    memory: Memory,
    now: ZonedDateTime,
    plans: Vec<Plan>,
    options: Vec<steward::dialogue::OptionItem>,
}

impl Stage {
    fn new(script: &Script) -> Self {
        let zone = TimeZone::get(&script.zone).expect("a time zone");
        let now: jiff::civil::DateTime = script.now.parse().expect("a local date and time");
        let now = now.to_zoned_datetime(zone).expect("a moment");
        let scope = Address { channel: script.channel.clone(), chat: "1".into(), thread: None };
        let executions = script.executions.iter().map(|earlier| Ran {
            number: earlier.number,
            template: TemplateId::from(earlier.template.as_str()),
            values: earlier.params.clone(),
            state: earlier.state,
            failed: earlier
                .failed
                .clone()
                .map(|(parameter, targets)| FailedTargets { parameter, targets }),
            recovery: Vec::new(),
            requested: now.timestamp(),
        });
        let allowed = script
            .allowed
            .as_ref()
            .map(|ids| ids.iter().map(|id| TemplateId::from(id.as_str())).collect::<BTreeSet<_>>());
        let schedules = script.schedules.iter().map(|later| Scheduled {
            number: later.number,
            template: TemplateId::from(later.template.as_str()),
            values: later.params.clone(),
            when: When::Once(moment(&later.at, &now)),
        });
        let memory = Memory {
            schedules: schedules.collect(),
            executions: executions.collect(),
            has_to_decide: script.to_decide,
            waits_for_others: script.waits_for_others,
            known: script.known().collect(),
            used: script.used.clone(),
            preferences: Preferences { language: None, collect: script.collect },
            allowed,
        };
        let session = Session::new(scope, "mira", script.lang, now.timestamp());
        Stage { session, memory, now, plans: Vec::new(), options: Vec::new() }
    }

    /// Does what the step says; the session travels through its stored form, as it does in the
    /// bot.
    fn step(&mut self, world: &World, step: &Step) -> (Turn, Session) {
        if let Some(wait) = &step.wait {
            let wait: SignedDuration = wait.parse().expect("a duration");
            self.now = self.now.checked_add(wait).expect("a moment");
        }
        if let (Some(state), Some(latest)) = (step.ended, self.memory.executions.first_mut()) {
            latest.state = state;
            if state != ExecutionState::Succeeded {
                latest.recovery = vec![Recovery::Again, Recovery::FullLog];
            }
        }
        let stored = serde_json::to_string(&self.session).expect("a session is plain data");
        let session = serde_json::from_str(&stored).expect("what was stored can be read");
        let mind = Mind { catalog: &world.catalog, nlu: &world.nlu, settings: &world.settings };
        let mut turn = turn(&mind, session, self.input(step), &self.memory, &self.now);
        if !step.suggested.is_empty() {
            assert!(turn.wants_suggestions(&world.catalog).is_some(), "nothing to suggest");
            turn.suggest(&step.suggested);
        }
        let session = turn.session.clone();
        (turn, session)
    }

    fn input(&self, step: &Step) -> Input {
        let hash = |plan: Option<&Plan>| plan.map_or(PlanHash(String::new()), Plan::hash);
        match &step.press {
            None => Input::Text(step.user.clone().unwrap_or_default()),
            Some(Press::Yes) => Input::Confirm(hash(self.plans.last())),
            Some(Press::No) => Input::Decline(hash(self.plans.last())),
            Some(Press::OldYes) => Input::Confirm(hash(self.plans.iter().rev().nth(1))),
            Some(Press::Option(number)) => Input::Pick(self.options[number - 1].pick.clone()),
        }
    }

    /// What the bot would do with the acts.
    fn advance(&mut self, turn: Turn, session: Session) {
        self.session = session;
        for act in turn.acts {
            match act {
                Act::Plan { plan, .. }
                    if self.plans.last().is_none_or(|last| last.hash() != plan.hash()) =>
                {
                    self.plans.push(plan);
                }
                Act::Asks { options, .. }
                | Act::Offers { options, .. }
                | Act::AsksWhen { options, .. }
                | Act::AsksSwitch { options, .. }
                | Act::Drafts { options, .. } => self.options = options,
                // What runs later becomes a schedule, the only one.
                Act::Runs { plan } if plan.when.is_some() => self.session.schedules = vec![1],
                Act::Runs { plan } => {
                    let number =
                        self.memory.executions.iter().map(|r| r.number).max().unwrap_or(1000) + 1;
                    let values = plan.plain_values();
                    self.memory.executions.insert(
                        0,
                        Ran {
                            number,
                            template: plan.template,
                            values,
                            state: ExecutionState::Running,
                            failed: None,
                            recovery: Vec::new(),
                            requested: self.now.timestamp(),
                        },
                    );
                }
                _ => {}
            }
        }
    }
}

/// Fails with every complaint, and says how many conversations passed: those that are known to
/// fail are not among them.
pub fn report(passed: usize, all: usize, complaints: &[String]) {
    println!("{passed} of {all} conversations pass");
    assert!(complaints.is_empty(), "{passed} of {all} pass\n\n{}", complaints.join("\n\n"));
}

/// What a plan says, for comparing with what a script expects.
pub fn plain(plan: &Plan) -> (String, BTreeMap<String, String>) {
    let values = plan.plain_values().into_iter().map(|(name, value)| (name, value.to_string()));
    (plan.template.to_string(), values.collect())
}
