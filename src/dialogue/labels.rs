//! The commands and dialogue acts of `intents/commands.yaml` that the conversation itself knows.
//!
//! Every other command is answered by whoever performs the acts.

/// Agrees.
pub(super) const AFFIRM: &str = "affirm";
/// Says no.
pub(super) const DENY: &str = "deny";
/// Leaves out what was asked, or takes the default.
pub(super) const SKIP: &str = "skip";
/// Drops the draft.
pub(super) const ABORT: &str = "abort";
/// Says a value again, differently.
pub(super) const CORRECT: &str = "correct";
/// Picks one of the options.
pub(super) const CHOOSE: &str = "choose";
/// Just a value.
pub(super) const ANSWER: &str = "answer";
/// Hello.
pub(super) const GREET: &str = "greet";
/// Thanks.
pub(super) const THANKS: &str = "thanks";
/// Goodbye.
pub(super) const FAREWELL: &str = "farewell";
/// Two values change places.
pub(super) const SWAP: &str = "swap";
/// Takes a value away again.
pub(super) const UNSET: &str = "unset";
/// Wait.
pub(super) const PAUSE: &str = "pause";
/// From the beginning.
pub(super) const START_OVER: &str = "start_over";

/// What can be asked, and how.
pub(super) const HELP: &str = "help";
/// Which jobs there are.
pub(super) const LIST: &str = "list";
/// What ran before.
pub(super) const HISTORY: &str = "history";
/// Takes a request of one's own back.
pub(super) const WITHDRAW: &str = "withdraw";
/// Stops an execution.
pub(super) const CANCEL: &str = "cancel";
/// The output of an execution.
pub(super) const LOGS: &str = "logs";
/// Agrees to somebody's request.
pub(super) const APPROVE: &str = "approve";
/// Turns it down.
pub(super) const REJECT: &str = "reject";
/// Runs an earlier job once more.
pub(super) const RERUN: &str = "rerun";
/// Runs it once more for what failed.
pub(super) const RETRY: &str = "retry_failed";
/// Undoes what ran.
pub(super) const UNDO: &str = "undo";
/// Runs later or regularly, or changes when.
pub(super) const SCHEDULE: &str = "schedule_change";
/// Lists, resumes or drops drafts.
pub(super) const DRAFTS: &str = "drafts";
/// Takes a draft up again.
pub(super) const RESUME: &str = "resume";
/// Deletes a draft that was put aside.
pub(super) const DROP_DRAFT: &str = "drop_draft";
/// How runs are doing.
pub(super) const STATUS: &str = "status";
/// Commands that only show something: to take a message for one of them does no harm.
pub(super) const SHOWING: [&str; 6] = [HELP, LIST, HISTORY, LOGS, STATUS, DRAFTS];
/// Language, time zone, and how much is asked for.
pub(super) const SETTINGS: &str = "settings";
/// Starts a job by its name.
pub(super) const RUN: &str = "run";
