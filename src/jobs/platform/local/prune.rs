//! Forgetting runs that are long over: their folders take room.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::LocalPlatform;
use super::rundir::RunDir;
use crate::jobs::platform::IdempotencyKey;

/// The folder of a run that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub key: IdempotencyKey,
    pub at: SystemTime,
    /// Bytes that it takes.
    pub size: u64,
}

impl LocalPlatform {
    /// The runs that have written down how they ended, the oldest first.
    pub fn ended(&self) -> io::Result<Vec<Ended>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.settings.runs)? {
            let entry = entry?;
            let key = IdempotencyKey(entry.file_name().to_string_lossy().into_owned());
            if !key.is_valid() {
                continue;
            }
            // Without its end, a run may be going on.
            let Ok(exit) = fs::metadata(entry.path().join("exit.json")) else { continue };
            found.push(Ended { key, at: exit.modified()?, size: size_of(&entry.path())? });
        }
        found.sort_by_key(|run| run.at);
        Ok(found)
    }

    /// Forgets a run that is over; one that is not stays.
    pub fn forget(&self, key: &IdempotencyKey) -> io::Result<()> {
        let path = self.settings.runs.join(&key.0);
        if !key.is_valid() || RunDir::at(&path).exit()?.is_none() {
            return Ok(());
        }
        // Moved aside first: half a folder is none that could be taken for a run.
        let aside = self.settings.runs.join(format!(".old-{}", key.0));
        fs::rename(&path, &aside)?;
        fs::remove_dir_all(aside)
    }
}

fn size_of(folder: &Path) -> io::Result<u64> {
    fs::read_dir(folder)?.try_fold(0, |sum, entry| Ok(sum + entry?.metadata()?.len()))
}

/// Which runs to forget: those that ended before `oldest`, and more, the oldest first, while the
/// rest takes more than `room` bytes. `runs` come oldest first.
pub fn to_forget(runs: &[Ended], oldest: SystemTime, room: u64) -> Vec<IdempotencyKey> {
    let mut total: u64 = runs.iter().map(|run| run.size).sum();
    let mut forget = Vec::new();
    for run in runs {
        if run.at >= oldest && total <= room {
            break;
        }
        total -= run.size;
        forget.push(run.key.clone());
    }
    forget
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_old_go_and_the_oldest_of_too_many() {
        let at = |days: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400);
        let run = |days: u64, size: u64| Ended {
            key: IdempotencyKey(format!("{days:032}")),
            at: at(days),
            size,
        };
        let runs = [run(1, 10), run(2, 10), run(3, 30), run(4, 40)];
        let check = |oldest: u64, room: u64, expected: usize| {
            let forgotten = to_forget(&runs, at(oldest), room);
            let expected: Vec<_> = runs[..expected].iter().map(|run| run.key.clone()).collect();
            assert_eq!(forgotten, expected, "since {oldest}, {room} bytes");
        };
        check(0, 1_000, 0);
        check(3, 1_000, 2);
        check(0, 79, 2);
        check(0, 70, 2);
        check(0, 69, 3);
        check(0, 0, 4);
        check(9, 1_000, 4);
    }
}
