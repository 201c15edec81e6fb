//! `/link` and `/unlink`: how an administrator confirms in a chat who an account belongs to. Words
//! decide nothing here; the commands are taken as they are typed.

use super::handle::Turning;
use super::trouble::Trouble;
use crate::access::{Asked, Code, Permission, Refusal};
use crate::reply::{Reply, Writer, say};

/// Whether a message asks for a code.
pub(super) fn asks_for_code(text: &str) -> bool {
    matches!(words(text), Some(("link", rest)) if rest.is_empty())
}

/// Answers `/link CODE USER` and `/unlink CHANNEL ID`; `None` where a message is neither.
pub(super) async fn answer(
    turning: &Turning<'_>,
    text: &str,
    writer: &Writer<'_>,
) -> Option<Result<Reply, Trouble>> {
    let (command, arguments) = words(text)?;
    Some(match (command, arguments.as_slice()) {
        ("link", []) => {
            let user = turning.user.id.as_str();
            Ok(Reply::text(say!(writer.speech, "link-known", "user" => user)))
        }
        ("link", [code, user]) => link(turning, code, user, writer).await,
        ("unlink", [channel, account]) => unlink(turning, channel, account, writer).await,
        _ => Ok(Reply::text(say!(writer.speech, "link-how"))),
    })
}

async fn link(
    turning: &Turning<'_>,
    code: &str,
    user: &str,
    writer: &Writer<'_>,
) -> Result<Reply, Trouble> {
    permit(turning).await?;
    let code = Code::parse(code).ok_or(Refusal::BadCode)?;
    let (access, now) = (&turning.core.access, turning.now);
    let link = access.link(&code, user, &asked(turning), now).await?;
    let text = say!(
        writer.speech, "link-done", "account" => link.account, "name" => link.account_name,
        "channel" => link.channel, "user" => link.user,
    );
    Ok(Reply::text(text))
}

async fn unlink(
    turning: &Turning<'_>,
    channel: &str,
    account: &str,
    writer: &Writer<'_>,
) -> Result<Reply, Trouble> {
    permit(turning).await?;
    let (access, now) = (&turning.core.access, turning.now);
    let link = access.unlink(channel, account, &asked(turning), now).await?;
    let speech = writer.speech;
    Ok(Reply::text(match link {
        Some(link) => say!(
            speech, "unlink-done", "account" => link.account, "channel" => link.channel,
            "user" => link.user,
        ),
        None => say!(speech, "unlink-none", "account" => account, "channel" => channel),
    }))
}

/// Whether the sender administrates Steward; a refusal is written down.
async fn permit(turning: &Turning<'_>) -> Result<(), Refusal> {
    let (access, place) = (&turning.core.access, &turning.inbound.address);
    access.permit(&asked(turning), place, &turning.context, turning.now).await.map(drop)
}

fn asked<'a>(turning: &'a Turning<'_>) -> Asked<'a> {
    Asked::command(&turning.user.id, Permission::Admin, &turning.inbound.address)
}

/// The command, if it is one of these, and what stands behind it. In a group, a command may name
/// the bot: `/link@steward_bot`.
fn words(text: &str) -> Option<(&'static str, Vec<&str>)> {
    let mut words = text.split_whitespace();
    let command = words.next()?.strip_prefix('/')?.split('@').next()?.to_lowercase();
    let command = ["link", "unlink"].into_iter().find(|known| *known == command)?;
    Some((command, words.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::audit::{Event, Filter, find};
    use crate::bot::house::{Ground, House};
    use crate::channels::{Address, Body, Sender};

    const POLICY: &str = "
rules:
  - {name: talk, effect: allow, when: {command: [use_chatops, status]}}
  - {name: admin, effect: allow, when: {user: ann, command: admin}}
";

    async fn says(house: &House, user: &str, text: &str) -> String {
        let sender = Sender { id: user.into(), name: format!("{user}!") };
        let place = Address { channel: "ear".into(), chat: user.into(), thread: None };
        let heard = house.hear(sender, place, Body::Text(text.into())).await;
        heard.iter().map(|heard| heard.text.as_str()).collect()
    }

    #[track_caller]
    fn check(told: &str, part: &str) {
        assert!(told.contains(part), "`{part}` is missing in: {told}");
    }

    /// From a stranger's first words to being known, and back.
    #[tokio::test]
    async fn an_administrator_confirms_a_code_in_a_chat() {
        let ground = Ground::new();
        ground.write("access/policy/all.yaml", POLICY);
        let house = ground.live();
        let told = says(&house, "7", "/status").await;
        check(&told, "channel “ear”, id “7”");
        let told = says(&house, "7", "/link@steward_bot").await;
        let code = told.split_whitespace().find_map(|word| Code::parse(word.trim_end_matches('.')));
        let code = code.unwrap_or_else(|| panic!("a code in: {told}"));

        // Neither the stranger nor somebody who is no administrator confirms it.
        check(&says(&house, "7", &format!("/link {code} bob")).await, "I don't know you yet");
        let told = says(&house, "bob", &format!("/link {code} bob")).await;
        assert!(!told.contains("is now"), "{told}");
        check(&says(&house, "7", "/status").await, "I don't know you yet");
        for wrong in ["/link", "/link x", "/link AAAA-AAAA bob", &format!("/link {code} nobody")] {
            says(&house, "ann", wrong).await;
            check(&says(&house, "7", "/status").await, "I don't know you yet");
        }
        check(&says(&house, "ann", &format!("/link {code} bob")).await, "is now bob");
        assert!(!says(&house, "7", "/status").await.contains("I don't know you yet"));
        check(&says(&house, "7", "/link").await, "bob");
        // Once.
        let told = says(&house, "ann", &format!("/link {code} ann")).await;
        assert!(!told.contains("is now ann"), "{told}");

        assert!(!says(&house, "bob", "/unlink ear 7").await.contains("no longer"));
        check(&says(&house, "ann", "/unlink ear 7").await, "no longer");
        check(&says(&house, "7", "/status").await, "I don't know you yet");
        let log = ground.folder.path().join("state/audit");
        let count = |event| {
            let filter = Filter { event: Some(event), ..Filter::default() };
            find(&log, &filter, None).expect("a whole chain").len()
        };
        assert_eq!((count(Event::Linked), count(Event::Unlinked)), (1, 1));
        assert_eq!(count(Event::Refused), 2, "Bob tried twice");
    }

    #[test]
    fn the_commands_are_taken_as_they_are_typed() {
        assert_eq!(words("/link"), Some(("link", vec![])));
        assert_eq!(words(" /LINK@bot  K7QF-2MXD dana "), Some(("link", vec!["K7QF-2MXD", "dana"])));
        assert_eq!(words("/unlink web x"), Some(("unlink", vec!["web", "x"])));
        for other in ["link", "/links", "please /link", "", "/"] {
            assert_eq!(words(other), None, "{other}");
        }
        assert!(asks_for_code("/link") && !asks_for_code("/link x") && !asks_for_code("/unlink"));
    }
}
