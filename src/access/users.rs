//! The people: who they are to Steward, and by which accounts they come.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::load::{Loader, is_name};
use crate::catalog::Language;

/// A person, as Steward and its policies know them.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Unique: `[a-z0-9][a-z0-9._-]*`.
    pub id: String,
    /// For people to read.
    pub name: String,
    pub roles: Vec<String>,
    pub groups: Vec<String>,
    /// A disabled user is refused everywhere, at once.
    pub enabled: bool,
    pub language: Option<Language>,
    pub time_zone: Option<TimeZone>,
    /// What job platforms call this person; the id unless said otherwise.
    pub platform_user: String,
}

impl User {
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|r| r == role)
    }
}

/// Every configured user, and the accounts that are fixed in `users.yaml`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Users {
    /// Role or group names, with what they are for.
    roles: BTreeMap<String, String>,
    groups: BTreeMap<String, String>,
    users: BTreeMap<String, User>,
    /// From channel and account to user.
    accounts: HashMap<(String, String), String>,
    /// Who sits at the terminal, where any login name will do.
    anyone_at_terminal: Option<String>,
}

impl Users {
    pub fn get(&self, id: &str) -> Option<&User> {
        self.users.get(id)
    }

    /// Every user, by id.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// The user to whom `users.yaml` gives this account.
    pub fn by_account(&self, channel: &str, account: &str) -> Option<&User> {
        let key = (channel.to_owned(), account.to_owned());
        let fixed = self.accounts.get(&key);
        let terminal = self.anyone_at_terminal.as_ref().filter(|_| channel == TERMINAL);
        fixed.or(terminal).and_then(|id| self.users.get(id))
    }

    /// The accounts of a user that `users.yaml` fixes, as (channel, account).
    pub fn accounts_of(&self, id: &str) -> Vec<(&str, &str)> {
        let mut accounts: Vec<_> = self
            .accounts
            .iter()
            .filter(|(_, user)| *user == id)
            .map(|((channel, account), _)| (channel.as_str(), account.as_str()))
            .collect();
        if self.anyone_at_terminal.as_deref() == Some(id) {
            accounts.push((TERMINAL, ANYONE));
        }
        accounts.sort_unstable();
        accounts
    }

    /// The account of a user on a channel that `users.yaml` fixes; the first, where there are
    /// several.
    pub fn account_on(&self, channel: &str, id: &str) -> Option<&str> {
        let accounts = self.accounts_of(id);
        accounts.into_iter().find(|(on, _)| *on == channel).map(|(_, account)| account)
    }

    pub fn has_role(&self, role: &str) -> bool {
        self.roles.contains_key(role)
    }

    pub fn has_group(&self, group: &str) -> bool {
        self.groups.contains_key(group)
    }

    /// The declared roles.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.keys().map(String::as_str)
    }

    /// The declared groups.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// Reads `users.yaml`; what is wrong with it is noted by the loader.
    pub(super) fn load(loader: &mut Loader) -> Users {
        match loader.read::<File>(FILE) {
            Some(file) => file.check(loader),
            None => Users::default(),
        }
    }
}

const FILE: &str = "users.yaml";

/// The one channel on which `*` may stand for any account: whoever can start Steward in a
/// terminal can read and change its files anyway.
const TERMINAL: &str = "terminal";
const ANYONE: &str = "*";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    roles: BTreeMap<String, String>,
    #[serde(default)]
    groups: BTreeMap<String, String>,
    users: Vec<Spanned<RawUser>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawUser {
    id: Spanned<String>,
    name: Option<String>,
    #[serde(default)]
    roles: Vec<Spanned<String>>,
    #[serde(default)]
    groups: Vec<Spanned<String>>,
    #[serde(default)]
    identities: Vec<Spanned<RawIdentity>>,
    #[serde(default = "yes")]
    enabled: bool,
    language: Option<Language>,
    time_zone: Option<Spanned<String>>,
    platform_user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIdentity {
    channel: String,
    id: String,
}

fn yes() -> bool {
    true
}

impl File {
    fn check(self, loader: &mut Loader) -> Users {
        let mut users = Users { roles: self.roles, groups: self.groups, ..Users::default() };
        for raw in self.users {
            let line = raw.referenced.line();
            let raw = raw.value;
            let id = raw.id.value.clone();
            if !is_name(&id) {
                loader.mistake(
                    FILE,
                    raw.id.referenced.line(),
                    "id",
                    format!("`{id}` is no user id: use a-z, 0-9, `.`, `_` and `-`"),
                );
            }
            users.add_accounts(&id, &raw.identities, loader);
            let user = raw.check(&users, loader);
            if users.users.insert(id.clone(), user).is_some() {
                loader.mistake(FILE, line, "id", format!("the user `{id}` is defined twice"));
            }
        }
        users
    }
}

impl Users {
    fn add_accounts(
        &mut self,
        user: &str,
        identities: &[Spanned<RawIdentity>],
        loader: &mut Loader,
    ) {
        for identity in identities {
            let line = identity.referenced.line();
            let RawIdentity { channel, id } = &identity.value;
            let before = if id == ANYONE && channel == TERMINAL {
                self.anyone_at_terminal.replace(user.to_owned())
            } else if id == ANYONE {
                let text = "`*` stands for anyone, which only the terminal may let in; give the \
                            account's id";
                loader.mistake(FILE, line, "identities", text.to_owned());
                None
            } else {
                self.accounts.insert((channel.clone(), id.clone()), user.to_owned())
            };
            if let Some(before) = before {
                let text = format!("{channel} account `{id}` belongs to `{before}` already");
                loader.mistake(FILE, line, "identities", text);
            }
        }
    }
}

impl RawUser {
    fn check(self, users: &Users, loader: &mut Loader) -> User {
        let id = self.id.value;
        for role in self.roles.iter().filter(|r| !users.has_role(&r.value)) {
            let text = format!("the role `{}` is not declared under `roles`", role.value);
            loader.mistake(FILE, role.referenced.line(), "roles", text);
        }
        for group in self.groups.iter().filter(|g| !users.has_group(&g.value)) {
            let text = format!("the group `{}` is not declared under `groups`", group.value);
            loader.mistake(FILE, group.referenced.line(), "groups", text);
        }
        let time_zone = self.time_zone.and_then(|zone| loader.zone(FILE, "time_zone", &zone));
        User {
            name: self.name.unwrap_or_else(|| id.clone()),
            roles: self.roles.into_iter().map(|r| r.value).collect(),
            groups: self.groups.into_iter().map(|g| g.value).collect(),
            enabled: self.enabled,
            language: self.language,
            time_zone,
            platform_user: self.platform_user.unwrap_or_else(|| id.clone()),
            id,
        }
    }
}
