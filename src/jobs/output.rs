//! What a run says about itself in its output, on lines of their own:
//!
//! ```text
//! ::progress 3/10 copying files::      steps done of all, and what is being done
//! ::progress 40% copying files::       the same in percent
//! ::metric throughput=12.5 MB/s::      a figure for the report
//! ::target web-03 failed disk full::   a target on which the run failed
//! ::target web-03 ok::                 a target on which it succeeded after all
//! ```
//!
//! As long as a run says no `::progress`, a line that begins with a percentage, with at most a
//! drawn bar before it, counts as progress too.

use std::sync::LazyLock;

use regex::Regex;

use crate::jobs::{FailedTarget, Metric};

/// Reads output piece by piece and keeps what the run said about itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OutputReader {
    said: Said,
    /// The beginning of a line that isn't complete yet.
    line: String,
    /// `::progress` was said, so bare percentages mean something else.
    marked: bool,
}

/// What a run said about itself so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// Steps done, of all, and what is being done.
    pub progress: Option<(u32, u32, String)>,
    /// In the order in which they were first said; the last value counts.
    pub metrics: Vec<Metric>,
    pub failed_targets: Vec<FailedTarget>,
}

/// A longer line is cut off, so that output without line ends can't fill the memory.
const LONGEST_LINE: usize = 8 * 1024;

/// More metrics or targets than this are not kept.
const MOST: usize = 1_000;

impl OutputReader {
    /// Takes the next piece of output; `true` when it changed what is said.
    pub fn read(&mut self, piece: &str) -> bool {
        let mut changed = false;
        let mut rest = piece;
        // A carriage return ends a line too: progress bars are drawn over with it.
        while let Some(end) = rest.find(['\n', '\r']) {
            self.extend(&rest[..end]);
            rest = &rest[end + 1..];
            changed |= self.end_line();
        }
        self.extend(rest);
        changed
    }

    /// Takes what was said without a line end; `true` when it changed what is said.
    pub fn finish(&mut self) -> bool {
        self.end_line()
    }

    pub fn said(&self) -> &Said {
        &self.said
    }

    fn extend(&mut self, part: &str) {
        let room = LONGEST_LINE.saturating_sub(self.line.len()).min(part.len());
        let mut end = room;
        while !part.is_char_boundary(end) {
            end -= 1;
        }
        self.line.push_str(&part[..end]);
    }

    fn end_line(&mut self) -> bool {
        let line = std::mem::take(&mut self.line);
        match Marker::parse(&line) {
            Some(Marker::Progress(done, total, text)) => {
                self.marked = true;
                self.said.set_progress(done, total, text)
            }
            Some(Marker::Metric(metric)) => self.said.set_metric(metric),
            Some(Marker::Failed(target)) => self.said.set_failed(target),
            Some(Marker::Fine(target)) => self.said.clear_failed(&target),
            None if self.marked => false,
            None => match bare_percent(&line) {
                Some((percent, text)) => self.said.set_progress(percent, 100, text),
                None => false,
            },
        }
    }
}

impl Said {
    fn set_progress(&mut self, done: u32, total: u32, text: String) -> bool {
        let progress = Some((done, total, text));
        let changed = self.progress != progress;
        self.progress = progress;
        changed
    }

    fn set_metric(&mut self, metric: Metric) -> bool {
        set(&mut self.metrics, metric, |a, b| a.name == b.name)
    }

    fn set_failed(&mut self, failed: FailedTarget) -> bool {
        set(&mut self.failed_targets, failed, |a, b| a.target == b.target)
    }

    fn clear_failed(&mut self, target: &str) -> bool {
        let before = self.failed_targets.len();
        self.failed_targets.retain(|t| t.target != target);
        self.failed_targets.len() != before
    }
}

/// Replaces the entry that is about the same thing, or adds one while there is room.
fn set<T: PartialEq>(entries: &mut Vec<T>, new: T, same: impl Fn(&T, &T) -> bool) -> bool {
    if let Some(known) = entries.iter_mut().find(|known| same(known, &new)) {
        let changed = *known != new;
        *known = new;
        changed
    } else if entries.len() < MOST {
        entries.push(new);
        true
    } else {
        false
    }
}

/// Whether a line of output is meant for Steward, not for people.
pub fn is_marker(line: &str) -> bool {
    Marker::parse(line).is_some()
}

enum Marker {
    Progress(u32, u32, String),
    Metric(Metric),
    Failed(FailedTarget),
    Fine(String),
}

impl Marker {
    fn parse(line: &str) -> Option<Marker> {
        let inner = line.trim().strip_prefix("::")?.strip_suffix("::")?;
        let (kind, rest) = inner.split_once(' ')?;
        let rest = rest.trim();
        match kind {
            "progress" => {
                let (share, text) = rest.split_once(' ').unwrap_or((rest, ""));
                let (done, total) = parse_share(share)?;
                Some(Marker::Progress(done, total, text.trim().to_owned()))
            }
            "metric" => {
                let (name, rest) = rest.split_once('=')?;
                let (value, unit) = rest.split_once(' ').unwrap_or((rest, ""));
                let value: f64 = value.parse().ok().filter(|v: &f64| v.is_finite())?;
                let (name, unit) = (name.trim().to_owned(), unit.trim().to_owned());
                (!name.is_empty()).then_some(Marker::Metric(Metric { name, value, unit }))
            }
            "target" => {
                let (target, rest) = rest.split_once(' ')?;
                let target = target.to_owned();
                let (state, reason) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
                match state {
                    "failed" => {
                        let reason = reason.trim().to_owned();
                        Some(Marker::Failed(FailedTarget { target, reason }))
                    }
                    "ok" => Some(Marker::Fine(target)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// `3/10` or `40%`, never more than all.
fn parse_share(share: &str) -> Option<(u32, u32)> {
    if let Some(percent) = share.strip_suffix('%') {
        let percent: f64 = percent.parse().ok()?;
        // In range, so the conversion is exact after rounding.
        return Some((percent.clamp(0.0, 100.0).round() as u32, 100));
    }
    let (done, total) = share.split_once('/')?;
    let (done, total): (u32, u32) = (done.parse().ok()?, total.parse().ok()?);
    (total > 0).then_some((done.min(total), total))
}

fn bare_percent(line: &str) -> Option<(u32, String)> {
    static PERCENT: LazyLock<Regex> = LazyLock::new(|| {
        // The pattern is a constant, and a test compiles it.
        Regex::new(r"^[\s\[\]#=>.|*-]*(\d{1,3})(?:\.\d+)?%(?:[\s|\])]+(.*))?$").expect("a pattern")
    });
    let found = PERCENT.captures(line)?;
    let percent: u32 = found[1].parse().ok().filter(|percent| *percent <= 100)?;
    Some((percent, found.get(2).map_or("", |text| text.as_str()).trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(output: &str) -> Said {
        // In pieces of three characters: where a piece ends must not matter.
        let mut reader = OutputReader::default();
        let characters: Vec<char> = output.chars().collect();
        for piece in characters.chunks(3) {
            reader.read(&piece.iter().collect::<String>());
        }
        reader.finish();
        reader.said().clone()
    }

    #[test]
    fn progress_is_the_last_that_was_said() {
        let check = |output: &str, expected: Option<(u32, u32, &str)>| {
            let expected = expected.map(|(done, total, text)| (done, total, text.to_owned()));
            assert_eq!(read(output).progress, expected, "{output}");
        };
        check("::progress 3/10 copying files::\n", Some((3, 10, "copying files")));
        check("::progress 1/3 a::\nhello\n::progress 2/3 部署::", Some((2, 3, "部署")));
        check("::progress 40%::\n", Some((40, 100, "")));
        check("::progress 12/10 x::", Some((10, 10, "x")));
        check("10% \r 20% \r 35% of it\r", Some((35, 100, "of it")));
        check("[=====>    ] 55%\n", Some((55, 100, "")));
        check("::progress 1/2 x::\n99%\n", Some((1, 2, "x")));
        for no in ["disk usage 93%", "::progress x/y::", "::progress 1/0 z::", "250%", "::", "::::"]
        {
            check(no, None);
        }
    }

    #[test]
    fn metrics_and_targets_are_kept_once() {
        let said = read(
            "::metric rps=12.5 req/s::\n::metric rps=13 req/s::\n::metric n=1::\n::metric x=nan::\n\
             ::target web-01 failed no route::\n::target web-03 failed::\n::target web-01 ok::\n",
        );
        let metric =
            |name: &str, value, unit: &str| Metric { name: name.into(), value, unit: unit.into() };
        assert_eq!(said.metrics, [metric("rps", 13.0, "req/s"), metric("n", 1.0, "")]);
        assert_eq!(
            said.failed_targets,
            [FailedTarget { target: "web-03".into(), reason: "".into() }]
        );
    }

    #[test]
    fn endless_lines_take_no_memory() {
        let mut reader = OutputReader::default();
        for _ in 0..1000 {
            reader.read(&"长".repeat(1000));
        }
        assert!(reader.line.len() <= LONGEST_LINE);
    }
}
