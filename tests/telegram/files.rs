//! What is no text: charts come as photos, long output as a document.

use crate::USERS;
use crate::emulator::{BOT, Emulator, Message, State, private};
use crate::project::Project;
use crate::steward::{Steward, with_access, write};

/// So many lines the job writes: more than are shown at once.
const LINES: usize = 300;

/// What the bot sent into a chat behind a message, as files of a kind.
fn files(state: &State, chat: i64, after: i32, kind: &str) -> Vec<Message> {
    let shown = state.shown(chat).filter(|m| m.from == BOT && m.id > after);
    shown.filter(|m| m.file.as_ref().is_some_and(|file| file.kind == kind)).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_are_photos_and_a_long_log_is_a_document() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "en");
    let project = with_access(Project::counting(), USERS, "{}");
    write(&project.path().join("count.sh"), TALKATIVE);
    let _steward = Steward::start(&project, &emulator);
    let chat = private(&kim);
    let mut asked = 0;
    let mut card = None;
    // A trend takes a few runs.
    for number in 1..=3 {
        asked = emulator.say(&kim, &format!("count the label round-{number}"));
        let plan = emulator.shows(chat, asked, "nothing has run yet").await;
        emulator.press(&kim, &plan, "Run");
        card = Some(emulator.shows(chat, plan.id, &format!("#{number} Count: failed")).await);
    }
    let card = card.expect("three runs");

    // How long the runs took, and what went wrong in this one.
    let photos = emulator
        .until("two charts", |state| {
            let photos = files(state, chat, asked, "photo");
            (photos.len() >= 2).then_some(photos)
        })
        .await;
    for photo in &photos {
        let content = &photo.file.as_ref().expect("a photo").content;
        let picture = png::Decoder::new(content.as_slice()).read_info().expect("a picture");
        assert!(picture.info().width >= 600, "{:?}", picture.info());
        assert!(!photo.text.is_empty() && photo.labels().is_empty(), "{}", photo.text);
    }
    let captions: Vec<&str> = photos.iter().map(|photo| photo.text.as_str()).collect();
    assert!(captions.iter().any(|caption| caption.contains("3 errors")), "{captions:?}");

    // The end of the log is text: more than one message takes, as Telegram counts. All of it is
    // a file.
    emulator.press(&kim, &card, "Log");
    let after = photos[photos.len() - 1].id;
    let tail = emulator
        .until("the end of the log", |state| {
            let shown = state.shown(chat).filter(|m| m.from == BOT && m.id > after);
            let texts: Vec<Message> = shown.filter(|m| m.file.is_none()).cloned().collect();
            texts.last()?.labels().contains(&"All of it").then_some(texts)
        })
        .await;
    assert_eq!(tail.len(), 2, "messages");
    let lines: Vec<&str> =
        tail.iter().flat_map(|m| m.text.lines()).filter(|l| l.starts_with("line ")).collect();
    assert_eq!(lines.len(), 20 - 3, "{lines:?}");
    assert!(lines[lines.len() - 1].starts_with(&format!("line {LINES} ")), "{lines:?}");
    let whole = &tail[tail.len() - 1];
    emulator.press(&kim, whole, "All of it");
    let document =
        emulator.until("a document", |state| files(state, chat, whole.id, "document").pop()).await;
    let file = document.file.expect("a document");
    assert_eq!(file.name, "count-3.log");
    let content = String::from_utf8(file.content).expect("text");
    let lines = content.lines().filter(|line| line.starts_with("line ") && line.ends_with('🚀'));
    assert_eq!(lines.count(), LINES);
    emulator.assert_well_behaved().await;
}

/// Says a lot, and fails. A rocket is one character, and two of those that Telegram counts.
const TALKATIVE: &str = "#!/bin/sh
echo \"$STEWARD_KEY\" >> starts
rocket='🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀'
line=$rocket$rocket$rocket$rocket$rocket$rocket$rocket$rocket$rocket$rocket$rocket$rocket
for number in $(seq 297); do echo \"line $number $line\"; done
echo 'ERROR: connection refused by db-1'
echo 'ERROR: connection refused by db-2'
echo 'ERROR: no space left on device'
for number in 298 299 300; do echo \"line $number $line\"; done
exit 1
";
