//! A private chat: what one person relies on.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::emulator::{BOT, Emulator, State, private};
use crate::project::Project;
use crate::steward::{Steward, command, with_access, write};
use crate::{USERS, emulator};

#[tokio::test(flavor = "multi_thread")]
async fn from_words_to_a_result_on_one_card() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "en");
    let project = with_access(Project::counting(), USERS, "{}");
    let mut steward = Steward::start(&project, &emulator);

    // The menu is there, in each language.
    let menus = emulator.until("menus", |s| (s.menus.len() == 3).then(|| s.menus.clone())).await;
    let described = |language: &str| {
        let menu = &menus[language];
        menu.iter().find(|(name, _)| name == "status").map(|(_, text)| text.clone())
    };
    assert!(described("en").is_some_and(|text| text.is_ascii()));
    assert!(described("zh").is_some_and(|text| !text.is_ascii()));
    assert_eq!(described(""), described("en"));

    let asked = emulator.say(&kim, "count the label round-1");
    let chat = private(&kim);
    let plan = emulator.shows(chat, asked, "nothing has run yet").await;
    assert!(plan.text.contains("label  round-1  you said"), "{}", plan.text);
    assert_eq!(plan.labels(), ["Run", "Change something", "Cancel"]);
    let bold: Vec<_> = plan.entities.iter().map(|e| e["type"].as_str()).collect();
    assert_eq!(bold, [Some("bold"), Some("bold"), Some("italic")]);

    let press = emulator.press(&kim, &plan, "Run");
    assert_eq!(emulator.answered(&press).await, None);
    let card = emulator
        .until("a card that says how it ended", |state| {
            state.shown(chat).find(|m| m.text.contains("#1 Count: succeeded")).cloned()
        })
        .await;
    assert!(card.history.len() > 1, "the card was edited: {:?}", card.history);
    assert!(card.labels().contains(&"Log"), "{:?}", card.labels());
    // The question shows what was picked, and can't be answered twice.
    emulator
        .until("the mark of what was picked", |state| {
            let shown = state.message(chat, plan.id)?;
            (shown.labels() == ["✓ Run"]).then_some(())
        })
        .await;
    let again = emulator.press(&kim, &plan, "Run");
    emulator.answered(&again).await;

    // A command, and the buttons of a card, work as often as one likes.
    let log = emulator.press(&kim, &card, "Log");
    assert_eq!(emulator.answered(&log).await, None);
    emulator.shows(chat, card.id, "counted").await;
    let asked = emulator.say(&kim, "/status #1");
    emulator.shows(chat, asked, "succeeded").await;

    assert!(steward.terminate(), "{}", steward.log());
    assert_eq!(project.starts().values().sum::<usize>(), 1);
    emulator.assert_well_behaved().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_told_the_id_to_be_linked_and_nothing_else() {
    let emulator = Emulator::start().await;
    let stranger = emulator.person(666, "Stranger", "zh-hans");
    let project = with_access(Project::counting(), USERS, "{}");
    let _steward = Steward::start(&project, &emulator);
    let chat = private(&stranger);
    let asked = emulator.say(&stranger, "count the label round-1");
    let told = emulator.shows(chat, asked, "666").await;
    assert!(told.text.contains("telegram"), "{}", told.text);
    let asked = emulator.say(&stranger, "/link");
    emulator.shows(chat, asked, "steward users link").await;
    emulator.assert_well_behaved().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_literal_is_shown_as_it_is() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "en");
    let project = with_access(Project::counting(), USERS, "{}");
    // A job that echoes everything that any markup language may want.
    let nasty = "*b* _i_ [l](tg://user?id=1) `c` <b>x</b> &amp; ~s~ ||h|| \\\\ 🚀 #1 @all";
    let script = format!("#!/bin/sh\ncat <<'END'\n{nasty}\nEND\n");
    write(&project.path().join("count.sh"), &script);
    let _steward = Steward::start(&project, &emulator);
    let chat = private(&kim);
    let asked = emulator.say(&kim, "count the label round-1");
    let plan = emulator.shows(chat, asked, "nothing has run yet").await;
    emulator.press(&kim, &plan, "Run");
    let card = emulator
        .until("the end", |state| {
            state.shown(chat).find(|m| m.text.contains("#1 Count: succeeded")).cloned()
        })
        .await;
    emulator.press(&kim, &card, "Log");
    let log = emulator.shows(chat, card.id, nasty).await;
    let code = log.entities.last().expect("a block of code");
    assert_eq!(code["type"], "pre");
    emulator.assert_well_behaved().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_a_secret_is_taken_out_of_the_chat() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "en");
    let project = with_access(Project::counting(), USERS, "{}");
    let _steward = Steward::start(&project, &emulator);
    let chat = private(&kim);
    let asked = emulator.say(&kim, "my token is ghp_0123456789abcdefghijABCDEFGHIJ012345");
    emulator.shows(chat, asked, "").await;
    let gone = |state: &State| state.message(chat, asked).is_none().then_some(());
    emulator.until("the message is deleted", gone).await;
    emulator.assert_well_behaved().await;
}

#[test]
fn a_wrong_token_is_said_and_nothing_of_it_shown() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let emulator = runtime.block_on(Emulator::start());
    let wrong = "4242:AAWrongWrongWrongWrongWrongWrongWro";
    let project = with_access(Project::counting(), USERS, "{}");
    let mut command = command(&project, &emulator);
    command.env("STEWARD_TELEGRAM_TOKEN", wrong).env("RUST_LOG", "trace").stderr(Stdio::piped());
    let output = command.output().expect("the program");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{complaint}");
    assert!(complaint.contains("Telegram does not accept the token"), "{complaint}");
    assert!(!complaint.contains("AAWrong"), "{complaint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_is_read_unless_others_can_read_it() {
    let emulator = Emulator::start().await;
    let project = with_access(Project::counting(), USERS, "{token_file: token}");
    let token = project.path().join("token");
    write(&token, emulator::TOKEN);
    let mut refused = command(&project, &emulator);
    let output = refused.stderr(Stdio::piped()).output().expect("the program");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{complaint}");
    assert!(complaint.contains("chmod 600"), "{complaint}");
    assert!(!complaint.contains("AAEmulator"), "{complaint}");

    std::fs::set_permissions(&token, Permissions::from_mode(0o600)).expect("a mode");
    let mut command = command(&project, &emulator);
    command.env_remove("STEWARD_TELEGRAM_TOKEN");
    let _steward = Steward::run(&project, command);
    emulator.until("a menu", |state| (!state.menus.is_empty()).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_read_gets_a_hint_and_no_more() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "zh-hans");
    let project = with_access(Project::counting(), USERS, "{}");
    let _steward = Steward::start(&project, &emulator);
    let chat = private(&kim);
    {
        let mut state = emulator.shared.state();
        let said = serde_json::json!({
            "message_id": 90, "date": 1_764_230_400, "from": kim.json(),
            "chat": {"id": chat, "type": "private", "first_name": "Kim"},
            "voice": {"file_id": "f", "file_unique_id": "u", "duration": 3, "file_size": 9, "mime_type": "audio/ogg"},
        });
        state.queue("message", said.clone());
        // An edit, and something that no version of Telegram has yet.
        state.queue("edited_message", said);
        state.queue("telepathy", serde_json::json!({"thought": "count"}));
    }
    emulator.shared.changed();
    let hint = emulator.shows(chat, 0, "文字").await;
    let asked = emulator.say(&kim, "/help");
    emulator.shows(chat, asked, "").await;
    let state = emulator.shared.state();
    let said: Vec<_> = state.shown(chat).filter(|m| m.from == BOT && m.id < asked).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].id, hint.id);
}
