//! What can be permitted: the commands that policies speak of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Something a person may or may not do. Policies call these commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Talking to Steward at all; asked before anything else.
    UseChatops,
    /// Running a job, at once or by a schedule, for the first time or again.
    Run,
    /// Asking how an execution stands.
    Status,
    /// Listing the jobs.
    List,
    /// Ending an execution.
    Cancel,
    Help,
    /// Looking at what ran before.
    History,
    /// Reading the output of an execution.
    Logs,
    /// Making, changing and dropping schedules. Each of their runs asks for `run` again.
    Schedule,
    /// Deciding about somebody else's run.
    Approve,
    /// Changing one's own language, time zone and so on.
    Settings,
    /// Running without the approvals that would be needed, with a reason.
    BreakGlass,
    /// Reading the audit log.
    Audit,
    /// Linking people, reloading files and the like.
    Admin,
}

impl Permission {
    /// Every permission, for error messages and documentation.
    pub const ALL: [Permission; 14] = [
        Permission::UseChatops,
        Permission::Run,
        Permission::Status,
        Permission::List,
        Permission::Cancel,
        Permission::Help,
        Permission::History,
        Permission::Logs,
        Permission::Schedule,
        Permission::Approve,
        Permission::Settings,
        Permission::BreakGlass,
        Permission::Audit,
        Permission::Admin,
    ];

    /// The name in policies: `use_chatops`, `run` ...
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::UseChatops => "use_chatops",
            Permission::Run => "run",
            Permission::Status => "status",
            Permission::List => "list",
            Permission::Cancel => "cancel",
            Permission::Help => "help",
            Permission::History => "history",
            Permission::Logs => "logs",
            Permission::Schedule => "schedule",
            Permission::Approve => "approve",
            Permission::Settings => "settings",
            Permission::BreakGlass => "break_glass",
            Permission::Audit => "audit",
            Permission::Admin => "admin",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name is none of [`Permission::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a command that can be permitted")]
pub struct UnknownPermission(pub String);

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Permission::ALL
            .into_iter()
            .find(|p| p.as_str() == name)
            .ok_or_else(|| UnknownPermission(name.to_owned()))
    }
}
