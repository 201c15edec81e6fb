//! The output of runs.

use std::sync::LazyLock;

use regex::Regex;

use super::{Arguments, Asker, Meant};
use crate::access::Permission;
use crate::bot::trouble::Trouble;
use crate::catalog::{Value, Values};
use crate::channels::Block;
use crate::dialogue::Query;
use crate::jobs::platform::{Platform, PlatformError, Reference};
use crate::jobs::report;
use crate::reply::{Action, Reply, say};

/// Lines that are shown when nobody says how many.
const SHOWN: usize = 20;
const MOST: usize = 200;

/// Bytes that are kept of the end of an output: what fits into a file that any channel takes.
const KEPT: usize = 1024 * 1024;
const CHUNK: usize = 64 * 1024;

/// What lines about errors look like, in the output of common tools.
static ERROR: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant, and every test of logs compiles it.
    Regex::new(r"(?i)\b(error|err|fatal|fail(ed|ure)?|exception|panic(ked)?|traceback|denied|refused)\b|错误|失败|异常")
        .expect("a pattern")
});

impl Asker<'_> {
    /// The last lines of a run's output.
    pub(super) async fn logs(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        let speech = self.writer.speech;
        let execution = match self.execution(arguments, Permission::Logs, true, |_| true).await? {
            Meant::This(execution) => *execution,
            Meant::Nothing => return Ok(Reply::text(say!(speech, "status-none"))),
            Meant::Unclear(reply) => return Ok(reply),
        };
        self.permit_on(Permission::Logs, &execution).await?;
        if arguments.text("part") == Some("follow") && !execution.state.is_final() {
            return self.follow(&execution).await;
        }
        let core = self.turning.core;
        let headline = self.writer.headline(&execution, self.turning.now);
        let Some(reference) = &execution.reference else {
            let text = say!(speech, "logs-not-started", "headline" => headline);
            return Ok(Reply::text(text).text_line(self.writer.reason(&execution)));
        };
        let platform = core.platforms.get(&execution.platform);
        let platform = platform.ok_or_else(|| Trouble::NoPlatform(execution.platform.clone()))?;
        let text = end_of(&**platform, reference).await?;
        let lines = report::readable(&text);
        let errors_only = arguments.text("only") == Some("errors");
        let lines: Vec<String> =
            lines.into_iter().filter(|line| !errors_only || ERROR.is_match(line)).collect();
        let count = arguments.count("lines").unwrap_or(SHOWN).clamp(1, MOST);
        let all = arguments.text("part") == Some("all");
        let left_out = lines.len().saturating_sub(count);
        let shown = lines[left_out..].join("\n");
        let reply = Reply::text(headline);
        Ok(match (shown.is_empty(), errors_only) {
            (true, true) => reply.text_line([say!(speech, "logs-no-errors")]),
            (true, false) => reply.text_line([say!(speech, "logs-empty")]),
            (false, _) if left_out == 0 => reply.block(Block::Code(shown)),
            (false, _) if all => {
                let name = format!("{}-{}.log", execution.template, execution.number);
                let content = lines.join("\n").into_bytes();
                let text = say!(speech, "logs-file", "count" => lines.len());
                reply.text_line([text]).block(Block::File { name, content })
            }
            (false, _) => reply
                .text_line([say!(speech, "logs-tail", "count" => count)])
                .block(Block::Code(shown))
                .button(say!(speech, "button-whole-log"), whole(execution.number)),
        })
    }
}

/// A button that asks for all of an output.
fn whole(number: u64) -> Action {
    let arguments = Values::from([
        ("execution".to_owned(), Value::from(number)),
        ("part".to_owned(), Value::from("all")),
    ]);
    Action::Ask { query: Query { command: "logs".into(), arguments } }
}

/// The last part of an output.
pub(in crate::bot) async fn end_of(
    platform: &dyn Platform,
    reference: &Reference,
) -> Result<String, PlatformError> {
    let mut text = String::new();
    let mut from = 0;
    loop {
        let chunk = platform.log(reference, from, CHUNK).await?;
        text.push_str(&chunk.text);
        let excess = text.len().saturating_sub(KEPT);
        text.drain(..text.ceil_char_boundary(excess));
        if chunk.complete || chunk.next == from {
            return Ok(text);
        }
        from = chunk.next;
    }
}
