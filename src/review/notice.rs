//! Noticing that a conversation taught something.

use super::lessons::{Lesson, LessonKind};
use crate::access::redact;
use crate::catalog::Language;
use crate::dialogue::{Input, Open, Pick, Session, Turn};
use crate::nlu::Label;

/// The lesson of a turn: a job was begun right after words that were not understood, or that could
/// have meant several.
pub fn noticed(before: &Session, input: &Input, turn: &Turn) -> Option<Lesson> {
    let job = &turn.session.draft.as_ref()?.template;
    if before.draft.as_ref().is_some_and(|draft| draft.template == *job) {
        return None;
    }
    let (text, offered) = match (&before.open, &before.misunderstood) {
        (Some(Open::Intent { text, options }), _) => {
            let meant = Label::Job(job.clone());
            let is_it = |pick: &Pick| matches!(pick, Pick::Intent { label } if *label == meant);
            (text, options.iter().any(|option| is_it(&option.pick)))
        }
        (_, Some(text)) => (text, false),
        _ => return None,
    };
    let kind = match input {
        Input::Text(words) if !offered => LessonKind::Rephrased { words: words.trim().to_owned() },
        _ => LessonKind::Picked,
    };
    let said = match &kind {
        LessonKind::Rephrased { words } => words.as_str(),
        LessonKind::Picked => "",
    };
    let secret = [text, said].iter().any(|words| redact(words) != **words);
    if secret || !turn.redact.is_empty() || said == text {
        return None;
    }
    let language = Language::of(text).unwrap_or(turn.session.language);
    Some(Lesson { text: text.clone(), language, job: job.clone(), kind })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Collect, TemplateId};
    use crate::channels::Address;
    use crate::dialogue::{Draft, OptionItem};
    use jiff::Timestamp;

    fn session(open: Option<Open>, misunderstood: Option<&str>) -> Session {
        let place = Address { channel: "terminal".into(), chat: "local".into(), thread: None };
        let mut session = Session::new(place, "dana", Language::En, Timestamp::UNIX_EPOCH);
        session.open = open;
        session.misunderstood = misunderstood.map(str::to_owned);
        session
    }

    /// What is learnt where these words lead to `job`.
    fn check(before: &Session, words: &str, job: &str, expect: Option<(&str, LessonKind)>) {
        let mut after = before.clone();
        after.draft = Some(Draft::new(TemplateId::from(job), Collect::Required));
        let turn = Turn {
            session: after,
            acts: Vec::new(),
            redact: Vec::new(),
            reading: Vec::new(),
            lookups: Vec::new(),
        };
        let found = noticed(before, &Input::Text(words.to_owned()), &turn);
        let found = found.map(|lesson| (lesson.text, lesson.kind));
        assert_eq!(found, expect.map(|(text, kind)| (text.to_owned(), kind)), "{words}");
    }

    #[test]
    fn what_was_picked_or_said_again_is_a_lesson() {
        let pick = Pick::Intent { label: Label::Job(TemplateId::from("clear_cache")) };
        let options = vec![OptionItem::named(pick)];
        let asked = |text: &str| {
            let open = Open::Intent { text: text.to_owned(), options: options.clone() };
            session(Some(open), None)
        };
        let again = |words: &str| LessonKind::Rephrased { words: words.to_owned() };
        check(&asked("wipe it"), "1", "clear_cache", Some(("wipe it", LessonKind::Picked)));
        check(
            &asked("wipe it"),
            "reboot web-01",
            "reboot_host",
            Some(("wipe it", again("reboot web-01"))),
        );
        let missed = session(None, Some("腾点地方"));
        check(&missed, "清理磁盘", "disk_cleanup", Some(("腾点地方", again("清理磁盘"))));
        check(&session(None, None), "清理磁盘", "disk_cleanup", None);
    }

    #[test]
    fn a_secret_is_no_lesson() {
        let missed = session(None, Some("use ghp_16C7e42F292c6912E7710c838347Ae178B4a"));
        check(&missed, "rotate the token", "rotate_secret", None);
    }
}
