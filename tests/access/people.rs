//! Who is who: accounts, links, strangers.

use steward::access::audit::Event;
use steward::access::{CODE_LIFETIME, Code, Identity, Note, Notes, Refusal};
use steward::channels::Address;

use crate::world::*;

#[tokio::test]
async fn accounts_belong_to_one_channel() {
    let world = World::new();
    let cases = [
        ("telegram", "2", "oli"),
        ("web", "oli", "oli"),
        ("web", "2", "unknown_user"),
        ("telegram", "oli", "unknown_user"),
        ("telegram", "*", "unknown_user"),
        ("terminal", "root", "local"),
        ("terminal", "任何人", "local"),
        ("telegram", "5", "disabled"),
        ("telegram", "", "unknown_user"),
    ];
    for (channel, account, expected) in cases {
        let address = Address { channel: channel.to_owned(), ..chat() };
        let mut sender = sender_of(account);
        account.clone_into(&mut sender.id);
        let got = match world.access.identify(&address, &sender).await.unwrap().user() {
            Ok(user) => user.id,
            Err(refusal) => name_of(&refusal),
        };
        assert_eq!(got, expected, "{channel} {account}");
    }
}

#[tokio::test]
async fn a_stranger_is_told_the_id_that_an_administrator_needs() {
    let world = World::new();
    let identity = world.access.identify(&chat(), &sender_of("777")).await.unwrap();
    let refusal = identity.user().unwrap_err();
    let expected = Refusal::UnknownUser { channel: "telegram".to_owned(), id: "777".to_owned() };
    assert_eq!(refusal, expected);
}

#[tokio::test]
async fn a_code_links_one_account_once() {
    let world = World::new();
    let stranger = sender_of("777");
    let here = chat();
    let code = world.access.link_code(&here, &stranger, noon()).await.unwrap();
    assert_eq!(Code::parse(&code.to_string().to_lowercase()), Some(code.clone()));

    // Not by somebody who is no administrator, not for a user who does not exist.
    let by_dana = admin("dana", &here);
    assert_eq!(
        name_of(&world.access.link(&code, "dana", &by_dana, noon()).await.unwrap_err()),
        "not_allowed"
    );
    let by_ada = admin("ada", &here);
    let refusal = world.access.link(&code, "eve", &by_ada, noon()).await.unwrap_err();
    assert_eq!(refusal, Refusal::NoSuchUser { user: "eve".to_owned() });

    world.access.link(&code, "dana", &by_ada, noon()).await.unwrap();
    let identity = world.access.identify(&here, &stranger).await.unwrap();
    assert!(matches!(identity, Identity::Known(user) if user.id == "dana"));
    let record = world.last_record().entry;
    assert_eq!((record.event, record.account.as_deref()), (Event::Linked, Some("777")));
    assert_eq!(record.confirmed_by.as_deref(), Some("ada"));

    let again = world.access.link(&code, "ben", &by_ada, noon()).await.unwrap_err();
    assert_eq!(again, Refusal::BadCode);
    world.access.unlink("telegram", "777", &by_ada, noon()).await.unwrap().unwrap();
    let identity = world.access.identify(&here, &stranger).await.unwrap();
    assert!(matches!(identity, Identity::Unknown { .. }));
}

#[tokio::test]
async fn codes_expire_and_a_new_one_voids_the_old() {
    let world = World::new();
    let (here, stranger) = (chat(), sender_of("777"));
    let by_ada = admin("ada", &here);
    let first = world.access.link_code(&here, &stranger, noon()).await.unwrap();
    let second = world.access.link_code(&here, &stranger, noon()).await.unwrap();
    let link = |code: Code, at| {
        let access = &world.access;
        async move { access.link(&code, "dana", &by_ada, at).await.map(drop) }
    };
    assert_eq!(link(first, noon()).await.unwrap_err(), Refusal::BadCode);
    let expired = noon() + CODE_LIFETIME;
    assert_eq!(link(second, expired).await.unwrap_err(), Refusal::BadCode);
}

#[tokio::test]
async fn the_command_line_confirms_codes_while_steward_runs() {
    let world = World::new();
    let (here, stranger) = (chat(), sender_of("777"));
    let code = world.access.link_code(&here, &stranger, noon()).await.unwrap();
    let notes = Notes::new(world.state.path());
    let note = |user: &str| Note { user: user.to_owned(), by: "root".to_owned() };
    notes.leave(&code, &note("dana")).await.unwrap();
    // A code that nobody was given does no harm.
    let wrong = Code::parse("AAAA-AAA9").or_else(|| {
        ('A'..='Z').chain('2'..='9').find_map(|last| Code::parse(&format!("AAAA-AAA{last}")))
    });
    notes.leave(&wrong.unwrap(), &note("ada")).await.unwrap();

    let links = world.access.take_up_links(noon()).await.unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!((links[0].user.as_str(), links[0].by.as_str()), ("dana", "login:root"));
    assert!(world.access.take_up_links(noon()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_link_to_a_disabled_user_opens_nothing() {
    let world = World::new();
    let (here, stranger) = (chat(), sender_of("777"));
    let code = world.access.link_code(&here, &stranger, noon()).await.unwrap();
    world.access.link(&code, "dana", &admin("ada", &here), noon()).await.unwrap();
    world.change("users.yaml", "id: dana\n", "id: dana\n    enabled: false\n").await;
    let identity = world.access.identify(&here, &stranger).await.unwrap();
    assert_eq!(identity, Identity::Disabled { user: "dana".to_owned() });
}
