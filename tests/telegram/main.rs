//! Telegram: the real program against an emulated Bot API.

#[path = "../conversation/mod.rs"]
mod conversation;
mod emulator;
mod files;
mod group;
#[path = "../conversation/over_channel.rs"]
mod over_channel;
mod private;
#[path = "../terminal/project.rs"]
mod project;
mod shared;
mod steward;
mod trouble;
mod webhook;

/// Three people: two who may do everything, and their accounts.
const USERS: &str = "
roles: {tester: tests}
users:
  - {id: kim, name: Kim, roles: [tester], identities: [{channel: telegram, id: '1001'}]}
  - {id: lee, name: Lee, roles: [tester], identities: [{channel: telegram, id: '1002'}]}
";
