//! Access: who someone is, what they may do, who has to agree, and what is written down.
//!
//! **Architecture Invariant:** default deny, one choke point. Only this room can make an
//! [`AuthorizedRun`], and nothing is started without one.

mod authorized;

pub use authorized::AuthorizedRun;
