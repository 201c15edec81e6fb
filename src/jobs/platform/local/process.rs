//! What the kernel says about a process.

use std::fs;
use std::io;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// One process, never another that got the same number later: the number, the moment it was
/// started (ticks since the system came up), and which boot that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    pub pid: i32,
    pub started: u64,
    pub boot: String,
}

impl ProcessId {
    /// The identity of a process that runs now.
    pub fn of(pid: u32) -> io::Result<ProcessId> {
        let pid = i32::try_from(pid).map_err(io::Error::other)?;
        Ok(ProcessId { pid, started: Stat::read(pid)?.started, boot: boot_id().to_owned() })
    }

    /// Whether this very process still runs; one that ended but was not reaped doesn't.
    pub fn is_alive(&self) -> bool {
        self.boot == boot_id()
            && Stat::read(self.pid).is_ok_and(|s| s.started == self.started && !s.ended)
    }
}

/// What a process and the children it waited for used up to now.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    pub cpu_seconds: f64,
    /// Resident bytes.
    pub memory: u64,
    /// Bytes that went through to a disk.
    pub read: u64,
    pub written: u64,
}

/// What a process and all its descendants use. Processes that vanish meanwhile are left out.
pub fn usage_of_tree(root: i32) -> Usage {
    let mut total = Usage::default();
    let mut open = vec![root];
    while let Some(pid) = open.pop() {
        let Ok(stat) = Stat::read(pid) else { continue };
        total.cpu_seconds += stat.cpu_ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
        total.memory += stat.resident_pages * rustix::param::page_size() as u64;
        let (read, written) = disk_bytes(pid).unwrap_or_default();
        total.read += read;
        total.written += written;
        open.extend(children(pid));
    }
    total
}

/// The interesting fields of `/proc/PID/stat` (see proc(5)).
struct Stat {
    ended: bool,
    cpu_ticks: u64,
    started: u64,
    resident_pages: u64,
}

impl Stat {
    fn read(pid: i32) -> io::Result<Stat> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        Stat::parse(&text).ok_or_else(|| io::Error::other("/proc/PID/stat has an unknown form"))
    }

    fn parse(text: &str) -> Option<Stat> {
        // The name, in parentheses, may hold anything, parentheses too.
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // `fields[0]` is the third field of the documentation.
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        Some(Stat {
            ended: matches!(*fields.first()?, "Z" | "X"),
            cpu_ticks: number(14)? + number(15)? + number(16)? + number(17)?,
            started: number(22)?,
            resident_pages: number(24)?,
        })
    }
}

fn children(pid: i32) -> Vec<i32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|list| {
            list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<i32>>()
        })
        .collect()
}

fn disk_bytes(pid: i32) -> Option<(u64, u64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    let field = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok())
    };
    Some((field("read_bytes:")?, field("write_bytes:")?))
}

fn boot_id() -> &'static str {
    static BOOT: OnceLock<String> = OnceLock::new();
    BOOT.get_or_init(|| {
        fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map(|id| id.trim().to_owned())
            .unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_more_than_its_number() {
        let this = ProcessId::of(std::process::id()).expect("this process runs");
        assert!(this.is_alive());
        let other_start = ProcessId { started: this.started + 1, ..this.clone() };
        assert!(!other_start.is_alive());
        let other_boot = ProcessId { boot: "another".into(), ..this };
        assert!(!other_boot.is_alive());
    }

    #[test]
    fn a_name_with_parentheses_does_not_confuse() {
        let text = "12 (a) b (c)) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 99 1000 42 0";
        let stat = Stat::parse(text).expect("fields");
        assert_eq!(
            (stat.ended, stat.cpu_ticks, stat.started, stat.resident_pages),
            (false, 26, 99, 42)
        );
    }

    #[test]
    fn this_process_uses_memory() {
        let pid = i32::try_from(std::process::id()).expect("a pid");
        assert!(usage_of_tree(pid).memory > 100_000);
    }
}
