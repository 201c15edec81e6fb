//! What goes wrong between here and Telegram, and on either side.

use std::time::{Duration, Instant};

use crate::USERS;
use crate::emulator::{BOT, Emulator, Message, Mishap, State, TOKEN, USERNAME, private};
use crate::project::Project;
use crate::steward::{Steward, command, with_access, write};

/// Calls between two kills, in each round: they fall between all that happens from a request to
/// the report of its run.
const KILLS: [u64; 6] = [2, 5, 6, 8, 9, 11];

fn ended(number: usize, chat: i64) -> impl Fn(&State) -> Option<Message> {
    let text = format!("#{number} Count: succeeded");
    move |state| state.shown(chat).find(|m| m.text.contains(&text)).cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whenever_it_is_killed_nothing_is_lost_and_nothing_runs_twice() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "en");
    let chat = private(&kim);
    let project = with_access(Project::counting(), USERS, "{}");
    for (round, calls) in KILLS.into_iter().enumerate() {
        let mut steward = Steward::start(&project, &emulator);
        let before = emulator.shared.state().calls;
        emulator.say(&kim, &format!("count the label round-{round}"));
        emulator.say(&kim, "yes");
        let reached =
            |calls: u64| move |state: &State| (state.calls >= before + calls).then_some(());
        emulator.until("a first call", reached(1)).await;
        // There may be fewer calls than that: then it is killed while nothing goes on.
        let reached = reached(calls);
        emulator.shared.wait(Duration::from_secs(8), reached).await;
        steward.kill();
    }
    let _steward = Steward::start(&project, &emulator);
    for number in 1..=KILLS.len() {
        emulator.until(&format!("the end of #{number}"), ended(number, chat)).await;
    }
    let starts = project.starts();
    assert_eq!(starts.len(), KILLS.len(), "{starts:?}\n{}", emulator.transcript());
    assert!(starts.values().all(|count| *count == 1), "{starts:?}");
    assert!(emulator.shared.state().complaints.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_delays_and_never_doubles_a_run_and_the_token_stays_secret() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "en");
    let chat = private(&kim);
    let project = with_access(Project::counting(), USERS, "{}");
    for mishap in [Mishap::Lost, Mishap::AnswerLost] {
        for method in
            ["getupdates", "getme", "sendmessage", "answercallbackquery", "editmessagetext"]
        {
            emulator.mishap(method, mishap);
        }
    }
    emulator.shared.state().stutters = true;
    let mut command = command(&project, &emulator);
    command.env("RUST_LOG", "debug,hyper=trace,hyper_util=trace,reqwest=trace,teloxide=trace");
    let steward = Steward::run(&project, command);
    let asked = emulator.say(&kim, "count the label round-1");
    let plan = emulator.shows(chat, asked, "nothing has run yet").await;
    let press = emulator.press(&kim, &plan, "Run");
    emulator.answered(&press).await;
    emulator.until("the end", ended(1, chat)).await;

    // Telegram goes away for a while, and comes back.
    emulator.stop();
    emulator.say(&kim, "count the label round-2");
    emulator.say(&kim, "yes");
    emulator.start_again().await;
    emulator.until("the end", ended(2, chat)).await;
    let starts = project.starts();
    assert_eq!((starts.len(), starts.values().sum::<usize>()), (2, 2), "{starts:?}");

    let log = steward.log();
    assert!(!log.is_empty());
    let secret = TOKEN.split_once(':').expect("two parts").1;
    let shown = log.lines().find(|line| line.contains(secret));
    assert_eq!(shown, None, "the token is in the log");
    assert!(emulator.shared.state().complaints.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_waited_out_and_the_order_is_kept() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "en");
    let chat = private(&kim);
    let project = with_access(Project::counting(), USERS, "{}");
    let _steward = Steward::start(&project, &emulator);
    let asked = emulator.say(&kim, "/help");
    let help = emulator.shows(chat, asked, "").await;
    emulator.shared.state().limits.fill(chat, 2);
    let filled = Instant::now();
    emulator.say(&kim, "count the label round-1");
    emulator.say(&kim, "no");
    let dropped = emulator.shows(chat, help.id, "is dropped").await;
    assert!(filled.elapsed() >= Duration::from_secs(2));
    let state = emulator.shared.state();
    // One refusal, then patience.
    assert_eq!(state.floods.len(), 1, "{:?}", state.floods);
    let plan = state.shown(chat).find(|m| m.text.contains("nothing has run yet"));
    assert!(plan.is_some_and(|plan| plan.id < dropped.id), "in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_moves_is_followed_and_a_lost_card_is_sent_anew() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "en");
    let (old, new) = (emulator.group(-77, &[]), emulator.group(-100_077, &[]));
    let project = with_access(Project::counting(), USERS, "{}");
    write(&project.path().join("count.sh"), SLOW);
    let _steward = Steward::start(&project, &emulator);
    let run = async |chat: i64, label: &str| -> Message {
        let text = format!("@{USERNAME} count the label {label}");
        let asked = emulator.say_in(chat, None, &kim, &text, None);
        let plan = emulator.shows(chat, asked, "nothing has run yet").await;
        emulator.press(&kim, &plan, "Run");
        emulator.shows(chat, plan.id, "Count: ").await
    };
    // The job goes on until somebody lets it end.
    let hold = project.path().join("hold");
    write(&hold, "");
    let card = run(old, "round-1").await;
    emulator.shared.state().message_mut(old, card.id).expect("the card").deleted = true;
    std::fs::remove_file(&hold).expect("it is there");
    let anew = emulator.until("the end, in a new message", ended(1, old)).await;
    assert!(anew.id > card.id);

    write(&hold, "");
    run(old, "round-2").await;
    emulator.shared.state().chats.get_mut(&old).expect("the group").moved = Some(new);
    std::fs::remove_file(&hold).expect("it is there");
    emulator.until("the end, where the group is now", ended(2, new)).await;
    assert_eq!(project.starts().values().sum::<usize>(), 2);
    emulator.assert_well_behaved().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_come_at_once_while_many_cards_change() {
    let emulator = Emulator::start().await;
    let (kim, lee) = (emulator.person(1001, "Kim", "en"), emulator.person(1002, "Lee", "en"));
    let group = emulator.group(-100_088, &[]);
    let project = with_access(Project::counting(), USERS, "{}");
    write(&project.path().join("count.sh"), SLOW);
    let _steward = Steward::start(&project, &emulator);
    for (number, person) in [&kim, &lee, &kim].into_iter().enumerate() {
        let text = format!("@{USERNAME} count the label round-{number}");
        let asked = emulator.say_in(group, None, person, &text, None);
        let plan = emulator.shows(group, asked, "nothing has run yet").await;
        emulator.press(person, &plan, "Run");
        emulator.shows(group, plan.id, "Count: ").await;
    }
    let start = Instant::now();
    let asked = emulator.say_in(group, None, &kim, &format!("/list@{USERNAME}"), None);
    emulator.shows(group, asked, "").await;
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    for number in 1..=3 {
        emulator.until(&format!("the end of #{number}"), ended(number, group)).await;
    }
    // Each run has one message, however often it changed.
    let cards = |number: usize| {
        let headline = format!("#{number} Count: ");
        let state = emulator.shared.state();
        let shown = state.shown(group).filter(|m| m.from == BOT && m.text.starts_with(&headline));
        shown.filter(|m| m.labels().contains(&"Log")).count()
    };
    let cards = [1, 2, 3].map(cards);
    assert_eq!(cards, [1; 3], "{}", emulator.transcript());
    emulator.assert_well_behaved().await;
}

/// Counts slowly, and says how far it is.
const SLOW: &str = "#!/bin/sh
echo \"$STEWARD_KEY\" >> starts
for step in 1 2 3 4; do
    echo \"::progress $step/4 step $step::\"
    sleep 0.7
done
while [ -e hold ]; do sleep 0.1; done
echo counted
";
