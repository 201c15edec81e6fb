//! Groups: several people, topics, and those who approve.

use crate::USERS;
use crate::emulator::{BOT, Emulator, Message, State, USERNAME, private};
use crate::project::Project;
use crate::steward::{Steward, with_access, write};

const GROUP: i64 = -1_001_234;

#[tokio::test(flavor = "multi_thread")]
async fn only_whoever_asked_can_press() {
    let emulator = Emulator::start().await;
    let (kim, lee) = (emulator.person(1001, "Kim", "en"), emulator.person(1002, "Lee", "en"));
    let mallory = emulator.person(666, "Mallory", "zh-hans");
    let group = emulator.group(GROUP, &[]);
    let project = with_access(Project::counting(), USERS, "{}");
    let _steward = Steward::start(&project, &emulator);

    // What is not said to the bot is not seen, or not answered.
    emulator.say_in(group, None, &lee, "shall we count the label round-9?", None);
    let text = format!("@{USERNAME} count the label round-1");
    let asked = emulator.say_in(group, None, &kim, &text, None);
    let plan = emulator.shows(group, asked, "nothing has run yet").await;
    assert_eq!(plan.reply_to, Some(asked), "it is said to whom it is for");

    for other in [&lee, &mallory] {
        let press = emulator.press(other, &plan, "Run");
        let told = emulator.answered(&press).await.expect("a short text");
        assert!(["somebody else's", "别人的"].iter().any(|part| told.contains(part)), "{told}");
    }
    let press = emulator.press(&kim, &plan, "Run");
    assert_eq!(emulator.answered(&press).await, None);
    let end = |state: &State| {
        state.shown(group).find(|m| m.text.contains("#1 Count: succeeded")).cloned()
    };
    emulator.until("the end of the run", end).await;
    assert_eq!(project.starts().len(), 1);

    // Two people in one group never share a conversation: an answer is to one's own question.
    let text = format!("@{USERNAME} count");
    let asked = emulator.say_in(group, None, &kim, &text, None);
    let question = emulator.shows(group, asked, "Which label?").await;
    let text = format!("@{USERNAME} yes");
    let other = emulator.say_in(group, None, &lee, &text, None);
    emulator.shows(group, other, "nothing open").await;
    let answer = emulator.say_in(group, None, &kim, "round-2", Some(question.id));
    let plan = emulator.shows(group, answer, "nothing has run yet").await;
    assert!(plan.text.contains("round-2"), "{}", plan.text);
    emulator.assert_well_behaved().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_say_to_each_other_is_not_answered() {
    let emulator = Emulator::start().await;
    let lee = emulator.person(1002, "Lee", "en");
    let group = emulator.group(GROUP, &[]);
    emulator.shared.state().hears_all = true;
    let project = with_access(Project::counting(), USERS, "{}");
    let _steward = Steward::start(&project, &emulator);
    let elsewhere = "/status@another_bot";
    for words in ["did you see the match last night?", "中午吃什么？", elsewhere, "yes", "2"]
    {
        emulator.say_in(group, None, &lee, words, None);
    }
    // One message of a person comes after the other.
    let asked = emulator.say_in(group, None, &lee, &format!("@{USERNAME} help"), None);
    let help = emulator.shows(group, asked, "").await;
    let state = emulator.shared.state();
    let said: Vec<&Message> = state.shown(group).filter(|m| m.from == BOT).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(help.reply_to, Some(asked));
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_conversations_of_their_own() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "en");
    let group = emulator.group(GROUP, &[5, 6]);
    let project = with_access(Project::counting(), USERS, "{}");
    let _steward = Steward::start(&project, &emulator);
    let text = format!("@{USERNAME} count");
    let asked = emulator.say_in(group, Some(5), &kim, &text, None);
    let question = emulator.shows(group, asked, "Which label?").await;
    assert_eq!(question.topic, Some(5));
    let text = format!("/status@{USERNAME}");
    let other = emulator.say_in(group, Some(6), &kim, &text, None);
    let status = emulator.shows(group, other, "").await;
    assert_eq!(status.topic, Some(6));
    // The question is open where it was asked, and nowhere else.
    let elsewhere = emulator.say_in(group, Some(6), &kim, &format!("@{USERNAME} yes"), None);
    let nothing = emulator.shows(group, elsewhere, "nothing open").await;
    assert_eq!(nothing.topic, Some(6));
    let answer = emulator.say_in(group, Some(5), &kim, "round-3", Some(question.id));
    let plan = emulator.shows(group, answer, "nothing has run yet").await;
    assert_eq!(plan.topic, Some(5));
    emulator.press(&kim, &plan, "Run");
    let card = |state: &State| {
        state.shown(group).find(|m| m.text.contains("#1 Count: succeeded")).cloned()
    };
    assert_eq!(emulator.until("the card", card).await.topic, Some(5));
    emulator.assert_well_behaved().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approvers_decide_with_buttons_of_their_own() {
    let emulator = Emulator::start().await;
    let (kim, lee) = (emulator.person(1001, "Kim", "en"), emulator.person(1002, "Lee", "zh-hans"));
    let project = with_access(Project::counting(), USERS, "{}");
    write(&project.path().join("access/compliance.yaml"), FOUR_EYES);
    let _steward = Steward::start(&project, &emulator);
    let (of_kim, of_lee) = (private(&kim), private(&lee));

    let asked = emulator.say(&kim, "count the label round-1");
    let plan = emulator.shows(of_kim, asked, "nothing has run yet").await;
    emulator.press(&kim, &plan, "Run");
    emulator.shows(of_kim, plan.id, "waits for approval").await;
    let request = emulator
        .until("a request", |state| state.shown(of_lee).find(|m| m.from == BOT).cloned())
        .await;
    assert!(request.text.contains("round-1"), "{}", request.text);
    // It was sent to the approver alone, and the requester can't use its buttons.
    let approve = request.labels()[0].to_owned();
    let forged = Message { chat: of_kim, ..request.clone() };
    let press = emulator.press(&kim, &forged, &approve);
    assert!(emulator.answered(&press).await.is_some());
    assert_eq!(project.starts().len(), 0);

    let press = emulator.press(&lee, &request, &approve);
    assert_eq!(emulator.answered(&press).await, None);
    emulator
        .until("the report", |state| {
            state.shown(of_kim).find(|m| m.text.contains("#1 Count: succeeded")).cloned()
        })
        .await;
    assert_eq!(project.starts().values().sum::<usize>(), 1);
    emulator.assert_well_behaved().await;
}

const FOUR_EYES: &str = "
rules:
  - name: four-eyes
    when: {risk: low}
    action: approve
    approvers: {count: 1, roles: [tester]}
    lifetime: 8h
    message: {en: Somebody else has to agree., zh: 需要别人同意。}
";
