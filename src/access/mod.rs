//! Access: who someone is, what they may do, who has to agree, and what is written down.
//!
//! What it never does: understand words, talk to people, or start anything. It answers questions
//! and hands out keys.
//!
//! **Architecture Invariant:** default deny, one choke point. Only this room can make an
//! [`AuthorizedRun`], and nothing is started without one.
//!
//! **Architecture Invariant:** an authorisation is written down, on disk, before its key is
//! handed out. What can't be written down does not run.

#[expect(clippy::module_inception, reason = "the room's one concept has the room's name")]
mod access;
mod approval;
mod approvals;
pub mod audit;
mod authorize;
mod authorized;
mod compliance;
mod drawer;
mod hours;
mod keys;
mod ledger;
mod limits;
mod linking;
mod load;
mod locks;
mod memory;
mod permission;
pub mod policy;
mod redact;
mod refusal;
mod repeats;
mod request;
mod rules;
mod runs;
mod schedules;
mod shared_limits;
mod steps;
mod users;

pub use access::{Access, Context, Identity};
pub use approval::{Approval, ApprovalState, Ballot, Requirement};
pub use approvals::open_approvals;
pub use authorize::{Authorization, Preview, RunRequest, Trigger};
pub use authorized::AuthorizedRun;
pub use compliance::Notice;
pub use drawer::DrawerError;
pub use keys::{ApiToken, Entrance, KeyError, Keys, LINK_LIFETIME};
pub use linking::{CODE_LIFETIME, Code, Link, Note, Notes};
pub use load::{Mistake, Mistakes};
pub use memory::{acknowledge_loss, check_folder, check_log};
pub use permission::{Permission, UnknownPermission};
pub use policy::RuleName;
pub use redact::{REDACTED, redact};
pub use refusal::{ComplianceKind, Limited, LimitedBy, Refusal};
pub use request::{Place, TemplateFacts};
pub use rules::{Asked, Rules};
pub use runs::{Begun, Completion};
pub use users::{User, Users};
