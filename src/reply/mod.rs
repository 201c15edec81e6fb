//! Replies: what the bot has to say, in the words of the person it is said to.
//!
//! Acts of the dialogue, refusals, executions and answers to commands become messages here, and
//! nowhere else. All words come from `locales/{en,zh}.ftl`, the catalogue and the configuration.
//!
//! **Architecture Invariant:** no I/O and no decisions. Whatever a user or a job wrote stays
//! literal: a message is made of blocks, and no text in it is markup.

mod acts;
mod audit;
mod charts;
mod examples;
mod executions;
mod limit;
mod notes;
mod refusals;
mod report;
mod schedules;
pub(crate) mod speech;
mod topics;
mod values;

use serde::{Deserialize, Serialize};

pub use self::charts::Caption;
pub use self::limit::MESSAGE_LIMIT;
pub use self::speech::Speech;
pub(crate) use self::speech::say;
use crate::catalog::{Catalog, TemplateId};
use crate::channels::Block;
use crate::dialogue::{Input, Query};
use crate::plan::{Plan, PlanHash};

/// Writes replies in one language, for one person.
#[derive(Clone)]
pub struct Writer<'a> {
    pub speech: Speech,
    pub catalog: &'a Catalog,
    /// The person's, for every moment that is shown.
    pub zone: jiff::tz::TimeZone,
    /// The job that is being talked about: questions about it need not name it again.
    pub topic: Option<TemplateId>,
}

/// A message before its buttons have tokens.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reply {
    pub blocks: Vec<Block>,
    pub buttons: Vec<Choice>,
}

/// A button before it has a token.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub label: String,
    pub action: Action,
}

/// What a button does. Stored under its token, for one person in one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Action {
    /// Goes on with the conversation, as if it had been said.
    Say { input: Input },
    /// Answers a command.
    Ask { query: Query },
    /// Decides about somebody else's run. Turning it down needs a reason, which is asked for.
    Decide { plan: PlanHash, approve: bool },
    /// Takes one's own approval of somebody else's run back.
    Retract { plan: PlanHash },
    /// Takes one's own request for approval back.
    Withdraw { plan: PlanHash },
    /// Asks for a reason to run a plan of one's own without the approvals that it needs.
    BreakGlass { plan: Box<Plan> },
    /// Leaves things as they are, where a reason was asked for.
    LeaveIt,
}

impl Reply {
    /// One line of text.
    pub fn text(text: impl Into<String>) -> Reply {
        Reply { blocks: vec![Block::Text(text.into())], buttons: Vec::new() }
    }

    pub fn block(mut self, block: Block) -> Reply {
        self.blocks.push(block);
        self
    }

    pub fn button(mut self, label: impl Into<String>, action: Action) -> Reply {
        self.buttons.push(Choice { label: label.into(), action });
        self
    }

    /// Adds lines of text, as one block.
    pub fn text_line(self, lines: impl IntoIterator<Item = String>) -> Reply {
        let lines: Vec<String> = lines.into_iter().collect();
        if lines.is_empty() { self } else { self.block(Block::Text(lines.join("\n"))) }
    }

    /// Adds lines of text before the last block, which asks the question.
    pub fn before_last(mut self, lines: Vec<String>) -> Reply {
        if !lines.is_empty() {
            let place = self.blocks.len().saturating_sub(1);
            self.blocks.insert(place, Block::Text(lines.join("\n")));
        }
        self
    }

    /// This reply and then the other one, as one message. A number picks from the list that comes
    /// last, which asks the question: its buttons are the first, and an earlier list loses its
    /// numbers.
    pub fn and(mut self, mut other: Reply) -> Reply {
        if other.blocks.iter().any(|block| matches!(block, Block::Options(_))) {
            for block in &mut self.blocks {
                if let Block::Options(options) = block {
                    let lines: Vec<String> = options.iter().map(|o| format!("· {o}")).collect();
                    *block = Block::Text(lines.join("\n"));
                }
            }
            std::mem::swap(&mut self.buttons, &mut other.buttons);
        }
        self.blocks.extend(other.blocks);
        self.buttons.extend(other.buttons);
        self
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.buttons.is_empty()
    }
}

#[cfg(test)]
mod tests;
