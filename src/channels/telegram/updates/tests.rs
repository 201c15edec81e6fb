use serde_json::{Value as Json, json};

use super::*;

const BOT: u64 = 99;

fn me() -> Me {
    Me { id: BOT, username: "Steward_Bot".into() }
}

fn kim() -> Json {
    json!({"id": 7, "is_bot": false, "first_name": "Kim", "last_name": "Lee", "username": "kim", "language_code": "zh-hans"})
}

fn bot() -> Json {
    json!({"id": BOT, "is_bot": true, "first_name": "Steward", "username": "Steward_Bot"})
}

fn private() -> Json {
    json!({"id": 7, "type": "private", "first_name": "Kim"})
}

fn group() -> Json {
    json!({"id": -1005, "type": "supergroup", "title": "Ops", "is_forum": true})
}

/// A message from Kim with more fields, as an update.
fn message(chat: Json, more: Json) -> Json {
    let mut message = json!({"message_id": 5, "date": 1_764_230_400, "chat": chat, "from": kim()});
    let fields = more.as_object().expect("fields").clone();
    message.as_object_mut().expect("an object").extend(fields);
    json!({"update_id": 1000, "message": message})
}

fn arrival(update: Json) -> Arrival {
    let update: Update = serde_json::from_str(&update.to_string()).expect("an update");
    assert!(!matches!(update.kind, UpdateKind::Error(_)), "{update:?}");
    read(update, &me(), &|name| name == "status", Timestamp::UNIX_EPOCH)
}

#[test]
fn words_are_passed_on_with_who_said_them_where() {
    let said = message(
        group(),
        json!({"text": "@steward_bot  restart web-03", "is_topic_message": true, "message_thread_id": 12}),
    );
    let Arrival::Said { inbound, message } = arrival(said) else { panic!("words") };
    let expected = Inbound {
        id: "99-1000".into(),
        address: Place { chat: -1005, topic: Some(12) }.address(),
        sender: Sender { id: "7".into(), name: "Kim Lee (@kim)".into() },
        body: Body::Text("restart web-03".into()),
        group: true,
        addressed: true,
        at: Timestamp::from_second(1_764_230_400).expect("a moment"),
        language: Some(Language::Zh),
        origin: None,
        shown: Some(Receipt("5".into())),
    };
    assert_eq!((*inbound, message), (expected, 5));
}

#[test]
fn a_mention_an_answer_or_a_command_addresses_the_bot() {
    let answer_to = |from: Json| json!({"message_id": 4, "date": 1_764_230_000, "chat": group(), "from": from, "text": "Which?"});
    // (chat, fields, the words and whether they are addressed; None: nothing)
    let cases = [
        (private(), json!({"text": "restart web-03"}), Some(("restart web-03", true))),
        (group(), json!({"text": "restart web-03"}), Some(("restart web-03", false))),
        (group(), json!({"text": "@Steward_Bot, restart"}), Some(("restart", true))),
        (group(), json!({"text": "please @steward_bot restart"}), Some(("please restart", true))),
        (group(), json!({"text": "@steward_bot"}), Some(("/help", true))),
        (
            group(),
            json!({"text": "mail x@steward_bot.org"}),
            Some(("mail x@steward_bot.org", false)),
        ),
        (group(), json!({"text": "@steward_bots restart"}), Some(("@steward_bots restart", false))),
        (group(), json!({"text": "@dana restart it"}), Some(("@dana restart it", false))),
        (group(), json!({"text": "@steward_bot 重启 web-03"}), Some(("重启 web-03", true))),
        (group(), json!({"text": "/status@steward_bot #7"}), Some(("/status #7", true))),
        (group(), json!({"text": "/status #7"}), Some(("/status #7", true))),
        (group(), json!({"text": "/weather"}), Some(("/weather", false))),
        (private(), json!({"text": "/weather"}), Some(("/weather", true))),
        (group(), json!({"text": "/status@other_bot"}), None),
        (private(), json!({"text": "/status@other_bot"}), None),
        (group(), json!({"text": "/etc/hosts is full"}), Some(("/etc/hosts is full", false))),
        (
            group(),
            json!({"text": "staging", "reply_to_message": answer_to(bot())}),
            Some(("staging", true)),
        ),
        (
            group(),
            json!({"text": "staging", "reply_to_message": answer_to(kim())}),
            Some(("staging", false)),
        ),
        (private(), json!({"text": "line one\nline two"}), Some(("line one\nline two", true))),
        (private(), json!({"text": "  \n "}), None),
        (
            private(),
            json!({"caption": "restart this", "photo": photo()}),
            Some(("restart this", true)),
        ),
    ];
    for (chat, fields, expected) in cases {
        let told = fields.to_string();
        let heard = match arrival(message(chat, fields)) {
            Arrival::Said { inbound, .. } => match inbound.body {
                Body::Text(text) => Some((text, inbound.addressed)),
                body => panic!("{body:?}"),
            },
            _ => None,
        };
        let heard = heard.as_ref().map(|(text, addressed)| (text.as_str(), *addressed));
        assert_eq!(heard, expected, "{told}");
    }
}

#[test]
fn a_thread_of_answers_is_no_place_of_its_own() {
    let said = message(group(), json!({"text": "/status", "message_thread_id": 12}));
    let Arrival::Said { inbound, .. } = arrival(said) else { panic!("words") };
    assert_eq!(inbound.address.thread, None);
}

fn photo() -> Json {
    json!([{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1, "file_size": 1}])
}

fn voice() -> Json {
    json!({"file_id": "f", "file_unique_id": "u", "duration": 3, "file_size": 9, "mime_type": "audio/ogg"})
}

fn sticker() -> Json {
    json!({
        "file_id": "f", "file_unique_id": "u", "file_size": 9, "type": "regular", "width": 1,
        "height": 1, "is_animated": false, "is_video": false,
    })
}

#[test]
fn what_nobody_can_read_is_explained_to_whoever_wanted_it_read() {
    let forwarded = json!({"text": "deploy it", "forward_origin": {
        "type": "hidden_user", "date": 1_764_230_000, "sender_user_name": "Dana",
    }});
    let anonymous = json!({
        "text": "@steward_bot deploy it",
        "from": {"id": 1_087_968_824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot"},
        "sender_chat": group(),
    });
    let cases = [
        (private(), json!({"voice": voice()}), Some(Unreadable::NoWords)),
        (private(), json!({"photo": photo()}), Some(Unreadable::NoWords)),
        (group(), json!({"voice": voice()}), None),
        (private(), json!({"sticker": sticker()}), None),
        (private(), forwarded.clone(), Some(Unreadable::Forwarded)),
        (group(), forwarded, None),
        (group(), anonymous, Some(Unreadable::Anonymous)),
    ];
    for (chat, fields, expected) in cases {
        let told = fields.to_string();
        let why = match arrival(message(chat, fields)) {
            Arrival::Unreadable { why, language, .. } => {
                assert!(why == Unreadable::Anonymous || language == Some(Language::Zh));
                Some(why)
            }
            Arrival::Nothing => None,
            other => panic!("{other:?} for {told}"),
        };
        assert_eq!(why, expected, "{told}");
    }
}

#[test]
fn what_is_not_said_to_steward_is_nothing() {
    let mut edited =
        message(private(), json!({"text": "restart web-04", "edit_date": 1_764_230_500}));
    let object = edited.as_object_mut().expect("an object");
    let inner = object.remove("message").expect("a message");
    object.insert("edited_message".into(), inner);
    let other_bot = json!({"id": 8, "is_bot": true, "first_name": "Other"});
    let joined = json!({"new_chat_members": [bot()]});
    let cases = [
        edited,
        message(group(), json!({"text": "/status", "from": other_bot})),
        message(private(), json!({"text": "/status", "via_bot": bot()})),
        message(group(), joined),
    ];
    for update in cases {
        let told = update.to_string();
        assert_eq!(arrival(update), Arrival::Nothing, "{told}");
    }
    // Whatever Telegram may come up with is passed over.
    let unknown = json!({"update_id": 1, "telepathy": {"thought": "deploy"}});
    let unknown: Update = serde_json::from_str(&unknown.to_string()).expect("an update");
    let nothing = read(unknown, &me(), &|_| true, Timestamp::UNIX_EPOCH);
    assert_eq!(nothing, Arrival::Nothing);
}

#[test]
fn a_group_that_becomes_a_supergroup_is_followed() {
    let old = json!({"id": -5, "type": "group", "title": "Ops"});
    let to = message(old, json!({"migrate_to_chat_id": -1005}));
    let from = message(group(), json!({"migrate_from_chat_id": -5}));
    for update in [to, from] {
        assert_eq!(arrival(update), Arrival::Moved { from: -5, to: -1005 });
    }
}

fn press(message: Json, data: &str) -> Arrival {
    arrival(json!({"update_id": 1001, "callback_query": {
        "id": "q1", "from": kim(), "chat_instance": "c", "message": message, "data": data,
    }}))
}

#[test]
fn a_press_carries_its_token_and_its_place() {
    let shown = json!({
        "message_id": 6, "date": 1_764_230_400, "chat": group(), "from": bot(), "text": "Run?",
        "message_thread_id": 12, "is_topic_message": true,
        "reply_markup": {"inline_keyboard": [[{"text": "Run", "callback_data": "1TOKEN"}]]},
    });
    let Arrival::Pressed(press) = press(shown, "1TOKEN") else { panic!("a press") };
    let inbound = press.inbound.expect("a token of ours");
    assert_eq!(inbound.body, Body::Press("TOKEN".into()));
    assert_eq!(inbound.address, Place { chat: -1005, topic: Some(12) }.address());
    assert_eq!((inbound.id.as_str(), inbound.sender.id.as_str()), ("99-1001", "7"));
    assert!(inbound.addressed && inbound.group);
    assert_eq!((press.query.as_str(), press.message), ("q1", 6));
    assert!(press.keyboard.is_some());
}

#[test]
fn a_press_that_can_not_count_is_still_answered() {
    let shown = json!({
        "message_id": 6, "date": 1_764_230_400, "chat": private(), "from": bot(), "text": "Run?",
    });
    let old = json!({"message_id": 6, "date": 0, "chat": private()});
    let cases = [(shown.clone(), "-"), (shown.clone(), ""), (shown, "?TOKEN"), (old, "1TOKEN")];
    for (message, data) in cases {
        let Arrival::Pressed(press) = press(message, data) else { panic!("a press: {data}") };
        assert_eq!((press.query.as_str(), press.inbound), ("q1", None));
    }
}
